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
	if len(name) >= 8 {
		return longPhone(name)
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

const (
	eightZeros = 0x3030303030303030 // as text
	eightSixes = 0x0606060606060606
	upperHalfs = 0xf0f0f0f0f0f0f0f0
)

// longPhone takes the first eight digits as one word and the last eight as
// another, in which it makes zeros of those that are in the first as well. A
// byte is a digit if its upper half is that of one, and stays so when six is
// added.
func longPhone(name string) (code, bool) {
	more := len(name) - 8
	first, last := eightBytes(name), eightBytes(name[more:])
	if ((first^eightZeros)|((first+eightSixes)^eightZeros)|(last^eightZeros)|((last+eightSixes)^eightZeros))&upperHalfs != 0 {
		return 0, false
	}
	rest := ^uint64(0) << (64 - 8*more)
	return code(number(first-eightZeros)*powers[more&7] + number((last-eightZeros)&rest)), true
}

var powers = [8]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7}

func eightBytes(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// number returns what eight digits, one in each byte, mean: it joins neighbours,
// pairs and fours.
func number(v uint64) uint64 {
	v = v * (1<<8*10 + 1) >> 8 & 0x00ff00ff00ff00ff
	v = v * (1<<16*100 + 1) >> 16 & 0x0000ffff0000ffff
	return v * (1<<32*10000 + 1) >> 32
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
