package governor

import (
	"context"
	"errors"
	"time"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// Do reserves m, calls send, and ends the reservation by what send returned:
// with no error the message is committed; with an error that wraps
// [ErrNotSent], or that is a [*cloudapi.Error] which says so, it is cancelled;
// with any other, as after a time-out, nobody knows and it stays counted. The
// governor learns from a [*cloudapi.Error] as from an event.
//
// A message that is only too fast for its number or pair is held back for up
// to Config.RateWait. One that is refused is not sent: Do returns the
// [*DeniedError] and send is not called.
//
// Do returns send's error, joined with the store's if ending the reservation
// failed. The reservation is ended even when ctx is cancelled meanwhile; a
// store that hangs then is given five seconds. If send panics, the message
// stays counted.
func (g *Governor) Do(ctx context.Context, m Message, send func(context.Context) (Receipt, error)) error {
	if send == nil {
		if _, err := g.Check(ctx, m); err != nil {
			return err
		}
		return invalid("Do: send", "is nil")
	}
	r, err := g.acquire(ctx, m)
	if err != nil {
		return err
	}
	after := g.patientAnew(context.WithoutCancel(ctx))
	returned := false
	defer func() {
		if !returned { // send panics: nobody knows, as after a time-out
			after, stop := context.WithTimeout(after, settleTime)
			defer stop()
			_ = r.Commit(after, Receipt{}) // a failure is noticed, and the slot is held anyway
		}
	}()
	began := g.clock.Now()
	receipt, err := send(ctx)
	returned = true
	after, stop := context.WithTimeout(after, settleTime)
	defer stop()
	if err == nil {
		return r.Commit(after, receipt)
	}
	var refusal *cloudapi.Error
	refused := errors.As(err, &refusal)
	notSent := errors.Is(err, ErrNotSent) || refused && refusal.NotSent()
	if refused {
		// Before the slot comes back, so that whom it wakes is told of this too.
		err = errors.Join(err, g.learn(after, m, refusal, began))
		if notSent {
			g.tallies.countFailed(r.account, refusal.Code, began)
		}
		again, stop := g.rested(after)
		defer stop()
		after = again
	}
	if notSent {
		return errors.Join(err, r.Cancel(after))
	}
	// It may have arrived as late as now, and then counts from now.
	return errors.Join(err, r.Commit(after, Receipt{}))
}

// settleTime is how long a send that is over waits for a store that hangs.
const settleTime = 5 * time.Second

// acquire is Reserve that bears with a rate for a moment.
func (g *Governor) acquire(ctx context.Context, m Message) (*Reservation, error) {
	if err := g.ready(); err != nil {
		return nil, err
	}
	latest := g.clock.Now().Add(g.cfg.RateWait)
	bears := func(d Decision) bool { return d.soon() && !d.RetryAt.After(latest) }
	token := g.newToken()
	own := g.patient(ctx)
	var r ruling
	leave, err := g.attempt(own, &m, token, &r)
	switch {
	case leave != nil, r.Reason == Undecided:
		return leave, err
	case !bears(r.Decision):
		g.forget(ctx, &r.Decision, token)
		return nil, g.deny(own, &r.Decision, err)
	}
	return g.wait(ctx, m, bears)
}

// soon reports whether only a rate stands in the way, which time alone clears.
func (d Decision) soon() bool {
	return d.Reason == NumberRate || d.Reason == PairRate || d.Reason == PlatformBusy
}
