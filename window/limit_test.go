package window_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// sent is a message that went out, at an instant of the platform's own choice
// between the reservation and the answer.
type sent struct {
	at  time.Time
	who string
}

// Whatever the nanosecond, the settling and the backward jumps of the clock: no
// moving 24 hours hold more people than the limit, counted from the messages
// alone. Deliveries, merges and answers that take longer than the period may
// exceed it by design and are left out.
func TestNoMovingWindowEverHoldsMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 4))
		w := mustNew(t, window.Period)
		limit, names := 1+r.IntN(5), 2+r.IntN(10)
		pace := h24 / time.Duration(1+r.IntN(4*names))
		clock := t0
		var out []sent
		for range 300 {
			clock = clock.Add(upTo(r, pace))
			if r.IntN(4) == 0 { // wait for a slot, to the nanosecond
				if next, ok := w.NextFree(clock); ok {
					clock = next.Add(time.Duration(r.IntN(3) - 1))
				}
			}
			now := clock
			if r.IntN(8) == 0 { // one reading that is right, and then one that lags
				w.Count(clock)
				now = clock.Add(-upTo(r, h24))
			}
			who := fmt.Sprint(r.IntN(names))
			ticket, ok := w.Reserve(who, now, now, limit)
			if !ok {
				continue
			}
			took := upTo(r, time.Minute)
			went := clock.Add(upTo(r, took+1))
			switch clock = clock.Add(took); r.IntN(6) {
			case 0:
				w.Cancel(ticket, clock)
			case 1:
				w.Commit(ticket, clock, clock)
				w.Release(ticket, clock)
			case 2: // no answer, but it went out as it was asked to
				out = append(out, sent{clock.Add(-took), who})
			default:
				w.Commit(ticket, clock, clock)
				out = append(out, sent{went, who})
			}
			require.LessOrEqual(t, w.Count(clock), limit, "seed %d", seed)
		}
		require.LessOrEqual(t, fullest(out), limit, "seed %d", seed)
	}
}

func upTo(r *rand.Rand, d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }

// fullest returns the most people in any 24 hours that end with a message.
func fullest(out []sent) int {
	most := 0
	for _, end := range out {
		people := map[string]bool{}
		for _, s := range out {
			if !s.at.After(end.at) && end.at.Sub(s.at) < h24 {
				people[s.who] = true
			}
		}
		most = max(most, len(people))
	}
	return most
}

// A quadratic step anywhere would keep this test busy for minutes.
func TestAHundredThousandRecipientsAreNoTrap(t *testing.T) {
	t.Parallel()
	const n = 100_000
	names := phones(n)
	for _, step := range []time.Duration{0, time.Millisecond} { // all in one instant; one after another
		w, now := mustNew(t, window.Period), t0
		tickets := make([]window.Ticket, n)
		for i, name := range names {
			now = now.Add(step)
			tickets[i], _ = w.Reserve(name, now, now, n)
		}
		require.Equal(t, n, w.Count(now))
		at, ok := w.FreeAt(now, n, n/2)
		assert.True(t, ok)
		assert.Equal(t, t0.Add(h24+step*(n/2)), at)

		for i := 0; i < n; i += 2 { // every other one, from the oldest on
			require.True(t, w.Cancel(tickets[i], now))
		}
		require.NoError(t, w.Check())
		for i := n - 1; i > 0; i -= 2 { // deliveries, latest first, far out of order
			w.Renew(names[i-1], now, now.Add(-time.Duration(i)*time.Millisecond))
		}
		require.NoError(t, w.Check())
		require.Equal(t, n, w.Count(now))

		for i := 1; i < n; i += 2 { // repeats that go back to where they were
			again, _ := w.Reserve(names[i], now, now.Add(time.Hour), 0)
			require.True(t, w.Cancel(again, now))
		}
		require.NoError(t, w.Check())
		assert.Zero(t, w.Count(now.Add(h24)))
		require.NoError(t, w.Check())
	}
}

func TestACrowdThatExpiredIsForgottenWhileOthersCome(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	for range 100 {
		reserve(t, w, "15550100", t0)
	}
	for day := range 3 {
		for i := range 500 {
			reserve(t, w, fmt.Sprint("1666", i), t0.Add(time.Duration(day)*2*h24+time.Duration(i)*time.Second))
		}
		require.NoError(t, w.Check())
	}
	assert.Equal(t, []int{500, 0}, []int{w.Count(t0), w.Crowds()})
}

func TestAHundredThousandUnsettledSendsToOnePersonAreNoTrap(t *testing.T) {
	t.Parallel()
	const n = 100_000
	settle := map[string]func(*window.Window, window.Ticket, time.Time) bool{
		"cancel": func(w *window.Window, ticket window.Ticket, _ time.Time) bool { return w.Cancel(ticket, t0) },
		"commit": func(w *window.Window, ticket window.Ticket, at time.Time) bool { return w.Commit(ticket, t0, at) },
	}
	for name, settle := range settle {
		w := mustNew(t, window.Period)
		tickets, now := make([]window.Ticket, n), t0
		for i := range n {
			now = now.Add(time.Millisecond)
			tickets[i] = reserve(t, w, []string{"A", "B"}[i%2], now)
		}
		w.Merge("A", "B", now)
		require.NoError(t, w.Check())
		for i, ticket := range tickets[:n-1] {
			require.True(t, settle(w, ticket, t0.Add(time.Duration(i)*time.Millisecond)), name)
		}
		require.NoError(t, w.Check())
		assert.Equal(t, []entry{{"B", now}}, collect(w, now), name)
	}
}

func TestHollowLeavesAreJoined(t *testing.T) {
	t.Parallel()
	const n = 8_000
	w, names, now := mustNew(t, window.Period), phones(n), t0
	for _, name := range names {
		w.Reserve(name, now, now, n)
	}
	for round := range 20 { // each time one more in a hundred stays behind
		now = now.Add(time.Hour)
		for i, name := range names {
			if i%100 > round {
				w.Reserve(name, now, now, n)
			}
		}
		require.NoError(t, w.Check())
	}
}

func TestARepeatAllocatesNothing(t *testing.T) {
	w, names, now := mustNew(t, window.Period), phones(1000), t0
	i := 0
	repeat := func(settle func(window.Ticket)) func() {
		return func() {
			i++
			now = now.Add(window.Period / 2000)
			ticket, ok := w.Reserve(names[i%len(names)], now, now, math.MaxInt)
			if !ok {
				t.Error("refused")
			}
			settle(ticket)
		}
	}
	for name, settle := range map[string]func(window.Ticket){
		"left alone": func(window.Ticket) {},
		"committed":  func(ticket window.Ticket) { w.Commit(ticket, now, now.Add(time.Second)) },
		"cancelled":  func(ticket window.Ticket) { w.Cancel(ticket, now) },
		"released":   func(ticket window.Ticket) { w.Commit(ticket, now, now); w.Release(ticket, now) },
		"delivered":  func(ticket window.Ticket) { w.Commit(ticket, now, now); w.Renew(names[i%len(names)], now, now) },
	} {
		op := repeat(settle)
		for range 10 * len(names) {
			op()
		}
		assert.Zero(t, testing.AllocsPerRun(5000, op), name)
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	w, names, now := mustNew(t, window.Period), phones(1000), t0
	for _, name := range names {
		w.Reserve(name, now, now, len(names))
	}
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		w.Reserve("refused", now, now, len(names))
		w.NextFree(now)
		w.FreeAt(now, len(names), 500)
		w.Count(now)
		w.Stamp(names[0], now)
	}))
}

// At a steady pace what expires makes room for what comes, but where a segment of
// the index grows, which is rare.
func TestANewRecipientAllocatesNothingInTheRoomOfAnExpiredOne(t *testing.T) {
	w, names, now := mustNew(t, window.Period), phones(5000), t0
	i := 0
	op := func() {
		i++
		now = now.Add(window.Period / 1000)
		ticket, _ := w.Reserve(names[i%len(names)], now, now, math.MaxInt)
		w.Commit(ticket, now, now)
	}
	for range 10_000 {
		op()
	}
	assert.Zero(t, testing.AllocsPerRun(10_000, op))
}
