// Package window counts the unique people a business has messaged in the last
// 24 hours, and knows whom it may answer freely.
//
// A [Window] is the ledger of one messaging limit. Each recipient holds one slot
// until one [Period] after the last counted send. Ask before the message leaves,
// say afterwards what became of it:
//
//	w, err := window.New(window.Period)
//	…
//	ticket, ok := w.Reserve(recipient, now, now, limit)
//	if !ok {
//		next, _ := w.NextFree(now) // come back then
//	}
//	defer w.Cancel(ticket, now) // if it is not sent after all
//	…
//	w.Commit(ticket, now, answered) // or Seal, if nothing will be known of it again
//
// [Window.NextFree], [Window.FreeAt] and [Window.Curve] say when slots free.
// [Window.AppendBinary] and [Ticket.AppendBinary] carry the books over a restart.
//
// [Window.Renew] tells it of deliveries, [Window.Release] of failures reported
// later, [Window.Merge] that two recipients are one person.
//
// A [Service] holds the customer service windows: who has written within
// [ServicePeriod], to which number. Messages to them do not count. Which
// messages to count is the caller's decision; the package only keeps the books.
//
// # Guarantees
//
// Under a constant limit no moving period holds more sends to unique recipients
// than the limit, but for what is a fact already: deliveries, and answers that
// took longer than a period (TestNoMovingWindowEverHoldsMoreThanTheLimit).
//
// A slot is free exactly one period after its stamp, and never early
// (TestExactlyOnePeriodLaterASlotIsFree, TestStampsRoundUpAndNowRoundsDown).
// When the next slot frees, and the k-th, is exact too
// (TestNextFreeAndFreeAtAreExact).
//
// A repeat to a slot holder takes no new slot and passes at the limit
// (TestARepeatToASlotHolderTakesNoNewSlot), and renews it
// (TestARepeatRenewsTheSlot).
//
// Undoing a send, in whatever order, leaves what would be if it had never been
// made (TestCancelPutsTheEarlierStampBackExactly,
// TestCancelOfTheFirstLeavesTheSecond,
// TestReleaseLeavesTheSlotToAnotherSendThatNeedsIt), and does so once
// (TestReleaseGivesTheSlotBackOnce). What became of a send being unknown, it
// stays counted (TestAnUnknownOutcomeStaysCountedUntilItExpires).
//
// A window and its tickets survive a restart with every later answer the same
// (TestTicketsKeepWorkingAfterARestart, TestServiceWindowsSurviveARestart). Data
// that is not a snapshot is an error and changes nothing
// (TestCorruptDataIsAnErrorAndChangesNothing, FuzzSnapshot, FuzzServiceSnapshot).
//
// All of it holds together in random histories of every verb, restarts
// included, checked against a naive model after each step
// (TestRandomHistoriesAgreeWithTheModel, FuzzHistory,
// TestRandomServiceHistoriesAgreeWithTheModel, FuzzServiceHistory), and in a
// million steps against another implementation
// (TestAMillionStepsAgreeWithTheWindowAsItWas, FuzzAgainstTheWindowAsItWas).
//
// A recipient is told from another by all of its name, never by a hash
// (TestNamesOfOneHashAreToldApart).
//
// A repeat allocates nothing (TestARepeatAllocatesNothing), nor does a newcomer
// in the room of somebody expired
// (TestANewRecipientAllocatesNothingInTheRoomOfAnExpiredOne), a refusal or a
// question (TestAskingAllocatesNothing). A recipient with a phone number takes
// 24 bytes while it holds a slot, at three repeats out of ten sends, committed
// or not; each send that can still be undone takes 17 (TestMemoryPerRecipient).
// An account without a recipient takes less than half a kilobyte, one with 250
// less than nine (TestMemoryOfSmallAccounts). Recipients that are no phone
// numbers take their name on top, which is given back with their slot
// (TestNamesAreForgottenWithTheirSlots).
//
// A customer of a [Service] who has a phone number takes less than forty bytes
// (TestMemoryPerCustomer). About half as many calls as there are customers forget
// all whose window closed longer than [ServiceMemory] ago
// (TestOneRoundOfTheSweepForgetsAllTheLongGoneWhateverTheTablesDo), some more where
// there have been far more, whose room is kept
// (TestTheSweepCrossesTablesThatWereFullerInLargeSteps).
//
// Every verb takes constant time on average, and bounded time whatever happens
// at once: growth goes piece by piece, and what has expired is cleared away a
// few sends at a time (TestAHundredThousandRecipientsAreNoTrap,
// TestAHundredThousandUnsettledSendsToOnePersonAreNoTrap). FreeAt adds up one
// number for each two thousand sends, a clock that jumps copies one for each
// hundred that expire, Service.Merge a word for each few hundred customers, and a
// new number of the business one for each that there is.
//
// Nothing here prints a recipient, with any verb (TestNothingPrintsARecipient).
//
// # Concurrency
//
// Neither type is safe for concurrent use: the caller's lock guards it. Methods
// of [Window] that only ask still move its clock and drop what has expired, so
// they want that lock as well, but for [Window.AppendBinary], which changes
// nothing. [Service.Until] needs no lock beside one call that changes the
// service (TestUntilNeedsNoLockBesideAWriter); [Service.Len] and
// [Service.AppendBinary] need the read side of one. There is no goroutine, no
// timer and no global state.
//
// # Time
//
// Time is an argument; the package reads no clock. A [Window] keeps whole
// milliseconds: stamps and the period round up, now rounds down, so that
// rounding holds a slot for up to two milliseconds longer and never for less.
// Times before 1970, the zero time and the far future are legal; some seventy
// million years away from us they saturate (TestTimesAtTheEndsOfTimeDoNotCrash).
// Results are in UTC.
//
// A window goes by the latest now that it has been told. A clock that jumps
// back therefore shortens no slot and brings none back
// (TestAClockThatJumpsBackShortensNothing,
// TestAClockThatJumpsBackBringsNothingBack). A false jump forward is believed:
// the slots that it expires are free for good, and until the clock has caught
// up no other expires and new sends are stamped with the time it jumped to, so
// that they hold their slots for longer
// (TestAFalseJumpForwardFreesForGoodWhatItExpiresAndHoldsTheNewForLonger). A
// caller who cannot trust its clock checks it before it tells the window.
//
// A [Service] goes by the now of each call instead, since its mistakes would
// silence a conversation (TestAFalseJumpOfTheClockSilencesNobody).
//
// # Errors
//
// [New] returns an error for a period that is none, and what reads binary data
// one that wraps [ErrCorrupt]. A refusal is a false, an unknown ticket has no
// effect.
package window
