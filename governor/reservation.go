package governor

import (
	"context"
	"sync"
	"time"
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
	g      *Governor
	ruling ruling

	// mu guards ended, and makes a second ending wait for the first.
	mu    sync.Mutex
	ended ending
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
	if r == nil {
		return Decision{}
	}
	return r.ruling.Decision
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
	was, err := r.end(ctx, committed, receipt, now)
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
	_, err := r.end(ctx, cancelled, Receipt{}, now)
	return r.told(ctx, now, err)
}

// end ends a reservation that has not ended, and returns how it had.
func (r *Reservation) end(ctx context.Context, how ending, receipt Receipt, now time.Time) (was ending, err error) {
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
	if err := r.g.settle(ctx, &r.ruling, how == committed, &receipt, now); err != nil {
		return was, err
	}
	r.ended = how
	return was, nil
}

// told reports a fault of the store, now that no lock is held. The message has
// left, so what is left to do may be done here.
func (r *Reservation) told(ctx context.Context, now time.Time, err error) error {
	r.g.settleLocal(ctx, r.ruling.local)
	if r.ruling.token == (Token{}) || r.ruling.local != nil {
		return err // nobody was asked
	}
	if err != nil {
		return r.g.failed(ctx, r.ruling.Account, now, err)
	}
	r.g.answered(ctx, r.ruling.Account, now)
	r.g.passBy(ctx, tallyAge, now)
	return nil
}

// settle tells the store how a booking ended, and who waits that there may be
// room.
func (g *Governor) settle(ctx context.Context, b *ruling, sent bool, receipt *Receipt, now time.Time) error {
	if b.token == (Token{}) {
		return nil
	}
	s := Settlement{
		Account:   b.Account,
		Token:     b.token,
		Now:       now,
		Sent:      sent,
		MessageID: receipt.MessageID,
		Recipient: b.recipient,
	}
	if sent {
		s.Stamp = notAfter(receipt.At, now).Add(g.cfg.Grace)
		if receipt.Recipient != "" {
			// A spelling that cannot be read teaches nothing, and the message
			// has been sent all the same.
			if canonical, err := CanonicalRecipient(receipt.Recipient); err == nil {
				s.Canonical = canonical
				s.Confirmed = canonical == b.recipient && isPhoneKey(canonical)
			}
		}
	}
	if b.local != nil {
		b.local.lease.end(b.local, b.Number, s, g.cfg.Grace)
		return nil
	}
	if err := g.store.Settle(ctx, s); err != nil {
		return err
	}
	if !sent || s.Canonical != "" && s.Canonical != b.recipient {
		g.lines.room(b.Account, now)
	}
	return nil
}
