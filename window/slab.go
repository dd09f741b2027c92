package window

const (
	leafBits = 7
	leafSize = 1 << leafBits // entries

	blockLeaves = 4
	blockSize   = blockLeaves * leafSize // entries: 6 KB, which is no pause

	// mostLeaves keeps a position within 32 bits: four billion sends, which the
	// memory of no machine that we know of would hold.
	mostLeaves = 1<<(32-leafBits) - spareLeaves

	// spareLeaves are for what is not refused: answers that come late, and leaves
	// that are split.
	spareLeaves = 1 << 12

	nowhere = ^uint32(0) // no position, no leaf
)

// leaf heads a run of leafSize entries, in no order, whose stamps are not before
// from and not after the next leaf's from.
type leaf struct {
	from  int64
	ids   uint64            // an entry's id counts from here
	wide  *[leafSize]uint64 // ids that are too far from there, nil if none is
	place uint32            // in the order of leaves, before its first if the leaf is over
	size  uint8             // entries in use, holes between them included
	holes uint8
	hint  uint8 // where to look for the next hole
	holds uint8 // entries that hold a slot
}

// used returns how many entries are not holes.
func (l *leaf) used() int { return int(l.size) - int(l.holes) }

// slab is where entries live. A position names one for as long as it is there:
// the leaf's number, and the place in the leaf. The first block grows with its
// use, so that a small account is small; the others come whole.
type slab struct {
	blocks []block
	next   uint32 // the first leaf that never was in use
	free   []uint32
}

type block struct {
	entries []entry
	leaves  []leaf
}

// id returns the id of the ticket of one of the leaf's entries.
func (l *leaf) id(e *entry, position uint32) uint64 {
	low := e.id()
	if low == wideID {
		return l.wide[position%leafSize]
	}
	return l.ids + uint64(low)
}

func (s *slab) entry(position uint32) *entry {
	return &s.blocks[position/blockSize].entries[position%blockSize]
}

func (s *slab) leaf(n uint32) *leaf { return &s.blocks[n/blockLeaves].leaves[n%blockLeaves] }

func leafOf(position uint32) uint32 { return position / leafSize }

func (s *slab) stamp(position uint32) int64 {
	return s.leaf(leafOf(position)).from + int64(s.entry(position).at)
}

// id returns the id of the ticket of the send at position.
func (s *slab) id(position uint32) uint64 {
	return s.leaf(leafOf(position)).id(s.entry(position), position)
}

// older reports whether the send at p was made before the one at q.
func (s *slab) older(p, q uint32) bool {
	at, bt := s.stamp(p), s.stamp(q)
	return at < bt || at == bt && s.id(p) < s.id(q)
}

// write fills the hole at position.
func (s *slab) write(position uint32, who code, st state, id uint64, at int64) {
	l, e := s.leaf(leafOf(position)), s.entry(position)
	low := id - l.ids
	switch {
	case st > committed: // no ticket names it
		low = 0
	case low >= wideID:
		if l.wide == nil {
			l.wide = new([leafSize]uint64)
		}
		l.wide[position%leafSize] = id
		low = wideID
	}
	e.set(who, st, uint32(low))
	e.at = uint32(at - l.from)
}

func (s *slab) full() bool { return s.next >= mostLeaves && len(s.free) == 0 }

// acquire returns an empty leaf; see begin.
func (s *slab) acquire(from int64, id uint64) uint32 {
	var n uint32
	if last := len(s.free) - 1; last >= 0 {
		n, s.free = s.free[last], s.free[:last]
	} else {
		n = s.next
		s.next++
		if n%blockLeaves == 0 {
			s.blocks = append(s.blocks, block{})
			if b := &s.blocks[len(s.blocks)-1]; n > 0 {
				b.entries, b.leaves = make([]entry, blockSize), make([]leaf, 0, blockLeaves)
			}
		}
		b := &s.blocks[len(s.blocks)-1]
		b.leaves = append(b.leaves, leaf{})
	}
	s.leaf(n).begin(from, id)
	return n
}

// begin makes the leaf an empty one for sends from a time on, with ids of about id,
// most of them later.
func (l *leaf) begin(from int64, id uint64) {
	*l = leaf{from: from, ids: id - wideID/2, place: l.place}
}

// release takes back a leaf without entries.
func (s *slab) release(n uint32) {
	s.leaf(n).wide = nil
	s.free = append(s.free, n)
}

// hole returns the position of an entry of the leaf that is not in use, which
// from now on is. The leaf must have one.
func (s *slab) hole(n uint32) uint32 {
	l := s.leaf(n)
	if l.size < leafSize {
		position := n*leafSize + uint32(l.size)
		l.size++
		if b := &s.blocks[0]; n < blockLeaves && int(position) >= len(b.entries) {
			size := min(len(b.entries)+max(8, len(b.entries)/4, int(position)+1-len(b.entries)), blockSize)
			b.entries = append(make([]entry, 0, size), b.entries...)[:size]
		}
		return position
	}
	for {
		position := n*leafSize + uint32(l.hint)
		l.hint = (l.hint + 1) % leafSize
		if s.entry(position).word() == 0 {
			l.holes--
			return position
		}
	}
}

// dig makes a hole of the entry at position.
func (s *slab) dig(position uint32) {
	l := s.leaf(leafOf(position))
	*s.entry(position) = entry{}
	if position%leafSize+1 == uint32(l.size) {
		l.size--
		return
	}
	l.holes++
	l.hint = uint8(position % leafSize)
}

// of returns the leaf's entries in use, holes between them included.
func (s *slab) of(n uint32) []entry {
	first := n % blockLeaves * leafSize
	return s.blocks[n/blockLeaves].entries[first : first+uint32(s.leaf(n).size)]
}

// later reports whether an entry of the leaf is later than at.
func (s *slab) later(n uint32, at int64) bool {
	after := at - s.leaf(n).from
	entries := s.of(n)
	for i := range entries {
		if int64(entries[i].at) > after {
			return true
		}
	}
	return false
}

// sorted writes the leaf's entries, as places in it, by stamp, into order and
// returns how many they are. They are nearly sorted as a rule.
func (s *slab) sorted(n uint32, order *[leafSize]uint8) int {
	entries, size := s.of(n), 0
	for i := range entries {
		e := &entries[i]
		if e.word() == 0 {
			continue
		}
		j := size
		for ; j > 0 && entries[order[j-1]].at > e.at; j-- {
			order[j] = order[j-1]
		}
		order[j] = uint8(i)
		size++
	}
	return size
}
