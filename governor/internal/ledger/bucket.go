package ledger

import (
	"time"

	"github.com/sendgov/sendgov/governor"
)

// A bucket is a token bucket, told by what it lacks: debt is how long it takes
// to fill up again, from at on, at one token each every and burst of them. All
// are whole numbers, times in microseconds, so that a store that reckons in
// doubles, as a Redis script does, reckons the same. The zero bucket is full,
// whatever the rate.
type bucket struct{ at, debt, every, burst int64 }

// micros reads the clock. A part of a microsecond has not passed yet.
func micros(t time.Time) int64 { return t.UnixMicro() }

// wholeMicros rounds up: no rate is faster than told.
func wholeMicros(d time.Duration) int64 {
	return int64((d + time.Microsecond - 1) / time.Microsecond)
}

// pass brings the bucket to now and to a rate. It then holds as many tokens as
// before, or as the rate has room for. A clock that goes back fills nothing.
func (b *bucket) pass(rate governor.Rate, now int64) {
	b.debt = max(0, b.debt-max(0, now-b.at))
	b.at = now
	every, burst := wholeMicros(rate.Every), int64(rate.Burst)
	if b.every == every && b.burst == burst {
		return
	}
	if b.every > 0 {
		held := floor(every*(b.burst*b.every-b.debt), b.every)
		b.debt = max(0, burst*every-held)
	}
	b.every, b.burst = every, burst
}

// goesBy reports whether the bucket was reckoned at that rate.
func (b bucket) goesBy(rate governor.Rate) bool {
	return b.every == wholeMicros(rate.Every) && b.burst == int64(rate.Burst)
}

// floor divides and rounds down, below zero too.
func floor(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

// delay is how long until there is a token, zero if there is one or no rate.
func (b bucket) delay(rate governor.Rate, now int64) time.Duration {
	if rate.Every <= 0 {
		return 0
	}
	b.pass(rate, now)
	return time.Duration(max(0, b.debt+b.every-b.burst*b.every)) * time.Microsecond
}

// take uses one token, of which delay has said that it is there.
func (b *bucket) take(rate governor.Rate, now int64) {
	b.pass(rate, now)
	b.debt += b.every
}

// use uses one token, into debt if need be: what has happened has happened. The
// debt is at most one more bucketful, one second's worth of a number, for that
// is what the platform looks at: however many customers write, they are answered
// a second later.
func (b *bucket) use(rate governor.Rate, now int64) {
	b.pass(rate, now)
	if b.debt < 2*b.burst*b.every {
		b.debt += b.every
	}
}

// full reports whether the bucket is as good as none.
func (b bucket) full(now int64) bool { return b.debt <= max(0, now-b.at) }

// join adds what was used of another bucket of the same rate.
func (b *bucket) join(other bucket, now int64) {
	debt := max(0, b.debt-max(0, now-b.at)) + max(0, other.debt-max(0, now-other.at))
	*b = bucket{at: now, debt: debt, every: other.every, burst: other.burst}
}
