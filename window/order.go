package window

import (
	"slices"
	"sort"
)

// width is how many places a full shelf has: enough to keep the row of shelves
// short, few enough that moving half of one costs less than a map access.
const width = 128

// key orders holders by stamp; tie, which is unique, by arrival among equals,
// so that a thousand recipients of one millisecond are still found by bisection.
type key struct {
	at  int64
	tie uint64
}

func (k key) before(l key) bool {
	return k.at < l.at || k.at == l.at && k.tie < l.tie
}

// place repeats the holder's key, so that bisection stays inside the shelf.
type place struct {
	key
	who *holder
}

// shelf is a sorted run of places; those before head have expired.
type shelf struct {
	places []place
	head   int
}

func (s *shelf) len() int  { return len(s.places) - s.head }
func (s *shelf) last() key { return s.places[len(s.places)-1].key }

// search returns the index of the first place that is not before k.
func (s *shelf) search(k key) int {
	lo, hi := s.head, len(s.places)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s.places[mid].before(k) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (s *shelf) close() {
	n := copy(s.places, s.places[s.head:])
	clear(s.places[n:])
	s.places, s.head = s.places[:n], 0
}

// order holds every holder once, sorted by key, on a row of shelves. A stamp in
// time order is appended at once; one out of order, or a removal, is found by
// two bisections and moves at most width places, and once in many the row
// itself, which is some n/100 pointers long. No two neighbours stay hollow
// enough to share half a shelf, so renewals cannot make the row grow beyond its
// use.
type order struct {
	shelves []*shelf
	spare   []*shelf
	size    int
	ties    uint64
	changes uint64 // tells an iteration that its position has gone stale
}

// row returns the index of the first shelf that k is not beyond.
func (o *order) row(k key) int {
	n := len(o.shelves)
	if n == 0 || o.shelves[n-1].last().before(k) {
		return n
	}
	return sort.Search(n-1, func(i int) bool { return !o.shelves[i].last().before(k) })
}

// add puts h in its place by its stamp, behind others of the same stamp.
func (o *order) add(h *holder, at int64) {
	o.ties++
	o.size++
	o.changes++
	h.key = key{at: at, tie: o.ties}
	p := place{key: h.key, who: h}

	i, n := o.row(h.key), len(o.shelves)
	if i == n {
		if n == 0 || len(o.shelves[n-1].places) == width {
			o.shelves = append(o.shelves, o.blank())
		}
		s := o.shelves[len(o.shelves)-1]
		s.places = append(s.places, p)
		return
	}
	s := o.shelves[i]
	if len(s.places) == width && s.head > 0 {
		s.close()
	}
	if len(s.places) == width {
		upper := o.blank()
		upper.places = append(upper.places, s.places[width/2:]...)
		clear(s.places[width/2:])
		s.places = s.places[:width/2]
		o.shelves = slices.Insert(o.shelves, i+1, upper)
		if s.last().before(h.key) {
			s = upper
		}
	}
	s.places = slices.Insert(s.places, s.search(h.key), p)
}

// remove takes h out, which must be in.
func (o *order) remove(h *holder) {
	o.size--
	o.changes++
	i := o.row(h.key)
	s := o.shelves[i]
	if at := s.search(h.key); at == s.head {
		s.places[at] = place{}
		s.head++
	} else {
		s.places = slices.Delete(s.places, at, at+1)
	}
	if s.len() == 0 {
		o.discard(i)
		return
	}
	o.join(i)
	if i > 0 {
		o.join(i - 1)
	}
}

// first returns the holder with the earliest stamp, nil if there is none.
func (o *order) first() *holder {
	if o.size == 0 {
		return nil
	}
	s := o.shelves[0]
	return s.places[s.head].who
}

// nth returns the stamp that n others precede; 0 <= n < size.
func (o *order) nth(n int) int64 {
	i := 0
	for ; n >= o.shelves[i].len(); i++ {
		n -= o.shelves[i].len()
	}
	s := o.shelves[i]
	return s.places[s.head+n].at
}

// join moves shelf i+1 onto shelf i if both together fill no more than half of one.
func (o *order) join(i int) {
	if i+1 >= len(o.shelves) || o.shelves[i].len()+o.shelves[i+1].len() > width/2 {
		return
	}
	s, next := o.shelves[i], o.shelves[i+1]
	s.close()
	s.places = append(s.places, next.places[next.head:]...)
	o.discard(i + 1)
}

func (o *order) discard(i int) {
	s := o.shelves[i]
	clear(s.places)
	s.places, s.head = s.places[:0], 0
	o.shelves = slices.Delete(o.shelves, i, i+1)
	o.spare = append(o.spare, s)
}

// blank returns an empty shelf. The first one ever grows with its use, so that
// an account with three recipients stays small.
func (o *order) blank() *shelf {
	if n := len(o.spare); n > 0 {
		s := o.spare[n-1]
		o.spare = o.spare[:n-1]
		return s
	}
	if len(o.shelves) == 0 {
		return &shelf{}
	}
	return &shelf{places: make([]place, 0, width)}
}

// all yields the places in order. After a change it goes on behind the place
// that it yielded last.
func (o *order) all(yield func(place) bool) {
	if o.size == 0 {
		return
	}
	i, at, seen := 0, o.shelves[0].head, o.changes
	for i < len(o.shelves) {
		s := o.shelves[i]
		if at == len(s.places) {
			if i++; i < len(o.shelves) {
				at = o.shelves[i].head
			}
			continue
		}
		p := s.places[at]
		if !yield(p) {
			return
		}
		at++
		if seen != o.changes {
			seen = o.changes
			behind := key{at: p.at, tie: p.tie + 1}
			if i = o.row(behind); i < len(o.shelves) {
				at = o.shelves[i].search(behind)
			}
		}
	}
}
