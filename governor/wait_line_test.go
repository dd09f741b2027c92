package governor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

func TestAWaiterPassesWhenTheClockHasJumpedBack(t *testing.T) {
	t.Parallel()
	for _, back := range []time.Duration{time.Microsecond, 10 * time.Second, 3 * time.Hour, 2 * day} {
		f, _ := full(t)
		free := f.clock.Now().Add(day)
		w := f.wait(t.Context(), template(n1, bob), 1)
		f.walk(free.Add(-10 * time.Second))
		f.asleep(1)
		f.clock.Advance(-back)
		f.clock.Advance(10 * time.Second) // what the refusal said, and too early
		f.asleep(1)
		w.waits()
		next, _ := f.clock.NextTimer()
		require.LessOrEqual(t, next.Sub(f.clock.Now()), time.Minute, "it still looks once a minute")
		f.walk(free.Add(-time.Millisecond))
		f.asleep(1)
		w.waits()
		f.at(free)
		w.passed()
		f.nobodyWaits()
	}
}

func TestAnAnswerThatGotLostDoesNotStandInItsOwnWay(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	f.check(template(n1, alice)) // the account is known: the next call admits
	store.FailNth(1, true)
	w := f.wait(t.Context(), template(n1, alice), 1)
	f.clock.Advance(time.Second)
	r := w.passed()
	assert.Equal(t, 1, f.used())
	f.clock.Advance(day - time.Millisecond)
	assert.Equal(t, 1, f.used(), "the slot is held from when the message could leave")
	require.NoError(t, r.Cancel(t.Context()))
	assert.Zero(t, f.used())
}

func TestWhoseContextEndsWhileTheStoreAnswersGetsAnError(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	f.sent(template(n1, alice))
	ctx, cancel := context.WithCancel(t.Context())
	store.Set(func(_ context.Context, _ string, apply func() error) error {
		defer cancel()
		return apply()
	})
	r, err := f.gov.Wait(ctx, template(n1, bob))
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, r)
}

func TestNewsWhileAWaiterAsksMakesItAskAgain(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	alices := f.reserved(template(n1, alice))
	store.Set(func(_ context.Context, verb string, apply func() error) error {
		err := apply()
		if verb == "Admit" {
			store.Heal()
			assert.NoError(t, alices.Cancel(context.Background()))
		}
		return err
	})
	f.start(t.Context(), template(n1, bob)).passed()
	assert.Zero(t, f.clock.Waiters(), "it did not sleep")
}

func TestManyWaitersDoNotAskTheStoreForEachTokenTogether(t *testing.T) {
	t.Parallel()
	const many = 50 // so that it takes less than a minute, when each would look for itself
	f, store := newHooked(t, func(cfg *governor.Config) {
		cfg.Accounts[0].Tier = 10 * many
		cfg.Accounts[0].Numbers[0].PerSecond = 1
	})
	f.sent(template(n1, alice))
	var asked atomic.Int64
	store.Set(func(_ context.Context, verb string, apply func() error) error {
		if verb == "Admit" {
			asked.Add(1)
		}
		return apply()
	})
	done := make(chan struct{}, many)
	for i := range many {
		go func() {
			_, err := f.gov.Wait(t.Context(), template(n1, person(i)))
			assert.NoError(t, err)
			done <- struct{}{}
		}()
	}
	f.asleep(many)
	assert.EqualValues(t, many, asked.Load(), "everybody once")
	for left := many; left > 0; left-- {
		asked.Store(0)
		f.clock.Advance(time.Second)
		<-done
		if left > 1 {
			f.asleep(1)
		}
		assert.LessOrEqual(t, asked.Load(), int64(2), "one passes, one is told when the next does")
	}
	f.nobodyWaits()
}

func TestAWaiterThatHoldsOthersBackMayLeave(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1000, func(cfg *governor.Config) { cfg.Accounts[0].Numbers[0].PerSecond = 1 })
	f.sent(template(n1, alice))
	first := f.wait(t.Context(), template(n1, person(1)), 1)
	ctx, leave := context.WithCancel(t.Context())
	second := f.wait(ctx, template(n1, person(2)), 2)
	third := f.wait(t.Context(), template(n1, person(3)), 3)
	f.clock.Advance(time.Second)
	first.passed()
	f.asleep(1) // the second, on behalf of the third too
	leave()
	require.Error(t, second.failed(context.Canceled))
	f.asleep(1)
	third.waits()
	f.clock.Advance(time.Second)
	third.passed()
	f.nobodyWaits()
}

func TestWhoWaitsForARuleOfTheirOwnIsNotHeldBackByOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1000, func(cfg *governor.Config) { cfg.Accounts[0].Numbers[0].PerSecond = 1 })
	f.sent(template(n1, alice))
	slow := f.wait(t.Context(), template(n1, bob), 1)
	f.wait(t.Context(), template(n1, carol), 2)
	other := f.start(t.Context(), template(n2, dave))
	other.passed() // another number
	f.clock.Advance(time.Second)
	slow.passed()
}

func TestOneLineIsNoneOfAnothers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, func(cfg *governor.Config) { cfg.Accounts = nil; cfg.DefaultTier = 1 })
	for _, number := range []string{n1, n2} {
		f.sent(template(number, alice))
	}
	w := f.wait(t.Context(), template(n1, bob), 1)
	f.start(t.Context(), template(n2, carol))
	f.asleep(2)
	_, lines := f.gov.Waiting(n1)
	assert.Equal(t, 2, lines)
	f.observe(governor.TierReported{Number: n1, Tier: 2})
	w.passed()
	waiters, lines := f.gov.Waiting(n1)
	assert.Zero(t, waiters)
	assert.Equal(t, 1, lines)
	waiters, _ = f.gov.Waiting(n2)
	assert.Equal(t, 1, waiters)
}

func TestAOneTimePasswordIsKnownByItsTemplate(t *testing.T) {
	t.Parallel()
	f, alices := full(t)
	f.observe(governor.TemplateReported{WABA: "waba", Name: "code", Category: governor.Authentication})
	utility := f.wait(t.Context(), governor.Message{From: n1, To: bob, Template: "receipt", Category: governor.Utility}, 1)
	password := f.wait(t.Context(), governor.Message{From: n1, To: carol, Template: "code"}, 2)
	require.NoError(t, alices.Cancel(t.Context()))
	password.passed()
	utility.waits()
}
