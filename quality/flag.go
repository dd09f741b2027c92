package quality

import (
	"slices"
	"time"
)

// Flag is what the history of ratings and flags amounts to. It is derived from
// [State.History] and [State.TierAt], and is never set by hand. What only time
// has changed since the newest report is not in it: ask the State.
//
// Before Oct 7 2025 a number whose rating fell to Low was Flagged for 7 days.
// Medium or High by then: Connected, same tier. Else: Connected, one tier
// lower. The platform has since dropped the flag and lowers no limit for
// quality, but still announces limits that go down, and a Low rating still
// stops them from going up. So a flag is a prediction, and a reported tier
// overrules it.
//
// Source: upcoming-messaging-limits-changes, Oct 26 2025, column "before".
type Flag struct {
	// Rating is the newest rating.
	Rating Rating `json:"rating"`
	// Heard is set once a rating other than unknown, a flag or its end was
	// reported.
	Heard bool `json:"heard,omitempty"`
	// Since is when the flag began. Zero: not flagged.
	Since time.Time `json:"since,omitzero"`
	// Clock is since when a flagged number has been improved, or not improved.
	// Seven days later the flag ends.
	Clock time.Time `json:"clock,omitzero"`
	// Predicted is set when a Low rating raised the flag or joined it. A flag
	// that only the platform's words raised ends by its word CONNECTED; a
	// predicted one does not, since the platform says CONNECTED beside a Low
	// rating since Oct 7 2025.
	Predicted bool `json:"predicted,omitempty"`
	// Ended is when the last flag ended. Zero: never flagged before.
	Ended time.Time `json:"ended,omitzero"`
	// Lowered are the downgrades predicted since the platform reported a tier,
	// oldest first. After 6, which is a fall from the highest tier to the lowest,
	// no more are predicted.
	Lowered []Downgrade `json:"lowered,omitempty"`
}

// Downgrade is one predicted step down the ladder of tiers: a flag that ended
// without improvement.
type Downgrade struct {
	// Flagged is when the flag began.
	Flagged time.Time `json:"flagged"`
	// At is when it ended, and the tier fell.
	At time.Time `json:"at"`
}

const maxDowngrades = 6

// fold returns the flag after history. tier is the newest time at which the
// platform reported a tier.
func fold(history []Report, tier time.Time) Flag {
	var f Flag
	for _, r := range history {
		f = f.after(r, tier)
	}
	return f
}

// after returns the flag after r, which is no older than the reports before.
func (f Flag) after(r Report, tier time.Time) Flag {
	f = f.at(r.At, tier)
	switch r.Word {
	case wordConnected:
		if !f.Since.IsZero() && !f.Predicted {
			f = f.end(r.At)
		}
	case wordUnflagged:
		f.Heard = true
		if !f.Since.IsZero() {
			f = f.end(r.At)
		}
	case wordFlagged:
		f.Heard = true
		if f.Since.IsZero() {
			f.Since, f.Clock = r.At, r.At
		}
	default:
		rating, err := ParseRating(r.Word)
		if err != nil {
			return f // not a word of the history: it was not written by this package
		}
		f = f.rate(rating, r.At)
	}
	return f
}

// rate takes up a rating. Only a fall to Low raises a flag; a rating that stays
// Low does not, and does not restart the clock.
func (f Flag) rate(rating Rating, at time.Time) Flag {
	fell := rating == Low && f.Rating != Low
	turned := rating.good() != f.Rating.good()
	f.Rating = rating
	f.Heard = f.Heard || rating != RatingUnknown
	if fell {
		f.Predicted = true
		if f.Since.IsZero() {
			f.Since, f.Clock = at, at
		}
	}
	if turned && !f.Since.IsZero() {
		f.Clock = at
	}
	return f
}

// at returns the flag as time alone has made it by now.
func (f Flag) at(now, tier time.Time) Flag {
	if f.Since.IsZero() || f.flagged(now) {
		return f
	}
	over := f.over()
	if !f.Rating.good() && !tier.After(f.Since) && len(f.Lowered) < maxDowngrades {
		f.Lowered = append(slices.Clip(f.Lowered), Downgrade{Flagged: f.Since, At: over})
	}
	return f.end(over)
}

func (f Flag) end(at time.Time) Flag {
	f.Since, f.Clock, f.Predicted = time.Time{}, time.Time{}, false
	f.Ended = at
	return f
}

func (f Flag) flagged(now time.Time) bool {
	return !f.Since.IsZero() && now.Before(f.over())
}

// over returns when the flag ends if nothing more is reported. Zero: there is
// none.
func (f Flag) over() time.Time {
	if f.Since.IsZero() {
		return time.Time{}
	}
	return f.Clock.Add(week)
}

// upgradesFrom returns when a tier may rise again if nothing more is reported.
// Zero: it was never flagged.
func (f Flag) upgradesFrom() time.Time {
	switch {
	case !f.Since.IsZero():
		return f.Clock.Add(2 * week)
	case !f.Ended.IsZero():
		return f.Ended.Add(week)
	default:
		return time.Time{}
	}
}
