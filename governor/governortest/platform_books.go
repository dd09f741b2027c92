package governortest

import (
	"slices"
	"time"
)

// The platform's numbers, each with the page that has it.
const (
	day       = 24 * time.Hour  // the moving window of the limit, and the customer service window (messaging-limits, send-messages)
	second    = time.Second     // what a throughput is per, and how far a number may be ahead of its pace (throughput)
	pairPace  = 6 * time.Second // one message to the same user per (about-the-platform)
	pairBurst = 45              // ahead of that pace (about-the-platform)

	// tolerance is how much too early a message may be for the two rates: no network is more exact than that.
	tolerance = time.Millisecond
)

// books are what the platform counts with. They are lists that are gone through from end to end, slow and plain, so
// that they can be checked by reading.
type books struct {
	slots   []*slot
	windows []*window
	paces   []*pair // of a number with everybody together
	pairs   []*pair
	most    int // slots held at once in any one portfolio
}

// slot is a person who got a message that counted.
type slot struct {
	portfolio string
	who       person
	last      time.Time
}

// window is a customer who wrote to a number.
type window struct {
	number string
	who    person
	last   time.Time
}

// pair is how far ahead of its pace a number is with a user: debt at the instant at, less from then on.
type pair struct {
	number string
	who    person
	debt   time.Duration
	at     time.Time
}

// used counts the people who got a counted message of a portfolio less than 24 hours ago.
func (b *books) used(portfolio string, now time.Time) int {
	n := 0
	for _, s := range b.slots {
		if s.portfolio == portfolio && now.Sub(s.last) < day {
			n++
		}
	}
	return n
}

// holds reports whether a person is one of them.
func (b *books) holds(portfolio string, who person, now time.Time) bool {
	for _, s := range b.slots {
		if s.portfolio == portfolio && s.who.is(who) && now.Sub(s.last) < day {
			return true
		}
	}
	return false
}

// count books a message that counts. The stamp of a person never goes back.
func (b *books) count(portfolio string, who person, now time.Time) {
	i := slices.IndexFunc(b.slots, func(s *slot) bool { return s.portfolio == portfolio && s.who.is(who) })
	switch {
	case i < 0:
		b.slots = append(b.slots, &slot{portfolio: portfolio, who: who, last: now})
	case now.After(b.slots[i].last):
		b.slots[i].last = now
	}
	b.most = max(b.most, b.used(portfolio, now))
}

// hear books a message from a customer.
func (b *books) hear(number string, who person, now time.Time) {
	for _, w := range b.windows {
		if w.number == number && w.who.is(who) {
			w.last = now
			return
		}
	}
	b.windows = append(b.windows, &window{number: number, who: who, last: now})
}

// inWindow reports whether a customer wrote to a number less than 24 hours ago.
func (b *books) inWindow(number string, who person, now time.Time) bool {
	for _, w := range b.windows {
		if w.number == number && w.who.is(who) && now.Sub(w.last) < day {
			return true
		}
	}
	return false
}

// owing returns how far ahead of its pace a number is with everybody together.
func (b *books) owing(number string, now time.Time) time.Duration {
	for _, p := range b.paces {
		if p.number == number {
			return p.owed(now)
		}
	}
	return 0
}

// arrive books one more message of a number, in or out.
func (b *books) arrive(number string, throughput int, now time.Time) {
	pace := second / time.Duration(throughput)
	for _, p := range b.paces {
		if p.number == number {
			p.debt, p.at = p.owed(now)+pace, now
			return
		}
	}
	b.paces = append(b.paces, &pair{number: number, debt: pace, at: now})
}

// owed returns how far ahead of its pace a number is with a user.
func (b *books) owed(number string, who person, now time.Time) time.Duration {
	for _, p := range b.pairs {
		if p.number == number && p.who.is(who) {
			return p.owed(now)
		}
	}
	return 0
}

func (p *pair) owed(now time.Time) time.Duration {
	if now.Before(p.at) {
		p.at = now // the clock went back, and what is owed went with it
	}
	return max(0, p.debt-now.Sub(p.at))
}

// owe books one more message from a number to a user.
func (b *books) owe(number string, who person, now time.Time) {
	for _, p := range b.pairs {
		if p.number == number && p.who.is(who) {
			p.debt, p.at = p.owed(now)+pairPace, now
			return
		}
	}
	b.pairs = append(b.pairs, &pair{number: number, who: who, debt: pairPace, at: now})
}
