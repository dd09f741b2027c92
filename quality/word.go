package quality

import (
	"strings"
	"time"
	"unicode/utf8"
)

// maxWord bounds what is kept of a word, in bytes. The longest documented
// one has 52.
const maxWord = 64

// clean returns a word as it is compared and kept: trimmed, in upper case,
// valid UTF-8, at most maxWord bytes. Only ASCII letters change case: a word
// that merely folds to a known one is not that word.
func clean(word string) string {
	word = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(word))
	if len(word) <= maxWord {
		return word
	}
	end := maxWord
	for !utf8.RuneStart(word[end]) {
		end--
	}
	return word[:end]
}

// Report is one word of the platform. The zero Report is none.
type Report struct {
	// Word is the word, trimmed and in upper case, cut to 64 bytes.
	Word string `json:"word,omitempty"`
	// At is when the platform said it. Zero: it said nothing.
	At time.Time `json:"at,omitzero"`
	// From is when it takes effect. Zero: at once.
	From time.Time `json:"from,omitzero"`
}

// Words is what the platform last said in one of its vocabularies: the newest
// word understood and the newest one not understood. The two are apart because
// an unknown word must not undo a known one: BANNED and then FOO is Banned
// still, CONNECTED and then FOO is Restricted. A known word that is newer than
// the unknown one replaces both.
type Words struct {
	// Known is the newest documented word.
	Known Report `json:"known,omitzero"`
	// Unknown is the newest word that is not documented. It stands beside Known
	// unless Known is newer.
	Unknown Report `json:"unknown,omitzero"`
}

// with returns w with r taken up, if it is news.
func (w Words) with(r Report, means vocabulary) Words {
	if means(r.Word) == Unreported {
		return w.withUnknown(r)
	}
	if r.At.After(w.Known.At) || r.At.Equal(w.Known.At) && stricter(r, w.Known, means) {
		w.Known = r
	}
	return w
}

func (w Words) withUnknown(r Report) Words {
	if r.At.After(w.Unknown.At) || r.At.Equal(w.Unknown.At) && r.Word < w.Unknown.Word {
		w.Unknown = r
	}
	return w
}

// stricter decides between two words of the same time, so that the order in
// which they arrive does not.
func stricter(a, b Report, means vocabulary) bool {
	switch x, y := means(a.Word), means(b.Word); {
	case x != y:
		return x > y
	case !a.From.Equal(b.From):
		return a.From.Before(b.From)
	default:
		return a.Word < b.Word
	}
}

// health returns what the known word amounts to at now, Unreported if there is
// none.
func (w *Words) health(now time.Time, means vocabulary) Health {
	if w.Known.At.IsZero() {
		return Unreported
	}
	if now.Before(w.Known.From) {
		return Connected
	}
	if h := means(w.Known.Word); h != Unreported {
		return h
	}
	return Restricted // written by a later version: a word, but unknown here
}

// puzzle tells whether the unknown word stands. It amounts to Restricted.
func (w *Words) puzzle() bool {
	return !w.Unknown.At.IsZero() && !w.Unknown.At.Before(w.Known.At)
}
