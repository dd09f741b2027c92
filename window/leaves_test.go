package window

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each then begins a leaf of its own, since a leaf spans less than that, and the
// one before it is over.
func TestSendsThatLieFiftyDaysApartAreForgottenAsFastAsTheyCome(t *testing.T) {
	t.Parallel()
	w, err := New(Period)
	require.NoError(t, err)
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	for i := range 1000 {
		now = now.Add(50 * Period)
		w.Renew(fmt.Sprint(15550100+i), now, now)
	}
	require.NoError(t, w.Check())
	assert.LessOrEqual(t, int(w.slab.next), 2*blockLeaves)
}

// The last leaf stays when it loses its only send, which is then too late for it.
func TestALeafThatIsLeftEmptyBeginsAnew(t *testing.T) {
	t.Parallel()
	w, err := New(300 * Period)
	require.NoError(t, err)
	first := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w.Renew("15550100", first, first)
	for i := range 4 {
		now := first.Add(time.Duration(i+1) * 50 * Period)
		w.Renew("15550101", now, now)
		require.NoError(t, w.Check())
		require.Equal(t, 2, w.order.len())
		at, ok := w.Stamp("15550101", now)
		require.True(t, ok)
		require.Equal(t, now, at)
	}
	end := first.Add(500*Period - 1)
	require.Equal(t, 1, w.Count(end))
	require.Zero(t, w.Count(end.Add(1)))
	require.NoError(t, w.Check())
}

// Their leaves, and the groups of those, go at once: in parts, whole and many.
func TestHoweverManyExpireAtOnceTheOthersKeepTheirSlots(t *testing.T) {
	t.Parallel()
	const n = 60 * leafSize
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 15))
		w, err := New(Period)
		require.NoError(t, err)
		first := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
		for i := range n {
			now := first.Add(time.Duration(i) * time.Second)
			_, ok := w.Reserve(fmt.Sprint(15550100+i), now, now, math.MaxInt)
			require.True(t, ok)
		}
		for gone := 0; gone < n; {
			gone = min(n, gone+1+r.IntN(n/(1+r.IntN(20))))
			now := first.Add(Period + time.Duration(gone-1)*time.Second)
			w.Known(Ticket{}, now) // tells the time, and asks for nothing that counts
			require.NoError(t, w.Check(), "seed %d: %d gone", seed, gone)
			require.Equal(t, n-gone, w.Count(now), "seed %d: %d gone", seed, gone)
			k := r.IntN(n - gone + 1)
			at, ok := w.FreeAt(now, n, gone+k)
			require.True(t, ok)
			require.Equal(t, now.Add(time.Duration(k)*time.Second), at, "seed %d: %d gone, %d more", seed, gone, k)
		}
	}
}

// The first, in which the next slot frees, one in the middle, and the last.
func TestWhateverLeafLosesAllItsSendsTheOthersAreInOrder(t *testing.T) {
	t.Parallel()
	const leaves = 4
	for emptied := range leaves {
		w, err := New(Period)
		require.NoError(t, err)
		now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
		var tickets [leaves * leafSize]Ticket
		for i := range tickets {
			now = now.Add(time.Second)
			tickets[i], _ = w.Reserve(fmt.Sprint(15550100+i), now, now, math.MaxInt)
		}
		for _, ticket := range tickets[emptied*leafSize:][:leafSize] {
			require.True(t, w.Cancel(ticket, now))
			require.NoError(t, w.Check(), "leaf %d", emptied)
		}
		require.Equal(t, (leaves-1)*leafSize, w.Count(now))
	}
}
