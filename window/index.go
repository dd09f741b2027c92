package window

import "iter"

// index finds the positions filed under a hash; several may be. It consists of
// segments that grow and split one at a time, so that no single call has to
// touch everything.
type index struct {
	segments []*segment // by the first depth bits of the hash, some more than once
	depth    uint8
}

// hasher tells the hash under which a position was filed.
type hasher interface{ hash(position uint32) uint64 }

func (ix *index) segment(h uint64) *segment { return ix.segments[h>>(64-ix.depth)] }

func (ix *index) search(h uint64) search {
	if len(ix.segments) == 0 {
		return search{in: &nothing}
	}
	s := ix.segment(h)
	at, tag := s.home(h)
	return search{s, s.buckets[at].tagged(tag), at, at<<8 | uint32(tag)}
}

// filed yields the positions filed under a hash and, rarely, others. None may be
// inserted or removed meanwhile.
func (ix *index) filed(h uint64) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for c := ix.search(h); ; c = c.onward() {
			for ; c.hits != 0; c.hits &= c.hits - 1 {
				if !yield(c.position()) {
					return
				}
			}
			if c.last() {
				return
			}
		}
	}
}

// nothing is the segment of an index that never had a position.
var nothing = segment{buckets: make([]bucket, 1)}

func (ix *index) insert(h uint64, position uint32, of hasher) {
	if len(ix.segments) == 0 {
		ix.segments = []*segment{newSegment(0, 1)}
	}
	for s := ix.segment(h); !s.insert(h, position); s = ix.segment(h) {
		ix.grow(h, of)
	}
}

// remove takes out a position, which must be in.
func (ix *index) remove(h uint64, position uint32, of hasher) { ix.segment(h).remove(h, position, of) }

// replace files under to what was filed under from. It keeps its place.
func (ix *index) replace(h uint64, from, to uint32) {
	s := ix.segment(h)
	at, place := s.find(h, from)
	s.set(at, place, to)
}

// grow makes room in the segment of h.
func (ix *index) grow(h uint64, of hasher) {
	s := ix.segment(h)
	if len(s.buckets) == mostBuckets {
		ix.split(h, of)
		return
	}
	more := max(len(s.buckets)/32, 1)
	for size := len(s.buckets) + more; ; size += more {
		next := newSegment(s.depth, size)
		if s.refile(of, func(uint64) *segment { return next }) {
			*s = *next
			return
		}
	}
}

func (ix *index) split(h uint64, of hasher) {
	s := ix.segment(h)
	if s.depth == ix.depth {
		twice := make([]*segment, 2*len(ix.segments))
		for i := range twice {
			twice[i] = ix.segments[i/2]
		}
		ix.segments = twice
		ix.depth++
	}
	var halves [2]*segment
	size := 1
	for most(s.depth+1, size) < s.used*9/16 { // they are hardly ever less alike
		size++
	}
	for ; ; size += max(size/8, 1) {
		for bit := range halves {
			halves[bit] = newSegment(s.depth+1, size)
		}
		if s.refile(of, func(h uint64) *segment { return halves[h<<s.depth>>63] }) {
			break
		}
	}
	// The segment's own part of the row: its first half for hashes that go on
	// with a zero, its second for those with a one.
	part := len(ix.segments) >> s.depth
	first := int(h>>(64-ix.depth)) &^ (part - 1)
	for i := range part {
		ix.segments[first+i] = halves[i*2/part]
	}
}

// refile puts all positions of s into other segments, by their hashes. It reports
// false, and stops, if one of those has no room and could have been larger.
func (s *segment) refile(of hasher, into func(h uint64) *segment) bool {
	for position := range s.positions {
		h := of.hash(position)
		to := into(h)
		if !to.room() && len(to.buckets) < mostBuckets {
			return false
		}
		to.put(h, position)
	}
	return true
}
