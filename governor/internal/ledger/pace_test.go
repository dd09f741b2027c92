package ledger

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

func TestThePaceFollowsAClockBackAndCountsNoTimeTwice(t *testing.T) {
	t.Parallel()
	const h, m, s = time.Hour, time.Minute, time.Second
	for name, steps := range map[string][]struct{ told, at, clock time.Duration }{
		"a clock that goes back a little is waited for": {
			{0, 0, 0},
			{-5 * m, 0, 0},
			{-m, 0, 0},
			{s, s, s},
		},
		"one that goes back by more is followed": {
			{0, 0, 0},
			{-5*m - time.Microsecond, 0, -5*m - time.Microsecond},
			{-5*m - 2*time.Microsecond, 0, -5*m - time.Microsecond},
		},
		"after a jump ahead the pace goes on from there": {
			{0, 0, 0},
			{10 * h, 10 * h, 10 * h},
			{s, 10 * h, s},
			{3 * s, 10*h + 2*s, 3 * s},
			{h, 11*h - s, h},
			{-h, 11*h - s, -h},
			{-h + m, 11*h - s + m, -h + m},
		},
		"who goes back and comes again has gained nothing": {
			{0, 0, 0},
			{-h, 0, -h},
			{-h + m, m, -h + m},
			{2 * m, 2 * m, 2 * m},
			{-h + 2*m, 2 * m, -h + 2*m},
			{-3 * m, 2 * m, 2 * m},
			{3 * m, 3 * m, 3 * m},
		},
		"nor have three who differ": {
			{0, 0, 0},
			{-8 * m, 0, -8 * m},
			{-4 * m, 0, 0},
			{s, s, s},
			{-8*m + s, s, -8*m + s},
			{-4*m + s, s, s},
			{2 * s, 2 * s, 2 * s},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p pace
			for i, step := range steps {
				p = p.follow(t0.Add(step.told))
				assert.Equal(t, t0.Add(step.at), time.UnixMicro(p.at()).UTC(), "step %d", i)
				assert.Equal(t, t0.Add(step.clock), p.told, "step %d", i)
			}
		})
	}
}

func TestWhoeverComesBackWhenItIsTimeIsNotTooLateNorTooEarly(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	now, p := t0, pace{}
	for i := range 100_000 {
		span := []time.Duration{time.Second, maxSkew, 3 * maxSkew}[r.IntN(3)]
		now = now.Add(time.Duration(r.Int64N(int64(2*span)) - int64(span)))
		p = p.follow(now)
		wait := 1 + r.Int64N(int64(span/time.Microsecond))
		when := p.when(time.Duration(wait) * time.Microsecond)
		require.GreaterOrEqual(t, p.follow(when).at()-p.at(), wait, "seed %d, step %d", seed, i)
		require.Less(t, p.follow(when.Add(-time.Microsecond)).at()-p.at(), wait, "seed %d, step %d", seed, i)
	}
}

func TestThePaceNeverGoesBackAndIsNeverFarFromNorBehindItsClock(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	now, p := t0, pace{}
	for i := range 100_000 {
		was := p.at()
		span := []time.Duration{time.Second, maxSkew, 3 * maxSkew, 10 * time.Hour}[r.IntN(4)]
		now = now.Add(time.Duration(r.Int64N(int64(2*span)) - int64(span)))
		p = p.follow(now)
		require.GreaterOrEqual(t, p.at(), was, "seed %d, step %d", seed, i)
		require.GreaterOrEqual(t, p.at(), micros(now), "seed %d, step %d", seed, i)
		require.GreaterOrEqual(t, micros(p.told), micros(now), "seed %d, step %d", seed, i)
		require.LessOrEqual(t, p.told.Sub(now), maxSkew, "seed %d, step %d: nobody waits for longer than clocks differ", seed, i)
	}
}

// pairBusy uses up a pair's rate, and returns when its next is due.
func pairBusy(a *Account, now time.Time) time.Time {
	for {
		var v governor.Verdict
		a.Admit(&governor.Admission{Now: now, Stamp: now, Kind: governor.Reply, Number: "1", Recipient: "16505550001", NumberRate: perSecond(80), PairRate: pairRate}, &v)
		if v.Outcome != governor.Admitted {
			return v.RetryAt
		}
	}
}

func TestPairsOfAFalseFutureAreForgottenByTheTrueClock(t *testing.T) {
	t.Parallel()
	var a Account
	ahead := t0.Add(1000 * time.Hour)
	for i := range 2000 {
		now := ahead.Add(time.Duration(i) * 15 * time.Millisecond)
		a.Admit(&governor.Admission{Now: now, Stamp: now, Number: "1", Recipient: fmt.Sprint("1650", i), Limit: math.MaxInt, PairRate: pairRate}, new(governor.Verdict))
	}
	require.Equal(t, 2000, len(a.rates["1"].pairs.entries)) //nolint:testifylint // what there is in them is too long to read
	for i := range 2000 {
		now := t0.Add(time.Duration(i) * 6 * time.Second)
		a.Admit(&governor.Admission{Now: now, Stamp: now, Number: "1", Recipient: "16505550001", Limit: math.MaxInt, PairRate: pairRate}, new(governor.Verdict))
	}
	assert.LessOrEqual(t, len(a.rates["1"].pairs.entries), 1)
}

func TestBooksTellWhatAClockThatWentBackHasLeft(t *testing.T) {
	t.Parallel()
	var a, back Account
	pairBusy(&a, t0)
	_, n := size(t, &a)
	early := t0.Add(-time.Hour)
	require.Equal(t, early.Add(6*time.Second), pairBusy(&a, early))
	written, more := size(t, &a)
	assert.Greater(t, more, n, "one number more")
	require.NoError(t, back.UnmarshalBinary(written))
	assert.Equal(t, a.paced, back.paced)
	assert.Equal(t, t0.Add(6*time.Second), pairBusy(&back, t0), "no time is counted twice")

	require.ErrorIs(t, back.UnmarshalBinary(append(written[:n:n], 1)), ErrCorrupt, "less than nothing")
	require.ErrorIs(t, back.UnmarshalBinary(append(written[:n:n], 0)), ErrCorrupt, "nothing")
}

func TestBucketsThatAnEarlierVersionLeftInAFalseFutureFillFromNowOn(t *testing.T) {
	t.Parallel()
	var a, back Account
	pairBusy(&a, t0.Add(10*time.Hour))
	a.now, a.paced = t0, pace{told: t0}
	written, _ := size(t, &a)
	require.NoError(t, back.UnmarshalBinary(written))
	assert.Equal(t, micros(t0), back.rates["1"].own.at)
	assert.Equal(t, t0.Add(6*time.Second), pairBusy(&back, t0))
	assert.Equal(t, t0.Add(6*time.Second), pairBusy(&back, t0.Add(time.Second)), "and not when that comes true")
}

func TestClocksThatAnEarlierVersionNotedMayGoBack(t *testing.T) {
	t.Parallel()
	var a Account
	pairBusy(&a, t0)
	a.SetClocks(Clocks{Now: t0, Paced: t0.Add(-time.Hour)})
	assert.Equal(t, micros(t0), a.paced.at())
	a.SetClocks(Clocks{Now: t0, Paced: t0.Add(-time.Hour + time.Second)})
	assert.Equal(t, micros(t0.Add(time.Second)), a.paced.at(), "and on")
}
