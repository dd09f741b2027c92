package window

import (
	"fmt"
	"hash/maphash"
	"time"
)

// Period is the length of the platform's moving window: a messaging limit is
// "the maximum number of unique WhatsApp user phone numbers your business can
// deliver messages to, outside of a customer service window, within a moving
// 24-hour period" (messaging-limits page, 2026-09-11).
const Period = 24 * time.Hour

// Window is the exact set of recipients that hold a slot: those to whom the
// last counted send is less than one period ago. Exactly one period after it
// the slot is free.
//
// Every method is told the time, now. The window goes by the latest now it has
// ever been told; see the package's section on time.
//
// A recipient is any string but the empty one, which names nobody. One that is
// not a phone number is kept as given while it holds a slot: clone it if it is
// cut out of something large.
//
// The zero Window holds nobody and refuses every reservation; use [New]. A
// Window is not safe for concurrent use, reading methods included: the caller's
// lock guards it. It keeps the memory of its fullest moment for reuse.
type Window struct {
	period int64
	now    int64  // the latest told, rounded down: what has expired by it has
	soon   int64  // the latest told, rounded up: no send is stamped before it
	issued uint64 // the id of the last ticket

	used    int    // slots that are held, some expired that lapse has not counted out
	first   int64  // the stamp of the one that frees next; forever if none is held, never if not known
	changes uint64 // tells an iteration that its position has gone stale

	frees int64 // the stamp of which next is told
	next  time.Time
	told  time.Time // a now that has been told and need not be rounded again

	seed  uint64
	names names
	slab  slab
	index index // of the sends, by recipient
	order order // of the leaves, by time
	head  head

	stale   []uint32 // leaves that expired; stale[cleared:] still have entries
	cleared int

	merged map[uint64]code // whose a send is by now, of tickets that say otherwise
	crowds map[code]*crowd
	spare  *send // linked by older
}

// New returns an empty window of the given period, normally [Period], plus a
// margin if one is wanted. The period counts in whole milliseconds, rounded up.
// A period of zero or less is an error.
func New(period time.Duration) (*Window, error) {
	if period <= 0 {
		return nil, fmt.Errorf("window: period: %v, want more than 0", period)
	}
	w := &Window{}
	w.reset(wholeMillis(period))
	return w, nil
}

// reset makes w an empty window.
func (w *Window) reset(period int64) {
	seed := maphash.MakeSeed()
	*w = Window{
		period: period,
		told:   untold,
		now:    never,
		soon:   never,
		first:  forever,
		frees:  forever,
		seed:   maphash.String(seed, ""),
		names:  names{seed: seed},
		order:  order{second: forever},
		head:   head{leaf: nowhere},
	}
}

// Reserve books the recipient from stamp on if it already holds a slot or if
// fewer than limit recipients do. If it returns false, nothing has changed and
// the ticket is the zero Ticket.
//
// A repeat to a slot holder takes no new slot, passes also at or over the limit,
// and renews the slot: its stamp moves forward, never back. A limit of zero or
// less admits nobody new; [math.MaxInt] admits everybody, up to the four billion
// sends that a window can remember.
//
// The stamp is normally now, or later for a margin of safety; one before now
// counts as now. Until the ticket is settled by [Window.Commit] or
// [Window.Cancel] the send counts as made, for a request without an answer may
// have been carried out.
func (w *Window) Reserve(recipient string, now, stamp time.Time, limit int) (Ticket, bool) {
	w.advance(now)
	at := w.soon
	if stamp != now {
		at = max(roundUp(stamp), at)
	}
	if recipient == "" || !w.live(at) || w.slab.full() {
		return Ticket{}, false
	}
	who := w.names.find(recipient)
	if who == 0 {
		if !w.free(limit) {
			return w.refuse(now)
		}
		who = w.names.add(recipient)
	}
	w.names.keep(who)
	h := mix(who, w.seed)
	p := w.personAt(who, h)
	ok := p.holder != nowhere || w.free(limit)
	if ok {
		w.issued++
		if !w.push(who, h, p, w.issued, at) {
			w.insert(who, p, pending, w.issued, at)
		}
	}
	w.names.drop(who)
	if !ok {
		return w.refuse(now)
	}
	return Ticket{window: w, id: w.issued, at: at, recipient: recipient}, true
}

// refuse notes the time, for whoever is refused asks next when there is room.
func (w *Window) refuse(now time.Time) (Ticket, bool) {
	w.told = now
	return Ticket{}, false
}

// Renew records that a message was delivered to the recipient at stamp, whoever
// sent it. The recipient's stamp moves forward to it, never back; no ticket
// reserved or committed for an earlier stamp can undo that. A recipient without
// a slot takes one, past any limit but the four billion sends that a window can
// remember, as the delivery is a fact. A stamp that is
// no longer inside the window, or an empty recipient, changes nothing. A stamp
// in the future holds the slot until one period after it: the caller vets its
// source.
func (w *Window) Renew(recipient string, now, stamp time.Time) {
	w.advance(now)
	at := roundUp(stamp)
	if recipient == "" || !w.live(at) || w.slab.full() {
		return
	}
	who := w.names.enter(recipient)
	w.renew(who, w.person(who), at)
	w.names.drop(who)
}

func (w *Window) renew(who code, p person, at int64) {
	if c := w.crowd(p, who); c != nil || p.floor == nowhere && p.sends >= mostSends {
		c = w.gather(p, who)
		c.floor = max(c.floor, at)
		w.settle(c, who)
		return
	}
	if p.floor == nowhere {
		w.book(who, p, floor, 0, at)
	} else {
		w.postpone(p.floor, at)
	}
	w.fold(who)
}

// free reports whether fewer than limit slots are held.
func (w *Window) free(limit int) bool {
	if w.used >= limit {
		w.lapse()
	}
	return w.used < limit
}

// live reports whether a stamp holds a slot. In a zero Window none does.
func (w *Window) live(at int64) bool {
	return w.period > 0 && w.now-at < w.period
}

// advance moves the clock, never back. Who expires by that may keep the slot
// until lapse: few calls depend on it, and then it costs less for many at once.
func (w *Window) advance(now time.Time) {
	down, up := roundBoth(now)
	w.now, w.soon = max(w.now, down), max(w.soon, up)
	if w.order.second <= w.now-w.period {
		w.expire()
	}
}

// recount is advance and lapse in one. It is asked again and again at the same
// time, first of all after a refusal.
func (w *Window) recount(now time.Time) {
	if now != w.told {
		down, up := roundBoth(now)
		w.now, w.soon, w.told = max(w.now, down), max(w.soon, up), now
	}
	if w.first <= w.now-w.period { // or is not known
		w.expire()
		w.lapse()
	}
}

// untold is no time that anybody can tell: nobody else has its location.
var untold = time.Time{}.In(new(time.Location))
