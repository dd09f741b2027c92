package window

import (
	"hash/maphash"
	"slices"
)

const nameBlock = 256

// names numbers the recipients whose names are no phone numbers: user IDs,
// groups, keyed hashes. A name is found by its hash and compared in full, so no
// two are ever taken for one, and is dropped with its last send.
type names struct {
	seed   maphash.Seed
	index  index
	blocks [][]name // all of nameBlock but the first, which grows
	next   uint32
	free   []uint32
}

type name struct {
	text  string
	sends uint32
}

func (t *names) at(i uint32) *name { return &t.blocks[i/nameBlock][i%nameBlock] }

func (t *names) hash(i uint32) uint64 { return maphash.String(t.seed, t.at(i).text) }

// find returns the code of a recipient, zero if the name is not known.
func (t *names) find(text string) code {
	if who, ok := phone(text); ok {
		return who
	}
	if t.next == uint32(len(t.free)) {
		return 0
	}
	for i := range t.index.filed(maphash.String(t.seed, text)) {
		if t.at(i).text == text {
			return firstName + code(i)
		}
	}
	return 0
}

// add returns the code of a recipient that find does not know. It stays only
// if it is kept before anything else is added.
func (t *names) add(text string) code {
	var i uint32
	if last := len(t.free) - 1; last >= 0 {
		i, t.free = t.free[last], t.free[:last]
	} else {
		i = t.next
		t.next++
		if i%nameBlock == 0 {
			t.blocks = append(t.blocks, nil)
			if i > 0 {
				t.blocks[i/nameBlock] = make([]name, nameBlock)
			}
		}
		if b := &t.blocks[i/nameBlock]; int(i%nameBlock) >= len(*b) {
			*b = slices.Grow(*b, 4)
			*b = (*b)[:min(cap(*b), nameBlock)]
		}
	}
	t.at(i).text = text
	t.index.insert(t.hash(i), i, t)
	return firstName + code(i)
}

// enter returns the code of a recipient, and keeps it until drop is called.
func (t *names) enter(text string) code {
	who := t.find(text)
	if who == 0 {
		who = t.add(text)
	}
	t.keep(who)
	return who
}

// text returns the name of a recipient.
func (t *names) text(who code) string {
	if who < firstName {
		return who.digits()
	}
	return t.at(uint32(who - firstName)).text
}

// keep counts one more send to the recipient.
func (t *names) keep(who code) {
	if who >= firstName {
		t.at(uint32(who-firstName)).sends++
	}
}

// drop counts one less, and forgets the name with the last.
func (t *names) drop(who code) {
	if who >= firstName {
		t.dropped(uint32(who - firstName))
	}
}

func (t *names) dropped(i uint32) {
	n := t.at(i)
	if n.sends--; n.sends == 0 {
		t.index.remove(t.hash(i), i, t)
		*n = name{}
		t.free = append(t.free, i)
	}
}
