package boltstore

import (
	"bytes"
	"time"
)

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

// Live are the pages of a database that its root leads to, but for those that
// one of them runs over into.
func Live(content []byte) (pages []uint64, err error) {
	m, err := readMeta(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	in := inspector{r: bytes.NewReader(content), meta: m, seen: make([]uint64, m.high/64+1)}
	if _, err := in.tree(m.root, nil); err != nil {
		return nil, err
	}
	for p := uint64(2); p < m.high; p++ {
		if in.seen[p/64]&(1<<(p%64)) != 0 {
			pages = append(pages, p)
			p += uint64(order.Uint32(content[int64(p)*m.pageSize+12:]))
		}
	}
	return pages, nil
}
