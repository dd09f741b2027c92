package governor_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// Where two features meet.

func TestAColdStartDoesNotHideWhenAFlagEnds(t *testing.T) {
	t.Parallel()
	for name, improves := range map[string]time.Duration{"after the cold start": 2 * day, "before it": -6*day - 12*time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 10, func(cfg *governor.Config) {
				cfg.Shares, cfg.ColdStart = governor.CautiousShares(), governor.AssumeUsed
			})
			t0 := f.clock.Now()
			low := t0.Add(min(0, improves) - time.Hour)
			f.observe(rated(n1, quality.High, low.Add(-time.Hour)), rated(n1, quality.Low, low))
			f.observe(rated(n1, quality.Medium, low.Add(time.Minute)))
			d := f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
			require.False(t, d.RetryAt.IsZero(), "%+v", d)
			assert.Equal(t, d.RetryAt, f.plan(campaign(1)).Decision.RetryAt)
			f.at(d.RetryAt.Add(-1))
			f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
			f.at(d.RetryAt)
			f.sent(of(governor.Marketing, alice))
		})
	}
}

func TestCountsThatAreDueCostACallToAHungStoreNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		call func(*governor.Governor) error
		most time.Duration
	}{
		"Reserve":            {func(g *governor.Governor) error { _, err := g.Reserve(ctx, utility(n1, bob)); return err }, time.Second + aftertaste},
		"Do":                 {func(g *governor.Governor) error { return g.Do(ctx, utility(n1, bob), answer(nil)) }, time.Second + aftertaste},
		"a reply":            {func(g *governor.Governor) error { _, err := g.Reserve(ctx, reply(n1, bob)); return err }, time.Second},
		"a reply that waits": {func(g *governor.Governor) error { _, err := g.Wait(ctx, reply(n1, bob)); return err }, time.Second},
		"Do with a reply":    {func(g *governor.Governor) error { return g.Do(ctx, reply(n1, bob), answer(nil)) }, time.Second},
		"Wait": {func(g *governor.Governor) error {
			ctx, stop := context.WithTimeout(ctx, 1500*time.Millisecond)
			defer stop()
			_, err := g.Wait(ctx, utility("another", bob))
			return err
		}, time.Second + aftertaste},
		"Flush": {func(g *governor.Governor) error { return g.Flush(ctx) }, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &hooked{Store: memstore.New()}
				gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second})
				require.NoError(t, err)
				for i := range 5 {
					_, err = gov.Reserve(ctx, reply(fmt.Sprint("n", i), alice))
					require.NoError(t, err)
				}
				_, err = gov.Reserve(ctx, reply(n1, alice))
				require.NoError(t, err)
				<-time.After(time.Minute)
				store.Hang()
				began := time.Now()
				_ = c.call(gov)
				assert.LessOrEqual(t, time.Since(began), c.most)
			})
		})
	}
}

func TestRunTellsTheObserverWhileTheStoreHangs(t *testing.T) {
	t.Parallel()
	for name, timeout := range map[string]time.Duration{"with a time-out": 2 * time.Second, "without one": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var r recorder
				store := &hooked{Store: memstore.New()}
				gov, err := governor.New(store, governor.Config{DefaultTier: 1, StoreTimeout: timeout, Observer: r.observe})
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				var run sync.WaitGroup
				run.Go(func() { _ = gov.Run(ctx) })
				synctest.Wait()
				for i := range 100 { // so many accounts have something to hand over
					_, err := gov.Reserve(t.Context(), reply(fmt.Sprint("n", i), alice))
					require.NoError(t, err)
				}
				store.Set(func(ctx context.Context, verb string, apply func() error) error {
					if verb == "Tally" {
						<-ctx.Done()
						return ctx.Err()
					}
					return apply()
				})
				<-time.After(11 * time.Second)
				_, err = gov.Reserve(t.Context(), governor.Message{From: n1, To: bob, Template: "x"})
				require.NoError(t, err)
				_, err = gov.Reserve(t.Context(), governor.Message{From: n1, To: alice, Template: "x"})
				require.ErrorIs(t, err, governor.ErrTierLimit)
				<-time.After(10 * time.Second)
				synctest.Wait()
				denied := 0
				for _, n := range r.notices {
					if n.Kind == governor.NoticeDenied {
						denied++
					}
				}
				assert.Equal(t, 1, denied)
				cancel()
				run.Wait()
			})
		})
	}
}

func TestAnObserverMayWaitForAMessageWhileOthersWait(t *testing.T) {
	t.Parallel()
	for _, kind := range []governor.NoticeKind{governor.NoticeAllowed, governor.NoticeDenied, governor.NoticeNearLimit, governor.NoticeStoreFailed, governor.NoticeStoreUp} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var gov *governor.Governor
				store := &hooked{Store: memstore.New(), Err: errFault}
				told, limit := false, tier.Tier(1)
				if kind == governor.NoticeAllowed || kind == governor.NoticeStoreUp || kind == governor.NoticeStoreFailed {
					limit = 9
				}
				gov, err := governor.New(store, governor.Config{DefaultTier: limit, ObserveAllowed: true, Observer: func(n governor.Notice) {
					if n.Kind != kind || told {
						return
					}
					told = true
					ctx, stop := context.WithTimeout(context.Background(), time.Minute)
					defer stop()
					_, _ = gov.Wait(ctx, utility(n1, carol))
				}})
				require.NoError(t, err)
				ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
				defer stop()
				switch kind {
				case governor.NoticeStoreFailed, governor.NoticeStoreUp:
					calls := 0
					store.Set(func(_ context.Context, verb string, apply func() error) error {
						if verb == "Admit" {
							if calls++; calls <= 1 {
								return errFault
							}
						}
						return apply()
					})
				case governor.NoticeDenied:
					_, err = gov.Reserve(ctx, utility(n1, alice))
					require.NoError(t, err)
				}
				began := time.Now()
				_, err = gov.Wait(ctx, utility(n1, bob))
				if kind != governor.NoticeDenied {
					require.NoError(t, err)
				}
				assert.True(t, told)
				assert.Less(t, time.Since(began), 5*time.Second)
			})
		})
	}
}

func TestBookingWhoWasWrittenToInAnOutageIsNoDrift(t *testing.T) {
	t.Parallel()
	var r recorder
	f, store := newLeased(t, 20, 10, func(cfg *governor.Config) { cfg.Observer = r.observe })
	for i := range 10 {
		f.sent(utility(n1, person(i)))
	}
	f.tend()
	leased := f.snapshot().Leased
	require.Positive(t, leased)
	store.Fail()
	for i := range leased {
		require.NoError(t, f.local(utility(n1, person(100+i))).Commit(t.Context(), governor.Receipt{}))
	}
	store.Heal()
	f.clock.Advance(time.Minute)
	for i := range 40 {
		f.sent(reply(n1, person(200+i)))
		assert.LessOrEqual(t, f.snapshot().Used, 20)
	}
	for _, n := range r.notices {
		assert.NotEqual(t, governor.NoticeDrift, n.Kind, "%+v", n)
	}
}

func TestAPlanReckonsWithLeasesAsASendDoes(t *testing.T) {
	t.Parallel()
	f, _ := newLeased(t, 20, 5, nil)
	for i := range 10 {
		f.sent(utility(n1, person(i)))
	}
	f.tend()
	require.Positive(t, f.snapshot().Leased)
	plan := f.plan(campaign(10))
	assert.Equal(t, f.check(template(n1, bob)), plan.Decision)
	assert.Equal(t, 10, plan.Now)
	for i := range plan.Now {
		f.sent(template(n1, person(100+i)))
	}
}

func TestCheckAndReserveAgreeOnAClosedShareThoughSlotsAreLeased(t *testing.T) {
	t.Parallel()
	f, _ := newLeased(t, 20, 5, func(cfg *governor.Config) { cfg.Shares = governor.CautiousShares() })
	f.observe(rated(n1, quality.Low, f.clock.Now()))
	f.tend()
	require.Positive(t, f.snapshot().Leased)
	assert.Zero(t, f.refused(of(governor.Marketing, bob), governor.ErrTierLimit).RetryAt)
}

func TestAnOutageEndsThoughOnlyEventsCome(t *testing.T) {
	t.Parallel()
	var r recorder
	f, store := newHooked(t, func(cfg *governor.Config) { cfg.Observer = r.observe })
	store.Fail()
	require.Error(t, f.gov.Observe(t.Context(), governor.Inbound{Number: n1, Customer: alice}))
	store.Heal()
	f.observe(governor.Inbound{Number: n1, Customer: alice})
	up := 0
	for _, n := range r.notices {
		if n.Kind == governor.NoticeStoreUp {
			up++
		}
	}
	assert.Equal(t, 1, up)
}

// losing is a store that has lost what it kept of a WABA.
type losing struct {
	governor.Store
	other governor.Store // nil: nothing was lost
}

func (s *losing) of(key string) governor.Store {
	if s.other != nil && len(key) > 5 && key[:5] == "waba/" {
		return s.other
	}
	return s.Store
}

func (s *losing) LoadState(ctx context.Context, key string) (governor.State, error) {
	return s.of(key).LoadState(ctx, key)
}

func (s *losing) SaveState(ctx context.Context, key string, next governor.State) (governor.State, bool, error) {
	return s.of(key).SaveState(ctx, key, next)
}

func TestAWABAWhoseRecordIsLostStillBindsItsAccounts(t *testing.T) {
	t.Parallel()
	store := &losing{Store: memstore.New()}
	f := newFixtureOn(t, store, newFixture(t, 1, nil).clock, 10, nil)
	f.sent(template(n1, alice))
	for i := range 5 {
		f.observe(governor.WABAReported{WABA: "waba", Status: fmt.Sprint(i)})
	}
	store.other = memstore.New()
	f.clock.Advance(time.Second)
	f.observe(restrict("waba", f.clock.Now().Add(time.Hour)))
	f.refused(template(n1, bob), governor.ErrRestricted)
}

func TestAWABAWhoseLastReportIsLostStillBindsItsAccounts(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{1, 3} {
		store := &losing{Store: memstore.New()}
		f := newFixtureOn(t, store, newFixture(t, 1, nil).clock, 10, nil)
		f.sent(template(n1, alice))
		state, err := store.LoadState(t.Context(), "waba/waba")
		require.NoError(t, err)
		for i := range lost {
			f.observe(governor.WABAReported{WABA: "waba", Status: fmt.Sprint(i)})
		}
		store.other = memstore.New()
		for v := range state.Version {
			_, saved, err := store.SaveState(t.Context(), "waba/waba", governor.State{Version: v, Data: state.Data})
			require.NoError(t, err)
			require.True(t, saved)
		}
		f.clock.Advance(time.Second)
		f.observe(restrict("waba", f.clock.Now().Add(time.Hour)))
		f.refused(template(n1, bob), governor.ErrRestricted)
	}
}

func TestWhoWaitsPassesAtOnceWhenTheStoreHasLostEverything(t *testing.T) {
	t.Parallel()
	store := &forgetful{memstore.New()}
	f := newFixtureOn(t, store, newFixture(t, 1, nil).clock, 1, nil)
	f.observe(governor.NumberSeen{Number: n1, WABA: "waba"})
	f.sent(template(n1, alice))
	done := make(chan error, 1)
	go func() {
		_, err := f.gov.Wait(context.Background(), template(n1, bob))
		done <- err
	}()
	require.NoError(t, f.clock.BlockUntil(t.Context(), 1))
	store.Store = memstore.New()
	f.sent(reply(n1, carol))
	require.NoError(t, <-done)
}

func TestASnapshotOfAColdStartSaysWhenASlotCanBeTaken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, assumeUsed)
	end := f.clock.Now().Add(day)
	assert.Equal(t, end, f.snapshot().SlotFree)
	f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Equal(t, end, f.snapshot().SlotFree)
	f.at(end)
	assert.Equal(t, end, f.snapshot().SlotFree, "at once")
}

func TestLeasesAreNoProgress(t *testing.T) {
	t.Parallel()
	f, _ := newLeased(t, 250, 100, nil)
	for i := range 30 {
		f.sent(reply(n1, person(i)))
	}
	f.sent(utility(n1, alice))
	require.Equal(t, 100, f.snapshot().Leased)
	s := f.snapshot()
	assert.Equal(t, 1, s.Progress.Have)
	assert.Equal(t, 1, s.Days[len(s.Days)-1].Peak)
}

func TestASnapshotGoesByTheResolversLimit(t *testing.T) {
	t.Parallel()
	gov, err := governor.New(memstore.New(), governor.Config{Resolve: func(_ context.Context, number string) (governor.Route, error) {
		if number == "elsewhere" {
			return governor.Route{}, errFault
		}
		return governor.Route{Account: account, Tier: tier.Tier10K, WABA: "waba", PerSecond: 20}, nil
	}})
	require.NoError(t, err)
	require.NoError(t, gov.Observe(t.Context(), governor.NumberSeen{Number: n1, WABA: "waba"}))
	s, err := gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, tier.Tier10K, s.Tier)
	d, err := gov.Check(t.Context(), template(n1, alice))
	require.NoError(t, err)
	assert.Equal(t, d.Limit, s.Tier.Limit())
	require.Len(t, s.Numbers, 1)
	assert.Equal(t, 20, s.Numbers[0].PerSecond)
}
