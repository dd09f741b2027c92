package boltstore

import (
	"slices"
	"sync"
)

// A snapshot is an account's books as they were after its record at cover.
type snapshot struct {
	account *account
	gen     uint64 // names its chunks
	cover   position
	body    []byte
	size    int
	shipped int // chunks that are on the disk
}

// snapshotHead is what says that a snapshot is complete. It goes to the disk
// in the transaction of the last chunk, and then the journal up to cover is of
// no use to the account.
type snapshotHead struct {
	gen    uint64
	cover  position
	size   int
	sum    uint32 // of the whole
	chunks int
}

// stored is a snapshot that a transaction completes.
type storedSnapshot struct {
	account *account
	head    snapshotHead
	before  snapshotHead // what it replaces
}

func (st *storedSnapshot) store() {
	a := st.account
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stored, a.first = st.head, a.next
}

const (
	// chunkSize is how much of a snapshot one value holds: with what bbolt adds
	// four pages, for which there is a gap sooner than for many in a row.
	chunkSize = 16<<10 - 256
	// shipment is how much of a checkpoint one transaction takes along, so that
	// those who wait for it are not held up.
	shipment = 1 << 20
	// trimmed is how many entries of the journal one transaction drops.
	trimmed = 1024
)

// outbox is what a checkpoint has ready for the transactions to come.
type outbox struct {
	snapshots []*snapshot
	bytes     int
	trim      uint64   // entries of the journal before it are of no use
	orphans   []uint64 // snapshots that were never completed
}

// checkpointer makes snapshots of the accounts, so that the journal can be
// dropped: bit by bit, by whoever has been the leader, in its own time.
type checkpointer struct {
	// mu guards what follows. Nobody waits for it.
	mu sync.Mutex

	running bool
	gen     uint64     // of the last snapshot
	queue   []*account // those that have not had their turn
}

// checkpoint does a piece of what there is to do. No lock is held but that of
// one account while its books are copied.
func (s *Store) checkpoint() {
	c := &s.checkpointer
	if !s.journal.overgrown.Load() || s.journal.stuck.Load() || !c.mu.TryLock() {
		return
	}
	defer c.mu.Unlock()
	if !c.running {
		s.journal.mu.Lock()
		s.journal.grown = 0
		s.journal.mu.Unlock()
		c.queue, c.running = s.accounts.all(), true
	}
	for room := s.journal.room(); room > 0 && len(c.queue) > 0; {
		last := len(c.queue) - 1
		a := c.queue[last]
		c.queue = c.queue[:last]
		room -= s.snapshot(a)
	}
	if len(c.queue) > 0 || !s.journal.shippedAll() {
		return
	}
	s.trim()
	c.running = false
}

// snapshot puts the account's books in the outbox, if the journal has any of
// its records, and returns how much that is.
func (s *Store) snapshot(a *account) int {
	a.mu.Lock()
	if a.first == 0 {
		a.mu.Unlock()
		return 0
	}
	body, err := a.AppendBinary(nil)
	shot := &snapshot{account: a, cover: a.written, body: body, size: len(body)}
	a.next = 0
	a.mu.Unlock()
	if err != nil {
		return 0 // the journal has it all, and is kept
	}
	s.checkpointer.gen++
	shot.gen = s.checkpointer.gen
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.outbox.snapshots = append(s.journal.outbox.snapshots, shot)
	s.journal.outbox.bytes += len(body)
	return len(body)
}

// trim finds out how much of the journal no account needs any more.
func (s *Store) trim() {
	s.journal.mu.Lock()
	until := s.journal.open.seq
	s.journal.mu.Unlock()
	total := 0
	for _, a := range s.accounts.all() {
		a.mu.Lock()
		if a.first != 0 {
			until = min(until, a.first)
		}
		total += a.stored.size
		a.mu.Unlock()
	}
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.outbox.trim = until
	s.journal.allow(total)
}

// allow says how long the journal may get: as long as the snapshots, so that
// what is written for them stays in proportion to what is written anyway.
func (j *journal) allow(snapshots int) {
	j.allowed = max(j.least, snapshots)
	j.overgrown.Store(j.grown > j.allowed)
}

// room is how much more the outbox should hold.
func (j *journal) room() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return 2*shipment - j.outbox.bytes
}

func (j *journal) shippedAll() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.outbox.snapshots) == 0
}

// work is what one transaction writes.
type work struct {
	batches []*batch
	chunks  []chunk
	heads   []storedSnapshot
	trim    uint64
	orphans []uint64
	through int // snapshots of the outbox that are complete with it
	part    int // chunks of the one after them
}

// chunk is a part of a snapshot.
type chunk struct {
	gen  uint64
	n    int
	data []byte
}

// add takes along what the outbox has, and no more than a shipment.
func (w *work) add(o *outbox) {
	w.trim, w.orphans = o.trim, o.orphans
	for bytes := 0; w.through < len(o.snapshots); w.through++ {
		shot := o.snapshots[w.through]
		chunks := (shot.size + chunkSize - 1) / chunkSize
		n := shot.shipped
		for ; n < chunks && bytes < shipment; n++ {
			data := shot.body[n*chunkSize : min(shot.size, (n+1)*chunkSize)]
			w.chunks = append(w.chunks, chunk{shot.gen, n, data})
			bytes += len(data)
		}
		if n < chunks {
			w.part = n
			return
		}
		w.heads = append(w.heads, storedSnapshot{account: shot.account, head: snapshotHead{
			gen: shot.gen, cover: shot.cover, size: shot.size, sum: checksum(shot.body), chunks: chunks,
		}, before: shot.account.stored})
	}
}

// none reports whether there is nothing to write.
func (w *work) none() bool { return len(w.batches) == 0 && !w.extra() }

// extra reports whether there is something that can wait.
func (w *work) extra() bool {
	return len(w.chunks) > 0 || len(w.heads) > 0 || w.trim > 0 || len(w.orphans) > 0
}

// shipped takes out of the outbox what a transaction has written, up to the
// journal's entry first.
func (o *outbox) shipped(w *work, first uint64) {
	for _, shot := range o.snapshots[:w.through] {
		o.bytes -= shot.size
	}
	o.snapshots = slices.Delete(o.snapshots, 0, w.through)
	if w.part > 0 {
		o.snapshots[0].shipped = w.part
	}
	if w.extra() {
		o.orphans = nil
	}
	if o.trim <= first {
		o.trim = 0
	}
}
