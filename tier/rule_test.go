package tier_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/tier"
)

const day = 24 * time.Hour

func TestTheZeroRuleIsTheOneInForce(t *testing.T) {
	t.Parallel()

	assert.Equal(t, tier.Since2025(), tier.Rule{})
	assert.Equal(t, tier.Current(), tier.Since2025().Ladder())
	assert.Equal(t, tier.Legacy(), tier.Since2022().Ladder())
	assert.Equal(t, tier.Legacy(), tier.Before2022().Ladder())
}

func TestEachRuleAsksItsShareOfTheLimit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		rule tier.Rule
		want tier.Goal
	}{
		{"today 250", tier.Since2025(), tier.Goal{From: 250, To: 2000, Need: 2000, Span: 30 * day}},
		{"today 50", tier.Since2025(), tier.Goal{From: 50, To: 2000, Need: 2000, Span: 30 * day}},
		{"today 1K", tier.Since2025(), tier.Goal{From: 1000, To: 2000, Need: 2000, Span: 30 * day}},
		{"today 1999", tier.Since2025(), tier.Goal{From: 1999, To: 2000, Need: 2000, Span: 30 * day}},
		{"today 2K", tier.Since2025(), tier.Goal{From: 2000, To: 10_000, Need: 1000, Span: 7 * day, Lag: 6 * time.Hour}},
		{"today 2001", tier.Since2025(), tier.Goal{From: 2001, To: 10_000, Need: 1001, Span: 7 * day, Lag: 6 * time.Hour}},
		{"today 10K", tier.Since2025(), tier.Goal{From: 10_000, To: 100_000, Need: 5000, Span: 7 * day, Lag: 6 * time.Hour}},
		{"today 100K", tier.Since2025(), tier.Goal{From: 100_000, To: tier.Unlimited, Need: 50_000, Span: 7 * day, Lag: 6 * time.Hour}},

		{"2022 250", tier.Since2022(), tier.Goal{From: 250, To: 1000, Need: 1000, Span: 30 * day}},
		{"2022 1K", tier.Since2022(), tier.Goal{From: 1000, To: 10_000, Need: 500, Span: 7 * day, Lag: day}},
		{"2022 10K", tier.Since2022(), tier.Goal{From: 10_000, To: 100_000, Need: 5000, Span: 7 * day, Lag: day}},
		{"2022 100K", tier.Since2022(), tier.Goal{From: 100_000, To: tier.Unlimited, Need: 50_000, Span: 7 * day, Lag: day}},

		{"2021 1K", tier.Before2022(), tier.Goal{From: 1000, To: 10_000, Need: 2000, Span: 7 * day, Lag: 2 * day}},
		{"2021 10K", tier.Before2022(), tier.Goal{From: 10_000, To: 100_000, Need: 20_000, Span: 7 * day, Lag: 2 * day}},
		{"2021 100K", tier.Before2022(), tier.Goal{From: 100_000, To: tier.Unlimited, Need: 200_000, Span: 7 * day, Lag: 2 * day}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()

			assert.Equal(t, row.want, row.rule.Goal(row.want.From))
		})
	}
}

func TestAtTheTopAndInTheDarkThereIsNothingToReach(t *testing.T) {
	t.Parallel()
	for _, rule := range []tier.Rule{tier.Since2025(), tier.Since2022(), tier.Before2022()} {
		assert.Equal(t, tier.Goal{From: tier.Unlimited, To: tier.Unlimited}, rule.Goal(tier.Unlimited))
		for _, limit := range append([]tier.Tier{tier.Unknown}, illegal...) {
			assert.Equal(t, tier.Goal{}, rule.Goal(limit), "%d", int(limit))
		}
	}
}

func TestEveryLimitBelowUnlimitedHasAGoalAboveIt(t *testing.T) {
	t.Parallel()
	limits := []tier.Tier{tier.Unlimited - 1, tier.Unlimited/2 + 1, tier.Unlimited / 2}
	for limit := tier.Tier(1); limit < tier.Unlimited/3; limit = limit*3/2 + 1 {
		limits = append(limits, limit-1, limit, limit+1)
	}
	for _, limit := range limits {
		if !limit.Known() {
			continue
		}
		for _, rule := range []tier.Rule{tier.Since2025(), tier.Since2022(), tier.Before2022()} {
			goal := rule.Goal(limit)

			assert.Equal(t, limit, goal.From)
			assert.Greater(t, goal.To, limit)
			assert.GreaterOrEqual(t, goal.To, rule.Ladder().Up(limit), "never less than one step")
			assert.Positive(t, goal.Need)
			assert.LessOrEqual(t, goal.Need, math.MaxInt32)
			assert.GreaterOrEqual(t, goal.Span, 7*day)
		}
	}
}
