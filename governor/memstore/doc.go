// Package memstore keeps a governor's ledger in the memory of one process.
//
//	gov, err := governor.New(memstore.New(), governor.Config{})
//
// It is exact and fast, and it is forgotten when the process ends: whoever
// restarts within 24 hours of a send starts with an empty ledger and may send
// to too many people. It is the store for tests, for trials, and for processes
// that outlive the window.
//
// # Guarantees
//
// It keeps the contract of governor.Store (TestConformance): no recipient whose
// slot is held is ever forgotten, what a refused send would have used of any
// rule stays unused, verbs repeated after an error book nothing twice, and no
// two governors on one Store together pass a limit
// (TestTwoGovernorsOnOneStoreShareTheLimit).
//
// # Concurrency
//
// A Store is safe for concurrent use. Accounts do not wait for each other.
//
// # Memory
//
// An account takes memory for the recipients that hold a slot, the customers
// who wrote within eight days, the wishes that it was told, and for each number
// as many recipients as it can send to in 270 seconds.
package memstore
