package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// heard is what was heard from or of a customer.
type heard struct {
	number, customer string
	what             rune // i: they wrote, u: they may have, c: the window is closed
	at               time.Time
}

func (b *books) lastHeard(number, customer string, what rune) (at time.Time, ever bool) {
	for _, h := range b.heard {
		if h.number == number && h.customer == customer && h.what == what {
			at, ever = last(at, h.at), true
		}
	}
	return at, ever
}

// until is when the customer's window closes or has closed, if that is known at
// a time.
func (b *books) until(number, customer string, now time.Time) (until time.Time, known bool) {
	wrote, hasWritten := b.lastHeard(number, customer, 'i')
	maybe, mayHave := b.lastHeard(number, customer, 'u')
	shut, hasBeenShut := b.lastHeard(number, customer, 'c')
	switch {
	case !hasWritten && !hasBeenShut:
		return time.Time{}, false
	case hasWritten && wrote.After(shut):
		until = wrote.Add(day)
	case hasWritten:
		until = shut
		if wrote.Add(day).Before(until) {
			until = wrote.Add(day)
		}
	default:
		until = shut
	}
	if until.After(now) && !wrote.After(shut) {
		until = now
	}
	if !now.Before(until) && mayHave && maybe.After(shut) && now.Before(maybe.Add(day)) {
		return time.Time{}, false // it may have been opened since
	}
	return until, true
}

// hear takes up an inbound. The last one again uses no rate.
func (b *books) hear(in governor.InboundMark) {
	b.tell(in.Now)
	customer, what := b.canonical(in.Customer), 'i'
	if in.Uncertain {
		what = 'u'
	}
	before, ever := b.lastHeard(in.Number, customer, what)
	b.heard = append(b.heard, heard{in.Number, customer, what, in.At})
	again := ever && before.Equal(in.At)
	if !again && in.Now.Sub(in.At) < 2*time.Second && in.NumberRate.Every > 0 {
		b.number(in.Number).use(in.NumberRate, b.keepPace(in.Now).at)
	}
}

func (b *books) shut(number, customer string, at time.Time) {
	b.tell(at)
	b.heard = append(b.heard, heard{number, b.canonical(customer), 'c', at})
}

// wish is a person's word on a topic, and the cool-down beside it.
type wish struct {
	granted bool
	at      time.Time
	rests   time.Time
	strikes int
}

func (b *books) consent(m governor.ConsentMark) {
	b.tell(m.Now)
	key := wishKey{b.canonical(m.Recipient), m.Topic}
	w := b.wishes[key]
	if w == nil {
		w = &wish{}
		b.wishes[key] = w
	}
	cooldown := !m.Granted && !m.Until.IsZero()
	if cooldown && m.At.Sub(w.rests) > 270*time.Second {
		w.strikes = 0
	}
	switch {
	case cooldown && m.Backoff && m.At.Before(w.rests):
	case cooldown && m.Backoff:
		length := m.Until.Sub(m.At)
		for range w.strikes {
			length = min(4*length, day)
		}
		w.strikes++
		w.rests = last(w.rests, m.At.Add(length))
	case cooldown:
		w.rests = last(w.rests, m.Until)
	case m.At.Before(w.at), m.At.Equal(w.at) && m.Granted:
	default:
		w.granted, w.at = m.Granted, m.At
		if m.Granted {
			w.strikes = 0
			if w.rests.After(m.At) {
				w.rests = m.At
			} else {
				w.rests = time.Time{}
			}
		}
	}
}

// strikesAreCertain says whether no store can have forgotten the cool-down that
// another goes by, or it makes no difference.
func (b *books) strikesAreCertain(m governor.ConsentMark) bool {
	w := b.wishes[wishKey{b.canonical(m.Recipient), m.Topic}]
	return w == nil || b.latest.Before(w.rests.Add(270*time.Second)) || m.At.Sub(w.rests) > 270*time.Second
}

// resting returns which cool-downs have been there lately.
func (b *books) resting() []wishKey {
	var keys []wishKey
	for key, w := range b.wishes {
		if b.latest.Before(w.rests.Add(270 * time.Second)) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(x, y wishKey) int { return cmp.Or(cmp.Compare(x.who, y.who), cmp.Compare(x.topic, y.topic)) })
	return keys
}

func (b *books) mergeWishes(from, into string) {
	for key, w := range b.wishes {
		if key.who != from {
			continue
		}
		delete(b.wishes, key)
		key.who = into
		kept := b.wishes[key]
		if kept == nil {
			b.wishes[key] = w
			continue
		}
		if w.at.After(kept.at) || w.at.Equal(kept.at) && !w.granted {
			kept.granted, kept.at = w.granted, w.at
		}
		if w.rests.After(kept.rests) {
			kept.rests, kept.strikes = w.rests, w.strikes
		}
	}
}

func (b *books) consents(recipient string, now time.Time) []governor.Consent {
	now = b.tell(now)
	who := b.canonical(recipient)
	var list []governor.Consent
	for _, topic := range b.topics(who) {
		w := b.wishes[wishKey{who, topic}]
		c := governor.Consent{Topic: topic, Granted: w.granted, At: w.at}
		if now.Before(w.rests) {
			c.RestsUntil = w.rests
		}
		if !c.At.IsZero() || !c.RestsUntil.IsZero() {
			list = append(list, c)
		}
	}
	return list
}

// refusal is one rule that refuses until a time; zero is for ever.
type refusal struct {
	by    governor.Outcome
	until time.Time
}

// unwanted returns how a person's wishes refuse an admission.
func (b *books) unwanted(a governor.Admission, who string) []refusal {
	var all []refusal
	granted := a.OptIn == ""
	for _, topic := range b.topics(who) {
		w := b.wishes[wishKey{who, topic}]
		rests, revoked := b.latest.Before(w.rests), !w.at.IsZero() && !w.granted
		named := topic != "" && slices.Contains(a.Topics[:], topic)
		switch {
		case topic == governor.PairTopic+a.Number && rests:
			all = append(all, refusal{governor.PairBusy, w.rests})
		case named && revoked:
			all = append(all, refusal{governor.Unwanted, time.Time{}})
		case named && rests:
			all = append(all, refusal{governor.Unwanted, w.rests})
		}
		granted = granted || topic == a.OptIn && w.granted
	}
	if !granted {
		all = append(all, refusal{governor.NotAskedFor, time.Time{}})
	}
	return all
}
