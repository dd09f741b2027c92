package cloudapi

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scrubbed stands where a text held a phone number or a user ID.
const scrubbed = "[…]"

// minSecret is how many digits together may be a phone number. Error codes
// have six.
const minSecret = 7

// scrub removes from a text what may identify a person: seven and more
// digits that at most separators interrupt, and business-scoped user IDs.
// Its time is linear in the text.
func scrub(s string) string {
	if !strings.ContainsFunc(s, unicode.IsDigit) {
		return s
	}
	var out strings.Builder
	wordsRead := 0
	for i := 0; i < len(s); {
		end := i
		if i >= wordsRead {
			word := wordLen(s[i:])
			wordsRead = i + word
			if id := strings.TrimRight(s[i:wordsRead], "."); looksLikeUserID(id) {
				end = i + len(id)
			}
		}
		if end == i {
			end = numberEnd(s, i)
		}
		if end > i {
			out.WriteString(scrubbed)
			i = end
			continue
		}
		next := i + runeLen(s, i)
		for unicode.IsDigit(runeAt(s, i)) && next < len(s) && unicode.IsDigit(runeAt(s, next)) {
			next += runeLen(s, next)
		}
		out.WriteString(s[i:next])
		i = next
	}
	return out.String()
}

// looksLikeUserID is stricter than isUserID, which an English text may satisfy
// ("no.reply").
func looksLikeUserID(s string) bool {
	return len(s) >= minSecret && strings.ContainsAny(s, "0123456789") && isUserID(s)
}

// numberEnd returns the index after the number that starts at i, i if there
// is none or one too short to be a phone number.
func numberEnd(s string, i int) int {
	digits, end := 0, i
	for j := i; j < len(s); {
		r, size := utf8.DecodeRuneInString(s[j:])
		j += size
		if unicode.IsDigit(r) {
			digits++
			end = j
		} else if digits == 0 || !strings.ContainsRune(" \u00a0-.()/", r) {
			break
		}
	}
	if digits < minSecret {
		return i
	}
	return end
}

// wordLen returns the length of the letters, digits and dots that s begins
// with.
func wordLen(s string) int {
	end := 0
	for end < len(s) && (isDigit(s[end]) || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z' || s[end] == '.') {
		end++
	}
	return end
}

func runeAt(s string, i int) rune {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return r
}

func runeLen(s string, i int) int {
	_, size := utf8.DecodeRuneInString(s[i:])
	return size
}
