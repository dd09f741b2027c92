package governor

import (
	"context"
	"time"
)

// What keeps a message from the local budget.
const (
	localSpent    = "the local budget is used up or has run out"
	localCategory = "the local budget is for utility and authentication alone"
	localTopic    = "the local budget is not for messages with a topic"
	localRate     = "the local budget is at the number's rate or the recipient's"
	localOptIn    = "the local budget is not for those who must have opted in"
)

// without decides while the store does not answer.
func (g *Governor) without(ctx context.Context, s *sender, m *Message, token Token, r *ruling, by gate, fault error) error {
	now := r.At
	fault = g.failed(ctx, r.Account, now, fault)
	r.storeless(ctx, &by)
	if m.Kind != Notification || r.Reason != StoreFailed || g.leases == nil || ctx.Err() != nil {
		return fault
	}
	l := g.leases.of(r.Account)
	l.fail()
	v := g.lastView(r.Account)
	switch {
	case l == nil || v == nil:
		r.Detail = localSpent
		return fault
	case g.cfg.RequireOptIn:
		r.Detail = localOptIn
		return fault
	case m.Topic != "":
		r.Detail = localTopic
		return fault
	case by.category != Utility && by.category != Authentication:
		r.Detail = localCategory
		return fault
	}
	r.Health = by.health
	s.see(v)
	taken, detail, retry := l.take(drawing{
		recipient: r.recipient, number: m.From, now: now, probe: token == Token{},
		limit:      s.quota(&g.shares, s.limit(&g.cfg, now), by.category, now).room,
		numberRate: numberRate(s.perSecond(now)),
	})
	if detail != "" {
		r.Detail, r.RetryAt = detail, latest(r.RetryAt, retry)
		return fault
	}
	r.Allowed, r.Counted, r.Reason, r.RetryAt = true, true, LocalBudget, time.Time{}
	if taken != nil {
		r.token, r.local = token, taken
	}
	return fault
}

// settleLocal looks after the lease of a reservation that has just ended. It
// costs nothing while the store fails: what there is to tell it is told when it
// answers again.
func (g *Governor) settleLocal(ctx context.Context, l *local) {
	if l.lease.fails() {
		return
	}
	g.attend(ctx, l.lease, tending{now: g.clock.Now()}, stepsPerSend)
}

// lastView is what the platform said as far as it is known here, for when the
// store does not tell. Nil: it is not known.
func (g *Governor) lastView(account string) *view {
	if v := g.views.get(account); v != nil {
		return v
	}
	return g.leases.of(account).last()
}
