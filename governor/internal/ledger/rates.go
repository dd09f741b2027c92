package ledger

import (
	"time"

	"github.com/sendgov/sendgov/governor"
)

// numberRates are the token buckets of one number: its own, and one for each
// recipient that it has lately sent to.
//
// A pair's bucket is forgotten by the way once it is as good as none: full, and
// without a send for as long as it takes to fill one. So as many are kept as the
// number's own rate lets it write to meanwhile, and never fewer than matter.
type numberRates struct {
	number string
	own    bucket
	pairs  register[string, bucket]
}

// numberRates are a number's, new if there are none. Whoever sends goes on
// sending, so that the number that came last is the first to look at.
func (a *Account) numberRates(number string) *numberRates {
	if r := a.latest; r != nil && r.number == number {
		return r
	}
	r := a.rates[number]
	if r == nil {
		if a.rates == nil {
			a.rates = map[string]*numberRates{}
		}
		r = &numberRates{number: number}
		a.rates[number] = r
	}
	a.latest = r
	return r
}

// A due is what one send is to pay: one token of its number's bucket and one of
// its pair's.
type due struct {
	rates       *numberRates
	own, paired flow
	pair        int    // the place of the pair's bucket, none if it has none
	held        bucket // what is there
	hash        uint32
	recipient   string
	now         int64
}

// look looks up what a send is to pay.
func (d *due) look(r *numberRates, ask *governor.Admission, recipient string, now int64) {
	d.rates, d.recipient, d.now = r, recipient, now
	d.own, d.paired = flowOf(ask.NumberRate), flowOf(ask.PairRate)
	d.hash = hashName(recipient)
	d.pair = r.pairs.find(d.hash, recipient)
	if d.pair == none {
		return
	}
	// One that is full is as good as none, whatever its rate was: it may have been
	// forgotten just as well.
	if b := r.pairs.at(d.pair); !b.full(now) {
		d.held = *b
	}
}

// settle takes up what holds whether the send passes or not: a new rate of the
// number's.
func (d *due) settle() {
	if d.own.limits() {
		d.rates.own.pass(d.own, d.now)
	}
}

// delays are how long the number's rate and the pair's hold the send back.
func (d *due) delays() (own, pair time.Duration) {
	return d.rates.own.delay(d.own, d.now), d.held.delay(d.paired, d.now)
}

// pay uses the tokens.
func (d *due) pay() {
	if d.own.limits() {
		d.rates.own.take(d.own, d.now)
	}
	if !d.paired.limits() {
		return
	}
	pairs := &d.rates.pairs
	var b *bucket
	if d.pair == none {
		b = pairs.add(d.hash, d.recipient)
	} else {
		b = pairs.at(d.pair)
	}
	d.held.take(d.paired, d.now)
	*b = d.held
	pairs.sweep(func(_ string, b *bucket) bool { return !b.idle(d.now) })
}

// merge makes one bucket of two that turn out to be one pair's: what was used
// of either was used of it.
func (r *numberRates) merge(alias, canonical string, now int64) {
	b, ok := r.pairs.take(hashName(alias), alias)
	if !ok || b.full(now) {
		return
	}
	hash := hashName(canonical)
	kept := r.pairs.get(hash, canonical)
	if kept == nil {
		kept = r.pairs.add(hash, canonical)
	}
	kept.join(b, now)
}
