// Package tier knows the messaging limits of the WhatsApp Business Platform: how they are written, how they follow one
// another, and how far an account is from the next one.
//
// [Parse] reads every spelling that the platform and its partners use, and [Tier] decodes itself from JSON, so that a
// field of a webhook or of a phone-number object can have that type:
//
//	limit, err := tier.Parse("TIER_2K") // tier.Tier2K
//
// A [Ladder] says which limit comes after which, and a [Rule] what has to be sent to climb it:
//
//	next := tier.Current().Up(tier.Tier2K)                       // tier.Tier10K
//	progress := tier.Since2025().Progress(tier.Tier2K, sends, now) // 640 of 1,000 recipients in 7 days
//
// A word read here is a number and nothing more. Whether it is a messaging limit at all depends on where it stood: the
// phone_number_quality_update webhook says TIER_UNLIMITED of a throughput upgrade, and that lifts no messaging limit
// (webhooks/reference/phone_number_quality_update, 2026-09-11).
//
// Page names in this package are below https://developers.facebook.com/documentation/business-messaging/whatsapp/,
// with the date on which the page said so.
//
// # Guarantees
//
//   - [Unlimited] comes only from the word "unlimited" or from -1, never from a large number, a rank or an unknown word:
//     FuzzParse, FuzzUnmarshalJSON.
//   - What is not understood becomes [Unknown], whatever the variable held before:
//     TestAFailedDecodeLeavesUnknownAndNotTheOldLimit.
//   - Every legal limit survives being written and read again, as text, as JSON and as [Tier.String]: FuzzRoundTrip.
//   - Unknown and limits out of range allow nothing: TestOnlyALimitInRangeIsKnownAndAllowsAnything.
//   - [Ladder.Up] never lowers and [Ladder.Down] never raises: TestUpNeverLowersAndDownNeverRaises.
//   - [Rule.Progress] counts each recipient once and exactly, also at the edge of its span:
//     TestProgressAgreesWithCountingByHand, TestASendCountsForExactlySevenDays.
//   - No error carries the text it complains about: TestErrorsNeverCarryTheText.
//
// # Concurrency
//
// All types are plain values and all functions are pure. Everything may be used from many goroutines at once; only a
// variable that is being decoded into must not be read meanwhile.
//
// # Time
//
// The package reads no clock. Instants are arguments, spans are [time.Duration]. A span of 7 days is 168 hours: the
// platform's windows move with time and know no calendar.
//
// # Errors
//
// [ErrUnknown] and [ErrRange], to be told apart with [errors.Is]. Both come with Unknown.
package tier
