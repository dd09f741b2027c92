package governor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sendgov/sendgov/tier"
)

const (
	// stepsPerSend is how many calls one send makes to the store for the lease,
	// after its own decision.
	stepsPerSend = 4
	// tendTime bounds how long they take together.
	tendTime = forgetTime
)

// tending is what is known when a lease is looked after.
type tending struct {
	now    time.Time
	number string // that admissions name
	view   *view
	// used and limit are as the store has just said. Without a limit nothing is
	// leased or renewed.
	used, limit int
	// all is whether every free slot goes back.
	all bool
}

// step is one call to the store.
type step struct {
	run  func(ctx context.Context) (Verdict, error)
	done func(v Verdict, err error)
	// uses is by how much it changes how many slots are in use.
	uses int
}

// tend looks after an account's lease, now that the store has answered a send.
func (g *Governor) tend(ctx context.Context, account string, ask tending) {
	l := g.leases.open(account)
	l.answers(ask.view)
	g.attend(ctx, l, ask, stepsPerSend)
}

// attend is work that a send does on the side.
func (g *Governor) attend(ctx context.Context, l *lease, ask tending, most int) {
	s, ok := l.next(g, &ask)
	if !ok {
		return
	}
	ctx, stop := context.WithTimeout(ctx, tendTime)
	defer stop()
	for ok {
		if err := g.make(ctx, l, s, &ask); err != nil || most <= 1 {
			return
		}
		most--
		s, ok = l.next(g, &ask)
	}
}

// make makes one step and returns the store's error.
func (g *Governor) make(ctx context.Context, l *lease, s step, ask *tending) error {
	v, err := s.run(ctx)
	s.done(v, err)
	if err != nil {
		return g.failed(ctx, l.account, ask.now, fmt.Errorf("governor: the leased slots of account %q: %w", l.account, err))
	}
	ask.used += s.uses
	return nil
}

// next finds the most urgent step: first whoever was written to is booked, and
// the slot goes back that stood for them, then leases are renewed and taken.
func (l *lease) next(g *Governor, ask *tending) (step, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.tellLocked(ask.now)
	if now.Before(l.rests) && !ask.all {
		return step{}, false
	}
	if at := slices.IndexFunc(l.owed, func(d debt) bool { return d.slot }); at >= 0 {
		return l.repayLocked(g, at, now), true
	}
	for _, d := range l.draws {
		if len(d.sent) > 0 {
			return l.bookLocked(g, d, now), true
		}
	}
	if len(l.owed) > 0 {
		return l.repayLocked(g, 0, now), true
	}
	if ask.all {
		ask.limit, ask.used = 0, 0
	} else if ask.view == nil {
		return step{}, false
	}
	budget := l.all.budget
	roomy := ask.limit-ask.used > budget
	tight := ask.limit-ask.used < (budget+1)/2
	for i, s := range l.slots {
		if s.draw != nil || s.busy {
			continue
		}
		if ask.all || l.closed || tight {
			l.oweLocked(i)
			return l.repayLocked(g, len(l.owed)-1, now), true
		}
		if s.until.Sub(now) < l.all.term/2 {
			return l.renewLocked(g, s, ask, now), true
		}
	}
	if roomy && !l.closed && len(l.slots)+l.taking < budget {
		return l.leaseLocked(g, ask, now), true
	}
	return step{}, false
}

// bookLocked books one message that went out on a slot for the one who got it.
func (l *lease) bookLocked(g *Governor, d *draw, now time.Time) step {
	p := d.sent[0]
	d.sent = d.sent[1:]
	d.booking++
	end := p.end
	end.Now = now
	mark := DeliveryMark{
		Account: l.account, Number: p.number, MessageID: end.MessageID, Recipient: end.Recipient,
		At: end.Stamp.Add(-g.cfg.Grace), Stamp: end.Stamp, Now: now, Sort: SortNotification,
	}
	if mark.MessageID == "" {
		mark.MessageID = fmt.Sprintf("local.%x.%x", end.Token.Hi, end.Token.Lo)
	}
	run := func(ctx context.Context) (Verdict, error) {
		if end.Canonical != "" {
			mark.Recipient = end.Canonical
			// For what it teaches of spellings; the admission itself is not known.
			if err := g.store.Settle(ctx, end); err != nil {
				return Verdict{}, err
			}
		}
		return Verdict{}, g.store.Delivery(ctx, mark)
	}
	return step{run: run, uses: 1, done: func(_ Verdict, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		d.booking--
		if err != nil {
			d.sent = append(d.sent, p)
			l.failedLocked(now)
			return
		}
		l.finishLocked(d)
	}}
}

// repayLocked takes back an admission.
func (l *lease) repayLocked(g *Governor, at int, now time.Time) step {
	d := l.owed[at]
	l.owed = slices.Delete(l.owed, at, at+1)
	uses := 0
	if d.slot {
		uses = -1
	}
	run := func(ctx context.Context) (Verdict, error) {
		return Verdict{}, g.store.Settle(ctx, Settlement{Account: l.account, Token: d.token, Recipient: d.name, Now: now})
	}
	return step{run: run, uses: uses, done: func(_ Verdict, err error) {
		if err == nil {
			g.lines.room(l.account, now)
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.owed = append(l.owed, d)
		l.failedLocked(now)
	}}
}

// admission is that of a slot: nobody's, at no rate, as of the last instant of
// its use. It leaves as many slots free as the budget has.
func (l *lease) admission(g *Governor, name string, ask *tending, now time.Time) (Admission, time.Time) {
	until := now.Add(l.all.term)
	return Admission{
		Account: l.account, Token: g.newToken(), Version: ask.view.state.Version, Now: now, Stamp: until.Add(leaseMargin + g.cfg.Grace),
		Number: ask.number, Recipient: name, Limit: ask.limit - l.all.budget, HoldersPass: true,
	}, until
}

// leaseLocked takes one slot more.
func (l *lease) leaseLocked(g *Governor, ask *tending, now time.Time) step {
	a, until := l.admission(g, l.all.newName(), ask, now)
	l.taking++
	run := func(ctx context.Context) (Verdict, error) { return g.store.Admit(ctx, a) }
	return step{run: run, uses: 1, done: func(v Verdict, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.taking--
		switch {
		case err != nil: // it may have been booked, and is not to be drawn
			l.owed = append(l.owed, debt{name: a.Recipient, token: a.Token, slot: true, until: until.Add(l.all.held)})
			l.failedLocked(now)
		case v.Outcome == Admitted:
			l.slots = append(l.slots, &slot{name: a.Recipient, token: a.Token, until: until, used: v.Used})
		default:
			l.rests = now.Add(storeRetry) // what refused it will do so again
		}
	}}
}

// renewLocked books a free slot anew for a whole term, under its old name, so
// that it is one slot all the time.
func (l *lease) renewLocked(g *Governor, s *slot, ask *tending, now time.Time) step {
	a, until := l.admission(g, s.name, ask, now)
	s.busy = true
	run := func(ctx context.Context) (Verdict, error) { return g.store.Admit(ctx, a) }
	return step{run: run, done: func(v Verdict, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		s.busy = false
		switch {
		case err != nil:
			l.owed = append(l.owed, debt{name: a.Recipient, token: a.Token, until: until.Add(l.all.held)})
			l.failedLocked(now)
		case v.Outcome == Admitted:
			l.owed = append(l.owed, debt{name: s.name, token: s.token, until: s.until.Add(l.all.held)})
			s.token, s.until, s.used = a.Token, until, v.Used
		default:
			l.rests = now.Add(storeRetry)
		}
	}}
}

// failedLocked leaves the store alone for a while, so that not every send pays
// for its trouble.
func (l *lease) failedLocked(now time.Time) { l.rests = now.Add(storeRetry) }

// mind looks after the account's lease by what the store has said to a send, and
// reports whether the send is to be decided anew, since it was refused for slots
// that the lease has given back.
func (g *Governor) mind(ctx context.Context, s *sender, ask *Admission, said *Verdict, by *gate) (anew bool) {
	if ask.Token == (Token{}) {
		return false // Check changes nothing
	}
	if said.Outcome == OverLimit && !by.shut && g.yield(ctx, ask.Account, said.Used-ask.Limit+1, ask.Now) {
		return true
	}
	limit := 0
	if s.view.profile.cold(ask.Now).IsZero() {
		limit = s.limit(&g.cfg, ask.Now).Limit()
	}
	g.tend(ctx, ask.Account, tending{now: ask.Now, number: ask.Number, view: s.view, used: said.Used, limit: limit})
	return false
}

// spare is how many slots more there would be if the lease gave back its own.
func (g *Governor) spare(ask *Admission) int {
	if ask.Limit <= 0 {
		return 0 // nobody may have any
	}
	return min(g.leases.of(ask.Account).spare(ask.Now), tier.Unlimited.Limit()-ask.Limit)
}

// yield gives back as many slots as a notification lacks, and reports whether
// there is then room for it.
func (g *Governor) yield(ctx context.Context, account string, need int, now time.Time) bool {
	l := g.leases.of(account)
	if l == nil || need > l.spare(now) {
		return false
	}
	ctx, stop := context.WithTimeout(ctx, tendTime)
	defer stop()
	for need > 0 {
		s, ok := l.yieldOne(g, now)
		if !ok {
			return false
		}
		if g.make(ctx, l, s, &tending{now: now}) != nil {
			return false
		}
		need += s.uses
	}
	return true
}

// yieldOne gives back a slot, or first what else still holds one: a renewal
// leaves two admissions until the older is taken back.
func (l *lease) yieldOne(g *Governor, now time.Time) (step, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.tellLocked(now)
	for _, slot := range [...]bool{false, true} {
		for i, d := range l.owed {
			if d.slot == slot && strings.HasPrefix(d.name, leasePrefix) {
				return l.repayLocked(g, i, now), true
			}
		}
	}
	for i, s := range l.slots {
		if s.draw == nil && !s.busy {
			l.oweLocked(i)
			return l.repayLocked(g, len(l.owed)-1, now), true
		}
	}
	return step{}, false
}

// ReturnLeases gives back the slots of Config.LocalBudget that this governor
// holds, once whoever was written to on one is booked, and has it lease no more:
// call it before the program ends. A slot stays taken whose reservation is still
// open. Without it nothing is lost but capacity: the slots lapse a day and
// Config.LeaseTime after they were leased.
//
// The error joins the store's for each account; call it again then.
func (g *Governor) ReturnLeases(ctx context.Context) error {
	if err := g.ready(); err != nil {
		return err
	}
	if g.leases == nil {
		return nil
	}
	ctx = g.patient(ctx)
	g.leases.mu.Lock()
	g.leases.closed = true
	all := make([]*lease, 0, len(g.leases.byAccount))
	for _, l := range g.leases.byAccount {
		all = append(all, l)
	}
	g.leases.mu.Unlock()
	var faults []error
	for _, l := range all {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		ask := tending{now: g.clock.Now(), all: true}
		for {
			if err := ctx.Err(); err != nil {
				return errors.Join(append(faults, err)...)
			}
			s, ok := l.next(g, &ask)
			if !ok {
				break
			}
			if err := g.make(ctx, l, s, &ask); err != nil {
				faults = append(faults, err)
				break
			}
		}
	}
	return errors.Join(faults...)
}
