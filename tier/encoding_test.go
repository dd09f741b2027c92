package tier_test

import (
	"encoding"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/tier"
)

var (
	_ encoding.TextMarshaler   = tier.Unknown
	_ encoding.TextUnmarshaler = (*tier.Tier)(nil)
	_ json.Unmarshaler         = (*tier.Tier)(nil)
)

func TestJSONMayPrintALimitAsNumberOrString(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   string
		want tier.Tier
	}{
		{`2000`, tier.Tier2K},
		{`250`, tier.Tier250},
		{`1`, 1},
		{`-1`, tier.Unlimited},
		{`"2000"`, tier.Tier2K},
		{`"-1"`, tier.Unlimited},
		{`"TIER_2K"`, tier.Tier2K},
		{`"TIER\u005f2K"`, tier.Tier2K},
		{`"TIER_UNLIMITED"`, tier.Unlimited},
		{`"UNLIMITED"`, tier.Unlimited},
		{`"TIER_NOT_SET"`, tier.Unknown},
		{`null`, tier.Unknown},
		{` 2000 `, tier.Tier2K},
	} {
		t.Run(row.in, func(t *testing.T) {
			t.Parallel()
			got := tier.Tier100K

			require.NoError(t, got.UnmarshalJSON([]byte(row.in)))
			assert.Equal(t, row.want, got)

			document := struct{ Limit tier.Tier }{tier.Tier100K}
			require.NoError(t, json.Unmarshal([]byte(`{"limit":`+row.in+`}`), &document))
			assert.Equal(t, row.want, document.Limit)
		})
	}
}

func TestAFailedDecodeLeavesUnknownAndNotTheOldLimit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   string
		want error
	}{
		{`"TIER_1M"`, tier.ErrUnknown},
		{`"2,0001,000"`, tier.ErrUnknown},
		{`"UNTIERED"`, tier.ErrUnknown},
		{`""`, tier.ErrUnknown},
		{`2000.0`, tier.ErrUnknown},
		{`2e3`, tier.ErrUnknown},
		{`-1.0`, tier.ErrUnknown},
		{`0`, tier.ErrRange},
		{`-0`, tier.ErrRange},
		{`-2`, tier.ErrRange},
		{`2147483647`, tier.ErrRange},
		{`1e400`, tier.ErrUnknown},
		{`99999999999999999999`, tier.ErrRange},
		{`true`, tier.ErrUnknown},
		{`[2000]`, tier.ErrUnknown},
		{`{}`, tier.ErrUnknown},
		{`TIER_2K`, tier.ErrUnknown},
		{`2,000`, tier.ErrUnknown},
		{`"TIER_2K`, tier.ErrUnknown},
		{`2000 2000`, tier.ErrUnknown},
		{``, tier.ErrUnknown},
	} {
		t.Run(row.in, func(t *testing.T) {
			t.Parallel()
			limit := tier.Unlimited

			require.ErrorIs(t, limit.UnmarshalJSON([]byte(row.in)), row.want)
			assert.Equal(t, tier.Unknown, limit)
		})
	}

	limit := tier.Unlimited
	require.ErrorIs(t, limit.UnmarshalText([]byte("TIER_1M")), tier.ErrUnknown)
	assert.Equal(t, tier.Unknown, limit)
}

func TestLimitsAreWrittenInThePlatformsWords(t *testing.T) {
	t.Parallel()
	for limit, want := range map[tier.Tier]string{
		tier.Tier50:    "TIER_50",
		tier.Tier250:   "TIER_250",
		tier.Tier1K:    "TIER_1K",
		tier.Tier2K:    "TIER_2K",
		tier.Tier10K:   "TIER_10K",
		tier.Tier100K:  "TIER_100K",
		tier.Unlimited: "TIER_UNLIMITED",
		tier.Unknown:   "TIER_NOT_SET",
		1:              "1",
		1500:           "1500",
		5000:           "5000",
	} {
		text, err := limit.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, want, string(text))

		document, err := json.Marshal(limit)
		require.NoError(t, err)
		assert.JSONEq(t, `"`+want+`"`, string(document))
	}
}

func TestALimitOutOfRangeCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, limit := range illegal {
		_, err := limit.MarshalText()
		require.ErrorIs(t, err, tier.ErrRange)

		_, err = json.Marshal(limit)
		require.ErrorIs(t, err, tier.ErrRange)
	}
}

func TestALimitMayBeTheKeyOfAJSONObject(t *testing.T) {
	t.Parallel()
	accounts := map[tier.Tier]int{tier.Tier2K: 3, tier.Unlimited: 1}

	document, err := json.Marshal(accounts)
	require.NoError(t, err)
	require.JSONEq(t, `{"TIER_2K":3,"TIER_UNLIMITED":1}`, string(document))

	var back map[tier.Tier]int
	require.NoError(t, json.Unmarshal(document, &back))
	assert.Equal(t, accounts, back)
}
