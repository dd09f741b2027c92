package cloudapi

import (
	"encoding/binary"
	"math/bits"
)

// Nearly all of a body is strings, so a send waits for little else than for the
// ends of strings to be found. That looks at eight bytes at a time.

// text checks a string.
func (s syntax) text(i int) int {
	end := s.plain(i + 1)
	if s.at(end) == '"' {
		return end + 1
	}
	return s.inside(end)
}

// texts is text, and goes on with the next string as long as nothing but one
// colon or comma stands between: most members are strings. It returns what the
// last one was, a key or not.
//
// It calls nothing but for escapes, so that it can stay in the processor's
// registers.
func (s syntax) texts(i int, key, inObject bool) (end int, wasKey bool) {
	doc := s.doc
	for {
		i++
		for uint(i+8) <= uint(len(doc)) {
			if m := special(binary.LittleEndian.Uint64(doc[i : i+8])); m != 0 {
				i += bits.TrailingZeros64(m) / 8
				break
			}
			i += 8
		}
		if s.at(i) == '"' {
			i++
		} else if i = s.inside(i); i < 0 {
			return -1, key
		}
		between := byte(',')
		if key {
			between = ':'
		}
		if uint(i+2) > uint(len(doc)) || doc[i] != between || doc[i+1] != '"' {
			return i, key
		}
		i++
		key = key != inObject
	}
}

// plain returns the index of the first byte at or after i that does not stand
// for itself in a string.
func (s syntax) plain(i int) int {
	for uint(i+8) <= uint(len(s.doc)) {
		if m := special(binary.LittleEndian.Uint64(s.doc[i : i+8])); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
		i += 8
	}
	for c := s.at(i); c >= ' ' && c != '"' && c != '\\'; c = s.at(i) {
		i++
	}
	return i
}

// inside checks a string from somewhere in it.
func (s syntax) inside(i int) int {
	for {
		i = s.plain(i)
		switch s.at(i) {
		case '"':
			return i + 1
		case '\\':
			if i = s.escape(i + 1); i < 0 {
				return -1
			}
		default:
			return -1
		}
	}
}

// escape returns the index after the escape whose backslash stands before i.
func (s syntax) escape(i int) int {
	switch s.at(i) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for range 4 {
			i++
			if !isHex(s.at(i)) {
				return -1
			}
		}
		return i + 1
	default:
		return -1
	}
}

const (
	ones  = 0x0101010101010101 // a byte times this is eight of it
	highs = 0x80 * ones
)

// special finds out of eight bytes the first that does not stand for itself in
// a string: a quote, a backslash or a control character. The lowest bit set is
// that byte's highest; those above mean nothing, since subtraction borrows.
func special(eight uint64) uint64 {
	low := eight ^ 2*ones // a quote is now 0x20, next to the control characters
	slash := eight ^ '\\'*ones
	return ((low-0x21*ones)&^low | (slash-ones)&^slash) & highs
}
