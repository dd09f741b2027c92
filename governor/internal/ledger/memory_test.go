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
func (r *numberRates) takePair(recipient string, pair governor.Rate, now time.Time) {
	var d due
	d.look(r, &governor.Admission{PairRate: pair}, recipient, micros(now))
	d.pay()
}

// left is how many tokens a pair has.
func (r *numberRates) left(recipient string, now time.Time) int {
	b := r.pairs.get(hashName(recipient), recipient)
	if b == nil {
		return pairRate.Burst
	}
	return pairRate.Burst - int(b.left(micros(now))/b.every)
}

func TestAPairIsKeptWhileItMatters(t *testing.T) {
	t.Parallel()
	const fill = 270 * time.Second // of an empty bucket
	var r numberRates
	for range pairRate.Burst {
		r.takePair("used up", pairRate, t0)
	}
	r.takePair("used once", pairRate, t0)
	for i := range 1000 {
		now := t0.Add(time.Duration(i) * (fill - 1) / 1000)
		r.takePair("other", pairRate, now)
		require.NotNil(t, r.pairs.get(hashName("used up"), "used up"))
		require.NotNil(t, r.pairs.get(hashName("used once"), "used once"), "whoever sends again soon is found where they were")
	}
	for range 3 {
		r.takePair("other", pairRate, t0.Add(fill))
	}
	assert.Len(t, r.pairs.entries, 1)
}

func TestPairsAreAsManyAsANumberCanWriteToMeanwhile(t *testing.T) {
	t.Parallel()
	var r numberRates
	const perSecond, meanwhile = 20, 270 * 20
	for i := range 5 * meanwhile {
		r.takePair(fmt.Sprint(i), pairRate, t0.Add(time.Duration(i)*time.Second/perSecond))
		require.LessOrEqual(t, len(r.pairs.entries), 2*meanwhile)
	}
	r = numberRates{}
	r.takePair("a", governor.Rate{}, t0)
	assert.Empty(t, r.pairs.entries, "no rate, no buckets")
}

func TestMergedBucketsAddUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ alias, canonical, left int }{
		{0, 0, 45}, {10, 0, 35}, {0, 10, 35}, {10, 20, 15}, {45, 45, -45}, {1, 44, 0},
	} {
		var r numberRates
		for range c.alias {
			r.takePair("alias", pairRate, t0)
		}
		for range c.canonical {
			r.takePair("canonical", pairRate, t0)
		}
		r.merge("alias", "canonical", micros(t0))
		assert.Nil(t, r.pairs.get(hashName("alias"), "alias"))
		assert.Equal(t, c.left, r.left("canonical", t0), "%+v", c)
		again := t0.Add(45 * 6 * time.Second)
		assert.Equal(t, min(pairRate.Burst, c.left+45), r.left("canonical", again), "%+v", c)
	}
}

// Two that turn out to be one may owe more than one bucketful.
func TestAPairThatStillOwesIsKeptHoweverLongItWasQuiet(t *testing.T) {
	t.Parallel()
	const fill = 270 * time.Second
	var r numberRates
	for range pairRate.Burst {
		r.takePair("alias", pairRate, t0)
		r.takePair("canonical", pairRate, t0)
	}
	r.merge("alias", "canonical", micros(t0))
	for i := range 5 {
		r.takePair("other", pairRate, t0.Add(fill+time.Duration(i)*time.Second))
	}
	assert.Equal(t, 0, r.left("canonical", t0.Add(fill)))
}

func TestABucketThatIsFullAgainIsMergedIntoNone(t *testing.T) {
	t.Parallel()
	var r numberRates
	r.takePair("alias", pairRate, t0)
	r.merge("alias", "canonical", micros(t0.Add(6*time.Second)))
	assert.Empty(t, r.pairs.entries)
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
		}, new(governor.Verdict))
		if i%3 > 0 {
			a.Settle(&governor.Settlement{Token: token, Now: now, Sent: true, Stamp: now, Recipient: who}, Shorten(fmt.Sprint(i)))
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
	assert.LessOrEqual(t, len(a.rates["1"].pairs.entries), perDay)
}
