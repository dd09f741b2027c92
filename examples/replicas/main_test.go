package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test's binary be a replica, as the program's is.
func TestMain(m *testing.M) {
	if _, ok := ownJob(); ok {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheReplicasTogetherUseTheLimitAndNoMore(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out), out.String())
	assert.Contains(t, out.String(), "250 admitted by 4 replicas, 230 refused; the platform counts 250 people of 250 and rejected 0 messages.")
}

func TestWithoutARedisServerOneProcessDoes(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out), out.String())
	assert.Contains(t, out.String(), "No redis-server here")
	assert.Contains(t, out.String(), "250 admitted by 4 replicas")
}
