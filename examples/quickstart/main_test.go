package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const child = "QUICKSTART_DB"

func TestMain(m *testing.M) {
	if db := os.Getenv(child); db != "" {
		if err := run(context.Background(), halting{}, db); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// halting is the output of a process that is to be killed. It goes on for a while
// after the line at which that is decided, and then waits for it to happen: a
// process that has the machine to itself would be through before.
type halting struct{}

func (halting) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	if err == nil && strings.Contains(string(p), " 750 of ") {
		_, err = io.Copy(io.Discard, os.Stdin)
	}
	return n, err
}

func TestTheQuickstartSendsToEverybodyWithoutARejection(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "quickstart.db")
	var first strings.Builder
	require.NoError(t, run(t.Context(), &first, db))
	assert.Contains(t, first.String(), "1200 rows, 6 of them unreadable")
	assert.Contains(t, first.String(), "is new")
	assert.Contains(t, first.String(), "1000 of 1000 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z")
	assert.Contains(t, first.String(), "a reply to a customer who wrote: passed")
	assert.Contains(t, first.String(), "reached 1136 people, never more than 1000 in 24 hours, and rejected 0 messages")

	// The next run counts those of the first, of whom its platform knows nothing.
	var second strings.Builder
	require.NoError(t, run(t.Context(), &second, db))
	assert.Contains(t, second.String(), "of an earlier run: 151 of 1000 unique recipients used in the last 24 h")
	assert.Contains(t, second.String(), "once more from the top")
	assert.Contains(t, second.String(), "892 sent, 302 refused")
	assert.Contains(t, second.String(), "reached 1136 people")
}

func TestTheQuickstartGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "quickstart.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), child+"="+db)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	_, err = cmd.StdinPipe() // stays open
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if strings.Contains(scanner.Text(), " 500 of ") {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait())

	var rest strings.Builder
	require.NoError(t, run(t.Context(), &rest, db))
	before := figure(t, rest.String(), `of an earlier run: (\d+) of 1000 unique recipients used`)
	after := figure(t, rest.String(), `The platform reached (\d+) people`)
	assert.GreaterOrEqual(t, before, 400)
	assert.InDelta(t, 1136, before+after, 1, "everybody once, but perhaps the one who was under way")
	assert.Regexp(t, `\d+ of the list have had theirs: going on with the other \d+`, rest.String())
	assert.Contains(t, rest.String(), "1000 of 1000 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z")
	assert.Contains(t, rest.String(), "rejected 0 messages")
}

// figure is the number that a pattern finds.
func figure(t *testing.T, text, pattern string) int {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.Len(t, found, 2, text)
	n, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	return n
}
