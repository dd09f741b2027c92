package window

import (
	"encoding"
	"encoding/binary"
	"slices"
)

var (
	_ encoding.BinaryAppender    = (*Window)(nil)
	_ encoding.BinaryUnmarshaler = (*Window)(nil)
)

// A snapshot is its version, the window's clock and settings, and every live
// send in about the order of time: what it is, when it was made, to whom, and
// the id of its ticket. Times and ids are told as differences from the one
// before. How the ring, the index and crowds are built is no part of it.
const (
	snapshotVersion = 1

	kindState  = 3      // bits of a state
	kindName   = 1 << 2 // the recipient is no number
	kindMerged = 1 << 3 // the ticket names somebody else
)

// AppendBinary appends the whole window to b: period, clock, tickets issued and
// every send that still counts, in some twelve bytes each. It does not change
// the window. The error is always nil.
func (w *Window) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, snapshotVersion)
	b = binary.AppendUvarint(b, uint64(w.period))
	b = binary.AppendVarint(b, w.now)
	b = append(b, byte(w.soon-w.now))
	b = binary.AppendUvarint(b, w.issued)
	s := snapshot{w: w, b: b}
	var order [leafSize]uint8
	for _, n := range w.order.row[w.order.front:] {
		for _, i := range order[:w.slab.sorted(n, &order)] {
			s.entry(n*leafSize + uint32(i))
		}
	}
	return s.b, nil
}

type snapshot struct {
	w    *Window
	b    []byte
	last int64
	id   uint64
}

func (s *snapshot) entry(position uint32) {
	slab := &s.w.slab
	e, at := slab.entry(position), slab.stamp(position)
	if !s.w.live(at) {
		return
	}
	switch who := e.who(); e.state() {
	case crowded:
		c := s.w.crowds[who]
		for _, l := range []*sends{&c.pending, &c.committed} {
			st := pending
			if l == &c.committed {
				st = committed
			}
			for m := l.oldest; m != nil; m = m.newer {
				s.send(who, st, m.id, m.at)
			}
		}
		s.send(who, floor, 0, c.floor)
	case floor:
		s.send(who, floor, 0, at)
	case pending, committed:
		s.send(who, e.state(), slab.id(position), at)
	}
}

func (s *snapshot) send(who code, st state, id uint64, at int64) {
	if !s.w.live(at) {
		return
	}
	kind := byte(st)
	if who >= firstName {
		kind |= kindName
	}
	if s.w.merged[id] != 0 {
		kind |= kindMerged
	}
	s.b = append(s.b, kind)
	s.b = binary.AppendVarint(s.b, at-s.last)
	s.last = at
	if who >= firstName {
		s.b = appendString(s.b, s.w.names.text(who))
	} else {
		s.b = binary.AppendUvarint(s.b, uint64(who))
	}
	if st != floor {
		s.b = binary.AppendVarint(s.b, int64(id-s.id))
		s.id = id
	}
}

// UnmarshalBinary makes the window what it was when [Window.AppendBinary] wrote
// the data: every later answer is the same. Tickets of then come back by
// [Window.UnmarshalTicket]; those that the window issued before this call name
// none any more and must be dropped. If it returns an error, which wraps
// [ErrCorrupt], the window is left as it was.
func (w *Window) UnmarshalBinary(data []byte) error {
	r := &reader{data: data}
	if r.byte("version") != snapshotVersion {
		r.fail("version")
	}
	next := &Window{}
	period := r.uvarint("period")
	if period > uint64(maxPeriod) {
		r.fail("period")
	}
	next.reset(int64(period))
	next.now = r.stamp(0, "clock")
	next.soon = next.now + int64(r.byte("clock"))
	if next.now > latest || next.soon > next.now+1 {
		r.fail("clock")
	}
	next.issued = r.uvarint("tickets")
	if err := next.restore(r); err != nil {
		return err
	}
	*w = *next
	return nil
}

// restore reads sends until the end of the data.
func (w *Window) restore(r *reader) error {
	var last int64
	var id uint64
	var ids []uint64
	for len(r.data) > 0 && r.err == nil {
		kind := r.byte("send")
		st := state(kind & kindState)
		last = r.stamp(last, "stamp")
		who := w.recipient(r, kind&kindName != 0)
		if st <= committed {
			id += uint64(r.varint("ticket"))
			ids = append(ids, id)
			if id == 0 || id > w.issued {
				r.fail("ticket")
			}
		}
		if st > floor || kind > kindState|kindName|kindMerged || st == floor && kind&kindMerged != 0 || !w.live(last) || w.slab.full() {
			r.fail("send")
		}
		if r.err == nil {
			if kind&kindMerged != 0 {
				w.mark(id, who)
			}
			w.put(who, st, id, last)
		}
		w.names.drop(who)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) < len(ids) {
		r.fail("ticket")
	}
	return r.end()
}

// recipient reads who a send is to. The name is kept until it is dropped.
func (w *Window) recipient(r *reader, named bool) code {
	if named {
		name := r.string("recipient")
		if _, ok := phone(name); ok || name == "" {
			r.fail("recipient")
			return 0
		}
		return w.names.enter(name)
	}
	who := code(r.uvarint("recipient"))
	if who == 0 || who >= firstName {
		r.fail("recipient")
		return 0
	}
	return who
}

// put books a send as it was.
func (w *Window) put(who code, st state, id uint64, at int64) {
	if p := w.person(who); st == floor {
		w.renew(who, p, at)
	} else {
		w.insert(who, p, st, id, at)
	}
}
