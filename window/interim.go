package window

import (
	"encoding/binary"
	"errors"
	"slices"
)

// ErrCorrupt is what bytes that are not as they were written are read with.
var ErrCorrupt = errors.New("window: corrupt")

// AppendBinary appends the window to b.
func (w *Window) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, 1)
	for _, n := range []int64{w.period, w.now, w.soon} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, w.issued)
	b = binary.AppendUvarint(b, uint64(w.order.size))
	w.order.all(func(p place) bool {
		b = appendString(b, p.who.name)
		b = binary.AppendVarint(b, p.who.floor)
		for _, l := range []*sends{&p.who.pending, &p.who.committed} {
			b = binary.AppendUvarint(b, uint64(l.size))
			for s := l.oldest; s != nil; s = s.newer {
				b = binary.AppendVarint(binary.AppendUvarint(b, s.id), s.at)
			}
		}
		return true
	})
	return b, nil
}

// UnmarshalBinary replaces the window by what AppendBinary has written.
func (w *Window) UnmarshalBinary(data []byte) error {
	r := reader{data, false}
	if r.uint() != 1 {
		return ErrCorrupt
	}
	*w = Window{
		period: r.int(), now: r.int(), soon: r.int(), issued: r.uint(),
		holders: map[string]*holder{}, late: map[uint64]*send{},
	}
	for n := r.uint(); n > 0 && !r.bad; n-- {
		name := r.string()
		h := w.admit(name)
		h.floor = r.int()
		for _, committed := range []bool{false, true} {
			for n := r.uint(); n > 0 && !r.bad; n-- {
				s := w.sendPool.get()
				s.id, s.at, s.of, s.committed, s.late = r.uint(), r.int(), h, committed, true
				w.late[s.id] = s
				h.list(s).insert(s)
			}
		}
		if r.bad || !w.live(h.latest()) || name == "" {
			return ErrCorrupt
		}
		w.order.add(h, h.latest())
	}
	if r.bad || len(r.rest) > 0 || w.order.size != len(w.holders) || w.period <= 0 {
		return ErrCorrupt
	}
	return nil
}

// AppendBinary appends the ticket to b.
func (t Ticket) AppendBinary(b []byte) ([]byte, error) {
	return appendString(binary.AppendVarint(binary.AppendUvarint(b, t.id), t.at), t.recipient), nil
}

// UnmarshalTicket reads what a ticket of the window has appended.
func (w *Window) UnmarshalTicket(data []byte) (Ticket, error) {
	r := reader{data, false}
	t := Ticket{window: w, send: &send{}, id: r.uint(), at: r.int(), recipient: r.string()}
	if r.bad || len(r.rest) > 0 {
		return Ticket{}, ErrCorrupt
	}
	if t.id == 0 {
		return Ticket{}, nil
	}
	return t, nil
}

// AppendBinary appends the service to b.
func (s *Service) AppendBinary(b []byte) ([]byte, error) {
	b = binary.AppendUvarint(append(b, 1), uint64(len(s.customers)))
	b = binary.AppendUvarint(b, uint64(s.hand))
	for _, c := range s.customers {
		b = appendString(appendString(b, c.number), c.customer)
		b = binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, c.inbound), c.maybe), c.shut)
	}
	return b, nil
}

// UnmarshalBinary replaces the service by what AppendBinary has written.
func (s *Service) UnmarshalBinary(data []byte) error {
	r := reader{data, false}
	if r.uint() != 1 {
		return ErrCorrupt
	}
	n := r.uint()
	*s = Service{index: map[pair]int{}, hand: int(r.uint() & (1<<31 - 1))}
	for ; n > 0 && !r.bad; n-- {
		c := customer{pair{r.string(), r.string()}, customerTimes{r.int(), r.int(), r.int()}}
		s.index[c.pair] = len(s.customers)
		s.customers = append(s.customers, c)
	}
	if r.bad || len(r.rest) > 0 || len(s.index) != len(s.customers) {
		return ErrCorrupt
	}
	return nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) string() string {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return ""
	}
	s := string(slices.Clone(r.rest[:n]))
	r.rest = r.rest[n:]
	return s
}
