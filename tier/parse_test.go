package tier_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/tier"
)

func TestParseReadsEverySpellingInUse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   string
		want tier.Tier
	}{
		// The platform's words.
		{"TIER_50", tier.Tier50},
		{"TIER_250", tier.Tier250},
		{"TIER_1K", tier.Tier1K},
		{"TIER_2K", tier.Tier2K},
		{"TIER_10K", tier.Tier10K},
		{"TIER_100K", tier.Tier100K},
		{"TIER_UNLIMITED", tier.Unlimited},
		{"TIER_NOT_SET", tier.Unknown},

		// The same, bare.
		{"250", tier.Tier250},
		{"2000", tier.Tier2K},
		{"10000", tier.Tier10K},
		{"100000", tier.Tier100K},
		{"UNLIMITED", tier.Unlimited},
		{"NOT_SET", tier.Unknown},
		{"-1", tier.Unlimited},

		// Partners.
		{"TIER_10", 10},
		{"TIER_1000", tier.Tier1K},
		{"TIER_2000", tier.Tier2K},
		{"TIER_100000", tier.Tier100K},

		// Ranks, which need the word before them.
		{"Tier 1", tier.Tier1K},
		{"Tier 2", tier.Tier10K},
		{"Tier 3", tier.Tier100K},
		{"TIER_1", tier.Tier1K},
		{"tier-2", tier.Tier10K},
		{"tier3", tier.Tier100K},
		{"1", 1},
		{"2", 2},
		{"4", 4},
		{"Tier 1 K", tier.Tier1K},

		// People.
		{"2K", tier.Tier2K},
		{"2k", tier.Tier2K},
		{"10k", tier.Tier10K},
		{"100 K", tier.Tier100K},
		{"100_K", tier.Tier100K},
		{"100-k", tier.Tier100K},
		{"2,000", tier.Tier2K},
		{"100,000", tier.Tier100K},
		{"1,000,000", 1_000_000},
		{"tier 2,000", tier.Tier2K},
		{"Unlimited", tier.Unlimited},
		{"Unknown", tier.Unknown},

		// Case, joints and space around.
		{"tier_2k", tier.Tier2K},
		{"Tier 2K", tier.Tier2K},
		{"tier-10k", tier.Tier10K},
		{"TIER10K", tier.Tier10K},
		{"TIER-250", tier.Tier250},
		{"tier unlimited", tier.Unlimited},
		{"TierUnlimited", tier.Unlimited},
		{"tier not set", tier.Unknown},
		{"Tier-Not-Set", tier.Unknown},
		{"tiernotset", tier.Unknown},
		{" \tTIER_2K\r\n", tier.Tier2K},
		{" -1 ", tier.Unlimited},

		// Numbers that have no name.
		{"1500", 1500},
		{"TIER_1500", 1500},
		{"5K", 5000},
		{"2147483646", tier.Unlimited - 1},
		{"2147483K", 2_147_483_000},
	} {
		t.Run(row.in, func(t *testing.T) {
			t.Parallel()

			got, err := tier.Parse(row.in)

			require.NoError(t, err)
			assert.Equal(t, row.want, got)
		})
	}
}

func TestWhatParseCannotReadIsUnknownAndAnError(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   string
		want error
	}{
		{"", tier.ErrUnknown},
		{" ", tier.ErrUnknown},
		{"TIER", tier.ErrUnknown},
		{"TIER_", tier.ErrUnknown},
		{"K", tier.ErrUnknown},
		{"TIER_K", tier.ErrUnknown},
		{"_", tier.ErrUnknown},
		{"-", tier.ErrUnknown},
		{",", tier.ErrUnknown},

		// A misprint of the platform's own table, and other commas out of place.
		{"2,0001,000", tier.ErrUnknown},
		{"TIER_2,0001,000", tier.ErrUnknown},
		{"1,00", tier.ErrUnknown},
		{"1000,000", tier.ErrUnknown},
		{",000", tier.ErrUnknown},
		{"1,,000", tier.ErrUnknown},
		{"2,000,", tier.ErrUnknown},
		{"2,000K", tier.ErrUnknown},
		{"2.000", tier.ErrUnknown},
		{"1.5K", tier.ErrUnknown},

		// Words whose meaning is not documented, and words that only look like unlimited.
		{"UNTIERED", tier.ErrUnknown},
		{"TIER_1M", tier.ErrUnknown},
		{"TIER_STANDARD", tier.ErrUnknown},
		{"UNLIMITED_CALLS", tier.ErrUnknown},
		{"NOT_UNLIMITED", tier.ErrUnknown},
		{"TIER_UNLIMITED_", tier.ErrUnknown},
		{"unlımited", tier.ErrUnknown},
		{"∞", tier.ErrUnknown},
		{"2\u212a", tier.ErrUnknown},
		{"infinity", tier.ErrUnknown},
		{"null", tier.ErrUnknown},

		// Ranks that mean different things to different people.
		{"Tier 0", tier.ErrUnknown},
		{"Tier 4", tier.ErrUnknown},
		{"TIER_9", tier.ErrUnknown},

		// Joints where there is nothing to join.
		{"TIER__2K", tier.ErrUnknown},
		{"2 000", tier.ErrUnknown},
		{"2_000", tier.ErrUnknown},
		{"2  K", tier.ErrUnknown},
		{"2KK", tier.ErrUnknown},
		{"--1", tier.ErrUnknown},
		{"- 1", tier.ErrUnknown},
		{"+250", tier.ErrUnknown},
		{"0250", tier.ErrUnknown},
		{"0x10", tier.ErrUnknown},
		{"1e3", tier.ErrUnknown},

		// Numbers that cannot be limits.
		{"0", tier.ErrRange},
		{"00", tier.ErrRange},
		{"0K", tier.ErrRange},
		{"-0", tier.ErrRange},
		{"-2", tier.ErrRange},
		{"-250", tier.ErrRange},
		{"-1K", tier.ErrRange},
		{"-01", tier.ErrRange},
		{"TIER_-1", tier.ErrRange},
		{"2147483647", tier.ErrRange},
		{"2147483648", tier.ErrRange},
		{"4294967295", tier.ErrRange},
		{"4294969296", tier.ErrRange}, // 2^32 + 2000
		{"2147484K", tier.ErrRange},
		{"18446744073709551615", tier.ErrRange},
		{"18446744073709553616", tier.ErrRange}, // 2^64 + 2000
		{strings.Repeat("9", 400), tier.ErrRange},
	} {
		t.Run(row.in, func(t *testing.T) {
			t.Parallel()

			got, err := tier.Parse(row.in)

			require.ErrorIs(t, err, row.want)
			assert.Equal(t, tier.Unknown, got)
		})
	}
}

func TestErrorsNeverCarryTheText(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"+1 555 078 3881", "15550783881", "-15550783881", "call 15550783881"} {
		var limit tier.Tier
		_, parsed := tier.Parse(in)

		for _, err := range []error{parsed, limit.UnmarshalJSON([]byte(in)), limit.UnmarshalJSON([]byte(`"` + in + `"`))} {
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "555")
			assert.NotContains(t, err.Error(), "3881")
		}
	}
}

func TestErrorsDescribeTheShapeOfTheText(t *testing.T) {
	t.Parallel()
	_, err := tier.Parse("TIER_1M")
	require.EqualError(t, err, "tier: not a known spelling of a messaging limit: 5 letters, 1 digits, 1 other bytes")

	_, err = tier.Parse("-250")
	require.EqualError(t, err, "tier: number is no possible messaging limit: negative, want 1 to 2147483646")

	_, err = tier.Parse("0")
	require.EqualError(t, err, "tier: number is no possible messaging limit: zero, want 1 to 2147483646")

	_, err = tier.Parse("9999999999")
	require.EqualError(t, err, "tier: number is no possible messaging limit: too large, want 1 to 2147483646")
}
