package window_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/sendgov/sendgov/window"
)

// model is the window told in the plainest way: every send ever made in one
// slice, every question a scan of it. It shares no idea with the package but
// the rules.
type model struct {
	period time.Duration
	told   time.Time // the latest
	sends  []*modelSend
}

// modelSend is a reservation or a delivery that was seen.
type modelSend struct {
	name, who string // as reserved; as merged since
	from, at  time.Time
	committed bool
	undone    bool
	forGood   bool // nobody can give it back
}

func ceil(t time.Time) time.Time {
	if down := floor(t); !down.Equal(t) {
		return down.Add(time.Millisecond)
	}
	return t
}

func floor(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

func (m *model) tell(now time.Time) {
	if now.After(m.told) {
		m.told = now
	}
}

func (m *model) live(at time.Time) bool { return floor(m.told).Sub(at) < m.period }

// stamps returns the stamp of everybody who holds a slot.
func (m *model) stamps() map[string]time.Time {
	out := map[string]time.Time{}
	for _, s := range m.sends {
		if !s.undone && m.live(s.at) && (out[s.who].IsZero() || s.at.After(out[s.who])) {
			out[s.who] = s.at
		}
	}
	return out
}

func (m *model) reserve(who string, now, stamp time.Time, limit int) (*modelSend, bool) {
	m.tell(now)
	held := m.stamps()
	if _, repeat := held[who]; !repeat && len(held) >= limit {
		return nil, false
	}
	if stamp.Before(m.told) {
		stamp = m.told
	}
	at := ceil(stamp)
	s := &modelSend{name: who, who: who, from: at, at: at}
	m.sends = append(m.sends, s)
	return s, true
}

func (m *model) commit(s *modelSend, now, at time.Time) bool {
	m.tell(now)
	at = ceil(at)
	switch {
	case s == nil:
		return false
	case s.undone || s.forGood || !m.live(s.at): // unknown by now, and why is forgotten with it
		if m.live(s.from) || !m.live(at) {
			return false
		}
		if s.forGood { // its old stamp stays counted, beside the new one
			m.sends = append(m.sends, &modelSend{who: s.who, at: s.at, forGood: true})
		}
		s.who, s.at, s.undone, s.forGood = s.name, at, false, false
	case at.After(s.at):
		s.at = at
	}
	s.committed = true
	m.fold(s.who)
	return true
}

// seal is commit, and that nobody can give it back.
func (m *model) seal(s *modelSend, now, at time.Time) bool {
	if !m.commit(s, now, at) {
		return false
	}
	s.forGood = true
	m.fold(s.who)
	return true
}

func (m *model) cancel(s *modelSend, now time.Time) bool {
	m.tell(now)
	return s != nil && !s.committed && m.release(s, now)
}

func (m *model) release(s *modelSend, now time.Time) bool {
	m.tell(now)
	if s == nil || s.undone || s.forGood || !m.live(s.at) {
		return false
	}
	s.undone = true
	return true
}

func (m *model) renew(who string, now, stamp time.Time) {
	m.tell(now)
	if at := ceil(stamp); m.live(at) {
		m.sends = append(m.sends, &modelSend{who: who, at: at, forGood: true})
		m.fold(who)
	}
}

func (m *model) merge(from, into string, now time.Time) {
	m.tell(now)
	for _, s := range m.sends {
		if s.who == from && m.live(s.at) {
			s.who = into
		}
	}
	m.fold(into)
}

// fold puts beyond recall all but the four latest committed sends, and those
// that something beyond recall has caught up with.
func (m *model) fold(who string) {
	var open []*modelSend
	var sure time.Time
	for _, s := range m.sends {
		switch {
		case s.who != who || s.undone || !m.live(s.at):
		case s.forGood && s.at.After(sure):
			sure = s.at
		case s.committed && !s.forGood:
			open = append(open, s)
		}
	}
	slices.SortStableFunc(open, func(a, b *modelSend) int { return a.at.Compare(b.at) })
	for i, s := range open {
		if len(open)-i > 4 && s.at.After(sure) {
			sure = s.at
		}
		s.forGood = !s.at.After(sure)
	}
}

type entry struct {
	who string
	at  time.Time
}

// all returns who holds a slot, oldest first, those of one stamp by name.
func (m *model) all(now time.Time) []entry {
	m.tell(now)
	var out []entry
	for who, at := range m.stamps() {
		out = append(out, entry{who, at})
	}
	sortEntries(out)
	return out
}

func sortEntries(es []entry) {
	slices.SortFunc(es, func(a, b entry) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.who, b.who))
	})
}

// freeAt waits, slot by slot, until k of limit are free.
func freeAt(held []entry, period time.Duration, now time.Time, limit, k int) (time.Time, bool) {
	if k <= 0 {
		return now, true
	}
	if k > limit {
		return time.Time{}, false
	}
	at := now
	for used := len(held); limit-used < k; used-- {
		at = held[len(held)-used].at.Add(period)
	}
	return at, true
}

func collect(w *window.Window, now time.Time) []entry {
	var out []entry
	for who, at := range w.All(now) {
		out = append(out, entry{who, at})
	}
	return out
}
