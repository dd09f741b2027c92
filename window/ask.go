package window

import (
	"iter"
	"slices"
	"time"
)

// Stamp returns when the recipient's last counted send was, and whether the
// recipient holds a slot at all.
func (w *Window) Stamp(recipient string, now time.Time) (time.Time, bool) {
	w.advance(now)
	at, ok := w.stampOf(w.names.find(recipient))
	if !ok {
		return time.Time{}, false
	}
	return instant(at), true
}

func (w *Window) stampOf(who code) (int64, bool) {
	if who == 0 {
		return 0, false
	}
	for position := range w.sends(who) {
		if at := w.slab.stamp(position); w.slab.entry(position).holds() && w.live(at) {
			return at, true
		}
	}
	return 0, false
}

// Count returns how many recipients hold a slot.
func (w *Window) Count(now time.Time) int {
	w.recount(now)
	return w.used
}

// NextFree returns when the next slot frees if nothing more is sent, and false
// when none is held. At that very instant it is free.
func (w *Window) NextFree(now time.Time) (time.Time, bool) {
	w.recount(now)
	if w.used == 0 {
		return time.Time{}, false
	}
	if w.frees != w.first { // it is asked again and again for the same
		w.frees, w.next = w.first, instant(w.first+w.period)
	}
	return w.next, true
}

// FreeAt returns when k of limit slots are free if nothing more is sent: now
// itself if they are already, or if k is zero or less. It returns false if k is
// more than limit, for then they never are.
func (w *Window) FreeAt(now time.Time, limit, k int) (time.Time, bool) {
	w.recount(now)
	if k <= 0 {
		return now, true
	}
	if k > limit {
		return time.Time{}, false
	}
	surplus := w.used - (limit - k)
	if surplus <= 0 {
		return now, true
	}
	return instant(w.nth(surplus-1) + w.period), true
}

// nth returns the stamp of the slot that k others precede.
func (w *Window) nth(k int) int64 {
	n, rest := w.order.find(&w.slab, k)
	var held [leafSize]uint32 // when, sorted
	size := 0
	entries := w.slab.of(n)
	for i := range entries {
		if !entries[i].holds() {
			continue
		}
		at, j := entries[i].at, size
		for ; j > 0 && held[j-1] > at; j-- {
			held[j] = held[j-1]
		}
		held[j] = at
		size++
	}
	return w.slab.leaf(n).from + int64(held[rest])
}

// All yields the recipients that hold a slot when the iteration begins, and
// their stamps, oldest first, those of one stamp in no particular order. The
// window may be changed by the loop's body: the iteration then goes on behind
// what it yielded last. Who keeps its slot and stamp is yielded once, who is
// renewed meanwhile may come again with its new stamp, and who loses its slot
// before its turn is left out.
func (w *Window) All(now time.Time) iter.Seq2[string, time.Time] {
	return func(yield func(string, time.Time) bool) {
		w.advance(now)
		for batch := range w.batches() {
			seen := w.changes
			for _, h := range batch {
				if !w.live(h.at) { // by now: that the clock has moved is no change
					continue
				}
				if seen != w.changes {
					if at, ok := w.stampOf(h.who); !ok || at != h.at {
						continue
					}
				}
				if !yield(w.names.text(h.who), instant(h.at)) {
					return
				}
			}
		}
	}
}

// Curve yields each instant at which slots free if nothing more is sent, in
// order, and how many of those now held are free by then: at the last one all
// are. The window must not be changed by the loop's body.
func (w *Window) Curve(now time.Time) iter.Seq2[time.Time, int] {
	return func(yield func(time.Time, int) bool) {
		w.advance(now)
		free := 0
		for batch := range w.batches() {
			for i, h := range batch {
				free++
				if i+1 < len(batch) && batch[i+1].at == h.at {
					continue
				}
				if !yield(instant(h.at+w.period), free) {
					return
				}
			}
		}
	}
}

// holder is a recipient with a slot, and its stamp.
type holder struct {
	who code
	at  int64
}

// batches yields all holders in time order, some at a time, never breaking off
// between two of one stamp. So it can go on after any change behind the last.
func (w *Window) batches() iter.Seq[[]holder] {
	return func(yield func([]holder) bool) {
		var batch []holder
		for behind := never; ; behind = batch[len(batch)-1].at {
			batch = w.batch(behind, batch[:0])
			if len(batch) == 0 || !yield(batch) {
				return
			}
		}
	}
}

// batch appends the holders next behind a stamp.
func (w *Window) batch(behind int64, to []holder) []holder {
	i := max(w.order.last(&w.slab, behind), w.order.front)
	last := forever
	for ; i < len(w.order.row); i++ {
		n := w.order.row[i]
		l := w.slab.leaf(n)
		if len(to) > 0 && l.from > to[len(to)-1].at {
			break
		}
		from := len(to)
		for s := range uint32(l.size) {
			position := n*leafSize + s
			e, at := w.slab.entry(position), w.slab.stamp(position)
			if e.holds() && at > behind && at <= last && w.live(at) {
				to = append(to, holder{e.who(), at})
			}
		}
		slices.SortFunc(to[from:], func(a, b holder) int { return int(min(max(a.at-b.at, -1), 1)) })
		if len(to) > 0 {
			last = to[len(to)-1].at
		}
	}
	return to
}
