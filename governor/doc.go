// Package governor decides, before a WhatsApp Business message leaves, whether
// its account may send it.
//
// The platform lets a business reach only so many people in any moving 24
// hours, and never says how many it has reached. A [Governor] keeps that count
// itself and refuses what would exceed it:
//
//	gov, err := governor.New(memstore.New(), governor.Config{})
//	...
//	r, err := gov.Reserve(ctx, governor.Message{From: number, To: phone, Template: "hello_world"})
//	if err != nil {
//		return err // a *DeniedError says why, and when to come back
//	}
//	receipt, err := send(ctx)
//	...
//	err = r.Commit(ctx, receipt)
//
// [Governor.Do] puts the three steps into one call, [Governor.Wait] waits for
// room, [Governor.Check] only asks, [Governor.Snapshot] tells where an account
// stands, and [Governor.Plan] when a campaign can be sent. What the platform says of quality, limits, restrictions and
// deliveries goes to [Governor.Observe]. Package governorhttp does all of it
// for an http.Client.
//
// # Rules
//
// A [Notification] takes one of the account's slots for 24 hours, unless the
// recipient holds one already or has an open customer service window. With no
// slot free it is refused, and so it is while the platform restricts the
// account. A [Reply] takes no slot and passes in both cases, unless the
// restriction names customer-initiated messages or its window is known to have
// closed. A [ReadReceipt] always passes. Notifications and replies obey the
// number's throughput and the rate between one number and one recipient.
//
// # Guarantees
//
// In no moving 24 hours do more recipients than the limit get a counted
// message, however many goroutines send
// (TestScenarioB20AThousandGoroutinesRaceForOneSlot,
// TestNoMovingDayHoldsMoreThanTheLimit). What a refused message would have used
// stays unused (TestARefusedMessageUsesNothingUp). A cancelled reservation
// leaves the slots as they were (TestCancelPutsBackExactlyWhatWasThere). At
// RetryAt the same message passes if nothing else has happened
// (TestTheSameMessagePassesAtRetryAt,
// TestHoweverRulesMeetCheckAgreesAndRetryAtIsTrue). While the store fails, replies pass and
// notifications do not (TestWhileTheStoreFailsRepliesPass).
//
// With Config.LocalBudget a few notifications pass then too, and the limit still
// holds over all governors that share the store, whoever of them is cut off or
// dies, and when
// (TestInNoMovingDayDoMorePeopleGetAMessageThanTheLimitWhateverHappensToTheStore).
// What is lost is capacity: at most the budget of each governor that dies, for a
// day. A lease keeps no send from passing that would pass without it, but for
// another governor's (TestALeaseIsNeverInTheWayOfASend). With Config.StoreTimeout
// a store that hangs costs a call that long, and a refusal a quarter of a second
// more (TestAHungStoreCostsACallNoMoreThanItsTimeout). With Config.HashKey no
// recipient and no message ID reaches the store
// (TestNoVerbTellsAHashedStoreWhoAnybodyIs), and nothing is decided otherwise
// (TestHashedLedgersDecideAsOthersDo).
//
// What a plan says is what comes of sending (TestAPlanAgreesWithSending). What is
// counted is counted once and not lost while the store fails
// (TestWhatHappensIsCountedOnce, TestWhatTheStoreDoesNotTakeIsKept). No message,
// event, notice or decision prints or logs a recipient
// (TestNothingPrintsOrLogsARecipient).
//
// # Concurrency
//
// Everything here is safe for concurrent use. No goroutine is started: nothing
// runs but the calls you make, and a [Governor] needs no closing, though one with
// a local budget had better end with [Governor.ReturnLeases]. An observer is
// called on the goroutine that runs [Governor.Run], and then no send waits for it
// (TestWhileRunIsThereNoSendWaitsForAnObserver), else on that of a call that
// brings news, which is held up and no other
// (TestABlockedObserverHoldsUpNoOtherSend); it may call everything here
// (TestAnObserverMayWaitForAMessageWhileOthersWait).
//
// # Time
//
// All times come from Config.Clock and from the platform's own timestamps.
// When a clock jumps back, what is booked stays booked. A clock that jumps ahead
// is believed, and what then lapses stays lapsed: keep the machine's clock
// disciplined. Rates follow it back, and none comes back sooner where it goes back and
// forth.
//
// # Errors
//
// A refusal is an error, so that code which only looks at err never sends what
// was refused: [*DeniedError] matches [ErrDenied] and the sentinel of its
// reason. What the caller got wrong matches [ErrInvalid]. No error, decision or
// notice holds a recipient.
package governor
