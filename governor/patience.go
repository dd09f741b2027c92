package governor

import (
	"context"
	"sync/atomic"
	"time"
)

// patience is what is left of Config.StoreTimeout for one call of the caller's.
// A call that asks the store several times, as an Observe of many events does,
// gives it the whole time for each question as long as it answers; but time that
// ran out without an answer is spent, so that a store which hangs costs the
// caller's call one StoreTimeout and not one for each question.
type patience struct{ spent atomic.Int64 }

type patienceKey struct{}

// patient gives a call of the caller's its patience, unless it is part of one that
// has some.
func (g *Governor) patient(ctx context.Context) context.Context {
	if g.cfg.StoreTimeout <= 0 {
		return ctx
	}
	return g.patientOnce(ctx)
}

func (g *Governor) patientOnce(ctx context.Context) context.Context {
	if patienceOf(ctx) != nil {
		return ctx
	}
	return g.patientAnew(ctx)
}

// patientAnew begins a new one, for a waiter's next attempt.
func (g *Governor) patientAnew(ctx context.Context) context.Context {
	if g.cfg.StoreTimeout <= 0 {
		return ctx
	}
	return context.WithValue(ctx, patienceKey{}, &patience{})
}

// rested gives the end of a send another moment, should what was learned of it
// have taken all the time.
func (g *Governor) rested(ctx context.Context) (context.Context, context.CancelFunc) {
	if p := patienceOf(ctx); p == nil || p.left(g.cfg.StoreTimeout) > 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(g.patientAnew(ctx), forgetTime)
}

func patienceOf(ctx context.Context) *patience {
	p, _ := ctx.Value(patienceKey{}).(*patience)
	return p
}

// left is how long the next question may take.
func (p *patience) left(limit time.Duration) time.Duration {
	if p == nil {
		return limit
	}
	return limit - time.Duration(p.spent.Load())
}

// ended notes how a question ended that was given so long: by its answer, or
// because its time, and not the caller's, had run out.
func (p *patience) ended(ctx, own context.Context, given time.Duration, err error) {
	if p != nil && err != nil && own.Err() != nil && ctx.Err() == nil {
		p.spent.Add(int64(given))
	}
}
