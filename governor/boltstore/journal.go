package boltstore

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A batch is what one transaction adds to the journal. It gathers records while
// the one before it is being written.
type batch struct {
	seq uint64
	encoder
	since time.Time     // told by its first verb
	done  chan struct{} // closed once err says how the first attempt ended
	err   error
	tried bool // done is closed
}

// journal is what has happened in memory and is on its way to the disk.
//
// There is no goroutine that writes. Whoever waits for their batch and finds
// nobody writing becomes the leader, writes all that has gathered in one
// transaction, and tells those who wait for it. Nobody is bound to a batch: one
// that everybody has stopped waiting for is written by the next leader.
type journal struct {
	lead  chan struct{} // holds one token while somebody writes
	stuck atomic.Bool   // the last attempt failed: nothing more may happen until one succeeds
	// overgrown is whether a checkpoint is due or under way.
	overgrown atomic.Bool

	// mu guards what follows. It is taken under an account's lock, and nothing
	// is waited for under it.
	mu sync.Mutex

	open    *batch
	unsaved []*batch // sealed and not yet on the disk, oldest first
	grown   int      // bytes gathered since the last checkpoint began
	least   int      // how many call for the next at least
	allowed int      // how many call for it now
	outbox  outbox   // what a checkpoint has ready
	spare   []byte   // for a batch to come
}

func newJournal(last uint64, least int) *journal {
	j := &journal{lead: make(chan struct{}, 1), least: least, allowed: least}
	j.open = j.batch(last + 1)
	return j
}

func (j *journal) batch(seq uint64) *batch {
	b := &batch{seq: seq, done: make(chan struct{})}
	b.body, j.spare = append(j.spare[:0], batchVersion), nil
	return b
}

// append puts the record, and where the clocks were before it if the journal
// does not tell that yet, in the batch that gathers. The account is locked: so
// the journal has its records in the order in which they took effect.
func (j *journal) append(a *account, rec *record, now time.Time) *batch {
	rec.account = a.id
	j.mu.Lock()
	defer j.mu.Unlock()
	b := j.open
	size := len(b.body)
	if rec.op != opClocks && rec.clocks != a.told {
		b.add(&record{op: opClocks, account: a.id, clocks: rec.clocks})
		a.note(b.seq)
	}
	if b.since.IsZero() {
		b.since = now
	}
	b.add(rec)
	a.note(b.seq)
	a.told, a.latest = a.Clocks(), b
	if j.grown += len(b.body) - size; j.grown > j.allowed {
		j.overgrown.Store(true)
	}
	return b
}

// empty reports whether nothing has gathered yet.
func (b *batch) empty() bool { return len(b.body) == 1 }

// full is when a relaxed batch is written whatever the time.
const full = 256 << 10

// due reports whether a batch has gathered for so long, or so much, that it has
// to be written. A clock that has jumped tells nothing.
func (j *journal) due(b *batch, relaxed time.Duration, now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return b.since.IsZero() || now.IsZero() || now.Sub(b.since).Abs() >= relaxed || len(b.body) >= full
}

// wait returns once the batch is on the disk, has failed to get there, or ctx
// has ended, after which it may get there or not.
func (s *Store) wait(ctx context.Context, b *batch) error {
	j := s.journal
	for {
		select {
		case <-b.done:
			return b.err
		default:
		}
		select {
		case <-b.done:
			return b.err
		case j.lead <- struct{}{}:
			// Those whom the last transaction has let go have something to say
			// too, and it costs the same to write it along.
			runtime.Gosched()
			_ = s.flush() // the batch tells
			<-j.lead
			s.checkpoint()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unstick tries to write what could not be written, and returns why it cannot.
func (s *Store) unstick(ctx context.Context) error {
	if !s.journal.stuck.Load() {
		return nil
	}
	select {
	case s.journal.lead <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.journal.lead }()
	if !s.journal.stuck.Load() {
		return nil // somebody else got through
	}
	return s.flush()
}

// flush writes all that has gathered. Only the leader calls it.
func (s *Store) flush() error {
	j := s.journal
	j.mu.Lock()
	if !j.open.empty() {
		j.unsaved = append(j.unsaved, j.open)
		j.open = j.batch(j.open.seq + 1)
	}
	w := work{batches: j.unsaved}
	if !j.stuck.Load() {
		w.add(&j.outbox)
	}
	j.mu.Unlock()
	if w.none() {
		return nil
	}

	err := s.file.commit(&w)
	if err != nil && w.extra() {
		// There may be room for what must be written, if not for the rest.
		w = work{batches: w.batches}
		if err = nil; !w.none() {
			err = s.file.commit(&w)
		}
	}
	if err != nil {
		err = fmt.Errorf("boltstore: not written: %w", err)
	}
	s.stored(&w, err)
	return err
}

// stored takes down what has become of the work, and tells those who wait.
func (s *Store) stored(w *work, err error) {
	j := s.journal
	if err == nil {
		for i := range w.heads {
			w.heads[i].store()
		}
	}
	j.mu.Lock()
	j.stuck.Store(err != nil)
	if err == nil {
		j.unsaved = j.unsaved[:0]
		j.outbox.shipped(w, s.file.head.first)
	}
	j.mu.Unlock()
	for _, b := range w.batches {
		if !b.tried {
			b.err, b.tried = err, true
			close(b.done)
		}
	}
	j.recycle(w, err)
}

// recycle keeps one buffer for a batch to come, and lets go of the others.
func (j *journal) recycle(w *work, err error) {
	if err != nil {
		return
	}
	const most = 1 << 20
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, b := range w.batches {
		if j.spare == nil && cap(b.body) <= most {
			j.spare = b.body
		}
		b.body = nil
	}
}
