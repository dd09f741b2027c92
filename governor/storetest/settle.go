package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

var settleTests = []test{
	{name: "what was sent is stamped at the later time, what was not comes back", run: func(l *ledger) {
		a, b := l.sent(alice), l.sent(bob)
		l.after(time.Minute)
		l.commit(a, "")
		l.cancel(b)
		assert.Equal(l.t, 1, l.used())
		assert.Equal(l.t, day+time.Minute, l.frees())
	}},
	{name: "a stamp before the booking's moves nothing", run: func(l *ledger) {
		l.after(time.Hour)
		a := l.sent(alice)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: t0, Recipient: alice})
		assert.Equal(l.t, 25*time.Hour, l.frees())
	}},
	{name: "a stamp may be later than now", run: func(l *ledger) {
		a := l.sent(alice)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: t0.Add(7 * time.Minute), Recipient: alice})
		assert.Equal(l.t, day+7*time.Minute, l.frees())
	}},
	{name: "a token that is not known changes nothing", run: func(l *ledger) {
		l.sent(alice)
		before := l.usage()
		for _, token := range []governor.Token{{}, {Hi: 7, Lo: 7}} {
			l.settle(governor.Settlement{Token: token, Sent: true, Stamp: l.now, MessageID: "wamid.7", Recipient: bob})
			l.settle(governor.Settlement{Token: token, Recipient: bob})
			assert.Equal(l.t, before, l.usage())
		}
		l.failed("wamid.7")
		assert.Equal(l.t, before, l.usage())
	}},
	{name: "a send ends once", run: func(l *ledger) {
		a, b := l.committed(alice, "wamid.a"), l.sent(bob)
		l.cancel(a)
		assert.Equal(l.t, 2, l.used(), "what was committed cannot be cancelled")
		l.cancel(b)
		l.after(time.Hour)
		l.commit(b, "wamid.b")
		l.commit(a, "wamid.a")
		assert.Equal(l.t, 1, l.used(), "what was cancelled cannot be committed")
		assert.Equal(l.t, day, l.frees(), "what was committed is not stamped again")
	}},
	{name: "an unknown outcome stays counted until it lapses", run: func(l *ledger) {
		l.sent(alice)
		l.at(day - ms)
		assert.Equal(l.t, 1, l.used())
		l.at(day)
		assert.Zero(l.t, l.used())
	}},
	{name: "a cancel puts back exactly what was there", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.after(time.Hour)
		second := l.sent(alice)
		l.after(time.Hour)
		third := l.sent(alice)
		assert.Equal(l.t, 26*time.Hour, l.frees())
		l.cancel(third)
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.cancel(second)
		assert.Equal(l.t, day, l.frees())
		l.failed("wamid.1")
		assert.Zero(l.t, l.used())
	}},
	{name: "a cancel of the earlier leaves the later", run: func(l *ledger) {
		first := l.sent(alice)
		l.after(time.Hour)
		second := l.sent(alice)
		l.cancel(first)
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.cancel(second)
		assert.Zero(l.t, l.used())
	}},
	{name: "a cancel brings back no stamp that has lapsed meanwhile", run: func(l *ledger) {
		l.sent(alice)
		l.after(23 * time.Hour)
		second := l.sent(alice)
		l.after(2 * time.Hour)
		l.cancel(second)
		assert.Zero(l.t, l.used())
	}},
	{name: "a commit that comes when the slot has lapsed takes it again, past the limit", run: func(l *ledger) {
		l.limit = 1
		a := l.sent(alice)
		l.at(30 * time.Hour)
		l.sent(bob)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: t0.Add(29 * time.Hour), MessageID: "wamid.a", Recipient: alice})
		assert.Equal(l.t, 2, l.used())
		assert.Equal(l.t, 53*time.Hour, l.frees())
		l.failed("wamid.a")
		assert.Equal(l.t, 1, l.used(), "and it can still fail")
	}},
	{name: "a commit whose stamp has lapsed as well takes nothing", run: func(l *ledger) {
		a := l.sent(alice)
		l.at(40 * time.Hour)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: t0.Add(time.Hour), MessageID: "wamid.a", Recipient: alice})
		assert.Zero(l.t, l.used())
	}},
	{name: "a booking is remembered for two days", run: func(l *ledger) {
		l.limit = 9
		a := l.sent(alice)
		l.at(2*day - ms)
		for i := range 10 {
			l.sent(person(i % 2)) // what forgets has the occasion
		}
		l.commit(a, "wamid.a")
		assert.Equal(l.t, 3, l.used())
	}},
	{name: "a notification that an open window spared takes a slot when it had closed by the answer", run: func(l *ledger) {
		l.limit = 1
		l.inbound(n1, alice)
		l.at(day - 2*time.Minute)
		a, b := l.ask(n1, alice), l.ask(n1, alice)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(a))
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(b))
		l.at(day - ms)
		l.commit(a, "wamid.a")
		assert.Zero(l.t, l.used())
		l.at(day)
		l.commit(b, "wamid.b")
		assert.Equal(l.t, 2*day, l.frees())
		l.failed("wamid.b")
		assert.Zero(l.t, l.used())
	}},
	{name: "cancelling what was spared a slot gives back none", run: func(l *ledger) {
		l.inbound(n1, alice)
		held := l.ask(n2, alice)
		l.admit(held)
		a := l.ask(n1, alice)
		l.admit(a)
		l.cancel(a)
		assert.Equal(l.t, 1, l.used(), "it had another for another number")
	}},
	{name: "an answer names the recipient", run: func(l *ledger) {
		a := l.sent(bob)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, Recipient: bob, Canonical: alice})
		l.sent(alice)
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "an answer names the recipient although the token is not known any more", run: func(l *ledger) {
		l.sent(bob)
		l.sent(alice)
		l.settle(governor.Settlement{Token: governor.Token{Hi: 7, Lo: 7}, Sent: true, Stamp: l.now, Recipient: bob, Canonical: alice})
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "an answer that names nobody, or of nobody, teaches nothing", run: func(l *ledger) {
		l.sent(alice)
		b := l.sent(bob)
		l.settle(governor.Settlement{Token: governor.Token{Hi: 7, Lo: 7}, Sent: true, Stamp: l.now, Canonical: bob})
		l.settle(governor.Settlement{Token: b.Token, Sent: true, Stamp: l.now, Recipient: bob})
		assert.Equal(l.t, 2, l.used())
		l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Sort: governor.SortNotification, At: l.now})
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.y", Sort: governor.SortNotification, At: l.now})
		assert.Equal(l.t, day, l.frees(), "nobody is nobody")
	}},
	{name: "what was not sent teaches no spelling", run: func(l *ledger) {
		a := l.sent(bob)
		l.settle(governor.Settlement{Token: a.Token, Recipient: bob, Canonical: alice})
		l.sent(alice)
		l.sent(bob)
		assert.Equal(l.t, 2, l.used())
	}},
}
