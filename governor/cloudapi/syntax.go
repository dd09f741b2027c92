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
func (s syntax) value(i, depth int) int { return s.rest(i, depth, place{}) }

// rest is value for one that has been checked up to a place.
func (s syntax) rest(i, depth int, p place) int {
	for {
		if i, p = s.run(i, depth, p); i < 0 || p.open == 0 && p.ended {
			return i
		}
		switch s.at(i) {
		case '"':
			i = s.text(i)
		case '{', '[':
			i = s.value(i, depth+p.open)
		default:
			i = s.scalar(i)
		}
		if i < 0 {
			return -1
		}
		if !p.key {
			p.ended = true
			continue
		}
		if i = s.space(i); s.at(i) != ':' {
			return -1
		}
		i, p.key = s.space(i+1), false
	}
}

// A place is where in a document the check of it stands.
type place struct {
	objects uint64 // what is open: 1 is an object, the innermost the lowest bit
	open    int    // how much is open
	key     bool   // a key comes next
	ended   bool   // a value has just ended
}

// run goes on from a place for as long as it meets what most documents are made
// of, and returns with something else before it: a string with an escape, a
// number, true, false or null, or what nests too deep for a word. If what is
// there is a fault it may leave that to be found by others.
//
// It calls nothing, so that it can stay in the processor's registers: a send
// waits for little else.
func (s syntax) run(i, depth int, p place) (next int, at place) {
	doc := s.doc
	for {
		for p.ended {
			if p.open == 0 {
				return i, p
			}
			i = s.space(i)
			c, object := s.at(i), p.objects&1 != 0
			if c == ',' {
				i = s.space(i + 1)
				p.key, p.ended = object, false
				break
			}
			if object && c != '}' || !object && c != ']' {
				return -1, p
			}
			i++
			p.open--
			p.objects >>= 1
		}
		c := s.at(i)
		if c == '"' {
			end := i + 1
			for uint(end+4) <= uint(len(doc)) {
				four := doc[end : end+4]
				if !plain[four[0]] {
					break
				}
				if !plain[four[1]] {
					end++
					break
				}
				if !plain[four[2]] {
					end += 2
					break
				}
				if !plain[four[3]] {
					end += 3
					break
				}
				end += 4
			}
			for plain[s.at(end)] {
				end++
			}
			if s.at(end) != '"' {
				return i, p
			}
			i = end + 1
			if !p.key {
				p.ended = true
				continue
			}
			if i = s.space(i); s.at(i) != ':' {
				return -1, p
			}
			i, p.key = s.space(i+1), false
			continue
		}
		if p.key {
			return -1, p
		}
		if c != '{' && c != '[' || p.open == 64 {
			return i, p
		}
		if depth+p.open >= maxDepth {
			return -1, p
		}
		p.open++
		p.objects <<= 1
		i = s.space(i + 1)
		if c == '{' {
			p.objects |= 1
			p.key = s.at(i) != '}'
			p.ended = !p.key
		} else {
			p.ended = s.at(i) == ']'
		}
	}
}

// A member func checks the value that starts at an index in the place of
// syntax.value, and may note it. It gets the key as it is written, and the depth
// of the object around it.
type member func(key value, at, depth int) (end int)

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
		end := s.value(i, depth)
		if end < 0 {
			return -1
		}
		colon := s.space(end)
		if s.at(colon) != ':' {
			return -1
		}
		if i = each(s.doc[i:end], s.space(colon+1), depth); i < 0 {
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
			if end := s.members(element, depth+2, each); end >= 0 {
				return s.rest(end, depth, place{open: 1, ended: true})
			}
			return -1
		}
	}
	return s.value(i, depth)
}

// text checks a string.
func (s syntax) text(i int) int {
	for i++; ; {
		for plain[s.at(i)] {
			i++
		}
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
