package governorhttp

import (
	"fmt"
	"time"
)

const (
	// budgetSpan is an hour, and as long as a request may be under way: the
	// platform counts it when it comes in.
	budgetSpan = time.Hour + time.Minute
	// longestBackoff is the longest that a failure is left alone of our own
	// accord, longestWait the longest that the platform can ask for.
	longestBackoff = time.Hour
	longestWait    = 24 * time.Hour
)

// A pace says when something may be asked for. Its zero value is one that has
// asked for nothing yet.
type pace struct {
	// spent are the times of requests by WABA. Those under the empty ID are of
	// a WABA that is not known, and count against each.
	spent map[string][]time.Time
	// brakes are by what has failed: a path, a WABA, or everything.
	brakes map[string]brake
}

// A brake holds off what has failed.
type brake struct {
	failures int
	until    time.Time
	err      error
}

// everything is the brake on all that the app's token is used for.
const everything = "*"

func wabaBrake(waba string) string { return "waba " + waba }

// enter books a request or says why it may not be made.
func (s *pace) enter(q question, budget int, now time.Time) error {
	for _, on := range []string{everything, wabaBrake(q.waba), q.path} {
		// A brake that lasts longer than any is of a clock that has jumped back.
		if b, ok := s.brakes[on]; ok && now.Before(b.until) && b.until.Sub(now) <= longestWait {
			return fmt.Errorf("%w until %s after %w", ErrNotAsked, b.until.UTC().Format(time.RFC3339), b.err)
		}
	}
	used := 0
	if q.waba != "" {
		used = s.recent(q.waba, now)
	} else {
		for waba := range s.spent {
			if waba != "" {
				used = max(used, s.recent(waba, now))
			}
		}
	}
	if used+s.recent("", now) >= budget {
		return fmt.Errorf("%w: the budget of %d requests an hour is spent", ErrNotAsked, budget)
	}
	if s.spent == nil {
		s.spent = map[string][]time.Time{}
	}
	s.spent[q.waba] = append(s.spent[q.waba], now)
	return nil
}

// recent counts a WABA's requests in the span until now and forgets older
// ones. What a clock that has jumped back left in the future was made now at
// the latest.
func (s *pace) recent(waba string, now time.Time) int {
	kept := s.spent[waba][:0]
	for _, t := range s.spent[waba] {
		if t.After(now) {
			t = now
		}
		if now.Sub(t) < budgetSpan {
			kept = append(kept, t)
		}
	}
	if s.spent != nil {
		s.spent[waba] = kept
	}
	return len(kept)
}

// passed lets go all that held off what has now succeeded.
func (s *pace) passed(q question) {
	for _, on := range []string{everything, wabaBrake(q.waba), q.path} {
		delete(s.brakes, on)
	}
}

// failed holds off what a failure concerns, twice as long each time, and as
// long as the platform asks for.
func (s *pace) failed(q question, err error, asked, interval time.Duration, now time.Time) {
	on := concern(q, err)
	b := s.brakes[on]
	wait := interval
	for range b.failures {
		wait = min(2*wait, max(interval, longestBackoff))
	}
	b.failures, b.err = b.failures+1, err
	b.until = now.Add(max(wait, min(asked, longestWait)))
	if s.brakes == nil {
		s.brakes = map[string]brake{}
	}
	s.brakes[on] = b
}

// concern is what would fail likewise: everything while the app calls too
// often (code 4, or status 429 with no better word), all of a WABA while that
// does (80007), else the one object. Source: support/error-codes, 2025-11 and
// 2026-09-11.
func concern(q question, err error) string {
	refusal := coded(err)
	switch {
	case refusal != nil && refusal.Code == 80007 && q.waba != "":
		return wabaBrake(q.waba)
	case refusal != nil && refusal.Code == 80007:
		return q.path
	case refusal != nil && refusal.Code == 4, status(err) == 429:
		return everything
	}
	return q.path
}
