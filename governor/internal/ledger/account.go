package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/window"
)

// An Account is one account's ledger. The zero Account is empty and ready to
// use. Parts that it may never need are nil until it does: a backend can have a
// hundred thousand accounts.
type Account struct {
	now   time.Time // the latest told
	paced pace
	state governor.State

	slots    *window.Window
	service  window.Service
	inbounds map[string]struct{} // the numbers that service knows
	rates    map[string]*numberRates
	latest   *numberRates // the one that was asked for last

	bookings register[governor.Token, booking]
	messages register[MessageID, message]
	sorts    *simplelru.LRU[MessageID, governor.Sort]
	early    *simplelru.LRU[MessageID, struct{}]
	aliases  *simplelru.LRU[string, string]
	consents register[string, []wish]
	days     []governor.DayTally // oldest first
}

const (
	// memory is how many seconds a booking that nobody settles is remembered:
	// longer than any slot is held.
	memory = int64(2 * window.Period / time.Second)
	// briefMemory is how long a reply's is: it spares the reply's status the
	// guess whether it is a notification's, and no more.
	briefMemory = int64(time.Hour / time.Second)
	// maxSorts bounds the messages without a slot of which something is known.
	// One that is forgotten is judged by its price.
	maxSorts = 1 << 14
	// maxEarly bounds the failures that came before the answer to the send.
	maxEarly = 4096
	// maxAliases bounds the spellings learned. One that is forgotten counts as
	// somebody else, which is too many and never too few.
	maxAliases = 1 << 17
)

// booking is an admitted send that has not been settled.
type booking struct {
	ticket    window.Ticket
	number    string
	recipient string // who was booked, in the spelling that counted then
	counted   bool
	reply     bool
	at        int64 // in seconds since 1970
}

// message is a counted send that the platform accepted.
type message struct {
	ticket    window.Ticket
	recipient string
	delivered bool
}

// MessageID stands for the platform's id, which is long and has the recipient's
// phone number in it. Of the 128 bits of a cryptographic hash no two ids that
// anybody ever makes have the same. The zero MessageID is that of no id.
type MessageID [2]uint64

// Shorten returns what stands for the platform's id.
func Shorten(id string) MessageID {
	if id == "" {
		return MessageID{}
	}
	// Platform ids have some sixty bytes; copying them here spares an allocation.
	var room [128]byte
	sum := sha256.Sum256(append(room[:0], id...))
	return MessageID{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])}
}

// advance moves the account's clock, never back, and returns it.
func (a *Account) advance(now time.Time) time.Time {
	if now.After(a.now) {
		a.now = now
	}
	return a.now
}

// pace moves the account's pace and returns it.
func (a *Account) pace(now time.Time) pace {
	a.paced = a.paced.follow(now)
	return a.paced
}

func (a *Account) window() *window.Window {
	if a.slots == nil {
		a.slots, _ = window.New(window.Period) // fails only for no period at all
	}
	return a.slots
}

// Admit decides one send and books it when it passes. The verdict is the zero one
// until then.
func (a *Account) Admit(ask *governor.Admission, v *governor.Verdict) {
	if a.state.Version != ask.Version {
		v.Outcome, v.State = governor.Stale, a.state
		return
	}
	now, pace := a.advance(ask.Now), a.paced.follow(ask.Now)
	if !ask.Probe { // who only asks brings no other clock to follow
		a.paced = pace
	}
	// An admission whose answer was lost is decided anew, but pays no rate again.
	paid := !ask.Probe && a.unbook(ask.Token, now)
	recipient := a.canonical(ask.Recipient)
	v.Outcome, v.Used = governor.Admitted, a.window().Count(now)

	// First what time can only open, then what it may close until that has opened.
	if len(a.consents.entries) > 0 || ask.OptIn != "" {
		a.heed(v, ask, recipient, now)
	}
	var fee due
	if !paid {
		fee.look(a.numberRates(ask.Number), ask, recipient, pace.at())
		if !ask.Probe {
			fee.settle()
		}
		number, pair := fee.delays()
		if number > 0 {
			refuse(v, governor.NumberBusy, pace.when(number))
		}
		if pair > 0 {
			refuse(v, governor.PairBusy, pace.when(pair))
		}
	}
	if ask.Kind == governor.Notification {
		a.limit(v, ask, recipient, now)
	} else if until, known := a.service.Until(ask.Number, recipient, ask.Now); known && !later(later(ask.Now, v.RetryAt), ask.NotBefore).Before(until) {
		refuse(v, governor.ReplyClosed, time.Time{})
	}
	if v.Outcome != governor.Admitted || ask.Probe {
		return
	}

	a.book(ask, recipient, v.Counted, now)
	if !paid {
		fee.pay()
	}
	v.Used = a.slots.Count(now)
}

// book books what has been decided, under a token that has nothing booked.
func (a *Account) book(ask *governor.Admission, recipient string, counted bool, now time.Time) {
	a.sweep(now) // here, and not for those refused: what adds nothing forgets nothing
	b := a.newBooking(ask.Token)
	b.number, b.recipient = ask.Number, recipient
	b.counted, b.reply, b.at = counted, ask.Kind != governor.Notification, now.Unix()
	if counted {
		// The limit has been held before; here it must only not refuse a slot
		// holder's repeat.
		b.ticket, _ = a.window().Reserve(recipient, now, ask.Stamp, ask.Limit)
	}
}

func (a *Account) newBooking(token governor.Token) *booking {
	if token == (governor.Token{}) {
		return &booking{} // nobody will settle it
	}
	return a.bookings.add(hashToken(token), token)
}

// limit decides whether a notification counts, and whether there is a slot for
// it, at the time at which all else lets it pass.
func (a *Account) limit(v *governor.Verdict, ask *governor.Admission, recipient string, now time.Time) {
	at := later(later(now, v.RetryAt), ask.NotBefore)
	until, known := a.service.Until(ask.Number, recipient, now)
	v.Counted = !known || !until.After(at.Add(governor.WindowMargin))
	if !v.Counted || v.Used < ask.Limit {
		return
	}
	free, ever := a.slots.FreeAt(now, ask.Limit, 1)
	if ever && !free.After(at) {
		return
	}
	stamp, holds := a.slots.Stamp(recipient, now)
	if ask.HoldersPass && holds && at.Before(stamp.Add(window.Period)) {
		return
	}
	refuse(v, governor.OverLimit, free) // zero, which is never, where the limit is none
}

// unbook gives back what an earlier call booked under the token, and reports
// whether there was one.
func (a *Account) unbook(token governor.Token, now time.Time) bool {
	place := a.bookings.find(hashToken(token), token)
	if place == none {
		return false
	}
	if b := a.bookings.at(place); b.counted {
		a.window().Cancel(b.ticket, now)
	}
	a.bookings.remove(place)
	return true
}

// refuse notes a rule that refuses until retry; zero is for ever. Of several,
// the one that refuses longest is kept.
func refuse(v *governor.Verdict, by governor.Outcome, retry time.Time) {
	switch {
	case v.Outcome == governor.Admitted, !v.RetryAt.IsZero() && (retry.IsZero() || retry.After(v.RetryAt)):
		v.Outcome, v.RetryAt = by, retry
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Settle ends what Admit booked, and reports whether that changed anything. Of
// the message's ID it goes by what stands for it.
func (a *Account) Settle(end *governor.Settlement, id MessageID) (changed bool) {
	now := a.advance(end.Now)
	if !end.Sent {
		return a.unbook(end.Token, now)
	}
	switch {
	case end.Confirmed:
		changed = a.confirm(end.Recipient)
	case end.Canonical != "" && end.Canonical != end.Recipient:
		changed = a.alias(end.Recipient, end.Canonical, end.Now)
	}
	place := a.bookings.find(hashToken(end.Token), end.Token)
	if place == none {
		return changed
	}
	named := id != MessageID{}
	b := a.bookings.at(place)
	a.meet(b, end, now)
	switch {
	case !b.counted && named && b.reply:
		note(&a.sorts, id, governor.SortReply, maxSorts)
	case !b.counted && named:
		note(&a.sorts, id, governor.SortNotification, maxSorts)
	case !b.counted:
	case named && a.early != nil && a.early.Remove(id):
		a.window().Release(b.ticket, now)
	case named:
		a.window().Commit(b.ticket, now, end.Stamp)
		a.messages.put(hashID(id), id, message{ticket: b.ticket, recipient: b.recipient})
	default: // nothing can ask for it back
		a.window().Seal(b.ticket, now, end.Stamp)
	}
	a.bookings.remove(place)
	return true
}

// meet brings a booking in line with what the answer shows: who it was that
// got the message, and whether the service window that spared it a slot was
// still open when it went.
func (a *Account) meet(b *booking, end *governor.Settlement, now time.Time) {
	who := a.canonical(b.recipient)
	if end.Canonical != "" {
		who = a.canonical(end.Canonical)
	}
	switch {
	case b.counted && a.canonical(b.recipient) != who:
		// One spelling has turned out to be two people: the message went to the
		// other one.
		a.window().Cancel(b.ticket, now)
		b.ticket, _ = a.window().Reserve(who, now, end.Stamp, math.MaxInt)
	case !b.counted && !b.reply:
		until, known := a.service.Until(b.number, who, end.Stamp)
		if !known || !until.After(end.Stamp) {
			b.ticket, b.counted = a.window().Reserve(who, now, end.Stamp, math.MaxInt)
		}
	}
	b.recipient = who
}

// Inbound records a customer's message or call.
func (a *Account) Inbound(in governor.InboundMark) {
	a.advance(in.Now)
	customer := a.canonical(in.Customer)
	until, known := a.service.Until(in.Number, customer, in.Now)
	again := known && until.Equal(in.At.Add(window.ServicePeriod))
	if in.Uncertain {
		again = !a.service.Doubt(in.Number, customer, in.Now, in.At)
	} else {
		a.service.Open(in.Number, customer, in.Now, in.At)
	}
	a.heardAt(in.Number)
	// The platform's timestamps are in whole seconds, and the bucket refills
	// within one: what is older has been made up for.
	if f := flowOf(in.NumberRate); f.limits() && !again && in.Now.Sub(in.At) < 2*time.Second {
		a.numberRates(in.Number).own.use(f, a.pace(in.Now).at())
	}
}

// heardAt notes a number of which service knows.
func (a *Account) heardAt(number string) {
	if a.inbounds == nil {
		a.inbounds = map[string]struct{}{}
	}
	a.inbounds[number] = struct{}{}
}

// Delivery records what became of a message, and reports whether that changed
// anything. Of the message's ID it goes by what stands for it.
func (a *Account) Delivery(d governor.DeliveryMark, id MessageID) (changed bool) {
	now := a.advance(d.Now)
	m := a.messages.get(hashID(id), id)
	noted := m != nil
	known := noted && a.window().Known(m.ticket, now)
	sort, changed := a.sortOf(id, d.Sort, noted)
	if sort == governor.SortReply || d.Sent && !known {
		return changed // whose answer is still to come is stamped by that
	}
	if d.Failed {
		return a.undelivered(id, m, known, now) || changed
	}
	recipient := a.canonical(d.Recipient)
	switch {
	case known && m.delivered:
		return changed // the platform counts the delivery, not that it was read
	case known:
		recipient = a.canonical(m.recipient)
		m.delivered = !d.Sent
	case recipient == "":
		return changed
	case sort == governor.SortUnknown:
		if _, holds := a.window().Stamp(recipient, now); !holds {
			return changed
		}
	}
	switch slots := a.window(); {
	case a.spared(d, recipient):
	case known:
		// Its own stamp moves, so that it is remembered as long as its slot is
		// held, and no longer.
		slots.Commit(m.ticket, now, d.Stamp)
	default:
		slots.Renew(recipient, now, d.Stamp)
	}
	return true
}

// sortOf is what is known about a message, from what was remembered or else
// from what the platform says now, which is then remembered: it names the price
// in one of a message's statuses and not in all.
func (a *Account) sortOf(id MessageID, told governor.Sort, counted bool) (sort governor.Sort, learned bool) {
	if counted {
		return governor.SortNotification, false
	}
	if a.sorts != nil {
		if sort, ok := a.sorts.Get(id); ok {
			return sort, false
		}
	}
	if told == governor.SortUnknown {
		return told, false
	}
	note(&a.sorts, id, told, maxSorts)
	return told, true
}

// undelivered gives a message's slot back, or remembers that it failed before
// its send was settled. It reports whether that is new.
func (a *Account) undelivered(id MessageID, m *message, known bool, now time.Time) bool {
	switch {
	case !known:
		again := a.early != nil && a.early.Contains(id)
		note(&a.early, id, struct{}{}, maxEarly)
		return !again
	case m.delivered: // it has been seen to arrive
		return false
	}
	a.window().Release(m.ticket, now)
	a.messages.take(hashID(id), id)
	note(&a.sorts, id, governor.SortNotification, maxSorts) // should it arrive after all
	return true
}

// spared reports whether the delivery fell into a customer service window, as
// it stood at that time.
func (a *Account) spared(d governor.DeliveryMark, recipient string) bool {
	until, known := a.service.Until(d.Number, recipient, d.At)
	return known && until.After(d.At.Add(governor.WindowMargin)) && !d.At.Before(until.Add(-window.ServicePeriod))
}

// note remembers something of a message among the latest few.
func note[V any](ids **simplelru.LRU[MessageID, V], id MessageID, value V, room int) {
	if *ids == nil {
		*ids, _ = simplelru.NewLRU[MessageID, V](room, nil) // fails only for no room
	}
	(*ids).Add(id, value)
}

// sweep forgets a little of what has been remembered for long enough.
func (a *Account) sweep(now time.Time) {
	seconds := now.Unix()
	a.bookings.sweep(func(_ governor.Token, b *booking) bool {
		age := seconds - b.at
		return age < briefMemory || !b.reply && age < memory
	})
	a.consents.sweep(func(_ string, wishes *[]wish) bool { return kept(*wishes, now) })
	a.messages.sweep(func(id MessageID, m *message) bool {
		if a.slots.Known(m.ticket, now) {
			return true
		}
		note(&a.sorts, id, governor.SortNotification, maxSorts)
		return false
	})
}
