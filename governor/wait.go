package governor

import (
	"context"
	"errors"
	"time"
)

// nap is how long a waiter sleeps at most before it asks the store again,
// since another process may have made room without telling this one.
const nap = time.Minute

// Wait books the message as soon as it is allowed. It sleeps until the time
// that the refusal names, and wakes earlier when a reservation is cancelled,
// the limit raised or a restriction lifted. Replies and one-time passwords that
// wait go before bulk; within a rank, whoever came first.
//
// It returns a [*DeniedError] at once when no time will help, or when the time
// that would is after ctx's deadline; the latter matches
// [context.DeadlineExceeded] too. When ctx ends while it waits, it returns ctx's
// error. The deadline is compared to the governor's clock; see
// governortest.Clock.WithTimeout for one on a fake clock.
func (g *Governor) Wait(ctx context.Context, m Message) (*Reservation, error) {
	return g.wait(ctx, m, func(Decision) bool { return true })
}

// wait is Wait while the refusals are such as the caller bears with.
func (g *Governor) wait(ctx context.Context, m Message, bears func(Decision) bool) (*Reservation, error) {
	if m.Kind == ReadReceipt {
		return g.Reserve(ctx, m) // it passes, so it must not stand in line
	}
	if err := errors.Join(g.ready(), m.Validate()); err != nil {
		return nil, err
	}
	route, err := g.route(ctx, m.From)
	if err != nil && m.Kind == Reply {
		return g.Reserve(ctx, m) // which lets it pass where only the resolver fails
	}
	if err != nil {
		return nil, err
	}
	// All attempts are one admission: what was booked while the answer got lost
	// must not stand in its own way.
	token := g.newToken()
	passed := false
	var lost Decision // the last that may have booked without saying so
	defer func() {
		if !passed {
			g.forget(ctx, &lost, token)
		}
	}()
	if m.Kind == Reply && !g.lines.hasReply(route.Account) {
		// Nobody is in front of it but bulk, which may be kept by a store that hangs.
		var r ruling
		leave, err := g.attempt(g.patient(ctx), &m, token, &r)
		switch passed = leave != nil; {
		case passed, r.Reason == Undecided:
			return leave, err
		case r.Reason == StoreFailed:
			lost = r.Decision
		}
	}
	first := g.patient(ctx)
	w := g.lines.join(route.Account, g.rank(first, route, m), g.clock.Now())
	defer func() {
		g.lines.leave(route.Account, w, g.clock.Now())
		g.notify.catchUp()
	}()
	turn := context.WithValue(first, turnKey{}, true)
	for {
		if err := g.await(ctx, w); err != nil {
			return nil, err
		}
		var r ruling
		leave, err := g.attempt(turn, &m, token, &r)
		d := &r.Decision
		if d.Reason == StoreFailed {
			lost = *d
		}
		switch {
		case leave != nil:
			passed = true
			return leave, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case d.Reason == Undecided:
			return nil, err
		case d.RetryAt.IsZero(), !bears(*d):
			return nil, g.deny(turn, d, err)
		}
		if deadline, ok := ctx.Deadline(); ok && d.RetryAt.After(deadline) {
			return nil, g.deny(turn, d, errors.Join(err, context.DeadlineExceeded))
		}
		w.line.rest(w, *d, g.clock.Now())
		g.notify.catchUp()
		turn = context.WithValue(g.patientAnew(ctx), turnKey{}, true)
	}
}

// await returns when it is w's turn to ask.
func (g *Governor) await(ctx context.Context, w *waiter) error {
	for {
		var ring <-chan time.Time
		stop := func() bool { return false }
		if left := w.line.left(w, g.clock.Now()); left > 0 {
			ring, stop = g.clock.NewTimer(left)
		}
		select {
		case <-ring:
			// Perhaps not yet: the clock may have jumped back meanwhile.
		case <-w.turn:
			stop()
			return nil
		case <-ctx.Done():
			stop()
			return ctx.Err()
		}
	}
}
