package window

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	// ServicePeriod is how long a customer service window stays open after the
	// customer's last message or call (send-messages page, 2026-09-11).
	ServicePeriod = 24 * time.Hour

	// ServiceMemory is how long a closed customer service window stays known,
	// so that a refusal can say since when it has been closed.
	ServiceMemory = 7 * 24 * time.Hour
)

// sweep is how many customers one call examines at least to forget the long
// gone: more than the one that it may add, so that the sweep overtakes the
// growth.
const sweep = 2

// Service holds, per business phone number and customer, when the customer last
// wrote or called: who has an open customer service window. A message to one
// number opens nothing for another.
//
// The zero Service knows nobody and is ready to use. One call at a time may
// change it: the caller's lock guards it. [Service.Until] needs no lock, beside
// any other call; [Service.Len] and [Service.AppendBinary] change nothing, so
// the lock's read side will do for them. Both strings are kept as given: clone
// one if it is cut out of something large. A Service must not be copied once it
// is in use.
type Service struct {
	shared atomic.Value // *customers: what Until reads

	// The rest is for those who hold the caller's lock.
	size int
	hand uint64 // the hash where the next sweep begins
}

// times of a customer, never if there is none.
type times struct {
	inbound int64 // the last message or call
	maybe   int64 // the last that may have been one
	shut    int64 // the last time the platform said that the window is closed
}

// Open records a message or call of the customer to the number at the
// platform's timestamp. One older than the last known never shortens the
// window, and one that arrives days late opens nothing. A timestamp later than
// now counts as now, so that no error in it holds the window open for longer
// than [ServicePeriod] from now.
func (s *Service) Open(number, customer string, now, at time.Time) {
	s.record(s.customers(), number, customer, times{min(roundDown(at), roundDown(now)), never, never})
	s.tidy(now)
}

// Doubt records something of the customer at the platform's timestamp of which
// nobody can say whether it opened the window, such as a reaction. It opens
// nothing; but until [ServicePeriod] after it a window that would be closed is
// not known to be, so that nobody is refused a reply for it. A timestamp later
// than now counts as now. Doubt reports whether it is news: later than what was
// recorded of the customer before.
func (s *Service) Doubt(number, customer string, now, at time.Time) (news bool) {
	all, maybe := s.customers(), min(roundDown(at), roundDown(now))
	f := all.find(number, customer)
	news = f.slot == nil || f.times().maybe < maybe
	s.record(all, number, customer, times{never, maybe, never})
	s.tidy(now)
	return news
}

// Close records that the platform said the window is closed (error 131047) to a
// request made at the given time: what the customer wrote at or before it no
// longer counts, whenever it becomes known. The platform is believed over what
// was heard from the customer, as it documents that both may disagree "in rare
// cases" (send-messages page, 2026-09-11). A time later than now counts as now.
func (s *Service) Close(number, customer string, now, at time.Time) {
	s.record(s.customers(), number, customer, times{never, never, min(roundDown(at), roundDown(now))})
	s.tidy(now)
}

// Until returns until when the customer may be answered freely: the window is
// open if known and now is before until. For a closed window it is when it
// closed. If known is false nothing is known about this customer at this
// number, or nothing since [ServiceMemory] before now.
//
// Unlike a [Window], a Service goes by the now of each call alone, for after a
// false jump of the clock it must not silence a conversation. A caller that
// decides by it what counts passes the latest now it has seen.
func (s *Service) Until(number, customer string, now time.Time) (until time.Time, known bool) {
	f := s.customers().find(number, customer)
	if f.slot == nil {
		return time.Time{}, false
	}
	if at, all := f.slot.wrote(); all { // as until, of nearly everybody
		end := at + ServicePeriod.Milliseconds()
		if roundDown(now) >= end+ServiceMemory.Milliseconds() {
			return time.Time{}, false
		}
		return instant(end), true
	}
	return f.times().until(now)
}

// until is [Service.Until] of one customer.
func (t times) until(now time.Time) (until time.Time, known bool) {
	if t.gone(roundDown(now)) {
		return time.Time{}, false
	}
	if t.inbound == never && t.shut == never {
		return time.Time{}, false // doubt alone tells nothing
	}
	if t.inbound > t.shut {
		until = instant(t.inbound).Add(ServicePeriod)
		if !now.Before(until) && t.inDoubt(now) {
			return time.Time{}, false
		}
		return until, true
	}
	until = instant(t.shut)
	if end := instant(t.inbound).Add(ServicePeriod); t.inbound != never && end.Before(until) {
		until = end
	}
	if until.After(now) {
		until = now
	}
	if t.inDoubt(now) {
		return time.Time{}, false
	}
	return until, true
}

// Merge makes one customer of the number of two spellings of one person, from
// being given up for into, which takes over the later of what either wrote and
// of what the platform said about either. If nothing is known about from,
// nothing changes. Later calls must say into.
func (s *Service) Merge(number, from, into string) {
	all := s.customers()
	f := all.find(number, from)
	if f.slot == nil {
		return
	}
	// Until must see neither two of the person, nor none.
	all = all.apart(number, from, into)
	f = all.find(number, from)
	t := f.times()
	f.remove()
	s.size--
	s.record(all, number, into, t)
}

// Len returns how many customers are held, each once per number, including
// those past [ServiceMemory] that no sweep has reached yet: every call of Open,
// Doubt and Close examines the next two or more and forgets them if they are,
// so that about half as many calls as there are customers miss nobody; more if
// there have been far more, for the room that they had is kept.
func (s *Service) Len() int { return s.size }

// Format prints the service for every verb without its customers, who are not
// for logs.
func (s Service) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("service(%d customers)", s.size))
}

// customers returns the table to change, nil as long as there is none.
func (s *Service) customers() *customers {
	all, _ := s.shared.Load().(*customers)
	return all
}

// record renews a customer's times in a table, and publishes that.
func (s *Service) record(all *customers, number, customer string, t times) {
	if all == nil {
		all = newCustomers()
	}
	if f := all.find(number, customer); f.slot != nil {
		f.renew(t)
	} else {
		all = all.insert(number, customer, t)
		s.size++
	}
	if all != s.customers() {
		s.shared.Store(all)
	}
}

func (s *Service) tidy(now time.Time) {
	at := roundDown(now)
	s.hand = s.customers().visit(s.hand, sweep, func(f foundCustomer) {
		if t := f.times(); t.gone(at) {
			f.remove()
			s.size--
		}
	})
}

// inDoubt reports whether something since the window was said to be closed may
// have opened it, and it would still be open.
func (t times) inDoubt(now time.Time) bool {
	return t.maybe > t.shut && now.Before(instant(t.maybe).Add(ServicePeriod))
}

// gone reports whether the window has been closed for ServiceMemory, by either
// account.
func (t times) gone(now int64) bool {
	closed := max(t.inbound+ServicePeriod.Milliseconds(), t.maybe+ServicePeriod.Milliseconds(), t.shut)
	return now >= closed+ServiceMemory.Milliseconds()
}
