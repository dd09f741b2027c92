package window

import (
	"errors"
	"fmt"
)

// Check returns what is broken inside the window, nil if nothing is.
func (w *Window) Check() error {
	c := &checker{w: w, sends: map[code][]uint32{}, at: map[uint32]bool{}}
	c.order()
	c.stale()
	c.free()
	c.people()
	c.indexes()
	c.head()
	return errors.Join(c.faults...)
}

// KnowsWhatFreesNext is false from when it has expired until somebody asks.
func (w *Window) KnowsWhatFreesNext() bool { return w.used == 0 || w.head.leaf != nowhere }

// CountPlacesFrom sets the place of the first leaf of a window that has none yet.
func (w *Window) CountPlacesFrom(place uint32) { w.order.base = place }

// FirstPlace is the place of the first leaf.
func (w *Window) FirstPlace() uint32 { return w.order.base + uint32(w.order.front) }

// Crowds is how many people are crowds.
func (w *Window) Crowds() int { return len(w.crowds) }

type checker struct {
	w      *Window
	faults []error
	sends  map[code][]uint32 // in the ring, by recipient, stale ones included
	at     map[uint32]bool   // the positions in use
	leaves int
	used   int
}

func (c *checker) must(ok bool, format string, args ...any) {
	if !ok {
		c.faults = append(c.faults, fmt.Errorf(format, args...))
	}
}

// leaf counts and collects a leaf's entries, and returns how many hold a slot.
func (c *checker) leaf(n uint32) (holds int) {
	l := c.w.slab.leaf(n)
	c.leaves++
	holes := 0
	for i := range uint32(l.size) {
		p := n*leafSize + i
		e := c.w.slab.entry(p)
		if e.word() == 0 {
			holes++
			continue
		}
		c.at[p] = true
		c.sends[e.who()] = append(c.sends[e.who()], p)
		if e.holds() {
			holds++
		}
	}
	c.must(holes == int(l.holes), "leaf %d: %d holes, says %d", n, holes, l.holes)
	return holds
}

// order checks the leaves in order: disjoint in time, and counted right.
func (c *checker) order() {
	w := c.w
	o := &w.order
	groups := make([]uint32, len(o.groups))
	last := never
	second := forever
	if o.len() > 1 {
		second = w.slab.leaf(o.row[o.front+1]).from
	}
	c.must(o.second == second, "the second leaf begins at %d, says %d", second, o.second)
	for i := o.front; i < len(o.row); i++ {
		n := o.row[i]
		l := w.slab.leaf(n)
		c.must(o.has(l) && o.index(l) == i, "leaf %d is at %d, says %d", n, i, o.index(l))
		c.must(l.from >= last, "leaf %d begins before the one before it", n)
		holds := c.leaf(n)
		c.must(holds == int(l.holds), "leaf %d holds %d, says %d", n, holds, l.holds)
		groups[i/groupSize] += uint32(holds)
		c.used += holds
		for j := range uint32(l.size) {
			if p := n*leafSize + j; w.slab.entry(p).word() != 0 {
				at := w.slab.stamp(p)
				c.must(at >= l.from && at >= last, "leaf %d: an entry is too early", n)
				c.must(i+1 == len(o.row) || at <= w.slab.leaf(o.row[i+1]).from, "leaf %d: an entry is too late", n)
			}
		}
		last = l.from
		c.must(i == o.front || i+1 == len(o.row) || n == w.head.leaf || l.used() > 0, "leaf %d is empty", n)
	}
	for i, sum := range groups {
		c.must(sum == o.groups[i], "group %d holds %d, says %d", i, sum, o.groups[i])
	}
	c.must(c.used == w.used, "%d slots held, says %d", c.used, w.used)
}

func (c *checker) stale() {
	for _, n := range c.w.stale[c.w.cleared:] {
		l := c.w.slab.leaf(n)
		c.must(!c.w.order.has(l), "leaf %d is not over", n)
		c.leaf(n)
		for i := range uint32(l.size) {
			p := n*leafSize + i
			c.must(c.w.slab.entry(p).word() == 0 || !c.w.live(c.w.slab.stamp(p)), "a live entry in a stale leaf")
		}
	}
}

func (c *checker) free() {
	for _, n := range c.w.slab.free {
		c.must(c.leaf(n) == 0 && c.w.slab.leaf(n).used() == 0, "leaf %d is free and in use", n)
	}
	c.must(c.leaves == int(c.w.slab.next), "%d leaves, %d in use", c.w.slab.next, c.leaves)
}

// people checks for each recipient that its latest live send holds the slot and
// that nothing is remembered that should be folded.
func (c *checker) people() {
	w := c.w
	crowds, merged := 0, 0
	for who, positions := range c.sends {
		holders, floors, size, best := 0, 0, 0, never
		held, low, oldest := never, never, forever
		live := 0
		for _, p := range positions {
			e, at := w.slab.entry(p), w.slab.stamp(p)
			if e.state() <= committed {
				if m, ok := w.merged[w.slab.id(p)]; ok && m == who {
					merged++
				}
			}
			if e.state() == crowded {
				crowds++
				merged += c.crowd(who, at)
			}
			if e.holds() && w.order.has(w.slab.leaf(leafOf(p))) {
				holders++
				held = at
			}
			if !w.live(at) {
				continue
			}
			live++
			best = max(best, at)
			switch e.state() {
			case committed:
				size++
				oldest = min(oldest, at)
			case floor:
				floors++
				low = at
			case crowded:
				c.must(len(positions) == 1 || live == 1, "a crowd has other entries")
			case pending:
			}
		}
		c.must(live <= mostSends, "%d sends of one in the ring", live)
		// Who has expired may hold the slot until that makes a difference.
		c.must(live == 0 && holders == 0 || holders == 1 && (held == best || live == 0), "%d of %d live sends hold the slot", holders, live)
		c.must(floors <= 1 && size <= releasable && oldest > low, "%d floors, %d committed, one of them folded", floors, size)
		if who >= firstName {
			n := w.names.at(uint32(who - firstName))
			c.must(int(n.sends) == len(positions), "a name with %d sends says %d", len(positions), n.sends)
		}
	}
	c.must(crowds == len(w.crowds), "%d crowds, %d entries", len(w.crowds), crowds)
	c.must(merged == len(w.merged), "%d sends merged, %d marks", merged, len(w.merged))
}

func (c *checker) crowd(who code, at int64) (merged int) {
	w := c.w
	crowd := w.crowds[who]
	if crowd == nil {
		c.must(false, "a crowd is missing")
		return 0
	}
	c.must(!w.live(at) || crowd.latest() == at, "a crowd's entry is not at its latest stamp")
	c.must(crowd.committed.size <= releasable, "%d committed sends", crowd.committed.size)
	n := 0
	for committed, l := range map[bool]*sends{false: &crowd.pending, true: &crowd.committed} {
		size, newer := 0, (*send)(nil)
		for s := l.newest; s != nil; s = s.older {
			size++
			n++
			c.must(crowd.tickets[s.id] == s && s.committed == committed, "a send in a wrong list")
			c.must(s.newer == newer && (newer == nil || s.olderThan(newer)), "sends out of order")
			if w.merged[s.id] == who {
				merged++
			}
			newer = s
		}
		c.must(l.oldest == newer && l.size == size, "a list of %d says %d", size, l.size)
	}
	c.must(n == len(crowd.tickets), "%d sends, %d tickets", n, len(crowd.tickets))
	return merged
}

// indexes checks that everything in use is found, and nothing else.
func (c *checker) indexes() {
	w := c.w
	c.index("sends", &w.index, w, len(c.at), func(p uint32) bool { return c.at[p] })
	named := 0
	for i := range w.names.next {
		if w.names.at(i).sends > 0 {
			named++
		}
	}
	c.index("names", &w.names.index, &w.names, named, func(i uint32) bool { return w.names.at(i).sends > 0 })
	c.must(named+len(w.names.free) == int(w.names.next), "%d names in use, %d free, %d in all", named, len(w.names.free), w.names.next)
}

func (c *checker) index(name string, ix *index, of hasher, size int, used func(uint32) bool) {
	seen := map[uint32]bool{}
	for i, s := range ix.segments {
		part := len(ix.segments) >> s.depth
		if i%part > 0 {
			c.must(ix.segments[i-1] == s, "%s: a segment's part is broken", name)
			continue
		}
		n := 0
		for p := range s.positions {
			n++
			h := of.hash(p)
			c.must(used(p) && !seen[p], "%s: %d is not in use, or twice", name, p)
			seen[p] = true
			c.must(ix.segment(h) == s, "%s: %d is in a wrong segment", name, p)
			found := false
			for q := range ix.filed(h) {
				found = found || p == q
			}
			c.must(found, "%s: %d is not found", name, p)
		}
		c.must(n == s.used, "%s: a segment of %d says %d", name, n, s.used)
		c.buckets(name, s, of)
	}
	c.must(len(seen) == size, "%s: %d in use, %d filed", name, size, len(seen))
}

// buckets checks that each counts those who passed it.
func (c *checker) buckets(name string, s *segment, of hasher) {
	passed := make([]int, len(s.buckets))
	for p := range s.positions {
		h := of.hash(p)
		at, _ := s.find(h, p)
		for b, _ := s.home(h); b != at; b = s.after(b) {
			passed[b]++
		}
	}
	for b, n := range passed {
		c.must(n == int(s.beyond[b]) || s.beyond[b] == countless, "%s: a bucket was passed %d times, says %d", name, n, s.beyond[b])
		c.must(n == 0 || s.buckets[b].tagged(0) == 0, "%s: a bucket with room was passed", name)
	}
}

func (c *checker) head() {
	w := c.w
	h := &w.head
	if w.used == 0 {
		c.must(h.leaf == nowhere && w.first == forever, "a head without a slot")
		return
	}
	if h.leaf == nowhere { // not looked for yet
		c.must(w.first == never, "a slot that frees first, but no head")
		return
	}
	n, _ := w.order.find(&w.slab, 0)
	c.must(h.leaf == n, "the head is leaf %d, want %d", h.leaf, n)
	c.must(int(h.size) == w.slab.leaf(n).used(), "the head has %d of %d", h.size, w.slab.leaf(n).used())
	for i := range h.size {
		e := w.slab.entry(h.position(i))
		c.must(i == 0 || h.at(&w.slab, i) >= h.at(&w.slab, i-1), "the head is out of order")
		c.must(i >= h.first == e.holds() || i > h.first, "the head begins elsewhere")
	}
	c.must(w.first == w.slab.stamp(h.position(h.first)), "the first slot frees at another time")
}
