package governor_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
	"github.com/sendgov/sendgov/quality"
)

// hooked is a store whose every call goes through a hook, which may fail it
// before or after it is applied, hold it, or only look.
type hooked = storetest.Faulty

func onMemory() *hooked { return &hooked{Store: memstore.New(), Err: errFault} }

// newHooked is a fixture on a hooked store; nothing is hooked yet.
func newHooked(t *testing.T, change func(*governor.Config)) (*fixture, *hooked) {
	t.Helper()
	f := newFixture(t, 1, change)
	store := onMemory()
	cfg := governor.Config{Clock: f.clock, Accounts: []governor.Account{{ID: account, Tier: 1, Numbers: []governor.Number{
		{ID: n1, WABA: "waba", PerSecond: 100_000}, {ID: n2, WABA: "waba", PerSecond: 100_000},
	}}}}
	if change != nil {
		change(&cfg)
	}
	gov, err := governor.New(store, cfg)
	require.NoError(t, err)
	f.store, f.gov = store, gov
	return f, store
}

func TestWhileTheStoreFailsRepliesPass(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{false, true} {
		t.Run(fmt.Sprintf("account known %t", known), func(t *testing.T) {
			t.Parallel()
			f, store := newHooked(t, nil)
			if known {
				f.sent(template(n1, alice))
			}
			store.Fail()
			r := f.reserved(reply(n1, bob))
			d := r.Decision()
			assert.True(t, d.Allowed)
			assert.Equal(t, governor.StoreFailed, d.Reason)
			assert.Equal(t, governor.ScopeStore, d.Scope)
			assert.False(t, d.Counted)
			require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1"}), "nothing was booked")
			require.NoError(t, f.reserved(reply(n1, bob)).Cancel(t.Context()))
			assert.True(t, f.check(reply(n1, bob)).Allowed)
			w, err := f.gov.Wait(t.Context(), reply(n1, bob))
			require.NoError(t, err)
			require.NoError(t, w.Commit(t.Context(), governor.Receipt{}))
			require.NoError(t, f.gov.Do(t.Context(), reply(n1, bob), answer(nil)))
			f.sent(governor.Message{From: n1, Kind: governor.ReadReceipt})

			denied := f.refused(template(n1, alice), governor.ErrStore)
			assert.Equal(t, f.clock.Now().Add(time.Second), denied.RetryAt)
			assert.Equal(t, governor.ScopeStore, denied.Scope)
			_, err = f.gov.Reserve(t.Context(), template(n1, alice))
			require.ErrorIs(t, err, errFault, "the cause is there to see")
			d, err = f.gov.Check(t.Context(), template(n1, alice))
			require.ErrorIs(t, err, errFault)
			assert.False(t, d.Allowed)

			store.Heal()
			if known {
				f.refused(template(n1, bob), governor.ErrTierLimit)
			} else {
				f.sent(template(n1, bob))
			}
		})
	}
}

func TestWhileTheStoreFailsWhatIsKnownOfThePlatformHolds(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	t0 := f.clock.Now()
	f.observe(
		governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "BANNED"}},
		// Its end is something to save, which fails before anything is decided.
		governor.HealthReported{Number: n2, Report: quality.RestrictionReported{Type: quality.RestrictedUtility, Until: t0.Add(time.Hour)}},
	)
	f.refused(reply(n1, alice), governor.ErrInactive)
	store.Fail()
	f.refused(reply(n1, alice), governor.ErrInactive)
	f.at(t0.Add(2 * time.Hour))
	_, err := f.gov.Reserve(t.Context(), reply(n1, alice))
	require.ErrorIs(t, err, governor.ErrInactive)
	require.ErrorIs(t, err, errFault)
	f.sent(reply(n2, alice))
	f.refused(template(n2, alice), governor.ErrStore)
}

func TestAHungStoreHonoursTheContext(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	r := f.reserved(template(n1, alice))
	store.Hang()
	for name, call := range map[string]func(context.Context) error{
		"Check":  func(ctx context.Context) error { _, err := f.gov.Check(ctx, template(n1, bob)); return err },
		"Commit": func(ctx context.Context) error { return r.Commit(ctx, governor.Receipt{}) },
		"Reserve": func(ctx context.Context) error {
			_, err := f.gov.Reserve(ctx, template(n1, bob))
			return err
		},
		"Reserve a reply": func(ctx context.Context) error { _, err := f.gov.Reserve(ctx, reply(n1, bob)); return err },
		"Wait":            func(ctx context.Context) error { _, err := f.gov.Wait(ctx, template(n1, bob)); return err },
		"Do":              func(ctx context.Context) error { return f.gov.Do(ctx, template(n1, bob), answer(nil)) },
		"Observe": func(ctx context.Context) error {
			return f.gov.Observe(ctx, governor.Inbound{Number: n1, Customer: bob})
		},
		"Snapshot": func(ctx context.Context) error { _, err := f.gov.Snapshot(ctx, account); return err },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- call(ctx) }()
		cancel()
		select {
		case err := <-done:
			require.ErrorIsf(t, err, context.Canceled, "%s", name)
		case <-time.After(longEnough):
			require.FailNow(t, "hangs", name)
		}
	}
	store.Heal()
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
	assert.Equal(t, 1, f.used())
}

func TestAFaultOfTheStoreIsToldAndACallersGivingUpIsNot(t *testing.T) {
	t.Parallel()
	var told []governor.Notice
	f, store := newHooked(t, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) { told = append(told, n) })
	})
	r := f.reserved(template(n1, alice))
	store.Fail()
	require.ErrorIs(t, r.Commit(t.Context(), governor.Receipt{}), errFault)
	require.Len(t, told, 2)
	for i, kind := range []governor.NoticeKind{governor.NoticeStoreDown, governor.NoticeStoreFailed} {
		assert.Equal(t, kind, told[i].Kind)
		assert.Equal(t, account, told[i].Account)
		require.ErrorIs(t, told[i].Err, errFault)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, r.Commit(ctx, governor.Receipt{}))
	assert.Len(t, told, 2)
}

// One round of everything, with each call to the store failing in turn, before
// or after it was applied. Whatever fails, a retry gets through, and in the end
// the account holds what was sent.
func TestWhicheverCallFailsNothingIsBookedTwiceOrLost(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		for n := 1; n <= 12; n++ {
			t.Run(fmt.Sprintf("call %d applied %t", n, applied), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f, store := newHooked(t, func(cfg *governor.Config) { cfg.Clock, cfg.Accounts[0].Tier = nil, 2 })
					wait := func(m governor.Message) *governor.Reservation {
						r, err := f.gov.Wait(t.Context(), m)
						require.NoError(t, err, "it tries again by itself")
						return r
					}
					store.FailNth(n, applied)
					a := wait(template(n1, alice))
					twice(t, func() error { return a.Commit(t.Context(), governor.Receipt{MessageID: "wamid.a"}) })
					b := wait(template(n1, bob))
					twice(t, func() error { return b.Cancel(t.Context()) })
					c := wait(template(n1, carol))
					twice(t, func() error { return c.Commit(t.Context(), governor.Receipt{MessageID: "wamid.c"}) })
					twice(t, func() error {
						return f.gov.Observe(t.Context(), governor.MessageStatus{Number: n1, MessageID: "wamid.a", Status: governor.Failed})
					})
					store.Heal()
					assert.Equal(t, 1, f.used())
					f.sent(template(n1, dave))
					f.refused(template(n1, bob), governor.ErrTierLimit)
				})
			})
		}
	}
}

// twice calls again what has failed.
func twice(t *testing.T, call func() error) {
	t.Helper()
	if call() != nil {
		require.NoError(t, call())
	}
}

func TestAStoreThatHangsAfterTheSendDoesNotHoldItForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, store := newHooked(t, func(cfg *governor.Config) { cfg.Clock = nil })
		began := time.Now()
		err := f.gov.Do(t.Context(), template(n1, alice), func(context.Context) (governor.Receipt, error) {
			store.Hang()
			return governor.Receipt{MessageID: "wamid.1"}, nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, time.Since(began))
		store.Heal()
		assert.Equal(t, 1, f.used())
	})
}

func TestASlotBookedForALostAnswerComesBack(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	store.Set(func(_ context.Context, verb string, apply func() error) error {
		err := apply()
		if verb == "Admit" {
			return errFault
		}
		return err
	})
	f.refused(template(n1, alice), governor.ErrStore)
	err := f.gov.Do(t.Context(), template(n1, alice), answer(nil))
	require.ErrorIs(t, err, governor.ErrStore)
	store.Heal()
	f.sent(template(n1, bob))
}

func TestAStoreThatHangsCostsASendNoMoreThanItsTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := onMemory()
		gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second})
		require.NoError(t, err)
		hung := make(chan error, 1)
		store.Hang()
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			_, err := gov.Wait(ctx, template(n1, bob))
			hung <- err
		}()
		synctest.Wait()

		start := time.Now()
		r, err := gov.Reserve(t.Context(), reply(n1, alice))
		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(start))
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))

		start = time.Now()
		_, err = gov.Reserve(t.Context(), template(n1, alice))
		require.ErrorIs(t, err, governor.ErrStore)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, time.Since(start), 1250*time.Millisecond)

		start = time.Now()
		_, err = gov.Wait(t.Context(), reply(n1, alice))
		require.NoError(t, err, "though somebody else waits for the same store")
		assert.Equal(t, time.Second, time.Since(start))
		leave()
		require.ErrorIs(t, <-hung, context.Canceled)
	})
}

// A call that seems to have failed may take effect later, so what takes back a
// booking must never be able to take back the next.
func TestALateCancelTakesNothingFromAMessageThatWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := onMemory()
		gov, err := governor.New(store, governor.Config{DefaultTier: 1})
		require.NoError(t, err)
		admissions := 0
		var late []func() error
		store.Set(func(ctx context.Context, verb string, apply func() error) error {
			switch verb {
			case "Admit":
				admissions++
				if err := apply(); err != nil || admissions > 1 {
					return err
				}
				return errFault
			case "Settle":
				if admissions == 1 {
					late = append(late, apply)
					<-ctx.Done()
					return ctx.Err()
				}
			}
			return apply()
		})
		r, err := gov.Wait(t.Context(), template(n1, alice))
		require.NoError(t, err)
		for _, apply := range late {
			require.NoError(t, apply())
		}
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
		_, err = gov.Reserve(t.Context(), template(n1, bob))
		require.ErrorIs(t, err, governor.ErrTierLimit)
	})
}
