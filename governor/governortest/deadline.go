package governortest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// WithTimeout is context.WithTimeout on this clock: the context ends with context.DeadlineExceeded when the clock has
// moved on by d, or as parent ends, or with context.Canceled when the returned function is called. With d zero or
// negative it has ended already.
//
// Its Deadline is the clock's: that of parent is reported only if parent's is earlier and on the same clock. When
// [Clock.Advance] returns, every context made with it whose time has passed has ended, and those derived from these
// by the functions of package context too.
//
// No goroutine runs for it; call the returned function when it is no longer needed, for it then leaves the clock and
// parent.
func (c *Clock) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	x := &deadline{parent: parent, clock: c, done: make(chan struct{})}
	x.timer = &timer{expire: func() { x.finish(context.DeadlineExceeded) }}
	earlier, nested := parent.Value(onClock{c}).(time.Time)

	c.mu.Lock()
	x.timer.at = c.now.Add(d)
	x.at = x.timer.at
	if nested && earlier.Before(x.at) {
		x.at = earlier
	}
	if d > 0 {
		c.addLocked(x.timer)
	}
	c.mu.Unlock()

	if d <= 0 {
		x.finish(context.DeadlineExceeded)
		return x, func() {}
	}
	x.follow()
	return x, func() { x.finish(context.Canceled) }
}

// deadline is a context that ends when a Clock says so.
type deadline struct {
	parent context.Context
	clock  *Clock
	at     time.Time
	timer  *timer
	done   chan struct{}

	// mu guards what follows. The functions in after are called without it.
	mu     sync.Mutex
	err    error
	unlink func() bool // leaves parent; nil before follow
	after  []*func()
}

// onClock is the key under which a deadline of one clock is found by those derived from it.
type onClock struct{ *Clock }

// Deadline reports the instant on the clock.
func (x *deadline) Deadline() (time.Time, bool) { return x.at, true }

// Done is closed once the context has ended.
func (x *deadline) Done() <-chan struct{} {
	x.settle()
	return x.done
}

// Err says why the context has ended, or nil if it has not.
func (x *deadline) Err() error {
	x.settle()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err
}

// follow makes the context end when parent does, unless it has ended already.
func (x *deadline) follow() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err == nil {
		x.unlink = context.AfterFunc(x.parent, func() { x.finish(x.parent.Err()) })
	}
}

// settle asks parent: its end reaches us from another goroutine, but nobody who has cancelled it may find us alive.
func (x *deadline) settle() {
	if err := x.parent.Err(); err != nil {
		x.finish(err)
	}
}

// Value passes questions on to parent, but for one of our own.
func (x *deadline) Value(key any) any {
	if k, ok := key.(onClock); ok && k.Clock == x.clock {
		return x.at
	}
	return x.parent.Value(key)
}

// AfterFunc is what package context looks for to follow a context it did not make without starting a goroutine.
// What it hands over only cancels, and starts goroutines for the functions of users by itself.
func (x *deadline) AfterFunc(f func()) func() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err != nil {
		// The caller holds a lock that f wants.
		go f()
		return func() bool { return false }
	}
	x.after = append(x.after, &f)
	return func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		before := len(x.after)
		x.after = slices.DeleteFunc(x.after, func(o *func()) bool { return o == &f })
		return len(x.after) < before
	}
}

// finish ends the context, once, and then those derived from it.
func (x *deadline) finish(err error) {
	x.mu.Lock()
	if x.err != nil {
		x.mu.Unlock()
		return
	}
	x.err = err
	close(x.done)
	after := x.after
	x.after = nil
	unlink := x.unlink
	x.mu.Unlock()

	x.clock.drop(x.timer)
	if unlink != nil {
		unlink()
	}
	for _, f := range after {
		(*f)()
	}
}
