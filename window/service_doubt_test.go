package window_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// told is what a service was told of one customer, never longer ago than it
// remembers.
type told struct{ wrote, maybe, refused time.Time }

func (c *told) until(now time.Time) (until time.Time, known bool) {
	doubt := c.maybe.After(c.refused) && now.Before(c.maybe.Add(h24))
	end := c.wrote.Add(h24)
	switch {
	case c.wrote.IsZero() && c.refused.IsZero():
		return time.Time{}, false
	case c.wrote.After(c.refused):
		if doubt && !now.Before(end) {
			return time.Time{}, false
		}
		return end, true
	case doubt:
		return time.Time{}, false
	}
	until = c.refused
	if !c.wrote.IsZero() && end.Before(until) {
		until = end
	}
	if now.Before(until) {
		until = now
	}
	return until, true
}

// Of some only messages are known, of others all that can be, in any order.
func TestWhateverIsKnownOfACustomerIsToldFromWhatIsKnownOfOthers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 11))
		var s window.Service
		all := make([]told, 1+r.IntN(1200))
		name := func(i int) (number, customer string) {
			if i%4 == 0 {
				return fmt.Sprint(i % 3), fmt.Sprint("US.", i)
			}
			return fmt.Sprint(i % 3), fmt.Sprint(1555 + i)
		}
		rare := 1 + r.IntN(100)
		now := t0
		for range 4 * len(all) {
			now = now.Add(time.Duration(r.Int64N(int64(4*h24/time.Duration(4*len(all))/time.Millisecond))) * time.Millisecond)
			i := r.IntN(len(all))
			number, customer := name(i)
			at := now.Add(-time.Duration(r.IntN(30)) * time.Hour)
			switch c := &all[i]; {
			case r.IntN(100) >= rare:
				s.Open(number, customer, now, at)
				c.wrote = latest(c.wrote, at)
			case r.IntN(2) == 0:
				require.Equal(t, at.After(c.maybe), s.Doubt(number, customer, now, at), "seed %d", seed)
				c.maybe = latest(c.maybe, at)
			default:
				s.Close(number, customer, now, at)
				c.refused = latest(c.refused, at)
			}
		}
		data, err := s.AppendBinary(nil)
		require.NoError(t, err)
		var restored window.Service
		require.NoError(t, restored.UnmarshalBinary(data))
		for _, s := range []*window.Service{&s, &restored} {
			for i := range all {
				number, customer := name(i)
				at := now.Add(time.Duration(r.IntN(48)-24) * time.Hour)
				want, wantKnown := all[i].until(at)
				until, known := s.Until(number, customer, at)
				if known != wantKnown || until != want {
					require.Failf(t, "wrong", "seed %d: %+v at %v: %v, %v", seed, all[i], at, until, known)
				}
			}
		}
	}
}
