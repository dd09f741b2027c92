package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheQuickstartSendsToEverybodyWithoutARejection(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Contains(t, out.String(), "1200 rows, 6 of them unreadable")
	assert.Contains(t, out.String(), "1000 of 1000 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z")
	assert.Contains(t, out.String(), "reached 1136 people, never more than 1000 in 24 hours, and rejected 0 messages")
}
