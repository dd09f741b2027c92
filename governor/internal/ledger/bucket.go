package ledger

import (
	"time"

	"github.com/sendgov/sendgov/governor"
)

// A flow is a rate in whole microseconds. Without an interval it limits nothing.
type flow struct{ every, burst int64 }

// flowOf rounds up: no flow is faster than its rate.
func flowOf(r governor.Rate) flow {
	return flow{int64((r.Every + time.Microsecond - 1) / time.Microsecond), int64(r.Burst)}
}

// limits reports whether there is any limit.
func (f flow) limits() bool { return f.every > 0 }

// fill is how long an empty bucket takes to fill up.
func (f flow) fill() int64 { return f.burst * f.every }

// A bucket is a token bucket, told by what it lacks: debt is how long it takes
// to fill up again, from at on, at its flow. All are whole numbers, times in
// microseconds, so that a store that reckons in doubles, as a Redis script does,
// reckons the same. The zero bucket is full, whatever the flow.
type bucket struct {
	at, debt int64
	flow
}

// micros reads the clock. A part of a microsecond has not passed yet.
func micros(t time.Time) int64 { return t.UnixMicro() }

// pass brings the bucket to now and to a flow.
func (b *bucket) pass(f flow, now int64) { b.debt, b.at, b.flow = b.lacks(f, now), now, f }

// lacks is the debt at now and a flow. The bucket then holds as many tokens as
// before, or as the flow has room for.
func (b *bucket) lacks(f flow, now int64) int64 {
	debt := b.left(now)
	if b.flow == f || b.every <= 0 {
		return debt
	}
	held := floor(f.every*(b.fill()-debt), b.every)
	return max(0, f.fill()-held)
}

// left is what is left of the debt.
func (b *bucket) left(now int64) int64 { return max(0, b.debt-max(0, now-b.at)) }

// floor divides and rounds down, below zero too.
func floor(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

// delay is how long until there is a token, zero if there is one or no limit.
func (b *bucket) delay(f flow, now int64) time.Duration {
	if !f.limits() {
		return 0
	}
	return time.Duration(max(0, b.lacks(f, now)+f.every-f.fill())) * time.Microsecond
}

// take uses one token, of which delay has said that it is there.
func (b *bucket) take(f flow, now int64) {
	b.pass(f, now)
	b.debt += b.every
}

// use uses one token, into debt if need be: what has happened has happened. The
// debt is at most one more bucketful, one second's worth of a number, for that
// is what the platform looks at: however many customers write, they are answered
// a second later.
func (b *bucket) use(f flow, now int64) {
	b.pass(f, now)
	if b.debt < 2*b.fill() {
		b.debt += b.every
	}
}

// full reports whether the bucket is as good as none.
func (b *bucket) full(now int64) bool { return b.left(now) == 0 }

// idle reports whether the bucket is full, and nothing was used for as long as it
// takes to fill it.
func (b *bucket) idle(now int64) bool { return now-b.at >= b.fill() && b.full(now) }

// join adds what was used of another bucket of the same flow.
func (b *bucket) join(other bucket, now int64) {
	*b = bucket{at: now, debt: b.left(now) + other.left(now), flow: other.flow}
}
