package pack

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"
)

// ErrCorrupt is what a [Reader] comes to when bytes are not as they were
// written.
var ErrCorrupt = errors.New("pack: corrupt")

// A Reader reads what was appended, in the same order. The zero Reader is at
// the end.
type Reader struct {
	rest []byte
	bad  bool
}

// Read returns a reader of b, which must not be changed while it is read.
func Read(b []byte) *Reader { return &Reader{rest: b} }

// Err is [ErrCorrupt] once something could not be read.
func (r *Reader) Err() error {
	if r.bad {
		return ErrCorrupt
	}
	return nil
}

// Close is Err, and [ErrCorrupt] if something is left.
func (r *Reader) Close() error {
	if len(r.rest) > 0 {
		r.Fail()
	}
	return r.Err()
}

// More reports whether something is left to be read.
func (r *Reader) More() bool { return len(r.rest) > 0 }

// Fail is for whoever reads something that makes no sense to them.
func (r *Reader) Fail() { r.bad, r.rest = true, nil }

// Uint reads a number.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// Int reads a number that may be negative.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.rest) == 0 {
		r.Fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// Bool reads a byte that is 0 or 1.
func (r *Reader) Bool() bool {
	b := r.Byte()
	if b > 1 {
		r.Fail()
	}
	return b == 1
}

// Fixed reads eight bytes.
func (r *Reader) Fixed() uint64 {
	if len(r.rest) < 8 {
		r.Fail()
		return 0
	}
	n := binary.BigEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return n
}

// Bytes reads as many bytes as it says there are. They are the reader's own:
// clone what is kept.
func (r *Reader) Bytes() []byte { return r.take(r.Uint()) }

func (r *Reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.Fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// Len reads how many things follow, of which each takes size bytes or more.
func (r *Reader) Len(size int) int {
	n := r.Uint()
	if n > uint64(len(r.rest)/max(1, size)) {
		r.Fail()
		return 0
	}
	return int(n)
}

// Size reads a number that an int holds on every machine, and that is not
// negative.
func (r *Reader) Size() int {
	n := r.Uint()
	if n > 1<<31-1 {
		r.Fail()
		return 0
	}
	return int(n)
}

// Time reads an instant, in UTC.
func (r *Reader) Time() time.Time {
	sec, nsec := r.Int(), r.Uint()
	if nsec >= uint64(time.Second) {
		r.Fail()
	}
	if r.bad {
		return time.Time{}
	}
	return time.Unix(sec, int64(nsec)).UTC()
}

// String reads a string.
func (r *Reader) String() string {
	n := r.Uint()
	if n&1 == 1 {
		return strconv.FormatUint(n>>1, 10)
	}
	return string(r.take(n >> 1))
}
