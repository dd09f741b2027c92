package tier

import (
	"math"
	"strconv"
)

// Tier is a messaging limit: how many unique recipients may be delivered to, outside a customer service window, within
// a moving 24 hours (messaging-limits, 2026-09-11). Its value is that number, so tiers compare with < and with a count.
//
// Legal are [Unknown], every number from 1 up to [Unlimited], and nothing else; the platform may set limits that have
// no name. The zero value is Unknown and allows nothing. A value out of range, which only a conversion can make, is
// treated as Unknown.
type Tier int

// The limits that the platform has named, now or before.
const (
	// Unknown means that no limit has been reported. It allows nothing by itself: whoever governs on it must first put a
	// default in its place.
	Unknown Tier = 0

	// Tier50 was the limit of unverified businesses before [Tier250]; the platform still lists its word
	// (webhooks/reference/phone_number_quality_update, 2026-09-11).
	Tier50 Tier = 50

	// Tier250 is the limit of a new business portfolio (messaging-limits, 2026-09-11).
	Tier250 Tier = 250

	// Tier1K was the first verified limit until 2025-10-07 (upcoming-messaging-limits-changes, 2025-10-26).
	Tier1K Tier = 1_000

	// Tier2K is the limit after a scaling path, since 2025-10-07 (messaging-limits, 2026-09-11).
	Tier2K Tier = 2_000

	// Tier10K is the first limit reached by automatic scaling (messaging-limits, 2026-09-11).
	Tier10K Tier = 10_000

	// Tier100K is the last limit that is a number (messaging-limits, 2026-09-11).
	Tier100K Tier = 100_000

	// Unlimited is no limit. It is the largest 32-bit integer, so that "used >= limit" needs no special case on any
	// machine: to reach it, an account would have to send to 24,000 new recipients a second all day long.
	Unlimited Tier = math.MaxInt32
)

// Known reports whether t says anything: false for [Unknown] and for values out of range.
func (t Tier) Known() bool { return 0 < t && t <= Unlimited }

// Limit returns the number of unique recipients that t allows in a moving 24 hours: 0 when t is not [Tier.Known], and
// [math.MaxInt32] for [Unlimited].
func (t Tier) Limit() int {
	if !t.Known() {
		return 0
	}
	return int(t)
}

// String returns t for people: "250", "2K", "1500", "Unlimited", and "Unknown" for [Unknown] and values out of range.
// [Parse] reads it back.
func (t Tier) String() string {
	switch {
	case !t.Known():
		return "Unknown"
	case t == Unlimited:
		return "Unlimited"
	case t%1000 == 0:
		return strconv.Itoa(int(t/1000)) + "K"
	default:
		return strconv.Itoa(int(t))
	}
}

// Name returns the rank by which the limits of the [Legacy] ladder are known: "Tier 1" for 1K, "Tier 2" for 10K and
// "Tier 3" for 100K (docs.bird.com, Messaging Features & Restrictions). It is "" for every other value: the limits that
// came later have no agreed rank, and 250 and Unlimited are called "Tier 0" and "Tier 4" only by some. [Parse] reads
// the three names back.
func (t Tier) Name() string {
	switch t {
	case Tier1K:
		return "Tier 1"
	case Tier10K:
		return "Tier 2"
	case Tier100K:
		return "Tier 3"
	default:
		return ""
	}
}
