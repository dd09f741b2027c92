package memstore

import (
	"math"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/sendgov/sendgov/governor"
)

// numberRates are the token buckets of one number: its own, and one for each
// recipient that it has lately sent to.
type numberRates struct {
	own   *rate.Limiter
	pairs *simplelru.LRU[string, *rate.Limiter]
	room  int // how many pairs are kept
}

func (a *account) numberRates(number string) *numberRates {
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

// number returns the number's bucket, nil if nothing limits it.
func (r *numberRates) number(limit governor.Rate, now time.Time) *rate.Limiter {
	if limit.Every <= 0 {
		return nil
	}
	if r.own == nil {
		r.own = rate.NewLimiter(rate.Every(limit.Every), limit.Burst)
	}
	adjust(r.own, limit, now)
	return r.own
}

// pair returns the pair's bucket, nil if it is full or nothing limits it. It
// leaves the order in which buckets are forgotten alone: only a send counts.
func (r *numberRates) pair(recipient string, pair governor.Rate, now time.Time) *rate.Limiter {
	if r.pairs == nil || pair.Every <= 0 {
		return nil
	}
	b, ok := r.pairs.Peek(recipient)
	if !ok {
		return nil
	}
	adjust(b, pair, now)
	return b
}

// takePair uses one token of the pair's bucket.
//
// A bucket may be forgotten once it is full again. After Burst x Every without
// a send it is, and in that time the number's own rate lets it send to no more
// than room others: with that many kept, no bucket that matters is evicted.
func (r *numberRates) takePair(recipient string, number, pair governor.Rate, now time.Time) {
	if pair.Every <= 0 {
		return
	}
	room := maxPairs
	if number.Every > 0 {
		refill := time.Duration(pair.Burst) * pair.Every
		room = int(refill/number.Every) + number.Burst + 1
	}
	switch {
	case r.pairs == nil:
		r.pairs, _ = simplelru.NewLRU[string, *rate.Limiter](room, nil) // fails only for no size
		r.room = room
	case room > r.room:
		r.pairs.Resize(room)
		r.room = room
	}
	b, ok := r.pairs.Get(recipient)
	if !ok {
		b = rate.NewLimiter(rate.Every(pair.Every), pair.Burst)
		r.pairs.Add(recipient, b)
	}
	take(b, now)
}

// maxPairs is the room for a number without a rate: 1,000 per second, which is
// the platform's highest, for 270 s.
const maxPairs = 271_001

// merge makes one bucket of two that turn out to be one pair's: what was used
// of either was used of it.
func (r *numberRates) merge(alias, canonical string, now time.Time) {
	if r.pairs == nil {
		return
	}
	b, ok := r.pairs.Peek(alias)
	if !ok {
		return
	}
	r.pairs.Remove(alias)
	if full(b, now) {
		return // it is as good as forgotten, and must not push out one that matters
	}
	kept, ok := r.pairs.Peek(canonical)
	if !ok {
		r.pairs.Add(canonical, b)
		return
	}
	kept.ReserveN(now, min(kept.Burst(), int(math.Ceil(float64(b.Burst())-b.TokensAt(now)))))
}

func full(b *rate.Limiter, now time.Time) bool { return b.TokensAt(now) >= float64(b.Burst()) }

func adjust(b *rate.Limiter, to governor.Rate, now time.Time) {
	if limit := rate.Every(to.Every); b.Limit() != limit {
		b.SetLimitAt(now, limit)
	}
	if b.Burst() != to.Burst {
		b.SetBurstAt(now, to.Burst)
	}
}

// delay is how long until the bucket has a token, zero if it has one.
func delay(b *rate.Limiter, now time.Time) time.Duration {
	if b == nil || b.TokensAt(now) >= 1 {
		return 0
	}
	// Asking and taking back at the same instant is the only way to learn the
	// time as the bucket itself will reckon it.
	r := b.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now)
}

// take uses one token, of which delay has said that it is there.
func take(b *rate.Limiter, now time.Time) {
	if b != nil {
		b.AllowN(now, 1)
	}
}

// use uses one token, into debt if need be: what has happened has happened. The
// debt is at most one second's worth, for that is what the platform looks at:
// however many customers write, they are answered a second later.
func use(b *rate.Limiter, now time.Time) {
	if b != nil && b.TokensAt(now) > -float64(b.Burst()) {
		b.ReserveN(now, 1)
	}
}

// whole rounds up to a microsecond: buckets reckon in fractions, and whoever
// comes back when told must find the token there.
func whole(t time.Time) time.Time {
	cut := t.Truncate(time.Microsecond)
	if cut.Before(t) {
		cut = cut.Add(time.Microsecond)
	}
	return cut
}
