package window

const (
	// releasable is how many committed sends of one recipient can still be given
	// back. A failure is reported within seconds; four is the room for a burst.
	releasable = 4

	// mostSends is how many sends of one recipient the ring keeps. Who has more,
	// which takes as many answers that never came, is a crowd. The index must
	// be able to push a position further than that from its home.
	mostSends = 24
)

// walk goes through the sends of one recipient, the expired ones included that
// have not been cleared away.
type walk struct {
	search

	slab *slab
	who  code
}

func (w *Window) sends(who code) walk {
	return walk{w.index.search(mix(who, w.seed)), &w.slab, who}
}

func (k *walk) next() (position uint32, ok bool) {
	for {
		position, ok = k.search.next()
		if !ok || k.slab.entry(position).who() == k.who {
			return position, ok
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
	for c := w.index.search(h); ; {
		position, ok := c.next()
		if !ok {
			break
		}
		b := &w.slab.blocks[position/blockSize]
		e := &b.entries[position%blockSize]
		if e.who() != who {
			continue
		}
		if b.leaves[position%blockSize/leafSize].from+int64(e.at) <= cut {
			stale = true
			continue
		}
		p.sends++
		if e.holds() {
			p.holder = position
		}
		if e.state() == floor {
			p.floor = position
		}
	}
	if stale {
		w.shed(who)
	}
	return p
}

// shed clears away a recipient's expired sends, so that no more than a few of
// one recipient are ever in the index.
func (w *Window) shed(who code) {
	var gone [2 * mostSends]uint32
	size := 0
	for k := w.sends(who); size < len(gone); {
		position, ok := k.next()
		if !ok {
			break
		}
		if !w.live(w.slab.stamp(position)) {
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
func (w *Window) postpone(position uint32, at int64) {
	if at <= w.slab.stamp(position) {
		return
	}
	position = w.restamp(position, at)
	e := w.slab.entry(position)
	if e.holds() {
		return
	}
	if p := w.person(e.who()); w.slab.stamp(p.holder) <= at {
		w.give(p.holder)
		w.take(position)
	}
}

// fold makes the recipient's committed sends beyond the latest few its floor,
// and forgets those that the floor has caught up with.
func (w *Window) fold(who code) {
	for {
		low, spare, oldest, size := nowhere, nowhere, nowhere, 0
		for k := w.sends(who); ; {
			position, ok := k.next()
			if !ok {
				break
			}
			at := w.slab.stamp(position)
			switch e := w.slab.entry(position); {
			case !w.live(at):
			case e.state() == floor:
				if low, spare = position, low; spare != nowhere && w.slab.stamp(spare) > at {
					low, spare = spare, low
				}
			case e.state() == committed:
				size++
				if oldest == nowhere || w.slab.older(position, oldest) {
					oldest = position
				}
			}
		}
		switch {
		case spare != nowhere:
			w.undo(spare)
		case low != nowhere && oldest != nowhere && w.slab.stamp(oldest) <= w.slab.stamp(low):
			w.undo(oldest)
		case size > releasable:
			w.unmerge(w.slab.id(oldest))
			w.slab.entry(oldest).seal(floor)
		default:
			return
		}
	}
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
	for k := w.sends(e.who()); ; {
		p, ok := k.next()
		if !ok {
			break
		}
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
