package window

import "math/bits"

// segment is one open-addressed table of the index: it finds positions by hash.
// A slot is four bytes: the position plus one, in the low width bits, and above
// it the tag. The tag's upper part is the low end of the slot where the hash
// belongs, its home, so that how far a position has been pushed from there is
// known without looking at what it stands for. The rest of the tag is hash, and
// spares nearly all looks at the wrong recipient. Zero is an empty slot.
//
// Positions stand in the order of their homes, without a gap between a position
// and its home (linear probing in Robin Hood's order). A search can therefore
// stop at the first that is nearer to its home than the one looked for would be,
// and a removal closes the gap.
type segment struct {
	slots []uint32
	homes uint32 // how many slots are somebody's home; the rest are room behind the last
	used  int    // how many are not empty
	depth uint8  // how many leading bits of the hash all its positions share
	width uint8  // of a position
	shift uint8  // of the home in a slot
	far   uint32 // the farthest that a position can be from its home
	rest  uint32 // the bits of a hash that are in the tag beside the home
}

const (
	fewestSlots = 8
	mostSlots   = 1024 // 4 KB; with many more, splitting one would be a pause

	maxHomeBits = 8
)

func newSegment(depth uint8, size int, width uint8) *segment {
	// What append rounds up to is what is allocated anyway.
	slots := append([]uint32(nil), make([]uint32, size)...)
	slots = slots[:cap(slots)]
	homeBits := min(maxHomeBits, 32-width)
	return &segment{
		slots: slots,
		homes: uint32(len(slots) - min(len(slots)/4, 32)),
		depth: depth,
		width: width,
		shift: 32 - homeBits,
		far:   1<<homeBits - 1,
		rest:  1<<(32-width-homeBits) - 1,
	}
}

// widthFor returns how many bits a position takes, with some room for growth.
func widthFor(position uint32) uint8 { return uint8(max(bits.Len32(position)+1, 8)) }

// fits reports whether a slot can hold the position.
func (s *segment) fits(position uint32) bool { return (position+1)>>(s.width&31) == 0 }

// room reports whether the segment may take one more.
func (s *segment) room() bool { return s.used < len(s.slots)-len(s.slots)/10 }

// home returns where a hash belongs, and its slot but for the position.
func (s *segment) home(h uint64) (at int, slot uint32) {
	home := uint32(uint64(uint32(h<<(s.depth&63)>>32)) * uint64(s.homes) >> 32)
	return int(home), home<<(s.shift&31) | (uint32(h)&s.rest)<<(s.width&31)
}

// distance returns how far the position in slot at has been pushed.
func (s *segment) distance(at int, slot uint32) uint32 {
	return (uint32(at) - slot>>(s.shift&31)) & s.far
}

// search is a walk over the positions that may belong to one hash. It has no
// more than four fields, so that the compiler keeps it in registers.
type search struct {
	in   *segment
	at   int
	slot uint32 // what is looked for, but for the position
	near uint32 // how far at is from home
}

func (s *segment) search(h uint64) search {
	at, slot := s.home(h)
	return search{s, at, slot, 0}
}

// next returns the next candidate: of the recipient that is looked for, or,
// rarely, of another with the same tag.
func (c *search) next() (position uint32, ok bool) {
	s := c.in
	for c.at < len(s.slots) {
		slot, pushed := s.slots[c.at], uint32(c.at)
		if slot == 0 || (pushed-slot>>(s.shift&31))&s.far < c.near {
			break
		}
		c.at++
		c.near++
		if slot ^= c.slot; slot>>(s.width&31) == 0 {
			return slot - 1, true
		}
	}
	return 0, false
}

// insert reports false, and does nothing, if there is no room for the position
// near enough to its home.
func (s *segment) insert(h uint64, position uint32) bool {
	if !s.fits(position) || !s.room() {
		return false
	}
	slots := s.slots
	at, slot := s.home(h)
	for near := uint32(0); ; near++ {
		if near > s.far || at == len(slots) {
			return false
		}
		if there := slots[at]; there == 0 {
			slots[at] = slot | (position + 1)
			s.used++
			return true
		} else if s.distance(at, there) < near {
			break
		}
		at++
	}
	end := at
	for ; slots[end] != 0; end++ {
		if end+1 == len(slots) || s.distance(end, slots[end]) == s.far {
			return false
		}
	}
	copy(slots[at+1:end+1], slots[at:end])
	slots[at] = slot | (position + 1)
	s.used++
	return true
}

// find returns the slot of a position that is in the segment.
func (s *segment) find(h uint64, position uint32) int {
	at, slot := s.home(h)
	slot |= position + 1
	for s.slots[at] != slot {
		at++
	}
	return at
}

func (s *segment) remove(h uint64, position uint32) {
	at, slots := s.find(h, position), s.slots
	for at+1 < len(slots) {
		next := slots[at+1]
		if next == 0 || s.distance(at+1, next) == 0 {
			break
		}
		slots[at] = next
		at++
	}
	slots[at] = 0
	s.used--
}

// positions calls f with all positions.
func (s *segment) positions(f func(uint32)) {
	for _, slot := range s.slots {
		if slot != 0 {
			f(slot&(1<<s.width-1) - 1)
		}
	}
}
