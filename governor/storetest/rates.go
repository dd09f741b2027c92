package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

func perSecond(n int) governor.Rate {
	return governor.Rate{Every: time.Second / time.Duration(n), Burst: n}
}

// burst sends replies under rates until one is refused, and returns how many
// passed and what the last was told.
func (l *ledger) burst(number, to string, own, pair governor.Rate) (int, governor.Verdict) {
	l.t.Helper()
	for passed := range 1000 {
		a := l.reply(number, to)
		a.NumberRate, a.PairRate = own, pair
		if v := l.admit(a); v.Outcome != governor.Admitted {
			return passed, v
		}
	}
	require.FailNow(l.t, "no rate holds")
	return 0, governor.Verdict{}
}

// passes says how many replies in a row pass.
func (l *ledger) passes(want int, number, to string, own, pair governor.Rate, why string) {
	l.t.Helper()
	got, _ := l.burst(number, to, own, pair)
	assert.Equal(l.t, want, got, why)
}

var none governor.Rate

var numberRateTests = []test{
	{name: "a number sends its burst and then one each interval", run: func(l *ledger) {
		rate := governor.Rate{Every: 2 * time.Second, Burst: 3}
		passed, v := l.burst(n1, alice, rate, none)
		assert.Equal(l.t, 3, passed)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.NumberBusy, RetryAt: t0.Add(2 * time.Second)}, v)
		l.passes(0, n1, bob, rate, none, "to whomever")
		l.passes(3, n2, bob, rate, none, "another number")
		l.at(5 * time.Second)
		passed, v = l.burst(n1, alice, rate, none)
		assert.Equal(l.t, 2, passed)
		assert.Equal(l.t, t0.Add(6*time.Second), v.RetryAt, "half of the next one has come already")
		l.at(time.Hour)
		l.passes(3, n1, alice, rate, none, "no more is saved up")
	}},
	{name: "retry at is exact to the microsecond", run: func(l *ledger) {
		for i, n := range []int{1, 7, 80, 1000} { // a seventh of a second is no whole number of them
			l.at(time.Duration(i) * time.Minute)
			l.burst(n1, alice, perSecond(n), none)
			a := l.reply(n1, alice)
			a.NumberRate = perSecond(n)
			l.exactly(a, time.Microsecond)
		}
	}},
	{name: "an interval rounds up to whole microseconds", run: func(l *ledger) {
		rate := governor.Rate{Every: time.Second + 1, Burst: 1}
		_, v := l.burst(n1, alice, rate, none)
		assert.Equal(l.t, t0.Add(time.Second+time.Microsecond), v.RetryAt)
	}},
	{name: "notifications and replies share the number's rate", run: func(l *ledger) {
		a := l.ask(n1, alice)
		a.NumberRate = tight
		l.admit(a)
		l.passes(0, n1, bob, tight, none, "a notification has used it")
		b := l.ask(n1, alice)
		b.NumberRate = tight
		assert.Equal(l.t, governor.NumberBusy, l.admit(b).Outcome)
	}},
	{name: "what was used of a rate does not come back with a cancel", run: func(l *ledger) {
		a := l.ask(n1, alice)
		a.NumberRate, a.PairRate = tight, tight
		l.admit(a)
		l.cancel(a)
		l.passes(0, n1, alice, tight, none, "the number's")
		l.passes(0, n1, alice, none, tight, "the pair's")
	}},
	{name: "no rate limits nothing and uses nothing", run: func(l *ledger) {
		for range 50 {
			require.Equal(l.t, governor.Admitted, l.admit(l.reply(n1, alice)).Outcome)
		}
		l.passes(1, n1, alice, tight, none, "nothing was used")
	}},
	{name: "a changed rate carries over what is held", run: func(l *ledger) {
		l.burst(n1, alice, perSecond(80), none)
		for _, c := range []struct {
			rate governor.Rate
			want time.Duration
		}{{perSecond(80), 12500 * time.Microsecond}, {perSecond(40), 25 * ms}, {perSecond(1000), ms}} {
			a := l.reply(n1, alice)
			a.NumberRate = c.rate
			assert.Equal(l.t, t0.Add(c.want), l.admit(a).RetryAt, "empty stays empty")
		}
		for range 40 {
			a := l.reply(n2, alice)
			a.NumberRate = perSecond(80)
			l.admit(a)
		}
		a := l.reply(n2, alice)
		a.NumberRate = perSecond(20)
		assert.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
		l.passes(19, n2, alice, perSecond(80), none, "of the 40 there was room for 20")
	}},
	{name: "a changed rate rounds what is held down", run: func(l *ledger) {
		seventh, third := governor.Rate{Every: 7 * time.Microsecond, Burst: 2}, governor.Rate{Every: 3 * time.Microsecond, Burst: 2}
		l.burst(n1, alice, seventh, none)
		l.after(3 * time.Microsecond) // three sevenths of a token are 9/7 of the other's 3 µs, which is one
		a := l.reply(n1, alice)
		a.NumberRate = third
		assert.Equal(l.t, l.now.Add(2*time.Microsecond), l.admit(a).RetryAt)
	}},
	{name: "a changed rate holds from the first that asks, even if it is refused", run: func(l *ledger) {
		slow := governor.Rate{Every: 10 * time.Second, Burst: 1}
		l.burst(n1, alice, governor.Rate{Every: time.Second, Burst: 10}, none)
		l.passes(0, n1, alice, slow, none, "nothing is held")
		l.at(5 * time.Second)
		a := l.reply(n1, alice)
		a.NumberRate = slow
		assert.Equal(l.t, t0.Add(10*time.Second), l.admit(a).RetryAt, "not five at the old rate")
	}},
	{name: "an inbound uses the number's rate, into debt of one more bucketful", run: func(l *ledger) {
		rate := perSecond(4)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, NumberRate: rate})
		l.passes(3, n1, bob, rate, none, "one is used")
		l.heard(governor.InboundMark{Number: n1, Customer: bob, NumberRate: rate})
		_, v := l.burst(n1, bob, rate, none)
		assert.Equal(l.t, t0.Add(500*ms), v.RetryAt, "one in debt")
		for i := range 50 {
			l.heard(governor.InboundMark{Number: n1, Customer: person(i), NumberRate: rate})
		}
		_, v = l.burst(n1, bob, rate, none)
		assert.Equal(l.t, t0.Add(1250*ms), v.RetryAt, "however many write")
		l.passes(4, n2, bob, rate, none, "another number")
	}},
	{name: "an old inbound has been made up for", run: func(l *ledger) {
		rate := perSecond(4)
		for i, c := range []struct {
			ago  time.Duration
			left int
		}{{2*time.Second - ms, 3}, {2 * time.Second, 4}, {time.Hour, 4}} {
			number := person(i)
			l.heard(governor.InboundMark{Number: number, Customer: alice, At: l.now.Add(-c.ago), NumberRate: rate})
			l.passes(c.left, number, bob, rate, none, c.ago.String())
		}
	}},
}

var pairRateTests = []test{
	{name: "a pair sends its burst and then one each interval", run: func(l *ledger) {
		rate := governor.Rate{Every: 6 * time.Second, Burst: 45}
		passed, v := l.burst(n1, alice, none, rate)
		assert.Equal(l.t, 45, passed)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.PairBusy, RetryAt: t0.Add(6 * time.Second)}, v)
		l.passes(45, n1, bob, none, rate, "somebody else")
		l.passes(45, n2, alice, none, rate, "another number")
		l.after(5 * time.Second)
		a := l.reply(n1, alice)
		a.PairRate = rate
		l.exactly(a, time.Microsecond)
		l.at(44 * 6 * time.Second)
		l.passes(43, n1, alice, none, rate, "one of the 44 was sent")
		l.at(2 * 45 * 6 * time.Second)
		l.passes(45, n1, alice, none, rate, "no more is saved up")
	}},
	{name: "an inbound uses nothing of the pair's", run: func(l *ledger) {
		l.heard(governor.InboundMark{Number: n1, Customer: alice, NumberRate: perSecond(80)})
		l.passes(1, n1, alice, none, tight, "the reply to it passes")
	}},
	{name: "a refusal of the number uses nothing of the pair's", run: func(l *ledger) {
		l.passes(1, n1, bob, tight, none, "the number's")
		l.passes(0, n1, alice, tight, tight, "it is used up")
		l.passes(1, n1, alice, none, tight, "the pair's is not")
	}},
	{name: "a changed rate carries over what is held", run: func(l *ledger) {
		rate := governor.Rate{Every: 6 * time.Second, Burst: 10}
		l.passes(10, n1, alice, none, rate, "full")
		l.after(18 * time.Second) // three are held
		l.passes(3, n1, alice, none, governor.Rate{Every: time.Minute, Burst: 5}, "what is held")
	}},
	{name: "no pair that matters is forgotten for others", run: func(l *ledger) {
		number, pair := governor.Rate{Every: time.Second, Burst: 10}, governor.Rate{Every: 30 * time.Second, Burst: 2}
		l.passes(2, n1, alice, number, pair, "full")
		for i := range 67 { // as many as the number can write to meanwhile
			if i >= 8 {
				l.after(time.Second)
			}
			a := l.reply(n1, person(i))
			a.NumberRate, a.PairRate = number, pair
			require.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
		}
		l.at(59 * time.Second)
		l.passes(1, n1, alice, none, pair, "one has come back, the other has not")
	}},
}
