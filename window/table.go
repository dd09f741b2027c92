package window

import "sync/atomic"

// table is one open-addressed table of customers. Its slots are stored to in
// such an order that whoever finds a key finds what belongs to it.
type table struct {
	lines   []line
	depth   uint8 // how many leading bits of the hash all customers share
	records records
	pairs   []atomic.Pointer[pair] // beside the slots, once a key does not tell all
	used    int                    // slots ever given to somebody
	gone    int                    // those of them that nobody has any more
}

// mostCustomers of a table; with many more, growing one would be a pause.
const mostCustomers = 768

// newTable returns a table that so many customers make half full.
func newTable(depth uint8, customers int) *table {
	return &table{lines: make([]line, max(2, (2*customers+perLine-1)/perLine)), depth: depth}
}

func (t *table) size() int { return len(t.lines) * perLine }

func (t *table) live() int { return t.used - t.gone }

// full reports whether with one more too many would not be where their search
// begins.
func (t *table) full() bool { return t.used >= t.size()*3/4 }

// home returns the line from which on a customer of this hash is.
func (t *table) home(h uint64) int {
	return int(h << t.depth >> 32 * uint64(len(t.lines)) >> 32)
}

// past returns the first hash whose home is past a line, in the table of h.
func (t *table) past(h uint64, at int) uint64 {
	within := ^uint64(0) >> t.depth
	if at+1 == len(t.lines) {
		return (h | within) + 1
	}
	n := uint64(len(t.lines))
	offset := (uint64(at+1)<<32 + n - 1) / n
	return h&^within | offset<<32>>t.depth
}

// find returns where the key first is.
func (t *table) find(key, h uint64) foundCustomer {
	for i := t.home(h); ; {
		l := &t.lines[i]
		if at := l.find(key); at >= 0 {
			return foundCustomer{t, &l[at], i*perLine + at}
		}
		if l.hasRoom() {
			return foundCustomer{}
		}
		if i++; i == len(t.lines) {
			i = 0
		}
	}
}

// findNext returns where the key is from slot i on, before any that is vacant.
func (t *table) findNext(key uint64, i int) foundCustomer {
	for ; ; i++ {
		if i == t.size() {
			i = 0
		}
		s := &t.lines[i/perLine][i%perLine]
		switch s.key.Load() {
		case key:
			return foundCustomer{t, s, i}
		case vacant:
			return foundCustomer{}
		}
	}
}

// put adds a customer to a table that has room and does not have that customer.
func (t *table) put(key, h uint64, p *pair, ts times) {
	f := t.findNext(vacant, t.home(h)*perLine)
	if p != nil {
		if t.pairs == nil {
			t.pairs = make([]atomic.Pointer[pair], t.size())
		}
		t.pairs[f.at].Store(p)
	}
	f.slot.put(&t.records, ts)
	f.slot.key.Store(key)
	t.used++
}

// each calls f with all customers and their hashes.
func (t *table) each(c *customers, f func(key, h uint64, p *pair, ts times)) {
	for i := range t.lines {
		t.visit(i, func(at foundCustomer) {
			key := at.slot.key.Load()
			if key&codeMask < firstHashedKey {
				f(key, mix(code(key), c.mix), nil, at.times())
				return
			}
			p := t.pairs[at.at].Load()
			f(key, c.hash(*p), p, at.times())
		})
	}
}

// visit calls f with the customers of a line, and returns how many there are.
func (t *table) visit(at int, f func(foundCustomer)) (n int) {
	for i := range t.lines[at] {
		s := &t.lines[at][i]
		if key := s.key.Load(); key != vacant && key != goneAway {
			f(foundCustomer{t, s, at*perLine + i})
			n++
		}
	}
	return n
}

// foundCustomer is where a customer is; without a slot, there is none.
type foundCustomer struct {
	table *table
	slot  *slot
	at    int
}

func (f foundCustomer) times() times { return f.slot.times(&f.table.records) }

// renew moves each time forward, never back.
func (f foundCustomer) renew(ts times) { f.slot.renew(&f.table.records, ts) }

// remove gives the slot up, for good.
func (f foundCustomer) remove() {
	f.slot.key.Store(goneAway)
	if f.table.pairs != nil {
		f.table.pairs[f.at].Store(nil)
	}
	f.table.gone++
}
