package window

import (
	"encoding/binary"
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
// came too late, and where the window can remember no more sends.
func (w *Window) Commit(t Ticket, now, at time.Time) bool { return w.sent(t, now, at, committed) }

// Seal is [Window.Commit] for a message that nothing will ever be known of again,
// so that nothing can ask for its slot back: as if it had been delivered at its
// stamp, [Window.Release] has no effect on it any more. That takes less memory
// and time, for of a recipient's sealed sends only the latest is remembered.
func (w *Window) Seal(t Ticket, now, at time.Time) bool { return w.sent(t, now, at, floor) }

// sent records that the message went out, as one that can be given back or not.
func (w *Window) sent(t Ticket, now, at time.Time, st state) bool {
	w.advance(now)
	stamp := roundUp(at)
	others := unfolded
	f := w.find(t, &others)
	switch {
	case f.who == 0:
		return w.commitLate(t, stamp, st)
	case f.send != nil:
		c := w.crowds[f.who]
		c.end(f.send, max(f.send.at, stamp))
		if st == floor {
			c.floor = max(c.floor, f.send.at)
			w.drop(c, f.send)
		}
		w.settle(c, f.who)
		return true
	case st == floor:
		w.unmerge(t.id)
		w.slab.entry(f.position).seal(floor)
	default:
		w.slab.entry(f.position).commit()
	}
	if !w.postpone(f.position, stamp) {
		w.fold(f.who)
		return true
	}
	s := placed{f.position, w.slab.stamp(f.position)}
	if st == floor {
		others.seal(s)
	} else {
		others.commit(s)
	}
	if !w.foldBy(&others) {
		w.fold(f.who)
	}
	return true
}

// Cancel undoes a reservation as if it had never been made: an earlier stamp of
// the same recipient that is still inside the window comes back exactly, and
// other sends to that recipient keep the slot. It reports whether it did. It
// has no effect on a ticket that was committed, cancelled or released, that has
// expired, or that names none.
func (w *Window) Cancel(t Ticket, now time.Time) bool {
	w.advance(now)
	f := w.find(t, nil)
	if f.who == 0 || f.committed {
		return false
	}
	w.takeBack(f)
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
	f := w.find(t, nil)
	if f.who == 0 {
		return false
	}
	w.takeBack(f)
	return true
}

// Known reports whether the ticket names a send that still counts and could
// still be given back. Whoever keeps tickets can drop one that is not known:
// settling it would change nothing, unless its message turns out to have gone
// out late.
func (w *Window) Known(t Ticket, now time.Time) bool {
	w.advance(now)
	return w.find(t, nil).who != 0
}

// AppendBinary appends the ticket to b, for [Window.UnmarshalTicket]. It holds
// the recipient, and does not say where it ends: the caller keeps its length.
// The error is always nil.
func (t Ticket) AppendBinary(b []byte) ([]byte, error) {
	if t.window == nil {
		return append(b, noTicket), nil
	}
	b = append(b, ticketVersion)
	b = binary.AppendUvarint(b, t.id)
	b = binary.AppendVarint(b, t.at)
	return append(b, t.recipient...), nil
}

// UnmarshalTicket returns a ticket that [Ticket.AppendBinary] has written, as
// one of this window: the one that issued it, or one that has taken over its
// snapshot. The two compare equal. The zero Ticket comes back as such. An error
// wraps [ErrCorrupt].
func (w *Window) UnmarshalTicket(data []byte) (Ticket, error) {
	r := &reader{data: data}
	switch r.byte("ticket") {
	case noTicket:
		return Ticket{}, r.end()
	case ticketVersion:
	default:
		r.fail("version")
	}
	t := Ticket{window: w, id: r.uvarint("ticket"), at: r.stamp(0, "stamp"), recipient: string(r.data)}
	if r.err == nil && (t.id == 0 || t.id > w.issued || t.recipient == "") {
		r.fail("ticket")
	}
	if r.err != nil {
		return Ticket{}, r.err
	}
	return t, nil
}

const (
	noTicket      = 0
	ticketVersion = 1
)

// Format prints the ticket for every verb without the recipient, which is not
// for logs.
func (t Ticket) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("ticket(%d)", t.id))
}

// Format prints the window for every verb without its recipients, which are not
// for logs. Their number may include some whose time was up when the window was
// last told the time.
func (w Window) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("window(%d recipients)", w.used))
}

// found is a live send that a ticket names: one of the ring's, or of a crowd.
type found struct {
	who       code // zero: there is none
	position  uint32
	send      *send
	committed bool
}

// find returns the send that t names while it is live. Into others, if that is
// not nil, go the ring's other sends to the recipient.
func (w *Window) find(t Ticket, others *folding) found {
	if t.window != w {
		return found{}
	}
	who, merged := code(0), false
	if len(w.merged) > 0 {
		who, merged = w.merged[t.id]
	}
	if !merged {
		who = w.names.find(t.recipient)
	}
	if who == 0 {
		return found{}
	}
	var f found
	for c := w.index.search(mix(who, w.seed)); ; c = c.onward() {
		for ; c.hits != 0; c.hits &= c.hits - 1 {
			position := c.position()
			b := &w.slab.blocks[position/blockSize]
			e, l := &b.entries[position%blockSize], &b.leaves[position%blockSize/leafSize]
			at := l.from + int64(e.at)
			switch st := e.state(); {
			case e.who() != who:
			case st == crowded:
				if s := w.crowds[who].tickets[t.id]; s != nil && w.live(s.at) {
					return found{who: who, position: position, send: s, committed: s.committed}
				}
			case !w.live(at):
			case st != floor && l.id(e, position) == t.id:
				f = found{who: who, position: position, committed: st == committed}
				if others == nil {
					return f
				}
			case others == nil || st == pending:
			case st == floor:
				others.seal(placed{position, at})
			default:
				others.commit(placed{position, at})
			}
		}
		if c.last() {
			return f
		}
	}
}

func (w *Window) takeBack(f found) {
	if f.send == nil {
		w.undo(f.position)
		return
	}
	c := w.crowds[f.who]
	w.drop(c, f.send)
	w.settle(c, f.who)
}

// commitLate books t anew, by the spelling that was reserved.
func (w *Window) commitLate(t Ticket, stamp int64, st state) bool {
	if t.window != w || w.live(t.at) || !w.live(stamp) || w.slab.full() {
		return false
	}
	if old := w.merged[t.id]; old != 0 {
		w.bury(old, t.id)
	}
	w.unmerge(t.id)
	who := w.names.enter(t.recipient)
	w.bury(who, t.id)
	w.put(who, st, t.id, stamp)
	w.names.drop(who)
	return true
}

// bury clears an expired send away at once, as its id is to be used again.
func (w *Window) bury(who code, id uint64) {
	p := w.person(who) // which clears all of the ring's
	if c := w.crowd(p, who); c != nil && c.tickets[id] != nil {
		w.drop(c, c.tickets[id])
	}
}
