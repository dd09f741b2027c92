package window

import "math/bits"

// segment is one open-addressed table of the index: it finds positions by hash.
// A slot is four bytes: the position plus one in the low width bits, above it
// some bits of the hash, which spare nearly all looks at the wrong recipient,
// and on top the number of the bucket where the hash belongs, its home. Zero is
// an empty slot.
//
// A position is in its home or, if that was full, in the next bucket that was
// not; whoever passed a bucket has left a mark on it. A search therefore reads
// one bucket as a rule, all of it, since a loop that always ends at the same
// place is quicker than one that ends as soon as it may. A removal fetches back
// one that had passed.
type segment struct {
	buckets []bucket
	used    int                // slots that are not empty
	depth   uint8              // how many leading bits of the hash all its positions share
	width   uint8              // of a position
	fill    [mostBuckets]uint8 // slots in use, the first ones of a bucket, and passed
}

const (
	bucketSize  = 16 // a cache line
	mostBuckets = 64 // 4 KB; with many more, splitting one would be a pause

	homeShift = 26 // 32 less the bits of a bucket's number
	mostWidth = homeShift

	passed = 1 << 7 // set for a full bucket whose home some beyond it is, or was
)

type bucket [bucketSize]uint32

func newSegment(depth uint8, buckets int, width uint8) *segment {
	// What append rounds up to is what is allocated anyway.
	b := append([]bucket(nil), make([]bucket, buckets)...)
	return &segment{buckets: b[:min(cap(b), mostBuckets)], depth: depth, width: width}
}

// widthFor returns how many bits a position takes, with some room for growth.
func widthFor(position uint32) uint8 {
	return uint8(min(max(bits.Len32(position+1)+1, 8), mostWidth))
}

// fits reports whether a slot can hold the position.
func (s *segment) fits(position uint32) bool { return (position+1)>>(s.width&31) == 0 }

// room reports whether the segment may take one more. One bucket at least is
// then not full.
func (s *segment) room() bool {
	slots := len(s.buckets) * bucketSize
	return s.used < slots-slots/12
}

// home returns where a hash belongs, and its slot but for the position.
func (s *segment) home(h uint64) (at uint32, slot uint32) {
	at = uint32(uint64(uint32(h<<(s.depth&63)>>32)) * uint64(len(s.buckets)) >> 32)
	return at, at<<homeShift | uint32(h)<<(s.width&31)&(1<<homeShift-1)
}

// after returns the bucket after another.
func (s *segment) after(at uint32) uint32 {
	if at++; int(at) == len(s.buckets) {
		return 0
	}
	return at
}

// distance returns how many buckets lie from one on up to another.
func (s *segment) distance(from, to uint32) uint32 {
	if to < from {
		to += uint32(len(s.buckets))
	}
	return to - from
}

// search is a walk over the positions that may belong to one hash. It has no
// more than four fields, so that the compiler keeps it in registers.
type search struct {
	in   *segment
	slot uint32 // what is looked for, but for the position
	at   uint32 // the bucket
	hits uint32 // one bit for each place in it that is still to be visited
}

func (s *segment) search(h uint64) search {
	at, slot := s.home(h)
	return search{s, slot, at, s.hits(at, slot)}
}

// hits returns which places of a bucket hold what differs from slot by no more
// than a position. As a rule none does, and no branch is ever taken.
func (s *segment) hits(at, slot uint32) (hits uint32) {
	b, most := &s.buckets[at], uint32(1)<<(s.width&31)
	for i := 0; i < bucketSize; i += 4 {
		if b[i]^slot < most {
			hits |= 1 << (i & 31)
		}
		if b[i+1]^slot < most {
			hits |= 2 << (i & 31)
		}
		if b[i+2]^slot < most {
			hits |= 4 << (i & 31)
		}
		if b[i+3]^slot < most {
			hits |= 8 << (i & 31)
		}
	}
	return hits
}

// next returns the next candidate: of the recipient that is looked for, or,
// rarely, of another with the same tag.
func (c *search) next() (position uint32, ok bool) {
	for {
		for c.hits != 0 {
			place := bits.TrailingZeros32(c.hits)
			c.hits &= c.hits - 1
			if there := c.in.buckets[c.at][place%bucketSize]; there != 0 {
				return there ^ c.slot - 1, true
			}
		}
		if c.in.fill[c.at%mostBuckets]&passed == 0 {
			return 0, false
		}
		c.at = c.in.after(c.at)
		c.hits = c.in.hits(c.at, c.slot)
	}
}

// insert reports false, and does nothing, if there is no room for the position.
func (s *segment) insert(h uint64, position uint32) bool {
	if !s.fits(position) || !s.room() {
		return false
	}
	at, slot := s.home(h)
	for s.fill[at%mostBuckets]&^passed == bucketSize {
		s.fill[at%mostBuckets] |= passed
		at = s.after(at)
	}
	n := &s.fill[at%mostBuckets]
	s.buckets[at][*n%bucketSize] = slot | (position + 1)
	*n++
	s.used++
	return true
}

// find returns where a position is that is in the segment.
func (s *segment) find(h uint64, position uint32) (at uint32, place int) {
	at, slot := s.home(h)
	slot |= position + 1
	for {
		for i, there := range &s.buckets[at] {
			if there == slot {
				return at, i
			}
		}
		at = s.after(at)
	}
}

func (s *segment) remove(h uint64, position uint32) {
	at, place := s.find(h, position)
	s.used--
	for {
		// The last of the bucket takes the place.
		n := &s.fill[at%mostBuckets]
		b, last := &s.buckets[at], *n&^passed-1
		b[place%bucketSize] = b[last%bucketSize]
		b[last%bucketSize] = 0
		from, which := uint32(0), -1
		if *n&passed != 0 {
			from, which = s.beyond(at)
		}
		*n = last
		if which < 0 {
			return
		}
		b[last%bucketSize] = s.buckets[from][which]
		*n = bucketSize | passed
		at, place = from, which
	}
}

// beyond returns where one is that has passed a bucket, a place of -1 if none has.
func (s *segment) beyond(full uint32) (at uint32, place int) {
	for at = s.after(full); at != full; at = s.after(at) {
		n, far := s.fill[at%mostBuckets], s.distance(full, at)
		for i, slot := range s.buckets[at][:n&^passed] {
			if home := slot >> homeShift; home != at && s.distance(home, at) >= far {
				return at, i
			}
		}
		if n&passed == 0 {
			break
		}
	}
	return 0, -1
}

// positions calls f with all positions.
func (s *segment) positions(f func(uint32)) {
	for i := range s.buckets {
		for _, slot := range s.buckets[i] {
			if slot != 0 {
				f(slot&(1<<s.width-1) - 1)
			}
		}
	}
}
