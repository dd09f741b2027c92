package window_test

import (
	"iter"
	"time"
)

// The window as it was before it became a ring: a map of holders, each with lists
// of its sends, on sorted shelves. It is kept as a second opinion that shares no
// structure with the shipped one, see differential_test.go.

const (
	refLatest   = int64(1) << 61
	refEarliest = -refLatest

	// never lies further before earliest than the longest period, so that
	// nothing stamped with it is ever inside the window.
	refNever = refEarliest - 1<<44
)

func refRoundDown(t time.Time) int64 {
	switch sec := t.Unix(); {
	case sec >= refLatest/1000:
		return refLatest
	case sec <= refEarliest/1000:
		return refEarliest
	}
	return t.UnixMilli()
}

func refRoundUp(t time.Time) int64 {
	ms := refRoundDown(t)
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	return ms
}

func refWholeMillis(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d%time.Millisecond != 0 {
		ms++
	}
	return ms
}

func refInstant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

type refWindow struct {
	period int64
	now    int64  // the latest told, rounded down: what has expired by it has
	soon   int64  // the latest told, rounded up: no send is stamped before it
	issued uint64 // the id of the last ticket

	holders  map[string]*refHolder
	refOrder refOrder
	late     map[uint64]*refSend

	holderPool refPool[refHolder]
	sendPool   refPool[refSend]
}

func newReference(period time.Duration) *refWindow {
	return &refWindow{period: refWholeMillis(period), now: refNever, soon: refNever, holders: make(map[string]*refHolder)}
}

func (w *refWindow) Reserve(recipient string, now, stamp time.Time, limit int) (refTicket, bool) {
	w.advance(now)
	at := max(refRoundUp(stamp), w.soon)
	if recipient == "" || !w.live(at) {
		return refTicket{}, false
	}
	h := w.holders[recipient]
	if h == nil {
		if len(w.holders) >= limit {
			return refTicket{}, false
		}
		h = w.admit(recipient)
	}
	w.issued++
	s := w.sendPool.get()
	s.id, s.at, s.of = w.issued, at, h
	h.pending.insert(s)
	w.settle(h)
	return refTicket{window: w, refSend: s, id: s.id, at: at, recipient: recipient}, true
}

func (w *refWindow) Renew(recipient string, now, stamp time.Time) {
	w.advance(now)
	at := refRoundUp(stamp)
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

func (w *refWindow) Merge(from, into string, now time.Time) {
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
	for _, l := range []*refSends{&f.pending, &f.committed} {
		for s := l.newest; s != nil; s = s.older {
			s.of = h
		}
	}
	h.pending.absorb(&f.pending)
	h.committed.absorb(&f.committed)
	h.floor = max(h.floor, f.floor)
	w.refOrder.remove(f)
	w.holderPool.put(f)
	w.settle(h)
}

func (w *refWindow) Stamp(recipient string, now time.Time) (time.Time, bool) {
	w.advance(now)
	h := w.holders[recipient]
	if h == nil {
		return time.Time{}, false
	}
	return refInstant(h.at), true
}

func (w *refWindow) Count(now time.Time) int {
	w.advance(now)
	return len(w.holders)
}

func (w *refWindow) NextFree(now time.Time) (time.Time, bool) {
	w.advance(now)
	h := w.refOrder.first()
	if h == nil {
		return time.Time{}, false
	}
	return refInstant(h.at + w.period), true
}

func (w *refWindow) FreeAt(now time.Time, limit, k int) (time.Time, bool) {
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
	return refInstant(w.refOrder.nth(surplus-1) + w.period), true
}

func (w *refWindow) All(now time.Time) iter.Seq2[string, time.Time] {
	return func(yield func(string, time.Time) bool) {
		w.advance(now)
		w.refOrder.all(func(p refPlace) bool { return yield(p.who.name, refInstant(p.at)) })
	}
}

func (w *refWindow) live(at int64) bool {
	return w.period > 0 && w.now-at < w.period
}

func (w *refWindow) advance(now time.Time) {
	w.now, w.soon = max(w.now, refRoundDown(now)), max(w.soon, refRoundUp(now))
	for h := w.refOrder.first(); h != nil && !w.live(h.at); h = w.refOrder.first() {
		w.drop(h)
	}
}

func (w *refWindow) admit(recipient string) *refHolder {
	h := w.holderPool.get()
	h.name, h.at, h.floor = recipient, refNever, refNever
	w.holders[recipient] = h
	return h
}

func (w *refWindow) settle(h *refHolder) {
	for s := h.pending.oldest; s != nil && !w.live(s.at); s = h.pending.oldest {
		w.forget(s)
	}
	for h.committed.size > refReleasable {
		h.floor = max(h.floor, h.committed.oldest.at)
		w.forget(h.committed.oldest)
	}
	for s := h.committed.oldest; s != nil && s.at <= h.floor; s = h.committed.oldest {
		w.forget(s)
	}
	at := h.refLatest()
	if at == h.at {
		return
	}
	if !w.live(at) {
		w.drop(h)
		return
	}
	if h.at != refNever {
		w.refOrder.remove(h)
	}
	w.refOrder.add(h, at)
}

func (w *refWindow) drop(h *refHolder) {
	w.refOrder.remove(h)
	for h.pending.oldest != nil {
		w.forget(h.pending.oldest)
	}
	for h.committed.oldest != nil {
		w.forget(h.committed.oldest)
	}
	delete(w.holders, h.name)
	w.holderPool.put(h)
}

func (w *refWindow) forget(s *refSend) {
	s.of.list(s).remove(s)
	if s.late {
		delete(w.late, s.id)
	}
	w.sendPool.put(s)
}

type refTicket struct {
	window    *refWindow
	refSend   *refSend
	id        uint64
	at        int64
	recipient string
}

func (w *refWindow) Commit(t refTicket, now, at time.Time) bool {
	w.advance(now)
	stamp := refRoundUp(at)
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

func (w *refWindow) Seal(t refTicket, now, at time.Time) bool {
	if !w.Commit(t, now, at) {
		return false
	}
	if s := w.find(t); s != nil { // unless it is beyond recall already
		s.of.floor = max(s.of.floor, s.at)
		w.settle(s.of)
	}
	return true
}

func (w *refWindow) Cancel(t refTicket, now time.Time) bool {
	w.advance(now)
	s := w.find(t)
	if s == nil || s.committed {
		return false
	}
	w.undo(s)
	return true
}

func (w *refWindow) Release(t refTicket, now time.Time) bool {
	w.advance(now)
	s := w.find(t)
	if s == nil {
		return false
	}
	w.undo(s)
	return true
}

func (w *refWindow) Known(t refTicket, now time.Time) bool {
	w.advance(now)
	return w.find(t) != nil
}

func (w *refWindow) find(t refTicket) *refSend {
	if s := w.lookup(t); s != nil && w.live(s.at) {
		return s
	}
	return nil
}

func (w *refWindow) lookup(t refTicket) *refSend {
	switch {
	case t.window != w:
		return nil
	case t.refSend.id == t.id:
		return t.refSend
	}
	return w.late[t.id]
}

func (w *refWindow) undo(s *refSend) {
	h := s.of
	w.forget(s)
	w.settle(h)
}

func (w *refWindow) commitLate(t refTicket, stamp int64) bool {
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
		w.late = make(map[uint64]*refSend)
	}
	w.late[s.id] = s
	h.committed.insert(s)
	w.settle(h)
	return true
}
