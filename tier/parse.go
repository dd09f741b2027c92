package tier

import (
	"fmt"
	"strings"
)

// Parse reads a messaging limit in any spelling seen on the wire or in a console:
//
//   - the platform's words: TIER_50, TIER_250, TIER_1K, TIER_2K, TIER_10K, TIER_100K, TIER_UNLIMITED, and TIER_NOT_SET,
//     which is [Unknown] without an error (webhooks/reference/phone_number_quality_update, 2026-09-11);
//   - bare numbers and words: 2000, UNLIMITED, and -1 for [Unlimited] (webhooks/reference/business_capability_update,
//     2025-11-14; upcoming-messaging-limits-changes, 2025-10-26);
//   - numbers spelled out by partners: TIER_10, TIER_1000;
//   - the ranks of the [Legacy] ladder: "Tier 1", "Tier 2", "Tier 3";
//   - what people and [Tier.String] write: 2K, "100 K", "2,000", Unlimited, Unknown.
//
// Case does not matter, space around the text is ignored, and the parts may be joined by nothing or by one space,
// underscore or dash. A rank needs the word "tier" before it: TIER_1 is 1K, a bare 1 is a limit of one.
//
// The error wraps [ErrUnknown] or [ErrRange] and comes with Unknown. UNTIERED is such an unknown word: the platform's
// own SDK lists it (facebook-php-business-sdk, BusinessWhatsappBusinessManagerMessagingLimitValues) but no page says
// what it means, so it lifts nothing. So are other ranks: "Tier 4" is unlimited to some and four to others.
func Parse(s string) (Tier, error) {
	text := strings.TrimSpace(s)
	// Beyond ASCII there are letters that become K or I when their case is changed. None of them is on the wire.
	if !isASCII(text) {
		return Unknown, unknown(s)
	}
	word, prefixed := strings.CutPrefix(strings.ToUpper(text), "TIER")
	if prefixed {
		word = cutSeparator(word)
	}
	switch word {
	case "UNLIMITED":
		return Unlimited, nil
	case "NOT_SET", "NOT SET", "NOT-SET", "NOTSET", "UNKNOWN":
		return Unknown, nil
	case "-1":
		if !prefixed {
			return Unlimited, nil
		}
	}
	if prefixed && len(word) == 1 {
		return parseRank(word, s)
	}
	return parseAmount(word, s)
}

func parseRank(word, s string) (Tier, error) {
	switch word {
	case "1":
		return Tier1K, nil
	case "2":
		return Tier10K, nil
	case "3":
		return Tier100K, nil
	default:
		return Unknown, unknown(s)
	}
}

// parseAmount reads "2000", "2,000", "2K" and "2 K".
func parseAmount(word, s string) (Tier, error) {
	digits, thousands := strings.CutSuffix(word, "K")
	if thousands {
		digits = cutTrailingSeparator(digits)
	} else {
		digits = ungroup(digits)
	}
	magnitude, negative := strings.CutPrefix(digits, "-")
	if !isDigits(magnitude) {
		return Unknown, unknown(s)
	}
	if negative {
		return Unknown, outOfRange("negative")
	}
	if strings.Trim(magnitude, "0") == "" {
		return Unknown, outOfRange("zero")
	}
	if magnitude[0] == '0' {
		return Unknown, unknown(s)
	}
	unit := int64(1)
	if thousands {
		unit = 1000
	}
	var n int64
	for _, digit := range []byte(magnitude) {
		n = n*10 + int64(digit-'0')
		if n*unit >= int64(Unlimited) {
			return Unknown, outOfRange("too large")
		}
	}
	return Tier(n * unit), nil
}

// ungroup takes the commas out of "10,000". It leaves them where they do not stand between groups of three, because
// then nobody can say what was meant: the platform's own table once read "2,0001,000"
// (webhooks/reference/phone_number_quality_update, 2025-11-14).
func ungroup(s string) string {
	groups := strings.Split(s, ",")
	if head := len(groups[0]); len(groups) > 1 && (head == 0 || head > 3) {
		return s
	}
	for _, group := range groups[1:] {
		if len(group) != 3 {
			return s
		}
	}
	return strings.Join(groups, "")
}

func cutSeparator(s string) string {
	if s != "" && isSeparator(s[0]) {
		return s[1:]
	}
	return s
}

func cutTrailingSeparator(s string) string {
	if s != "" && isSeparator(s[len(s)-1]) {
		return s[:len(s)-1]
	}
	return s
}

func isSeparator(c byte) bool { return c == ' ' || c == '_' || c == '-' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if !isDigit(c) {
			return false
		}
	}
	return s != ""
}

func isASCII(s string) bool {
	for _, c := range []byte(s) {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func unknown(s string) error {
	letters, digits, others := 0, 0, 0
	for _, c := range []byte(s) {
		switch {
		case isLetter(c):
			letters++
		case isDigit(c):
			digits++
		default:
			others++
		}
	}
	return fmt.Errorf("%w: %d letters, %d digits, %d other bytes", ErrUnknown, letters, digits, others)
}

func outOfRange(fault string) error {
	return fmt.Errorf("%w: %s, want 1 to %d", ErrRange, fault, int(Unlimited)-1)
}
