// Package redisstore keeps a governor's ledger on a Redis or Valkey server, so
// that any number of processes share one limit:
//
//	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
//	store, err := redisstore.New(client, redisstore.Config{})
//	gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second})
//
// It works with Redis from 6.2 on and with Valkey; with a server alone, with
// Sentinel and with a cluster. Every verb is one call of one script, sent by its
// hash, so that it happens as a whole or not at all. The server needs to allow
// EVAL and EVALSHA, and must not evict: set maxmemory-policy to noeviction, or to
// a volatile policy, which passes over keys that never expire, as these do.
//
// # Guarantees
//
// The answers are those of the ledger in memory, to the millisecond where slots
// are concerned and else to the microsecond
// (TestRandomHistoriesAreAnsweredAsInMemory, TestAServerHoldsTheContract). The
// same holds on a cluster, where all keys of an account are in one place
// (TestAClusterHoldsTheContract, TestAllKeysOfAnAccountHaveOneHashTag).
//
// No limit is passed, whatever becomes of connections, answers and servers:
// TestNoTroubleOnTheWireOverSends, TestAServerThatIsKilledAndComesBackOverSendsNothing,
// TestAPromotedReplicaThatLacksWritesOverSendsNothing and
// TestASlotThatMovesDuringTrafficOverSendsNothing. Histories under such faults are
// linearizable (TestHistoriesUnderFaultsAreLinearizable).
//
// A call's work is bounded: however many slots lapse together, it takes no more
// than 128 and two for each of its verbs off the list, and it looks at no more than
// four entries for each verb to forget what does not matter any more
// (TestNoCallDropsMoreThanAFewLapsedSlots). It grows with the logarithm of the
// number of recipients, and for one recipient with the sends that are under way
// to them at once. Memory follows what answers depend on
// (TestAnAccountsMemoryIsThatOfItsLastDays, TestNotesOfMessagesAreBounded): some
// 115 bytes for each recipient who holds a slot, and 120 more while a message of
// theirs can be given back.
//
// # Concurrency
//
// A Store is safe for concurrent use and starts no goroutine. Two calls of an
// account are under way at once; whoever comes meanwhile waits, and those who wait
// share the next call, up to 128 of them (TestThoseWhoWaitShareACall). One who
// leaves fails nobody else (TestWhoeverLeavesFailsNobodyElse), a call that hangs
// holds nobody longer than their own context
// (TestAStuckCallHoldsFollowersNoLongerThanTheirContexts), and an error of a call is
// an unknown outcome for each who shares it, after which verbs can be repeated.
// Accounts do not wait for each other.
//
// A context's deadline is heeded by the client, for which its ContextTimeoutEnabled
// has to be set: [New] refuses one without. A context that is cancelled before its
// deadline ends the wait for a call at once, and the call itself, once sent, by
// its deadline or the client's ReadTimeout.
//
// # Keys
//
// An account has nine keys, "sendgov:{ID}:slots" and so on, with Config.Prefix in
// the place of "sendgov:". "%", "{" and "}" in an ID are written as %25, %7B and
// %7D. Recipients stand in them as the governor gives them; message IDs only as
// hashes. None of the keys expires. To forget an account for good, delete its
// keys, with UNLINK, while no process uses it: one that does takes it for a loss.
//
// # Time
//
// A verb goes by the time that it is told, but never ahead of the server's own: to
// a caller whose clock is ahead the store behaves as if it were not, and tells it
// when to come back in the terms of its own clock
// (TestAClockThatIsAheadFreesNoSlotAndIsToldItsOwnTime). A clock that is behind is
// held to the latest time of the account (TestAClockThatIsBehindTakesNothingFromOthers).
// Rates follow a clock that goes back, as they do in memory
// (TestRatesAreHeldAsInMemoryWhereverTheClockJumps), and what was kept by a time
// that proved false goes by the true one
// (TestPairsOfAFalseFutureAreForgottenByTheTrueClock). The server's clock should be
// right.
//
// # Failover
//
// Redis acknowledges a write before its replicas have it. When one without it is
// promoted, or a server comes back with an older disk, as many writes are lost as
// were acknowledged since: about a second's with appendfsync everysec, and with
// replicas what they lag behind. The store notices. Every caller brings along the
// number of the last change that it was told of, and for each that the server lacks
// an unknown person holds a slot for a day
// (TestWhatTheServerHasLostIsCountedAsTakenForADay). If that would be more than a
// thousand, or nobody can tell how many, nobody new gets a slot for a day; replies and
// notifications inside a service window pass
// (TestALossThatNobodyCanCountFillsTheLimitForADay). Config.OnLoss is told.
//
// What is not made up for is a change of which no living process was told, such as
// those of one that ended in the same moment; and what else was lost, as the last
// opt-outs and the windows that inbounds had opened. Config.WaitReplicas makes
// Admit wait until replicas have the booking, and fail with [ErrReplicas] if they
// have not (TestWhereReplicasAreWaitedForAFailOverLosesNothing): use it with a
// replica that may be promoted, and appendfsync always where the disk is what comes
// back.
//
// While a cluster moves a slot from node to node, its accounts are answered with
// errors until it has arrived, which the client's retries mostly hide.
//
// # Errors
//
// [ErrClosed] after Close, [ErrReplicas] from Admit. All others wrap what the
// client or the server said. None holds a recipient or a message ID
// (TestAServerThatIsNotThereIsAnError).
package redisstore
