package governor_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// ownAccounts makes each number an account of its own in one WABA, as a
// backend with many tenants does.
func ownAccounts(cfg *governor.Config) {
	cfg.Accounts = nil
	cfg.Resolve = func(_ context.Context, number string) (governor.Route, error) {
		return governor.Route{Account: "of:" + number, WABA: "waba", Tier: 2, PerSecond: 100_000}, nil
	}
}

// twoAccounts lists two accounts with a number each in one WABA.
func twoAccounts(cfg *governor.Config) {
	cfg.Accounts = []governor.Account{
		{ID: "of:" + n1, Tier: 2, Numbers: []governor.Number{{ID: n1, WABA: "waba"}}},
		{ID: "of:" + n2, Tier: 2, Numbers: []governor.Number{{ID: n2, WABA: "waba"}}},
	}
}

// also is a second governor on the same store and clock.
func (f *fixture) also(change func(*governor.Config)) *fixture {
	f.t.Helper()
	return newFixtureOn(f.t, f.store, f.clock, 2, change)
}

func restrict(waba string, until time.Time) governor.HealthReported {
	return governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: until}}
}

func TestWhatIsSaidOfAWABABindsNumbersThatHaveNotSentYet(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*governor.Config){"one account": nil, "listed": twoAccounts, "resolved": ownAccounts} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, 2, change)
			t0 := b.clock.Now()
			until := t0.Add(time.Hour)
			b.observe(restrict("waba", until), restrict("another", time.Time{}), governor.TierReported{WABA: "waba", Tier: 7})
			for _, number := range []string{n1, n2} {
				d := b.refused(template(number, alice), governor.ErrRestricted)
				assert.Equal(t, governor.ScopeWABA, d.Scope)
				assert.Equal(t, until, d.RetryAt.UTC())
				assert.Equal(t, 7, d.Limit)
				b.sent(reply(number, alice))
			}
			b.at(until)
			b.sent(template(n1, alice))
			b.sent(template(n2, alice))
		})
	}
}

func TestASnapshotKnowsOfTheListedWABAsBeforeTheFirstSend(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	b.observe(restrict("waba", time.Time{}), governor.TierReported{WABA: "waba", Tier: 7})
	s, err := b.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, quality.Restricted, s.Health)
	assert.Equal(t, tier.Tier(7), s.Tier)
	require.Len(t, s.WABAs, 1)
	assert.Equal(t, "waba", s.WABAs[0].ID)
	assert.Len(t, s.WABAs[0].Restrictions, 1)
}

func TestWhatIsSaidOfAWABABindsAllItsAccounts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*governor.Config){"listed": twoAccounts, "resolved": ownAccounts} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, 2, change)
			b.sent(template(n1, alice))
			b.sent(template(n2, alice))
			b.observe(restrict("waba", time.Time{}))
			b.refused(template(n1, alice), governor.ErrRestricted)
			b.refused(template(n2, bob), governor.ErrRestricted)
			b.at(b.clock.Now().Add(time.Minute))
			b.observe(governor.HealthReported{WABA: "waba", Report: quality.AllRestrictionsLifted{}})
			b.observe(governor.TierReported{WABA: "waba", Tier: 1})
			d := b.refused(template(n1, bob), governor.ErrTierLimit)
			assert.Equal(t, 1, d.Limit)
			b.at(b.clock.Now().Add(time.Minute))
			b.observe(governor.TierReported{Number: n1, Tier: 9})
			b.sent(template(n1, bob))
			assert.Equal(t, 1, b.refused(template(n2, bob), governor.ErrTierLimit).Limit, "a limit is the account's")
		})
	}
}

func TestTheLatestOfTwoWABAsLimitsIsTheAccounts(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, func(cfg *governor.Config) { cfg.Accounts[0].Numbers[1].WABA = "second" })
	t0 := b.clock.Now()
	b.at(t0.Add(time.Hour))
	// The same change arrives once per WABA, in any order.
	b.observe(governor.TierReported{WABA: "second", Tier: 9, At: t0.Add(time.Minute)}, governor.TierReported{WABA: "waba", Tier: 5, At: t0})
	assert.Equal(t, 5, b.check(template(n1, alice)).Limit, "until the other number is heard of")
	assert.Equal(t, 9, b.check(template(n2, alice)).Limit)
	assert.Equal(t, 9, b.check(template(n1, alice)).Limit)
	b.observe(restrict("second", time.Time{}))
	b.sent(template(n1, alice))
	b.refused(template(n2, alice), governor.ErrRestricted)
}

// Either the send links the account to its WABA first, and the event is copied
// to it, or the event is recorded first, and the link copies it.
func TestAnEventAndAFirstSendThatRaceLoseNothing(t *testing.T) {
	t.Parallel()
	for range 200 {
		b := newFixture(t, 2, ownAccounts)
		second := b.also(ownAccounts)
		var all sync.WaitGroup
		start := make(chan struct{})
		for _, act := range []func(){
			func() { assert.NoError(t, b.gov.Observe(context.Background(), restrict("waba", time.Time{}))) },
			func() {
				assert.NoError(t, second.gov.Observe(context.Background(), governor.TierReported{WABA: "waba", Tier: 7}))
			},
			func() { _, _ = b.gov.Reserve(context.Background(), template(n1, alice)) },
			func() { _, _ = second.gov.Reserve(context.Background(), template(n2, alice)) },
		} {
			all.Go(func() { <-start; act() })
		}
		close(start)
		all.Wait()
		for _, f := range []*fixture{b, second} {
			for _, number := range []string{n1, n2} {
				require.Equal(t, 7, f.refused(template(number, bob), governor.ErrRestricted).Limit)
			}
		}
	}
}

func TestGovernorsOnOneStoreSeeEachOthersNewsAtTheNextSend(t *testing.T) {
	t.Parallel()
	a := newFixture(t, 2, nil)
	b := a.also(nil)
	a.sent(template(n1, alice))
	b.sent(template(n1, bob))
	a.refused(template(n1, carol), governor.ErrTierLimit)
	b.refused(template(n1, carol), governor.ErrTierLimit)

	b.observe(governor.TierReported{Number: n2, Tier: 5})
	assert.Equal(t, 5, a.sent(template(n1, carol)).Limit)
	a.observe(restrict("waba", time.Time{}))
	b.refused(template(n1, dave), governor.ErrRestricted)
	a.at(a.clock.Now().Add(time.Minute))
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.AllRestrictionsLifted{}})
	a.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "PENDING"}})
	b.refused(reply(n1, dave), governor.ErrInactive)
	a.sent(template(n2, dave))
	b.observe(governor.TierReported{Number: n2, Tier: 1, OwnLimit: true})
	a.refused(template(n2, person(1)), governor.ErrTierLimit)
	s, err := a.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, tier.Tier(1), s.Numbers[1].Tier)
}

// A governor that has just started knows nothing but what the store has kept.
func TestWhatWasSaidOutlivesAGovernor(t *testing.T) {
	t.Parallel()
	a := newFixture(t, 2, nil)
	t0 := a.clock.Now()
	a.observe(
		governor.TierReported{WABA: "waba", Tier: 7}, restrict("waba", t0.Add(time.Hour)),
		governor.HealthReported{Number: n2, Report: quality.RatingReported{Rating: quality.Low}},
		governor.ThroughputReported{Number: n2, PerSecond: 20},
	)
	a.refused(template(n1, alice), governor.ErrRestricted)
	want, err := a.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	b := a.also(nil)
	got, err := b.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Equal(t, quality.Low, got.Numbers[1].Rating)
	assert.Equal(t, 20, got.Numbers[1].PerSecond)
	b.refused(template(n1, alice), governor.ErrRestricted)
}

// corrupt writes what nobody can read over an account's state, and returns how
// to undo it.
func (f *fixture) corrupt(account string) (repair func()) {
	f.t.Helper()
	good, err := f.store.LoadState(f.t.Context(), account)
	require.NoError(f.t, err)
	overwrite := func(data []byte) {
		s, err := f.store.LoadState(f.t.Context(), account)
		require.NoError(f.t, err)
		_, saved, err := f.store.SaveState(f.t.Context(), account, governor.State{Version: s.Version, Data: data})
		require.NoError(f.t, err)
		require.True(f.t, saved)
	}
	overwrite([]byte(`{"tier":`))
	return func() { overwrite(good.Data) }
}

func TestAnAccountThatCannotBeReadKeepsNothingFromTheOthers(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, func(cfg *governor.Config) { twoAccounts(cfg); recorded(&r)(cfg) })
	b.sent(template(n1, alice))
	b.sent(template(n2, alice))
	repair := b.corrupt("of:" + n1)
	fresh := b.also(func(cfg *governor.Config) { twoAccounts(cfg); recorded(&r)(cfg) })
	banned := governor.HealthReported{WABA: "waba", Report: quality.BanReported{State: "DISABLE"}}
	err := fresh.gov.Observe(t.Context(), banned)
	require.ErrorContains(t, err, `the state of account "of:`+n1+`" cannot be read`)
	assert.NotErrorIs(t, err, governor.ErrInvalid)
	assert.Equal(t, []string{"store_down of:106540352242922 - - - -", "store_failed of:106540352242922 - - - -", "health - waba - Unreported Banned"}, r.told())
	fresh.refused(template(n2, alice), governor.ErrInactive)
	fresh.refused(template(n1, alice), governor.ErrStore)
	// What failed half way is made up for by observing it again.
	repair()
	fresh.observe(banned)
	fresh.refused(reply(n1, alice), governor.ErrInactive)
	b.refused(reply(n1, alice), governor.ErrInactive)
}

func TestAWABAsNewsIsToldOnceAndItsEndOncePerAccount(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, func(cfg *governor.Config) { twoAccounts(cfg); recorded(&r)(cfg) })
	t0 := b.clock.Now()
	b.sent(template(n1, alice))
	b.sent(template(n2, alice))
	until := t0.Add(time.Hour)
	b.observe(restrict("waba", until), restrict("waba", until))
	assert.Equal(t, []string{
		"restricted - waba - - RESTRICTED_BIZ_INITIATED_MESSAGING until 2026-01-01T01:00:00Z",
		"health - waba - Unreported Restricted",
	}, r.told())
	b.at(until.Add(time.Minute))
	b.sent(template(n1, alice))
	lifted := func(account string) []string {
		return []string{"lifted " + account + " waba - RESTRICTED_BIZ_INITIATED_MESSAGING -", "health " + account + " waba - Restricted Connected"}
	}
	assert.Equal(t, lifted("of:"+n1), r.told())
	// The other account has not sent since. News of the WABA must not swallow
	// what time has brought it, nor tell the first of it again.
	b.at(until.Add(2 * time.Minute))
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.BanReported{State: "DISABLE"}})
	assert.Equal(t, append(lifted("of:"+n2), "health - waba - Connected Banned"), r.told())
}

func TestAWABAOfWhichNobodyHasSentTellsItsOwnEnd(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, recorded(&r))
	until := b.clock.Now().Add(time.Hour)
	b.observe(restrict("waba", until))
	b.at(until.Add(time.Minute))
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.ReviewReported{Decision: "APPROVED"}})
	assert.Equal(t, []string{
		"restricted - waba - - RESTRICTED_BIZ_INITIATED_MESSAGING until 2026-01-01T01:00:00Z",
		"health - waba - Unreported Restricted",
		"lifted - waba - RESTRICTED_BIZ_INITIATED_MESSAGING -",
		"health - waba - Restricted Connected",
	}, r.told())
}

func TestAnEndThatCameBeforeTheFirstSendIsToldWithIt(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, recorded(&r))
	until := b.clock.Now().Add(time.Hour)
	b.observe(restrict("waba", until))
	r.told()
	b.at(until)
	b.sent(template(n1, alice))
	assert.Equal(t, []string{
		"lifted portfolio waba - RESTRICTED_BIZ_INITIATED_MESSAGING -", "health portfolio waba - Restricted Connected",
	}, r.told())
}

func TestAStoreThatNeverAgreesIsLeftWhenTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	store := &stubborn{Store: memstore.New(), tries: 100, giveUp: cancel}
	gov, err := governor.New(store, governor.Config{})
	require.NoError(t, err)
	require.ErrorIs(t, gov.Observe(ctx, governor.TierReported{Account: account, Tier: 7}), context.Canceled)
}

// stubborn is a store that saves nothing and says that somebody else was faster.
type stubborn struct {
	governor.Store
	tries  int
	giveUp func()
}

func (s *stubborn) SaveState(_ context.Context, _ string, state governor.State) (governor.State, bool, error) {
	if s.tries--; s.tries == 0 {
		s.giveUp()
	}
	return governor.State{Version: state.Version + 1}, false, nil
}
