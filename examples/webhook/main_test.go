package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheStoryEndsWithoutARejection(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out), out.String())
	told := out.String()
	for _, line := range []string{
		"the governor: the messaging limit is 2K",
		"the governor: restricted (RESTRICTED_BIZ_INITIATED_MESSAGING) until 3 Jan 09:00",
		"reminder to customer 2: refused (restricted): the platform restricts the waba (RESTRICTED_BIZ_INITIATED_MESSAGING); try again at 2026-01-03T09:00:00Z",
		"the governor: no longer restricted (RESTRICTED_BIZ_INITIATED_MESSAGING)",
		"The platform took 8 messages and rejected 0.",
	} {
		assert.Contains(t, told, line)
	}
	assert.Equal(t, 6, strings.Count(told, ": sent\n")-strings.Count(told, "the bot answers a customer: sent\n"))
	assert.Equal(t, 2, strings.Count(told, "the bot answers a customer: sent\n"))
	assert.NotContains(t, told, "problem")
}
