package storetest

import (
	"time"

	"github.com/sendgov/sendgov/governor"
)

// admit decides a send and books it.
func (b *books) admit(a governor.Admission) governor.Verdict {
	if a.Version != b.state.Version {
		return governor.Verdict{Outcome: governor.Stale, State: b.state}
	}
	b.tell(a.Now)
	pace := b.pace.told(a.Now)
	if !a.Probe {
		b.pace = pace
	}
	paid := false
	if !a.Probe {
		paid = b.unbook(a.Token)
	}
	who := b.canonical(a.Recipient)

	refusals := b.unwanted(a, who)
	if !paid {
		refusals = append(refusals, b.busy(a, who, pace)...)
	}
	// At which time all of that lets it pass, as far as time can.
	at := last(b.latest, a.NotBefore)
	told := last(a.Now, a.NotBefore)
	if worst := longest(refusals); worst != nil {
		at, told = last(at, worst.until), last(told, worst.until)
	}
	counted := false
	if a.Kind == governor.Notification {
		until, known := b.until(a.Number, who, b.latest)
		counted = !known || !at.Add(governor.WindowMargin).Before(until)
		if counted && !b.room(a, who, at) {
			free, _ := b.freeAt(a.Limit, 1)
			refusals = append(refusals, refusal{governor.OverLimit, free})
		}
	} else if until, known := b.until(a.Number, who, a.Now); known && !told.Before(until) {
		refusals = append(refusals, refusal{governor.ReplyClosed, time.Time{}})
	}

	v := governor.Verdict{Outcome: governor.Admitted, Counted: counted, Used: len(b.holders())}
	if worst := longest(refusals); worst != nil {
		v.Outcome, v.RetryAt = worst.by, worst.until
		return v
	}
	if a.Probe {
		return v
	}
	k := &booking{number: a.Number, who: who, reply: a.Kind == governor.Reply, at: b.latest}
	if counted {
		k.send = b.book(who, a.Stamp)
		v.Used = len(b.holders())
	}
	if a.Token != (governor.Token{}) {
		b.bookings[a.Token] = k
	}
	if !paid {
		b.pay(a, who, pace.at)
	}
	return v
}

// room says whether there is a slot for a counted message at a time.
func (b *books) room(a governor.Admission, who string, at time.Time) bool {
	if len(b.holders()) < a.Limit {
		return true
	}
	free, ever := b.freeAt(a.Limit, 1)
	if ever && !free.After(at) {
		return true
	}
	stamp, holds := b.holders()[who]
	return a.HoldersPass && holds && at.Before(stamp.Add(day))
}

// longest returns the first of those that refuse longest.
func longest(all []refusal) *refusal {
	var worst *refusal
	for i, r := range all {
		if worst == nil || !worst.until.IsZero() && (r.until.IsZero() || r.until.After(worst.until)) {
			worst = &all[i]
		}
	}
	return worst
}

func (b *books) unbook(token governor.Token) bool {
	k := b.bookings[token]
	if k == nil {
		return false
	}
	delete(b.bookings, token)
	if k.send != nil {
		k.send.undone = true
	}
	return true
}

// settle ends what admit booked.
func (b *books) settle(end governor.Settlement) {
	b.tell(end.Now)
	if !end.Sent {
		b.unbook(end.Token)
		return
	}
	switch {
	case end.Confirmed && b.taken(end.Recipient):
		b.names[end.Recipient] = ""
	case !end.Confirmed && end.Canonical != "":
		b.alias(end.Recipient, end.Canonical, end.Now)
	}
	k := b.bookings[end.Token]
	if k == nil {
		return
	}
	delete(b.bookings, end.Token)
	who := b.canonical(k.who)
	if end.Canonical != "" {
		who = b.canonical(end.Canonical)
	}
	if k.send != nil && b.canonical(k.who) != who {
		k.send.undone = true
		k.send = b.book(who, end.Stamp)
	}
	if k.send == nil && !k.reply {
		if until, known := b.until(k.number, who, end.Stamp); !known || !end.Stamp.Before(until) {
			k.send = b.book(who, end.Stamp)
		}
	}
	switch named := end.MessageID != ""; {
	case k.send == nil && named && k.reply:
		b.sorts[end.MessageID] = governor.SortReply
	case k.send == nil && named:
		b.sorts[end.MessageID] = governor.SortNotification
	case k.send == nil:
	case named && b.early[end.MessageID]:
		delete(b.early, end.MessageID)
		k.send.undone = true
	case named:
		b.commit(k.send, end.Stamp, false)
		b.messages[end.MessageID] = &message{send: k.send, who: who}
	default:
		b.commit(k.send, end.Stamp, true)
	}
}

// known returns the message of an ID, if it can still fail or move its stamp.
func (b *books) known(id string) *message {
	m := b.messages[id]
	if m == nil || m.send.undone || m.send.forGood || !b.live(m.send.at) {
		return nil
	}
	return m
}

// statusIsCertain says whether every store knows, or none, what a message's
// status is about.
func (b *books) statusIsCertain(id string) bool {
	m := b.messages[id]
	return m == nil || !m.send.forGood || !b.live(m.send.at)
}

// delivery takes up what became of a message.
func (b *books) delivery(d governor.DeliveryMark) {
	b.tell(d.Now)
	m, sort := b.known(d.MessageID), d.Sort
	switch remembered, ok := b.sorts[d.MessageID]; {
	case b.messages[d.MessageID] != nil:
		sort = governor.SortNotification
	case ok:
		sort = remembered
	case sort != governor.SortUnknown:
		b.sorts[d.MessageID] = sort
	}
	who := b.canonical(d.Recipient)
	if m != nil {
		who = b.canonical(m.who)
	}
	_, holds := b.holders()[who]
	switch {
	case sort == governor.SortReply, d.Sent && m == nil, m != nil && m.delivered:
	case d.Failed && m == nil:
		b.early[d.MessageID] = true
	case d.Failed:
		m.send.undone = true
		delete(b.messages, d.MessageID)
		b.sorts[d.MessageID] = governor.SortNotification
	case m == nil && (who == "" || sort == governor.SortUnknown && !holds):
	default:
		if m != nil {
			m.delivered = !d.Sent
		}
		until, open := b.until(d.Number, who, d.At)
		begin, _ := b.lastHeard(d.Number, who, 'i')
		switch {
		case open && d.At.Add(governor.WindowMargin).Before(until) && !d.At.Before(begin):
		case m != nil:
			b.commit(m.send, d.Stamp, false)
		default:
			b.renew(who, d.Stamp)
		}
	}
}
