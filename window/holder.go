package window

// releasable is how many committed sends of one recipient can still be given
// back. A failure is reported within seconds; four is the room for a burst.
const releasable = 4

// send is one reservation. It is recycled, then with another id or none.
type send struct {
	id           uint64
	at           int64
	of           *holder
	newer, older *send
	committed    bool
	late         bool // found through Window.late, for its ticket points elsewhere
}

// holder is a recipient with a slot. Its stamp, kept in key, is the latest of
// floor and its sends.
type holder struct {
	key
	name      string
	floor     int64 // a stamp that no ticket can take back
	pending   sends
	committed sends
}

// latest returns the stamp that h ought to have.
func (h *holder) latest() int64 {
	at := h.floor
	if s := h.pending.newest; s != nil {
		at = max(at, s.at)
	}
	if s := h.committed.newest; s != nil {
		at = max(at, s.at)
	}
	return at
}

// list returns the list that s is, or by its state belongs, in.
func (h *holder) list(s *send) *sends {
	if s.committed {
		return &h.committed
	}
	return &h.pending
}

// sends is a list sorted by stamp and, among equals, by reservation. Sends
// come nearly in order and leave from either end, so both ends are at hand.
type sends struct {
	newest, oldest *send
	size           int
}

func (l *sends) insert(s *send) {
	older := l.newest
	for older != nil && s.olderThan(older) {
		older = older.older
	}
	l.link(s, older)
}

// link puts s next to older, on its newer side; nil: at the old end.
func (l *sends) link(s, older *send) {
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

func (l *sends) remove(s *send) {
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

// absorb empties from into l in one pass over both.
func (l *sends) absorb(from *sends) {
	older := l.newest
	for s := from.newest; s != nil; s = from.newest {
		from.remove(s)
		for older != nil && s.olderThan(older) {
			older = older.older
		}
		l.link(s, older)
	}
}

func (s *send) olderThan(r *send) bool {
	return s.at < r.at || s.at == r.at && s.id < r.id
}

// pool lends out recycled values of one type.
type pool[T any] struct{ free []*T }

func (p *pool[T]) get() *T {
	n := len(p.free)
	if n == 0 {
		return new(T)
	}
	x := p.free[n-1]
	p.free = p.free[:n-1]
	return x
}

func (p *pool[T]) put(x *T) {
	var zero T
	*x = zero
	p.free = append(p.free, x)
}
