package governor

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// letThrough notes a message that may leave. It is on its way: the counts are
// handed over by a call that comes later, if one does.
func (g *Governor) letThrough(ctx context.Context, d *Decision) {
	risen := level(0)
	switch d.Kind {
	case Notification:
		risen = g.tallies.countDecision(countNotifications, d, g.leases.of(d.Account).count(d.At))
	case Reply:
		risen = g.tallies.countDecision(countReplies, d, g.leases.of(d.Account).count(d.At))
	}
	if g.notify.observer != nil {
		if g.cfg.ObserveAllowed {
			g.notify.post(ctx, Notice{Kind: NoticeAllowed, At: d.At, Account: d.Account, Number: d.Number, Decision: *d})
		}
		g.risen(ctx, risen, d)
	}
	g.passBy(ctx, 2*tallyAge, d.At)
}

// heldBack notes a refusal that the caller gets to know.
func (g *Governor) heldBack(ctx context.Context, d *Decision) {
	risen := g.tallies.countDecision(countRefused+counter(d.Reason), d, g.leases.of(d.Account).count(d.At))
	now := g.clock.Now()
	if g.notify.observer != nil {
		g.notify.post(ctx, Notice{Kind: NoticeDenied, At: now, Account: d.Account, Number: d.Number, Decision: *d})
		g.risen(ctx, risen, d)
	}
	g.passBy(ctx, tallyAge, now)
}

// A level is how far a limit is used up. The zero level is not far.
type level uint8

// levels are what use reaches, in percent of the limit.
var levels = [...]int64{80, 90, 100}

const (
	// overLimit is the level of more than there may be.
	overLimit = level(len(levels)) + 1
	// easing is by how many percent use falls below a level before it can reach
	// it again.
	easing = 5
)

// rise takes what is used now and returns the level that it has risen to, zero
// if it has not risen.
func (l *level) rise(used, limit int) level {
	if limit <= 0 {
		return 0 // nobody knows
	}
	for *l > 0 && int64(used)*100 < (l.percent()-easing)*int64(limit) {
		*l--
	}
	at := *l
	for at < overLimit && (at+1).reached(used, limit) {
		at++
	}
	if at == *l {
		return 0
	}
	*l = at
	return at
}

func (l level) percent() int64 { return levels[min(int(l), len(levels))-1] }

func (l level) reached(used, limit int) bool {
	if l == overLimit {
		return used > limit
	}
	return int64(used)*100 >= l.percent()*int64(limit)
}

// risen tells that use has risen to a level.
func (g *Governor) risen(ctx context.Context, to level, d *Decision) {
	n := Notice{Kind: NoticeNearLimit, At: d.At, Account: d.Account, Used: d.Used, Limit: d.Limit}
	switch to {
	case 0:
		return
	case overLimit:
		n.Kind, n.To = NoticeDrift, DriftOverLimit
	default:
		n.To = strconv.FormatInt(to.percent(), 10)
	}
	g.notify.post(ctx, n)
}

// lowered tells if a limit that has just come down is less than what is used.
func (g *Governor) lowered(ctx context.Context, account string, was, is *view, now time.Time) {
	if g.notify.observer == nil {
		return
	}
	route, _ := g.listed(account)
	limit := is.profile.limit(&route, &g.cfg)
	if limit >= was.profile.limit(&route, &g.cfg) {
		return
	}
	used, err := g.store.Usage(ctx, UsageAsk{Account: account, Limit: limit.Limit(), Now: now})
	if err != nil {
		_ = g.failed(ctx, account, now, err) // told, and nothing depends on it
		return
	}
	if used.Used > limit.Limit() && g.tallies.reach(account, overLimit) {
		g.notify.post(ctx, Notice{Kind: NoticeDrift, At: now, Account: account, To: DriftLowered, Used: used.Used, Limit: limit.Limit()})
	}
}

// surprised tells if the platform refuses as if the limit were used up while it
// is not.
func (g *Governor) surprised(ctx context.Context, route Route, e SendRefused, now time.Time) {
	if g.notify.observer == nil {
		return
	}
	v, err := g.load(ctx, route.Account, now)
	if err == nil {
		var used Usage
		s := v.sender(route, e.Number)
		limit := s.limit(&g.cfg, now).Limit()
		if used, err = g.store.Usage(ctx, UsageAsk{Account: route.Account, Limit: limit, Now: now}); err == nil && used.Used < limit {
			g.notify.post(ctx, Notice{
				Kind: NoticeDrift, At: notAfter(e.At, now), Account: route.Account, WABA: e.WABA, Number: e.Number,
				From: strconv.Itoa(e.Code), To: DriftRefused, Used: used.Used, Limit: limit,
			})
		}
	}
	if err != nil {
		_ = g.failed(ctx, route.Account, now, err) // told, and nothing depends on it
	}
}

// wished tells of somebody's wish, once.
func (g *Governor) wished(ctx context.Context, mark ConsentMark) {
	if g.notify.observer == nil || strings.HasPrefix(mark.Topic, PairTopic) {
		return
	}
	word := "revoked"
	switch {
	case mark.Granted:
		word = "granted"
	case !mark.Until.IsZero():
		word = "rests"
	}
	if g.tallies.isRepeat("consent", mark.Account, mark.Recipient, mark.Topic, word, mark.At.UTC().Format(time.RFC3339Nano)) {
		return
	}
	g.notify.post(ctx, Notice{Kind: NoticeConsent, At: mark.At, Account: mark.Account, From: mark.Topic, To: word, Until: mark.Until})
}

// countStatus counts what became of a message, once.
func (g *Governor) countStatus(account string, e MessageStatus, now time.Time) {
	if e.Status == Sent || g.tallies.isRepeat("status", e.Number, e.MessageID, strconv.Itoa(int(e.Status))) {
		return
	}
	switch e.Status {
	case Delivered:
		g.tallies.count(account, countDelivered, now)
	case Read:
		g.tallies.count(account, countRead, now)
	case Failed:
		g.tallies.countFailed(account, e.Code, now)
	}
}
