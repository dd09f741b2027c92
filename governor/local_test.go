package governor_test

import (
	"context"
	"errors"
	"fmt"
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

// held is how long a slot leased for a term counts.
const (
	term = 15 * time.Minute
	held = term + 5*time.Minute + day
)

func utility(from, to string) governor.Message {
	return governor.Message{From: from, To: to, Template: "order", Category: governor.Utility}
}

// newLeased is a fixture with a local budget, on a store that has been asked
// often enough for all of it.
func newLeased(t *testing.T, limit tier.Tier, budget int, change func(*governor.Config)) (*fixture, *hooked) {
	t.Helper()
	f, store := newHooked(t, func(cfg *governor.Config) {
		cfg.LocalBudget, cfg.Accounts[0].Tier = budget, limit
		if change != nil {
			change(cfg)
		}
	})
	f.tend()
	return f, store
}

// tend sends replies until the lease is as it should be.
func (f *fixture) tend() {
	f.t.Helper()
	for range 10 {
		f.sent(reply(n1, dave))
	}
}

// local reserves a message that must pass on the local budget.
func (f *fixture) local(m governor.Message) *governor.Reservation {
	f.t.Helper()
	d := f.check(m)
	r := f.reserved(m)
	assert.Equal(f.t, r.Decision(), d, "Check says so too")
	assert.Equal(f.t, governor.LocalBudget, d.Reason)
	assert.Equal(f.t, governor.ScopeStore, d.Scope)
	assert.True(f.t, d.Counted)
	return r
}

func TestALocalBudgetLetsNotificationsPassWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, nil)
	s := f.snapshot()
	assert.Equal(t, 2, s.Leased)
	assert.Equal(t, 2, s.Used)
	f.sent(utility(n1, alice))
	store.Fail()
	require.NoError(t, f.local(utility(n1, bob)).Commit(t.Context(), governor.Receipt{MessageID: "wamid.bob"}))
	require.NoError(t, f.local(utility(n2, bob)).Commit(t.Context(), governor.Receipt{}), "a repeat takes none")
	require.NoError(t, f.local(utility(n1, alice)).Commit(t.Context(), governor.Receipt{}), "nobody can tell that she holds a slot")
	d := f.refused(utility(n1, carol), governor.ErrStore)
	assert.Equal(t, "the local budget is used up or has run out", d.Detail)
	assert.Equal(t, f.clock.Now().Add(time.Second), d.RetryAt)
	f.sent(reply(n1, carol))

	store.Heal()
	f.clock.Advance(time.Second)
	f.tend()
	s = f.snapshot()
	assert.Equal(t, 2, s.Leased)
	assert.Equal(t, 4, s.Used, "alice, bob, and two leased anew")
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	s = f.snapshot()
	assert.Zero(t, s.Leased)
	assert.Equal(t, 2, s.Used)
	assert.Equal(t, f.clock.Now().Add(-time.Second).Add(day), s.NextFree, "bob counts from when he was written to")
	f.sent(utility(n1, carol))
	assert.Zero(t, f.snapshot().Leased, "it leases no more")
	store.Fail()
	f.refused(utility(n1, alice), governor.ErrStore)
}

func TestTheLocalBudgetIsForWhatCanBeCheckedWithoutTheStore(t *testing.T) {
	t.Parallel()
	unknown, topic := utility(n1, bob), utility(n1, bob)
	unknown.Category, topic.Topic = governor.CategoryUnknown, "receipts"
	registered := unknown
	registered.Template = "known"
	f, store := newLeased(t, 20, 3, nil)
	f.observe(
		governor.TemplateReported{WABA: "waba", Name: "known", Category: governor.Authentication, Status: "APPROVED"},
		governor.TemplateReported{WABA: "waba", Name: "drifted", Category: governor.Marketing, Status: "APPROVED"},
		governor.TemplateReported{WABA: "waba", Name: "paused", Status: "PAUSED"},
		governor.HealthReported{Number: n2, Report: quality.RestrictionReported{Type: quality.RestrictedUtility, Until: f.clock.Now().Add(time.Hour)}},
	)
	f.tend()
	store.Fail()
	drifted, paused := utility(n1, bob), utility(n1, bob)
	drifted.Template, paused.Template = "drifted", "paused"
	for detail, m := range map[string]governor.Message{
		"the local budget is for utility and authentication alone": template(n1, bob),
		"utility and authentication alone":                         unknown,
		"utility and authentication":                               drifted,
		"the local budget is not for messages with a topic":        topic,
	} {
		assert.Contains(t, f.refused(m, governor.ErrStore).Detail, detail)
	}
	f.refused(paused, governor.ErrTemplate)
	f.refused(utility(n2, bob), governor.ErrRestricted)
	f.local(registered)

	f, store = newLeased(t, 20, 3, func(cfg *governor.Config) { cfg.RequireOptIn = true })
	store.Fail()
	assert.Equal(t, "the local budget is not for those who must have opted in", f.refused(utility(n1, bob), governor.ErrStore).Detail)
}

func TestTheLocalBudgetEndsWithItsLease(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, nil)
	t0 := f.clock.Now()
	store.Fail()
	f.at(t0.Add(term))
	require.NoError(t, f.local(utility(n1, alice)).Commit(t.Context(), governor.Receipt{}))
	f.at(t0.Add(term + time.Nanosecond))
	f.refused(utility(n1, alice), governor.ErrStore)
	f.refused(utility(n1, bob), governor.ErrStore)
	f.at(t0.Add(time.Minute)) // a clock that jumps back lengthens nothing
	f.refused(utility(n1, bob), governor.ErrStore)
	store.Heal()
	f.at(t0.Add(held).Add(-time.Millisecond))
	assert.Equal(t, 2, f.used(), "until then the slots lapse with nobody's help")
	f.at(t0.Add(held))
	assert.Zero(t, f.used())
}

func TestALeaseIsRenewedWhenHalfOfItIsGone(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, nil)
	t0 := f.clock.Now()
	f.at(t0.Add(term / 2))
	f.tend()
	f.at(t0.Add(term/2 + time.Second))
	f.tend()
	s := f.snapshot()
	assert.Equal(t, 2, s.Used)
	assert.Equal(t, t0.Add(term/2+time.Second+held), s.NextFree)
	store.Fail()
	f.at(t0.Add(term/2 + time.Second + term))
	f.local(utility(n1, alice))
	f.at(f.clock.Now().Add(time.Nanosecond))
	f.refused(utility(n1, bob), governor.ErrStore)
}

func TestALeaseThatRanOutIsTakenAnew(t *testing.T) {
	t.Parallel()
	for _, idle := range []time.Duration{term, time.Hour, held, 3 * day} {
		f, store := newLeased(t, 10, 2, nil)
		f.clock.Advance(idle)
		f.tend()
		assert.Equal(t, 2, f.used(), idle)
		store.Fail()
		f.local(utility(n1, alice))
		f.local(utility(n1, bob))
		f.refused(utility(n1, carol), governor.ErrStore)
	}
}

func TestALocalReservationEndsAsAnyOther(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		during, after func(f *fixture, r *governor.Reservation) error
		used          int // when the leases have been returned
	}{
		"committed during the outage": {during: commit, used: 1},
		"cancelled during the outage": {during: cancel, used: 0},
		"committed after the outage":  {after: commit, used: 1},
		"cancelled after the outage":  {after: cancel, used: 0},
		"never ended":                 {used: 1},
		"committed twice":             {during: commit, after: commit, used: 1},
		"cancelled twice":             {during: cancel, after: cancel, used: 0},
		"cancelled after a commit":    {during: commit, after: cancel, used: 1},
	} {
		for _, booked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lost answers %t", name, booked), func(t *testing.T) {
				t.Parallel()
				f, store := newLeased(t, 10, 2, nil)
				store.Set(func(_ context.Context, _ string, apply func() error) error {
					if booked {
						_ = apply()
					}
					return errFault
				})
				r := f.local(utility(n1, alice))
				if c.during != nil {
					require.NoError(t, c.during(f, r))
				}
				store.Heal()
				f.clock.Advance(2 * time.Second)
				f.tend()
				if c.after != nil {
					require.NoError(t, c.after(f, r))
				}
				f.tend()
				require.NoError(t, f.gov.ReturnLeases(t.Context()))
				want := c.used
				if booked && c.during == nil && c.after == nil {
					want = 2 // booked for herself too, and nobody knows that it may go
				}
				assert.Equal(t, want, f.used())
			})
		}
	}
}

func commit(f *fixture, r *governor.Reservation) error {
	return r.Commit(f.t.Context(), governor.Receipt{MessageID: "wamid.1"})
}

func cancel(f *fixture, r *governor.Reservation) error { return r.Cancel(f.t.Context()) }

func TestACancelledLocalReservationFreesItsSlotAtOnce(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 1, nil)
	store.Fail()
	a := f.local(utility(n1, alice))
	b := f.local(utility(n1, alice))
	require.NoError(t, a.Cancel(t.Context()))
	f.refused(utility(n1, bob), governor.ErrStore)
	require.NoError(t, b.Cancel(t.Context()))
	c := f.local(utility(n1, bob))
	f.refused(utility(n1, alice), governor.ErrStore)
	require.NoError(t, c.Commit(t.Context(), governor.Receipt{}))
	require.NoError(t, f.local(utility(n1, bob)).Cancel(t.Context()))
	f.refused(utility(n1, alice), governor.ErrStore)
	store.Heal()
	f.clock.Advance(2 * time.Second)
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	assert.Equal(t, 1, f.used())
}

func TestWhoWasWrittenToInAnOutageIsBookedOnceThoughTheBookingFails(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 12; n++ {
		for _, applied := range []bool{false, true} {
			f, store := newLeased(t, 20, 3, nil)
			store.Fail()
			at := f.clock.Now()
			for i, to := range []string{alice, bob, alice} {
				require.NoError(t, f.local(utility(n1, to)).Commit(t.Context(), governor.Receipt{MessageID: fmt.Sprint("wamid.", i), Recipient: carol[:len(carol)-1] + to[len(to)-1:]}))
			}
			store.FailNth(n, applied)
			for range 12 {
				f.clock.Advance(2 * time.Second)
				_, _ = f.gov.Reserve(t.Context(), reply(n1, dave))
				s, err := f.gov.Snapshot(t.Context(), account)
				require.True(t, err != nil || s.Used >= 2, "they are counted all the time")
			}
			store.Heal()
			f.clock.Advance(2 * time.Second)
			require.NoError(t, f.gov.ReturnLeases(t.Context()))
			s := f.snapshot()
			assert.Equal(t, 2, s.Used, "call %d applied %t", n, applied)
			assert.Equal(t, at.Add(day), s.NextFree)
		}
	}
}

func TestASendInAWindowDuringAnOutageTakesNoSlotInTheEnd(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, nil)
	f.observe(governor.Inbound{Number: n1, Customer: alice})
	store.Fail()
	f.clock.Advance(time.Minute)
	require.NoError(t, f.local(utility(n1, alice)).Commit(t.Context(), governor.Receipt{}))
	require.NoError(t, f.local(utility(n1, bob)).Commit(t.Context(), governor.Receipt{}))
	f.clock.Advance(time.Minute)
	store.Heal()
	f.observe(governor.Inbound{Number: n1, Customer: bob}) // after he was written to
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	assert.Equal(t, 1, f.used())
}

func TestALeaseIsNeverInTheWayOfASend(t *testing.T) {
	t.Parallel()
	for budget := 1; budget <= 6; budget++ {
		f, _ := newLeased(t, 10, budget, nil)
		assert.Equal(t, min(budget, 10-budget), f.snapshot().Leased, budget)
		for i := range 10 {
			require.True(t, f.check(utility(n1, person(i))).Allowed, "budget %d, person %d", budget, i)
			f.sent(utility(n1, person(i)))
		}
		assert.Equal(t, 10, f.used())
		assert.Zero(t, f.snapshot().Leased)
		d := f.refused(utility(n1, person(10)), governor.ErrTierLimit)
		f.at(d.RetryAt)
		f.sent(utility(n1, person(10)))
	}
}

func TestALeaseGivesWayAtOnceWhenTheLimitIsLowered(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 50, 8, nil)
	for i := range 5 {
		f.sent(utility(n1, person(i)))
	}
	assert.Equal(t, 13, f.used())
	f.observe(governor.TierReported{Account: account, Tier: 6})
	assert.True(t, f.check(utility(n1, person(5))).Allowed)
	f.sent(utility(n1, person(5)))
	f.refused(utility(n1, person(6)), governor.ErrTierLimit)
	store.Fail()
	f.refused(utility(n1, person(6)), governor.ErrStore)
}

// The governor hears of a lower limit only when the store answers: until then
// what it leased under the old one may be drawn, and counts under the new.
func TestALimitLoweredDuringAnOutageBindsEverybodyElse(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 3, nil)
	other := newFixtureOn(t, store.Store, f.clock, 10, nil)
	store.Fail()
	for i := range 2 {
		require.NoError(t, f.local(utility(n1, person(i))).Commit(t.Context(), governor.Receipt{}))
	}
	other.observe(governor.TierReported{Account: account, Tier: 2, At: f.clock.Now()})
	other.refused(utility(n1, alice), governor.ErrTierLimit)
	f.local(utility(n1, person(2)))
	store.Heal()
	f.clock.Advance(2 * time.Second)
	f.sent(reply(n1, dave))
	f.refused(utility(n1, alice), governor.ErrTierLimit)
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	assert.Equal(t, 3, f.used())
}

func TestTheLocalBudgetObeysTheRates(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 100, 8, func(cfg *governor.Config) { cfg.Accounts[0].Numbers[1].PerSecond = 3 })
	f.tend()
	store.Fail()
	for i := range 3 {
		f.local(utility(n2, person(i)))
	}
	d := f.refused(utility(n2, person(3)), governor.ErrStore)
	assert.Equal(t, "the local budget is at the number's rate or the recipient's", d.Detail)
	f.local(utility(n1, person(3)))
	f.clock.Advance(time.Second)
	f.local(utility(n2, person(4)))
	for range 44 {
		f.local(utility(n1, person(3)))
	}
	d = f.refused(utility(n1, person(3)), governor.ErrStore)
	assert.Equal(t, f.clock.Now().Add(5*time.Second), d.RetryAt, "45 to one person, and one each 6 seconds")
	f.at(d.RetryAt)
	f.local(utility(n1, person(3)))
}

func TestAGovernorWhoseViewIsForgottenStillKnowsThePlatformsWord(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, func(cfg *governor.Config) {
		cfg.Handles = 1
		cfg.Accounts = append(cfg.Accounts, governor.Account{ID: "other", Numbers: []governor.Number{{ID: "n9"}}})
	})
	f.observe(governor.HealthReported{Number: n2, Report: quality.StatusReported{Word: "BANNED"}})
	f.tend()
	f.sent(reply("n9", alice))
	store.Fail()
	f.refused(utility(n2, bob), governor.ErrInactive)
	f.local(utility(n1, bob))
}

func TestAFailureToLeaseIsNoFailureOfTheSend(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		f, store := newHooked(t, func(cfg *governor.Config) { cfg.LocalBudget, cfg.Accounts[0].Tier = 2, 20 })
		calls := 0
		store.Set(func(_ context.Context, verb string, apply func() error) error {
			if verb != "Admit" {
				return apply()
			}
			if calls++; calls%2 == 1 {
				return apply()
			}
			if applied {
				_ = apply()
			}
			return errFault
		})
		f.sent(reply(n1, alice))
		f.sent(reply(n1, alice))
		assert.Equal(t, 3, calls, "the store is left alone for a second")
		store.Heal()
		f.clock.Advance(time.Second)
		f.tend()
		s := f.snapshot()
		assert.Equal(t, 2, s.Leased)
		assert.Equal(t, 2, s.Used, "what was booked though the answer got lost has gone back")
	}
}

func TestReturnLeasesSaysWhatTheStoreSaid(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, nil)
	store.Fail()
	require.ErrorIs(t, f.gov.ReturnLeases(t.Context()), errFault)
	require.ErrorIs(t, f.gov.ReturnLeases(canceled()), context.Canceled)
	store.Heal()
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	assert.Zero(t, f.used())
	require.NoError(t, newFixture(t, 1, nil).gov.ReturnLeases(t.Context()))
	require.ErrorIs(t, (*governor.Governor)(nil).ReturnLeases(t.Context()), governor.ErrInvalid)
}

func TestDoAndWaitDrawOnTheLocalBudget(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 3, nil)
	store.Fail()
	require.NoError(t, f.gov.Do(t.Context(), utility(n1, alice), answer(nil)))
	require.ErrorIs(t, f.gov.Do(t.Context(), utility(n1, bob), answer(governor.ErrNotSent)), governor.ErrNotSent)
	require.ErrorContains(t, f.gov.Do(t.Context(), utility(n1, carol), answer(errors.New("timed out"))), "timed out")
	r, err := f.gov.Wait(t.Context(), utility(n1, bob))
	require.NoError(t, err)
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
	store.Heal()
	f.clock.Advance(2 * time.Second)
	require.NoError(t, f.gov.ReturnLeases(t.Context()))
	assert.Equal(t, 3, f.used())
}

// A store that began anew knows of no lease, so none may be drawn.
func TestALeaseEndsWithTheStoreThatGaveIt(t *testing.T) {
	t.Parallel()
	f, store := newLeased(t, 10, 2, nil)
	f.observe(governor.TierReported{Account: account, Tier: 10})
	f.tend()
	store.Store = memstore.New()
	f.sent(reply(n1, alice))
	assert.Equal(t, f.snapshot().Leased, f.used())
}

func TestNobodyIsALease(t *testing.T) {
	t.Parallel()
	var names []string
	spied := newSpy()
	f := newFixtureOn(t, spied, governortest.NewClock(), 10, func(cfg *governor.Config) { cfg.LocalBudget = 2 })
	f.tend()
	for _, text := range spied.texts["Admit"] {
		if strings.HasPrefix(text, "lease:") {
			names = append(names, text)
		}
	}
	require.Len(t, names, 2)
	for _, name := range names {
		_, err := governor.CanonicalRecipient(name)
		require.ErrorIs(t, err, governor.ErrInvalid)
		key, err := governor.CanonicalRecipient("group:" + name)
		require.NoError(t, err)
		assert.NotEqual(t, name, key)
	}
}
