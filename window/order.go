package window

import (
	"slices"
	"sort"
)

const groupSize = 16 // leaves

// order is the row of leaves in time order, with the numbers of slots that are
// held in groups of them, so that the k-th to free is found by adding up a few
// numbers. A leaf knows its place in the row; places count on for ever, so that
// none has to move when leaves go at the front.
type order struct {
	row    []uint32 // row[front:] are leaves
	front  int
	base   uint32   // the place of row[0]
	groups []uint32 // slots held in row[i*groupSize:][:groupSize]
	second int64    // when the second leaf begins: by then the first is over
}

func (o *order) len() int { return len(o.row) - o.front }

// index returns where in the row a leaf is.
func (o *order) index(l *leaf) int { return int(l.place - o.base) }

// count adds to the slots held in a leaf.
func (o *order) count(l *leaf, n int) {
	l.holds += uint8(n)
	o.groups[o.index(l)/groupSize] += uint32(n)
}

// insert puts an empty leaf at index i of the row.
func (o *order) insert(s *slab, i int, n uint32) {
	if i < len(o.row) {
		o.row = slices.Insert(o.row, i, n)
		o.recount(s, i)
	} else {
		o.row = append(o.row, n)
		s.leaf(n).place = o.base + uint32(i)
		if i/groupSize == len(o.groups) {
			o.groups = append(o.groups, 0)
		}
	}
	o.look(s)
}

// look finds when the second leaf begins.
func (o *order) look(s *slab) {
	o.second = forever
	if i := o.front + 1; i < len(o.row) {
		o.second = s.leaf(o.row[i]).from
	}
}

// remove takes out the leaf at index i.
func (o *order) remove(s *slab, i int) {
	if i == o.front {
		o.shift(s, i+1)
	} else {
		o.row = slices.Delete(o.row, i, i+1)
		o.recount(s, i)
	}
	o.look(s)
}

// recount brings places and groups up to date from index i on.
func (o *order) recount(s *slab, i int) {
	if len(o.row) > len(o.groups)*groupSize {
		o.groups = append(o.groups, 0)
	}
	first := i / groupSize * groupSize
	clear(o.groups[i/groupSize:])
	for j := first; j < len(o.row); j++ {
		if j >= o.front {
			l := s.leaf(o.row[j])
			l.place = o.base + uint32(j)
			o.groups[j/groupSize] += uint32(l.holds)
		}
	}
}

// shift takes out the first leaves, those before index to, and returns how many
// slots they held. When nothing else changes, look is called for.
func (o *order) shift(s *slab, to int) (held int) {
	for o.front < to {
		g := o.front / groupSize
		if o.front%groupSize == 0 && o.front+groupSize <= to { // all of a group
			held += int(o.groups[g])
			o.groups[g] = 0
			o.front += groupSize
			continue
		}
		holds := s.leaf(o.row[o.front]).holds
		held += int(holds)
		o.groups[g] -= uint32(holds)
		o.front++
	}
	if gone := o.front / groupSize; gone > len(o.row)/groupSize/2 {
		o.row = o.row[:copy(o.row, o.row[gone*groupSize:])]
		o.groups = o.groups[:copy(o.groups, o.groups[gone:])]
		o.front -= gone * groupSize
		o.base += uint32(gone * groupSize)
	}
	return held
}

// has reports whether a leaf that was in the row still is, unless it was taken out
// of the middle: then its place is another's by now.
func (o *order) has(l *leaf) bool { return int32(l.place-o.base)-int32(o.front) >= 0 }

// last returns the index of the last leaf that begins at or before the stamp,
// front-1 if there is none.
func (o *order) last(s *slab, at int64) int {
	i := len(o.row) - 1
	if i < o.front || s.leaf(o.row[i]).from <= at {
		return i
	}
	return o.front - 1 + sort.Search(i-o.front, func(j int) bool { return s.leaf(o.row[o.front+j]).from > at })
}

// find returns the leaf with the slot that k others precede, and how many in the
// same leaf do. There must be one.
func (o *order) find(s *slab, k int) (n uint32, rest int) {
	g := o.front / groupSize
	for ; k >= int(o.groups[g]); g++ {
		k -= int(o.groups[g])
	}
	i := max(g*groupSize, o.front)
	for ; k >= int(s.leaf(o.row[i]).holds); i++ {
		k -= int(s.leaf(o.row[i]).holds)
	}
	return o.row[i], k
}
