package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

var clockTests = []test{
	{name: "time never moves back for what counts", run: func(l *ledger) {
		l.limit = 1
		l.at(2 * day)
		l.sent(alice)
		l.at(0)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 1, RetryAt: t0.Add(3 * day)}, l.admit(l.ask(n1, bob)))
		assert.Equal(l.t, 3*day, l.frees())
		l.at(3 * day)
		l.sent(bob)
	}},
	{name: "what is sent after a jump back is stamped with the latest time", run: func(l *ledger) {
		l.at(time.Hour)
		l.sent(alice)
		l.at(0)
		l.sent(bob)
		l.at(day + time.Hour - ms)
		assert.Equal(l.t, 2, l.used())
	}},
	{name: "a slot that has lapsed does not come back", run: func(l *ledger) {
		l.sent(alice)
		l.at(day)
		l.sent(bob)
		l.at(day - time.Hour)
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "every verb that books, settles or marks moves the time", run: func(l *ledger) {
		for i, move := range []func(){
			func() { l.sent(bob) },
			func() { l.commit(l.sent(bob), "") },
			func() { l.heard(governor.InboundMark{Number: n1, Customer: bob}) },
			func() {
				l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: bob, Sort: governor.SortNotification})
			},
			func() { l.mark(governor.ConsentMark{Recipient: bob, Topic: "x"}) },
			func() { l.alias(bob, carol) },
			func() { l.closeWindow(n2, bob) },
		} {
			l.limit = 9
			l.at(time.Duration(i) * 2 * day)
			l.sent(alice)
			l.after(day)
			move()
			l.after(-time.Hour)
			a := l.probe(n1, alice)
			a.HoldersPass, a.Limit = true, 0
			l.outcome(a, governor.OverLimit, "verb %d: her slot has lapsed", i)
		}
	}},
	{name: "a reply's window goes by the time that is told", run: func(l *ledger) {
		l.inbound(n1, alice)
		l.at(3 * day)
		l.sent(bob)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.at(time.Hour)
		l.outcome(l.reply(n1, alice), governor.Admitted, "the jump was false")
		a := l.probe(n1, alice)
		assert.True(l.t, l.admit(a).Counted, "for what counts it has closed")
	}},
	{name: "a clock that goes back a little fills no bucket and empties none", run: func(l *ledger) {
		rate := governor.Rate{Every: time.Minute, Burst: 2}
		l.passes(2, n1, alice, rate, none, "full")
		l.passes(2, n2, alice, none, rate, "full")
		for range 3 {
			l.at(-4 * time.Minute)
			l.passes(0, n1, alice, rate, none, "the number's")
			l.passes(0, n2, alice, none, rate, "the pair's")
			l.at(0)
			l.passes(0, n1, alice, rate, none, "the number's")
			l.passes(0, n2, alice, none, rate, "the pair's")
		}
		l.at(time.Minute)
		l.passes(1, n1, alice, rate, none, "the number's")
		l.passes(1, n2, alice, none, rate, "the pair's")
	}},
	{name: "rates follow a clock back that had jumped ahead", run: func(l *ledger) {
		rate := governor.Rate{Every: time.Minute, Burst: 2}
		l.at(10 * time.Hour)
		l.passes(2, n1, alice, rate, none, "full")
		l.passes(2, n2, alice, none, rate, "full")
		l.at(0)
		for number, rates := range map[string][2]governor.Rate{n1: {rate, none}, n2: {none, rate}} {
			passed, v := l.burst(number, alice, rates[0], rates[1])
			assert.Zero(l.t, passed, "nothing is gained by it")
			assert.Equal(l.t, t0.Add(time.Minute), v.RetryAt)
		}
		l.at(time.Minute)
		l.passes(1, n1, alice, rate, none, "the number's")
		l.passes(1, n2, alice, none, rate, "the pair's")
		l.at(2 * time.Minute)
		l.passes(1, n1, alice, rate, none, "the number's")
		l.passes(1, n2, alice, none, rate, "the pair's")
	}},
	{name: "a clock that jumps ahead and back fills each bucket once", run: func(l *ledger) {
		rate := governor.Rate{Every: time.Minute, Burst: 2}
		l.passes(2, n1, alice, rate, none, "full")
		l.at(10 * time.Hour)
		l.passes(2, n1, alice, rate, none, "the jump is believed")
		l.at(time.Second)
		l.passes(0, n1, alice, rate, none, "and is no gain on the way back")
	}},
}
