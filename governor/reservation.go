package governor

import (
	"context"
	"sync"
	"time"

	"github.com/sendgov/sendgov/quality"
)

// A Reservation is leave to send one message. End it with Commit once the
// platform has accepted the message, or with Cancel if it has not left:
//
//	r, err := gov.Reserve(ctx, m)
//	if err != nil {
//		return err
//	}
//	defer r.Cancel(ctx) // does nothing after a Commit, also one that failed
//	id, err := send(m)
//	if err != nil {
//		return err
//	}
//	return r.Commit(ctx, governor.Receipt{MessageID: id})
//
// The deferred Cancel is right only where an error of send means that nothing
// was sent. Where it may have been, leave the reservation as it is: it then
// stays counted. [Governor.Do] gets this right by itself.
//
// A Reservation is safe for concurrent use. It holds nothing that needs
// freeing.
type Reservation struct {
	g                          *Governor
	account, number, recipient string

	// What else the decision says: RetryAt and Detail are for refusals alone. A
	// reservation is all that a send leaves behind on the heap, so it is kept small.
	at          time.Time
	used, limit int
	reason      Reason
	scope       Scope
	kind        Kind
	health      quality.Health
	counted     bool

	ended    ending
	mu       sync.Mutex // guards ended, and makes a second ending wait for the first
	sequence uint64     // of the token, zero: the store knows of nothing
	local    *local     // nil: it was not made on a leased slot
}

func newReservation(g *Governor, r *ruling) *Reservation {
	return &Reservation{
		g: g, account: r.Account, number: r.Number, recipient: r.recipient,
		at: r.At, used: r.Used, limit: r.Limit,
		reason: r.Reason, scope: r.Scope, kind: r.Kind, health: r.Health, counted: r.Counted,
		sequence: r.token.Lo, local: r.local,
	}
}

type ending uint8

const (
	open     ending = iota
	accepted        // by the platform, though the store may not know it yet
	committed
	cancelled
)

// Decision returns why the message may leave and what it takes.
func (r *Reservation) Decision() Decision {
	if r == nil || r.g == nil {
		return Decision{}
	}
	return Decision{
		Allowed: true, Reason: r.reason, Scope: r.scope, At: r.at, Counted: r.counted, Used: r.used, Limit: r.limit,
		Account: r.account, Number: r.number, Kind: r.kind, Health: r.health,
	}
}

// Commit says that the platform has accepted the message. The slot's 24 hours
// then count from the answer, since the platform's begin later than ours. A
// second Commit does nothing; one after Cancel returns [ErrSettled].
//
// An error of the store means that the stamp may still be the earlier one; the
// slot is held all the same, Commit can be called again, and Cancel does
// nothing any more.
func (r *Reservation) Commit(ctx context.Context, receipt Receipt) error {
	if r == nil || r.g == nil {
		return ErrSettled
	}
	ctx, now := r.g.patient(ctx), r.g.clock.Now()
	was, err := r.end(ctx, committed, &receipt, now)
	if was == cancelled {
		return ErrSettled
	}
	return r.told(ctx, now, err)
}

// Cancel says that the message definitely did not leave. What was booked comes
// back exactly as it was, and whoever waits for it is told; what was used of a
// rate does not come back. After a Commit it does nothing, and a second Cancel
// does nothing.
//
// An error of the store means that the slot may still be held; Cancel can be
// called again.
func (r *Reservation) Cancel(ctx context.Context) error {
	if r == nil || r.g == nil {
		return nil
	}
	ctx, now := r.g.patient(ctx), r.g.clock.Now()
	_, err := r.end(ctx, cancelled, &Receipt{}, now)
	return r.told(ctx, now, err)
}

// end ends a reservation that has not ended, and returns how it had.
func (r *Reservation) end(ctx context.Context, how ending, receipt *Receipt, now time.Time) (was ending, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was = r.ended
	if was == committed || was == cancelled || was == accepted && how == cancelled {
		return was, nil
	}
	if how == committed {
		// Whatever the store says: what the platform has must stay counted.
		r.ended = accepted
	}
	if err := r.settle(ctx, how == committed, receipt, now); err != nil {
		return was, err
	}
	r.ended = how
	return was, nil
}

// told reports a fault of the store, now that no lock is held. The message has
// left, so what is left to do may be done here.
func (r *Reservation) told(ctx context.Context, now time.Time, err error) error {
	if r.local != nil {
		r.g.settleLocal(ctx, r.local)
	}
	if r.sequence == 0 || r.local != nil {
		return err // nobody was asked
	}
	if err != nil {
		return r.g.failed(ctx, r.account, now, err)
	}
	r.g.answered(ctx, r.account, now)
	r.g.passBy(ctx, tallyAge, now)
	return nil
}

// settle tells the store how a booking ended, and who waits that there may be
// room.
func (r *Reservation) settle(ctx context.Context, sent bool, receipt *Receipt, now time.Time) error {
	if r.sequence == 0 {
		return nil
	}
	g := r.g
	var s Settlement
	s.Account, s.Token, s.Now = r.account, Token{Hi: g.tokens, Lo: r.sequence}, now
	s.Sent, s.MessageID, s.Recipient = sent, receipt.MessageID, r.recipient
	if sent {
		s.Stamp = g.graced(notAfter(receipt.At, now))
		if receipt.Recipient != "" {
			// A spelling that cannot be read teaches nothing, and the message
			// has been sent all the same.
			if canonical, err := CanonicalRecipient(receipt.Recipient); err == nil {
				s.Canonical = canonical
				s.Confirmed = canonical == r.recipient && isPhoneKey(canonical)
			}
		}
	}
	if r.local != nil {
		r.local.lease.end(r.local, r.number, s, g.cfg.Grace)
		return nil
	}
	if err := g.store.Settle(ctx, s); err != nil {
		return err
	}
	if !sent || s.Canonical != "" && s.Canonical != r.recipient {
		g.lines.room(r.account, now)
	}
	return nil
}
