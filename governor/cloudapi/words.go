package cloudapi

import "strings"

// words makes strings of values, all those of a document in one piece of
// memory: a send is parsed millions of times, and what is kept of it is short.
// The strings never refer to the document.
type words struct{ piece strings.Builder }

// expect makes room for what will be asked for. More than that costs another
// piece and nothing else.
func (w *words) expect(values ...value) {
	size := 0
	for _, v := range values {
		if v.isString() {
			size += len(v)
		}
	}
	w.piece.Grow(size)
}

// text is [value.text].
func (w *words) text(v value) (s string, ok bool) {
	if !v.isString() {
		return "", false
	}
	inner := v[1 : len(v)-1]
	if !isPlain(inner) {
		return unquote(v), true
	}
	start := w.piece.Len()
	w.piece.Write(inner)
	return w.piece.String()[start:], true
}

// word is [value.word].
func (w *words) word(v value) string {
	if v.isNumber() {
		return string(v)
	}
	s, _ := w.text(v)
	return s
}
