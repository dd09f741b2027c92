package tier_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/tier"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

type send struct {
	to string
	at time.Time
}

func history(sends ...send) iter.Seq2[string, time.Time] {
	return func(yield func(string, time.Time) bool) {
		for _, s := range sends {
			if !yield(s.to, s.at) {
				return
			}
		}
	}
}

// campaign is n recipients sent to at one instant, named from first on.
func campaign(first, n int, at time.Time) []send {
	sends := make([]send, n)
	for i := range sends {
		sends[i] = send{fmt.Sprintf("person %d", first+i), at}
	}
	return sends
}

func TestASendCountsForExactlySevenDays(t *testing.T) {
	t.Parallel()
	sends := history(send{"ada", t0})
	for _, step := range []struct {
		at   time.Time
		have int
	}{
		{t0.Add(-time.Nanosecond), 0}, // not sent yet
		{t0, 1},
		{t0.Add(day), 1},
		{t0.Add(7*day - time.Nanosecond), 1},
		{t0.Add(7 * day), 0}, // exactly seven days ago is outside
		{t0.Add(8 * day), 0},
	} {
		p := tier.Since2025().Progress(tier.Tier2K, sends, step.at)

		assert.Equal(t, step.have, p.Have, "at %s", step.at)
		if step.have == 0 {
			assert.Zero(t, p.FallsAt)
		} else {
			assert.Equal(t, t0.Add(7*day), p.FallsAt)
		}
	}
}

func TestASendCountsForExactlyThirtyDaysTowardsTheFirstStep(t *testing.T) {
	t.Parallel()
	sends := history(send{"ada", t0})
	for _, step := range []struct {
		at   time.Time
		have int
	}{
		{t0, 1},
		{t0.Add(7 * day), 1},
		{t0.Add(30*day - time.Nanosecond), 1},
		{t0.Add(30 * day), 0},
	} {
		p := tier.Since2025().Progress(tier.Tier250, sends, step.at)

		assert.Equal(t, step.have, p.Have, "at %s", step.at)
	}
}

func TestARecipientCountsOnceAndUntilTheLastSend(t *testing.T) {
	t.Parallel()
	sends := history(
		send{"ada", t0.Add(3 * day)},
		send{"ada", t0},
		send{"bob", t0.Add(day)},
		send{"ada", t0.Add(2 * day)},
	)
	for _, step := range []struct {
		at    time.Time
		have  int
		falls time.Time
	}{
		{t0, 1, t0.Add(7 * day)},
		{t0.Add(day), 2, t0.Add(7 * day)},
		{t0.Add(2 * day), 2, t0.Add(8 * day)}, // ada renewed: bob is now the first to fall out
		{t0.Add(3 * day), 2, t0.Add(8 * day)},
		{t0.Add(8*day - 1), 2, t0.Add(8 * day)},
		{t0.Add(8 * day), 1, t0.Add(10 * day)},
		{t0.Add(10 * day), 0, time.Time{}},
	} {
		p := tier.Since2025().Progress(tier.Tier2K, sends, step.at)

		assert.Equal(t, step.have, p.Have, "at %s", step.at)
		assert.Equal(t, step.falls, p.FallsAt, "at %s", step.at)
	}
}

func TestHalfTheLimitInSevenDaysIsEnoughToday(t *testing.T) {
	t.Parallel()
	sends := append(campaign(0, 600, t0), campaign(500, 500, t0.Add(2*day))...) // 100 of them twice
	for _, step := range []struct {
		at    time.Time
		have  int
		share float64
		done  bool
	}{
		{t0, 600, 0.6, false},
		{t0.Add(2*day - 1), 600, 0.6, false},
		{t0.Add(2 * day), 1000, 1, true},
		{t0.Add(7*day - 1), 1000, 1, true},
		{t0.Add(7 * day), 500, 0.5, false},
		{t0.Add(9 * day), 0, 0, false},
	} {
		p := tier.Since2025().Progress(tier.Tier2K, history(sends...), step.at)

		require.Equal(t, 1000, p.Need)
		assert.Equal(t, step.have, p.Have, "at %s", step.at)
		assert.InDelta(t, step.share, p.Share(), 0, "at %s", step.at)
		assert.Equal(t, step.done, p.Done(), "at %s", step.at)
	}
}

func TestEachEraDrawsItsOwnConclusionFromTheSameHistory(t *testing.T) {
	t.Parallel()
	sends := history(append(campaign(0, 999, t0), campaign(999, 1001, t0.Add(day))...)...)
	for _, row := range []struct {
		rule        tier.Rule
		at          tier.Tier
		to          tier.Tier
		first, both bool
	}{
		{tier.Since2025(), tier.Tier250, tier.Tier2K, false, true},
		{tier.Since2025(), tier.Tier2K, tier.Tier10K, false, true},
		{tier.Since2025(), tier.Tier10K, tier.Tier100K, false, false},
		{tier.Since2022(), tier.Tier250, tier.Tier1K, false, true},
		{tier.Since2022(), tier.Tier1K, tier.Tier10K, true, true},
		{tier.Before2022(), tier.Tier1K, tier.Tier10K, false, true},
		{tier.Before2022(), tier.Tier10K, tier.Tier100K, false, false},
	} {
		first := row.rule.Progress(row.at, sends, t0)
		both := row.rule.Progress(row.at, sends, t0.Add(day))

		assert.Equal(t, row.at, both.From)
		assert.Equal(t, row.to, both.To)
		assert.Equal(t, 999, first.Have)
		assert.Equal(t, 2000, both.Have)
		assert.Equal(t, row.first, first.Done(), "%v at %v", row.rule, row.at)
		assert.Equal(t, row.both, both.Done(), "%v at %v", row.rule, row.at)
	}
}

func TestWhereNothingIsToBeReachedNothingIsCounted(t *testing.T) {
	t.Parallel()
	never := func(func(string, time.Time) bool) { t.Error("history was read for nothing") }
	for _, rule := range []tier.Rule{tier.Since2025(), tier.Since2022(), tier.Before2022()} {
		for _, limit := range append([]tier.Tier{tier.Unknown, tier.Unlimited}, illegal...) {
			p := rule.Progress(limit, never, t0)

			assert.Equal(t, tier.Progress{Goal: rule.Goal(limit)}, p)
			assert.False(t, p.Done())
			assert.Zero(t, p.Share())
		}
	}
}

func TestAnEmptyHistoryIsNoProgress(t *testing.T) {
	t.Parallel()
	for _, sends := range []iter.Seq2[string, time.Time]{nil, history()} {
		p := tier.Since2025().Progress(tier.Tier10K, sends, t0)

		assert.Equal(t, tier.Progress{Goal: tier.Since2025().Goal(tier.Tier10K)}, p)
		assert.False(t, p.Done())
		assert.Zero(t, p.Share())
	}
}

func TestAnUnsetInstantIsLongAgo(t *testing.T) {
	t.Parallel()
	p := tier.Since2025().Progress(tier.Tier2K, history(send{"ada", time.Time{}}), t0)

	assert.Zero(t, p.Have)
}

func TestTheFallIsInUTCWhereverTheSendWasStamped(t *testing.T) {
	t.Parallel()
	kolkata := time.FixedZone("IST", 5*3600+1800)
	p := tier.Since2025().Progress(tier.Tier2K, history(send{"ada", t0.In(kolkata)}), t0)

	assert.Equal(t, t0.Add(7*day), p.FallsAt)
	assert.Equal(t, time.UTC, p.FallsAt.Location())
}

func TestASevenDaySpanKnowsNoCalendar(t *testing.T) {
	t.Parallel()
	// The clocks of New York go forward on 2026-03-08: by the wall it is a week after 167 hours.
	winter, summer := time.FixedZone("EST", -5*3600), time.FixedZone("EDT", -4*3600)
	sent := time.Date(2026, 3, 5, 12, 0, 0, 0, winter)
	sends := history(send{"ada", sent})

	aWeekByTheWall := tier.Since2025().Progress(tier.Tier2K, sends, time.Date(2026, 3, 12, 12, 0, 0, 0, summer))
	anHourLater := tier.Since2025().Progress(tier.Tier2K, sends, time.Date(2026, 3, 12, 13, 0, 0, 0, summer))

	assert.Equal(t, 1, aWeekByTheWall.Have)
	assert.Zero(t, anHourLater.Have)
}

func TestAShareStaysBetweenZeroAndOne(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		have, need int
		want       float64
		done       bool
	}{
		{0, 0, 0, false},
		{5, 0, 0, false},
		{-3, 10, 0, false},
		{0, 10, 0, false},
		{9, 10, 0.9, false},
		{10, 10, 1, true},
		{25, 10, 1, true},
		{5, -10, 0, false},
	} {
		p := tier.Progress{Goal: tier.Goal{Need: row.need}, Have: row.have}

		assert.InDelta(t, row.want, p.Share(), 0)
		assert.Equal(t, row.done, p.Done())
	}
	almost := tier.Progress{Goal: tier.Goal{Need: tier.Unlimited.Limit()}, Have: tier.Unlimited.Limit() - 1}
	assert.Less(t, almost.Share(), 1.0)
}

// countedByHand asks of every recipient whether any send of theirs counts.
func countedByHand(sends []send, span time.Duration, now time.Time) (have int, falls time.Time) {
	byRecipient := map[string][]time.Time{}
	for _, s := range sends {
		byRecipient[s.to] = append(byRecipient[s.to], s.at)
	}
	counts := func(stamps []time.Time, at time.Time) bool {
		for _, stamp := range stamps {
			if !stamp.After(now) && !stamp.After(at) && at.Before(stamp.Add(span)) {
				return true
			}
		}
		return false
	}
	for _, stamps := range byRecipient {
		if !counts(stamps, now) {
			continue
		}
		have++
		for _, stamp := range stamps {
			end := stamp.Add(span)
			if !stamp.After(now) && end.After(now) && !counts(stamps, end) && (falls.IsZero() || end.Before(falls)) {
				falls = end
			}
		}
	}
	return have, falls
}

func TestProgressAgreesWithCountingByHand(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 7))
		sends := make([]send, random.IntN(120))
		for i := range sends {
			// Whole days, so that sends often lie exactly on an edge.
			sends[i] = send{fmt.Sprintf("person %d", random.IntN(40)), t0.Add(time.Duration(random.IntN(50)) * day)}
		}
		now := t0.Add(time.Duration(random.IntN(60)) * day)
		for _, rule := range []tier.Rule{tier.Since2025(), tier.Since2022(), tier.Before2022()} {
			limit := named[random.IntN(len(named)-1)]
			p := rule.Progress(limit, history(sends...), now)
			have, falls := countedByHand(sends, p.Span, now)

			require.Equal(t, have, p.Have, "seed %d", seed)
			require.Equal(t, falls, p.FallsAt, "seed %d", seed)
			require.Equal(t, p.Done(), p.Share() == 1, "seed %d", seed)

			random.Shuffle(len(sends), func(i, j int) { sends[i], sends[j] = sends[j], sends[i] })
			require.Equal(t, p, rule.Progress(limit, history(sends...), now), "seed %d: order must not matter", seed)
			if !falls.IsZero() {
				require.Equal(t, have, rule.Progress(limit, history(upTo(sends, now)...), falls.Add(-1)).Have, "seed %d", seed)
				require.Less(t, rule.Progress(limit, history(upTo(sends, now)...), falls).Have, have, "seed %d", seed)
			}
		}
	}
}

// upTo are the sends that are not later than now.
func upTo(sends []send, now time.Time) []send {
	var past []send
	for _, s := range sends {
		if !s.at.After(now) {
			past = append(past, s)
		}
	}
	return past
}
