package boltstore

import (
	"maps"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/ledger"
	"github.com/sendgov/sendgov/governor/internal/pack"
)

// op is what a record records. The numbers are on disks.
type op byte

const (
	opAdmit op = iota + 1
	opSettle
	opInbound
	opDelivery
	opConsent
	opClose
	opAlias
	opTally
	opState
	opClocks
	opRefuse
)

// A record is one verb that changed an account.
type record struct {
	op      op
	account string

	admission governor.Admission
	counted   bool
	end       governor.Settlement
	inbound   governor.InboundMark
	delivery  governor.DeliveryMark
	message   ledger.MessageID // of the settlement or the delivery
	consent   governor.ConsentMark
	tally     governor.TallyMark
	state     governor.State
	clocks    ledger.Clocks

	from, into string    // an alias, or the number and the customer of a closed window
	at         time.Time // of either
}

// apply does to the account what the verb did.
func (rec *record) apply(a *ledger.Account) {
	switch rec.op {
	case opAdmit:
		a.Readmit(rec.admission, rec.counted)
	case opRefuse:
		a.Refuse(rec.admission)
	case opSettle:
		a.Settle(&rec.end, rec.message)
	case opInbound:
		a.Inbound(rec.inbound)
	case opDelivery:
		a.Delivery(rec.delivery, rec.message)
	case opConsent:
		a.Consent(rec.consent)
	case opClose:
		a.CloseWindow(rec.from, rec.into, rec.at)
	case opAlias:
		a.Alias(rec.from, rec.into, rec.at)
	case opTally:
		a.Tally(rec.tally)
	case opState:
		a.Restore(rec.state)
	case opClocks:
		a.SetClocks(rec.clocks)
	}
}

// Of the byte that a record begins with, half is the op.
const (
	opMask     = 0x0f
	newAccount = 0x80 // else the one of the record before
	newNumber  = 0x40 // likewise
	newRates   = 0x20 // likewise
)

// last is what a record has in common with the one before it in the batch, and
// so leaves out.
type last struct {
	account, number string
	sec             int64
	own, pair       governor.Rate
	maker           uint64 // the half of a token that all of one governor's have
}

// encoder writes records one behind the other.
type encoder struct {
	body []byte
	last last
}

func (e *encoder) add(rec *record) {
	switch rec.op {
	case opAdmit, opRefuse:
		e.admission(rec)
	case opSettle:
		e.settlement(rec)
	case opInbound:
		in := &rec.inbound
		e.head(rec, in.Number, in.NumberRate, e.last.pair)
		e.string(in.Customer)
		e.flags(in.Uncertain)
		e.time(in.Now)
		e.time(in.At)
	case opDelivery:
		d := &rec.delivery
		e.head(rec, d.Number, e.last.own, e.last.pair)
		e.flags(d.Sent, d.Failed, d.Sort == governor.SortNotification, d.Sort == governor.SortReply)
		e.id(rec.message)
		e.string(d.Recipient)
		e.time(d.Now)
		e.time(d.At)
		e.time(d.Stamp)
	case opConsent:
		c := &rec.consent
		e.plain(rec)
		e.flags(c.Granted, c.Backoff, !c.Until.IsZero())
		e.string(c.Recipient)
		e.string(c.Topic)
		e.time(c.Now)
		e.time(c.At)
		if !c.Until.IsZero() {
			e.time(c.Until)
		}
	case opClose, opAlias:
		e.plain(rec)
		e.string(rec.from)
		e.string(rec.into)
		e.time(rec.at)
	case opTally:
		e.plain(rec)
		e.time(rec.tally.Now)
		e.time(rec.tally.At)
		e.body = pack.Uint(pack.Int(e.body, int64(rec.tally.Peak)), uint64(len(rec.tally.Counts)))
		for _, name := range slices.Sorted(maps.Keys(rec.tally.Counts)) {
			e.string(name)
			e.body = pack.Int(e.body, rec.tally.Counts[name])
		}
	case opState:
		e.plain(rec)
		e.body = pack.Bytes(pack.Uint(e.body, rec.state.Version), rec.state.Data)
	case opClocks:
		e.plain(rec)
		e.time(rec.clocks.Now)
		e.time(rec.clocks.Paced)
	}
}

// admission writes what was booked and paid. What was decided is decided.
func (e *encoder) admission(rec *record) {
	ask := &rec.admission
	e.head(rec, ask.Number, ask.NumberRate, ask.PairRate)
	token, later := ask.Token != governor.Token{}, !ask.Stamp.Equal(ask.Now)
	e.flags(rec.counted, ask.Kind != governor.Notification, token, later, token && e.stranger(ask.Token))
	e.string(ask.Recipient)
	e.time(ask.Now)
	if token {
		e.token(ask.Token)
	}
	if later {
		e.time(ask.Stamp)
	}
}

func (e *encoder) settlement(rec *record) {
	end := &rec.end
	e.plain(rec)
	named, later, renamed := rec.message != ledger.MessageID{}, !end.Stamp.Equal(end.Now), end.Canonical != end.Recipient
	e.flags(end.Sent, end.Confirmed, named, later, renamed, e.stranger(end.Token))
	e.token(end.Token)
	e.time(end.Now)
	if !end.Sent {
		return // then nothing else matters
	}
	e.string(end.Recipient)
	if renamed {
		e.string(end.Canonical)
	}
	if named {
		e.id(rec.message)
	}
	if later {
		e.time(end.Stamp)
	}
}

func (e *encoder) plain(rec *record) { e.head(rec, e.last.number, e.last.own, e.last.pair) }

// head begins a record with what is not as in the one before.
func (e *encoder) head(rec *record, number string, own, pair governor.Rate) {
	first := byte(rec.op)
	if rec.account != e.last.account {
		first |= newAccount
	}
	if number != e.last.number {
		first |= newNumber
	}
	if own != e.last.own || pair != e.last.pair {
		first |= newRates
	}
	e.body = append(e.body, first)
	if first&newAccount != 0 {
		e.string(rec.account)
		e.last.account = rec.account
	}
	if first&newNumber != 0 {
		e.string(number)
		e.last.number = number
	}
	if first&newRates != 0 {
		e.rate(own)
		e.rate(pair)
		e.last.own, e.last.pair = own, pair
	}
}

func (e *encoder) flags(bits ...bool) {
	var b byte
	for i, bit := range bits {
		if bit {
			b |= 1 << i
		}
	}
	e.body = append(e.body, b)
}

func (e *encoder) time(t time.Time) {
	sec := t.Unix()
	e.body = pack.Uint(pack.Int(e.body, sec-e.last.sec), uint64(t.Nanosecond()))
	e.last.sec = sec
}

func (e *encoder) rate(r governor.Rate) {
	e.body = pack.Int(pack.Int(e.body, int64(r.Every)), int64(r.Burst))
}

func (e *encoder) string(s string) { e.body = pack.String(e.body, s) }

// stranger reports whether a token is not of the governor whose the last one is.
func (e *encoder) stranger(t governor.Token) bool { return t.Hi != e.last.maker }

func (e *encoder) token(t governor.Token) {
	if e.stranger(t) {
		e.body, e.last.maker = pack.Fixed(e.body, t.Hi), t.Hi
	}
	e.body = pack.Fixed(e.body, t.Lo)
}

func (e *encoder) id(id ledger.MessageID) { e.body = pack.Fixed(pack.Fixed(e.body, id[0]), id[1]) }
