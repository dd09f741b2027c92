package window

import "strconv"

// code stands for a recipient inside the window, in fifty bits. The digits of a
// phone number are their own code, so that it takes no memory at all; other
// names are numbered from firstName on, see [names]. Zero stands for nobody.
type code uint64

const (
	codeBits = 50

	// digits is the most that a phone number has (E.164: fifteen).
	digits = 15

	firstName code = 1e15
)

// phone returns the code of a phone number. What begins with a zero is none,
// for "007" and "7" are two names.
func phone(name string) (code, bool) {
	if len(name) == 0 || len(name) > digits || name[0] == '0' {
		return 0, false
	}
	var n code
	for i := range len(name) {
		d := name[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + code(d)
	}
	return n, true
}

// mix spreads a code over 64 bits. No two codes end in the same place, so that
// a segment of the index that is split often enough always comes apart; seed
// keeps a stranger from choosing names that end close together.
func mix(who code, seed uint64) uint64 {
	h := (uint64(who) ^ seed) * 0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

func (c code) digits() string { return strconv.FormatUint(uint64(c), 10) }
