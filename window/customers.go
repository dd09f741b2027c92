package window

import (
	"hash/maphash"
	"sync/atomic"
)

// customers is the table of a [Service]: read by anybody without a lock, while
// one changes it. It consists of tables that fill up and are then replaced, one
// at a time, by larger ones or by two. A slot of a table is given to one
// customer once; what is in it changes, and it is given up, but no other
// customer ever gets it. So a reader that has found the customer there reads
// that customer's times, and one that looks into a table just replaced finds
// what was true when it began.
type customers struct {
	seed    maphash.Seed
	mix     uint64
	numbers numbers
	tables  []atomic.Pointer[table] // by the first depth bits of the hash, some more than once
	depth   uint8
}

// numbers numbers the business's phone numbers, of which there are few.
type numbers struct {
	few  []string
	more map[string]int // all, once they are more than a few
}

const (
	fewNumbers  = 8
	mostNumbers = 1 << (64 - codeBits) // those beyond are kept in full with each customer
)

// pair is a customer that a key cannot tell in full.
type pair struct{ number, customer string }

// A key is the number's number and the customer's code, if that is a phone
// number. Above the codes of those there is room for the others.
const (
	vacant         = 0
	goneAway       = uint64(firstName)
	firstHashedKey = goneAway + 1
)

// customerID is a customer as it is looked for.
type customerID struct {
	key    uint64
	hash   uint64
	pair   pair // what a hashed key stands for
	hashed bool
}

func newCustomers() *customers {
	seed := maphash.MakeSeed()
	c := &customers{
		seed:   seed,
		mix:    maphash.String(seed, ""),
		tables: make([]atomic.Pointer[table], 1),
	}
	c.tables[0].Store(newTable(0, fewestCustomers))
	return c
}

func (n *numbers) find(number string) int {
	if n.more != nil {
		if i, ok := n.more[number]; ok {
			return i
		}
		return -1
	}
	for i, known := range n.few {
		if known == number {
			return i
		}
	}
	return -1
}

// with returns the numbers and one more, for readers may be at the old ones.
func (n *numbers) with(number string) numbers {
	i := len(n.few)
	out := numbers{few: append(n.few[:i:i], number)}
	if i >= fewNumbers {
		out.more = make(map[string]int, i+1)
		for i, number := range out.few {
			out.more[number] = i
		}
	}
	return out
}

func (c *customers) id(number, customer string) customerID {
	if who, ok := phone(customer); ok {
		if n := c.numbers.find(number); n >= 0 {
			key := uint64(n)<<codeBits | uint64(who)
			return customerID{key: key, hash: mix(code(key), c.mix)}
		}
	}
	p := pair{number, customer}
	h := c.hash(p)
	return customerID{key: firstHashedKey + h>>32, hash: h, pair: p, hashed: true}
}

// hash returns the hash of a customer that a key cannot tell.
func (c *customers) hash(p pair) uint64 {
	return maphash.String(c.seed, p.customer) ^ mix(code(maphash.String(c.seed, p.number)), c.mix)
}

func (c *customers) table(h uint64) *table { return c.tables[h>>(64-c.depth)].Load() }

// find returns where a customer is. For nil customers it is nowhere.
func (c *customers) find(number, customer string) foundCustomer {
	if c == nil {
		return foundCustomer{}
	}
	id := c.id(number, customer)
	return c.table(id.hash).find(&id)
}

// apart returns customers of which no reader knows, as far as these two are
// concerned: what is done to them shows at once when the whole is published.
func (c *customers) apart(number, one, other string) *customers {
	next := *c
	next.tables = make([]atomic.Pointer[table], len(c.tables))
	for i := range next.tables {
		next.tables[i].Store(c.tables[i].Load())
	}
	for _, customer := range []string{one, other} {
		id := c.id(number, customer)
		old := c.table(id.hash)
		if next.table(id.hash) == old { // else both are in it
			copied := newTable(old.depth, len(old.slots))
			old.each(c, copied.put)
			next.replace(old, id.hash, copied, copied)
		}
	}
	return &next
}

// insert adds a customer that is not there, and returns what is to be read from
// now on.
func (c *customers) insert(number, customer string, t times) *customers {
	if c.numbers.find(number) < 0 && len(c.numbers.few) < mostNumbers {
		next := *c
		next.numbers = c.numbers.with(number)
		c = &next
	}
	id := c.id(number, customer)
	for !c.table(id.hash).insert(&id, t) {
		c = c.grow(id.hash)
	}
	return c
}

// grow replaces the table of h by one with more room, or by two.
func (c *customers) grow(h uint64) *customers {
	full := c.table(h)
	live := full.live()
	if live <= mostCustomers/2 {
		next := newTable(full.depth, max(2*live, fewestCustomers))
		full.each(c, next.put)
		c.replace(full, h, next, next)
		return c
	}
	if full.depth == c.depth {
		next := *c
		next.tables = make([]atomic.Pointer[table], 2*len(c.tables))
		next.depth++
		for i := range next.tables {
			next.tables[i].Store(c.tables[i/2].Load())
		}
		c = &next
	}
	// Room for all in either: however they part, they fit.
	size := live + live/4
	zero, one := newTable(full.depth+1, size), newTable(full.depth+1, size)
	full.each(c, func(key, h uint64, p *pair, ts times) {
		if h<<full.depth>>63 == 0 {
			zero.put(key, h, p, ts)
		} else {
			one.put(key, h, p, ts)
		}
	})
	c.replace(full, h, zero, one)
	return c
}

// replace puts two tables into the place of one, maybe the same one twice.
func (c *customers) replace(old *table, h uint64, zero, one *table) {
	part := len(c.tables) >> old.depth
	first := int(h>>(64-c.depth)) &^ (part - 1)
	for i := range part {
		next := one
		if i < (part+1)/2 {
			next = zero
		}
		c.tables[first+i].Store(next)
	}
}

// visit calls f with the next customers from a hash on, at least so many unless
// they are far between, and returns the hash to go on at. It stops at vacant
// slots only: whose hash is before that has no place behind it, in these tables
// or in those that replace them. So one round misses nobody.
func (c *customers) visit(from uint64, n int, f func(foundCustomer)) uint64 {
	t := c.table(from)
	first, last := t.home(from), len(t.slots)-1
	for i := first; ; i++ {
		at := i % len(t.slots)
		switch s := &t.slots[at]; {
		case s.taken():
			f(foundCustomer{t, at, s})
			n--
		case s.key.Load() == vacant && (n <= 0 || i >= min(first+far, last)):
			return t.hashAt(from, min(i, last)+1)
		}
	}
}

// far is how many slots a visit looks at for few customers.
const far = 32
