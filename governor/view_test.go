package governor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// tenants routes numbers "0" to "29" to accounts of three and WABAs of five.
func tenants(_ context.Context, number string) (governor.Route, error) {
	var n int
	if _, err := fmt.Sscan(number, &n); err != nil || n >= 30 {
		return governor.Route{}, governor.ErrUnknownNumber
	}
	return governor.Route{Account: fmt.Sprint("a", n/3), WABA: fmt.Sprint("w", n/5), Tier: 3, PerSecond: 50}, nil
}

// A handle may be forgotten at any time: how many there are changes no answer,
// and no notice but those of how far a limit is used up, which is remembered with
// the counts, of no more accounts.
func TestHowManyHandlesAreKeptChangesNothing(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	type witness struct {
		gov *governor.Governor
		r   recorder
	}
	clock := governortest.NewClock()
	witnesses := make([]*witness, 3)
	for i, handles := range []int{1, 4, 1000} {
		w := &witness{}
		gov, err := governor.New(memstore.New(), governor.Config{Resolve: tenants, Clock: clock, Handles: handles, Observer: func(n governor.Notice) {
			if n.Kind != governor.NoticeDrift {
				w.r.observe(n)
			}
		}})
		require.NoError(t, err)
		w.gov = gov
		witnesses[i] = w
	}
	r := rand.New(rand.NewPCG(seed, 4))
	for step := range 1000 {
		act, name := operation(r, clock)
		var answers, notices []string
		for _, w := range witnesses {
			answers = append(answers, act(w.gov))
			notices = append(notices, strings.Join(w.r.told(), "\n"))
		}
		for i := range witnesses {
			require.Equalf(t, answers[0], answers[i], "seed %d, step %d: %s", seed, step, name)
			require.Equalf(t, notices[0], notices[i], "seed %d, step %d: %s", seed, step, name)
		}
		if r.IntN(3) == 0 {
			clock.Advance(time.Duration(r.Int64N(int64(10 * time.Hour))))
		}
	}
}

// bare is a Decision that prints all its fields.
type bare governor.Decision

// operation is something to do to a governor, and what it answers.
func operation(r *rand.Rand, clock *governortest.Clock) (act func(*governor.Governor) string, name string) {
	ctx := context.Background()
	number := fmt.Sprint(r.IntN(31)) // "30" is nobody's
	m := governor.Message{From: number, To: person(r.IntN(8)), Kind: governor.Kind(r.IntN(2))}
	at := clock.Now().Add(time.Duration(r.IntN(20)-18) * time.Hour)
	observe := func(e governor.Event) (func(*governor.Governor) string, string) {
		return func(g *governor.Governor) string { return fmt.Sprint(g.Observe(ctx, e)) }, fmt.Sprintf("%T %+v", e, e)
	}
	var report quality.Event
	switch r.IntN(10) {
	case 0, 1, 2:
		commit := r.IntN(3)
		return func(g *governor.Governor) string {
			reservation, err := g.Reserve(ctx, m)
			var ended error
			switch commit { // without a reservation neither does anything
			case 0:
				ended = reservation.Cancel(ctx)
			case 1:
				ended = reservation.Commit(ctx, governor.Receipt{})
			}
			return fmt.Sprintf("%+v %v %v", bare(reservation.Decision()), err, ended)
		}, fmt.Sprintf("reserve %+v", m)
	case 3:
		return func(g *governor.Governor) string {
			d, err := g.Check(ctx, m)
			return fmt.Sprintf("%+v %v", bare(d), err)
		}, fmt.Sprintf("check %+v", m)
	case 4:
		return func(g *governor.Governor) string {
			s, err := g.Snapshot(ctx, fmt.Sprint("a", len(number)+len(m.To)))
			return fmt.Sprintf("%+v %v", s, err)
		}, "snapshot"
	case 5:
		return observe(governor.Inbound{Number: number, Customer: m.To, At: at})
	case 6:
		return observe(governor.TierReported{Number: number, Tier: tier.Tier(1 + r.IntN(4)), OwnLimit: r.IntN(3) == 0, At: at})
	case 7:
		report = quality.RatingReported{Rating: quality.Rating(r.IntN(4)), At: at}
	case 8:
		report = quality.StatusReported{Word: []string{"CONNECTED", "CONNECTED", "FLAGGED", "PENDING", "FOO"}[r.IntN(5)], At: at}
	default:
		kind := []quality.RestrictionType{quality.RestrictedBusinessMessaging, quality.RestrictedCustomerMessaging, "BAR"}[r.IntN(3)]
		report = quality.RestrictionReported{Type: kind, Until: at.Add(time.Duration(r.IntN(60)) * time.Hour), At: at}
	}
	if r.IntN(2) == 0 {
		return observe(governor.HealthReported{WABA: fmt.Sprint("w", r.IntN(6)), Report: report})
	}
	return observe(governor.HealthReported{Number: number, Report: report})
}

func TestAHundredThousandTenantsNeedNoMoreThanOneHandle(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, func(cfg *governor.Config) { cfg.Accounts, cfg.DefaultTier, cfg.Handles = nil, 1, 1 })
	const sampled = 500 // of them; the others would only take longer
	for i := range sampled {
		number := fmt.Sprint(i * 200)
		b.sent(template(number, alice))
		b.observe(governor.HealthReported{Number: number, Report: quality.StatusReported{Word: []string{"CONNECTED", "PENDING"}[i%2]}})
	}
	for i := range sampled {
		number := fmt.Sprint(i * 200)
		d := b.refused(template(number, bob), governor.ErrDenied)
		assert.Equal(t, number, d.Account)
		assert.Equal(t, 1, d.Used)
		assert.Equal(t, []governor.Reason{governor.TierLimit, governor.Inactive}[i%2], d.Reason)
	}
}

func TestAStateThatNobodyCanReadStopsNotificationsAndNoReply(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"at the start", "found newer at a send"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			var r recorder
			b := newFixture(t, 2, recorded(&r))
			b.sent(template(n1, alice))
			repair := b.corrupt(account)
			if when == "at the start" {
				b = b.also(recorded(&r))
			}
			_, err := b.gov.Reserve(t.Context(), template(n1, alice))
			require.ErrorIs(t, err, governor.ErrStore)
			require.ErrorIs(t, err, governor.ErrDenied)
			assert.ErrorContains(t, err, "cannot be read")
			var denied *governor.DeniedError
			require.ErrorAs(t, err, &denied)
			assert.Equal(t, b.clock.Now().Add(time.Second), denied.Decision.RetryAt)
			assert.Equal(t, []string{"store_down portfolio - - - -", "store_failed portfolio - - - -", "denied portfolio - 106540352242922 - -"}, r.told())

			d := b.sent(reply(n1, alice))
			assert.Equal(t, governor.StoreFailed, d.Reason)
			assert.Equal(t, []string{"store_failed portfolio - - - -"}, r.told())
			b.sent(governor.Message{From: n1, Kind: governor.ReadReceipt})
			d, err = b.gov.Check(t.Context(), template(n1, alice))
			require.ErrorContains(t, err, "cannot be read")
			assert.False(t, d.Allowed)

			for _, e := range []governor.Event{
				governor.TierReported{Number: n1, Tier: 9},
				governor.ThroughputReported{Number: n1, PerSecond: 9},
				governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "PENDING"}},
			} {
				if err := b.gov.Observe(t.Context(), e); when == "at the start" || err != nil {
					require.ErrorContains(t, err, "cannot be read")
					assert.NotErrorIs(t, err, governor.ErrInvalid)
				}
			}
			_, err = b.gov.Snapshot(t.Context(), account)
			require.ErrorContains(t, err, "cannot be read")

			repair()
			b.sent(template(n1, alice))
			assert.Equal(t, 2, b.check(template(n1, bob)).Limit, "what could not be read was not written over")
		})
	}
}

func TestAWABAThatNobodyCanReadStopsNotificationsAndNoReply(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, recorded(&r))
	b.observe(restrict("waba", time.Time{}))
	r.told()
	repair := b.corrupt("waba/waba")
	_, err := b.gov.Reserve(t.Context(), template(n1, alice))
	require.ErrorIs(t, err, governor.ErrStore)
	assert.Equal(t, []string{"store_down portfolio - - - -", "store_failed portfolio - - - -", "denied portfolio - 106540352242922 - -"}, r.told())
	b.sent(reply(n1, alice))
	require.Error(t, b.gov.Observe(t.Context(), restrict("waba", time.Time{})))
	repair()
	b.refused(template(n1, alice), governor.ErrRestricted)
}

func TestAStateFoundNewerAtASendIsDecidedOn(t *testing.T) {
	t.Parallel()
	var seen recorder
	b := newFixture(t, 2, recorded(&seen))
	b.sent(template(n1, alice))
	other := b.also(nil)
	until := b.clock.Now().Add(time.Hour)
	other.observe(restrict("waba", until), governor.TierReported{Number: n1, Tier: 1})
	// Of both, one decision tells, and the end that comes with them too.
	d := b.refused(template(n1, bob), governor.ErrDenied)
	assert.Equal(t, governor.TierLimit, d.Reason, "which lasts longer")
	assert.Equal(t, 1, d.Limit)
	assert.Equal(t, quality.Restricted, d.Health)
	assert.Equal(t, []string{"denied portfolio - 106540352242922 - -"}, seen.told())
	b.at(until)
	b.refused(template(n1, bob), governor.ErrTierLimit)
	assert.Equal(t, []string{
		"lifted portfolio waba - RESTRICTED_BIZ_INITIATED_MESSAGING -", "health portfolio waba - Restricted Connected",
		"denied portfolio - 106540352242922 - -",
	}, seen.told())
}
