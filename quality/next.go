package quality

import (
	"reflect"
	"slices"
	"time"
)

// Next takes up one event at now and returns the state after it, with what has
// changed since the call before. It works for every state and every event, a
// nil one counting as [Tick]; s itself is not changed.
//
// The state that comes out depends on when events happened and not on the order
// in which they are handed in. An event that tells nothing new gives s back and
// no effects, apart from those of the time that has passed. If now is earlier
// than in a call before, effects of time that were handed out are not repeated.
func Next(s State, e Event, now time.Time) (State, []Effect) {
	if e == nil {
		e = Tick{}
	}
	now = instant(now)
	at := said(e.when(), now)
	next := e.record(s, at)
	if reflect.DeepEqual(s, next) {
		effects := elapse(nil, s, s.Seen, now)
		if len(effects) > 0 {
			s.Seen = now
		}
		return s, effects
	}

	// Time did its work on the old state until the event, and on the new state
	// from there. At the very instant of the event the event comes first.
	turn := earlier(later(s.Seen, at), now)
	until := earlier(later(s.Seen, turn.Add(-time.Nanosecond)), turn)
	effects := elapse(nil, s, s.Seen, until)
	effects = appendChanges(effects, view{s, until}, view{next, turn}, at)
	if field, word := e.unknown(); field != "" {
		word = clean(word)
		next.Unknown = UnknownWords{Count: s.Unknown.Count + 1, Field: field, Word: word}
		effects = append(effects, UnknownWord{Field: field, Word: word, At: at})
	}
	effects = elapse(effects, next, turn, now)
	next.Seen = later(s.Seen, now)
	return next, effects
}

// elapse appends what time alone does to s after from, up to and including to.
func elapse(effects []Effect, s State, from, to time.Time) []Effect {
	for {
		t, ok := s.NextChange(from)
		if !ok || t.After(to) {
			return effects
		}
		effects = appendChanges(effects, view{s, from}, view{s, t}, t)
		from = t
	}
}

// view is a state as it shows at an instant.
type view struct {
	State
	now time.Time
}

// appendChanges appends in what b differs from a.
func appendChanges(effects []Effect, a, b view, at time.Time) []Effect {
	effects = appendRestrictions(effects, a, b, at)
	effects = appendDowngrades(effects, a, b, at)
	from, to := a.Health(a.now), b.Health(b.now)
	if from != to {
		effects = append(effects, HealthChanged{From: from, To: to, At: at})
	}
	wasUntil, was := a.UpgradesFrom(a.now)
	until, is := b.UpgradesFrom(b.now)
	switch {
	case is && (!was || !until.Equal(wasUntil)):
		effects = append(effects, UpgradesBlocked{Until: until, At: at})
	case was && !is:
		effects = append(effects, UpgradesAllowed{At: at})
	}
	return effects
}

func appendRestrictions(effects []Effect, a, b view, at time.Time) []Effect {
	for _, was := range a.Restrictions {
		if !was.active(a.now, a.Lifted) {
			continue
		}
		is, ok := b.restriction(was.Type)
		switch {
		case ok && is.active(b.now, b.Lifted):
		case ok && !is.Reported.Before(b.Lifted) && is.Until.After(is.Reported):
			effects = append(effects, RestrictionLapsed{Restriction: is, At: at})
		default:
			effects = append(effects, RestrictionRemoved{Restriction: was, At: at})
		}
	}
	for _, is := range b.Restrictions {
		if !is.active(b.now, b.Lifted) {
			continue
		}
		was, ok := a.restriction(is.Type)
		if !ok || !was.active(a.now, a.Lifted) || !was.Until.Equal(is.Until) {
			effects = append(effects, RestrictionAdded{Restriction: is, At: at})
		}
	}
	return effects
}

func (s State) restriction(t RestrictionType) (Restriction, bool) {
	i := slices.IndexFunc(s.Restrictions, func(r Restriction) bool { return r.Type == t })
	if i < 0 {
		return Restriction{}, false
	}
	return s.Restrictions[i], true
}

func appendDowngrades(effects []Effect, a, b view, at time.Time) []Effect {
	was, is := a.Flag.at(a.now, a.TierAt).Lowered, b.Flag.at(b.now, b.TierAt).Lowered
	for _, d := range was {
		if !slices.ContainsFunc(is, d.sameFlag) {
			effects = append(effects, PredictionWithdrawn{Flagged: d.Flagged, At: at})
		}
	}
	for _, d := range is {
		if !slices.ContainsFunc(was, d.sameFlag) {
			effects = append(effects, TierLowered(d))
		}
	}
	return effects
}

func (d Downgrade) sameFlag(other Downgrade) bool { return d.Flagged.Equal(other.Flagged) }
