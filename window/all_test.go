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

func TestWhoExpiresWhileAllAreListedIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 100, 1000} {
		w := mustNew(t, h24)
		for i := range n {
			reserve(t, w, fmt.Sprint("1555", i), t0.Add(time.Duration(i)*time.Second))
		}
		var seen []string
		for who := range w.All(t0.Add(time.Hour)) {
			seen = append(seen, who)
			w.Stamp("1666", t0.Add(h24+time.Second)) // moves the clock, and nothing else
		}
		assert.Len(t, seen, n-1)
		assert.NotContains(t, seen, "15551")
	}
}

// The body of the loop does anything, also what only moves the clock.
func TestRandomChangesWhileAllAreListedLeaveOutNobodyElse(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 14))
		w := mustNew(t, h24)
		names := phones(2 + r.IntN(700))
		for i := range names {
			if r.IntN(4) == 0 {
				names[i] = "US." + names[i]
			}
		}
		now := t0
		touched := map[string]bool{}
		var tickets []window.Ticket
		var of []string
		stamp := func() time.Time {
			return now.Add(time.Duration(r.Int64N(int64(2*h24))) - h24).Truncate(time.Duration(1+r.IntN(3)) * time.Hour)
		}
		change := func() {
			if r.IntN(2) == 0 {
				now = now.Add(time.Duration(r.Int64N(int64(h24) / int64(len(names)))))
			}
			who, other := names[r.IntN(len(names))], names[r.IntN(len(names))]
			op := r.IntN(8)
			if len(tickets) == 0 {
				op = 0
			}
			if op > 2 {
				i := r.IntN(len(tickets))
				touched[of[i]] = true
				switch ticket := tickets[i]; op {
				case 3:
					w.Commit(ticket, now, stamp())
				case 4:
					w.Seal(ticket, now, stamp())
				case 5:
					w.Release(ticket, now)
				default:
					w.Known(ticket, now)
				}
				return
			}
			touched[who] = true
			switch op {
			case 0:
				if ticket, ok := w.Reserve(who, now, stamp(), len(names)/2); ok {
					tickets, of = append(tickets, ticket), append(of, who)
				}
			case 1:
				w.Renew(who, now, stamp())
			default:
				touched[other] = true
				w.Merge(who, other, now)
			}
		}
		for range 3 * len(names) {
			change()
		}
		before := collect(w, now)
		clear(touched)
		seen := map[entry]bool{}
		last := time.Time{}
		for who, at := range w.All(now) {
			require.False(t, at.Before(last), "seed %d: out of order", seed)
			require.False(t, seen[entry{who, at}], "seed %d: %s comes twice", seed, who)
			held, ok := w.Stamp(who, now)
			require.True(t, ok && held.Equal(at), "seed %d: %s does not hold %v", seed, who, at)
			seen[entry{who, at}], last = true, at
			for range r.IntN(3) {
				change()
			}
		}
		for _, e := range before {
			if at, ok := w.Stamp(e.who, now); ok && at.Equal(e.at) && !touched[e.who] {
				require.True(t, seen[e], "seed %d: %s is left out", seed, e.who)
			}
		}
		require.NoError(t, w.Check(), "seed %d", seed)
	}
}
