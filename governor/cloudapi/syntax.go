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
//
// It is one loop and not a method for each kind of value: a send waits for
// little else, and the calls would cost more than what they do. It keeps its
// place in one word and calls itself only for what nests deeper than that.
func (s syntax) value(i, depth int) int {
	objects, open := uint64(0), 0 // what is open: the innermost is the lowest bit
	key := false                  // whether a key has to come next
	for {
		switch c := s.at(i); {
		case c == '"':
			i++
			for {
				for uint(i+4) <= uint(len(s.doc)) {
					four := s.doc[i : i+4]
					if !plain[four[0]] {
						break
					}
					if !plain[four[1]] {
						i++
						break
					}
					if !plain[four[2]] {
						i += 2
						break
					}
					if !plain[four[3]] {
						i += 3
						break
					}
					i += 4
				}
				for plain[s.at(i)] {
					i++
				}
				if c = s.at(i); c != '\\' {
					break
				}
				if i = s.escape(i + 1); i < 0 {
					return -1
				}
			}
			if c != '"' {
				return -1
			}
			i++
			if key {
				if i = s.space(i); s.at(i) != ':' {
					return -1
				}
				i, key = s.space(i+1), false
				continue
			}
		case key:
			return -1
		case c != '{' && c != '[':
			i = s.scalar(i)
		case open == 64:
			i = s.value(i, depth+open)
		case depth+open == maxDepth:
			return -1
		default:
			open++
			objects <<= 1
			i = s.space(i + 1)
			if c == '{' {
				objects |= 1
				key = s.at(i) != '}'
			}
			if key || c == '[' && s.at(i) != ']' {
				continue
			}
		}
		for {
			if open == 0 || i < 0 {
				return i
			}
			i = s.space(i)
			c, object := s.at(i), objects&1 != 0
			if c == ',' {
				i, key = s.space(i+1), object
				break
			}
			if object && c != '}' || !object && c != ']' {
				return -1
			}
			i++
			open--
			objects >>= 1
		}
	}
}

// members checks the object that starts at i and calls member for each of its
// members in document order, with the key as it is written and the index at
// which the value starts; member checks the value in the place of s.value. None
// of the members means anything if the object turns out to be invalid.
func (s syntax) members(i, depth int, member func(key value, at int) int) int {
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
		end := s.value(i, depth)
		if end < 0 {
			return -1
		}
		colon := s.space(end)
		if s.at(colon) != ':' {
			return -1
		}
		if i = member(s.doc[i:end], s.space(colon+1)); i < 0 {
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

// plain holds the bytes that stand for themselves in a string. Four of them are
// looked up at a time: nearly all of a body is strings.
var plain = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return is
}()

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
