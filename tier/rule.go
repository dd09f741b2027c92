package tier

import "time"

// Rule says how much must be sent for the platform to raise a limit. It is a comparable value; the zero value is
// [Since2025].
//
// A rule speaks of volume alone. The platform also wants quality: high-quality messages across all numbers and templates
// today, a Connected number of Medium or High rating before (messaging-limits, 2026-09-11;
// upcoming-messaging-limits-changes, 2025-10-26). And it raises the first limit on business verification whatever was
// sent, which no history shows.
type Rule struct {
	era era
}

type era uint8

const (
	since2025 era = iota
	since2022
	before2022
)

// Since2025 returns the rule in force since 2025-10-07, on the [Current] ladder. Below 2K: 2,000 unique recipients
// delivered to outside customer service windows within 30 days raise the limit to 2K. From there: half of the limit,
// used within 7 days, raises it one step within 6 hours (messaging-limits, 2026-09-11).
func Since2025() Rule { return Rule{era: since2025} }

// Since2022 returns the rule in force from February 2022 to 2025-10-07, on the [Legacy] ladder. Below 1K: 1,000
// business-initiated conversations within 30 days raise the limit to 1K. From there: half of the limit within 7 days
// raises it one step 24 hours later (upcoming-messaging-limits-changes, 2025-10-26; docs.019sms.co.il, Rate Limit).
// The platform counted conversations; unique recipients are never more than those.
func Since2022() Rule { return Rule{era: since2022} }

// Before2022 returns the rule in force before February 2022, on the [Legacy] ladder: twice the limit within 7 days
// raises it one step, and no sooner than 48 hours after the sending began, since a limit can be used up but once a day
// (developers.sinch.com/docs/whatsapp/messaging-limits, about 2021). The platform spoke of the users written to adding up; unique
// recipients are never more than that sum.
func Before2022() Rule { return Rule{era: before2022} }

// Goal is what a [Rule] asks of an account. The zero value asks nothing and is never reached.
type Goal struct {
	// From is the limit that the goal starts at. A value that is not [Tier.Known] appears as [Unknown].
	From Tier

	// To is the limit that the platform sets when the goal is met. It equals From when there is nothing to reach: at
	// [Unlimited], and for [Unknown].
	To Tier

	// Need is the number of unique recipients to be reached within Span, at least 1. It is 0 when there is nothing to
	// reach.
	Need int

	// Span is how far back a send counts: 7 or 30 days. It is 0 when there is nothing to reach.
	Span time.Duration

	// Lag is how long the platform takes to act by its own account: up to 6 hours since 2025, 24 hours before, 48 hours
	// in the beginning. It is 0 where the platform names no time, because it reviews quality first, and when there is
	// nothing to reach. It is good for display, not for deciding: only a report from the platform raises a limit.
	Lag time.Duration
}

const (
	day   = 24 * time.Hour
	week  = 7 * day
	month = 30 * day
)

// Ladder returns the ladder that the rule climbs.
func (r Rule) Ladder() Ladder {
	if r.era == since2025 {
		return Current()
	}
	return Legacy()
}

// Goal returns what the rule asks of an account whose limit is current. Where the platform leaves a limit below its
// first scaling step, such as 50, the goal is that step at once and not [Ladder.Up].
func (r Rule) Goal(current Tier) Goal {
	switch {
	case !current.Known():
		return Goal{}
	case current == Unlimited:
		return Goal{From: Unlimited, To: Unlimited}
	}
	goal := Goal{From: current, To: r.Ladder().Up(current), Span: week}
	switch r.era {
	case since2025:
		if current < Tier2K {
			return Goal{From: current, To: Tier2K, Need: 2000, Span: month}
		}
		goal.Need, goal.Lag = half(current), 6*time.Hour
	case since2022:
		if current < Tier1K {
			return Goal{From: current, To: Tier1K, Need: 1000, Span: month}
		}
		goal.Need, goal.Lag = half(current), 24*time.Hour
	case before2022:
		goal.Need, goal.Lag = twice(current), 48*time.Hour
	}
	return goal
}

// half rounds up: "at least half" of 2,001 is not reached by 1,000.
func half(t Tier) int { return t.Limit()/2 + t.Limit()%2 }

// twice stops at Unlimited, so that it fits an int of 32 bits.
func twice(t Tier) int { return t.Limit() + min(t.Limit(), (Unlimited-t).Limit()) }
