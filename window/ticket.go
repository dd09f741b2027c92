package window

import (
	"fmt"
	"io"
	"time"
)

// Ticket names one send that [Window.Reserve] has booked, to the window that
// booked it. The zero Ticket names none, and neither does the ticket of another
// window. Tickets can be compared and copied. One that is dropped unsettled
// leaves its send counted until it expires.
type Ticket struct {
	window    *Window
	send      *send
	id        uint64
	at        int64
	recipient string
}

// Commit records that the message went out, at the time the answer came: the
// send's stamp moves forward to at, never back. From then on [Window.Cancel]
// is a no-op, so that it can be deferred, while [Window.Release] still works.
// Committing again moves the stamp again.
//
// A commit may come when the send has expired already. The message went out all
// the same, so the slot is taken again from at on, even past the limit, by the
// spelling that was reserved, unless at too is no longer inside the window. By
// then the window has forgotten whether the ticket had been cancelled or
// released.
//
// Commit reports whether it counts: false for a ticket that was cancelled,
// released or folded into the recipient's stamp, that names none, or whose at
// came too late.
func (w *Window) Commit(t Ticket, now, at time.Time) bool {
	w.advance(now)
	stamp := roundUp(at)
	s := w.find(t)
	if s == nil {
		return w.commitLate(t, stamp)
	}
	h := s.of
	h.list(s).remove(s)
	s.at, s.committed = max(s.at, stamp), true
	h.committed.insert(s)
	w.settle(h)
	return true
}

// Cancel undoes a reservation as if it had never been made: an earlier stamp of
// the same recipient that is still inside the window comes back exactly, and
// other sends to that recipient keep the slot. It reports whether it did. It
// has no effect on a ticket that was committed, cancelled or released, that has
// expired, or that names none.
func (w *Window) Cancel(t Ticket, now time.Time) bool {
	w.advance(now)
	s := w.find(t)
	if s == nil || s.committed {
		return false
	}
	w.undo(s)
	return true
}

// Release gives back, once, what a send has taken that failed, committed or
// not, however often and whenever the platform reports it. The slot stays with
// the recipient while another send still needs it. Release reports whether it
// did anything. It has no effect on a ticket that was cancelled or released,
// that has expired, or that names none, and none on a committed send that a
// later one by four, or a delivery, made beyond recall: that one stays counted.
func (w *Window) Release(t Ticket, now time.Time) bool {
	w.advance(now)
	s := w.find(t)
	if s == nil {
		return false
	}
	w.undo(s)
	return true
}

// Known reports whether the ticket names a send that still counts and could
// still be given back. Whoever keeps tickets can drop one that is not known:
// settling it would change nothing, unless its message turns out to have gone
// out late.
func (w *Window) Known(t Ticket, now time.Time) bool {
	w.advance(now)
	return w.find(t) != nil
}

// Format prints the ticket for every verb without the recipient, which is not
// for logs.
func (t Ticket) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("ticket(%d)", t.id))
}

// Format prints the window for every verb without its recipients, which are not
// for logs.
func (w Window) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("window(%d recipients)", len(w.holders)))
}

// find returns the send that t names, nil once it has expired.
func (w *Window) find(t Ticket) *send {
	if s := w.lookup(t); s != nil && w.live(s.at) {
		return s
	}
	return nil
}

// lookup returns the send that t names if it is still there, maybe expired.
func (w *Window) lookup(t Ticket) *send {
	switch {
	case t.window != w:
		return nil
	case t.send.id == t.id:
		return t.send
	}
	return w.late[t.id]
}

func (w *Window) undo(s *send) {
	h := s.of
	w.forget(s)
	w.settle(h)
}

// commitLate books t anew. Its new send is kept under the ticket's id, as the
// ticket itself points to one that is gone.
func (w *Window) commitLate(t Ticket, stamp int64) bool {
	if t.window != w || w.live(t.at) || !w.live(stamp) {
		return false
	}
	if s := w.lookup(t); s != nil {
		w.forget(s)
	}
	h := w.holders[t.recipient]
	if h == nil {
		h = w.admit(t.recipient)
	}
	s := w.sendPool.get()
	s.id, s.at, s.of, s.committed, s.late = t.id, stamp, h, true, true
	if w.late == nil {
		w.late = make(map[uint64]*send)
	}
	w.late[s.id] = s
	h.committed.insert(s)
	w.settle(h)
	return true
}
