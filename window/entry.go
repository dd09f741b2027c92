package window

// entry is one send in the ring, in twelve bytes without a pointer: the word of
// its recipient's code, whether it holds the recipient's slot, its state and
// the low part of its ticket's id, and when it was made, in milliseconds after
// its leaf begins. The word is in two halves, since one of eight bytes would
// make the entry sixteen. An entry without a recipient is a hole.
type entry struct{ lo, hi, at uint32 }

// state is what became of a send.
type state uint8

const (
	pending   state = iota // unknown as yet
	committed              // it went out, and can still be given back
	floor                  // a stamp that no ticket can take back
	crowded                // stands for all sends of one recipient, see crowd
)

const (
	codeMask   = 1<<codeBits - 1
	holdsBit   = codeBits
	holdsMark  = 1 << (holdsBit - 32) // in the upper half
	stateShift = holdsBit + 1
	idShift    = stateShift + 2

	// wideID says that the ticket's id is not near those of the leaf and stands
	// in full beside it.
	wideID = 1<<(64-idShift) - 1
)

func (e *entry) word() uint64 { return uint64(e.hi)<<32 | uint64(e.lo) }

func (e *entry) set(who code, s state, id uint32) {
	word := uint64(who) | uint64(s)<<stateShift | uint64(id)<<idShift
	e.lo, e.hi = uint32(word), uint32(word>>32)
}

func (e *entry) who() code    { return code(e.word() & codeMask) }
func (e *entry) holds() bool  { return e.hi&holdsMark != 0 }
func (e *entry) state() state { return state(e.hi >> (stateShift - 32) & 3) }
func (e *entry) id() uint32   { return e.hi >> (idShift - 32) }

func (e *entry) setHolds(yes bool) {
	e.hi &^= holdsMark
	if yes {
		e.hi |= holdsMark
	}
}

// commit makes a pending send a committed one.
func (e *entry) commit() { e.hi |= uint32(committed) << (stateShift - 32) }

// seal makes the entry one that no ticket names.
func (e *entry) seal(s state) {
	holds := e.holds()
	e.set(e.who(), s, 0)
	e.setHolds(holds)
}

func (e *entry) setWho(who code) {
	word := e.word()&^codeMask | uint64(who)
	e.lo, e.hi = uint32(word), uint32(word>>32)
}
