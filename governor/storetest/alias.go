package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// same says whether two spellings are one person's, by writing to both.
func (l *ledger) same(want bool, a, b string, why ...any) {
	l.t.Helper()
	before := l.limit
	defer func() { l.limit = before }()
	l.limit = 1 << 30
	l.now = l.now.Add(2 * day)
	one, two := l.sent(a), l.sent(b)
	used := 2
	if want {
		used = 1
	}
	assert.Equal(l.t, used, l.used(), why...)
	l.cancel(one)
	l.cancel(two)
}

var aliasTests = []test{
	{name: "two spellings become one person with the later stamp", run: func(l *ledger) {
		l.sent(bob)
		l.after(time.Hour)
		l.sent(alice)
		assert.Equal(l.t, 2, l.used())
		l.alias(bob, alice)
		assert.Equal(l.t, 1, l.used())
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.after(time.Hour)
		l.sent(bob)
		assert.Equal(l.t, 26*time.Hour, l.frees())
	}},
	{name: "the alias's stamp may be the later, or the only one", run: func(l *ledger) {
		l.sent(alice)
		l.after(time.Hour)
		l.sent(bob)
		l.alias(bob, alice)
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.sent(carol)
		l.alias(carol, person(4))
		assert.Equal(l.t, 2, l.used())
		l.same(true, carol, person(4))
	}},
	{name: "spellings may lead to the next, and never in a circle", run: func(l *ledger) {
		const user = "BR.13491208655302741918"
		l.alias(bob, alice)
		l.alias(alice, user)
		l.same(true, bob, user)
		l.same(true, alice, user)
		l.alias(user, bob)
		l.alias(bob, bob)
		l.alias(user, user)
		l.same(true, user, bob)
		l.same(false, user, carol)
	}},
	{name: "one chain joins another", run: func(l *ledger) {
		a := []string{person(0), person(1), person(2), person(3)}
		l.alias(a[0], a[1])
		l.alias(a[2], a[3])
		l.alias(a[1], a[2])
		for _, who := range a[1:] {
			l.same(true, a[0], who)
		}
	}},
	{name: "windows, wishes and rates are joined", run: func(l *ledger) {
		l.limit = 10
		pair := governor.Rate{Every: time.Hour, Burst: 10}
		l.inbound(n2, bob)
		for range 4 {
			for _, who := range []string{alice, bob} {
				a := l.reply(n1, who)
				a.PairRate = pair
				require.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
			}
		}
		l.mark(governor.ConsentMark{Recipient: bob, Topic: "x"})
		l.alias(bob, alice)
		l.spared(true, n2, alice, "bob wrote")
		l.spared(true, n2, bob)
		for _, who := range []string{alice, bob} {
			a := l.probe(n2, who)
			a.Topics[0] = "x"
			l.outcome(a, governor.Unwanted)
			assert.Equal(l.t, []governor.Consent{{Topic: "x", At: t0}}, l.wishes(who))
		}
		l.passes(2, n1, alice, none, pair, "ten in all")
		l.passes(0, n1, bob, none, pair, "ten in all")
	}},
	{name: "a window that only the platform has spoken of is joined as well", run: func(l *ledger) {
		l.closeWindow(n1, bob)
		l.alias(bob, alice)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.outcome(l.reply(n1, bob), governor.ReplyClosed)
	}},
	{name: "of the wishes of two spellings the newer words and the longer cool-downs count", run: func(l *ledger) {
		hour := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Hour) }
		l.now = hour(9)
		for who, marks := range map[string][]governor.ConsentMark{
			bob: {
				{Topic: "a", Granted: true, At: hour(1)},
				{Topic: "b", Granted: true, At: hour(4)},
				{Topic: "c", At: hour(3)},
				{Topic: "d", At: hour(2), Until: hour(20)},
				{Topic: "e", At: hour(2), Until: hour(30)},
			},
			alice: {
				{Topic: "a", At: hour(2)},
				{Topic: "b", At: hour(3)},
				{Topic: "c", Granted: true, At: hour(3)},
				{Topic: "d", At: hour(2), Until: hour(30)},
				{Topic: "e", At: hour(2), Until: hour(20)},
				{Topic: "f", Granted: true, At: hour(1)},
			},
		} {
			for _, m := range marks {
				m.Recipient = who
				l.mark(m)
			}
		}
		l.alias(bob, alice)
		assert.Equal(l.t, []governor.Consent{
			{Topic: "a", At: hour(2)},
			{Topic: "b", Granted: true, At: hour(4)},
			{Topic: "c", At: hour(3)},
			{Topic: "d", RestsUntil: hour(30)},
			{Topic: "e", RestsUntil: hour(30)},
			{Topic: "f", Granted: true, At: hour(1)},
		}, l.wishes(alice))
	}},
	{name: "what is under way follows an alias", run: func(l *ledger) {
		l.limit = 10
		first := l.sent(bob)
		l.committed(bob, "wamid.2")
		third := l.sent(bob)
		l.alias(bob, alice)
		l.cancel(first)
		assert.Equal(l.t, 1, l.used())
		l.after(time.Hour)
		l.commit(third, "wamid.3")
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.failed("wamid.2")
		l.failed("wamid.3")
		assert.Zero(l.t, l.used())
	}},
	{name: "a message's status finds who took over the spelling", run: func(l *ledger) {
		l.committed(bob, "wamid.1")
		l.after(time.Hour)
		l.alias(bob, alice)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.sent(alice)
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "a spelling that names two people stands for itself", run: func(l *ledger) {
		l.limit = 10
		l.alias("0612", alice)
		l.same(true, "0612", alice)
		l.alias("0612", bob)
		l.same(false, "0612", alice, "it may be either")
		l.same(false, "0612", bob)
		l.same(false, alice, bob, "and they are two")
		l.alias("0612", carol)
		l.same(false, "0612", carol, "for good")
		l.alias("0612", alice)
		l.same(false, "0612", alice)
	}},
	{name: "the booking of an ambiguous spelling moves to whom the answer names", run: func(l *ledger) {
		l.limit = 10
		l.alias("0612", alice)
		l.alias("0612", bob)
		a := l.sent("0612")
		l.after(time.Hour)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, MessageID: "wamid.1", Recipient: "0612", Canonical: bob})
		l.sent(bob)
		assert.Equal(l.t, 1, l.used())
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
		assert.Equal(l.t, 26*time.Hour, l.frees(), "bob's")
	}},
	{name: "a spelling that turns out to be a phone number of its own stands for two", run: func(l *ledger) {
		l.limit = 10
		l.alias(bob, alice)
		a := l.sent(bob)
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, Recipient: bob, Canonical: bob, Confirmed: true})
		l.same(false, bob, alice)
		l.settle(governor.Settlement{Sent: true, Stamp: l.now, Recipient: carol, Canonical: carol, Confirmed: true})
		l.alias(carol, alice)
		l.same(true, carol, alice, "one that stood for nobody else is confirmed for now only")
	}},
	{name: "a user ID that is answered by itself confirms nothing", run: func(l *ledger) {
		const user = "BR.13491208655302741918"
		l.alias(user, alice)
		l.settle(governor.Settlement{Sent: true, Stamp: l.now, Recipient: user, Canonical: user})
		l.same(true, user, alice)
	}},
	{name: "nobody is no alias", run: func(l *ledger) {
		l.alias("", alice)
		l.alias(bob, "")
		l.same(false, alice, bob)
		l.alias(bob, alice)
		l.same(true, alice, bob, "bob has not become ambiguous")
	}},
}
