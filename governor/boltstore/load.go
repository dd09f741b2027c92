package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// recovered is what a file held when it was opened.
type recovered struct {
	head      head
	accounts  map[string]*account
	gen       uint64   // the highest that any chunk has
	orphans   []uint64 // snapshots that were not completed
	snapshots int      // bytes
	journal   int      // bytes
}

// load reads the whole file: the snapshots, and what the journal has beyond
// them.
func (f *file) load() (r recovered, err error) {
	defer func() {
		if errors.Is(err, errContained) {
			err = fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
	}()
	defer contain(&err)
	defer faultsPanic()()
	r.accounts = map[string]*account{}
	err = f.db.View(func(tx *bbolt.Tx) error {
		if err := r.readHead(tx); err != nil {
			return err
		}
		if err := r.readSnapshots(tx); err != nil {
			return err
		}
		return r.readJournal(tx.Bucket(journalBucket))
	})
	if err != nil {
		return recovered{}, err
	}
	for _, a := range r.accounts {
		a.told = a.Clocks()
	}
	f.head = r.head
	return r, nil
}

func (r *recovered) readHead(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return fmt.Errorf("%w: a bbolt database of something else", ErrForeign)
	}
	if err := checkFormat(meta.Get(formatKey)); err != nil {
		return err
	}
	var ok bool
	// The number is lower than it was in a copy that another tool has made.
	if r.head, ok = readHead(meta.Get(headKey)); !ok || r.head.txid < tx.ID() {
		return damaged("its head")
	}
	for _, name := range [][]byte{journalBucket, accountsBucket, chunksBucket} {
		if tx.Bucket(name) == nil {
			return damaged("a bucket is missing")
		}
	}
	return nil
}

func (r *recovered) readSnapshots(tx *bbolt.Tx) error {
	chunks := tx.Bucket(chunksBucket)
	complete := map[uint64]bool{}
	var sum uint64
	err := tx.Bucket(accountsBucket).ForEach(func(key, value []byte) error {
		id, h, ok := readSnapshotHead(key, value)
		if !ok || complete[h.gen] || h.cover.batch > r.head.last {
			return damaged("the head of a snapshot")
		}
		complete[h.gen] = true
		sum += digest(value)
		body := make([]byte, 0, min(h.size, 1<<30))
		for n := range h.chunks {
			body = append(body, chunks.Get(chunkKey(h.gen, n))...)
		}
		if len(body) != h.size || checksum(body) != h.sum {
			return damaged("a snapshot")
		}
		a := &account{id: id, stored: h, written: h.cover}
		if err := a.UnmarshalBinary(body); err != nil {
			return damaged("a snapshot")
		}
		r.accounts[id] = a
		r.snapshots += h.size
		return nil
	})
	if err != nil {
		return err
	}
	if len(r.accounts) != r.head.snapshots || sum != r.head.digest {
		return damaged("the set of snapshots")
	}
	return chunks.ForEach(func(key, _ []byte) error {
		gen := genOf(key)
		if gen == 0 {
			return damaged("a chunk")
		}
		if gen > r.gen && !complete[gen] {
			r.orphans = append(r.orphans, gen)
		}
		r.gen = max(r.gen, gen)
		return nil
	})
}

func (r *recovered) readJournal(journal *bbolt.Bucket) error {
	seq := r.head.first
	err := journal.ForEach(func(key, value []byte) error {
		body, ok := unseal(key, value)
		if !ok || len(key) != 8 || binary.BigEndian.Uint64(key) != seq || !r.replay(seq, body) {
			return damaged("the journal")
		}
		r.journal += len(body)
		seq++
		return nil
	})
	if err == nil && seq != r.head.last+1 {
		return damaged("a part of the journal is missing")
	}
	return err
}

// replay applies a batch, but for what a snapshot has already.
func (r *recovered) replay(seq uint64, body []byte) bool {
	if len(body) == 0 || body[0] == 0 || body[0] > batchVersion {
		return false
	}
	d := decode(body[0], body[1:])
	var rec record
	seen := map[*account]int{} // records of those whose snapshot ends within this batch
	for d.next(&rec) {
		a := r.accounts[rec.account]
		if a == nil {
			a = &account{id: rec.account}
			r.accounts[rec.account] = a
		}
		cover := a.stored.cover
		if seq < cover.batch {
			continue
		}
		if seq == cover.batch {
			if seen[a]++; seen[a] <= cover.records {
				continue
			}
		}
		rec.apply(&a.Account)
		a.note(seq)
	}
	return d.Close() == nil
}

func damaged(what string) error { return fmt.Errorf("%w: %s cannot be read", ErrCorrupt, what) }
