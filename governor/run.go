package governor

import (
	"context"
	"time"
)

// Run does what calls would else do on the side: it calls Config.Observer, so
// that no send ever waits for one however slow it is, and hands to the store
// what has been counted. It returns when ctx ends, with ctx's error, having told
// the observer what was left, up to 4,096 notices, and given a store that hangs
// five seconds for the last counts. Start it on a goroutine of its own, once:
//
//	go gov.Run(ctx)
//
// A Governor decides the same with and without it. The error wraps [ErrInvalid]
// if it runs already.
func (g *Governor) Run(ctx context.Context) error {
	if err := g.ready(); err != nil {
		return err
	}
	if !g.notify.employ() {
		return invalid("Run", "runs already")
	}
	defer g.notify.dismiss()
	for ctx.Err() == nil {
		g.notify.run()
		now := g.clock.Now()
		if g.tallies.due(tallyAge, now) {
			g.handBriefly(ctx, now)
			continue
		}
		g.rest(ctx, now)
	}
	g.notify.run()
	after, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer stop()
	_ = g.Flush(after) // noticed
	g.notify.run()
	return ctx.Err()
}

// handBriefly hands over one bundle. The observer waits meanwhile, so a store
// that hangs is not waited for long.
func (g *Governor) handBriefly(ctx context.Context, now time.Time) {
	ctx, stop := context.WithTimeout(ctx, settleTime)
	defer stop()
	g.hand(ctx, tallyAge, now)
}

// rest waits until there is something for Run to do.
func (g *Governor) rest(ctx context.Context, now time.Time) {
	var due <-chan time.Time
	if left, any := g.tallies.left(now); any {
		timer, stop := g.clock.NewTimer(left)
		defer stop()
		due = timer
	}
	select {
	case <-ctx.Done():
	case <-g.notify.wake:
	case <-due:
	}
}

// left is how long it takes until the first bundle is due, and false if there
// is none.
func (ts *tallies) left(now time.Time) (time.Duration, bool) {
	first := ts.first.Load()
	if first == 0 {
		return 0, false
	}
	return max(0, min(tallyAge, time.Duration(first-now.UnixNano())+tallyAge)), true
}
