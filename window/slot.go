package window

import "sync/atomic"

// A slot of a table is two words: who, and when that customer last wrote. For
// the few of whom more is known, the second says where among the table's
// records that is.
type slot struct {
	key  atomic.Uint64
	when atomic.Int64 // doubled, and one more for a record
}

func (s *slot) times(r *records) times {
	when := s.when.Load()
	if when&1 == 0 {
		return times{when >> 1, never, never}
	}
	return r.at(when >> 1).times()
}

// wrote returns when the customer last did, and whether that is all there is.
func (s *slot) wrote() (at int64, only bool) {
	when := s.when.Load()
	return when >> 1, when&1 == 0
}

func (s *slot) put(r *records, t times) {
	if t.maybe == never && t.shut == never {
		s.when.Store(t.inbound << 1)
		return
	}
	s.when.Store(r.add(t)<<1 | 1)
}

// renew moves each time forward, never back.
func (s *slot) renew(r *records, t times) {
	when := s.when.Load()
	if when&1 == 0 {
		t.inbound = max(t.inbound, when>>1)
		s.put(r, t)
		return
	}
	r.at(when >> 1).renew(t)
}

// line is a cache line of slots. They are given away from the first to the last;
// who comes after that goes on to the next line that has room.
type line [perLine]slot

const perLine = 4

func (l *line) hasRoom() bool { return l[perLine-1].key.Load() == vacant }

// find returns which slot has the key, -1 if none does. It compares them all
// before anything depends on it: a processor that guesses which one it is, and
// is wrong, waits for the memory twice.
func (l *line) find(key uint64) int {
	at := -1
	if l[3].key.Load() == key {
		at = 3
	}
	if l[2].key.Load() == key {
		at = 2
	}
	if l[1].key.Load() == key {
		at = 1
	}
	if l[0].key.Load() == key {
		at = 0
	}
	return at
}
