package window_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// restart returns what is left of a window after a restart.
func restart(t testing.TB, w *window.Window) *window.Window {
	t.Helper()
	data, err := w.AppendBinary(nil)
	require.NoError(t, err)
	out := new(window.Window)
	require.NoError(t, out.UnmarshalBinary(data))
	require.NoError(t, out.Check())
	return out
}

// carry returns a ticket of the window before a restart as one of the window
// after it.
func carry(t testing.TB, ticket window.Ticket, to *window.Window) window.Ticket {
	t.Helper()
	data, err := ticket.AppendBinary(nil)
	require.NoError(t, err)
	out, err := to.UnmarshalTicket(data)
	require.NoError(t, err)
	return out
}

func TestTicketsKeepWorkingAfterARestart(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	left, kept := reserve(t, w, "15550100", at(0)), reserve(t, w, "US.1349", at(1))
	require.True(t, w.Commit(kept, at(2), at(2)))
	moved := reserve(t, w, "15550101", at(3))
	w.Merge("15550101", "15550102", at(3))
	gone := reserve(t, w, "15550103", at(3))
	require.True(t, w.Cancel(gone, at(3)))

	w2 := restart(t, w)
	left, kept, moved, gone = carry(t, left, w2), carry(t, kept, w2), carry(t, moved, w2), carry(t, gone, w2)
	assert.Zero(t, carry(t, window.Ticket{}, w2))
	assert.Equal(t, 3, w2.Count(at(4)))
	assert.False(t, w2.Cancel(kept, at(4)), "committed")
	assert.True(t, w2.Release(kept, at(4)))
	assert.True(t, w2.Cancel(left, at(4)))
	assert.True(t, w2.Commit(moved, at(4), at(4)))
	assert.False(t, w2.Known(gone, at(4)))
	assert.Equal(t, []entry{{"15550102", at(4)}}, collect(w2, at(4)))

	next := reserve(t, w2, "15550103", at(5))
	assert.NotEqual(t, gone, next, "no ticket is issued twice")
	assert.False(t, w2.Known(gone, at(5)))
}

func TestATicketComesBackAsItself(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "US.1349", t0)
	assert.Equal(t, a, carry(t, a, w))
}

func TestAWindowThatTakesOverASnapshotGoesByTheClockInThere(t *testing.T) {
	t.Parallel()
	w, other := mustNew(t, window.Period), mustNew(t, window.Period)
	reserve(t, other, "A", t0)
	data, err := other.AppendBinary(nil)
	require.NoError(t, err)
	later := t0.Add(h24)
	for _, told := range []func(){
		func() { w.Count(later) },
		func() { w.Reserve("B", later, later, 0) }, // refused
	} {
		told()
		require.NoError(t, w.UnmarshalBinary(data))
		assert.Zero(t, w.Count(later), "told of it again, for the clock in there is earlier")
	}
}

func TestASnapshotTakesAboutTwelveBytesASend(t *testing.T) {
	t.Parallel()
	w, now := mustNew(t, window.Period), t0
	names := phones(10_000)
	for _, name := range names {
		now = now.Add(time.Second)
		w.Reserve(name, now, now, len(names))
	}
	data, err := w.AppendBinary(nil)
	require.NoError(t, err)
	assert.Less(t, len(data), 12*len(names))
}

func TestCorruptDataIsAnErrorAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "15550100", t0)
	good, err := w.AppendBinary(nil)
	require.NoError(t, err)
	ticket, err := a.AppendBinary(nil)
	require.NoError(t, err)
	for i := range good {
		if i == 0 || i > 14 { // a cut at the end of the head is an empty window
			assert.ErrorIs(t, w.UnmarshalBinary(good[:i]), window.ErrCorrupt, "%d", i)
		}
	}
	for _, bad := range [][]byte{nil, {2}, append(slices.Clone(good), 0), append(slices.Clone(good), good...)} {
		assert.ErrorIs(t, w.UnmarshalBinary(bad), window.ErrCorrupt, hex.EncodeToString(bad))
	}
	for _, bad := range [][]byte{nil, {0, 0}, {2, 1}, {1, 0, 0, 'A'}, {1, 2, 0, 'A'}, {1, 1, 0}, ticket[:3]} {
		got, err := w.UnmarshalTicket(bad)
		assert.ErrorIs(t, err, window.ErrCorrupt, hex.EncodeToString(bad))
		assert.Zero(t, got)
	}
	require.NoError(t, w.Check())
	assert.True(t, w.Known(a, t0))
	assert.Equal(t, []entry{{"15550100", t0}}, collect(w, t0))
}

// Whatever the data, it is refused or makes a sound window whose own snapshot
// says the same.
func FuzzSnapshot(f *testing.F) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 7))
		w, now := mustNew(f, window.Period), t0
		for range 60 {
			now = now.Add(time.Duration(r.Int64N(int64(time.Hour))))
			ticket, _ := w.Reserve([]string{"A", "US.1349", "15550100", "15550101"}[r.IntN(4)], now, now, 9)
			switch r.IntN(3) {
			case 0:
				w.Commit(ticket, now, now)
			case 1:
				w.Renew("15550102", now, now)
			}
		}
		data, err := w.AppendBinary(nil)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var w window.Window
		if err := w.UnmarshalBinary(data); err != nil {
			require.ErrorIs(t, err, window.ErrCorrupt)
			return
		}
		require.NoError(t, w.Check())
		again := restart(t, &w)
		// Sorted, for those of one stamp come in no particular order.
		require.Equal(t, slices.Sorted(stamps(&w)), slices.Sorted(stamps(again)))
	})
}

func stamps(w *window.Window) func(func(string) bool) {
	return func(yield func(string) bool) {
		for who, at := range w.All(time.Unix(-1<<62, 0)) {
			if !yield(fmt.Sprint(who, at.UnixMilli())) {
				return
			}
		}
	}
}
