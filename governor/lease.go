package governor

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// leasePrefix begins what leased slots are booked under. No recipient begins so:
// see TestNobodyIsALease.
const leasePrefix = "lease:"

// leaseMargin is how far another replica's clock may be ahead of this one's
// without a slot lapsing before whoever was written to on it does.
const leaseMargin = 5 * time.Minute

// leases are the slots that this governor has set aside for when its store does
// not answer, by account. Each is admitted as if it were one more recipient,
// with the last instant of its use, and a margin, as its stamp: so all who share
// the store count it until a day after that, and whoever is written to on it is
// covered.
type leases struct {
	budget int
	term   time.Duration
	held   time.Duration // from the last instant of use until a slot lapses
	name   string        // begins every lease of this governor
	issued atomic.Uint64

	// mu guards what follows.
	mu        sync.Mutex
	byAccount map[string]*lease
	closed    bool
}

func newLeases(cfg *Config, seed []byte) *leases {
	if cfg.LocalBudget == 0 {
		return nil
	}
	return &leases{
		budget: cfg.LocalBudget, term: cfg.LeaseTime, held: 24*time.Hour + cfg.Grace + leaseMargin,
		name: leasePrefix + hex.EncodeToString(seed) + ":", byAccount: map[string]*lease{},
	}
}

// of returns the account's lease, nil if the governor has none.
func (ls *leases) of(account string) *lease {
	if ls == nil {
		return nil
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byAccount[account]
}

// open returns the account's lease, new if there is none.
func (ls *leases) open(account string) *lease {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.byAccount[account]
	if l == nil {
		l = &lease{all: ls, account: account, closed: ls.closed, drawn: map[string]*draw{}, rates: map[string]*pail{}}
		ls.byAccount[account] = l
	}
	return l
}

// newName is nobody's yet.
func (ls *leases) newName() string {
	return ls.name + strconv.FormatUint(ls.issued.Add(1), 10)
}

// A lease is what is set aside of one account, and who was written to on it.
// Real recipients and slots that may be drawn are never more than the limit: a
// slot is drawn once, and goes back only when its recipient is booked.
type lease struct {
	all     *leases
	account string

	// mu guards what follows. Neither the store nor anybody's code runs under it.
	mu      sync.Mutex
	closed  bool
	failing bool      // the store has not answered since it last failed
	now     time.Time // the latest told: a clock that jumps back lengthens nothing
	rests   time.Time // until when the store is left alone, after it failed a step
	view    *view     // what the platform had said when the store last answered
	slots   []*slot
	taking  int // slots that the store is just being asked for
	owed    []debt
	draws   []*draw
	drawn   map[string]*draw // the latest of each recipient
	rates   map[string]*pail // by number
}

// slot is one that the store has confirmed.
type slot struct {
	name  string
	token Token     // of its admission
	until time.Time // the last instant at which it may be drawn
	used  int       // how many were in use then
	draw  *draw     // nil: it is free
	busy  bool      // it is just being renewed
}

// debt is an admission to be taken back: of a slot that is not needed any more,
// of one that was renewed since, or one whose answer was lost.
type debt struct {
	name  string
	token Token
	slot  bool
	until time.Time // when it has lapsed by itself
}

// draw is one recipient who was written to on one slot.
type draw struct {
	recipient string
	slot      *slot
	open      int      // reservations that have not ended
	sent      []parcel // what went out and is not booked yet
	booking   int      // what is just being booked
	spent     bool     // something went out
	pair      pail
}

// parcel is a message that went out on a slot.
type parcel struct {
	number string
	end    Settlement
}

// local is what a reservation on a leased slot knows of it.
type local struct {
	lease *lease
	draw  *draw
	at    time.Time // when it was drawn
}

// drawing asks for a slot.
type drawing struct {
	recipient, number string
	now               time.Time
	limit             int
	numberRate        Rate
	probe             bool
}

// take draws a slot for a recipient, or tells what is in the way and perhaps
// until when. A probe takes nothing.
func (l *lease) take(ask drawing) (taken *local, fault string, retry time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.tellLocked(ask.now)
	own, pair := l.rates[ask.number], pail{}
	if own == nil {
		own = &pail{}
	}
	d := l.drawn[ask.recipient]
	if d != nil {
		pair = d.pair
	}
	var s *slot
	if d == nil || now.After(d.slot.until) {
		if s = l.freeLocked(now, ask.limit); s == nil {
			return nil, localSpent, time.Time{}
		}
	}
	if wait := max(own.wait(ask.numberRate, now), pair.wait(pairRate, now)); wait > 0 {
		return nil, localRate, now.Add(wait)
	}
	if ask.probe {
		return nil, "", time.Time{}
	}
	if s != nil {
		d = &draw{recipient: ask.recipient, slot: s, pair: pair}
		s.draw = d
		l.draws = append(l.draws, d)
		l.drawn[ask.recipient] = d
	}
	d.open++
	own.take(ask.numberRate, now)
	d.pair.take(pairRate, now)
	l.rates[ask.number] = own
	return &local{lease: l, draw: d, at: now}, "", time.Time{}
}

// freeLocked is the slot that may be drawn for longest.
func (l *lease) freeLocked(now time.Time, limit int) *slot {
	var best *slot
	for _, s := range l.slots {
		if s.draw == nil && !now.After(s.until) && s.used <= limit && (best == nil || s.until.After(best.until)) {
			best = s
		}
	}
	return best
}

// end notes how a reservation on a slot ended.
func (l *lease) end(of *local, number string, end Settlement, grace time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellLocked(end.Now)
	d := of.draw
	d.open--
	if end.Sent {
		// Never before it was decided, whatever the clock has done since.
		end.Stamp = latest(end.Stamp, of.at.Add(grace))
		d.spent = true
		d.sent = append(d.sent, parcel{number: number, end: end})
		if !slices.Contains(l.draws, d) {
			l.draws = append(l.draws, d) // it had lapsed
		}
	} else {
		// Before it failed, the store may have booked the message itself.
		l.owed = append(l.owed, debt{name: d.recipient, token: end.Token, until: l.now.Add(l.all.held)})
	}
	l.finishLocked(d)
}

// void forgets every slot, since the store has. Who was written to is booked
// all the same.
func (l *lease) void() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slots, l.owed = nil, nil
}

// finishLocked gives up a draw of which nothing is left to do: its slot is owed
// when its recipient has been booked, and free when nothing went out.
func (l *lease) finishLocked(d *draw) {
	if d.open > 0 || d.booking > 0 || len(d.sent) > 0 {
		return
	}
	l.dropLocked(d)
	if at := slices.Index(l.slots, d.slot); at >= 0 {
		d.slot.draw = nil
		if d.spent {
			l.oweLocked(at)
		}
	}
}

func (l *lease) dropLocked(d *draw) {
	l.draws = slices.DeleteFunc(l.draws, func(other *draw) bool { return other == d })
	if l.drawn[d.recipient] == d {
		delete(l.drawn, d.recipient)
	}
}

// oweLocked takes a slot out of use, to be given back.
func (l *lease) oweLocked(at int) {
	s := l.slots[at]
	l.slots = slices.Delete(l.slots, at, at+1)
	l.owed = append(l.owed, debt{name: s.name, token: s.token, slot: true, until: s.until.Add(l.all.held)})
}

// tellLocked moves the lease's clock, never back, and forgets what has lapsed.
func (l *lease) tellLocked(now time.Time) time.Time {
	if !now.After(l.now) {
		return l.now
	}
	l.now = now
	for i := len(l.slots) - 1; i >= 0; i-- {
		s := l.slots[i]
		if now.Before(s.until.Add(l.all.held)) || s.busy {
			continue
		}
		l.slots = slices.Delete(l.slots, i, i+1)
		if d := s.draw; d != nil && len(d.sent) == 0 && d.booking == 0 {
			l.dropLocked(d)
		}
	}
	l.owed = slices.DeleteFunc(l.owed, func(d debt) bool { return !now.Before(d.until) })
	return now
}

// count is how many slots the store counts for this lease.
func (l *lease) count(now time.Time) int {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellLocked(now)
	return len(l.slots) + l.owedSlotsLocked()
}

// lapses is when each of the slots does that could be given back at once.
func (l *lease) lapses(now time.Time) []time.Time {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellLocked(now)
	var all []time.Time
	for _, d := range l.owed {
		if d.slot {
			all = append(all, d.until)
		}
	}
	for _, s := range l.slots {
		if s.draw == nil && !s.busy {
			all = append(all, s.until.Add(l.all.held))
		}
	}
	return all
}

// spare is how many slots could be given back at once.
func (l *lease) spare(now time.Time) int {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellLocked(now)
	n := l.owedSlotsLocked()
	for _, s := range l.slots {
		if s.draw == nil && !s.busy {
			n++
		}
	}
	return n
}

func (l *lease) owedSlotsLocked() int {
	n := 0
	for _, d := range l.owed {
		if d.slot {
			n++
		}
	}
	return n
}

// last is what the platform had said when the store last answered, nil if that
// is not known.
func (l *lease) last() *view {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.view
}

// fail notes that the store does not answer.
func (l *lease) fail() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing = true
}

// fails is whether the store has not answered since it last failed.
func (l *lease) fails() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failing
}

// answers notes that the store does, and by which view.
func (l *lease) answers(v *view) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing, l.view = false, v
}

// pail is a token bucket of whole nanoseconds, told by what it lacks. The zero
// pail is full.
type pail struct {
	at   time.Time
	debt time.Duration
}

// wait is how long until there is a token.
func (p *pail) wait(rate Rate, now time.Time) time.Duration {
	if rate.Every <= 0 {
		return 0
	}
	return max(0, p.left(now)+rate.Every-time.Duration(rate.Burst)*rate.Every)
}

func (p *pail) take(rate Rate, now time.Time) {
	if rate.Every > 0 {
		p.at, p.debt = now, min(p.left(now), math.MaxInt64-rate.Every)+rate.Every
	}
}

func (p *pail) left(now time.Time) time.Duration { return max(0, p.debt-max(0, now.Sub(p.at))) }
