package window

import (
	"fmt"
	"iter"
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
// A recipient is any string but the empty one, which names nobody. It is kept
// as given while it holds a slot: clone it if it is cut out of something large.
//
// The zero Window holds nobody and refuses every reservation; use [New]. A
// Window is not safe for concurrent use, reading methods included: the caller's
// lock guards it. It keeps the memory of its fullest moment for reuse.
type Window struct {
	period int64
	now    int64  // the latest told, rounded down: what has expired by it has
	soon   int64  // the latest told, rounded up: no send is stamped before it
	issued uint64 // the id of the last ticket

	holders map[string]*holder
	order   order
	late    map[uint64]*send

	holderPool pool[holder]
	sendPool   pool[send]
}

// New returns an empty window of the given period, normally [Period], plus a
// margin if one is wanted. The period counts in whole milliseconds, rounded up.
// A period of zero or less is an error.
func New(period time.Duration) (*Window, error) {
	if period <= 0 {
		return nil, fmt.Errorf("window: period: %v, want more than 0", period)
	}
	return &Window{
		period:  wholeMillis(period),
		now:     never,
		soon:    never,
		holders: make(map[string]*holder),
	}, nil
}

// Reserve books the recipient from stamp on if it already holds a slot or if
// fewer than limit recipients do. If it returns false, nothing has changed and
// the ticket is the zero Ticket.
//
// A repeat to a slot holder takes no new slot, passes also at or over the limit,
// and renews the slot: its stamp moves forward, never back. A limit of zero or
// less admits nobody new; [math.MaxInt] admits everybody.
//
// The stamp is normally now, or later for a margin of safety; one before now
// counts as now. Until the ticket is settled by [Window.Commit] or
// [Window.Cancel] the send counts as made, for a request without an answer may
// have been carried out.
func (w *Window) Reserve(recipient string, now, stamp time.Time, limit int) (Ticket, bool) {
	w.advance(now)
	at := max(roundUp(stamp), w.soon)
	if recipient == "" || !w.live(at) {
		return Ticket{}, false
	}
	h := w.holders[recipient]
	if h == nil {
		if len(w.holders) >= limit {
			return Ticket{}, false
		}
		h = w.admit(recipient)
	}
	w.issued++
	s := w.sendPool.get()
	s.id, s.at, s.of = w.issued, at, h
	h.pending.insert(s)
	w.settle(h)
	return Ticket{window: w, send: s, id: s.id, at: at, recipient: recipient}, true
}

// Renew records that a message was delivered to the recipient at stamp, whoever
// sent it. The recipient's stamp moves forward to it, never back; no ticket
// reserved or committed for an earlier stamp can undo that. A recipient without
// a slot takes one, past any limit, as the delivery is a fact. A stamp that is
// no longer inside the window, or an empty recipient, changes nothing. A stamp
// in the future holds the slot until one period after it: the caller vets its
// source.
func (w *Window) Renew(recipient string, now, stamp time.Time) {
	w.advance(now)
	at := roundUp(stamp)
	if recipient == "" || !w.live(at) {
		return
	}
	h := w.holders[recipient]
	if h == nil {
		h = w.admit(recipient)
	}
	h.floor = max(h.floor, at)
	w.settle(h)
}

// Merge makes one recipient of two spellings of one person, from being given up
// for into. They hold one slot with the later stamp of the two, and tickets of
// both keep working. Later calls must say into: the window does not remember
// the alias, and counts from, named again, as somebody else. It counts too many
// then, never too few. If from holds no slot, or either is empty, nothing
// changes.
func (w *Window) Merge(from, into string, now time.Time) {
	w.advance(now)
	f, h := w.holders[from], w.holders[into]
	if f == nil || f == h || into == "" {
		return
	}
	delete(w.holders, from)
	if h == nil {
		f.name = into
		w.holders[into] = f
		return
	}
	for _, l := range []*sends{&f.pending, &f.committed} {
		for s := l.newest; s != nil; s = s.older {
			s.of = h
		}
	}
	h.pending.absorb(&f.pending)
	h.committed.absorb(&f.committed)
	h.floor = max(h.floor, f.floor)
	w.order.remove(f)
	w.holderPool.put(f)
	w.settle(h)
}

// Stamp returns when the recipient's last counted send was, and whether the
// recipient holds a slot at all.
func (w *Window) Stamp(recipient string, now time.Time) (time.Time, bool) {
	w.advance(now)
	h := w.holders[recipient]
	if h == nil {
		return time.Time{}, false
	}
	return instant(h.at), true
}

// Count returns how many recipients hold a slot.
func (w *Window) Count(now time.Time) int {
	w.advance(now)
	return len(w.holders)
}

// NextFree returns when the next slot frees if nothing more is sent, and false
// when none is held. At that very instant it is free.
func (w *Window) NextFree(now time.Time) (time.Time, bool) {
	w.advance(now)
	h := w.order.first()
	if h == nil {
		return time.Time{}, false
	}
	return instant(h.at + w.period), true
}

// FreeAt returns when k of limit slots are free if nothing more is sent: now
// itself if they are already, or if k is zero or less. It returns false if k is
// more than limit, for then they never are.
func (w *Window) FreeAt(now time.Time, limit, k int) (time.Time, bool) {
	w.advance(now)
	if k <= 0 {
		return now, true
	}
	if k > limit {
		return time.Time{}, false
	}
	surplus := len(w.holders) - (limit - k)
	if surplus <= 0 {
		return now, true
	}
	return instant(w.order.nth(surplus-1) + w.period), true
}

// All yields the recipients that hold a slot when the iteration begins, and
// their stamps, oldest first, those of one stamp in no particular order. The
// window may be changed by the loop's body: the iteration then goes on behind
// what it yielded last. Who keeps its slot and stamp is yielded once, who is
// renewed meanwhile may come again with its new stamp, and who loses its slot
// before its turn is left out.
func (w *Window) All(now time.Time) iter.Seq2[string, time.Time] {
	return func(yield func(string, time.Time) bool) {
		w.advance(now)
		w.order.all(func(p place) bool { return yield(p.who.name, instant(p.at)) })
	}
}

// live reports whether a stamp holds a slot. In a zero Window none does.
func (w *Window) live(at int64) bool {
	return w.period > 0 && w.now-at < w.period
}

// advance moves the clock, never back, and drops who lost its slot by that.
func (w *Window) advance(now time.Time) {
	w.now, w.soon = max(w.now, roundDown(now)), max(w.soon, roundUp(now))
	for h := w.order.first(); h != nil && !w.live(h.at); h = w.order.first() {
		w.drop(h)
	}
}

// admit gives the recipient an entry that settle still has to put in order.
func (w *Window) admit(recipient string) *holder {
	h := w.holderPool.get()
	h.name, h.at, h.floor = recipient, never, never
	w.holders[recipient] = h
	return h
}

// settle puts h where it belongs after any change to its floor or sends, and
// forgets what can no longer make a difference.
func (w *Window) settle(h *holder) {
	for s := h.pending.oldest; s != nil && !w.live(s.at); s = h.pending.oldest {
		w.forget(s)
	}
	for h.committed.size > releasable {
		h.floor = max(h.floor, h.committed.oldest.at)
		w.forget(h.committed.oldest)
	}
	for s := h.committed.oldest; s != nil && s.at <= h.floor; s = h.committed.oldest {
		w.forget(s)
	}
	at := h.latest()
	if at == h.at {
		return
	}
	if !w.live(at) {
		w.drop(h)
		return
	}
	if h.at != never {
		w.order.remove(h)
	}
	w.order.add(h, at)
}

// drop takes the slot of h, which has one.
func (w *Window) drop(h *holder) {
	w.order.remove(h)
	for h.pending.oldest != nil {
		w.forget(h.pending.oldest)
	}
	for h.committed.oldest != nil {
		w.forget(h.committed.oldest)
	}
	delete(w.holders, h.name)
	w.holderPool.put(h)
}

// forget takes s out of its list and makes its ticket unknown.
func (w *Window) forget(s *send) {
	s.of.list(s).remove(s)
	if s.late {
		delete(w.late, s.id)
	}
	w.sendPool.put(s)
}
