package tier_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/tier"
)

// named are all limits with a name, lowest first.
var named = []tier.Tier{
	tier.Tier50, tier.Tier250, tier.Tier1K, tier.Tier2K, tier.Tier10K, tier.Tier100K, tier.Unlimited,
}

// illegal are values that only a conversion can make.
var illegal = []tier.Tier{-1, -250, math.MinInt32}

func TestTheZeroTierIsUnknown(t *testing.T) {
	t.Parallel()
	var zero tier.Tier

	assert.Equal(t, tier.Unknown, zero)
	assert.False(t, zero.Known())
	assert.Zero(t, zero.Limit())
}

func TestOnlyALimitInRangeIsKnownAndAllowsAnything(t *testing.T) {
	t.Parallel()
	for _, limit := range append([]tier.Tier{1, 1500, tier.Unlimited - 1}, named...) {
		assert.True(t, limit.Known(), "%d", int(limit))
		assert.Equal(t, int(limit), limit.Limit())
	}
	for _, limit := range append([]tier.Tier{tier.Unknown}, illegal...) {
		assert.False(t, limit.Known(), "%d", int(limit))
		assert.Zero(t, limit.Limit(), "%d", int(limit))
		assert.Equal(t, "Unknown", limit.String())
		assert.Empty(t, limit.Name())
	}
}

func TestALimitAboveUnlimitedIsNotUnlimited(t *testing.T) {
	t.Parallel()
	above := tier.Unlimited
	above++ // on a 32-bit machine this wraps to a negative number, which is no limit either

	assert.False(t, above.Known())
	assert.Zero(t, above.Limit())
	assert.Equal(t, "Unknown", above.String())
}

func TestUnlimitedFitsInto32Bits(t *testing.T) {
	t.Parallel()

	assert.Equal(t, math.MaxInt32, tier.Unlimited.Limit())
	assert.Equal(t, tier.Unlimited, tier.Tier(int32(tier.Unlimited)))
}

func TestLimitsPrintAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for limit, want := range map[tier.Tier]string{
		tier.Tier50:    "50",
		tier.Tier250:   "250",
		tier.Tier1K:    "1K",
		tier.Tier2K:    "2K",
		tier.Tier10K:   "10K",
		tier.Tier100K:  "100K",
		tier.Unlimited: "Unlimited",
		tier.Unknown:   "Unknown",
		1:              "1",
		999:            "999",
		1500:           "1500",
		5000:           "5K",
		1_000_000:      "1000K",
	} {
		assert.Equal(t, want, limit.String())
	}
}

func TestOnlyTheLegacyLimitsHaveARank(t *testing.T) {
	t.Parallel()
	for limit, want := range map[tier.Tier]string{
		tier.Tier1K:    "Tier 1",
		tier.Tier10K:   "Tier 2",
		tier.Tier100K:  "Tier 3",
		tier.Tier50:    "",
		tier.Tier250:   "",
		tier.Tier2K:    "",
		tier.Unlimited: "",
		1500:           "",
	} {
		assert.Equal(t, want, limit.Name())
	}
}
