package window

// span is the longest time that a leaf can cover.
const span = 1<<32 - 1

const (
	// fewMoves is how many entries the last leaf may have that are later than
	// the one to be added, for it not to be split in the middle. Answers come
	// later than the reservations made meanwhile, if not by much.
	fewMoves = leafSize / 4

	// hollowed is how many entries two neighbours have at most, to be joined.
	hollowed = leafSize * 3 / 4
)

// room returns the position of a hole for a send at the given time.
func (w *Window) room(at int64, id uint64) uint32 {
	if i := len(w.order.row) - 1; i >= w.order.front { // the last leaf, as a rule
		n := w.order.row[i]
		if l := w.slab.leaf(n); l.from <= at && at-l.from <= span && l.used() < leafSize {
			return w.slab.hole(n)
		}
	}
	for {
		i := w.order.last(&w.slab, at)
		switch {
		case w.order.len() == 0:
			w.open(i+1, at, id)
			continue
		case i < w.order.front:
			if !w.lower(w.order.row[i+1], at) {
				w.open(i+1, at, id)
			}
			continue
		}
		n := w.order.row[i]
		switch l := w.slab.leaf(n); {
		case at-l.from > span && l.used() == 0 && n != w.head.leaf:
			l.begin(at, id)
			w.order.look(&w.slab)
		case at-l.from > span:
			w.open(i+1, at, id)
		case l.used() < leafSize || w.sweep(n):
			return w.slab.hole(n)
		default:
			w.split(i, at, id)
		}
	}
}

// open puts an empty leaf at index i of the order.
func (w *Window) open(i int, from int64, id uint64) uint32 {
	n := w.slab.acquire(from, id)
	w.order.insert(&w.slab, i, n)
	return n
}

// lower lets the first leaf begin earlier, if it can span that.
func (w *Window) lower(n uint32, from int64) bool {
	l := w.slab.leaf(n)
	by := l.from - from
	for i := range uint32(l.size) {
		if int64(w.slab.entry(n*leafSize+i).at)+by > span {
			return false
		}
	}
	for i := range uint32(l.size) {
		w.slab.entry(n*leafSize + i).at += uint32(by)
	}
	l.from = from
	return true
}

// sweep clears the expired out of a full leaf that is in order, and reports
// whether it made room. In an account with few sends most are.
func (w *Window) sweep(n uint32) bool {
	l := w.slab.leaf(n)
	if w.live(l.from) {
		return false
	}
	w.lapse()
	before := l.used()
	for i := range uint32(leafSize) {
		if p := n*leafSize + i; w.slab.entry(p).word() != 0 && !w.live(w.slab.stamp(p)) {
			w.forget(p)
		}
	}
	return l.used() < before
}

// split makes two leaves of a full one, of which the second begins at the time
// given if the leaf is the last and nearly all of it is earlier.
func (w *Window) split(i int, at int64, id uint64) {
	n := w.order.row[i]
	if i+1 == len(w.order.row) && !w.slab.later(n, at) {
		w.open(i+1, at, id) // as a rule
		return
	}
	var order [leafSize]uint8
	size := w.slab.sorted(n, &order)
	stay := size
	for stay > 0 && w.slab.stamp(n*leafSize+uint32(order[stay-1])) > at {
		stay--
	}
	from := at
	if i+1 < len(w.order.row) || size-stay > fewMoves {
		stay = size / 2
		from = w.slab.stamp(n*leafSize + uint32(order[stay]))
	}
	next := w.open(i+1, from, id)
	for _, slot := range order[stay:size] {
		w.move(n*leafSize+uint32(slot), next)
	}
	if n == w.head.leaf {
		w.head.leaf = nowhere
		w.follow()
	}
}

// move puts an entry into another leaf as it is.
func (w *Window) move(position, into uint32) {
	e, id, at := *w.slab.entry(position), w.slab.id(position), w.slab.stamp(position)
	to := w.slab.hole(into)
	w.slab.write(to, e.who(), e.state(), id, at)
	if e.holds() {
		w.slab.entry(to).setHolds(true)
		w.order.count(w.slab.leaf(leafOf(position)), -1)
		w.order.count(w.slab.leaf(into), 1)
	}
	w.index.replace(mix(e.who(), w.seed), position, to)
	w.slab.dig(position)
	w.changes++
}

// hollow joins a leaf that has lost an entry with a neighbour, if both have few,
// so that the memory follows what is in use. The first that holds slots stays as
// it is, and so does the last. The leaf is in the row, for the entry was live.
func (w *Window) hollow(n uint32) {
	l := w.slab.leaf(n)
	i := w.order.index(l)
	if l.used() == 0 && n != w.head.leaf && i+1 < len(w.order.row) {
		w.order.remove(&w.slab, i)
		w.slab.release(n)
		return
	}
	w.join(i, i+1)
	if i > w.order.front {
		w.join(i-1, i)
	}
}

// join moves what is in the leaf at index j of the order into the one at i.
func (w *Window) join(i, j int) {
	if i < w.order.front || j+1 >= len(w.order.row) {
		return
	}
	n, m := w.order.row[i], w.order.row[j]
	l, k := w.slab.leaf(n), w.slab.leaf(m)
	if n == w.head.leaf || m == w.head.leaf || l.used()+k.used() > hollowed {
		return
	}
	for s := range uint32(k.size) {
		if w.slab.entry(m*leafSize+s).word() != 0 && w.slab.stamp(m*leafSize+s)-l.from > span {
			return
		}
	}
	for s := range uint32(k.size) {
		if w.slab.entry(m*leafSize+s).word() != 0 {
			w.move(m*leafSize+s, n)
		}
	}
	w.order.remove(&w.slab, j)
	w.slab.release(m)
}
