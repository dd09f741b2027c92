package ledger

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/sendgov/sendgov/governor"
)

// numberRates are the token buckets of one number: its own, and one for each
// recipient that it has lately sent to.
type numberRates struct {
	own   bucket
	pairs *simplelru.LRU[string, bucket]
	room  int // how many pairs are kept
	// sized are the number's and the pair's rate that there is room for.
	sized [2]governor.Rate
}

func (a *Account) numberRates(number string) *numberRates {
	r := a.rates[number]
	if r == nil {
		if a.rates == nil {
			a.rates = map[string]*numberRates{}
		}
		r = &numberRates{}
		a.rates[number] = r
	}
	return r
}

// delayNumber is how long the number's rate holds a send back. A new rate holds
// from the first send that is asked for, whether it passes or not.
func (r *numberRates) delayNumber(limit governor.Rate, now int64, probe bool) time.Duration {
	if limit.Every <= 0 {
		return 0
	}
	if !probe {
		r.own.pass(limit, now)
	}
	return r.own.delay(limit, now)
}

// take uses one token of the number's bucket and one of the pair's.
func (r *numberRates) take(ask *governor.Admission, recipient string, pair bucket, now int64) {
	if ask.NumberRate.Every > 0 {
		r.own.take(ask.NumberRate, now)
	}
	r.usePair(recipient, pair, ask.NumberRate, ask.PairRate, now)
}

func (r *numberRates) useNumber(limit governor.Rate, now int64) {
	if limit.Every > 0 {
		r.own.use(limit, now)
	}
}

// pair is a pair's bucket, full if there is none. To look leaves the order in
// which buckets are forgotten alone: only a send counts.
func (r *numberRates) pair(recipient string, now int64, probe bool) bucket {
	if r.pairs == nil {
		return bucket{}
	}
	b, ok := r.pairs.Peek(recipient)
	if ok && b.at > now && !probe {
		// The clock was ahead and has been followed back. The bucket fills up
		// from now on, or else it would not before the false time comes true.
		b.at = now
		r.pairs.Add(recipient, b)
	}
	return b
}

// usePair uses one token of the pair's bucket, which is b.
//
// A bucket may be forgotten once it is full again. After Burst x Every without
// a send it is, and in that time the number's own rate lets it send to no more
// than room others: with that many kept, no bucket that matters is evicted.
func (r *numberRates) usePair(recipient string, b bucket, number, pair governor.Rate, now int64) {
	if pair.Every <= 0 {
		return
	}
	if r.pairs == nil || r.sized != [2]governor.Rate{number, pair} {
		r.enlarge(number, pair)
	}
	b.take(pair, now)
	r.pairs.Add(recipient, b)
}

// enlarge makes room for as many pairs as these rates take. What there was room
// for stays: those of a faster time still matter.
func (r *numberRates) enlarge(number, pair governor.Rate) {
	r.sized = [2]governor.Rate{number, pair}
	room := maxPairs
	if number.Every > 0 {
		refill := time.Duration(pair.Burst) * pair.Every
		room = max(1, int(refill/number.Every)+number.Burst+1) // rates below zero are nonsense, and no reason to panic
	}
	switch {
	case r.pairs == nil:
		r.pairs, _ = simplelru.NewLRU[string, bucket](room, nil) // fails only for no size
		r.room = room
	case room > r.room:
		r.pairs.Resize(room)
		r.room = room
	}
}

// maxPairs is the room for a number without a rate: 1,000 per second, which is
// the platform's highest, for 270 s.
const maxPairs = 271_001

// merge makes one bucket of two that turn out to be one pair's: what was used
// of either was used of it.
func (r *numberRates) merge(alias, canonical string, now int64) {
	if r.pairs == nil {
		return
	}
	b, ok := r.pairs.Peek(alias)
	if !ok {
		return
	}
	r.pairs.Remove(alias)
	if b.full(now) {
		return // it is as good as forgotten, and must not push out one that matters
	}
	kept, _ := r.pairs.Peek(canonical)
	kept.join(b, now)
	r.pairs.Add(canonical, kept)
}
