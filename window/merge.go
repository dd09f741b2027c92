package window

import "time"

// Merge makes one recipient of two spellings of one person, from being given up
// for into. They hold one slot with the later stamp of the two, and tickets of
// both keep working. Later calls must say into: the window does not remember
// the alias, and counts from, named again, as somebody else. It counts too many
// then, never too few. If from holds no slot, or either is empty, nothing
// changes.
func (w *Window) Merge(from, into string, now time.Time) {
	w.advance(now)
	f := w.names.find(from)
	if f == 0 || into == "" {
		return
	}
	p := w.person(f)
	if p.holder == nowhere {
		return
	}
	h := w.names.enter(into)
	if f != h {
		w.merge(f, p, h, w.person(h))
	}
	w.names.drop(h)
}

func (w *Window) merge(f code, p person, h code, q person) {
	if q.holder == nowhere {
		w.rename(f, h)
		return
	}
	if p.sends+q.sends <= mostSends && w.crowd(p, f) == nil && w.crowd(q, h) == nil {
		if w.slab.stamp(p.holder) > w.slab.stamp(q.holder) {
			w.give(q.holder)
		} else {
			w.give(p.holder)
		}
		w.rename(f, h)
		w.fold(h)
		return
	}
	from, into := w.gather(p, f), w.gather(q, h)
	into.floor = max(into.floor, from.floor)
	for id, s := range from.tickets {
		into.tickets[id] = s
		w.mark(id, h)
	}
	from.tickets = nil
	into.pending.absorb(&from.pending)
	into.committed.absorb(&from.committed)
	w.undo(p.holder)
	w.settle(into, h)
}

// rename makes the sends of f those of h.
func (w *Window) rename(f, h code) {
	var all [mostSends]uint32
	size := 0
	for position := range w.sends(f) {
		all[size] = position
		size++
	}
	for _, position := range all[:size] {
		e := w.slab.entry(position)
		switch e.state() {
		case pending, committed:
			w.mark(w.slab.id(position), h)
		case crowded:
			c := w.crowds[f]
			delete(w.crowds, f)
			w.crowds[h] = c
			for id := range c.tickets {
				w.mark(id, h)
			}
		case floor:
		}
		w.index.remove(mix(f, w.seed), position, w)
		e.setWho(h)
		w.index.insert(mix(h, w.seed), position, w)
		w.names.keep(h)
		w.names.drop(f)
	}
	w.changes++
}

// mark remembers whose a send is by now, whatever its ticket says.
func (w *Window) mark(id uint64, who code) {
	if w.merged == nil {
		w.merged = map[uint64]code{}
	}
	w.merged[id] = who
}
