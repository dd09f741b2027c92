package window

// send is one reservation of a crowd.
type send struct {
	id           uint64
	at           int64
	newer, older *send
	committed    bool
}

func (s *send) olderThan(r *send) bool {
	return s.at < r.at || s.at == r.at && s.id < r.id
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
