package cloudapi

// syntax checks a document against RFC 8259, once, so that everything after
// it may walk the document without looking for faults. It accepts exactly
// what encoding/json accepts.
type syntax struct{ doc []byte }

// at returns the byte at i, 0 past the end. A zero byte is not legal anywhere
// outside a string, nor inside one, so it always ends in a fault.
func (s syntax) at(i int) byte {
	if i < len(s.doc) {
		return s.doc[i]
	}
	return 0
}

func (s syntax) space(i int) int { return skipSpace(s.doc, i) }

// value returns the index after the value that starts at i, or a negative
// number if there is no valid one. The other methods do likewise.
func (s syntax) value(i, depth int) int {
	switch c := s.at(i); {
	case c == '"':
		return s.text(i)
	case c == '{':
		return s.object(i, depth+1)
	case c == '[':
		return s.array(i, depth+1)
	case c == '-' || isDigit(c):
		return s.number(i)
	case c == 't':
		return s.literal(i, "true")
	case c == 'f':
		return s.literal(i, "false")
	case c == 'n':
		return s.literal(i, "null")
	default:
		return -1
	}
}

func (s syntax) object(i, depth int) int {
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
		if i = s.text(i); i < 0 {
			return -1
		}
		if i = s.space(i); s.at(i) != ':' {
			return -1
		}
		if i = s.value(s.space(i+1), depth); i < 0 {
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

func (s syntax) array(i, depth int) int {
	if depth > maxDepth {
		return -1
	}
	i = s.space(i + 1)
	if s.at(i) == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth); i < 0 {
			return -1
		}
		switch i = s.space(i); s.at(i) {
		case ']':
			return i + 1
		case ',':
			i = s.space(i + 1)
		default:
			return -1
		}
	}
}

func (s syntax) text(i int) int {
	doc := s.doc
	for i++; i < len(doc); i++ {
		c := doc[i]
		if c > '\\' || c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		switch c {
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
	return -1
}

// escape returns the index of the last byte of the escape whose backslash
// stands before i.
func (s syntax) escape(i int) int {
	switch s.at(i) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
		for range 4 {
			i++
			if !isHex(s.at(i)) {
				return -1
			}
		}
		return i
	default:
		return -1
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
