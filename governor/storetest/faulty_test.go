package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

var t0 = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// verbs call a store, and return whether they were given anything.
var verbs = map[string]func(ctx context.Context, s governor.Store) (given bool, err error){
	"Admit": func(ctx context.Context, s governor.Store) (bool, error) {
		v, err := s.Admit(ctx, admission1)
		return v.Outcome != governor.OutcomeNone, err
	},
	"Settle": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.Settle(ctx, governor.Settlement{Account: "a", Token: admission1.Token, Now: t0})
	},
	"Inbound": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.Inbound(ctx, governor.InboundMark{Account: "a", Number: "1", Customer: "2", At: t0, Now: t0})
	},
	"Delivery": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.Delivery(ctx, governor.DeliveryMark{Account: "a", MessageID: "x", At: t0, Stamp: t0, Now: t0})
	},
	"Consent": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.Consent(ctx, governor.ConsentMark{Account: "a", Recipient: "2", Topic: "x", At: t0, Now: t0})
	},
	"Consents": func(ctx context.Context, s governor.Store) (bool, error) {
		list, err := s.Consents(ctx, "a", "2", t0)
		return len(list) > 0, err
	},
	"CloseWindow": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.CloseWindow(ctx, "a", "1", "2", t0)
	},
	"Alias": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.Alias(ctx, "a", "2", "3", t0)
	},
	"Usage": func(ctx context.Context, s governor.Store) (bool, error) {
		u, err := s.Usage(ctx, governor.UsageAsk{Account: "a", Limit: 1, Now: t0})
		return !u.SlotFree.IsZero(), err
	},
	"Tally": func(ctx context.Context, s governor.Store) (bool, error) {
		return false, s.Tally(ctx, governor.TallyMark{Account: "a", At: t0, Now: t0, Counts: map[string]int64{"sent": 1}})
	},
	"Tallies": func(ctx context.Context, s governor.Store) (bool, error) {
		days, err := s.Tallies(ctx, "a", t0)
		return len(days) > 0, err
	},
	"LoadState": func(ctx context.Context, s governor.Store) (bool, error) {
		state, err := s.LoadState(ctx, "a")
		return state.Version > 0, err
	},
	"SaveState": func(ctx context.Context, s governor.Store) (bool, error) {
		state, saved, err := s.SaveState(ctx, "a", governor.State{})
		return saved || state.Version > 0, err
	},
}

var admission1 = governor.Admission{
	Account: "a", Token: governor.Token{Lo: 1}, Version: 9, Now: t0, Stamp: t0, Number: "1", Recipient: "2", Limit: 5,
}

func TestEveryVerbGoesThroughTheHook(t *testing.T) {
	t.Parallel()
	fault := errors.New("a fault of its own")
	for name, call := range verbs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &storetest.Faulty{Store: memstore.New()}
			_, err := call(t.Context(), f)
			require.NoError(t, err, "no hook is set")
			var called []string
			f.Set(func(ctx context.Context, verb string, apply func() error) error {
				called = append(called, verb)
				assert.Equal(t, t.Context(), ctx)
				assert.NoError(t, apply())
				return fault
			})
			given, err := call(t.Context(), f)
			require.ErrorIs(t, err, fault)
			assert.False(t, given, "with an error there is nothing else")
			assert.Equal(t, []string{name}, called)

			f.Fail()
			_, err = call(t.Context(), f)
			require.ErrorIs(t, err, storetest.ErrFault)
			f.Err = fault
			_, err = call(t.Context(), f)
			require.ErrorIs(t, err, fault)
			f.Hang()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = call(ctx, f)
			require.ErrorIs(t, err, context.Canceled)
			f.Heal()
			_, err = call(t.Context(), f)
			require.NoError(t, err)
			require.NoError(t, f.Close())
			_, err = call(t.Context(), f)
			require.ErrorIs(t, err, memstore.ErrClosed)
		})
	}
}

func TestFailNthFailsOneCallBeforeOrAfterItIsApplied(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		t.Run(fmt.Sprintf("applied %t", applied), func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			f := &storetest.Faulty{Store: store}
			f.FailNth(2, applied)
			for n := 1; n <= 3; n++ {
				a := admission1
				a.Token.Lo, a.Recipient = uint64(n), fmt.Sprint(n)
				_, err := f.Admit(t.Context(), a)
				if n == 2 {
					require.ErrorIs(t, err, storetest.ErrFault)
				} else {
					require.NoError(t, err)
				}
			}
			u, err := store.Usage(t.Context(), governor.UsageAsk{Account: "a", Now: t0})
			require.NoError(t, err)
			assert.Equal(t, map[bool]int{false: 2, true: 3}[applied], u.Used)
		})
	}
}
