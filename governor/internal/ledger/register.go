package ledger

// A register is a map that forgets by the way: each sweep looks at a few of its
// entries and drops those that need not be kept, so that no call is ever slow.
// Its entries lie one after the other. A place among them holds until the next
// one is added or removed, so what was found can be changed, or removed, without
// being looked up again.
//
// Whoever looks something up brings the hash of its key along, as one who knows
// what sort of key it is; see hashes.
type register[K comparable, V any] struct {
	index   index
	entries []entry[K, V]
	hand    int // where the next sweep begins
}

type entry[K comparable, V any] struct {
	key   K
	value V
	hash  uint32
}

// none is the place of what is not there.
const none = -1

// swept is how many entries one sweep looks at: more than one call adds, so
// that sweeping overtakes growth.
const swept = 2

// expect makes room for so many.
func (r *register[K, V]) expect(n int) {
	r.index, r.entries = newIndex(n), make([]entry[K, V], 0, n)
}

// find returns the key's place, or none.
func (r *register[K, V]) find(hash uint32, key K) int {
	if len(r.entries) == 0 {
		return none
	}
	for at := hash; ; at++ {
		place, is := r.index.look(at, hash)
		if place == none || is && r.entries[place].key == key {
			return place
		}
	}
}

// at is what is at a place.
func (r *register[K, V]) at(place int) *V { return &r.entries[place].value }

// get returns what the key has, nil if it is not there.
func (r *register[K, V]) get(hash uint32, key K) *V {
	if i := r.find(hash, key); i != none {
		return r.at(i)
	}
	return nil
}

// add adds a key that is not there, and returns where its value goes.
func (r *register[K, V]) add(hash uint32, key K) *V {
	n := len(r.entries)
	r.index.insert(hash, n)
	r.entries = append(r.entries, entry[K, V]{})
	e := &r.entries[n]
	e.key, e.hash = key, hash
	return &e.value
}

func (r *register[K, V]) put(hash uint32, key K, value V) {
	v := r.get(hash, key)
	if v == nil {
		v = r.add(hash, key)
	}
	*v = value
}

// take removes the key and returns what it had.
func (r *register[K, V]) take(hash uint32, key K) (value V, ok bool) {
	i := r.find(hash, key)
	if i == none {
		return value, false
	}
	value = r.entries[i].value
	r.remove(i)
	return value, true
}

// remove fills the gap with the last entry.
func (r *register[K, V]) remove(place int) {
	last := len(r.entries) - 1
	r.index.remove(r.entries[place].hash, place)
	if place < last {
		r.entries[place] = r.entries[last]
		r.index.move(r.entries[place].hash, last, place)
	}
	r.entries[last] = entry[K, V]{}
	r.entries = r.entries[:last]
}

// sweep is written so that who has nothing pays nothing.
func (r *register[K, V]) sweep(keep func(K, *V) bool) {
	if len(r.entries) > 0 {
		r.sweepSome(keep)
	}
}

func (r *register[K, V]) sweepSome(keep func(K, *V) bool) {
	for range min(swept, len(r.entries)) {
		if r.hand >= len(r.entries) {
			r.hand = 0
		}
		if e := &r.entries[r.hand]; keep(e.key, &e.value) {
			r.hand++
		} else {
			r.remove(r.hand)
		}
	}
}
