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
	homes int   // how many slots are somebody's home; the rest are room behind the last
	used  int   // how many are not empty
	depth uint8 // how many leading bits of the hash all its positions share
	width uint8
}

const (
	fewestSlots = 8
	mostSlots   = 4096 // 16 KB; more, and splitting one would be a pause

	maxHomeBits = 8
)

func newSegment(depth uint8, size int, most uint32) *segment {
	// What append rounds up to is what is allocated anyway.
	slots := append([]uint32(nil), make([]uint32, size)...)
	slots = slots[:cap(slots)]
	spare := min(len(slots)/4, 40)
	return &segment{slots: slots, homes: len(slots) - spare, depth: depth, width: uint8(max(bits.Len32(most)+1, 8))}
}

// homeBits is how much of the home a tag tells.
func (s *segment) homeBits() uint8 { return min(maxHomeBits, 32-s.width) }

// fits reports whether a slot can hold the position.
func (s *segment) fits(position uint32) bool { return (position+1)>>s.width == 0 }

// room reports whether the segment may take one more.
func (s *segment) room() bool { return s.used < len(s.slots)-len(s.slots)/8 }

// search is a walk over the positions that may belong to one hash.
type search struct {
	slots  []uint32
	at     int
	pushed uint32 // how far at is from home
	tag    uint32
	width  uint8
	shift  uint8 // of the home in a slot
	mask   uint32
}

func (s *segment) search(h uint64) search {
	home := int(uint64(uint32(h<<s.depth>>32)) * uint64(s.homes) >> 32)
	homeBits := s.homeBits()
	rest := 32 - s.width - homeBits
	return search{
		slots: s.slots,
		at:    home,
		tag:   uint32(home)<<(32-homeBits)>>(32-homeBits)<<rest | uint32(h)&(1<<rest-1),
		width: s.width,
		shift: 32 - homeBits,
		mask:  1<<homeBits - 1,
	}
}

// distance returns how far the position in slot at has been pushed.
func (c *search) distance(at int, slot uint32) uint32 {
	return (uint32(at) - slot>>c.shift) & c.mask
}

// next returns the next candidate: of the recipient that is looked for, or,
// rarely, of another with the same tag.
func (c *search) next() (position uint32, ok bool) {
	for c.at < len(c.slots) {
		at, slot := c.at, c.slots[c.at]
		if slot == 0 || c.distance(at, slot) < c.pushed {
			break
		}
		c.at++
		c.pushed++
		if slot>>c.width == c.tag {
			return slot&(1<<c.width-1) - 1, true
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
	c := s.search(h)
	for c.at < len(c.slots) && c.slots[c.at] != 0 && c.distance(c.at, c.slots[c.at]) >= c.pushed {
		c.at++
		c.pushed++
	}
	if c.pushed > c.mask {
		return false
	}
	end := c.at
	for ; ; end++ {
		if end == len(c.slots) {
			return false
		}
		if c.slots[end] == 0 {
			break
		}
		if c.distance(end, c.slots[end]) == c.mask {
			return false
		}
	}
	copy(c.slots[c.at+1:end+1], c.slots[c.at:end])
	c.slots[c.at] = c.tag<<c.width | (position + 1)
	s.used++
	return true
}

// find returns the slot of a position that is in the segment.
func (s *segment) find(h uint64, position uint32) int {
	c := s.search(h)
	want := c.tag<<c.width | (position + 1)
	for c.slots[c.at] != want {
		c.at++
	}
	return c.at
}

func (s *segment) remove(h uint64, position uint32) {
	c := s.search(h)
	at := s.find(h, position)
	for ; at+1 < len(s.slots) && s.slots[at+1] != 0 && c.distance(at+1, s.slots[at+1]) > 0; at++ {
		s.slots[at] = s.slots[at+1]
	}
	s.slots[at] = 0
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
