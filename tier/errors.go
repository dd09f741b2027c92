package tier

import "errors"

var (
	// ErrUnknown says that a text or JSON value is no spelling of a messaging limit. [Parse], [Tier.UnmarshalText] and
	// [Tier.UnmarshalJSON] return it, wrapped with the shape of what they saw and never with the text itself: a
	// platform's field may hold anything, a phone number too.
	ErrUnknown = errors.New("tier: not a known spelling of a messaging limit")

	// ErrRange says that a number is no possible messaging limit: zero, negative (other than the -1 that means
	// unlimited), or [Unlimited] and above. [Parse], [Tier.UnmarshalText] and [Tier.UnmarshalJSON] return it wrapped,
	// and so does [Tier.MarshalText] for a Tier that was made by conversion.
	ErrRange = errors.New("tier: number is no possible messaging limit")
)
