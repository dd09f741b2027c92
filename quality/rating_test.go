package quality_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

func TestParseRatingReadsBothSpellingsOfThePlatform(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]quality.Rating{
		"GREEN": quality.High, "High": quality.High, " green\n": quality.High,
		"YELLOW": quality.Medium, "Medium": quality.Medium, "yellow": quality.Medium,
		"RED": quality.Low, "Low": quality.Low, "rEd": quality.Low,
		"NA": quality.RatingUnknown, "UNKNOWN": quality.RatingUnknown, "": quality.RatingUnknown, " ": quality.RatingUnknown,
	} {
		got, err := quality.ParseRating(word)
		require.NoError(t, err, word)
		require.Equal(t, want, got, word)
	}
}

func TestParseRatingKeepsTheWordOutOfTheError(t *testing.T) {
	t.Parallel()
	got, err := quality.ParseRating("15550783881")
	require.ErrorIs(t, err, quality.ErrUnknownWord)
	require.Equal(t, quality.RatingUnknown, got)
	require.EqualError(t, err, "quality: unknown word: rating: 11 bytes, want GREEN, YELLOW, RED, NA or UNKNOWN")
}

func TestNamesOfRatingsAndHealths(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"Unknown": quality.RatingUnknown.String(), "Low": quality.Low.String(), "Medium": quality.Medium.String(),
		"High": quality.High.String(), "Rating(4)": quality.Rating(4).String(),
		"Unreported": quality.Unreported.String(), "Connected": quality.Connected.String(), "Flagged": quality.Flagged.String(),
		"Restricted": quality.Restricted.String(), "Pending": quality.Pending.String(), "Offline": quality.Offline.String(),
		"Banned": quality.Banned.String(), "Health(7)": quality.Health(7).String(),
	} {
		assert.Equal(t, want, got)
	}
}

func TestARatingIsAWordInJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal([]quality.Rating{quality.RatingUnknown, quality.Low, quality.Medium, quality.High, 9})
	require.NoError(t, err)
	require.JSONEq(t, `["Unknown","Low","Medium","High","Unknown"]`, string(data))
	var r quality.Rating
	require.NoError(t, json.Unmarshal([]byte(`"GREEN"`), &r))
	require.Equal(t, quality.High, r)
	require.ErrorIs(t, json.Unmarshal([]byte(`"PURPLE"`), &r), quality.ErrUnknownWord)
}
