package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// The instants of stories in which a clock goes back.
const (
	noon  = time.Duration(0)
	later = 10 * time.Minute // when every bucket of noon's is full again
	early = -time.Hour       // what the clock goes back to
)

// twice is the rate that the stories go by.
var twice = governor.Rate{Every: time.Minute, Burst: 2}

// told is one step of such a story.
type told struct {
	at time.Duration
	do func(l *ledger, why string)
	is string
}

func story(steps ...told) func(l *ledger) {
	return func(l *ledger) {
		for _, s := range steps {
			l.at(s.at)
			s.do(l, s.is)
		}
	}
}

// uses up what alice has, which are so many.
func uses(up int, own, pair governor.Rate) func(l *ledger, why string) {
	return func(l *ledger, why string) {
		l.t.Helper()
		l.passes(up, n1, alice, own, pair, why)
	}
}

// waits says that she is refused until then.
func waits(until time.Duration, own, pair governor.Rate) func(l *ledger, why string) {
	return func(l *ledger, why string) {
		l.t.Helper()
		passed, v := l.burst(n1, alice, own, pair)
		assert.Zero(l.t, passed, why)
		assert.Equal(l.t, t0.Add(until), v.RetryAt, why)
	}
}

// others are so many to whom the number sends.
func others(n int) func(l *ledger, why string) {
	return func(l *ledger, why string) {
		l.t.Helper()
		for i := range n {
			a := l.reply(n1, person(i))
			a.PairRate = twice
			require.Equal(l.t, governor.Admitted, l.admit(a).Outcome, why)
		}
	}
}

// asks is a question that uses nothing.
func asks(own, pair governor.Rate) func(l *ledger, why string) {
	return func(l *ledger, why string) {
		l.t.Helper()
		a := l.probe(n1, alice)
		a.NumberRate, a.PairRate, a.Kind = own, pair, governor.Reply
		assert.NotEqual(l.t, governor.Stale, l.admit(a).Outcome, why)
	}
}

// hears is an inbound that no rate counts.
func hears(l *ledger, _ string) {
	l.t.Helper()
	l.inbound(n1, bob)
}

// paceTests are of the time that rates go by, where a clock does not.
var paceTests = []test{
	{name: "a pair's bucket that has been full is full wherever the clock goes", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{later, others(1), "it is full again"},
		told{early, uses(2, none, twice), "and stays so"},
	)},
	{name: "a pair's bucket that has been full is full whoever else has been sent to", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{later, others(70), "it is full again, and may have been forgotten"},
		told{early, uses(2, none, twice), "which makes no difference"},
	)},
	{name: "a pair's bucket that has been full is of no rate any more", run: story(
		told{noon, uses(1, none, governor.Rate{Every: time.Minute, Burst: 1}), "a small one"},
		told{later, uses(2, none, twice), "it is full, of whatever rate"},
	)},
	{name: "a pair's bucket is of no rate any more as soon as it is full", run: story(
		told{noon, func(l *ledger, why string) {
			a := l.reply(n1, alice)
			a.PairRate = twice
			require.Equal(l.t, governor.Admitted, l.admit(a).Outcome, why)
		}, "one of two"},
		told{noon + time.Minute, uses(3, none, governor.Rate{Every: time.Minute, Burst: 3}), "it is full since just now"},
	)},
	{name: "a pair's bucket fills from when the clock went back, whether anybody asks or not", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{early, others(1), "somebody else's send is the first that tells"},
		told{early + 59*time.Second, waits(early+time.Minute, none, twice), "to the second"},
		told{early + time.Minute, uses(1, none, twice), "and as it was told"},
		told{early + 2*time.Minute, uses(1, none, twice), "and so on"},
	)},
	{name: "a number's bucket fills from when the clock went back, whether anybody asks or not", run: story(
		told{noon, uses(2, twice, none), "it is used up"},
		told{early, others(1), "a send that it does not hold is the first that tells"},
		told{early + 59*time.Second, waits(early+time.Minute, twice, none), "to the second"},
		told{early + time.Minute, uses(1, twice, none), "and as it was told"},
	)},
	{name: "a send without a rate moves no bucket", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{early, others(1), "the clock has gone back"},
		told{early + 30*time.Second, func(l *ledger, why string) {
			require.Equal(l.t, governor.Admitted, l.admit(l.reply(n1, alice)).Outcome, why)
		}, "nothing holds it"},
		told{early + 40*time.Second, waits(early+time.Minute, none, twice), "nor holds it others"},
	)},
	{name: "a clock that goes back and comes again fills no pair's bucket", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{early, waits(early+time.Minute, none, twice), "nothing is gained"},
		told{early + 10*time.Second, others(1), "ten seconds pass"},
		told{noon + 20*time.Second, waits(noon+time.Minute, none, twice), "it was the way back that was false"},
		told{early + 20*time.Second, waits(early+time.Minute, none, twice), "however often"},
		told{noon + 30*time.Second, waits(noon+time.Minute, none, twice), "two clocks tell"},
		told{noon + time.Minute, uses(1, none, twice), "and in the end a minute has passed"},
	)},
	{name: "a clock that goes back and comes again fills no number's bucket", run: story(
		told{noon, uses(2, twice, none), "it is used up"},
		told{early, waits(early+time.Minute, twice, none), "nothing is gained"},
		told{noon + 20*time.Second, waits(noon+time.Minute, twice, none), "it was the way back that was false"},
		told{noon + time.Minute, uses(1, twice, none), "a minute has passed"},
	)},
	{name: "who comes back when told to passes, also where the clock is no longer far behind by then", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{noon - 6*time.Minute, waits(noon+time.Minute, none, twice), "in a minute it is one that differs"},
		told{noon + time.Minute - ms, waits(noon+time.Minute, none, twice), "to the millisecond"},
		told{noon + time.Minute, uses(1, none, twice), "and as it was told"},
	)},
	{name: "clocks differ by five minutes, and by no millisecond more", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{early, waits(early+time.Minute, none, twice), "this clock is followed"},
		told{early - 5*time.Minute, waits(early+time.Minute, none, twice), "it still is"},
		told{early - 5*time.Minute - ms, waits(early-4*time.Minute-ms, none, twice), "and now another"},
		told{noon - 5*time.Minute, waits(noon+time.Minute, none, twice), "and now the first again"},
	)},
	{name: "who only asks brings no other clock to follow", run: story(
		told{noon, uses(2, twice, twice), "both are used up"},
		told{noon + 10*time.Hour, asks(twice, twice), "by a clock that is ahead"},
		told{noon + time.Second, waits(noon+time.Minute, twice, none), "the number's"},
		told{early, asks(twice, twice), "by one that is behind"},
		told{noon + 2*time.Second, waits(noon+time.Minute, none, twice), "the pair's"},
	)},
	{name: "an inbound that no rate counts brings no other clock to follow", run: story(
		told{noon + 4*time.Minute, hears, "by a clock that is ahead"},
		told{noon, uses(2, none, twice), "hers is used up"},
		told{noon, waits(noon+time.Minute, none, twice), "by the clock of those who send"},
	)},
	{name: "an inbound that the number's rate counts brings another clock to follow", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{noon + 4*time.Minute, func(l *ledger, _ string) {
			l.heard(governor.InboundMark{Number: n1, Customer: bob, NumberRate: twice})
		}, "by a clock that is ahead"},
		told{noon, uses(2, none, twice), "it is the latest"},
	)},
	{name: "who turns out to be one with another brings another clock to follow", run: story(
		told{noon, uses(2, none, twice), "hers is used up"},
		told{noon + 4*time.Minute, func(l *ledger, _ string) { l.alias(bob, carol) }, "by a clock that is ahead"},
		told{noon, uses(2, none, twice), "it is the latest"},
	)},
	{name: "what was used up in a false future comes back by the true clock", run: story(
		told{noon + 10*time.Hour, uses(2, none, twice), "hers is used up"},
		told{noon, others(1), "the jump was false"},
		told{noon + 2*time.Minute, uses(2, none, twice), "two have come back"},
		told{noon + 2*time.Minute + 30*time.Second, waits(noon+3*time.Minute, none, twice), "and were used"},
		told{noon + 10*time.Hour, uses(0, none, twice), "that jump fills nothing twice"},
	)},
}
