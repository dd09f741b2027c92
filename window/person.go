package window

import "iter"

const (
	// releasable is how many committed sends of one recipient can still be given
	// back. A failure is reported within seconds; four is the room for a burst.
	releasable = 4

	// mostSends is how many sends of one recipient the ring keeps. Who has more,
	// which takes as many answers that never came, is a crowd.
	mostSends = 24
)

// sends yields the positions of one recipient's sends, of those that have expired
// and have not been cleared away too. None may be added or removed meanwhile.
func (w *Window) sends(who code) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for position := range w.index.filed(mix(who, w.seed)) {
			if w.slab.entry(position).who() == who && !yield(position) {
				return
			}
		}
	}
}

// person is what is live of one recipient.
type person struct {
	holder uint32 // the position of the send that holds the slot, or nowhere
	floor  uint32 // of the stamp that no ticket can take back, or nowhere
	sends  int
}

// person looks a recipient up, and clears away what has expired of it.
func (w *Window) person(who code) person { return w.personAt(who, mix(who, w.seed)) }

// personAt is the same for a code of which the hash is known.
func (w *Window) personAt(who code, h uint64) person {
	p := person{holder: nowhere, floor: nowhere}
	cut, stale := w.now-w.period, false
	for c := w.index.search(h); ; c = c.onward() {
		for ; c.hits != 0; c.hits &= c.hits - 1 {
			position := c.position()
			b := &w.slab.blocks[position/blockSize]
			e := &b.entries[position%blockSize]
			switch {
			case e.who() != who:
			case b.leaves[position%blockSize/leafSize].from+int64(e.at) <= cut:
				stale = true
			default:
				p.sends++
				if e.holds() {
					p.holder = position
				}
				if e.state() == floor {
					p.floor = position
				}
			}
		}
		if c.last() {
			break
		}
	}
	if stale {
		w.lapse()
		w.shed(who)
	}
	return p
}

// shed clears away a recipient's expired sends, so that no more than a few of
// one recipient are ever in the index.
func (w *Window) shed(who code) {
	var gone [2 * mostSends]uint32
	size := 0
	for position := range w.sends(who) {
		if size < len(gone) && !w.live(w.slab.stamp(position)) {
			gone[size] = position
			size++
		}
	}
	for _, position := range gone[:size] {
		w.forget(position)
	}
}

// insert books a send under a ticket.
func (w *Window) insert(who code, p person, st state, id uint64, at int64) {
	if c := w.crowd(p, who); c != nil || p.sends >= mostSends {
		c = w.gather(p, who)
		c.insert(w.lend(send{id: id, at: at, committed: st == committed}))
		w.settle(c, who)
		return
	}
	w.book(who, p, st, id, at)
	if st == committed {
		w.fold(who)
	}
}

// book adds a send of a recipient, and gives it the slot unless that is held
// from later on. The recipient is no crowd.
func (w *Window) book(who code, p person, st state, id uint64, at int64) {
	if p.holder == nowhere {
		w.take(w.add(who, st, id, at))
		return
	}
	if w.slab.stamp(p.holder) > at {
		w.add(who, st, id, at)
		return
	}
	w.give(p.holder)
	w.take(w.add(who, st, id, at))
}

// postpone moves a send to a later time, and gives it the slot if none is later.
// It reports whether all sends are still where they were.
func (w *Window) postpone(position uint32, at int64) (stay bool) {
	if at <= w.slab.stamp(position) {
		return true
	}
	position, stay = w.restamp(position, at)
	e := w.slab.entry(position)
	if e.holds() {
		return stay
	}
	if p := w.person(e.who()); w.slab.stamp(p.holder) <= at {
		w.give(p.holder)
		w.take(position)
	}
	return stay
}

// undo takes a live send out as if it had never been made.
func (w *Window) undo(position uint32) {
	e, n := *w.slab.entry(position), leafOf(position)
	if !e.holds() {
		w.forget(position)
		w.hollow(n)
		return
	}
	w.give(position)
	w.forget(position)
	next := nowhere
	for p := range w.sends(e.who()) {
		if w.live(w.slab.stamp(p)) && (next == nowhere || w.slab.older(next, p)) {
			next = p
		}
	}
	if next != nowhere {
		w.take(next)
	}
	w.hollow(n)
}

// forget takes out an entry that holds no slot, or has expired, with all that is
// known of it.
func (w *Window) forget(position uint32) {
	switch e := w.slab.entry(position); e.state() {
	case pending, committed:
		if len(w.merged) > 0 {
			w.unmerge(w.slab.id(position))
		}
	case crowded:
		if len(w.merged) > 0 {
			for id := range w.crowds[e.who()].tickets {
				w.unmerge(id)
			}
		}
		delete(w.crowds, e.who())
	case floor:
	}
	w.remove(position)
}

// unmerge forgets that a ticket's send belongs to another recipient than it says.
func (w *Window) unmerge(id uint64) {
	if len(w.merged) > 0 {
		delete(w.merged, id)
	}
}
