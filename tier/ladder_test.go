package tier_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/tier"
)

func TestTheLaddersHaveTheirSteps(t *testing.T) {
	t.Parallel()

	assert.Equal(t,
		[]tier.Tier{tier.Tier250, tier.Tier2K, tier.Tier10K, tier.Tier100K, tier.Unlimited},
		slices.Collect(tier.Current().Steps()))
	assert.Equal(t,
		[]tier.Tier{tier.Tier1K, tier.Tier10K, tier.Tier100K, tier.Unlimited},
		slices.Collect(tier.Legacy().Steps()))
}

func TestTheZeroLadderIsTheCurrentOne(t *testing.T) {
	t.Parallel()

	assert.Equal(t, tier.Current(), tier.Ladder{})
	assert.NotEqual(t, tier.Current(), tier.Legacy())
}

func TestALadderIsClimbedStepByStep(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		ladder       tier.Ladder
		at, up, down tier.Tier
	}{
		{tier.Current(), tier.Tier250, tier.Tier2K, tier.Tier250},
		{tier.Current(), tier.Tier2K, tier.Tier10K, tier.Tier250},
		{tier.Current(), tier.Tier10K, tier.Tier100K, tier.Tier2K},
		{tier.Current(), tier.Tier100K, tier.Unlimited, tier.Tier10K},
		{tier.Current(), tier.Unlimited, tier.Unlimited, tier.Tier100K},

		{tier.Legacy(), tier.Tier1K, tier.Tier10K, tier.Tier1K},
		{tier.Legacy(), tier.Tier10K, tier.Tier100K, tier.Tier1K},
		{tier.Legacy(), tier.Tier100K, tier.Unlimited, tier.Tier10K},
		{tier.Legacy(), tier.Unlimited, tier.Unlimited, tier.Tier100K},

		// Between steps and below the lowest.
		{tier.Current(), 1, tier.Tier250, 1},
		{tier.Current(), tier.Tier50, tier.Tier250, tier.Tier50},
		{tier.Current(), tier.Tier1K, tier.Tier2K, tier.Tier250},
		{tier.Current(), 1500, tier.Tier2K, tier.Tier250},
		{tier.Current(), 2001, tier.Tier10K, tier.Tier2K},
		{tier.Current(), tier.Unlimited - 1, tier.Unlimited, tier.Tier100K},
		{tier.Legacy(), tier.Tier250, tier.Tier1K, tier.Tier250},
		{tier.Legacy(), tier.Tier2K, tier.Tier10K, tier.Tier1K},

		// Nothing known, nothing guessed.
		{tier.Current(), tier.Unknown, tier.Unknown, tier.Unknown},
		{tier.Legacy(), tier.Unknown, tier.Unknown, tier.Unknown},
		{tier.Current(), -1, -1, -1},
	} {
		assert.Equal(t, row.up, row.ladder.Up(row.at), "up from %d", int(row.at))
		assert.Equal(t, row.down, row.ladder.Down(row.at), "down from %d", int(row.at))
	}
}

func TestUpNeverLowersAndDownNeverRaises(t *testing.T) {
	t.Parallel()
	const seed = 20251007
	random := rand.New(rand.NewPCG(seed, seed))
	for range 20_000 {
		// Shifted, so that small limits are as likely as large ones.
		limit := tier.Tier(random.Int32() >> random.IntN(31))
		if random.IntN(20) == 0 {
			limit = -limit
		}
		for _, ladder := range []tier.Ladder{tier.Current(), tier.Legacy()} {
			up, down := ladder.Up(limit), ladder.Down(limit)

			assert.GreaterOrEqual(t, up, limit, "seed %d", seed)
			assert.LessOrEqual(t, down, limit, "seed %d", seed)
			assert.Equal(t, limit.Known(), up.Known(), "seed %d", seed)
			assert.Equal(t, limit.Known(), down.Known(), "seed %d", seed)
			if down < limit {
				assert.LessOrEqual(t, ladder.Down(up), limit, "seed %d: one up and one down from %d", seed, int(limit))
			}
			if limit.Known() && limit != tier.Unlimited {
				assert.Greater(t, up, limit, "seed %d: every limit but Unlimited has a next one", seed)
			}
		}
	}
}

func TestStepsCannotBeChangedByACaller(t *testing.T) {
	t.Parallel()
	steps := slices.Collect(tier.Current().Steps())
	steps[0] = tier.Unlimited

	assert.Equal(t, tier.Tier250, slices.Collect(tier.Current().Steps())[0])
	assert.Equal(t, tier.Tier250, tier.Current().Down(tier.Tier2K))
}
