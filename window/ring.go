package window

// The ring is all sends in time order: the leaves of the slab, and the indexes
// that find them by recipient and by time. Of a recipient's sends the latest
// holds the slot; the others stay where they are, so that undoing the latest
// puts an earlier one back by setting a bit.
//
// What is over goes in steps: expire takes whole leaves of which nothing is live
// out of the row, lapse takes the slots of single sends when their number
// matters, and clean takes the entries of leaves that went out of the index, some
// with each booking. Where somebody is looked up, shed clears what is over of
// that one; where a leaf is full, sweep does of that leaf.

// hash implements [hasher] for the index of sends.
func (w *Window) hash(position uint32) uint64 {
	return mix(w.slab.entry(position).who(), w.seed)
}

// add books a send that does not hold a slot as yet. It may move other entries
// and makes their positions void.
func (w *Window) add(who code, st state, id uint64, at int64) uint32 {
	if w.cleared < len(w.stale) {
		w.clean()
	}
	position := w.room(at, id)
	w.slab.write(position, who, st, id, at)
	w.index.insert(mix(who, w.seed), position, w)
	if n := leafOf(position); n == w.head.leaf {
		w.head.insert(&w.slab, position)
	}
	w.names.keep(who)
	w.changes++
	return position
}

// push books a reservation and gives it the slot, if nothing is out of the
// ordinary: the send goes into the last leaf, no other of the recipient is later,
// and they are few. It is what nearly every reservation comes to, in one go, and
// does what [Window.insert] would.
func (w *Window) push(who code, h uint64, p person, id uint64, at int64) bool {
	if p.holder != nowhere && (p.sends >= mostSends || w.slab.entry(p.holder).state() == crowded || w.slab.stamp(p.holder) > at) {
		return false
	}
	if w.cleared < len(w.stale) {
		w.clean()
	}
	i := len(w.order.row) - 1
	if i < w.order.front {
		return false
	}
	n := w.order.row[i]
	b := &w.slab.blocks[n/blockLeaves]
	l := &b.leaves[n%blockLeaves]
	place := uint32(l.size)
	low, after := id-l.ids, at-l.from
	offset := n%blockLeaves*leafSize + place
	if place == leafSize || offset >= uint32(len(b.entries)) || low >= wideID || uint64(after) > span ||
		n == w.head.leaf || w.used == 0 {
		return false
	}
	w.index.insert(h, n*leafSize+place, w)
	e := &b.entries[offset]
	e.set(who, pending, uint32(low))
	e.hi |= holdsMark
	e.at = uint32(after)
	l.size++
	w.order.count(l, 1)
	w.used++
	w.names.keep(who)
	if p.holder != nowhere {
		w.give(p.holder)
	}
	w.changes++
	return true
}

// remove takes out an entry that holds no slot, or is in no leaf in order.
func (w *Window) remove(position uint32) {
	e := w.slab.entry(position)
	who := e.who()
	w.index.remove(mix(who, w.seed), position, w)
	if leafOf(position) == w.head.leaf {
		w.head.remove(&w.slab, position)
	}
	w.slab.dig(position)
	w.names.drop(who)
	w.changes++
}

// take gives the recipient's slot to the send at position.
func (w *Window) take(position uint32) {
	n := leafOf(position)
	l := w.slab.leaf(n)
	w.slab.entry(position).setHolds(true)
	w.order.count(l, 1)
	w.used++
	switch {
	case w.used == 1:
		w.lead(n)
	case n == w.head.leaf:
		if at := w.slab.stamp(position); at <= w.first {
			w.head.first = min(w.head.first, w.head.index(&w.slab, position))
			w.first = at
		}
	case w.head.leaf == nowhere: // and looked for when it is asked for
	case l.place-w.order.base < w.slab.leaf(w.head.leaf).place-w.order.base:
		w.lead(n)
	}
}

// give takes the slot from the send at position.
func (w *Window) give(position uint32) {
	n := leafOf(position)
	w.slab.entry(position).setHolds(false)
	w.order.count(w.slab.leaf(n), -1)
	w.used--
	if w.used == 0 || n == w.head.leaf && w.head.position(w.head.first) == position {
		w.follow()
	}
}

// lead makes n the leaf of the slot that frees next.
func (w *Window) lead(n uint32) {
	w.head.load(&w.slab, n)
	w.follow()
}

// follow finds the slot that frees next, which is not before the last found.
func (w *Window) follow() {
	if w.used == 0 {
		w.head.leaf, w.first = nowhere, forever
		return
	}
	if w.head.leaf == nowhere || w.slab.leaf(w.head.leaf).holds == 0 {
		n, _ := w.order.find(&w.slab, 0)
		w.head.load(&w.slab, n)
	}
	for !w.slab.entry(w.head.position(w.head.first)).holds() {
		w.head.first++
	}
	w.first = w.slab.stamp(w.head.position(w.head.first))
}

// restamp moves a send to another time. It returns where the send is then, and
// whether all others are where they were.
func (w *Window) restamp(position uint32, at int64) (to uint32, stay bool) {
	e, n := *w.slab.entry(position), leafOf(position)
	l := w.slab.leaf(n)
	i := w.order.index(l)
	stays := at >= l.from && at-l.from <= span &&
		(i+1 == len(w.order.row) || at <= w.slab.leaf(w.order.row[i+1]).from)
	if stays && n != w.head.leaf {
		w.slab.entry(position).at = uint32(at - l.from)
		w.changes++
		return position, true
	}
	if e.holds() {
		w.give(position)
	}
	if stays {
		if n == w.head.leaf {
			w.head.remove(&w.slab, position)
		}
		w.slab.entry(position).at = uint32(at - l.from)
		if n == w.head.leaf {
			w.head.insert(&w.slab, position)
		}
		w.changes++
	} else {
		who, id := e.who(), w.slab.id(position)
		w.names.keep(who)
		w.remove(position)
		w.hollow(n)
		position = w.add(who, e.state(), id, at)
		w.names.drop(who)
	}
	if e.holds() {
		w.take(position)
	}
	return position, stays
}

// expire takes the slots from all in the leaves of which nothing is live, and
// hands those leaves over to be cleared. However many they are, it reads few.
func (w *Window) expire() {
	cut := w.now - w.period
	if w.order.second > cut {
		return
	}
	to := max(w.order.last(&w.slab, cut), w.order.front) // of which something may be live; a zero Window has no leaf
	w.stale = append(w.stale, w.order.row[w.order.front:to]...)
	w.used -= w.order.shift(&w.slab, to)
	w.order.look(&w.slab)
	switch {
	case w.used == 0:
		w.head.leaf, w.first = nowhere, forever
	case w.head.leaf != nowhere && !w.order.has(w.slab.leaf(w.head.leaf)):
		w.head.leaf, w.first = nowhere, never // not known before lapse
	}
}

// lapse takes their slots from those who are left and not live any more. It is
// done when somebody asks how many there are, or cannot do without.
func (w *Window) lapse() {
	cut := w.now - w.period
	if w.used > 0 && w.head.leaf == nowhere {
		w.follow()
	}
	for w.used > 0 && w.first <= cut {
		w.lapseTo(cut)
	}
}

// lapseTo does so in the head, and finds the one that frees next.
func (w *Window) lapseTo(cut int64) {
	h := &w.head
	l, entries, gone := w.slab.leaf(h.leaf), w.slab.of(h.leaf), 0
	for ; h.first < h.size; h.first++ {
		e := &entries[h.order[h.first%leafSize]]
		if !e.holds() {
			continue
		}
		if w.first = l.from + int64(e.at); w.first > cut {
			break
		}
		e.setHolds(false)
		gone++
	}
	w.order.count(l, -gone)
	w.used -= gone
	if h.first == h.size {
		w.follow() // in another leaf
	}
}

// cleaned is how many entries one call clears away at most: more than the one
// that it adds, so that cleaning overtakes the growth, and several at a time, as
// the processor then fetches what one needs while it clears another.
const cleaned = 8

// clean takes some entries of expired leaves, of which there are some, out of
// the index.
func (w *Window) clean() {
	n := w.stale[w.cleared]
	l := w.slab.leaf(n)
	entries := w.slab.of(n)
	plain := len(w.merged) == 0
	for i := len(entries) - 1; i >= max(0, len(entries)-cleaned); i-- {
		e, position := &entries[i], n*leafSize+uint32(i)
		switch who := e.who(); {
		case who == 0:
			l.size--
			l.holes--
		case !plain || who >= firstName || e.state() == crowded:
			w.forget(position)
		default: // the same, of what nothing else is known
			h := mix(who, w.seed)
			w.index.segment(h).remove(h, position, w)
			*e = entry{}
			l.size--
		}
	}
	w.changes++
	if l.size == 0 { // now, or leaves of one entry would come faster than they go
		w.slab.release(n)
		w.cleared++
		w.stale, w.cleared = compact(w.stale, w.cleared)
	}
}

// compact moves a queue to the front of its slice once half of that is past.
func compact(queue []uint32, past int) (rest []uint32, front int) {
	if past <= len(queue)/2 {
		return queue, past
	}
	return queue[:copy(queue, queue[past:])], 0
}
