package tier

import (
	"iter"
	"slices"
)

// Ladder is an ordered set of limits, each a step above the one before. It is a comparable value; the zero value is
// [Current].
type Ladder struct {
	legacy bool
}

// Current returns the ladder in force since 2025-10-07: 250, 2K, 10K, 100K, Unlimited (messaging-limits, 2026-09-11).
func Current() Ladder { return Ladder{} }

// Legacy returns the ladder in force before 2025-10-07: 1K, 10K, 100K, Unlimited, known as Tier 1 to Tier 4
// (upcoming-messaging-limits-changes, 2025-10-26). The 250 of unverified businesses lay below it and was no step that a
// fall in quality led to.
func Legacy() Ladder { return Ladder{legacy: true} }

// Steps yields the limits from the lowest to [Unlimited].
func (l Ladder) Steps() iter.Seq[Tier] { return slices.Values(l.steps()) }

// Up returns the next step above t, also when t lies between steps or below the lowest. [Unlimited] stays, and so does
// every t that is not [Tier.Known]: a guess upon nothing would be a guess at more.
func (l Ladder) Up(t Tier) Tier {
	if !t.Known() {
		return t
	}
	for _, step := range l.steps() {
		if step > t {
			return step
		}
	}
	return t
}

// Down returns the next step below t, also when t lies between steps. The lowest step and everything below it stay, and
// so does every t that is not [Tier.Known].
func (l Ladder) Down(t Tier) Tier {
	if !t.Known() {
		return t
	}
	for _, step := range slices.Backward(l.steps()) {
		if step < t {
			return step
		}
	}
	return t
}

func (l Ladder) steps() []Tier {
	if l.legacy {
		return []Tier{Tier1K, Tier10K, Tier100K, Unlimited}
	}
	return []Tier{Tier250, Tier2K, Tier10K, Tier100K, Unlimited}
}
