package tier

import (
	"iter"
	"time"
)

// Progress is how far an account has come towards a [Goal]. Whoever keeps the count elsewhere may fill in Goal and Have
// and use the methods.
type Progress struct {
	Goal

	// Have is the number of unique recipients within the goal's Span. It may exceed Need. It is 0 when there is nothing
	// to reach.
	Have int

	// FallsAt is when Have begins to fall if nothing more is sent, in UTC: the first instant at which some recipient's
	// last send has left the Span. It is zero when Have is 0.
	FallsAt time.Time
}

// Done reports whether the goal is met. It is false when there is nothing to reach.
func (p Progress) Done() bool { return p.Need > 0 && p.Have >= p.Need }

// Share returns how much of the goal is met, from 0 to 1. It is 1 exactly when [Progress.Done], and 0 when there is
// nothing to reach.
func (p Progress) Share() float64 {
	switch {
	case p.Done():
		return 1
	case p.Need <= 0 || p.Have <= 0:
		return 0
	default:
		return float64(p.Have) / float64(p.Need)
	}
}

// Progress counts the recipients in sends towards the goal of an account whose limit is current. The sends are pairs of
// a recipient, in any spelling that is the same each time, and the instant of the send, in any order; nil is an empty
// history. A send counts while less than the goal's Span has passed since, and not before its time: sends later than
// now are ignored.
//
// The caller chooses which sends to offer. The platform counts what was delivered outside a customer service window,
// and for the first step only templates of high quality (messaging-limits, 2026-09-11).
//
// Progress ranges over sends once, or not at all when there is nothing to reach, and holds one map entry for each
// recipient that counts.
func (r Rule) Progress(current Tier, sends iter.Seq2[string, time.Time], now time.Time) Progress {
	p := Progress{Goal: r.Goal(current)}
	if p.Need == 0 || sends == nil {
		return p
	}
	last := make(map[string]time.Time)
	for recipient, at := range sends {
		if at.After(now) || now.Sub(at) >= p.Span {
			continue
		}
		if before, ok := last[recipient]; !ok || at.After(before) {
			last[recipient] = at
		}
	}
	p.Have = len(last)
	for _, at := range last {
		if falls := at.Add(p.Span).UTC(); p.FallsAt.IsZero() || falls.Before(p.FallsAt) {
			p.FallsAt = falls
		}
	}
	return p
}
