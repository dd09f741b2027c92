// Package quality tracks the health of a WhatsApp Business phone number or
// account (WABA): what the platform has said about it, what that lets it send,
// and when that changes by itself.
//
// A [State] describes one subject. The same machine serves a phone number,
// which has a rating, a status and a flag, and a WABA, which has restrictions,
// bans and reviews. Keep one State for each, hand it everything the platform
// reports through [Next], and ask it before a send:
//
//	s, effects := quality.Next(s, quality.RatingReported{Rating: rating, At: polled}, now)
//	block, blocked := s.Blocked(quality.Marketing, now)
//
// A send passes if neither its number nor its WABA blocks it. Of two blocks,
// [Block.Outlasts] tells which one to show; of two healths, the greater holds.
// Receipts are never asked about: nothing blocks them.
//
// # Health
//
//	reported                                          health      blocked
//	nothing yet                                       Unreported  nothing
//	CONNECTED, or anything else that blocks nothing   Connected   nothing
//	rating falls to Low; FLAGGED                      Flagged     nothing
//	RESTRICTED, RATE_LIMITED, PAUSED; unknown words   Restricted  notifications
//	a restriction of every notification               Restricted  by its type
//	PENDING; review PENDING, DEFERRED                 Pending     all
//	OFFLINE, DISCONNECTED, UNVERIFIED, UNLINKED,
//	MIGRATED, DELETED                                 Offline     all
//	BANNED, DISABLED; ban DISABLE; review REJECTED    Banned      all
//
// The worst holds. A restriction of some notifications blocks those and leaves
// health alone.
//
// A flag has a 7-day clock. High or Medium held for 7 days ends it at the same
// tier; no improvement for 7 days ends it one tier lower; an improvement that
// does not hold restarts the clock. The tier does not rise while flagged nor in
// the 7 days after. The lower tier is a prediction, and whatever tier the
// platform reports later than the flag's beginning overrules it; see [Flag].
//
// # Guarantees
//
//   - Next accepts every event in every state, and every word, time and rating
//     in it (TestNextIsTotalAndAStateSurvivesJSON, FuzzNext).
//   - The answers follow from when events happened, not from the order in which
//     they arrive; of two reports of one time the stricter holds
//     (TestAnswersAreThoseOfTheModelWhateverTheOrder, FuzzNext). For ratings and
//     flags this covers the 48 reports that a State keeps. Forgetting older ones
//     changes nothing by itself (TestForgettingOldReportsChangesNothing); only a
//     report older than forgotten ones may count for less than it should.
//   - An older report never undoes a newer one
//     (TestAnOlderWordNeverUndoesANewerOne, TestTheNewestReportOfATypeDecides).
//   - A report that repeats one changes nothing and has no effect
//     (TestARepeatChangesNothing). A report with no time, or one after now, is
//     stamped with now, so it is a repeat only at the same now.
//   - An unknown word is counted and never unblocks anything
//     (TestAnUnknownWordNeverLoosensABlock). An unknown restriction type is ended
//     like any other, by its own end, a newer report of it, or a lift.
//   - Next leaves the state that it is given as it was
//     (TestNextNeverChangesTheStateItIsGiven).
//   - A State comes back from JSON equal to what it was
//     (TestNextIsTotalAndAStateSurvivesJSON), and stays small however long it
//     lives (TestAPolledNumberStaysSmallAndStillTakesLateReports,
//     TestTooManyUnknownTypesBlockNoLess).
//   - The effects of a series of calls, applied one by one, lead to what the
//     State answers (TestEffectsAloneSufficeToFollowAState), as long as now does
//     not go back.
//   - Blocked, Health, NextChange and UpgradesFrom do not allocate
//     (TestAnswersDoNotAllocate).
//
// # Concurrency
//
// All types are values. Nothing in the package is shared or changed, so
// everything may be called concurrently; two calls of Next on one State make
// two states, of which the caller keeps one.
//
// # Time
//
// The package reads no clock. Every answer is given for the now of the caller,
// so what time changes takes effect at its own instant whether or not anyone
// calls Next: [Tick] only hands out the effects, each with the instant at which
// it happened (TestTimeTakesEffectAtItsOwnInstantHoweverLateTheTick), and
// [State.NextChange] tells when a Tick has anything to do. An end is exclusive:
// at Until, a restriction is over. Events may be older than now by any time; a
// clock that jumps back gives the answers of the earlier instant, and repeats
// no effect (TestAClockThatJumpsBackRepeatsNoEffect).
//
// # Errors
//
// Only [ParseRating] and the decoding of a State return errors, and they wrap
// [ErrUnknownWord] for a rating that is not one. Words from the platform are
// never errors.
package quality
