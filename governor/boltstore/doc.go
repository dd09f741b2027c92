// Package boltstore keeps a governor's ledger in a file, for one process.
//
//	store, err := boltstore.Open("/var/lib/app/sendgov.db", boltstore.Config{})
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	gov, err := governor.New(store, governor.Config{})
//
// It answers from memory, as memstore does and by the same rules, and says
// nothing before it is on the disk. The file is a database of go.etcd.io/bbolt
// with a journal of what has happened and, now and then, a snapshot of each
// account.
//
// # Guarantees
//
//   - Whatever has been answered is there after the process is killed, and no
//     limit is passed over it: TestAfterAKillEverythingThatWasAnsweredIsThere.
//   - A store that is reopened answers as one that never was closed:
//     TestAStoreThatIsReopenedAnswersAsOneThatNeverWas.
//   - A transaction that the power cuts is there or not:
//     TestATransactionTornBeforeItsMetaPageIsAsIfItHadNeverBegun. One that was
//     written in the wrong order, by a disk that lies, is seen or does no harm:
//     TestATornTransactionIsThereOrNotOrAnError.
//   - A file that is damaged is refused with [ErrCorrupt] and left as it is:
//     TestAFileCutShortIsRefusedOrWhole,
//     TestAFlippedBitIsRefusedOrChangesNothing. So is one that is something else,
//     or of a newer version: TestWhatIsNoLedgerIsRefusedAndLeftAlone.
//   - While the disk is full no answer is given that would be forgotten, what is
//     in memory is kept, and it goes on once there is room:
//     TestWhenTheDiskIsFullNothingIsLostAndNothingIsForgotten.
//   - The file is as large as what is remembered and not as its history:
//     TestAFileIsAsLargeAsADayAndNotAsItsHistory.
//   - It is made whole, with mode 0600, and by one process if several try:
//     TestOfManyWhoMakeTheFileAtOnceOneHasIt,
//     TestTheFileIsForItsOwnerAloneAndTheOnlyOne.
//   - Message IDs, in which the platform hides the recipient's phone number, are
//     kept as hashes: TestMessageIDsAreNotOnTheDisk. Recipients are kept as the
//     governor names them, which with its Config.HashKey is by hashes too.
//
// # Concurrency
//
// A Store is safe for concurrent use, by one process at a time: a second gets
// [ErrLocked] at once (TestAFileThatIsOpenElsewhereIsRefusedAtOnce). Accounts do
// not wait for each other, but all of them for the disk. There is no goroutine:
// of those who wait one writes, in one transaction, what all of them have to say
// (TestWhatGathersIsWrittenInOneTransaction), and at times a piece of a snapshot
// after it. A call whose context ends returns, and what it has changed is
// written by the next (TestWhoGivesUpWaitingLeavesTheirBatchToTheNext); but the
// one that writes returns when the disk does. So many calls at once are many
// times faster than one after the other.
//
// # Errors
//
// [ErrLocked], [ErrForeign], [ErrVersion] and [ErrCorrupt] come from [Open],
// [ErrClosed] from every verb after [Store.Close]. Any other error of a verb
// means that the disk has not taken what it has changed, or not yet. That stays
// in memory, in its order, and is written first by whatever comes next; until
// that succeeds nothing more is changed, and questions are answered. A governor
// refuses notifications meanwhile and lets replies pass.
//
// # Durability
//
// An answer is given after two calls of fdatasync, one for the data and one for
// the page that leads to it. What a process leaves when it is killed, or a
// machine when its power fails, is then the last answer's state, or that of a
// later one which nobody has been told of. This holds as far as the disk
// keeps what it says it has: some have a cache that forgets, and network file
// systems have rules of their own.
//
// [Config.Relaxed] gives this up in part, for speed.
//
// # Damage
//
// bbolt checks no page but the two that lead to the others. So every page is
// walked when a file is opened, every value has a checksum, and one record says
// what has to be there. A copy from yesterday cannot be told from the real one:
// it forgets the sends of a day, and Open believes it.
//
// After [ErrCorrupt] the choice is a person's, since each way may over-send: put
// back a copy, or move the file away and begin empty with Config.ColdStart, or
// fill it again with Governor.Import from a log of what was sent. If one of the
// meta pages alone is damaged, `bbolt surgery revert-meta-page` goes back to the
// other, and so forgets what the last transaction held.
//
// # Memory
//
// Memory is that of memstore, and what is waiting to be written. The file has at
// most two snapshots of an account and as much journal as snapshots, at least
// four MiB: some 110 bytes for each recipient of 100,000.
package boltstore
