package cloudapi

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may nest: as deep as encoding/json
// allows. It keeps a hostile body from using up the stack.
const maxDepth = 10_000

// errNotJSON says that a document is not one JSON value and nothing else.
var errNotJSON = errors.New("not a JSON document")

// value is one JSON value as it stands in its document: known to be valid,
// with no space around it. A nil value is an absent one.
//
// Values are slices of the document, so walking them copies nothing. Keys
// match exactly and by case, as the platform's do: encoding/json would take
// "To" for "to".
type value []byte

// parseJSON returns the one JSON value that doc holds.
func parseJSON(doc []byte) (value, error) {
	s := syntax{doc: doc}
	start := s.space(0)
	end := s.value(start, 0)
	if end < 0 || s.space(end) != len(doc) {
		return nil, errNotJSON
	}
	return value(doc[start:end]), nil
}

// absent reports whether v is missing or null: the platform does not tell the
// two apart.
func (v value) absent() bool { return len(v) == 0 || v[0] == 'n' }

func (v value) isObject() bool { return len(v) > 0 && v[0] == '{' }
func (v value) isArray() bool  { return len(v) > 0 && v[0] == '[' }
func (v value) isString() bool { return len(v) > 0 && v[0] == '"' }

func (v value) isNumber() bool {
	return len(v) > 0 && (v[0] == '-' || v[0] >= '0' && v[0] <= '9')
}

// members yields the members of an object in document order, repeated keys
// included, and nothing for any other value. The key is only valid until the
// next one.
func (v value) members() iter.Seq2[[]byte, value] {
	return func(yield func([]byte, value) bool) {
		if !v.isObject() {
			return
		}
		for i := skipSpace(v, 1); v[i] != '}'; {
			end := skipString(v, i)
			key := decodedKey(v[i:end])
			i = skipSpace(v, end)
			i = skipSpace(v, i+1)
			end = skipValue(v, i)
			if !yield(key, v[i:end]) {
				return
			}
			if i = skipSpace(v, end); v[i] == ',' {
				i = skipSpace(v, i+1)
			}
		}
	}
}

// elements yields the elements of an array in order, and nothing for any
// other value.
func (v value) elements() iter.Seq[value] {
	return func(yield func(value) bool) {
		if !v.isArray() {
			return
		}
		for i := skipSpace(v, 1); v[i] != ']'; {
			end := skipValue(v, i)
			if !yield(v[i:end]) {
				return
			}
			if i = skipSpace(v, end); v[i] == ',' {
				i = skipSpace(v, i+1)
			}
		}
	}
}

// each yields the elements of an array, the value itself where one object
// stands in the place of an array, and nothing for an absent value.
func (v value) each() iter.Seq2[int, value] {
	return func(yield func(int, value) bool) {
		switch {
		case v.isArray():
			n := 0
			for element := range v.elements() {
				if !yield(n, element) {
					return
				}
				n++
			}
		case !v.absent():
			yield(0, v)
		}
	}
}

// get returns the value under the given path of keys, nil if there is none.
// Of repeated keys the last counts, as it does for most decoders.
func (v value) get(path ...string) value {
	for _, name := range path {
		var found value
		for key, member := range v.members() {
			if string(key) == name {
				found = member
			}
		}
		v = found
	}
	return v
}

// text returns the string that v is; ok is false if v is not a string.
// Broken surrogates and invalid UTF-8 become U+FFFD.
func (v value) text() (s string, ok bool) {
	if !v.isString() {
		return "", false
	}
	return unquote(v), true
}

// word returns v as a string if it is a string or a number, "" otherwise. The
// platform writes identifiers, limits and times now one way, now the other.
func (v value) word() string {
	if v.isNumber() {
		return string(v)
	}
	s, _ := v.text()
	return s
}

// yes returns the boolean that v is, nil if v is none. The strings "true" and
// "false", as forms write them, count.
func (v value) yes() *bool {
	switch string(v) {
	case "true", `"true"`:
		yes := true
		return &yes
	case "false", `"false"`:
		no := false
		return &no
	default:
		return nil
	}
}

func decodedKey(quoted value) []byte {
	if inner := quoted[1 : len(quoted)-1]; isPlain(inner) {
		return inner
	}
	return []byte(unquote(quoted))
}

// unquote decodes a valid JSON string.
func unquote(quoted value) string {
	inner := quoted[1 : len(quoted)-1]
	if isPlain(inner) {
		return string(inner)
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return strings.ToValidUTF8(string(inner), "\uFFFD")
	}
	return s
}

// isPlain reports whether the inside of a JSON string stands for itself.
func isPlain(inner []byte) bool {
	for ; len(inner) >= 8; inner = inner[8:] {
		eight := binary.LittleEndian.Uint64(inner)
		if slash := eight ^ '\\'*ones; (eight|(slash-ones)&^slash)&highs != 0 {
			return false
		}
	}
	for _, b := range inner {
		if b == '\\' || b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// skipValue returns the index after the valid value that starts at i.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		depth := 0
		for {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	default:
		for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && !isSpace(b[i]) {
			i++
		}
		return i
	}
}

// skipString returns the index after the valid string that starts at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(b)
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\r' || b == '\t' }
