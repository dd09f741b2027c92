package pack

import (
	"encoding/binary"
	"time"
)

// Uint appends a number in as few bytes as it needs.
func Uint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// Int appends a number that may be negative.
func Int(b []byte, n int64) []byte { return binary.AppendVarint(b, n) }

// Bool appends a byte.
func Bool(b []byte, yes bool) []byte {
	if yes {
		return append(b, 1)
	}
	return append(b, 0)
}

// Fixed appends a number that is as good as random, in eight bytes.
func Fixed(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

// Bytes appends a length and as many bytes.
func Bytes(b, data []byte) []byte { return append(Uint(b, uint64(len(data))), data...) }

// Time appends an instant, whatever its location.
func Time(b []byte, t time.Time) []byte {
	return Uint(Int(b, t.Unix()), uint64(t.Nanosecond()))
}

// String appends a string. One of digits, as a phone number or an ID of the
// platform is, takes half the room.
func String(b []byte, s string) []byte {
	if n, ok := number(s); ok {
		return Uint(b, n<<1|1)
	}
	return append(Uint(b, uint64(len(s))<<1), s...)
}

// number is the string as a number, if the number tells the string.
func number(s string) (uint64, bool) {
	if s == "" || len(s) > 18 || s[0] == '0' {
		return 0, false
	}
	var n uint64
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = 10*n + uint64(d)
	}
	return n, true
}
