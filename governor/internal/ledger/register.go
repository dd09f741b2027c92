package ledger

// register is a map that forgets by the way: each sweep looks at a few of its
// entries and drops those that need not be kept, so that no call is ever slow.
type register[K comparable, V any] struct {
	index   map[K]int
	entries []entry[K, V]
	hand    int // where the next sweep begins
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// add is put for a key that is not there.
func (r *register[K, V]) add(key K, value V) {
	if r.index == nil {
		r.index = map[K]int{}
	}
	r.index[key] = len(r.entries)
	r.entries = append(r.entries, entry[K, V]{key, value})
}

// swept is how many entries one sweep looks at: more than one call adds, so
// that sweeping overtakes growth.
const swept = 2

// expect makes room for so many.
func (r *register[K, V]) expect(n int) {
	r.index, r.entries = make(map[K]int, n), make([]entry[K, V], 0, n)
}

func (r *register[K, V]) get(key K) (V, bool) {
	i, ok := r.index[key]
	if !ok {
		var none V
		return none, false
	}
	return r.entries[i].value, true
}

func (r *register[K, V]) put(key K, value V) {
	if i, ok := r.index[key]; ok {
		r.entries[i].value = value
		return
	}
	r.add(key, value)
}

// take removes the key and returns what it had.
func (r *register[K, V]) take(key K) (V, bool) {
	i, ok := r.index[key]
	if !ok {
		var none V
		return none, false
	}
	value := r.entries[i].value
	r.remove(i)
	return value, true
}

// remove fills the gap with the last entry.
func (r *register[K, V]) remove(i int) {
	last := len(r.entries) - 1
	delete(r.index, r.entries[i].key)
	if i < last {
		r.entries[i] = r.entries[last]
		r.index[r.entries[i].key] = i
	}
	r.entries[last] = entry[K, V]{}
	r.entries = r.entries[:last]
}

func (r *register[K, V]) sweep(keep func(K, *V) bool) {
	for range min(swept, len(r.entries)) {
		if r.hand >= len(r.entries) {
			r.hand = 0
		}
		if e := &r.entries[r.hand]; keep(e.key, &e.value) {
			r.hand++
		} else {
			r.remove(r.hand)
		}
		if len(r.entries) == 0 {
			return
		}
	}
}
