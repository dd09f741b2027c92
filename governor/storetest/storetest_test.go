package storetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

var errShut = errors.New("disk: closed")

// disk is a store whose data outlive it.
type disk struct {
	storetest.Faulty
	data governor.Store
}

func newDisk(data governor.Store) *disk {
	d := &disk{data: data}
	d.Store = data
	return d
}

// Close shuts the disk and leaves what is on it.
func (d *disk) Close() error {
	d.Set(func(context.Context, string, func() error) error { return errShut })
	return nil
}

// reopen returns another store on the same data.
func reopen(t testing.TB, s governor.Store) *disk {
	t.Helper()
	require.NoError(t, s.Close())
	d, ok := s.(*disk)
	require.True(t, ok)
	return newDisk(d.data)
}

func again(t testing.TB, s governor.Store) governor.Store {
	t.Helper()
	return reopen(t, s)
}

func TestAStoreThatKeepsItsDataPasses(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Harness{New: func(testing.TB) governor.Store { return newDisk(memstore.New()) }, Reopen: again, Steps: 3000})
}

// oneBroken names the store that this process is to put to the test, if it has
// been started for that.
const oneBroken = "SENDGOV_BROKEN_STORE"

// TestOneBrokenStore fails where it has been told of a store.
func TestOneBrokenStore(t *testing.T) {
	t.Parallel()
	name := os.Getenv(oneBroken)
	h := storetest.Harness{New: func(testing.TB) governor.Store { return newDisk(memstore.New()) }, Steps: 1, Seed: 1}
	switch {
	case name == "":
		return
	case broken[name].new != nil:
		h.New = func(t testing.TB) governor.Store {
			t.Helper()
			s := broken[name].new()
			if s, ok := s.(*hasty); ok {
				s.crowded = strings.Contains(t.Name(), "/Concurrency/the_last_slots_")
			}
			return s
		}
	case forgetful[name] != nil:
		h.Reopen = forgetful[name]
	default:
		require.FailNow(t, "no such store", name)
	}
	storetest.Run(t, h)
}

func TestEveryBrokenStoreIsCaught(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, b := range broken {
		want[name] = b.caught
	}
	for name := range forgetful {
		want[name] = "Reopened"
	}
	for name, caught := range want {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			by := catch(t, name, "^TestOneBrokenStore$")
			require.NotEmpty(t, by, "nothing has caught it")
			assert.Contains(t, strings.Join(by, "\n"), caught)
			t.Logf("caught by %s, and %d more", by[0], len(by)-1)
		})
	}
}

var failed = regexp.MustCompile(`--- FAIL: TestOneBrokenStore/(\S+)`)

// catch runs the suite on a broken store in another process, and returns the
// tests that have failed, those without subtests.
func catch(t *testing.T, name, run string) []string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run="+run)
	cmd.Env = append(os.Environ(), oneBroken+"="+name)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit, "%s", out)
	}
	var leaves []string
	for _, match := range failed.FindAllStringSubmatch(string(out), -1) {
		if n := len(leaves); n > 0 && strings.HasPrefix(match[1], leaves[n-1]+"/") {
			leaves[n-1] = match[1]
		} else {
			leaves = append(leaves, match[1])
		}
	}
	return leaves
}

func TestAFailedHistoryTellsItsSeedAndItsSteps(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestOneBrokenStore$/^Histories$")
	cmd.Env = append(os.Environ(), oneBroken+"=has room for one more")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "seed 1: Admit: the store says")
	assert.Regexp(t, `after the shortest history found, of \d steps:`, string(out))
	assert.Regexp(t, `\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \w+: \w+ from \d+ to`, string(out))
}
