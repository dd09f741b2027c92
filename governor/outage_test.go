package governor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

// outages is a few governors on one store, each cut off from it now and then,
// and the platform, which counts what really goes out and knows nothing of slots.
type outages struct {
	t      *testing.T
	r      *rand.Rand
	clock  *governortest.Clock
	store  *memstore.Store
	limit  int
	people int
	budget int
	lossy  bool // answers get lost too, and not only questions
	govs   []*replica
	under  []*flight
	counts []count // in order of time
	booked map[string]time.Time
	drawn  int
	deaths int
	story  []string
}

type replica struct {
	gov   *governor.Governor
	store *hooked
}

type flight struct {
	r    *governor.Reservation
	to   string
	at   time.Time
	gone bool // it has reached the platform, at once; else it never will
}

type count struct {
	at time.Time
	to string
}

func newOutages(t *testing.T, seed uint64) *outages {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	w := &outages{
		t: t, r: r, clock: governortest.NewClock(), store: memstore.New(), limit: 6 + r.IntN(14), budget: 1 + r.IntN(5),
		lossy: r.IntN(2) == 0, booked: map[string]time.Time{},
	}
	w.people = w.limit/2 + r.IntN(2*w.limit)
	for range 2 + r.IntN(2) {
		w.start()
	}
	return w
}

func (w *outages) start() {
	store := &hooked{Store: w.store}
	gov, err := governor.New(store, governor.Config{
		Clock: w.clock, LocalBudget: w.budget, AtLimit: governor.AtLimit(w.r.IntN(2)),
		Accounts: []governor.Account{{ID: account, Tier: tier.Tier(w.limit), Numbers: []governor.Number{{ID: n1, PerSecond: 1000}}}},
	})
	require.NoError(w.t, err)
	w.govs = append(w.govs, &replica{gov, store})
}

// reserve asks for a message, which reaches the platform at once if it is to be
// sent at all.
func (w *outages) reserve(rep *replica, to string) string {
	now := w.clock.Now()
	r, err := rep.gov.Reserve(w.t.Context(), utility(n1, to))
	if err != nil {
		return "refused: " + err.Error()
	}
	f := &flight{r, to, now, w.r.IntN(5) > 0}
	if f.gone {
		w.counts = append(w.counts, count{now, to})
	}
	if r.Decision().Reason == governor.LocalBudget {
		w.drawn++
	}
	w.under = append(w.under, f)
	w.booked[to] = now
	return fmt.Sprintf("reserved for %s (%v), sent %t", to, r.Decision().Reason, f.gone)
}

func (w *outages) step() string {
	now := w.clock.Now()
	rep := w.govs[w.r.IntN(len(w.govs))]
	switch op := w.r.IntN(100); {
	case op < 20:
		return w.reserve(rep, person(w.r.IntN(w.people)))
	case op < 35: // a campaign takes all there is
		what, n := "", 0
		for range 1 + w.r.IntN(w.limit) {
			w.people++
			if what = w.reserve(rep, person(w.people)); strings.HasPrefix(what, "refused") {
				break
			}
			n++
		}
		return fmt.Sprintf("campaign: %d, then %s", n, what)
	case op < 43: // to where something lapses
		usage, err := w.store.Usage(w.t.Context(), governor.UsageAsk{Account: account, Limit: w.limit, Now: now})
		require.NoError(w.t, err)
		if w.r.IntN(3) == 0 && usage.NextFree.After(now) {
			w.clock.Set(usage.NextFree)
			return "to where a slot lapses"
		}
		w.clock.Advance(14*time.Minute + time.Duration(w.r.IntN(3))*30*time.Second)
		return "a term later"
	case op < 50: // the lease is looked after
		for range 4 {
			if r, err := rep.gov.Reserve(w.t.Context(), reply(n1, person(0))); err == nil {
				_ = r.Cancel(w.t.Context())
			}
		}
		return "replies"
	case op < 70 && len(w.under) > 0:
		i := w.r.IntN(len(w.under))
		f := w.under[i]
		if now.Sub(f.at) > 5*time.Minute {
			// No answer takes so long; this one has got lost.
			w.under = slices.Delete(w.under, i, i+1)
			return "nobody knows of " + f.to
		}
		what, end := "cancelled to ", f.r.Cancel
		if f.gone {
			w.booked[f.to] = now // the answer came only now
			what, end = "committed to ", func(ctx context.Context) error {
				return f.r.Commit(ctx, governor.Receipt{MessageID: fmt.Sprint("wamid.", w.r.IntN(1<<30))})
			}
		}
		what += f.to
		if err := end(w.t.Context()); err != nil && w.r.IntN(2) == 0 {
			return what + ", and the store will hear of it later"
		}
		w.under = slices.Delete(w.under, i, i+1)
		return what
	case op < 72:
		w.clock.Advance(time.Duration(w.r.Int64N(int64(4 * time.Hour))).Truncate(time.Millisecond))
		return "hours later"
	case op < 85:
		w.clock.Advance(time.Duration(w.r.Int64N(int64(3 * time.Minute))).Truncate(time.Millisecond))
		return "minutes later"
	case op < 90:
		for _, rep := range w.govs {
			rep.store.Heal()
		}
		return "healed"
	case op < 96:
		if w.lossy && w.r.IntN(2) == 0 {
			rep.store.Set(func(_ context.Context, _ string, apply func() error) error {
				_ = apply()
				return errFault
			})
			return "answers get lost"
		}
		for _, rep := range w.govs {
			if w.r.IntN(2) == 0 {
				rep.store.Fail()
			}
		}
		return "cut off"
	case op < 98:
		n := 1 + w.r.IntN(6)
		rep.store.FailNth(n, w.lossy && w.r.IntN(2) == 0)
		return fmt.Sprintf("call %d will fail", n)
	case op < 99 && w.r.IntN(3) == 0:
		_ = rep.gov.ReturnLeases(w.t.Context())
		return "returned leases"
	default:
		w.govs = slices.DeleteFunc(w.govs, func(other *replica) bool { return other == rep })
		w.deaths++
		w.start()
		return "a governor died"
	}
}

// check holds what was counted to the limit, and what is in use to what can be.
func (w *outages) check() {
	now := w.clock.Now()
	people := map[string]bool{}
	for _, c := range slices.Backward(w.counts) {
		if now.Sub(c.at) >= day {
			break
		}
		people[c.to] = true
	}
	require.LessOrEqual(w.t, len(people), w.limit, "unique people in a moving day")
	if w.lossy {
		return // what was booked for an answer that got lost lapses in a day
	}
	usage, err := w.store.Usage(w.t.Context(), governor.UsageAsk{Account: account, Limit: w.limit, Now: now})
	require.NoError(w.t, err)
	known := 0
	for _, at := range w.booked {
		if now.Sub(at) < day {
			known++
		}
	}
	require.LessOrEqual(w.t, usage.Used, known+w.budget*(len(w.govs)+w.deaths), "capacity lost is bounded by the leases")
}

func TestInNoMovingDayDoMorePeopleGetAMessageThanTheLimitWhateverHappensToTheStore(t *testing.T) {
	t.Parallel()
	base := rand.Uint64N(1 << 40)
	drawn := 0
	for i := range uint64(80) {
		w := newOutages(t, base+i)
		t.Cleanup(func() {
			if t.Failed() && len(w.story) > 0 {
				t.Logf("seed %d, limit %d, budget %d, %d governors:", base+i, w.limit, w.budget, len(w.govs))
				for _, line := range w.story[max(0, len(w.story)-60):] {
					t.Log(line)
				}
			}
		})
		for range 500 {
			at := w.clock.Now()
			what := w.step()
			w.story = append(w.story, fmt.Sprintf("%v %s", at.Format("02 15:04:05"), what))
			w.check()
		}
		drawn += w.drawn
		// When all is well again nothing is left but those who were written to.
		for _, rep := range w.govs {
			rep.store.Heal()
			w.clock.Advance(time.Second)
			require.NoError(t, rep.gov.ReturnLeases(t.Context()))
		}
		w.clock.Advance(held)
		usage, err := w.store.Usage(t.Context(), governor.UsageAsk{Account: account, Limit: w.limit, Now: w.clock.Now()})
		require.NoError(t, err)
		require.Zero(t, usage.Used)
		w.story = nil
	}
	assert.Greater(t, drawn, 40, "the local budget has been drawn on")
}

func TestAThousandSendsThatRaceThroughAnOutageStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	const limit, budget = 40, 10
	f, store := newLeased(t, limit, budget, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	people := map[string]bool{}
	for i := range 1000 {
		wg.Go(func() {
			switch i % 50 {
			case 0:
				store.Fail()
			case 25:
				store.Heal()
			}
			r, err := f.gov.Reserve(t.Context(), utility(n1, person(i%200)))
			if err != nil {
				return
			}
			if i%3 == 0 {
				_ = r.Cancel(t.Context())
				return
			}
			mu.Lock()
			people[person(i%200)] = true
			mu.Unlock()
			_ = r.Commit(t.Context(), governor.Receipt{})
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, len(people), limit)
	store.Heal()
	f.clock.Advance(time.Second)
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	assert.GreaterOrEqual(t, f.used(), len(people))
	assert.LessOrEqual(t, f.used(), limit)
}
