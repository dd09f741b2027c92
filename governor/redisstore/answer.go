package redisstore

import (
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// whole bounds a version: the script counts no further.
func whole(version uint64) int64 { return int64(min(version, most)) } //nolint:gosec // bounded

// topics writes those that are named.
func (m message) topics(topics [3]string) message {
	named := 0
	for _, topic := range topics {
		if topic != "" {
			named++
		}
	}
	m = m.list(named)
	for _, topic := range topics {
		if topic != "" {
			m = m.text(topic)
		}
	}
	return m
}

// fields reads an answer from left to right. Once something else is there than
// should be, it has failed for good.
type fields struct {
	left   []any
	failed bool
}

func (f *fields) next() any {
	if len(f.left) == 0 {
		f.failed = true
		return nil
	}
	field := f.left[0]
	f.left = f.left[1:]
	return field
}

func (f *fields) integer() int64 {
	n, ok := f.next().(int64)
	f.failed = f.failed || !ok
	return n
}

func (f *fields) text() string {
	s, ok := f.next().(string)
	f.failed = f.failed || !ok
	return s
}

func (f *fields) list() []any {
	l, ok := f.next().([]any)
	f.failed = f.failed || !ok
	return l
}

func (f *fields) instant() time.Time { return instant(f.integer()) }

// more reports whether there is anything left to read.
func (f *fields) more() bool { return len(f.left) > 0 && !f.failed }

// end is the error of an answer that has been read.
func (f *fields) end() error {
	if f.failed || len(f.left) > 0 {
		return errAnswer
	}
	return nil
}

func (f *fields) state() governor.State {
	s := governor.State{Version: uint64(f.integer())} //nolint:gosec // never negative
	if data := f.text(); data != "" {
		s.Data = []byte(data)
	}
	return s
}

func state(answer []any) (governor.State, error) {
	f := fields{left: answer}
	s := f.state()
	return s, f.end()
}

func verdict(answer []any) (governor.Verdict, error) {
	f := fields{left: answer}
	v := governor.Verdict{
		Outcome: governor.Outcome(f.integer()), //nolint:gosec // one of eight
		Counted: f.integer() == 1,
		Used:    int(f.integer()),
		RetryAt: f.instant(),
	}
	if v.Outcome == governor.Stale {
		v.State = f.state()
	}
	return v, f.end()
}

func usage(answer []any) (governor.Usage, error) {
	f := fields{left: answer}
	u := governor.Usage{Used: int(f.integer()), NextFree: f.instant(), SlotFree: f.instant()}
	for f.more() {
		u.Curve = append(u.Curve, governor.Release{At: f.instant(), Free: int(f.integer())})
	}
	return u, f.end()
}

func consents(answer []any) ([]governor.Consent, error) {
	f := fields{left: answer}
	var list []governor.Consent
	for f.more() {
		list = append(list, governor.Consent{Topic: f.text(), Granted: f.integer() == 1, At: f.instant(), RestsUntil: f.instant()})
	}
	return list, f.end()
}

func tallies(answer []any) ([]governor.DayTally, error) {
	f := fields{left: answer}
	var days []governor.DayTally
	for f.more() {
		day := governor.DayTally{Day: time.Unix(f.integer()*24*60*60, 0).UTC(), Peak: int(f.integer()), Counts: map[string]int64{}}
		for counts := (fields{left: f.list()}); counts.more(); {
			name := counts.text()
			day.Counts[name] = counts.integer()
			f.failed = f.failed || counts.failed
		}
		days = append(days, day)
	}
	slices.SortFunc(days, func(a, b governor.DayTally) int { return a.Day.Compare(b.Day) })
	return days, f.end()
}
