package quality_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

func FuzzParseRating(f *testing.F) {
	for _, word := range append([]string{"GREEN", "yellow", " Red ", "NA", "UNKNOWN", "High", "Medium", "Low"}, garbageWords...) {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		rating, err := quality.ParseRating(word)
		if err != nil {
			require.ErrorIs(t, err, quality.ErrUnknownWord)
			require.Equal(t, quality.RatingUnknown, rating)
			return
		}
		again, err := quality.ParseRating(rating.String())
		require.NoError(t, err)
		require.Equal(t, rating, again)
	})
}

// vocabulary is what FuzzNext can say, one byte each.
var vocabulary = []func(at, until time.Time) quality.Event{
	func(at, _ time.Time) quality.Event { return quality.RatingReported{Rating: quality.Low, At: at} },
	func(at, _ time.Time) quality.Event { return quality.RatingReported{Rating: quality.Medium, At: at} },
	func(at, _ time.Time) quality.Event { return quality.RatingReported{Rating: quality.High, At: at} },
	func(at, _ time.Time) quality.Event {
		return quality.RatingReported{Rating: quality.RatingUnknown, At: at}
	},
	func(at, _ time.Time) quality.Event { return quality.FlagReported{Flagged: true, At: at} },
	func(at, _ time.Time) quality.Event { return quality.FlagReported{At: at} },
	func(at, _ time.Time) quality.Event { return quality.StatusReported{Word: "CONNECTED", At: at} },
	func(at, _ time.Time) quality.Event { return quality.StatusReported{Word: "FLAGGED", At: at} },
	func(at, _ time.Time) quality.Event { return quality.StatusReported{Word: "BANNED", At: at} },
	func(at, _ time.Time) quality.Event { return quality.StatusReported{Word: "FOO", At: at} },
	func(at, _ time.Time) quality.Event { return quality.TierReported{At: at} },
	func(at, until time.Time) quality.Event {
		return quality.RestrictionReported{Type: quality.RestrictedCustomerMessaging, Until: until, At: at}
	},
	func(at, until time.Time) quality.Event {
		return quality.RestrictionReported{Type: "FOO", Until: until, At: at}
	},
	func(at, _ time.Time) quality.Event { return quality.RestrictionLifted{Type: "FOO", At: at} },
	func(at, _ time.Time) quality.Event { return quality.AllRestrictionsLifted{At: at} },
	func(at, until time.Time) quality.Event {
		return quality.BanReported{State: "SCHEDULE_FOR_DISABLE", Date: until, At: at}
	},
	func(at, _ time.Time) quality.Event { return quality.BanReported{State: "REINSTATE", At: at} },
	func(at, _ time.Time) quality.Event { return quality.ReviewReported{Decision: "DEFERRED", At: at} },
	func(at, _ time.Time) quality.Event { return quality.ReviewReported{Decision: "APPROVED", At: at} },
	func(time.Time, time.Time) quality.Event { return quality.Tick{} },
}

// history reads three bytes an event: what is said, when in steps of three
// hours, and for how long.
func history(data []byte) []quality.Event {
	var events []quality.Event
	for b := range slices.Chunk(data[:min(len(data), 3*40)], 3) {
		if len(b) < 3 {
			break
		}
		at := t0.Add(time.Duration(b[1]) * 3 * hour)
		until := at.Add(time.Duration(b[2]-128) * 3 * hour)
		if b[2] == 0 {
			until = time.Time{}
		}
		events = append(events, vocabulary[int(b[0])%len(vocabulary)](at, until))
	}
	return events
}

func FuzzNext(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0})
	f.Add([]byte{2, 0, 0, 0, 8, 0, 2, 16, 0, 0, 40, 0})         // improved, and fell again
	f.Add([]byte{0, 0, 0, 5, 8, 0, 4, 60, 0, 6, 80, 0})         // each end of a flag
	f.Add([]byte{0, 0, 0, 10, 8, 0, 0, 100, 0, 2, 90, 0})       // a tier reported late
	f.Add([]byte{11, 0, 200, 12, 8, 0, 13, 9, 0, 14, 80, 0})    // restrictions
	f.Add([]byte{15, 0, 180, 16, 70, 0, 8, 9, 0, 9, 80, 0})     // bans and words
	f.Add([]byte{17, 5, 0, 18, 6, 0, 17, 6, 0, 19, 0, 0, 0xff}) // reviews
	f.Fuzz(func(t *testing.T, data []byte) {
		events := history(data)
		now := t0.Add(255 * 3 * hour)
		s := after(now, events...)
		requireAsModel(t, model{events}, s, now)
		require.Equal(t, s, roundTrip(t, s))
		slices.Reverse(events)
		backwards := after(now, events...)
		backwards.Unknown = s.Unknown
		require.Equal(t, s, backwards)

		a := newAccount()
		var alive quality.State
		for _, e := range inOrder(events) {
			var effects []quality.Effect
			alive, effects = quality.Next(alive, e, later(at(e), alive.Seen))
			a.take(t, effects)
			a.requireFollows(t, alive, alive.Seen)
		}
		alive, effects := quality.Next(alive, quality.Tick{}, now)
		a.take(t, effects)
		a.requireFollows(t, s, now)
		alive.Unknown, alive.Seen = s.Unknown, s.Seen
		require.Equal(t, s, alive)
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
