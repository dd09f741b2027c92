package governor

import "time"

// A Clock tells the time and rings once after a while. It is how a [Governor]
// knows when it is: nothing else in the package reads the machine's clock.
//
// A Clock is safe for concurrent use. governortest.Clock is one for tests that
// steps through days in no time.
type Clock interface {
	// Now returns the current instant. It may jump, also backwards: stamps
	// that were booked never move back with it.
	Now() time.Time
	// NewTimer returns a channel that gets the time once d has passed, and
	// a function that stops the timer and reports whether it was still
	// pending. A d of zero or less rings at once.
	NewTimer(d time.Duration) (c <-chan time.Time, stop func() bool)
}

// SystemClock returns the machine's clock, which a nil Config.Clock stands for.
func SystemClock() Clock { return systemClock{} }

// systemClock is the machine's clock, which testing/synctest replaces inside
// its bubbles.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	t := time.NewTimer(d)
	return t.C, t.Stop
}
