package cloudapi

import (
	"strconv"
	"time"
)

// The last second that is taken for seconds: the end of the year 2199. What
// lies beyond is milliseconds, which some partners forward, or nonsense.
const lastSecond = 7_258_118_399

// unixTime reads seconds since 1970 from a number or a string. It returns the
// zero time for zero, for negative or fractional numbers and for anything
// that lies beyond the year 2200 as milliseconds too.
func unixTime(v value) time.Time {
	seconds, err := strconv.ParseInt(v.word(), 10, 64)
	switch {
	case err != nil || seconds <= 0:
		return time.Time{}
	case seconds <= lastSecond:
		return time.Unix(seconds, 0).UTC()
	case seconds/1000 <= lastSecond:
		return time.UnixMilli(seconds).UTC()
	default:
		return time.Time{}
	}
}

// date reads what unixTime reads, and the prose that some pages print: "April
// 17, 2025". Prose has no time of day and no zone; the start of that day in
// UTC is returned.
func date(v value) time.Time {
	if t := unixTime(v); !t.IsZero() {
		return t
	}
	text, _ := v.text()
	for _, layout := range []string{"January 2, 2006", "Jan 2, 2006", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return isoTime(v)
}

// isoTime reads the platform's ISO 8601 times, "2025-08-22T19:05:53+0000".
func isoTime(v value) time.Time {
	text, _ := v.text()
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
