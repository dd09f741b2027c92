package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// tight lets one message through and then none for an hour.
var tight = governor.Rate{Every: time.Hour, Burst: 1}

var tokenTests = []test{
	{name: "an admission repeated with its token books and pays once", run: func(l *ledger) {
		l.limit = 1
		a := l.ask(n1, alice)
		a.NumberRate, a.PairRate = tight, tight
		for range 3 {
			assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(a))
		}
		other := l.ask(n1, bob)
		other.NumberRate, other.Limit = tight, 5
		l.outcome(other, governor.NumberBusy, "one token was used, not none")
		other.NumberRate, other.Limit = governor.Rate{}, 1
		l.outcome(other, governor.OverLimit)
		l.cancel(a)
		assert.Zero(l.t, l.used(), "one cancel gives all of it back")
		l.at(time.Hour)
		other.Now, other.Stamp, other.NumberRate = l.now, l.now, tight
		assert.Equal(l.t, governor.Admitted, l.admit(other).Outcome, "one token was used, not three")
		l.outcome(l.ask(n1, bob), governor.OverLimit, "another token is another message")
	}},
	{name: "half a token names nothing", run: func(l *ledger) {
		a, b, c := l.ask(n1, alice), l.ask(n1, bob), l.ask(n1, carol)
		a.Token, b.Token, c.Token = governor.Token{Hi: 7, Lo: 9}, governor.Token{Hi: 9, Lo: 7}, governor.Token{Lo: 9}
		l.limit = 3
		for _, ask := range []governor.Admission{a, b, c} {
			ask.Limit = 3
			require.Equal(l.t, governor.Admitted, l.admit(ask).Outcome)
		}
		assert.Equal(l.t, 3, l.used())
		for i, ask := range []governor.Admission{c, a, b} {
			l.cancel(ask)
			assert.Equal(l.t, 2-i, l.used())
		}
	}},
	{name: "tokens keep every bit", run: func(l *ledger) {
		l.limit = 10
		tokens := []governor.Token{
			{Hi: 1<<64 - 1, Lo: 1<<64 - 1},
			{Hi: 1<<64 - 2, Lo: 1<<64 - 1},
			{Hi: 1<<64 - 1, Lo: 1<<64 - 2},
			{Hi: 1 << 53, Lo: 1 << 53},
			{Hi: 1 << 53, Lo: 1<<53 + 1},
			{Hi: 1<<53 + 1, Lo: 1 << 53},
		}
		for i, token := range tokens {
			a := l.ask(n1, person(i))
			a.Token = token
			assert.Equal(l.t, i+1, l.admit(a).Used)
		}
		for i, token := range tokens {
			l.settle(governor.Settlement{Token: token})
			assert.Equal(l.t, len(tokens)-1-i, l.used())
		}
	}},
	{name: "a repeated admission is stamped when it is repeated", run: func(l *ledger) {
		l.limit = 1
		l.sent(alice)
		l.after(time.Hour)
		a := l.ask(n1, alice)
		a.HoldersPass = true
		l.admit(a)
		l.after(time.Hour)
		a.Now, a.Stamp = l.now, l.now
		assert.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
		assert.Equal(l.t, 26*time.Hour, l.frees())
		l.cancel(a)
		assert.Equal(l.t, day, l.frees(), "the stamp of before both")
	}},
	{name: "a repeated admission has no right to a place that has lapsed", run: func(l *ledger) {
		l.limit = 1
		a := l.sent(alice)
		l.after(day)
		l.sent(bob)
		a.Now, a.Stamp = l.now, l.now
		assert.Equal(l.t, governor.OverLimit, l.admit(a).Outcome)
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "a repeated admission that is now refused gives back what it booked", run: func(l *ledger) {
		l.sent(alice)
		a := l.sent(bob)
		a.Limit = 1
		assert.Equal(l.t, governor.OverLimit, l.admit(a).Outcome)
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "a repeated admission that is stale leaves what it booked", run: func(l *ledger) {
		a := l.sent(alice)
		l.save(governor.State{Data: []byte("new")})
		assert.Equal(l.t, governor.Stale, l.admit(a).Outcome)
		assert.Equal(l.t, 1, l.used())
		a.Version = 1
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(a))
		l.cancel(a)
		assert.Zero(l.t, l.used())
	}},
	{name: "a reply repeated with its token pays once", run: func(l *ledger) {
		a := l.reply(n1, alice)
		a.NumberRate, a.PairRate = tight, tight
		for range 3 {
			assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(a))
		}
		a.Token.Lo += 100
		assert.Equal(l.t, governor.NumberBusy, l.admit(a).Outcome)
	}},
	{name: "an admission repeated for somebody else moves its slot", run: func(l *ledger) {
		a := l.sent(alice)
		a.Recipient = bob
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(a))
		l.sent(alice)
		assert.Equal(l.t, 2, l.used())
	}},
	{name: "the zero token names no admission", once: true, run: func(l *ledger) {
		l.limit = 1
		a := l.ask(n1, alice)
		a.Token = governor.Token{}
		assert.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
		a.Recipient = bob
		assert.Equal(l.t, governor.OverLimit, l.admit(a).Outcome)
		l.settle(governor.Settlement{})
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "verbs repeated change nothing more", run: func(l *ledger) {
		l.limit = 3
		a, b := l.sent(alice), l.sent(bob)
		l.after(time.Minute)
		for range 3 {
			l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, MessageID: "wamid.a", Recipient: alice, Canonical: carol})
			l.cancel(b)
			assert.Equal(l.t, 1, l.used())
		}
		l.committed(bob, "wamid.b")
		for range 3 {
			l.failed("wamid.b")
			assert.Equal(l.t, 1, l.used())
		}
		l.committed(bob, "wamid.c") // what failed twice does not take this one away
		l.failed("wamid.b")
		assert.Equal(l.t, 2, l.used())
		for range 3 {
			l.delivered(governor.DeliveryMark{MessageID: "wamid.c", At: t0.Add(30 * time.Second)})
			l.alias(alice, carol)
			assert.Equal(l.t, day+time.Minute, l.frees())
		}
		rate := governor.Rate{Every: time.Second, Burst: 2}
		for range 3 {
			l.heard(governor.InboundMark{Number: n1, Customer: alice, NumberRate: rate})
		}
		for _, want := range []governor.Outcome{governor.Admitted, governor.NumberBusy} {
			reply := l.reply(n1, alice)
			reply.NumberRate = rate
			assert.Equal(l.t, want, l.admit(reply).Outcome, "one of the two tokens is left")
		}
		for range 3 {
			l.heard(governor.InboundMark{Number: n2, Customer: bob, Uncertain: true, NumberRate: rate})
		}
		reply := l.reply(n2, bob)
		reply.NumberRate = rate
		assert.Equal(l.t, governor.Admitted, l.admit(reply).Outcome, "what may have been a message as well")
	}},
}
