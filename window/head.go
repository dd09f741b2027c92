package window

// head is the order inside the one leaf where the slot is that frees next, so
// that expiry takes its entries one by one. Other leaves need no order.
type head struct {
	leaf  uint32 // nowhere if no slot is held, or it has not been looked for
	order [leafSize]uint8
	size  uint8 // entries in order
	first uint8 // the first of them that holds a slot
}

// load puts the leaf's entries in order.
func (h *head) load(s *slab, n uint32) {
	h.leaf, h.first = n, 0
	h.size = uint8(s.sorted(n, &h.order))
}

func (h *head) at(s *slab, i uint8) int64 {
	return int64(s.entry(h.position(i)).at)
}

func (h *head) position(i uint8) uint32 { return h.leaf*leafSize + uint32(h.order[i]) }

// behind returns the first index whose stamp is later than at.
func (h *head) behind(s *slab, at int64) uint8 {
	lo, hi := uint8(0), h.size
	if hi > 0 && h.at(s, hi-1) <= at {
		return hi
	}
	for lo < hi {
		if mid := (lo + hi) / 2; h.at(s, mid) <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// index returns where in the order the entry at position is. What is removed has
// as a rule just lost the slot that would have freed next.
func (h *head) index(s *slab, position uint32) uint8 {
	if h.first > 0 && h.position(h.first-1) == position {
		return h.first - 1
	}
	i := h.behind(s, int64(s.entry(position).at)) - 1
	for h.position(i) != position {
		i--
	}
	return i
}

// insert takes in the entry at position, which does not hold its slot as yet.
func (h *head) insert(s *slab, position uint32) {
	i := h.behind(s, int64(s.entry(position).at))
	copy(h.order[i+1:h.size+1], h.order[i:h.size])
	h.order[i] = uint8(position % leafSize)
	h.size++
	if i <= h.first {
		h.first++
	}
}

// remove leaves out the entry at position, which holds no slot.
func (h *head) remove(s *slab, position uint32) {
	i := h.index(s, position)
	copy(h.order[i:h.size-1], h.order[i+1:h.size])
	h.size--
	if i < h.first {
		h.first--
	}
}
