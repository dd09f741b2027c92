package ledger

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/sendgov/sendgov/governor"
)

func TestABucketReckonsAsARateLimiterDoes(t *testing.T) {
	t.Parallel()
	for _, r := range []governor.Rate{perSecond(80), perSecond(1000), perSecond(1), pairRate} {
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 0))
		limiter := rate.NewLimiter(rate.Every(r.Every), r.Burst)
		var b bucket
		now := t0
		for step := range 5000 {
			now = now.Add(time.Duration(random.Int64N(int64(2 * r.Every))).Truncate(time.Microsecond))
			wait := b.delay(flowOf(r), micros(now))
			tokens := limiter.TokensAt(now)
			want := max(0, (1-tokens)*r.Every.Seconds())
			require.InDeltaf(t, want, wait.Seconds(), 1e-5, "seed %d, step %d, %+v", seed, step, r)
			if wait == 0 && tokens >= 1 {
				limiter.AllowN(now, 1)
				b.take(flowOf(r), micros(now))
			}
		}
	}
}

func TestWhoComesBackWhenToldFindsAToken(t *testing.T) {
	t.Parallel()
	var b bucket
	r := perSecond(7) // whose interval is no whole number of microseconds
	for range 7 {
		require.Zero(t, b.delay(flowOf(r), micros(t0)))
		b.take(flowOf(r), micros(t0))
	}
	wait := b.delay(flowOf(r), micros(t0))
	assert.Equal(t, 142858*time.Microsecond, wait, "rounded up")
	for range 10_000 {
		require.Equal(t, wait, b.delay(flowOf(r), micros(t0)), "asking uses nothing")
	}
	assert.Equal(t, time.Microsecond, b.delay(flowOf(r), micros(t0.Add(wait-time.Microsecond))))
	assert.Zero(t, b.delay(flowOf(r), micros(t0.Add(wait))))
}

func TestABucketKeepsItsTokensWhenTheRateChanges(t *testing.T) {
	t.Parallel()
	var b bucket
	for range 80 {
		b.take(flowOf(perSecond(80)), micros(t0))
	}
	assert.Equal(t, 12500*time.Microsecond, b.delay(flowOf(perSecond(80)), micros(t0)))
	assert.Equal(t, 25*time.Millisecond, b.delay(flowOf(perSecond(40)), micros(t0)), "empty stays empty")
	assert.Equal(t, time.Millisecond, b.delay(flowOf(perSecond(1000)), micros(t0)))

	half := bucket{}
	for range 40 {
		half.take(flowOf(perSecond(80)), micros(t0))
	}
	half.pass(flowOf(perSecond(20)), micros(t0))
	assert.Zero(t, half.debt, "40 held, room for 20")
	half.pass(flowOf(perSecond(80)), micros(t0))
	assert.EqualValues(t, 60*12500, half.debt, "20 held, room for 80")
}

func TestAClockThatGoesBackFillsNoBucketAndEmptiesNone(t *testing.T) {
	t.Parallel()
	var b bucket
	for range 80 {
		b.take(flowOf(perSecond(80)), micros(t0.Add(time.Hour)))
	}
	assert.Equal(t, 12500*time.Microsecond, b.delay(flowOf(perSecond(80)), micros(t0)))
	b.pass(flowOf(perSecond(80)), micros(t0))
	assert.Zero(t, b.delay(flowOf(perSecond(80)), micros(t0.Add(12500*time.Microsecond))))
}

func TestTheDebtOfABucketIsOneMoreBucketful(t *testing.T) {
	t.Parallel()
	var b bucket
	for range 10_000 {
		b.use(flowOf(perSecond(80)), micros(t0))
	}
	assert.Equal(t, time.Second+12500*time.Microsecond, b.delay(flowOf(perSecond(80)), micros(t0)))
	assert.False(t, b.full(micros(t0.Add(2*time.Second-1))))
	assert.True(t, b.full(micros(t0.Add(2*time.Second))))
}
