package window

import (
	"errors"
	"fmt"
)

// Check returns what is broken inside the window, nil if nothing is.
func (w *Window) Check() error {
	var faults []error
	must := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}

	o, n, last := &w.order, 0, key{at: never}
	for i, s := range o.shelves {
		must(s.len() > 0, "shelf %d is empty", i)
		must(len(s.places) <= width, "shelf %d holds %d", i, len(s.places))
		for j, p := range s.places {
			if j < s.head {
				must(p.who == nil, "an expired place still points to its holder")
				continue
			}
			n++
			must(last.before(p.key), "shelf %d, place %d: out of order", i, j)
			must(p.who.key == p.key, "shelf %d, place %d: not the key of its holder", i, j)
			must(w.holders[p.who.name] == p.who, "shelf %d, place %d: a stranger", i, j)
			last = p.key
		}
	}
	must(n == o.size && n == len(w.holders), "%d in order, size %d, %d holders", n, o.size, len(w.holders))
	must(len(o.shelves) <= 4*n/width+3, "%d shelves for %d", len(o.shelves), n)

	late := 0
	for _, h := range w.holders {
		must(w.live(h.at), "a holder has expired")
		must(h.at == h.latest(), "a holder's place is not its latest stamp")
		must(h.committed.size <= releasable, "%d committed sends", h.committed.size)
		for committed, l := range map[bool]*sends{false: &h.pending, true: &h.committed} {
			size, newer := 0, (*send)(nil)
			for s := l.newest; s != nil; s = s.older {
				size++
				must(s.id != 0 && s.of == h && s.committed == committed, "a send in a wrong list")
				must(s.newer == newer && (newer == nil || s.olderThan(newer)), "sends out of order")
				must(s.late == (w.late[s.id] == s), "late sends and their index disagree")
				if s.late {
					late++
				}
				newer = s
			}
			must(l.oldest == newer && l.size == size, "a list of %d says %d", size, l.size)
		}
	}
	must(late == len(w.late), "%d late sends, %d indexed", late, len(w.late))
	return errors.Join(faults...)
}
