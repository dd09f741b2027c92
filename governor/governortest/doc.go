// Package governortest is what the users of sendgov need in their own tests: a clock that moves when told to, and a
// Cloud API server that knows the rules by itself.
//
// A [Clock] goes wherever a governor.Clock is asked for:
//
//	clock := governortest.NewClock()
//	clock.Advance(24 * time.Hour)
//
// A [Recorder] keeps what a governor tells its observer.
//
// A [Platform] stands in for https://graph.facebook.com. It answers as that does, and counts with its own eyes who got
// what, so that a test can ask it afterwards what really happened:
//
//	api := governortest.NewPlatform(t, governortest.PlatformConfig{Clock: clock, Limit: 2})
//	client := &http.Client{Transport: api.Transport()} // any host leads to api
//	api.Inbound("106540352242922", "+1 650 555 1234")  // opens a customer service window
//	… // send through client
//	require.Empty(t, api.Rejected())
//
// # Guarantees
//
// A clock fires what is due in the order of time, then of setting, and stands at each instant while that fires
// (TestTimersFireInTheOrderOfTheirTime, TestAContextEndsAtItsOwnInstant).
//
// In no moving 24 hours does the platform take counted messages to more people of one portfolio than the limit that
// held at each of them (TestNoMoving24HoursHoldMorePeopleThanTheLimit).
//
// A reply inside an open customer service window passes whatever the limit is, and takes no slot of it
// (TestAReplyPassesAtTheLimitWithoutTakingASlot).
//
// Two numbers, two phone numbers, two users or two portfolios are never taken for one
// (TestDifferentPeopleAreNeverCountedAsOne, TestPortfoliosDoNotShareALimit).
//
// The platform shares no code with the packages that it tests: neither rules, nor parsing, nor constants
// (TestThePackageDependsOnNothingItTests).
//
// # Where the platform decides what the documentation leaves open
//
// A message that is accepted is delivered in the same instant. A person holds a slot until 24 hours after the last
// counted message, not including that instant. Whoever holds one may get more at the limit. A template in an open
// window does not count. A group counts as one person, and only a message in the group opens its window.
// A number has as many messages in hand as its throughput brings in a second, in and out together. A pair of number and
// user has 45 in hand and gains one each 6 seconds. Both rates forgive a millisecond.
// Leading plus signs change nothing: every phone number is taken for an international one.
//
// # Concurrency
//
// All methods of [Clock] and [Platform] are safe for concurrent use. Neither starts a goroutine, apart from the server's
// own, which end with [Platform.Close].
//
// # Time
//
// Nothing here reads the time of day. A platform with no clock of its own stands still until its [Platform.Clock] is
// advanced.
//
// # Errors
//
// [StartPlatform] reports every fault of its config at once; [NewPlatform] fails the test with them. No error names a
// recipient.
package governortest
