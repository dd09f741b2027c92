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

// pair is a customer that a key cannot tell in full.
type pair struct{ number, customer string }

// is reports whether both are one customer. Nil was somebody, until removed.
func (p *pair) is(other pair) bool { return p != nil && *p == other }

// A key is the number's number and the customer's code, if that is a phone
// number. Above the codes of those there is room for the others.
const (
	vacant         = 0
	goneAway       = uint64(firstName)
	firstHashedKey = goneAway + 1
)

func newCustomers() *customers {
	seed := maphash.MakeSeed()
	c := &customers{
		seed:   seed,
		mix:    maphash.String(seed, ""),
		tables: make([]atomic.Pointer[table], 1),
	}
	c.tables[0].Store(newTable(0, 0))
	return c
}

// id returns a customer's key and hash, and the pair if the key does not tell
// all.
func (c *customers) id(number, customer string) (key, h uint64, p *pair) {
	if who, ok := phone(customer); ok {
		if n := c.numbers.find(number); n >= 0 {
			key, h = c.phoneID(n, who)
			return key, h, nil
		}
	}
	p = &pair{number, customer}
	key, h = c.pairID(*p)
	return key, h, p
}

func (c *customers) phoneID(number int, who code) (key, h uint64) {
	key = uint64(number)<<codeBits | uint64(who)
	return key, mix(code(key), c.mix)
}

func (c *customers) pairID(p pair) (key, h uint64) {
	h = c.hash(p)
	return firstHashedKey + h>>32, h
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
	if who, ok := phone(customer); ok { // as in id, which would slow down Until
		if n := c.numbers.find(number); n >= 0 {
			key, h := c.phoneID(n, who)
			return c.table(h).find(key, h)
		}
	}
	return c.findPair(pair{number, customer})
}

func (c *customers) findPair(p pair) foundCustomer {
	key, h := c.pairID(p)
	t := c.table(h)
	f := t.find(key, h)
	for f.slot != nil && !t.pairs[f.at].Load().is(p) {
		f = t.findNext(key, f.at+1)
	}
	return f
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
		_, h, _ := c.id(number, customer)
		old := c.table(h)
		if next.table(h) == old { // else both are in it
			copied := newTable(old.depth, old.used)
			old.each(c, copied.put)
			next.replace(old, h, copied, copied)
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
	key, h, p := c.id(number, customer)
	for c.table(h).full() {
		c = c.grow(h)
	}
	c.table(h).put(key, h, p, t)
	return c
}

// grow replaces the table of h by one with more room, or by two.
func (c *customers) grow(h uint64) *customers {
	full := c.table(h)
	if full.live() < mostCustomers*2/3 {
		next := newTable(full.depth, full.live())
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
	ones := 0
	full.each(c, func(_, h uint64, _ *pair, _ times) { ones += int(h << full.depth >> 63) })
	parts := [2]*table{newTable(full.depth+1, full.live()-ones), newTable(full.depth+1, ones)}
	full.each(c, func(key, h uint64, p *pair, ts times) {
		parts[h<<full.depth>>63].put(key, h, p, ts)
	})
	c.replace(full, h, parts[0], parts[1])
	return c
}

// replace puts two tables into the place of one, maybe the same one twice.
func (c *customers) replace(old *table, h uint64, zero, one *table) {
	part := len(c.tables) >> old.depth
	first := int(h>>(64-c.depth)) &^ (part - 1)
	for i := range part {
		next := one
		if i < part/2 {
			next = zero
		}
		c.tables[first+i].Store(next)
	}
}

// visit calls f with the next customers from a hash on, at least so many unless
// they are far between, and returns the hash to go on at. It stops after lines
// with room only: whose hash is before that has no place behind it, in these
// tables or in those that replace them. So one round misses nobody.
func (c *customers) visit(from uint64, n int, f func(foundCustomer)) uint64 {
	t := c.table(from)
	first, last := t.home(from), len(t.lines)-1
	for i := first; ; i++ {
		at := i % len(t.lines)
		n -= t.visit(at, f)
		if enough := n <= 0 || i >= min(first+far, last); enough && t.lines[at].hasRoom() {
			return t.past(from, min(i, last))
		}
	}
}

// far is how many lines a visit looks at for few customers.
const far = 8
