package tier_test

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/tier"
)

var spellings = []string{
	"", "TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED", "TIER_NOT_SET", "UNTIERED",
	"2000", "-1", "UNLIMITED", "Tier 1", "Tier 4", "TIER_10", "100 K", "2,000", "2,0001,000", "-250", "0", "1e3", "unlımited",
	"2147483646", "2147483647", "2147483648", "4294967295", "18446744073709551616", "TIER_-1", "--1", "Unknown",
}

// The words that may be read without a number. Letters are listed in both cases, because folding lets in letters from
// beyond ASCII.
var (
	unlimitedWord = regexp.MustCompile(`^([Tt][Ii][Ee][Rr][ _-]?)?[Uu][Nn][Ll][Ii][Mm][Ii][Tt][Ee][Dd]$`)
	unknownWord   = regexp.MustCompile(`^([Tt][Ii][Ee][Rr][ _-]?)?([Nn][Oo][Tt][ _-]?[Ss][Ee][Tt]|[Uu][Nn][Kk][Nn][Oo][Ww][Nn])$`)
)

// requireSafe holds what must be true of every answer to every text.
func requireSafe(t *testing.T, text string, limit tier.Tier, err error) {
	t.Helper()
	if err != nil {
		require.True(t, errors.Is(err, tier.ErrUnknown) != errors.Is(err, tier.ErrRange), "error of exactly one kind: %v", err)
		require.Equal(t, tier.Unknown, limit)
		return
	}
	require.True(t, limit == tier.Unknown || limit.Known(), "%d is out of range", int(limit))
	says := strings.TrimSpace(text)
	switch limit {
	case tier.Unlimited:
		require.True(t, says == "-1" || unlimitedWord.MatchString(says), "unlimited from %q", text)
	case tier.Unknown:
		require.Regexp(t, unknownWord, says, "unknown without an error from %q", text)
	}
	digits := 0
	for _, c := range text {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	if limit.Known() && limit != tier.Unlimited && limit.Name() == "" {
		require.LessOrEqual(t, float64(limit), math.Pow10(digits+3), "%q says no such number", text)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range spellings {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		limit, err := tier.Parse(text)
		requireSafe(t, text, limit, err)

		again, errAgain := tier.Parse("\t" + strings.TrimSpace(text) + " ")
		assert.Equal(t, limit, again, "space around %q", text)
		assert.Equal(t, err == nil, errAgain == nil)

		decoded := tier.Unlimited
		errDecoded := decoded.UnmarshalText([]byte(text))
		assert.Equal(t, limit, decoded)
		assert.Equal(t, err == nil, errDecoded == nil)
	})
}

func FuzzUnmarshalJSON(f *testing.F) {
	for _, text := range spellings {
		f.Add([]byte(text))
		f.Add([]byte(`"` + text + `"`))
	}
	for _, document := range []string{"null", "true", "{}", "[2000]", "2000.0", "-1.0", "2e3", `"\u002d1"`, `"\u0055NLIMITED"`} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		limit := tier.Unlimited
		err := limit.UnmarshalJSON(document)

		if !json.Valid(document) {
			require.ErrorIs(t, err, tier.ErrUnknown)
			require.Equal(t, tier.Unknown, limit)
			return
		}
		var value any
		if json.Unmarshal(document, &value) != nil {
			value = nil // a number beyond float64; its text is in the document
		}
		text, ok := value.(string)
		if !ok {
			text = string(document)
		}
		if strings.TrimSpace(text) == "null" && !ok {
			require.NoError(t, err)
			require.Equal(t, tier.Unknown, limit)
			return
		}
		requireSafe(t, text, limit, err)
	})
}

func FuzzRoundTrip(f *testing.F) {
	for _, limit := range []tier.Tier{0, 1, 2, 3, 4, 50, 250, 1000, 1500, 2000, 10_000, 100_000, tier.Unlimited - 1, tier.Unlimited, -1} {
		f.Add(int(limit))
	}
	f.Fuzz(func(t *testing.T, n int) {
		limit := tier.Tier(n)
		text, err := limit.MarshalText()
		if n < 0 || n > int(tier.Unlimited) {
			require.ErrorIs(t, err, tier.ErrRange)
			return
		}
		require.NoError(t, err)

		for _, word := range []string{string(text), limit.String(), strings.ToLower(string(text))} {
			back, err := tier.Parse(word)
			require.NoError(t, err, "%q", word)
			require.Equal(t, limit, back, "%q", word)
		}
		if name := limit.Name(); name != "" {
			back, err := tier.Parse(name)
			require.NoError(t, err)
			require.Equal(t, limit, back)
		}

		document, err := json.Marshal(limit)
		require.NoError(t, err)
		back := tier.Tier250
		require.NoError(t, json.Unmarshal(document, &back))
		require.Equal(t, limit, back)
	})
}
