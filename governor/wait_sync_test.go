package governor_test

import (
	"context"
	"math/rand/v2"
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

// In a bubble the machine's own clock jumps from timer to timer, and a goroutine
// that is left over fails the test.

// inBubble is a governor on the machine's clock.
func inBubble(t *testing.T, limit int, numbers ...governor.Number) *governor.Governor {
	t.Helper()
	if numbers == nil {
		numbers = []governor.Number{{ID: n1, WABA: "waba", PerSecond: 100_000}}
	}
	gov, err := governor.New(memstore.New(), governor.Config{Accounts: []governor.Account{{
		ID: account, Tier: tier.Tier(limit), Numbers: numbers,
	}}})
	require.NoError(t, err)
	return gov
}

func TestInABubbleWaitTakesAsLongAsItMust(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gov, began := inBubble(t, 1), time.Now()
		r, err := gov.Reserve(t.Context(), template(n1, alice))
		require.NoError(t, err)
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
		_, err = gov.Wait(t.Context(), template(n1, bob))
		require.NoError(t, err)
		assert.Equal(t, day, time.Since(began))
	})
}

func TestInABubbleWaitWakesForEarlierRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		room func(ctx context.Context, gov *governor.Governor, alices *governor.Reservation) error
	}{
		{"a cancelled reservation", func(ctx context.Context, _ *governor.Governor, alices *governor.Reservation) error {
			return alices.Cancel(ctx)
		}},
		{"a raised limit", func(ctx context.Context, gov *governor.Governor, _ *governor.Reservation) error {
			return gov.Observe(ctx, governor.TierReported{Account: account, Tier: 2})
		}},
		{"a lifted restriction", func(ctx context.Context, gov *governor.Governor, alices *governor.Reservation) error {
			if err := alices.Cancel(ctx); err != nil {
				return err
			}
			return gov.Observe(ctx, governor.HealthReported{Number: n1, Report: quality.AllRestrictionsLifted{}})
		}},
		{"a customer who writes", func(ctx context.Context, gov *governor.Governor, _ *governor.Reservation) error {
			return gov.Observe(ctx, governor.Inbound{Number: n1, Customer: bob})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				gov, began := inBubble(t, 1), time.Now()
				alices, err := gov.Reserve(t.Context(), template(n1, alice))
				require.NoError(t, err)
				if c.name == "a lifted restriction" {
					require.NoError(t, gov.Observe(t.Context(), governor.HealthReported{Number: n1, Report: quality.RestrictionReported{
						Type: quality.RestrictedBusinessMessaging, Until: began.Add(3 * day),
					}}))
				}
				var passed time.Time
				go func() {
					_, err := gov.Wait(t.Context(), template(n1, bob))
					assert.NoError(t, err)
					passed = time.Now()
				}()
				<-time.After(time.Hour + time.Second)
				synctest.Wait()
				require.Zero(t, passed)
				require.NoError(t, c.room(t.Context(), gov, alices))
				synctest.Wait()
				assert.Equal(t, time.Hour+time.Second, passed.Sub(began))
			})
		})
	}
}

func TestInABubbleADeadlineThatComesFirstFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gov, began := inBubble(t, 1), time.Now()
		_, err := gov.Reserve(t.Context(), template(n1, alice))
		require.NoError(t, err)
		ctx, stop := context.WithTimeout(t.Context(), day-time.Millisecond)
		defer stop()
		_, err = gov.Wait(ctx, template(n1, bob))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, governor.ErrTierLimit)
		assert.Zero(t, time.Since(began))
	})
}

func TestInABubbleAThroughputIsUsedUpByThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 800
		gov, began := inBubble(t, many, governor.Number{ID: n1}), time.Now()
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				_, err := gov.Wait(t.Context(), template(n1, person(i)))
				assert.NoError(t, err)
			})
		}
		all.Wait()
		// 80 at once, then 80 a second. No token may be left lying for long.
		assert.InDelta(t, float64(many-80)/80, time.Since(began).Seconds(), 0.01)
	})
}

func TestManyWhoWaitAllComeToAnEnd(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	synctest.Test(t, func(t *testing.T) {
		const many, limit = 40, 5
		gov := inBubble(t, limit, governor.Number{ID: n1, PerSecond: 1}, governor.Number{ID: n2, PerSecond: 20})
		var all sync.WaitGroup
		for i := range many {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			all.Go(func() {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				if r.IntN(3) == 0 {
					ctx, stop = context.WithTimeout(t.Context(), time.Duration(r.IntN(3*24))*time.Hour)
					defer stop()
				}
				if r.IntN(5) == 0 {
					leave := time.AfterFunc(time.Duration(r.Int64N(int64(day))), stop)
					defer leave.Stop()
				}
				m := template([]string{n1, n2}[r.IntN(2)], person(r.IntN(many)))
				m.Category = governor.Category(r.IntN(4))
				<-time.After(time.Duration(r.Int64N(int64(day))))
				booked, err := gov.Wait(ctx, m)
				if err != nil {
					assert.True(t, ctx.Err() != nil || assert.ErrorIs(t, err, context.DeadlineExceeded))
					return
				}
				snapshot, err := gov.Snapshot(context.Background(), account)
				assert.NoError(t, err)
				assert.LessOrEqual(t, snapshot.Used, limit)
				<-time.After(time.Duration(r.Int64N(int64(time.Minute))))
				if r.IntN(3) == 0 {
					assert.NoError(t, booked.Cancel(context.Background()))
				} else {
					assert.NoError(t, booked.Commit(context.Background(), governor.Receipt{}))
				}
			})
		}
		all.Wait()
		waiters, lines := gov.Waiting(account)
		assert.Zero(t, waiters)
		assert.Zero(t, lines)
	})
}
