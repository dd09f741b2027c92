package quality

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnknownWord is returned, wrapped, by [ParseRating] for a word that the
// platform has not documented. Match it with [errors.Is].
var ErrUnknownWord = errors.New("quality: unknown word")

// Rating is the platform's quality rating of a phone number. Its order is the
// order of quality, except that the zero value [RatingUnknown] says nothing:
// it neither flags a number nor counts as an improvement of a flagged one.
//
// Source: business-phone-numbers/phone-numbers, Dec 5 2025.
type Rating uint8

// The ratings. In brackets the words of the fields quality_rating and
// quality_score.
const (
	// RatingUnknown is a rating not determined yet, never reported, or not
	// understood (NA, UNKNOWN).
	RatingUnknown Rating = iota
	// Low flags the number (RED).
	Low
	// Medium is an improvement over Low (YELLOW).
	Medium
	// High is the best rating (GREEN).
	High
)

// String returns "Unknown", "Low", "Medium", "High", or "Rating(n)" for a
// value out of range.
func (r Rating) String() string {
	switch r {
	case RatingUnknown:
		return "Unknown"
	case Low:
		return "Low"
	case Medium:
		return "Medium"
	case High:
		return "High"
	default:
		return fmt.Sprintf("Rating(%d)", uint8(r))
	}
}

// ParseRating reads a rating in any case, with or without space around it:
// GREEN, YELLOW and RED as the platform writes them, High, Medium and Low as
// its manager shows them, and NA, UNKNOWN or the empty string for a rating not
// determined yet. Any other word is [RatingUnknown] and an error that wraps
// [ErrUnknownWord] and holds no part of the word.
func ParseRating(s string) (Rating, error) {
	switch clean(s) {
	case "GREEN", "HIGH":
		return High, nil
	case "YELLOW", "MEDIUM":
		return Medium, nil
	case "RED", "LOW":
		return Low, nil
	case "", "NA", "UNKNOWN":
		return RatingUnknown, nil
	default:
		return RatingUnknown, fmt.Errorf("%w: rating: %d bytes, want GREEN, YELLOW, RED, NA or UNKNOWN", ErrUnknownWord, len(s))
	}
}

// MarshalText writes the rating as [Rating.String] does, and a value out of
// range as "Unknown". It never returns an error.
func (r Rating) MarshalText() ([]byte, error) {
	if r > High {
		r = RatingUnknown
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what [ParseRating] reads and returns its error.
func (r *Rating) UnmarshalText(text []byte) error {
	rating, err := ParseRating(string(text))
	if err != nil {
		return err
	}
	*r = rating
	return nil
}

func (r Rating) good() bool { return r == Medium || r == High }

// word returns the rating as the history keeps it.
func (r Rating) word() string {
	return strings.ToUpper(r.String())
}
