package window

import "math/bits"

// segment is one open-addressed table of the index: it finds positions by hash.
// A position is in the bucket where its hash belongs, its home, or, if that was
// full, in the next that was not. Each bucket counts those that passed it: a
// search goes on to the next bucket only if there are any. So it reads one as a
// rule, and in that one only the tags, all sixteen of them in a few steps. A
// removal fetches back one that had passed.
type segment struct {
	buckets []bucket
	high    [][bucketSize]uint8 // of positions that three bytes do not hold, nil if all are held
	used    int
	depth   uint8              // how many leading bits of the hash all its positions share
	beyond  [mostBuckets]uint8 // how many positions passed a bucket, from countless on for good
}

const (
	bucketSize  = 16
	mostBuckets = 64 // 4 KB; with many more, splitting one would be a pause

	countless = 1<<8 - 1
)

// bucket is one cache line of places for positions. The tag of a place is seven
// bits of the hash, and one that says whether it is away from home; it is zero
// if nothing is there.
type bucket struct {
	tags [2]uint64
	low  [bucketSize]uint16
	mid  [bucketSize]uint8
}

const (
	away = 1 << 7

	eachByte = 0x0101010101010101
	seven    = 0x7f * eachByte
)

// zeros returns a word with the top bit set of each byte that is zero in v.
func zeros(v uint64) uint64 { return ^(v&seven + seven | v | seven) }

// tagged returns the places of the bucket that have a tag: for the first eight
// the top bit of their byte, for the others the one below it.
func (b *bucket) tagged(tag uint64) places {
	tag *= eachByte
	return places(zeros(b.tags[0]^tag) | zeros(b.tags[1]^tag)>>1)
}

// strangers returns the places of what is away from home.
func (b *bucket) strangers() places {
	return places(b.tags[0]&^seven | b.tags[1]&^seven>>1)
}

type places uint64

// first returns the first of the places, of which there must be one.
func (p places) first() uint32 {
	bit := uint32(bits.TrailingZeros64(uint64(p)))
	return bit/8 | ^bit&1<<3
}

// tag gives a tag to a place that has none.
func (b *bucket) tag(place uint32, tag uint64) { b.tags[place/8%2] |= tag << (place % 8 * 8) }

func (b *bucket) untag(place uint32) { b.tags[place/8%2] &^= 0xff << (place % 8 * 8) }

func newSegment(depth uint8, buckets int) *segment {
	// What append rounds up to is what is allocated anyway.
	b := append([]bucket(nil), make([]bucket, min(buckets, mostBuckets))...)
	return &segment{buckets: b[:min(cap(b), mostBuckets)], depth: depth}
}

// most is up to how many positions a segment takes one more. One place at least is
// then free. The fuller it is, the more pass their homes and the more buckets a
// search has to read. An index of few segments is small anyway and may be half
// empty, one of many has a tenth to spare; between the two, a window's other parts
// weigh more for each recipient.
func most(depth uint8, buckets int) int {
	slots := buckets * bucketSize
	switch {
	case depth < 4:
		return slots / 2
	case depth < 6:
		return slots - slots/16
	default:
		return slots - slots*3/32
	}
}

func (s *segment) room() bool { return s.used < most(s.depth, len(s.buckets)) }

// home returns where a hash belongs, and its tag.
func (s *segment) home(h uint64) (at uint32, tag uint64) {
	at = uint32(uint64(uint32(h<<(s.depth&63)>>32)) * uint64(len(s.buckets)) >> 32)
	return at, max(h&0x7f, 1)
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

func (s *segment) position(at, place uint32) uint32 {
	b := &s.buckets[at]
	position := uint32(b.low[place%bucketSize]) | uint32(b.mid[place%bucketSize])<<16
	if s.high != nil {
		position |= uint32(s.high[at][place%bucketSize]) << 24
	}
	return position
}

func (s *segment) set(at, place, position uint32) {
	b := &s.buckets[at]
	b.low[place%bucketSize], b.mid[place%bucketSize] = uint16(position), uint8(position>>16)
	if high := uint8(position >> 24); s.high != nil || high != 0 {
		if s.high == nil {
			s.high = make([][bucketSize]uint8, len(s.buckets))
		}
		s.high[at][place%bucketSize] = high
	}
}

// search is a walk over the positions that may belong to one hash: of the
// recipient that is looked for or, rarely, of another with the same tag. It has
// no more than four fields and is handed on by value, so that the compiler keeps
// it in registers:
//
//	for c := ix.search(h); ; c = c.onward() {
//		for ; c.hits != 0; c.hits &= c.hits - 1 {
//			c.position()
//		}
//		if c.last() {
//			break
//		}
//	}
type search struct {
	in   *segment
	hits places // that are still to be visited, of
	at   uint32 // this bucket
	from uint32 // the home, and the tag below it
}

func (c search) position() uint32 { return c.in.position(c.at, c.hits.first()) }

// last reports whether no bucket after this one needs to be searched.
func (c search) last() bool { return c.in.beyond[c.at%mostBuckets] == 0 }

// onward goes to the next bucket.
func (c search) onward() search {
	if c.at = c.in.after(c.at); c.at == c.from>>8 {
		return search{in: &nothing} // all are searched
	}
	c.hits = c.in.buckets[c.at].tagged(uint64(c.from&0xff) | away)
	return c
}

// insert reports false, and does nothing, if there is no room for the position.
func (s *segment) insert(h uint64, position uint32) bool {
	if !s.room() {
		return false
	}
	s.put(h, position)
	return true
}

// put files a position where there is at least one free place.
func (s *segment) put(h uint64, position uint32) {
	home, tag := s.home(h)
	at, free := home, s.buckets[home].tagged(0)
	for free == 0 {
		at, tag = s.after(at), tag|away
		free = s.buckets[at].tagged(0)
	}
	place := free.first()
	s.buckets[at].tag(place, tag)
	s.set(at, place, position)
	if at != home {
		s.pass(home, at, 1)
	}
	s.used++
}

// find returns where a position is that is in the segment.
func (s *segment) find(h uint64, position uint32) (at, place uint32) {
	at, tag := s.home(h)
	for {
		for hits := s.buckets[at].tagged(tag); hits != 0; hits &= hits - 1 {
			if place = hits.first(); s.position(at, place) == position {
				return at, place
			}
		}
		at, tag = s.after(at), tag|away
	}
}

func (s *segment) remove(h uint64, position uint32, of hasher) {
	at, place := s.find(h, position)
	if home, _ := s.home(h); at != home {
		s.pass(home, at, -1)
	}
	s.clear(at, place, of)
}

// clear makes a place free, or has one that passed the bucket come back to it.
func (s *segment) clear(at, place uint32, of hasher) {
	s.buckets[at].untag(place)
	s.used--
	for ok := true; ok && s.beyond[at%mostBuckets] != 0; {
		at, ok = s.fetch(at, of)
	}
}

// fetch moves one that has passed a bucket into it, and returns where from.
func (s *segment) fetch(to uint32, of hasher) (from uint32, ok bool) {
	for at := s.after(to); at != to; at = s.after(at) {
		for all := s.buckets[at].strangers(); all != 0; all &= all - 1 {
			place := all.first()
			position := s.position(at, place)
			home, tag := s.home(of.hash(position))
			if s.distance(home, at) < s.distance(to, at) {
				continue
			}
			if home != to {
				tag |= away
			}
			s.buckets[at].untag(place)
			free := s.buckets[to].tagged(0).first()
			s.buckets[to].tag(free, tag)
			s.set(to, free, position)
			s.pass(to, at, -1)
			return at, true
		}
		if s.beyond[at%mostBuckets] == 0 {
			break
		}
	}
	return to, false
}

// pass counts one more or less that passed the buckets from one up to another.
func (s *segment) pass(from, to uint32, n int) {
	for ; from != to; from = s.after(from) {
		if count := &s.beyond[from%mostBuckets]; *count < countless {
			*count += uint8(n)
		}
	}
}

// positions yields all positions.
func (s *segment) positions(yield func(uint32) bool) {
	for at := range uint32(len(s.buckets)) {
		for place := range uint32(bucketSize) {
			if s.buckets[at].tags[place/8]>>(place%8*8)&0xff != 0 && !yield(s.position(at, place)) {
				return
			}
		}
	}
}
