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
func (g *Governor) without(ctx context.Context, route Route, m *Message, b booking, d Decision, token Token, by gate, fault error) (booking, Decision, error) {
	now := d.At
	fault = g.failed(ctx, route.Account, now, fault)
	d = d.storeless(ctx, m, now, by)
	if m.Kind != Notification || d.Reason != StoreFailed || g.leases == nil || ctx.Err() != nil {
		return b, d, fault
	}
	l := g.leases.of(route.Account)
	l.fail()
	v := g.lastView(route.Account)
	switch {
	case l == nil || v == nil:
		d.Detail = localSpent
		return b, d, fault
	case g.cfg.RequireOptIn:
		d.Detail = localOptIn
		return b, d, fault
	case m.Topic != "":
		d.Detail = localTopic
		return b, d, fault
	case by.category != Utility && by.category != Authentication:
		d.Detail = localCategory
		return b, d, fault
	}
	d.Health = by.health
	s := v.sender(route, m.From)
	taken, detail, retry := l.take(drawing{
		recipient: b.recipient, number: m.From, now: now, probe: token == Token{},
		limit:      s.quota(&g.shares, s.limit(&g.cfg, now), by.category, now).room,
		numberRate: numberRate(s.perSecond(now)),
	})
	if detail != "" {
		d.Detail, d.RetryAt = detail, latest(d.RetryAt, retry)
		return b, d, fault
	}
	d.Allowed, d.Counted, d.Reason, d.RetryAt = true, true, LocalBudget, time.Time{}
	if taken != nil {
		b.token, b.local = token, taken
	}
	return b, d, fault
}

// settleLocal looks after the lease of a reservation that has just ended. It
// costs nothing while the store fails: what there is to tell it is told when it
// answers again.
func (g *Governor) settleLocal(ctx context.Context, b *booking) {
	if b.local == nil || b.local.lease.fails() {
		return
	}
	g.attend(ctx, b.local.lease, tending{now: g.clock.Now()}, stepsPerSend)
}

// lastView is what the platform said as far as it is known here, for when the
// store does not tell. Nil: it is not known.
func (g *Governor) lastView(account string) *view {
	if v, ok := g.views.Get(account); ok {
		return v
	}
	return g.leases.of(account).last()
}
