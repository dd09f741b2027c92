package statuspage

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// day is for reckoning in days; the platform's windows are of 24 hours.
const day = 24 * time.Hour

// span says how long d is in at most two units, rounded down: "45 s", "12 min",
// "3 h 5 min", "4 days 3 h". Less than a second, and what is negative, is
// "no time".
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "no time"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < day:
		return two(int(d/time.Hour), " h", int(d%time.Hour/time.Minute), " min")
	}
	days := " days"
	if d < 2*day {
		days = " day"
	}
	return two(int(d/day), days, int(d%day/time.Hour), " h")
}

func two(a int, unit string, b int, small string) string {
	s := strconv.Itoa(a) + unit
	if b > 0 {
		s += " " + strconv.Itoa(b) + small
	}
	return s
}

// left is span rounded up to whole minutes, so that nobody who waits so long
// comes too early.
func left(d time.Duration) string {
	switch {
	case d <= 0:
		return "no time"
	case d <= time.Minute:
		return "1 min"
	case d <= day:
		return span((d + time.Minute - 1).Truncate(time.Minute))
	}
	return span((d + time.Hour - 1).Truncate(time.Hour))
}

// ago says how long before now t was. What is to come is "just now": clocks
// differ.
func ago(t, now time.Time) string {
	if now.Sub(t) < time.Minute {
		return "just now"
	}
	return span(now.Sub(t)) + " ago"
}

// ahead says how long after now t is. What has been is "now".
func ahead(t, now time.Time) string {
	if !t.After(now) {
		return "now"
	}
	return "in " + left(t.Sub(now))
}

// relative is ago or ahead.
func relative(t, now time.Time) string {
	if t.After(now) {
		return ahead(t, now)
	}
	return ago(t, now)
}

// clock writes a time as "25 Nov, 14:05 UTC", with the year where it is not
// now's.
func clock(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Year() != now.Year() {
		return t.Format("2 Jan 2006, 15:04 UTC")
	}
	return t.Format("2 Jan, 15:04 UTC")
}

// A moment is a time as a page shows it. The zero moment is none.
type moment struct {
	// ISO is for machines, Text for people, Relative from now.
	ISO, Text, Relative string
}

func at(t, now time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	m := moment{ISO: t.UTC().Format(time.RFC3339), Text: t.UTC().Format("2 Jan 2006, 15:04:05 UTC")}
	if !now.IsZero() {
		m.Text, m.Relative = clock(t, now), relative(t, now)
	}
	return m
}

// count writes a number with a comma between thousands.
func count[N ~int | ~int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// counted is a number and what it counts: "1 message", "2,000 messages".
func counted[N ~int | ~int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// percent says what part of whole part is. It is 100 % only of all, and 0 %
// only of nothing.
func percent(part, whole float64) string {
	if whole <= 0 || math.IsNaN(part) {
		return "–"
	}
	p := 100 * part / whole
	switch {
	case p <= 0:
		return "0 %"
	case p < 1:
		return "under 1 %"
	case p < 100:
		return strconv.Itoa(int(math.Min(99, math.Round(p)))) + " %"
	}
	return strconv.Itoa(int(math.Round(p))) + " %"
}

// list joins words as a sentence does: "a, b and c".
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// humane makes a word of the platform readable: "NOT_VERIFIED" is "Not
// verified".
func humane(word string) string {
	w := strings.ToLower(strings.Join(strings.FieldsFunc(word, func(r rune) bool { return r == '_' || r == ' ' }), " "))
	return upperFirst(w)
}

func upperFirst(s string) string { return first(s, unicode.ToUpper) }

func lowerFirst(s string) string { return first(s, unicode.ToLower) }

func first(s string, change func(rune) rune) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(change(r)) + s[size:]
}
