package governor_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/tier"
)

// world is what happens outside: messages travel, the platform books them when
// it likes, answers come late or never. It knows nothing of how the governor
// counts.
type world struct {
	*fixture
	r      *rand.Rand
	govs   []*governor.Governor
	todo   []event
	booked []*landing              // what the platform counts
	lost   bool                    // some answers never come
	wrote  map[[2]string]time.Time // when a customer last wrote to a number
	ids    int
}

type event struct {
	at time.Time
	do func()
}

type landing struct {
	at     time.Time
	who    string
	failed bool
}

// patience is how long an answer takes at most.
const patience = 30 * time.Second

func newWorld(t *testing.T, seed uint64, limit int) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	cfg, lost := governor.Config{}, r.IntN(2) == 0
	f := newFixture(t, tier.Tier(limit), func(c *governor.Config) {
		c.AtLimit = governor.AtLimit(r.IntN(2))
		if lost {
			c.Grace = patience // an answer that never comes cannot move the stamp
		}
		cfg = *c
	})
	other, err := governor.New(f.store, cfg)
	require.NoError(t, err)
	return &world{fixture: f, r: r, lost: lost, govs: []*governor.Governor{f.gov, other}, wrote: map[[2]string]time.Time{}}
}

func (w *world) in(d time.Duration, do func()) {
	e := event{w.clock.Now().Add(d), do}
	at, _ := slices.BinarySearchFunc(w.todo, e, func(a, b event) int { return a.at.Compare(b.at) })
	w.todo = slices.Insert(w.todo, at, e)
}

func (w *world) soon() time.Duration { return time.Duration(w.r.Int64N(int64(patience))) }

func (w *world) pair() (number, who string) {
	return []string{n1, n2}[w.r.IntN(2)], person(w.r.IntN(12))
}

// send is one message and its fate. Who is refused comes back to the instant.
func (w *world) send(number, who string) {
	ctx, gov, m := w.t.Context(), w.govs[w.r.IntN(2)], template(number, who)
	r, err := gov.Reserve(ctx, m)
	if err != nil {
		var denied *governor.DeniedError
		require.ErrorAs(w.t, err, &denied)
		require.ErrorIs(w.t, err, governor.ErrTierLimit)
		if w.r.IntN(4) > 0 {
			w.in(denied.Decision.RetryAt.Sub(w.clock.Now()), func() { w.send(number, who) })
		}
		return
	}
	fate := w.r.IntN(10)
	if fate == 0 {
		w.in(w.soon(), func() { require.NoError(w.t, r.Cancel(ctx)) })
		return
	}
	books, answers := w.soon(), w.soon()
	w.in(min(books, answers), func() {
		l := &landing{at: w.clock.Now(), who: m.To}
		if in, heard := w.wrote[[2]string{m.From, m.To}]; !heard || !l.at.Before(in.Add(day)) {
			w.booked = append(w.booked, l)
		}
		if fate == 1 && w.lost {
			return // nobody ever hears of it
		}
		w.ids++
		id := fmt.Sprintf("wamid.%d", w.ids)
		w.in(max(books, answers)-min(books, answers), func() {
			require.NoError(w.t, r.Commit(ctx, governor.Receipt{MessageID: id}))
		})
		if fate == 2 {
			// The failure may come before the answer, and more than once.
			w.in(w.soon(), func() {
				l.failed = true
				status := governor.MessageStatus{Number: m.From, MessageID: id, Recipient: m.To, Status: governor.Failed}
				require.NoError(w.t, gov.Observe(ctx, status, status))
			})
		}
	})
}

// write is a customer who writes; the webhook may be late, or never come. They
// are written to while their window closes.
func (w *world) write() {
	number, who := w.pair()
	at := w.clock.Now()
	w.wrote[[2]string{number, who}] = at
	if w.r.IntN(4) > 0 {
		w.in(time.Duration(w.r.Int64N(int64(3*time.Hour))), func() {
			w.observe(governor.Inbound{Number: number, Customer: who, At: at})
		})
	}
	w.in(day-2*w.soon(), func() { w.send(number, who) })
}

func (w *world) run(days int) {
	for range days * 60 {
		w.in(time.Duration(w.r.Int64N(int64(days)*int64(day))), func() { w.send(w.pair()) })
	}
	for range days * 12 {
		w.in(time.Duration(w.r.Int64N(int64(days)*int64(day))), w.write)
	}
	for end := w.clock.Now().Add(time.Duration(days) * day); len(w.todo) > 0 && w.todo[0].at.Before(end); {
		next := w.todo[0]
		w.todo = w.todo[1:]
		w.at(next.at)
		next.do()
	}
}

func TestNoMovingDayHoldsMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	base := rand.Uint64N(1 << 40)
	fullest := 0
	for i := range uint64(25) {
		seed := base + i
		limit := 1 + int(seed%7)
		w := newWorld(t, seed, limit)
		w.run(8)
		require.Greater(t, len(w.booked), limit)
		for _, last := range w.booked {
			people := map[string]bool{}
			for _, l := range w.booked {
				if !l.failed && l.at.After(last.at.Add(-day)) && !l.at.After(last.at) {
					people[l.who] = true
				}
			}
			require.LessOrEqualf(t, len(people), limit, "seed %d: in the day before %v", seed, last.at)
			if len(people) == limit {
				fullest++
			}
		}
	}
	require.Positive(t, fullest, "what is allowed gets used")
}
