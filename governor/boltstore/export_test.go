package boltstore

import "time"

// OpenTuned opens a ledger that makes a checkpoint whenever so many bytes have
// been written.
func OpenTuned(path string, relaxed time.Duration, checkpointAt int) (*Store, error) {
	return Open(path, Config{Relaxed: relaxed, checkpointAt: checkpointAt})
}

// Transactions is how many have been written since the file was made.
func (s *Store) Transactions() uint64 { return s.file.head.last }

// HoldDisk keeps everybody from writing until what it returns is called.
func (s *Store) HoldDisk() (release func()) {
	s.journal.lead <- struct{}{}
	return func() { <-s.journal.lead }
}

// Bytes is how large the database is that a closed store has left, and how much
// of that are records and snapshots.
func (s *Store) Bytes() (database int64, journal, snapshots int) {
	for _, a := range s.accounts.all() {
		snapshots += a.stored.size
	}
	return s.file.used, s.journal.grown, snapshots
}
