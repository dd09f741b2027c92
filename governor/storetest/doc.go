// Package storetest holds any governor.Store to its contract. Whoever writes a
// store of their own calls [Run] from a test of it, and [Bench] from a benchmark:
//
//	var harness = storetest.Harness{
//		New: func(t testing.TB) governor.Store { return mystore.Open(t.TempDir()) },
//		Reopen: func(t testing.TB, s governor.Store) governor.Store {
//			require.NoError(t, s.Close())
//			return mystore.Open(s.(*mystore.Store).Dir())
//		},
//	}
//
//	func TestConformance(t *testing.T)    { storetest.Run(t, harness) }
//	func BenchmarkStore(b *testing.B)     { storetest.Bench(b, harness) }
//
// Run has these parts, each a subtest:
//
//   - Contract: every rule, by verb, as one caller sees it
//   - Repeated: the same with each call made twice, as if the answer to the first
//     had been lost
//   - Reopened: the same with the store closed and opened again before each call,
//     if the harness has a Reopen
//   - Histories: random histories of every verb, with lost answers, clocks that
//     jump, and the store opened again in between, beside a model that keeps all
//     that ever happened and works each answer out from that. Verdict, usage,
//     wishes, tallies and state must be the same
//   - Concurrency: many goroutines for the last slots, for one token, for one
//     state; run it with -race
//
// A history that fails is told with its seed, and the shortest one that still
// does step by step; Harness.Seed plays it again.
//
// A [Faulty] store is for tests of what stands on one: it fails when it is told
// to, before or after a call is applied.
//
// # Guarantees
//
// A store that keeps the contract passes (TestAStoreThatKeepsItsDataPasses), and
// of some forty that break it in one place each is caught
// (TestEveryBrokenStoreIsCaught).
//
// Failed histories say how to play them again
// (TestAFailedHistoryTellsItsSeedAndItsSteps), and hold no step that is not
// needed (TestShrinkingLeavesWhatAFailureNeeds).
//
// A Faulty store puts every verb through its hook
// (TestEveryVerbGoesThroughTheHook), fails the call that it is told to and no
// other (TestFailNthFailsOneCallBeforeOrAfterItIsApplied), and gives nothing but
// the error then.
//
// # What is left open
//
// Where stores may differ without harm no test looks: how many more than four
// messages of a person can fail, what is remembered of a booking after two days
// or of a reply's after an hour, by which spelling a commit takes a slot that has
// lapsed when the spelling has changed meanwhile, and whether a verb that changes
// nothing moves an account's time.
//
// # Time
//
// All times lie between January and March 2025. A store that holds what it is
// told against its own clock therefore finds none in the future. The package
// reads no clock; a benchmark's is the testing package's.
//
// # Concurrency
//
// Tests run in parallel, on as many stores at once. A store that is on its way
// to be opened again is called by nobody.
package storetest
