package governor

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// lines are the queues of those who wait, one per account that anybody waits
// for. They do not live with the views, which may be forgotten.
type lines struct {
	waiting atomic.Int64 // spares sends the lock while nobody waits

	// mu guards byAccount and every line's users.
	mu        sync.Mutex
	byAccount map[string]*line
}

// join puts a waiter at its place in the account's line. It is first in turn
// among its rank as of now.
func (ls *lines) join(account string, rank rank, now time.Time) *waiter {
	ls.mu.Lock()
	l := ls.byAccount[account]
	if l == nil {
		if ls.byAccount == nil {
			ls.byAccount = map[string]*line{}
		}
		l = &line{epoch: now}
		ls.byAccount[account] = l
	}
	l.users++
	ls.mu.Unlock()
	ls.waiting.Add(1)
	return l.join(rank, now)
}

func (ls *lines) leave(account string, w *waiter, now time.Time) {
	w.line.leave(w, now)
	ls.waiting.Add(-1)
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if w.line.users--; w.line.users == 0 {
		delete(ls.byAccount, account)
	}
}

// wake tells the account's line that anything may have changed.
func (ls *lines) wake(account string, now time.Time) {
	if l := ls.find(account); l != nil {
		l.wake(now)
	}
}

// room tells the account's line that there may be a slot.
func (ls *lines) room(account string, now time.Time) {
	if l := ls.find(account); l != nil {
		l.room(now)
	}
}

// find returns the account's line, nil if nobody waits there.
func (ls *lines) find(account string) *line {
	if ls.waiting.Load() == 0 {
		return nil
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byAccount[account]
}

// hasReply is whether a reply waits for the account.
func (ls *lines) hasReply(account string) bool {
	l := ls.find(account)
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiters) > 0 && l.waiters[0].rank == rankReply
}

// rank is who goes first: replies and one-time passwords before bulk.
type rank uint8

const (
	rankReply rank = iota
	rankAuthentication
	rankUtility
	rankBulk
)

// rank goes by what the platform said of the template, else by what the caller
// did.
func (g *Governor) rank(ctx context.Context, route Route, m Message) rank {
	if m.Kind != Notification {
		return rankReply
	}
	category := m.Category
	now := g.clock.Now()
	// While the store fails there is nothing to be first at.
	if v, err := g.load(ctx, route.Account, now); err == nil {
		s := v.sender(route, m.From)
		category = s.gate(&m, now).category
	}
	switch category {
	case Authentication:
		return rankAuthentication
	case Utility:
		return rankUtility
	}
	return rankBulk
}

// rule names a refusal that is the same for all who get it: when one of them is
// told anew until when, the others need not ask. So a thousand who wait for one
// number's next token ask twice for each token and not a thousand times. The
// zero rule is everybody's own.
type rule struct {
	reason Reason
	number string
	share  string // of the limit, which other categories may fill more of
}

func (d Decision) rule() rule {
	switch d.Reason {
	case TierLimit:
		return rule{d.Reason, d.Number, d.Detail}
	case NumberRate, PlatformBusy, StoreFailed:
		return rule{d.Reason, d.Number, ""}
	}
	return rule{}
}

// A line lets one waiter at a time ask the store, the first in rank and then
// in order of arrival among those that have reason to ask.
type line struct {
	users int // guarded by lines.mu

	// mu guards what follows. Nothing else is called under it.
	mu      sync.Mutex
	epoch   time.Time
	waiters []*waiter // in order of turn
	asking  *waiter
	told    map[rule]*waiter // who sleeps until the time that a rule named
	news    uint64           // counts what may have made room
}

// A waiter that is due either sleeps no more, for its turn comes when those
// before it have had theirs, or is held back by one that sleeps.
type waiter struct {
	line *line
	rank rank
	turn chan struct{} // holds one: it is this waiter's turn to ask

	// Guarded by line.mu.
	due   time.Time // when there is reason to ask again; zero: there is
	rule  rule      // what refused it last
	asked time.Time // when; zero: not since anything may have changed
	news  uint64    // the news as this waiter began to ask
}

// turnKey marks the context of whoever has the turn.
type turnKey struct{}

func (l *line) join(r rank, now time.Time) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &waiter{line: l, rank: r, turn: make(chan struct{}, 1)}
	at, _ := slices.BinarySearchFunc(l.waiters, r, func(other *waiter, r rank) int {
		if other.rank <= r {
			return -1
		}
		return 1
	})
	l.waiters = slices.Insert(l.waiters, at, w)
	l.pass(now)
	return w
}

func (l *line) leave(w *waiter, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.Index(l.waiters, w); at >= 0 {
		l.waiters = slices.Delete(l.waiters, at, at+1)
	}
	if l.asking == w {
		l.asking = nil
	}
	l.release(w)
	l.pass(now)
}

// pass gives the turn to the first who has reason to ask.
func (l *line) pass(now time.Time) {
	if l.asking != nil {
		return
	}
	for _, w := range l.waiters {
		if w.due.After(now) || l.holds(w, now) {
			continue
		}
		l.release(w)
		l.asking, w.news = w, l.news
		w.turn <- struct{}{}
		return
	}
}

// holds reports whether w has been told what it would be told: by its own rule,
// to somebody else, and not so long ago that w should look for itself.
func (l *line) holds(w *waiter, now time.Time) bool {
	by := l.told[w.rule]
	return by != nil && by != w && by.due.After(now) && now.Sub(w.asked) < nap
}

// release lets those go whom w holds back.
func (l *line) release(w *waiter) {
	if l.told[w.rule] == w {
		delete(l.told, w.rule)
	}
}

// rest ends w's turn without success: it asks again when d says, or at once if
// there was news while it asked.
func (l *line) rest(w *waiter, d Decision, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking = nil
	w.due, w.rule, w.asked = d.RetryAt, d.rule(), now
	if look := l.nextLook(now); w.due.After(look) {
		w.due = look
	}
	by := l.told[w.rule]
	switch {
	case w.news != l.news:
		w.due, w.asked = time.Time{}, time.Time{}
	case w.rule == rule{}:
	case by != nil && by.due.After(now) && !w.due.Before(by.due.Add(-time.Millisecond)):
		w.due = by.due // to the instant, or rank would not matter then
	default:
		if l.told == nil {
			l.told = map[rule]*waiter{}
		}
		l.told[w.rule] = w
	}
	l.pass(now)
}

// nextLook is when all who sleep ask again: at the same instants, a nap apart,
// so that the first in line is the first to find what nobody told of.
func (l *line) nextLook(now time.Time) time.Time {
	if now.Before(l.epoch) {
		l.epoch = now // the clock has jumped back
	}
	return l.epoch.Add(now.Sub(l.epoch).Truncate(nap) + nap)
}

// left is how long w may sleep. When that is nothing, its turn will come: it
// stays due, whatever the clock does.
func (l *line) left(w *waiter, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Nobody sleeps longer than a nap, unless the clock has jumped back.
	if left := w.due.Sub(now); left > 0 && left <= nap {
		return left
	}
	w.due = time.Time{}
	l.pass(now)
	return 0
}

// wake makes everybody ask.
func (l *line) wake(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news++
	for _, w := range l.waiters {
		w.due, w.asked = time.Time{}, time.Time{}
	}
	l.pass(now)
}

// room makes those ask who wait for a slot, until one of them is refused.
func (l *line) room(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news++
	for _, w := range l.waiters {
		if w.rule.reason == TierLimit {
			w.due = time.Time{}
		}
	}
	l.pass(now)
}
