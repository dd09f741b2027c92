package ledger

import (
	"hash/maphash"
	"math/bits"

	"github.com/sendgov/sendgov/governor"
)

// An index finds places by a hash. It is a table of slots, a power of two of
// them, in which a place stands at the slot that its hash says, or at the next
// that was free. A slot is a hash above a place plus one; zero is a free one.
//
// A map does as much, and takes three times as long: what it cannot know is that
// tokens are random already, and that nobody looks through it.
type index struct {
	slots []uint64
	used  int
}

// newIndex has room for so many.
func newIndex(n int) index {
	if n == 0 {
		return index{}
	}
	size := minSlots
	for size*maxLoad/4 < n {
		size *= 2
	}
	return index{slots: make([]uint64, size)}
}

const (
	minSlots = 8
	maxLoad  = 3 // quarters of the slots may be used
)

// look is what stands at a slot, counted on from a hash: a place, and whether its
// hash is that one; or none, and a search ends there.
func (x *index) look(at, hash uint32) (place int, is bool) {
	s := x.slots[at&uint32(len(x.slots)-1)]
	return int(uint32(s)) - 1, uint32(s>>32) == hash
}

func slotOf(hash uint32, place int) uint64 { return uint64(hash)<<32 | uint64(uint32(place+1)) }

func (x *index) insert(hash uint32, place int) {
	if (x.used+1)*4 > len(x.slots)*maxLoad {
		x.grow()
	}
	x.set(slotOf(hash, place))
	x.used++
}

// set puts a slot's content where it is found.
func (x *index) set(s uint64) {
	mask := uint32(len(x.slots) - 1)
	at := uint32(s>>32) & mask
	for x.slots[at] != 0 {
		at = (at + 1) & mask
	}
	x.slots[at] = s
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint64, max(minSlots, 2*len(old)))
	for _, s := range old {
		if s != 0 {
			x.set(s)
		}
	}
}

// where is the slot of a place that is there.
func (x *index) where(hash uint32, place int) uint32 {
	mask, s := uint32(len(x.slots)-1), slotOf(hash, place)
	at := hash & mask
	for x.slots[at] != s {
		at = (at + 1) & mask
	}
	return at
}

// move says that what was at one place is at another.
func (x *index) move(hash uint32, from, to int) {
	x.slots[x.where(hash, from)] = slotOf(hash, to)
}

// remove frees the slot of a place. Those after it move up, so that no search
// ends before it should.
func (x *index) remove(hash uint32, place int) {
	mask := uint32(len(x.slots) - 1)
	gap := x.where(hash, place)
	for at := (gap + 1) & mask; x.slots[at] != 0; at = (at + 1) & mask {
		home := uint32(x.slots[at]>>32) & mask
		if (at-home)&mask >= (at-gap)&mask {
			x.slots[gap] = x.slots[at]
			gap = at
		}
	}
	x.slots[gap] = 0
	x.used--
}

// The hashes of what is looked up. They are this process's own: nothing that is
// written down depends on them.

var (
	seed        = maphash.MakeSeed()
	front, back = maphash.String(seed, "front"), maphash.String(seed, "back")
)

// hashName is that of a recipient. Phone numbers, which nearly all are, are mixed
// as one product of their two ends; no stranger knows the factors.
func hashName(name string) uint32 {
	if len(name) < 8 || len(name) > 16 {
		return uint32(maphash.String(seed, name))
	}
	return mix(name, front, back)
}

// mix spreads the product once more: the numbers of one block differ in their
// last digits alone, and there are factors that leave those in a few of its bits.
func mix(name string, front, back uint64) uint32 {
	n := len(name)
	high, low := bits.Mul64(eightBytes(name)^front, eightBytes(name[n-8:])^back^uint64(n))
	return spread(high ^ low)
}

// spread lays what is near to each other far apart.
func spread(x uint64) uint32 { return uint32(x * 0x9e3779b97f4a7c15 >> 32) }

func eightBytes(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// hashToken is that of a token. One governor counts its tokens.
func hashToken(t governor.Token) uint32 { return spread(t.Lo + t.Hi) }

// hashID is that of a message: any part of a cryptographic hash will do.
func hashID(id MessageID) uint32 { return uint32(id[0]) }
