package window

// The ring is all sends in time order: the leaves of the slab, and the indexes
// that find them by recipient and by time. Of a recipient's sends the latest
// holds the slot; the others stay where they are, so that undoing the latest
// puts an earlier one back by setting a bit.

// hash implements [hasher] for the index of sends.
func (w *Window) hash(position uint32) uint64 {
	return mix(w.slab.entry(position).who(), w.seed)
}

// add books a send that does not hold a slot as yet. It may move other entries
// and makes their positions void.
func (w *Window) add(who code, st state, id uint64, at int64) uint32 {
	w.clean()
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

// remove takes out an entry that holds no slot, or is in no leaf in order.
func (w *Window) remove(position uint32) {
	e := w.slab.entry(position)
	who := e.who()
	w.index.remove(mix(who, w.seed), position)
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
	if n == w.head.leaf && w.head.position(w.head.first) == position {
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

// restamp moves a send to another time, and returns where it is then.
func (w *Window) restamp(position uint32, at int64) uint32 {
	e, n := *w.slab.entry(position), leafOf(position)
	l := w.slab.leaf(n)
	i := w.order.index(l)
	stays := at >= l.from && at-l.from <= span &&
		(i+1 == len(w.order.row) || at <= w.slab.leaf(w.order.row[i+1]).from)
	if stays && n != w.head.leaf {
		w.slab.entry(position).at = uint32(at - l.from)
		w.changes++
		return position
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
	return position
}

// expire takes the slots from all that are not live any more.
func (w *Window) expire() {
	cut := w.now - w.period
	for w.order.len() > 1 && w.slab.leaf(w.order.row[w.order.front+1]).from <= cut {
		n := w.order.pop(&w.slab)
		l := w.slab.leaf(n)
		w.used -= int(l.holds)
		l.stale = true
		w.stale = append(w.stale, n)
		if n == w.head.leaf {
			w.head.leaf = nowhere
		}
	}
	w.follow()
	for w.first <= cut {
		w.give(w.head.position(w.head.first))
	}
	w.changes++
}

// cleaned is how many entries one call clears away at most: more than the one
// that it adds, so that cleaning overtakes the growth.
const cleaned = 4

// clean takes some entries of expired leaves out of the index.
func (w *Window) clean() {
	if len(w.stale) == w.cleared {
		// Where everybody is renewed in time no slot expires, but sends do.
		if w.order.len() > 1 && !w.live(w.slab.leaf(w.order.row[w.order.front+1]).from) {
			w.expire()
		}
		return
	}
	n := w.stale[w.cleared]
	l := w.slab.leaf(n)
	entries := w.slab.of(n)
	for range cleaned {
		for l.size > 0 && entries[l.size-1].word() == 0 {
			l.size--
			l.holes--
		}
		if l.size == 0 {
			w.slab.release(n)
			w.cleared++
			w.stale, w.cleared = compact(w.stale, w.cleared)
			return
		}
		w.forget(n*leafSize + uint32(l.size-1))
	}
}

// compact moves a queue to the front of its slice once half of that is past.
func compact(queue []uint32, past int) (rest []uint32, front int) {
	if past <= len(queue)/2 {
		return queue, past
	}
	return queue[:copy(queue, queue[past:])], 0
}
