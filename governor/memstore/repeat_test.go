package memstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// tight lets one message through and then none for a while.
var tight = governor.Rate{Every: time.Hour, Burst: 1}

func TestAnAdmissionRepeatedWithItsTokenBooksOnce(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ask := l.ask(n1, alice)
	ask.NumberRate, ask.PairRate = tight, tight
	for range 3 {
		assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(ask))
	}
	other := l.ask(n1, bob)
	other.NumberRate, other.Limit = tight, 5
	assert.Equal(t, governor.NumberBusy, l.admit(other).Outcome, "one token was used, not none")
	l.settle(governor.Settlement{Token: ask.Token})
	assert.Zero(t, l.used(), "one cancel gives all of it back")

	later := l.ask(n1, bob)
	later.PairRate = tight
	l.admit(later)
	assert.Equal(t, governor.OverLimit, l.admit(l.ask(n1, bob)).Outcome, "another token is another message")
}

func TestARepeatedAdmissionIsStampedWhenItIsRepeated(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.sent(alice)
	l.after(time.Hour)
	ask := l.ask(n1, alice)
	ask.HoldersPass = true
	l.admit(ask)
	l.after(time.Hour)
	ask.Now, ask.Stamp = l.now, l.now
	assert.Equal(t, governor.Admitted, l.admit(ask).Outcome)
	assert.Equal(t, t0.Add(26*time.Hour), l.usage().NextFree.UTC())
	l.settle(governor.Settlement{Token: ask.Token})
	assert.Equal(t, t0.Add(day), l.usage().NextFree.UTC(), "the stamp of before both")
}

func TestARepeatedAdmissionHasNoRightToAPlaceThatHasLapsed(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ask := l.sent(alice)
	l.after(day)
	l.sent(bob)
	ask.Now, ask.Stamp = l.now, l.now
	assert.Equal(t, governor.OverLimit, l.admit(ask).Outcome)
	assert.Equal(t, 1, l.used())
}

func TestARepeatedAdmissionThatIsNowRefusedGivesBackWhatItBooked(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 2)
	l.sent(alice)
	ask := l.sent(bob)
	ask.Limit = 1
	assert.Equal(t, governor.OverLimit, l.admit(ask).Outcome)
	assert.Equal(t, 1, l.used())
}

func TestAReplyRepeatedWithItsTokenPaysOnce(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ask := l.ask(n1, alice)
	ask.Kind, ask.NumberRate, ask.PairRate = governor.Reply, tight, tight
	for range 3 {
		assert.Equal(t, governor.Verdict{Outcome: governor.Admitted}, l.admit(ask))
	}
	ask.Token.Lo += 100
	assert.Equal(t, governor.NumberBusy, l.admit(ask).Outcome)
}

func TestTheZeroTokenNamesNoAdmission(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ask := l.ask(n1, alice)
	ask.Token = governor.Token{}
	assert.Equal(t, governor.Admitted, l.admit(ask).Outcome)
	ask.Recipient = bob
	assert.Equal(t, governor.OverLimit, l.admit(ask).Outcome)
	l.settle(governor.Settlement{})
	assert.Equal(t, 1, l.used())
}

func TestVerbsRepeatedChangeNothingMore(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 3)
	a, b := l.sent(alice), l.sent(bob)
	l.after(time.Minute)
	commit := governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, MessageID: "wamid.a", Recipient: alice, Canonical: carol}
	for range 3 {
		l.settle(commit)
		l.settle(governor.Settlement{Token: b.Token})
		assert.Equal(t, 1, l.used())
	}
	l.committed(bob, "wamid.b")
	for range 3 {
		l.failed("wamid.b")
		assert.Equal(t, 1, l.used())
	}
	l.committed(bob, "wamid.c") // what failed twice does not take this one away
	l.failed("wamid.b")
	assert.Equal(t, 2, l.used())
	for range 3 {
		l.delivered(governor.DeliveryMark{MessageID: "wamid.c", At: t0.Add(30 * time.Second)})
		l.alias(alice, carol)
		assert.Equal(t, t0.Add(day+time.Minute), l.usage().NextFree.UTC())
	}
	in := governor.InboundMark{Account: account, Number: n1, Customer: alice, At: l.now, Now: l.now, NumberRate: governor.Rate{Every: time.Second, Burst: 2}}
	for range 3 {
		require.NoError(t, l.store.Inbound(t.Context(), in))
	}
	reply := l.ask(n1, alice)
	reply.Kind, reply.NumberRate = governor.Reply, in.NumberRate
	assert.Equal(t, governor.Admitted, l.admit(reply).Outcome, "one of the two tokens is left")
}

func TestARefusedSendTakesNothingOfAnotherRule(t *testing.T) {
	t.Parallel()
	const many = 50
	none := governor.Rate{}
	number := governor.Rate{Every: time.Minute, Burst: 3}
	pair := governor.Rate{Every: time.Minute, Burst: 2}
	for _, c := range []struct {
		name string
		busy func(l *ledger) // uses up what refuses
		want governor.Outcome
		n, p governor.Rate // the rates then, of which nothing may be missing
	}{
		{"limit", func(l *ledger) { l.sent(bob) }, governor.OverLimit, number, pair},
		{"number", func(l *ledger) {
			for range 3 {
				ask := l.ask(n1, bob)
				ask.Kind, ask.NumberRate = governor.Reply, number
				l.admit(ask)
			}
		}, governor.NumberBusy, none, pair},
		{"pair", func(l *ledger) {
			for range 2 {
				ask := l.ask(n1, alice)
				ask.Kind, ask.PairRate = governor.Reply, pair
				l.admit(ask)
			}
		}, governor.PairBusy, number, none},
		{"wish", func(l *ledger) {
			require.NoError(l.t, l.store.Consent(l.t.Context(), governor.ConsentMark{
				Account: account, Recipient: alice, Topic: "x", At: l.now, Now: l.now,
			}))
		}, governor.Unwanted, number, pair},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLedger(t, 1)
			c.busy(l)
			used := l.used()
			for range many {
				ask := l.ask(n1, alice)
				ask.NumberRate, ask.PairRate, ask.Topics[0] = number, pair, "x"
				require.Equal(t, c.want, l.admit(ask).Outcome)
			}
			assert.Equal(t, used, l.used(), "no slot")
			passed := 0
			for range 10 {
				ask := l.ask(n1, alice)
				ask.Kind, ask.NumberRate, ask.PairRate = governor.Reply, c.n, c.p
				if l.admit(ask).Outcome == governor.Admitted {
					passed++
				}
			}
			switch c.want {
			case governor.PairBusy:
				assert.Equal(t, number.Burst, passed, "no token of the number")
			default:
				assert.Equal(t, pair.Burst, passed, "no token of the pair")
			}
		})
	}
}

func TestARuleThatNoTimeSatisfiesIsNamedBeforeAllOthers(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ctx := t.Context()
	busy := l.ask(n1, bob)
	busy.NumberRate = tight
	l.admit(busy)
	ask := l.ask(n1, alice)
	ask.NumberRate, ask.Topics[0] = tight, "x"
	v := l.admit(ask)
	assert.Equal(t, governor.OverLimit, v.Outcome, "a day is more than an hour")
	assert.Equal(t, t0.Add(day), v.RetryAt.UTC())
	require.NoError(t, l.store.Consent(ctx, governor.ConsentMark{Account: account, Recipient: alice, Topic: "x", At: t0, Now: t0}))
	v = l.admit(ask)
	assert.Equal(t, governor.Unwanted, v.Outcome)
	assert.Zero(t, v.RetryAt)
}
