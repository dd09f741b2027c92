package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

var (
	t0       = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	pairRate = governor.Rate{Every: 6 * time.Second, Burst: 45}
)

func perSecond(n int) governor.Rate {
	return governor.Rate{Every: time.Second / time.Duration(n), Burst: n}
}

// takePair uses one token of a pair's bucket.
func (r *numberRates) takePair(recipient string, number, pair governor.Rate, now int64) {
	r.usePair(recipient, r.pair(recipient, now, false), number, pair, now)
}

func TestThereIsRoomForEveryPairThatMatters(t *testing.T) {
	t.Parallel()
	for n, room := range map[int]int{
		20: 270*20 + 20 + 1, 80: 270*80 + 80 + 1, 1000: 270*1000 + 1000 + 1, 100_000: 270*100_000 + 100_000 + 1,
	} {
		var r numberRates
		r.takePair("a", perSecond(n), pairRate, micros(t0))
		assert.Equal(t, room, r.room, "at %d per second", n)
	}
	var r numberRates
	r.takePair("a", governor.Rate{}, pairRate, micros(t0))
	assert.Equal(t, maxPairs, r.room)
	r = numberRates{}
	r.takePair("a", perSecond(80), governor.Rate{}, micros(t0))
	assert.Nil(t, r.pairs, "no rate, no buckets")
}

func TestTheRoomGrowsWithTheThroughputAndNeverShrinks(t *testing.T) {
	t.Parallel()
	var r numberRates
	slow := governor.Rate{Every: 90 * time.Second, Burst: 1} // room for five
	for i := range 100 {
		r.takePair(fmt.Sprint(i), slow, pairRate, micros(t0))
	}
	require.Equal(t, 5, r.pairs.Len())
	for i := range 100 {
		r.takePair(fmt.Sprint(i), perSecond(1), pairRate, micros(t0))
	}
	require.Equal(t, 100, r.pairs.Len())
	r.takePair("more", slow, pairRate, micros(t0))
	require.Equal(t, 101, r.pairs.Len(), "those of the faster time still matter")
}

func TestMergedBucketsPushOutNoneThatMatters(t *testing.T) {
	t.Parallel()
	var r numberRates
	number := governor.Rate{Every: 90 * time.Second, Burst: 1} // room for five
	old := []string{"a", "b", "c"}
	for _, name := range old {
		r.takePair(name, number, pairRate, micros(t0))
	}
	now := t0.Add(280 * time.Second)
	r.takePair("x", number, pairRate, micros(now))
	r.takePair("y", number, pairRate, micros(now))
	for _, name := range old {
		r.merge(name, name+"'", micros(now))
	}
	for i := range 3 {
		r.takePair(fmt.Sprint(i), number, pairRate, micros(now))
	}
	for _, name := range []string{"x", "y"} {
		b, ok := r.pairs.Peek(name)
		require.True(t, ok, name)
		assert.Equal(t, 6*time.Second, time.Duration(b.debt)*time.Microsecond)
	}
}

func TestMergedBucketsAddUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ alias, canonical, left int }{
		{0, 0, 45}, {10, 0, 35}, {0, 10, 35}, {10, 20, 15}, {45, 45, -45}, {1, 44, 0},
	} {
		var r numberRates
		for range c.alias {
			r.takePair("alias", perSecond(80), pairRate, micros(t0))
		}
		for range c.canonical {
			r.takePair("canonical", perSecond(80), pairRate, micros(t0))
		}
		r.merge("alias", "canonical", micros(t0))
		left := 45
		if r.pairs != nil {
			assert.False(t, r.pairs.Contains("alias"))
			b, _ := r.pairs.Peek("canonical")
			left -= int(b.debt / wholeMicros(pairRate.Every))
		}
		assert.Equal(t, c.left, left, "%+v", c)
	}
}

func TestAnAccountsMemoryIsThatOfItsLastDays(t *testing.T) {
	t.Parallel()
	var a Account
	now := t0
	const perDay = 500
	for i := range 12 * perDay {
		now = now.Add(24 * time.Hour / perDay)
		who := fmt.Sprintf("1650%07d", i)
		token := governor.Token{Hi: 1, Lo: uint64(i)}
		kind := governor.Kind(i % 2)
		a.Admit(&governor.Admission{
			Token: token, Now: now, Stamp: now, Number: "1", Recipient: who, Kind: kind, Limit: 1 << 30,
			NumberRate: perSecond(80), PairRate: pairRate,
		})
		if i%3 > 0 {
			a.Settle(governor.Settlement{Token: token, Now: now, Sent: true, Stamp: now, Recipient: who}, Shorten(fmt.Sprint(i)))
		}
		a.Delivery(governor.DeliveryMark{Number: "1", At: now, Stamp: now, Now: now, Failed: true}, Shorten(fmt.Sprint("x", i)))
		a.Inbound(governor.InboundMark{Number: "1", Customer: who, At: now, Now: now})
	}
	assert.LessOrEqual(t, a.slots.Count(now), perDay)
	assert.LessOrEqual(t, len(a.bookings.entries), 2*perDay)
	assert.LessOrEqual(t, len(a.messages.entries), 3*perDay)
	assert.LessOrEqual(t, a.service.Len(), 11*perDay)
	assert.LessOrEqual(t, a.early.Len(), maxEarly)
	assert.LessOrEqual(t, a.sorts.Len(), maxSorts)
	assert.LessOrEqual(t, a.rates["1"].pairs.Len(), a.rates["1"].room)
}

func TestThereIsRoomForTheFasterTimeThoughItWasShort(t *testing.T) {
	t.Parallel()
	var r numberRates
	slow := governor.Rate{Every: 90 * time.Second, Burst: 1} // room for five
	for i, rate := range []governor.Rate{slow, slow, slow, perSecond(1), perSecond(1), slow, slow} {
		r.takePair(fmt.Sprint(i), rate, pairRate, micros(t0))
	}
	assert.Equal(t, 7, r.pairs.Len())
}
