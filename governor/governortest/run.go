package governortest

import "context"

// Run moves the clock to the next timer whenever one is pending, until ctx
// ends, and returns ctx's error. Time then passes as fast as the program waits
// for it, and stands while it works: what would take a day takes a moment, in
// the same order. It is for programs and tests that only wait in passing, as
// for a rate; to check what holds at an instant, use [Clock.Advance].
//
// Everybody who waits must do so on this clock: a timer that is set while
// something else is still at work is moved to all the same.
func (c *Clock) Run(ctx context.Context) error {
	for {
		if err := c.BlockUntil(ctx, 1); err != nil {
			return err
		}
		if at, ok := c.NextTimer(); ok {
			c.Set(at)
		}
	}
}
