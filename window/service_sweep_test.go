package window_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// All the while customers come, so that tables fill up and are replaced, and
// are merged. The hashes differ from run to run.
func TestOneRoundOfTheSweepForgetsAllTheLongGoneWhateverTheTablesDo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 9))
		var s window.Service
		gone := 1 + r.IntN(3000)
		for i := range gone {
			s.Open(fmt.Sprint(i%3), someCustomer(r, "1555", i), t0, t0)
		}
		came, calls, newcomers, merges := 0, 0, r.IntN(101), r.IntN(10)
		later := t0.Add(h24 + window.ServiceMemory)
		// Each call examines two, but for the last of a round or of a table.
		for most := gone; 2*(calls-2-most/128) < most; calls++ {
			if came == 0 || r.IntN(100) < newcomers {
				s.Open("1", fmt.Sprint("1666", came), later, later)
				came++
				most++
			} else {
				s.Open("1", fmt.Sprint("1666", r.IntN(came)), later, later)
			}
			if r.IntN(100) < merges {
				one := fmt.Sprint("1666", r.IntN(came))
				s.Merge("1", one, "US."+one)
				s.Merge("1", "US."+one, one)
			}
		}
		require.Equal(t, came, s.Len(), "seed %d: %d gone, %d calls", seed, gone, calls)
		known := 0
		for i := range came {
			if _, ok := s.Until("1", fmt.Sprint("1666", i), later); ok {
				known++
			}
		}
		require.Equal(t, came, known, "seed %d", seed)
	}
}

// Tables keep the room of their fullest moment, and one call looks at few places
// even where nobody is.
func TestTheSweepCrossesTablesThatWereFullerInLargeSteps(t *testing.T) {
	t.Parallel()
	var s window.Service
	const fullest, few = 20_000, 100
	sweep := func(now time.Time) (calls int) {
		for ; s.Len() > 1; calls++ {
			require.Less(t, calls, fullest)
			s.Open("1", "1555", now, now)
		}
		return calls
	}
	now := t0
	for _, n := range []int{fullest, few} {
		for i := range n {
			s.Open("1", fmt.Sprint("1666", i), now, now)
		}
		now = now.Add(h24 + window.ServiceMemory)
		assert.Less(t, sweep(now), max(n, fullest/4)*3/5, "%d customers", n)
	}
}

// someCustomer has a phone number or not.
func someCustomer(r *rand.Rand, prefix string, i int) string {
	if r.IntN(4) == 0 {
		prefix = "US."
	}
	return fmt.Sprint(prefix, i)
}
