package window

import (
	"fmt"
	"io"
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

// sweep is how many customers one call examines to forget the long gone: more
// than the one that it may add, so that the sweep overtakes the growth.
const sweep = 2

// Service holds, per business phone number and customer, when the customer last
// wrote or called: who has an open customer service window. A message to one
// number opens nothing for another.
//
// The zero Service knows nobody and is ready to use. It is not safe for
// concurrent use: the caller's lock guards it. [Service.Until] and
// [Service.Len] change nothing, so its read side will do for them. Both strings
// are kept as given: clone one if it is cut out of something large.
type Service struct {
	index     map[pair]int // into customers
	customers []customer
	hand      int // where the next sweep begins
}

type pair struct{ number, customer string }

type customer struct {
	pair
	customerTimes
}

type customerTimes struct {
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
	s.record(pair{number, customer}, customerTimes{min(roundDown(at), roundDown(now)), never, never})
	s.tidy(now)
}

// Doubt records something of the customer at the platform's timestamp of which
// nobody can say whether it opened the window, such as a reaction. It opens
// nothing; but until [ServicePeriod] after it a window that would be closed is
// not known to be, so that nobody is refused a reply for it. A timestamp later
// than now counts as now. Doubt reports whether it is news: later than what was
// recorded of the customer before.
func (s *Service) Doubt(number, customer string, now, at time.Time) (news bool) {
	p, maybe := pair{number, customer}, min(roundDown(at), roundDown(now))
	i, known := s.index[p]
	news = !known || s.customers[i].maybe < maybe
	s.record(p, customerTimes{never, maybe, never})
	s.tidy(now)
	return news
}

// Close records that the platform said the window is closed (error 131047) to a
// request made at the given time: what the customer wrote at or before it no
// longer counts, whenever it becomes known. The platform is believed over what
// was heard from the customer, as it documents that both may disagree "in rare
// cases" (send-messages page, 2026-09-11). A time later than now counts as now.
func (s *Service) Close(number, customer string, now, at time.Time) {
	s.record(pair{number, customer}, customerTimes{never, never, min(roundDown(at), roundDown(now))})
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
	i, ok := s.index[pair{number, customer}]
	if !ok || s.customers[i].gone(now) {
		return time.Time{}, false
	}
	c := s.customers[i]
	if c.inbound == never && c.shut == never {
		return time.Time{}, false // doubt alone tells nothing
	}
	if c.inbound > c.shut {
		until = instant(c.inbound).Add(ServicePeriod)
		if !now.Before(until) && c.inDoubt(now) {
			return time.Time{}, false
		}
		return until, true
	}
	until = instant(c.shut)
	if end := instant(c.inbound).Add(ServicePeriod); c.inbound != never && end.Before(until) {
		until = end
	}
	if until.After(now) {
		until = now
	}
	if c.inDoubt(now) {
		return time.Time{}, false
	}
	return until, true
}

// Merge makes one customer of the number of two spellings of one person, from
// being given up for into, which takes over the later of what either wrote and
// of what the platform said about either. If nothing is known about from,
// nothing changes. Later calls must say into.
func (s *Service) Merge(number, from, into string) {
	i, ok := s.index[pair{number, from}]
	if !ok {
		return
	}
	c := s.customers[i]
	s.remove(i)
	s.record(pair{number, into}, c.customerTimes)
}

// Len returns how many customers are held, each once per number, including
// those past [ServiceMemory] that no sweep has reached yet: every call of Open
// and Close examines two and forgets them if they are.
func (s *Service) Len() int { return len(s.customers) }

// Format prints the service for every verb without its customers, who are not
// for logs.
func (s Service) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("service(%d customers)", len(s.customers)))
}

func (s *Service) record(p pair, t customerTimes) {
	i, ok := s.index[p]
	if !ok {
		if s.index == nil {
			s.index = make(map[pair]int)
		}
		i = len(s.customers)
		s.index[p] = i
		s.customers = append(s.customers, customer{p, customerTimes{never, never, never}})
	}
	c := &s.customers[i]
	c.inbound, c.maybe, c.shut = max(c.inbound, t.inbound), max(c.maybe, t.maybe), max(c.shut, t.shut)
}

func (s *Service) tidy(now time.Time) {
	for range sweep {
		if s.hand >= len(s.customers) {
			s.hand = 0
		}
		switch {
		case len(s.customers) == 0:
			return
		case s.customers[s.hand].gone(now):
			s.remove(s.hand)
		default:
			s.hand++
		}
	}
}

// remove fills the gap with the last customer.
func (s *Service) remove(i int) {
	n := len(s.customers) - 1
	delete(s.index, s.customers[i].pair)
	if i < n {
		s.customers[i] = s.customers[n]
		s.index[s.customers[i].pair] = i
	}
	s.customers[n] = customer{}
	s.customers = s.customers[:n]
}

// inDoubt reports whether something since the window was said to be closed may
// have opened it, and it would still be open.
func (c *customer) inDoubt(now time.Time) bool {
	return c.maybe > c.shut && now.Before(instant(c.maybe).Add(ServicePeriod))
}

// gone reports whether the window has been closed for ServiceMemory, by either
// account.
func (c *customer) gone(now time.Time) bool {
	closed := max(c.inbound+ServicePeriod.Milliseconds(), c.maybe+ServicePeriod.Milliseconds(), c.shut)
	return roundDown(now) >= closed+ServiceMemory.Milliseconds()
}
