package governortest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Start is the instant at which [NewClock] stands: midnight UTC on 1 January 2026, a Thursday.
var Start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Clock is a clock that moves only when told to.
// It has the two methods of governor.Clock, so it can be given wherever that is asked for.
// The zero Clock is ready for use and stands at the zero time; [NewClock] gives one that stands at [Start].
// All methods are safe for concurrent use. A Clock must not be copied.
type Clock struct {
	// moving is held for the whole of one Advance or Set, so that two movers do not interleave.
	// It is taken before mu.
	moving sync.Mutex

	// mu guards what follows. Nothing that is not ours runs under it.
	mu      sync.Mutex
	now     time.Time
	pending []*timer // by time, those of one instant in the order they were set
	queued  int      // those of pending that somebody waits on, which deadlines are not
	blocked []*blocked
}

// timer is one thing that happens at an instant: a send on a channel, or a deadline that expires.
type timer struct {
	at     time.Time
	fires  chan time.Time // nil for a deadline
	expire func()         // nil for a timer
}

// blocked is one call of BlockUntil that still waits.
type blocked struct {
	waiters int
	ready   chan struct{}
}

// NewClock returns a clock that stands at [Start].
func NewClock() *Clock {
	return &Clock{now: Start}
}

// Now returns the instant at which the clock stands, without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// NewTimer returns a channel that gets the time, once, when the clock has moved on by d, and a function that stops
// the timer and reports whether it was still pending. With d zero or negative the time is in the channel already.
func (c *Clock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{at: c.now.Add(d), fires: make(chan time.Time, 1)}
	if d <= 0 {
		t.fires <- c.now
		return t.fires, func() bool { return false }
	}
	c.addLocked(t)
	return t.fires, func() bool { return c.drop(t) }
}

// Advance moves the clock by d and fires what comes due on the way, in the order of time and, within one instant, in
// the order it was set; the clock stands at each one's own instant while that one fires.
//
// A negative d moves the clock back, as a correction of a wall clock does: nothing fires, and every pending timer
// keeps what is left of its wait, as the runtime's timers do. Zero fires nothing.
//
// Advance does not wait for those it wakes: a timer that one of them sets counts from wherever the clock stands by
// then. To walk a loop from timer to timer, use [Clock.BlockUntil] and [Clock.NextTimer].
func (c *Clock) Advance(d time.Duration) {
	c.moving.Lock()
	defer c.moving.Unlock()
	c.moveTo(c.Now().Add(d))
}

// Set moves the clock to t, forwards or back, as [Clock.Advance] does.
func (c *Clock) Set(t time.Time) {
	c.moving.Lock()
	defer c.moving.Unlock()
	c.moveTo(t.Round(0).UTC())
}

// BlockUntil returns nil as soon as at least so many timers are pending, else the error of ctx when that ends first.
// Zero or fewer waiters are there at once. A test calls it to know that the code it tests has gone to sleep.
func (c *Clock) BlockUntil(ctx context.Context, waiters int) error {
	c.mu.Lock()
	if c.queued >= waiters {
		c.mu.Unlock()
		return nil
	}
	b := &blocked{waiters: waiters, ready: make(chan struct{})}
	c.blocked = append(c.blocked, b)
	c.mu.Unlock()

	select {
	case <-b.ready:
		return nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.blocked = slices.DeleteFunc(c.blocked, func(o *blocked) bool { return o == b })
		return ctx.Err()
	}
}

// Waiters returns how many timers are pending.
// Deadlines made by [Clock.WithTimeout] are not counted: nobody sleeps on them alone.
func (c *Clock) Waiters() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued
}

// NextTimer returns the instant at which the next pending timer fires; ok is false when none is pending.
// Deadlines made by [Clock.WithTimeout] are left out, as in [Clock.Waiters].
func (c *Clock) NextTimer() (at time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.pending {
		if t.fires != nil {
			return t.at, true
		}
	}
	return time.Time{}, false
}

// moveTo fires, one at a time, all that is due until target and leaves the clock there. The caller holds moving.
func (c *Clock) moveTo(target time.Time) {
	for {
		due := c.step(target)
		switch {
		case due == nil:
			return
		case due.fires != nil:
			due.fires <- due.at
		default:
			due.expire()
		}
	}
}

// step moves the clock to the next due timer and takes that out; with none left, to target.
func (c *Clock) step(target time.Time) *timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if back := c.now.Sub(target); back > 0 {
		for _, t := range c.pending {
			t.at = t.at.Add(-back)
		}
	}
	if len(c.pending) == 0 || c.pending[0].at.After(target) {
		c.now = target
		return nil
	}
	due := c.pending[0]
	c.removeLocked(0)
	c.now = due.at
	return due
}

// drop takes a timer out and reports whether it was still pending.
func (c *Clock) drop(t *timer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.pending, t)
	if i < 0 {
		return false
	}
	c.removeLocked(i)
	return true
}

// addLocked puts a timer behind all that fire at the same instant and lets go whoever waited for so many.
func (c *Clock) addLocked(t *timer) {
	i := slices.IndexFunc(c.pending, func(o *timer) bool { return o.at.After(t.at) })
	if i < 0 {
		i = len(c.pending)
	}
	c.pending = slices.Insert(c.pending, i, t)
	if t.fires == nil {
		return
	}
	c.queued++
	c.blocked = slices.DeleteFunc(c.blocked, func(b *blocked) bool {
		enough := c.queued >= b.waiters
		if enough {
			close(b.ready)
		}
		return enough
	})
}

func (c *Clock) removeLocked(i int) {
	if c.pending[i].fires != nil {
		c.queued--
	}
	c.pending = slices.Delete(c.pending, i, i+1)
}
