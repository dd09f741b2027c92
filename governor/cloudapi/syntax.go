package cloudapi

// syntax checks a document against RFC 8259, once, so that everything after
// it may walk the document without looking for faults. It accepts exactly
// what encoding/json accepts.
type syntax struct{ doc []byte }

// at returns the byte at i, 0 outside the document, and so for a fault as well.
// A zero byte is not legal anywhere outside a string, nor inside one, so it
// always ends in a fault.
func (s syntax) at(i int) byte {
	if uint(i) < uint(len(s.doc)) {
		return s.doc[i]
	}
	return 0
}

// space returns the index of the first byte at or after i that is no space.
func (s syntax) space(i int) int {
	if s.at(i) > ' ' {
		return i
	}
	return skipSpace(s.doc, i)
}

// between returns the value between two indices, nothing if the later is a
// fault's.
func (s syntax) between(at, end int) value {
	if end < 0 {
		return nil
	}
	return s.doc[at:end]
}

// value returns the index after the value that starts at i, or a negative
// number if there is no valid one. The other methods do likewise. depth is of
// the object or array around the value, 0 if there is none.
func (s syntax) value(i, depth int) int {
	switch s.at(i) {
	case '"':
		return s.text(i)
	case '{', '[':
		return s.nested(i, depth)
	default:
		return s.scalar(i)
	}
}

// nested checks an object or array and all that is in it.
func (s syntax) nested(i, depth int) int {
	objects, open := uint64(0), 0 // what is open: 1 is an object, the innermost the lowest bit
	key := false                  // whether a key comes next
	for {
		switch c := s.at(i); {
		case c == '"':
			if i, key = s.texts(i, key, objects&1 != 0); i < 0 {
				return -1
			}
			if key {
				if i = s.space(i); s.at(i) != ':' {
					return -1
				}
				i, key = s.space(i+1), false
				continue
			}
		case key:
			return -1
		case c == '{' || c == '[':
			if depth+open >= maxDepth {
				return -1
			}
			if open == 64 {
				if i = s.nested(i, depth+open); i < 0 {
					return -1
				}
				break
			}
			open++
			objects <<= 1
			i = s.space(i + 1)
			if c == '{' {
				objects |= 1
				if s.at(i) != '}' {
					key = true
					continue
				}
			} else if s.at(i) != ']' {
				continue
			}
		default:
			if i = s.scalar(i); i < 0 {
				return -1
			}
		}
		for { // a value has ended, and with it maybe what is around it
			i = s.space(i)
			c := s.at(i)
			if c == ',' {
				break
			}
			if object := objects&1 != 0; object && c != '}' || !object && c != ']' {
				return -1
			}
			i++
			open--
			objects >>= 1
			if open == 0 {
				return i
			}
		}
		i = s.space(i + 1)
		key = objects&1 != 0
	}
}

// A member func checks the value that starts at an index in the place of
// syntax.value, and may note it. It gets the depth of the object around it, and
// a key that is only valid until it returns.
type member func(key []byte, at, depth int) (end int)

// members checks the object that starts at i, which is of that depth itself, and
// calls each for its members in document order. None of them means anything if
// the document turns out to be invalid.
func (s syntax) members(i, depth int, each member) int {
	if depth > maxDepth {
		return -1
	}
	i = s.space(i + 1)
	if s.at(i) == '}' {
		return i + 1
	}
	for {
		if s.at(i) != '"' {
			return -1
		}
		end := s.plain(i + 1)
		key := s.doc[i+1 : end]
		if s.at(end) != '"' {
			if end = s.inside(end) - 1; end < 0 {
				return -1
			}
			key = []byte(unquote(s.doc[i : end+1]))
		}
		colon := s.space(end + 1)
		if s.at(colon) != ':' {
			return -1
		}
		if i = each(key, s.space(colon+1), depth); i < 0 {
			return -1
		}
		switch i = s.space(i); s.at(i) {
		case '}':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return -1
		}
	}
}

// first is value, and members of the value if it is an object, or of its first
// element if that is one.
func (s syntax) first(i, depth int, each member) int {
	switch s.at(i) {
	case '{':
		return s.members(i, depth+1, each)
	case '[':
		if element := s.space(i + 1); s.at(element) == '{' {
			return s.others(s.members(element, depth+2, each), depth+1)
		}
	}
	return s.value(i, depth)
}

// others checks what follows the first element of an array, which is of that
// depth itself. It starts where the element ended.
func (s syntax) others(i, depth int) int {
	for i >= 0 {
		switch i = s.space(i); s.at(i) {
		case ']':
			return i + 1
		case ',':
			i = s.value(s.space(i+1), depth)
		default:
			return -1
		}
	}
	return -1
}

// scalar checks a number, true, false or null.
func (s syntax) scalar(i int) int {
	switch s.at(i) {
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	default:
		return s.number(i)
	}
}

func (s syntax) number(i int) int {
	if s.at(i) == '-' {
		i++
	}
	switch {
	case s.at(i) == '0':
		i++
	case isDigit(s.at(i)):
		i = s.digits(i)
	default:
		return -1
	}
	if s.at(i) == '.' {
		if i++; !isDigit(s.at(i)) {
			return -1
		}
		i = s.digits(i)
	}
	if c := s.at(i); c == 'e' || c == 'E' {
		i++
		if c := s.at(i); c == '+' || c == '-' {
			i++
		}
		if !isDigit(s.at(i)) {
			return -1
		}
		i = s.digits(i)
	}
	return i
}

func (s syntax) digits(i int) int {
	for isDigit(s.at(i)) {
		i++
	}
	return i
}

func (s syntax) literal(i int, want string) int {
	if end := i + len(want); end <= len(s.doc) && string(s.doc[i:end]) == want {
		return end
	}
	return -1
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
