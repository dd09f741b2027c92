package governor

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// E.164 allows up to 15 digits; nobody's full number is shorter than 7.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 15
)

// CanonicalRecipient returns the one spelling under which the person, user or
// group that to names is counted.
//
// A phone number becomes its digits: formatting, a leading "+", "00",
// "whatsapp:" or "tel:" and a trunk "(0)" after a country code are dropped,
// digits of other scripts are read. "+X" and "X" are the same person, though
// the platform may complete a number without "+" by the sender's country code:
// it is the answer to the send that tells. A number that then begins with 0
// lacks its country code and is refused: in two countries it is two people.
//
// A business-scoped user ID ("US.1349…") and a group ID stay as they are, and
// never lose their letters. A group ID that would pass for something else can
// be written "group:ID".
//
// The error wraps [ErrInvalid] and tells the shape of to, never its value.
//
// Source: the platform's page on sending messages (2026-09-11) for the
// formats; its page on business-scoped user IDs (2026-05) for theirs.
func CanonicalRecipient(to string) (string, error) { return recipientIn("To", to) }

// recipientIn is CanonicalRecipient for a field of any name.
func recipientIn(field, s string) (string, error) {
	// What programs write is nearly always canonical already: no copy.
	if isPhoneKey(s) {
		return s, nil
	}
	key, fault := readRecipient(s)
	if fault != "" {
		return "", invalid(field, fault)
	}
	return key, nil
}

// isPhoneKey reports what readPhone makes of a phone number, so that reading
// it again changes nothing.
func isPhoneKey(s string) bool {
	return len(s) >= minPhoneDigits && len(s) <= maxPhoneDigits && s[0] != '0' && allDigits(s)
}

// allDigits reports whether s has nothing but digits. It is asked of both ends of
// each send, so that it looks at eight bytes at once, the last eight perhaps
// twice.
func allDigits(s string) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if s[i] < '0' || s[i] > '9' {
				return false
			}
		}
		return true
	}
	for len(s) > 16 {
		if !eightDigits(s) {
			return false
		}
		s = s[8:]
	}
	return eightDigits(s) && eightDigits(s[len(s)-8:])
}

// eightDigits is allDigits of the first eight bytes: the upper half of each is
// that of a digit, and stays so when six is added.
func eightDigits(s string) bool {
	const zeros, sixes, uppers = 0x3030303030303030, 0x0606060606060606, 0xf0f0f0f0f0f0f0f0
	_ = s[7]
	word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return ((word^zeros)|((word+sixes)^zeros))&uppers == 0
}

func readRecipient(s string) (key, fault string) {
	s = strings.TrimFunc(s, isFormatting)
	if s == "" {
		return "", "is empty"
	}
	if !utf8.ValidString(s) {
		return "", "is not valid UTF-8"
	}
	if id, ok := strings.CutPrefix(s, groupPrefix); ok {
		return readGroup(id)
	}
	if isUserID(s) || looksLikeGroup(s) {
		return s, ""
	}
	for _, scheme := range []string{"whatsapp:", "tel:"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return readPhone(s[len(scheme):])
		}
	}
	return readPhone(s)
}

// readPhone reads a phone number in any formatting.
func readPhone(s string) (key, fault string) {
	digits := make([]byte, 0, maxPhoneDigits+len("00"))
	plus, bracket := false, -1
	for _, r := range s {
		d, isDigit := digitOf(r)
		switch {
		case isDigit:
			digits = append(digits, d)
		case r == '(', r == '（':
			bracket = len(digits)
		case r == ')', r == '）':
			if bracket >= 0 && string(digits[bracket:]) == "0" && dropsTrunkZero(plus, digits[:bracket]) {
				digits = digits[:bracket]
			}
			bracket = -1
		case isFormatting(r), strings.ContainsRune("-.,/‐‑‒–—−－．，／", r):
		case (r == '+' || r == '＋') && !plus && len(digits) == 0:
			plus = true
		default:
			return "", fmt.Sprintf("has a character that no phone number has, after %d digits", len(digits))
		}
	}
	digits = bytes.TrimPrefix(digits, []byte("00"))
	switch n := len(digits); {
	case n < minPhoneDigits || n > maxPhoneDigits:
		return "", fmt.Sprintf("has %d digits, want %d to %d", n, minPhoneDigits, maxPhoneDigits)
	case digits[0] == '0':
		return "", "begins with 0, want a country code"
	}
	return string(digits), ""
}

// dropsTrunkZero reports whether a "(0)" after code is the one of "+44 (0)20…",
// which nobody dials from abroad. Where the code is not a whole country code
// the zero is part of the number, and so it is in the countries named: there,
// dropping it would make one person of two.
func dropsTrunkZero(plus bool, code []byte) bool {
	code, zeros := bytes.CutPrefix(code, []byte("00"))
	if !plus && !zeros {
		return false
	}
	switch string(code) {
	case "39", "378", "379", // Italy, San Marino, the Vatican
		"225", "226", "229", "241", "242": // Ivory Coast, Burkina Faso, Benin, Gabon, Congo
		return false
	}
	return isCountryCode(string(code))
}

// isCountryCode reports a whole country code. None is the beginning of
// another, so those of three digits are all that are left.
//
// Source: ITU-T, list of E.164 assigned country codes.
func isCountryCode(code string) bool {
	const ofTwo = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 " +
		"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
	switch len(code) {
	case 1:
		return code == "1" || code == "7"
	case 2:
		return strings.Contains(ofTwo, code)
	case 3:
		return !strings.Contains("017", code[:1]) && !strings.Contains(ofTwo, code[:2])
	}
	return false
}

// digitOf reads a decimal digit of any script, as an ASCII one. Unicode keeps
// the ten of each script together and in order.
func digitOf(r rune) (byte, bool) {
	if r <= unicode.MaxASCII {
		return byte(r), r >= '0' && r <= '9'
	}
	for _, run := range unicode.Nd.R16 {
		if r >= rune(run.Lo) && r <= rune(run.Hi) {
			return '0' + byte((r-rune(run.Lo))%10), true
		}
	}
	return 0, false
}

// isFormatting reports the white space and the invisible marks that come along
// when a number is copied out of another program.
func isFormatting(r rune) bool {
	switch {
	case r == ' ', r >= '\t' && r <= '\r', r == 0x85, r == 0xA0, r == 0x1680:
		return true
	case r == 0xAD, r == 0x061C, r == 0x180E: // soft hyphen, Arabic letter mark, Mongolian vowel separator
		return true
	case r >= 0x2000 && r <= 0x200F: // spaces, zero-width marks, LTR and RTL marks
		return true
	case r >= 0x2028 && r <= 0x202F, r >= 0x205F && r <= 0x206F: // separators, embeddings, isolates
		return true
	case r == 0x3000, r == 0xFEFF:
		return true
	}
	return false
}

// isUserID reports a business-scoped user ID: "US.1349…", or a parent ID,
// "US.ENT.1181…".
func isUserID(s string) bool {
	if len(s) < 4 || s[2] != '.' || !isUpper(s[0]) || !isUpper(s[1]) {
		return false
	}
	id := strings.TrimPrefix(s[3:], "ENT.")
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		if !isAlphanumeric(id[i]) {
			return false
		}
	}
	return true
}

// groupPrefix marks a group ID whatever it looks like.
const groupPrefix = "group:"

func readGroup(id string) (key, fault string) {
	const others = "+/=_-:.@"
	for i := range len(id) {
		if !isAlphanumeric(id[i]) && strings.IndexByte(others, id[i]) < 0 {
			return "", "is a group ID with a character other than letters, digits and " + others
		}
	}
	if id == "" || len(id) > maxGroupID {
		return "", fmt.Sprintf("is a group ID of %d characters, want 1 to %d", len(id), maxGroupID)
	}
	if looksLikeGroup(id) {
		return id, "" // one group, one spelling
	}
	return groupPrefix + id, ""
}

const (
	minGroupID = 16
	maxGroupID = 256
)

// looksLikeGroup reports a group ID: long, in base64, so of letters with some
// digits among them. What has more digits than letters, or as many in a row as
// a phone number, is a phone number with something added.
func looksLikeGroup(s string) bool {
	if len(s) < minGroupID || len(s) > maxGroupID || s[0] == '+' {
		return false
	}
	letters, digits, row := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			if row++; row >= minPhoneDigits {
				return false
			}
			continue
		case isAlphanumeric(c):
			letters++
		case strings.IndexByte("+/=_-", c) < 0:
			return false
		}
		row = 0
	}
	return digits > 0 && letters > digits
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || isUpper(c) || c >= 'a' && c <= 'z'
}
