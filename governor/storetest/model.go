package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// books is one account as the contract of governor.Store has it, told in the
// plainest way: everything that ever happened is kept, and every question is a
// scan of it. It shares no code and no idea with the stores but the rules, and
// knows times in whole milliseconds only.
type books struct {
	latest time.Time // of what counts
	pace   pace      // of rates

	sends    []*send
	bookings map[governor.Token]*booking
	messages map[string]*message
	sorts    map[string]governor.Sort // of messages without a slot
	early    map[string]bool          // failed before the answer

	names  map[string]string // spellings; ambiguous ones lead nowhere
	heard  []heard
	wishes map[wishKey]*wish

	numbers map[string]*bucket
	pairs   map[[2]string]*bucket

	state   governor.State
	tallies []governor.TallyMark
}

// send is a counted message, or a delivery that was told of.
type send struct {
	who       string
	at        time.Time
	committed bool
	undone    bool
	forGood   bool // a store need not be able to undo it
}

// booking is an admission that has not ended.
type booking struct {
	send        *send // nil: it takes no slot
	number, who string
	reply       bool
	at          time.Time
}

// message is a counted send that has its ID.
type message struct {
	send      *send
	who       string
	delivered bool
}

func newBooks() *books {
	return &books{
		bookings: map[governor.Token]*booking{}, messages: map[string]*message{}, sorts: map[string]governor.Sort{}, early: map[string]bool{},
		names: map[string]string{}, wishes: map[wishKey]*wish{}, numbers: map[string]*bucket{}, pairs: map[[2]string]*bucket{},
	}
}

// tell moves the time, never back, and returns it.
func (b *books) tell(now time.Time) time.Time {
	b.latest = last(b.latest, now)
	return b.latest
}

func last(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

func (b *books) live(at time.Time) bool { return b.latest.Before(at.Add(day)) }

// holders returns the stamp of everybody who holds a slot.
func (b *books) holders() map[string]time.Time {
	held := map[string]time.Time{}
	for _, s := range b.sends {
		if !s.undone && b.live(s.at) {
			held[s.who] = last(held[s.who], s.at)
		}
	}
	return held
}

// book counts a message.
func (b *books) book(who string, stamp time.Time) *send {
	s := &send{who: who, at: last(stamp, b.latest)}
	b.sends = append(b.sends, s)
	return s
}

// commit says that a message was accepted. One whose slot has lapsed meanwhile
// takes it again, if its stamp still counts. One that nothing will name again is
// beyond recall at once.
func (b *books) commit(s *send, stamp time.Time, forGood bool) {
	switch {
	case b.live(s.at):
		s.at = last(s.at, stamp)
	case b.live(stamp):
		s.at, s.undone = stamp, false
	default:
		return
	}
	s.committed, s.forGood = true, forGood
	b.fold(s.who)
}

// renew counts a delivery, whoever sent it.
func (b *books) renew(who string, stamp time.Time) {
	if b.live(stamp) {
		b.sends = append(b.sends, &send{who: who, at: stamp, forGood: true})
		b.fold(who)
	}
}

// fold puts beyond recall all but a person's last four committed messages, and
// those that something beyond recall has caught up with.
func (b *books) fold(who string) {
	var open []*send
	var sure time.Time
	for _, s := range b.sends {
		switch {
		case s.who != who || s.undone || !b.live(s.at):
		case s.forGood:
			sure = last(sure, s.at)
		case s.committed:
			open = append(open, s)
		}
	}
	slices.SortStableFunc(open, func(x, y *send) int { return x.at.Compare(y.at) })
	for i, s := range open {
		if len(open)-i > 4 {
			sure = last(sure, s.at)
		}
		s.forGood = !s.at.After(sure)
	}
}

// freeAt is when k of limit slots are free if nothing more happens, or never.
func (b *books) freeAt(limit, k int) (at time.Time, ever bool) {
	if k > limit {
		return time.Time{}, false
	}
	var ends []time.Time
	for _, stamp := range b.holders() {
		ends = append(ends, stamp.Add(day))
	}
	slices.SortFunc(ends, time.Time.Compare)
	at = b.latest
	for used := len(ends); limit-used < k; used-- {
		at = ends[len(ends)-used]
	}
	return at, true
}

func (b *books) usage(u governor.UsageAsk) governor.Usage {
	b.tell(u.Now)
	answer := governor.Usage{Used: len(b.holders())}
	for _, stamp := range b.holders() {
		if end := stamp.Add(day); answer.NextFree.IsZero() || end.Before(answer.NextFree) {
			answer.NextFree = end
		}
	}
	answer.SlotFree, _ = b.freeAt(u.Limit, max(1, u.Need))
	for i := range min(u.Points, answer.Used) {
		free := answer.Used * (i + 1) / min(u.Points, answer.Used)
		at, _ := b.freeAt(answer.Used, free)
		answer.Curve = append(answer.Curve, governor.Release{At: at, Free: free})
	}
	return answer
}

func (b *books) tally(m governor.TallyMark) {
	b.tell(m.Now)
	b.tallies = append(b.tallies, m)
}

// days adds up the counts; histories are too short for any to be forgotten.
func (b *books) days(now time.Time) []governor.DayTally {
	b.tell(now)
	sums := map[time.Time]*governor.DayTally{}
	for _, m := range b.tallies {
		midnight := m.At.UTC().Truncate(day)
		sum := sums[midnight]
		if sum == nil {
			sum = &governor.DayTally{Day: midnight, Counts: map[string]int64{}}
			sums[midnight] = sum
		}
		sum.Peak = max(sum.Peak, m.Peak)
		for name, n := range m.Counts {
			sum.Counts[name] += n
		}
	}
	var days []governor.DayTally
	for _, sum := range sums {
		days = append(days, *sum)
	}
	slices.SortFunc(days, func(x, y governor.DayTally) int { return x.Day.Compare(y.Day) })
	return days
}

func (b *books) save(next governor.State) (governor.State, bool) {
	if next.Version != b.state.Version {
		return b.state, false
	}
	b.state = governor.State{Version: next.Version + 1, Data: next.Data}
	return b.state, true
}

// canonical follows a spelling to the person it stands for.
func (b *books) canonical(spelling string) string {
	for {
		next := b.names[spelling]
		if next == "" {
			return spelling
		}
		spelling = next
	}
}

// taken says whether a spelling has ever stood for somebody else.
func (b *books) taken(spelling string) bool {
	_, taken := b.names[spelling]
	return taken
}

func (b *books) alias(alias, canonical string, now time.Time) {
	b.tell(now)
	if alias == "" || canonical == "" {
		return
	}
	canonical = b.canonical(canonical)
	switch {
	case b.canonical(alias) == canonical:
		return
	case b.taken(alias):
		b.names[alias] = "" // two people, from now on
		return
	case alias == canonical:
		return
	}
	b.names[alias] = canonical
	for _, s := range b.sends {
		if s.who == alias && b.live(s.at) {
			s.who = canonical
		}
	}
	b.fold(canonical)
	for i := range b.heard {
		if b.heard[i].customer == alias {
			b.heard[i].customer = canonical
		}
	}
	b.mergeWishes(alias, canonical)
	for _, number := range []string{n1, n2} {
		b.mergePairs(number, alias, canonical, b.keepPace(now).at)
	}
}

// wishKey is a person and a topic.
type wishKey struct{ who, topic string }

// topics returns the topics of which a person has said something, in order.
func (b *books) topics(who string) []string {
	var topics []string
	for key := range b.wishes {
		if key.who == who {
			topics = append(topics, key.topic)
		}
	}
	slices.SortFunc(topics, cmp.Compare[string])
	return topics
}
