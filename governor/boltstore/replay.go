package boltstore

import (
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/ledger"
	"github.com/sendgov/sendgov/governor/internal/pack"
)

// decoder reads what an encoder has written.
type decoder struct {
	*pack.Reader
	last  last
	whole bool // tokens are in full
}

func decode(version byte, body []byte) *decoder {
	return &decoder{Reader: pack.Read(body), whole: version == 1}
}

// next reads the next record into rec and reports whether there was one. At the
// end, Close says whether all of it was sound.
func (d *decoder) next(rec *record) bool {
	if !d.More() {
		return false
	}
	*rec = record{}
	first := d.Byte()
	rec.op = op(first & opMask)
	if first&newAccount != 0 {
		d.last.account = d.String()
	}
	if first&newNumber != 0 {
		d.last.number = d.String()
	}
	if first&newRates != 0 {
		d.last.own, d.last.pair = d.rate(), d.rate()
	}
	rec.account = d.last.account
	d.verb(rec)
	return d.Err() == nil
}

func (d *decoder) verb(rec *record) {
	switch rec.op {
	case opAdmit, opRefuse:
		d.admission(rec)
	case opSettle:
		d.settlement(rec)
	case opInbound:
		customer, flags := d.String(), d.flags(1)
		rec.inbound = governor.InboundMark{
			Number: d.last.number, NumberRate: d.last.own, Customer: customer, Uncertain: flags&1 != 0,
			Now: d.time(), At: d.time(),
		}
	case opDelivery:
		flags := d.flags(4)
		if flags>>2 == 3 {
			d.Fail()
		}
		rec.message = d.id()
		rec.delivery = governor.DeliveryMark{
			Number: d.last.number, Sent: flags&1 != 0, Failed: flags&2 != 0, Sort: governor.Sort(flags >> 2),
			Recipient: d.String(), Now: d.time(), At: d.time(), Stamp: d.time(),
		}
	case opConsent:
		flags := d.flags(3)
		rec.consent = governor.ConsentMark{
			Granted: flags&1 != 0, Backoff: flags&2 != 0,
			Recipient: d.String(), Topic: d.String(), Now: d.time(), At: d.time(),
		}
		if flags&4 != 0 {
			rec.consent.Until = d.time()
		}
	case opClose, opAlias:
		rec.from, rec.into, rec.at = d.String(), d.String(), d.time()
	case opTally:
		rec.tally = governor.TallyMark{Now: d.time(), At: d.time(), Peak: int(d.Int()), Counts: map[string]int64{}}
		for range d.Len(2) {
			name := d.String()
			rec.tally.Counts[name] = d.Int()
		}
	case opState:
		rec.state = governor.State{Version: d.Uint(), Data: slices.Clone(d.Bytes())}
	case opClocks:
		rec.clocks = ledger.Clocks{Now: d.time(), Paced: d.time()}
	default:
		d.Fail()
	}
}

func (d *decoder) admission(rec *record) {
	flags := d.tokenFlags(4)
	rec.counted = flags&1 != 0
	ask := governor.Admission{
		Number: d.last.number, NumberRate: d.last.own, PairRate: d.last.pair,
		Recipient: d.String(), Now: d.time(),
	}
	if flags&2 != 0 {
		ask.Kind = governor.Reply
	}
	if flags&4 != 0 {
		ask.Token = d.token(flags&16 != 0)
	} else if flags&16 != 0 {
		d.Fail()
	}
	ask.Stamp = ask.Now
	if flags&8 != 0 {
		ask.Stamp = d.time()
	}
	rec.admission = ask
}

func (d *decoder) settlement(rec *record) {
	flags := d.tokenFlags(5)
	end := governor.Settlement{Sent: flags&1 != 0, Confirmed: flags&2 != 0, Token: d.token(flags&32 != 0), Now: d.time()}
	end.Stamp = end.Now
	if end.Sent {
		end.Recipient = d.String()
		end.Canonical = end.Recipient
		if flags&16 != 0 {
			end.Canonical = d.String()
		}
		if flags&4 != 0 {
			rec.message = d.id()
		}
		if flags&8 != 0 {
			end.Stamp = d.time()
		}
	}
	rec.end = end
}

// flags reads a byte of which no more than so many bits are set.
func (d *decoder) flags(bits int) byte {
	b := d.Byte()
	if b>>bits != 0 {
		d.Fail()
	}
	return b
}

// tokenFlags has one bit more, which says whether a token is in full, unless all
// are.
func (d *decoder) tokenFlags(bits int) byte {
	if d.whole {
		return d.flags(bits)
	}
	return d.flags(bits + 1)
}

func (d *decoder) time() time.Time {
	sec, nsec := d.last.sec+d.Int(), d.Uint()
	if nsec >= uint64(time.Second) {
		d.Fail()
	}
	if d.Err() != nil {
		return time.Time{}
	}
	d.last.sec = sec
	return time.Unix(sec, int64(nsec)).UTC()
}

func (d *decoder) rate() governor.Rate {
	return governor.Rate{Every: time.Duration(d.Int()), Burst: int(d.Int())}
}

// token reads one, the first half only if that is not the one before's.
func (d *decoder) token(other bool) governor.Token {
	if other || d.whole {
		d.last.maker = d.Fixed()
	}
	return governor.Token{Hi: d.last.maker, Lo: d.Fixed()}
}

func (d *decoder) id() ledger.MessageID { return ledger.MessageID{d.Fixed(), d.Fixed()} }
