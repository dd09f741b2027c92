package window_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// serviceModel keeps everything that was ever heard and scans it.
type serviceModel struct{ heard []heard }

type heard struct {
	number, customer string
	at               time.Time
	closed           bool
}

func (m *serviceModel) hear(number, customer string, now, at time.Time, closed bool) {
	if at.After(now) {
		at = now
	}
	m.heard = append(m.heard, heard{number, customer, floor(at), closed})
}

func (m *serviceModel) merge(number, from, into string) {
	for i := range m.heard {
		if h := &m.heard[i]; h.number == number && h.customer == from {
			h.customer = into
		}
	}
}

// until returns what the service must answer, and from when on it may forget it;
// zero: nothing was heard.
func (m *serviceModel) until(number, customer string, now time.Time) (until time.Time, known bool, gone time.Time) {
	var wrote, refused []time.Time
	for _, h := range m.heard {
		switch {
		case h.number != number || h.customer != customer:
		case h.closed:
			refused = append(refused, h.at)
		default:
			wrote = append(wrote, h.at)
		}
	}
	for _, at := range append(wrote, refused...) {
		known = true
		gone = latest(gone, at.Add(7*24*time.Hour))
	}
	for _, at := range wrote {
		gone = latest(gone, at.Add(8*24*time.Hour))
	}
	if known = known && now.Before(gone); !known {
		return time.Time{}, false, gone
	}
	last, lastRefused := latest(wrote...), latest(refused...)
	if last.After(lastRefused) {
		return last.Add(24 * time.Hour), true, gone
	}
	until = lastRefused
	if end := last.Add(24 * time.Hour); len(wrote) > 0 && end.Before(until) {
		until = end
	}
	if now.Before(until) {
		until = now
	}
	return until, true, gone
}

func (m *serviceModel) forget(number, customer string) {
	kept := m.heard[:0]
	for _, h := range m.heard {
		if h.number != number || h.customer != customer {
			kept = append(kept, h)
		}
	}
	m.heard = kept
}

func latest(times ...time.Time) time.Time {
	var out time.Time
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// playService is [play] for service windows.
func playService(t testing.TB, in []byte, seed string) {
	t.Helper()
	var s window.Service
	var m serviceModel
	h := &history{in: in}
	now := t0
	numbers, customers := []string{"1", "2"}, []string{"A", "B", "C", "D", "E"}
	steps := []time.Duration{
		0, 0, 1, 999 * time.Microsecond, time.Second, time.Hour, 5 * time.Hour, h24 - 1, h24, h24 + 1,
		3 * h24, 7 * h24, 8*h24 - 1, 8 * h24, 20 * h24, -1, -time.Hour, -h24, -9 * h24,
	}
	offs := []time.Duration{
		0, 0, 0, 1, -1, -time.Second, -time.Hour, -h24 + 1, -h24, -3 * h24, -7 * h24, -8 * h24, time.Hour, 100 * h24,
	}
	var most time.Time // the latest told to a call that may forget
	for len(h.in) > 0 {
		now = now.Add(steps[h.pick(len(steps))])
		number, customer := numbers[h.pick(2)], customers[h.pick(5)]
		verb, at := h.pick(10), now.Add(offs[h.pick(len(offs))])
		switch {
		case verb < 6:
			s.Open(number, customer, now, at)
			m.hear(number, customer, now, at, false)
			most = latest(most, now)
		case verb < 8:
			s.Close(number, customer, now, at)
			m.hear(number, customer, now, at, true)
			most = latest(most, now)
		default:
			into := customers[h.pick(5)]
			s.Merge(number, customer, into)
			m.merge(number, customer, into)
		}
		held := 0
		for _, number := range numbers {
			for _, customer := range customers {
				want, wantKnown, gone := m.until(number, customer, now)
				if _, kept := s.Until(number, customer, time.Time{}); kept { // nothing is past its memory then
					held++
				} else if !gone.IsZero() {
					require.False(t, most.Before(gone), "%s: (%s, %s) forgotten early", seed, number, customer)
					m.forget(number, customer)
					wantKnown, want = false, time.Time{}
				}
				got, known := s.Until(number, customer, now)
				require.Equal(t, wantKnown, known, "%s: (%s, %s) at %v", seed, number, customer, now)
				require.True(t, want.Equal(got), "%s: (%s, %s) at %v: got %v, want %v", seed, number, customer, now, got, want)
			}
		}
		require.Equal(t, held, s.Len(), seed)
	}
}

func TestRandomServiceHistoriesAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		playService(t, randomHistory(r, nil, 20+r.IntN(500)), fmt.Sprintf("seed %d", seed))
	}
}

func FuzzServiceHistory(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomHistory(rand.New(rand.NewPCG(seed, 6)), nil, 100))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		playService(t, in[:min(len(in), 1000)], "fuzzed")
	})
}
