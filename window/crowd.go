package window

// crowd is the sends of one recipient who has too many for the ring, in lists
// that stay quick at any length. In the ring one entry stands for all of them.
type crowd struct {
	tickets   map[uint64]*send
	floor     int64 // a stamp that no ticket can take back
	pending   sends
	committed sends
}

// latest returns the stamp that the crowd's entry ought to have.
func (c *crowd) latest() int64 {
	at := c.floor
	if s := c.pending.newest; s != nil {
		at = max(at, s.at)
	}
	if s := c.committed.newest; s != nil {
		at = max(at, s.at)
	}
	return at
}

// list returns the list that s is, or by its state belongs, in.
func (c *crowd) list(s *send) *sends {
	if s.committed {
		return &c.committed
	}
	return &c.pending
}

func (c *crowd) insert(s *send) {
	c.tickets[s.id] = s
	c.list(s).insert(s)
}

// end makes a send a committed one, at a stamp.
func (c *crowd) end(s *send, at int64) {
	c.list(s).remove(s)
	s.at, s.committed = at, true
	c.list(s).insert(s)
}

// crowd returns the recipient's crowd, nil if it is none.
func (w *Window) crowd(p person, who code) *crowd {
	if p.holder == nowhere || w.slab.entry(p.holder).state() != crowded {
		return nil
	}
	return w.crowds[who]
}

// gather makes a crowd of a recipient that holds a slot.
func (w *Window) gather(p person, who code) *crowd {
	if c := w.crowd(p, who); c != nil {
		return c
	}
	c := &crowd{tickets: map[uint64]*send{}, floor: never}
	var others []uint32
	for position := range w.sends(who) {
		e, at := w.slab.entry(position), w.slab.stamp(position)
		if e.state() == floor {
			c.floor = max(c.floor, at)
		} else {
			c.insert(w.lend(send{id: w.slab.id(position), at: at, committed: e.state() == committed}))
		}
		if position != p.holder {
			others = append(others, position)
		}
	}
	for _, position := range others {
		w.remove(position) // not forgotten: its ticket still counts
	}
	w.slab.entry(p.holder).seal(crowded)
	if w.crowds == nil {
		w.crowds = map[code]*crowd{}
	}
	w.crowds[who] = c
	return c
}

// settle forgets what can no longer make a difference to a crowd, and puts its
// entry where it belongs.
func (w *Window) settle(c *crowd, who code) {
	for s := c.pending.oldest; s != nil && !w.live(s.at); s = c.pending.oldest {
		w.drop(c, s)
	}
	for c.committed.size > releasable {
		c.floor = max(c.floor, c.committed.oldest.at)
		w.drop(c, c.committed.oldest)
	}
	for s := c.committed.oldest; s != nil && s.at <= c.floor; s = c.committed.oldest {
		w.drop(c, s)
	}
	position := w.person(who).holder
	if at := c.latest(); !w.live(at) {
		w.undo(position)
	} else if at != w.slab.stamp(position) {
		w.restamp(position, at)
	}
}

// drop takes a send out of a crowd and makes its ticket unknown.
func (w *Window) drop(c *crowd, s *send) {
	c.list(s).remove(s)
	delete(c.tickets, s.id)
	w.unmerge(s.id)
	s.older, w.spare = w.spare, s
}

// lend returns a send like the one given, of those that crowds have dropped.
func (w *Window) lend(like send) *send {
	s := w.spare
	if s == nil {
		s = new(send)
	} else {
		w.spare = s.older
	}
	*s = like
	return s
}
