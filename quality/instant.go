package quality

import "time"

// week is how long the platform watches: a flag's clock, and the healthy time
// after it before a tier may rise.
const week = 7 * 24 * time.Hour

// The platform stamps in Unix seconds, and JSON ends with the year 9999: times
// outside are kept at the nearer end, so that every State can be written.
var (
	earliest = time.Unix(0, 0).UTC()
	latest   = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// instant puts t in the one form in which equal instants are equal values:
// UTC, without a monotonic reading, between earliest and latest.
func instant(t time.Time) time.Time {
	t = t.UTC().Round(0)
	switch {
	case t.Before(earliest):
		return earliest
	case t.After(latest):
		return latest
	default:
		return t
	}
}

// deadline is instant for a time that may be absent: zero, and times too far
// away to mean anything, are zero.
func deadline(t time.Time) time.Time {
	if t.IsZero() || t.After(latest) {
		return time.Time{}
	}
	return instant(t)
}

// said returns when an event happened: at its own time, but never after now,
// and now if it carries none.
func said(at, now time.Time) time.Time {
	if at.IsZero() {
		return now
	}
	if at = instant(at); at.After(now) {
		return now
	}
	return at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
