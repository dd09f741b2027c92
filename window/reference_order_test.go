package window_test

import (
	"slices"
	"sort"
)

const refReleasable = 4

type refSend struct {
	id           uint64
	at           int64
	of           *refHolder
	newer, older *refSend
	committed    bool
	late         bool // found through Window.late, for its ticket points elsewhere
}

type refHolder struct {
	refKey
	name      string
	floor     int64 // a stamp that no ticket can take back
	pending   refSends
	committed refSends
}

func (h *refHolder) refLatest() int64 {
	at := h.floor
	if s := h.pending.newest; s != nil {
		at = max(at, s.at)
	}
	if s := h.committed.newest; s != nil {
		at = max(at, s.at)
	}
	return at
}

func (h *refHolder) list(s *refSend) *refSends {
	if s.committed {
		return &h.committed
	}
	return &h.pending
}

type refSends struct {
	newest, oldest *refSend
	size           int
}

func (l *refSends) insert(s *refSend) {
	older := l.newest
	for older != nil && s.olderThan(older) {
		older = older.older
	}
	l.link(s, older)
}

func (l *refSends) link(s, older *refSend) {
	s.older = older
	if older == nil {
		s.newer, l.oldest = l.oldest, s
	} else {
		s.newer, older.newer = older.newer, s
	}
	if s.newer == nil {
		l.newest = s
	} else {
		s.newer.older = s
	}
	l.size++
}

func (l *refSends) remove(s *refSend) {
	if s.newer == nil {
		l.newest = s.older
	} else {
		s.newer.older = s.older
	}
	if s.older == nil {
		l.oldest = s.newer
	} else {
		s.older.newer = s.newer
	}
	s.newer, s.older = nil, nil
	l.size--
}

func (l *refSends) absorb(from *refSends) {
	older := l.newest
	for s := from.newest; s != nil; s = from.newest {
		from.remove(s)
		for older != nil && s.olderThan(older) {
			older = older.older
		}
		l.link(s, older)
	}
}

func (s *refSend) olderThan(r *refSend) bool {
	return s.at < r.at || s.at == r.at && s.id < r.id
}

type refPool[T any] struct{ free []*T }

func (p *refPool[T]) get() *T {
	n := len(p.free)
	if n == 0 {
		return new(T)
	}
	x := p.free[n-1]
	p.free = p.free[:n-1]
	return x
}

func (p *refPool[T]) put(x *T) {
	var zero T
	*x = zero
	p.free = append(p.free, x)
}

const refWidth = 128

type refKey struct {
	at  int64
	tie uint64
}

func (k refKey) before(l refKey) bool {
	return k.at < l.at || k.at == l.at && k.tie < l.tie
}

type refPlace struct {
	refKey
	who *refHolder
}

type refShelf struct {
	places []refPlace
	head   int
}

func (s *refShelf) len() int     { return len(s.places) - s.head }
func (s *refShelf) last() refKey { return s.places[len(s.places)-1].refKey }

func (s *refShelf) search(k refKey) int {
	lo, hi := s.head, len(s.places)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s.places[mid].before(k) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (s *refShelf) close() {
	n := copy(s.places, s.places[s.head:])
	clear(s.places[n:])
	s.places, s.head = s.places[:n], 0
}

type refOrder struct {
	shelves []*refShelf
	spare   []*refShelf
	size    int
	ties    uint64
	changes uint64 // tells an iteration that its position has gone stale
}

func (o *refOrder) row(k refKey) int {
	n := len(o.shelves)
	if n == 0 || o.shelves[n-1].last().before(k) {
		return n
	}
	return sort.Search(n-1, func(i int) bool { return !o.shelves[i].last().before(k) })
}

func (o *refOrder) add(h *refHolder, at int64) {
	o.ties++
	o.size++
	o.changes++
	h.refKey = refKey{at: at, tie: o.ties}
	p := refPlace{refKey: h.refKey, who: h}

	i, n := o.row(h.refKey), len(o.shelves)
	if i == n {
		if n == 0 || len(o.shelves[n-1].places) == refWidth {
			o.shelves = append(o.shelves, o.blank())
		}
		s := o.shelves[len(o.shelves)-1]
		s.places = append(s.places, p)
		return
	}
	s := o.shelves[i]
	if len(s.places) == refWidth && s.head > 0 {
		s.close()
	}
	if len(s.places) == refWidth {
		upper := o.blank()
		upper.places = append(upper.places, s.places[refWidth/2:]...)
		clear(s.places[refWidth/2:])
		s.places = s.places[:refWidth/2]
		o.shelves = slices.Insert(o.shelves, i+1, upper)
		if s.last().before(h.refKey) {
			s = upper
		}
	}
	s.places = slices.Insert(s.places, s.search(h.refKey), p)
}

func (o *refOrder) remove(h *refHolder) {
	o.size--
	o.changes++
	i := o.row(h.refKey)
	s := o.shelves[i]
	if at := s.search(h.refKey); at == s.head {
		s.places[at] = refPlace{}
		s.head++
	} else {
		s.places = slices.Delete(s.places, at, at+1)
	}
	if s.len() == 0 {
		o.discard(i)
		return
	}
	o.join(i)
	if i > 0 {
		o.join(i - 1)
	}
}

func (o *refOrder) first() *refHolder {
	if o.size == 0 {
		return nil
	}
	s := o.shelves[0]
	return s.places[s.head].who
}

func (o *refOrder) nth(n int) int64 {
	i := 0
	for ; n >= o.shelves[i].len(); i++ {
		n -= o.shelves[i].len()
	}
	s := o.shelves[i]
	return s.places[s.head+n].at
}

func (o *refOrder) join(i int) {
	if i+1 >= len(o.shelves) || o.shelves[i].len()+o.shelves[i+1].len() > refWidth/2 {
		return
	}
	s, next := o.shelves[i], o.shelves[i+1]
	s.close()
	s.places = append(s.places, next.places[next.head:]...)
	o.discard(i + 1)
}

func (o *refOrder) discard(i int) {
	s := o.shelves[i]
	clear(s.places)
	s.places, s.head = s.places[:0], 0
	o.shelves = slices.Delete(o.shelves, i, i+1)
	o.spare = append(o.spare, s)
}

func (o *refOrder) blank() *refShelf {
	if n := len(o.spare); n > 0 {
		s := o.spare[n-1]
		o.spare = o.spare[:n-1]
		return s
	}
	if len(o.shelves) == 0 {
		return &refShelf{}
	}
	return &refShelf{places: make([]refPlace, 0, refWidth)}
}

func (o *refOrder) all(yield func(refPlace) bool) {
	if o.size == 0 {
		return
	}
	i, at, seen := 0, o.shelves[0].head, o.changes
	for i < len(o.shelves) {
		s := o.shelves[i]
		if at == len(s.places) {
			if i++; i < len(o.shelves) {
				at = o.shelves[i].head
			}
			continue
		}
		p := s.places[at]
		if !yield(p) {
			return
		}
		at++
		if seen != o.changes {
			seen = o.changes
			behind := refKey{at: p.at, tie: p.tie + 1}
			if i = o.row(behind); i < len(o.shelves) {
				at = o.shelves[i].search(behind)
			}
		}
	}
}
