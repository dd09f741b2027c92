package window

import (
	"encoding/binary"
	"fmt"
)

// reader takes binary data apart. After its first fault all that it returns is
// zero, so that a caller checks once.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrCorrupt, what)
		r.data = nil
	}
}

func (r *reader) byte(what string) byte {
	if len(r.data) == 0 {
		r.fail(what)
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

func (r *reader) uvarint(what string) uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.fail(what)
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) varint(what string) int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.fail(what)
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) string(what string) string {
	n := r.uvarint(what)
	if n > uint64(len(r.data)) {
		r.fail(what)
		return ""
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}

// stamp reads an instant as its distance from another.
func (r *reader) stamp(from int64, what string) int64 {
	at := from + r.varint(what)
	if at < never || at > latest+1 {
		r.fail(what)
	}
	return at
}

// end reports what is wrong, data that is left over included.
func (r *reader) end() error {
	if len(r.data) > 0 {
		r.fail("too long")
	}
	return r.err
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
