package window

import "sync/atomic"

// table is one open-addressed table of customers. Its slots are stored to in
// such an order that whoever finds a key finds what belongs to it.
type table struct {
	slots []slot
	pairs []atomic.Pointer[pair] // beside the slots, once a key does not tell all
	depth uint8                  // how many leading bits of the hash all customers share
	used  int                    // slots ever given to somebody
	gone  int                    // those of them that nobody has any more
}

// Slots of a table; with many more, growing one would be a pause.
const (
	fewestCustomers = 8
	mostCustomers   = 1024
)

type slot struct {
	key                  atomic.Uint64
	inbound, maybe, shut atomic.Int64
}

func newTable(depth uint8, size int) *table {
	return &table{slots: make([]slot, size), depth: depth}
}

func (t *table) live() int { return t.used - t.gone }

// home returns the slot from which on a customer of this hash is.
func (t *table) home(h uint64) int {
	return int(uint64(uint32(h<<t.depth>>32)) * uint64(len(t.slots)) >> 32)
}

// hashAt returns the first hash whose home is slot i, in the table of h.
func (t *table) hashAt(h uint64, i int) uint64 {
	last := h | (1<<(63-t.depth)<<1 - 1)
	if i == len(t.slots) {
		return last + 1
	}
	n := uint64(len(t.slots))
	offset := (uint64(i)<<32 + n - 1) / n
	return h&^(1<<(63-t.depth)<<1-1) | offset<<32>>t.depth
}

// foundCustomer is where a customer is; without a slot, there is none.
type foundCustomer struct {
	table *table
	at    int
	slot  *slot
}

func (t *table) find(id *customerID) foundCustomer {
	for i := t.home(id.hash); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		switch s := &t.slots[i]; s.key.Load() {
		case vacant:
			return foundCustomer{}
		case id.key:
			if !id.hashed {
				return foundCustomer{t, i, s}
			}
			if p := t.pairs[i].Load(); p != nil && *p == id.pair {
				return foundCustomer{t, i, s}
			}
		}
	}
}

// insert adds a customer, unless that would leave too few slots vacant.
func (t *table) insert(id *customerID, ts times) bool {
	if t.used >= len(t.slots)*3/4 {
		return false
	}
	var p *pair
	if id.hashed {
		p = &id.pair
	}
	t.put(id.key, id.hash, p, ts)
	return true
}

func (t *table) put(key, h uint64, p *pair, ts times) {
	i := t.home(h)
	for t.slots[i].key.Load() != vacant {
		if i++; i == len(t.slots) {
			i = 0
		}
	}
	if p != nil {
		if t.pairs == nil {
			t.pairs = make([]atomic.Pointer[pair], len(t.slots))
		}
		t.pairs[i].Store(p)
	}
	s := &t.slots[i]
	s.inbound.Store(ts.inbound)
	s.maybe.Store(ts.maybe)
	s.shut.Store(ts.shut)
	s.key.Store(key)
	t.used++
}

// each calls f with all customers and their hashes.
func (t *table) each(c *customers, f func(key, h uint64, p *pair, ts times)) {
	for i := range t.slots {
		s := &t.slots[i]
		if !s.taken() {
			continue
		}
		key := s.key.Load()
		if key&codeMask < firstHashedKey {
			f(key, mix(code(key), c.mix), nil, s.load())
			continue
		}
		p := t.pairs[i].Load()
		f(key, c.hash(*p), p, s.load())
	}
}

func (s *slot) taken() bool {
	key := s.key.Load()
	return key != vacant && key != goneAway
}

// load returns the times of one moment. They only ever move forward, so two
// readings that agree are of the moment between them.
func (s *slot) load() times {
	for t := s.read(); ; {
		again := s.read()
		if again == t {
			return t
		}
		t = again
	}
}

func (s *slot) read() times {
	return times{s.inbound.Load(), s.maybe.Load(), s.shut.Load()}
}

// renew moves each time forward, never back.
func (s *slot) renew(t times) {
	s.inbound.Store(max(s.inbound.Load(), t.inbound))
	s.maybe.Store(max(s.maybe.Load(), t.maybe))
	s.shut.Store(max(s.shut.Load(), t.shut))
}

// remove gives the slot up, for good.
func (f foundCustomer) remove() {
	f.slot.key.Store(goneAway)
	if f.table.pairs != nil {
		f.table.pairs[f.at].Store(nil)
	}
	f.table.gone++
}
