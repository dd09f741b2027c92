package ledger

import (
	"slices"
	"strings"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// wish is one person's word on one topic, and a cool-down on it.
type wish struct {
	topic   string
	granted bool
	at      time.Time // of the word; zero: none was given
	rests   time.Time // end of the cool-down
	strikes int       // cool-downs in a row
}

// strikeMemory is how soon after a cool-down the next one counts as repeated:
// as long as it takes a pair to pay back all that it borrowed.
const strikeMemory = 270 * time.Second

// Consent takes up a mark. An older word never replaces a newer one, and of two
// at the same time the refusal counts.
func (a *Account) Consent(mark governor.ConsentMark) {
	a.advance(mark.Now)
	recipient := a.canonical(mark.Recipient)
	wishes := a.wishes(recipient)
	i, found := slices.BinarySearchFunc(wishes, mark.Topic, func(w wish, topic string) int { return strings.Compare(w.topic, topic) })
	if !found {
		wishes = slices.Insert(wishes, i, wish{topic: mark.Topic})
	}
	wishes[i].take(mark)
	a.consents.put(hashName(recipient), recipient, wishes)
}

// wishes are a recipient's, by topic.
func (a *Account) wishes(recipient string) []wish {
	if len(a.consents.entries) == 0 {
		return nil
	}
	if known := a.consents.get(hashName(recipient), recipient); known != nil {
		return *known
	}
	return nil
}

func (w *wish) take(mark governor.ConsentMark) {
	if !mark.Granted && !mark.Until.IsZero() {
		w.rest(mark)
		return
	}
	if mark.At.Before(w.at) || mark.At.Equal(w.at) && !w.at.IsZero() && mark.Granted {
		return
	}
	w.granted, w.at = mark.Granted, mark.At
	if mark.Granted && !w.rests.After(mark.At) {
		w.rests, w.strikes = time.Time{}, 0
	} else if mark.Granted {
		w.rests, w.strikes = mark.At, 0
	}
}

// rest lengthens the cool-down, by Backoff each time four times as long as the
// one before if that has not been over for long.
func (w *wish) rest(mark governor.ConsentMark) {
	until := mark.Until
	if w.rests.IsZero() || mark.At.Sub(w.rests) > strikeMemory {
		w.strikes = 0
	}
	if mark.Backoff {
		if mark.At.Before(w.rests) {
			return // refused together with what brought the cool-down
		}
		rest := mark.Until.Sub(mark.At)
		for range w.strikes {
			rest = min(4*rest, maxBackoff)
		}
		w.strikes++
		until = mark.At.Add(rest)
	}
	if until.After(w.rests) {
		w.rests = until
	}
}

const maxBackoff = 24 * time.Hour

// kept reports whether forgetting the wishes would change an answer.
func kept(wishes []wish, now time.Time) bool {
	return slices.ContainsFunc(wishes, func(w wish) bool {
		return !w.at.IsZero() || now.Before(w.rests.Add(strikeMemory))
	})
}

// heed holds an admission to what its recipient wishes.
func (a *Account) heed(v *governor.Verdict, ask *governor.Admission, recipient string, now time.Time) {
	wishes := a.wishes(recipient)
	granted := ask.OptIn == ""
	for _, w := range wishes {
		if number, pair := strings.CutPrefix(w.topic, governor.PairTopic); pair && number == ask.Number && now.Before(w.rests) {
			refuse(v, governor.PairBusy, w.rests)
		}
		if w.topic == ask.OptIn && !w.at.IsZero() && w.granted {
			granted = true
		}
		if w.topic == "" || !slices.Contains(ask.Topics[:], w.topic) {
			continue
		}
		switch {
		case !w.at.IsZero() && !w.granted:
			refuse(v, governor.Unwanted, time.Time{})
		case now.Before(w.rests):
			refuse(v, governor.Unwanted, w.rests)
		}
	}
	if !granted {
		refuse(v, governor.NotAskedFor, time.Time{})
	}
}

// Consents lists what is known of a recipient's wishes, by topic.
func (a *Account) Consents(recipient string, now time.Time) []governor.Consent {
	now = a.advance(now)
	wishes := a.wishes(a.canonical(recipient))
	var list []governor.Consent
	for _, w := range wishes {
		c := governor.Consent{Topic: w.topic, Granted: w.granted, At: w.at}
		if now.Before(w.rests) {
			c.RestsUntil = w.rests
		}
		if !c.At.IsZero() || !c.RestsUntil.IsZero() {
			list = append(list, c)
		}
	}
	return list
}

// mergeConsents gives one person the wishes of both spellings: on each topic
// the newer word, and the longer cool-down.
func (a *Account) mergeConsents(alias, canonical string) {
	from, ok := a.consents.take(hashName(alias), alias)
	if !ok {
		return
	}
	into := a.wishes(canonical)
	for _, w := range from {
		i, found := slices.BinarySearchFunc(into, w.topic, func(w wish, topic string) int { return strings.Compare(w.topic, topic) })
		if !found {
			into = slices.Insert(into, i, w)
			continue
		}
		if w.at.After(into[i].at) || w.at.Equal(into[i].at) && !w.granted {
			into[i].granted, into[i].at = w.granted, w.at
		}
		if w.rests.After(into[i].rests) {
			into[i].rests, into[i].strikes = w.rests, w.strikes
		}
	}
	a.consents.put(hashName(canonical), canonical, into)
}
