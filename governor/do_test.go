package governor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestDoEndsTheReservationByWhatSendReturned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		used int
	}{
		{"accepted", nil, 1},
		{"not sent", fmt.Errorf("no route to host: %w", governor.ErrNotSent), 0},
		{"a definite rejection", &cloudapi.Error{Coded: true, Code: 132001}, 0},
		{"a rejection inside another error", fmt.Errorf("sending: %w", &cloudapi.Error{Coded: true, Code: 131026}), 0},
		{"a code that nobody knows", &cloudapi.Error{Coded: true, Code: 999_999}, 1},
		{"an answer without a code", &cloudapi.Error{HTTPStatus: 502}, 1},
		{"a time-out", context.DeadlineExceeded, 1},
		{"anything else", errFault, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 2, nil)
			err := f.gov.Do(t.Context(), template(n1, alice), answer(c.err))
			if c.err == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.err)
			}
			assert.Equal(t, c.used, f.used())
		})
	}
}

func TestDoCommitsWithTheReceipt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	t0 := f.clock.Now()
	require.NoError(t, f.gov.Do(t.Context(), template(n1, alice), func(context.Context) (governor.Receipt, error) {
		f.at(t0.Add(3 * time.Second))
		return governor.Receipt{MessageID: "wamid.1", At: t0.Add(2 * time.Second)}, nil
	}))
	f.at(t0.Add(day + 2*time.Second - time.Millisecond))
	assert.Equal(t, 1, f.used())
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Failed})
	assert.Zero(t, f.used())
}

func TestDoSendsNothingThatIsRefused(t *testing.T) {
	t.Parallel()
	var told []governor.Notice
	f := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) { told = append(told, n) })
	})
	f.sent(template(n1, alice))
	never := func(context.Context) (governor.Receipt, error) {
		assert.Fail(t, "sent")
		return governor.Receipt{}, nil
	}
	err := f.gov.Do(t.Context(), template(n1, bob), never)
	require.ErrorIs(t, err, governor.ErrTierLimit)
	require.Len(t, told, 1)
	assert.Equal(t, governor.NoticeDenied, told[0].Kind)

	err = f.gov.Do(t.Context(), template(n1, "1"), never)
	require.ErrorIs(t, err, governor.ErrInvalid)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, f.gov.Do(ctx, template(n1, alice), never), context.Canceled)
	assert.Len(t, told, 1)
	assert.Equal(t, 1, f.used())
}

func TestASendThatPanicsStaysCounted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	assert.PanicsWithValue(t, "send", func() {
		_ = f.gov.Do(t.Context(), template(n1, alice), func(context.Context) (governor.Receipt, error) { panic("send") })
	})
	assert.Equal(t, 1, f.used())
	require.NoError(t, f.gov.Do(t.Context(), template(n1, bob), answer(nil)), "the governor is whole")
}

func TestAContextThatEndsDuringTheSendStillEndsTheReservation(t *testing.T) {
	t.Parallel()
	for err, used := range map[error]int{nil: 1, governor.ErrNotSent: 0} {
		f := newFixture(t, 1, nil)
		ctx, cancel := context.WithCancel(t.Context())
		got := f.gov.Do(ctx, template(n1, alice), func(ctx context.Context) (governor.Receipt, error) {
			cancel()
			require.ErrorIs(t, ctx.Err(), context.Canceled, "send is told")
			return governor.Receipt{MessageID: "wamid.1"}, err
		})
		require.ErrorIs(t, got, err)
		assert.Equal(t, used, f.used())
		f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Failed})
		assert.Zero(t, f.used(), "the message's id was kept")
	}
}

func TestDoReturnsTheStoresFaultToo(t *testing.T) {
	t.Parallel()
	errSend := fmt.Errorf("refused: %w", governor.ErrNotSent)
	for _, err := range []error{nil, errSend} {
		f, store := newHooked(t, nil)
		got := f.gov.Do(t.Context(), template(n1, alice), func(context.Context) (governor.Receipt, error) {
			store.Fail()
			return governor.Receipt{}, err
		})
		require.ErrorIs(t, got, errFault)
		assert.Equal(t, err != nil, errors.Is(got, errSend))
		store.Heal()
		assert.Equal(t, 1, f.used())
	}
}

func TestDoLearnsFromARejectionBeforeItsSlotIsGivenToTheNext(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	var calls []string
	err := f.gov.Do(t.Context(), template(n1, alice), func(context.Context) (governor.Receipt, error) {
		store.Set(func(_ context.Context, verb string, apply func() error) error {
			calls = append(calls, verb)
			return apply()
		})
		return governor.Receipt{}, &cloudapi.Error{Coded: true, Code: 131048}
	})
	require.Error(t, err)
	store.Heal()
	assert.Equal(t, []string{"SaveState", "Settle"}, calls)
	assert.Zero(t, f.used())
	f.refused(template(n1, bob), governor.ErrRestricted)
	f.sent(template(n2, bob))
}

func TestDoBearsWithARateForAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []governor.Notice
		f := newFixture(t, 1000, func(cfg *governor.Config) {
			cfg.Clock = nil
			cfg.RateWait = 3 * time.Second
			cfg.Accounts[0].Numbers[0].PerSecond = 1
			cfg.Observer = notFull(func(n governor.Notice) { told = append(told, n) })
		})
		do := func(i int) error { return f.gov.Do(t.Context(), template(n1, person(i)), answer(nil)) }
		began := time.Now()
		require.NoError(t, do(0))
		assert.Zero(t, time.Since(began))
		require.NoError(t, do(1))
		assert.Equal(t, time.Second, time.Since(began))
		assert.Empty(t, told, "nothing was refused")

		// Of six more at the same time three get their turn in three seconds; the
		// others are refused as soon as it is clear that they will not.
		began = time.Now()
		errs := make(chan error, 6)
		for i := range 6 {
			go func() { errs <- do(2 + i) }()
		}
		refused := 0
		for range 6 {
			if err := <-errs; err != nil {
				require.ErrorIs(t, err, governor.ErrNumberRate)
				refused++
			}
		}
		assert.Equal(t, 3, refused)
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Len(t, told, 3)
	})
}

func TestDoDoesNotBearWithAnythingButARate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, func(cfg *governor.Config) {
		cfg.Accounts[0].Numbers[0].PerSecond = 1
	})
	f.sent(template(n1, alice))
	ended := make(chan error, 1)
	go func() { ended <- f.gov.Do(t.Context(), template(n1, bob), answer(nil)) }()
	f.asleep(1) // it bears with the number's rate
	f.sent(template(n2, carol))
	f.clock.Advance(time.Second) // and now there is no slot
	select {
	case err := <-ended:
		require.ErrorIs(t, err, governor.ErrTierLimit)
	case <-time.After(longEnough):
		require.FailNow(t, "it waits for a slot")
	}
	f.nobodyWaits()
}

func TestDoDoesNotBearWithARateForLong(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1000, func(cfg *governor.Config) { cfg.RateWait = time.Nanosecond })
	for range 45 {
		require.NoError(t, f.gov.Do(t.Context(), reply(n1, alice), answer(nil)))
	}
	err := f.gov.Do(t.Context(), reply(n1, alice), answer(nil))
	require.ErrorIs(t, err, governor.ErrPairRate)
	var denied *governor.DeniedError
	require.True(t, errors.As(err, &denied))
	assert.Equal(t, f.clock.Now().Add(6*time.Second), denied.Decision.RetryAt)

	ctx, stop := f.clock.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	patient, err := governor.New(f.store, governor.Config{Clock: f.clock, RateWait: time.Minute, Resolve: func(context.Context, string) (governor.Route, error) {
		return governor.Route{Account: account, PerSecond: 100_000}, nil
	}})
	require.NoError(t, err)
	err = patient.Do(ctx, reply(n1, alice), answer(nil))
	require.ErrorIs(t, err, governor.ErrPairRate)
	require.ErrorIs(t, err, context.DeadlineExceeded, "it cannot be in time")
}

func TestWhatWasNeverMadeOrCannotSendIsRefusedByName(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	err := f.gov.Do(t.Context(), template(n1, alice), nil)
	require.ErrorIs(t, err, governor.ErrInvalid)
	require.ErrorContains(t, err, "send is nil")
	assert.Zero(t, f.used())

	for _, gov := range []*governor.Governor{nil, {}} {
		_, err := gov.Check(t.Context(), template(n1, alice))
		require.ErrorIs(t, err, governor.ErrInvalid)
		_, err = gov.Reserve(t.Context(), template(n1, alice))
		require.ErrorIs(t, err, governor.ErrInvalid)
		_, err = gov.Wait(t.Context(), reply(n1, alice))
		require.ErrorIs(t, err, governor.ErrInvalid)
		_, err = gov.Snapshot(t.Context(), account)
		require.ErrorIs(t, err, governor.ErrInvalid)
		_, err = gov.Consents(t.Context(), account, alice)
		require.ErrorIs(t, err, governor.ErrInvalid)
		require.ErrorIs(t, gov.Observe(t.Context(), governor.NumberSeen{}), governor.ErrInvalid)
		require.ErrorIs(t, gov.Do(t.Context(), template(n1, alice), answer(nil)), governor.ErrInvalid)
	}
}
