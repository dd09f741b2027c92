package window

import (
	"encoding"
	"encoding/binary"
)

var (
	_ encoding.BinaryAppender    = (*Service)(nil)
	_ encoding.BinaryUnmarshaler = (*Service)(nil)
)

// A service's snapshot is its version and every customer: the business's number,
// spelled out when it first comes and by its turn from then on, the customer,
// and the times there are, as differences from those of the one before.
const (
	serviceVersion = 1

	hasInbound  = 1 << 0
	hasMaybe    = 1 << 1
	hasShut     = 1 << 2
	hasSpelling = 1 << 3 // the customer is no phone number
)

// AppendBinary appends all that the service knows to b. The error is always nil.
func (s *Service) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, serviceVersion)
	all := s.customers()
	if all == nil {
		return b, nil
	}
	turns := map[string]int{}
	var last times
	all.each(func(number, customer string, t times) {
		turn, known := turns[number]
		if !known {
			turn = len(turns)
			turns[number] = turn
		}
		b = binary.AppendUvarint(b, uint64(turn))
		if !known {
			b = appendString(b, number)
		}
		who, isPhone := phone(customer)
		kind := byte(hasSpelling)
		if isPhone {
			kind = 0
		}
		for i, at := range t.all() {
			if *at != never {
				kind |= 1 << i
			}
		}
		b = append(b, kind)
		if isPhone {
			b = binary.AppendUvarint(b, uint64(who))
		} else {
			b = appendString(b, customer)
		}
		before := last.all()
		for i, at := range t.all() {
			if *at != never {
				b = binary.AppendVarint(b, *at-*before[i])
				*before[i] = *at
			}
		}
	})
	return b, nil
}

// UnmarshalBinary makes the service what it was when [Service.AppendBinary]
// wrote the data. Until may be called meanwhile, and answers from before or
// from after. If it returns an error, which wraps [ErrCorrupt], the service is
// left as it was.
func (s *Service) UnmarshalBinary(data []byte) error {
	r := &reader{data: data}
	if r.byte("version") != serviceVersion {
		r.fail("version")
	}
	var next Service
	var turns []string
	var last times
	for len(r.data) > 0 && r.err == nil {
		turn := r.uvarint("number")
		if turn == uint64(len(turns)) {
			turns = append(turns, r.string("number"))
		}
		kind := r.byte("customer")
		var customer string
		if kind&hasSpelling != 0 {
			customer = r.string("customer")
			if _, isPhone := phone(customer); isPhone {
				r.fail("customer")
			}
		} else {
			who := code(r.uvarint("customer"))
			if who == 0 || who >= firstName {
				r.fail("customer")
			}
			customer = who.digits()
		}
		t := times{never, never, never}
		before := last.all()
		for i, at := range t.all() {
			if kind&(1<<i) != 0 {
				*at = r.stamp(*before[i], "time")
				*before[i] = *at
			}
		}
		if turn >= uint64(len(turns)) || kind >= hasSpelling<<1 {
			r.fail("customer")
		}
		if r.err != nil {
			break
		}
		if next.knows(turns[turn], customer) {
			r.fail("twice the same customer")
		}
		next.record(next.customers(), turns[turn], customer, t)
	}
	if err := r.end(); err != nil {
		return err
	}
	all := next.customers()
	if all == nil {
		all = newCustomers()
	}
	s.shared.Store(all)
	s.size, s.hand = next.size, 0
	return nil
}

func (s *Service) knows(number, customer string) bool {
	all := s.customers()
	return all.find(number, customer).slot != nil
}

// all returns where the times are, in the order of their bits.
func (t *times) all() [3]*int64 { return [3]*int64{&t.inbound, &t.maybe, &t.shut} }

// each calls f with every customer.
func (c *customers) each(f func(number, customer string, t times)) {
	for i := range c.tables {
		t := c.tables[i].Load()
		if i > 0 && c.tables[i-1].Load() == t {
			continue
		}
		t.each(c, func(key, _ uint64, p *pair, ts times) {
			if p != nil {
				f(p.number, p.customer, ts)
				return
			}
			f(c.numbers.few[key>>codeBits], code(key&codeMask).digits(), ts)
		})
	}
}
