package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

// spared says whether a notification would take no slot.
func (l *ledger) spared(want bool, number, who string, why ...any) {
	l.t.Helper()
	assert.Equal(l.t, !want, l.admit(l.probe(number, who)).Counted, why...)
}

var inboundTests = []test{
	{name: "an inbound opens the window of one number for a day", run: func(l *ledger) {
		l.limit = 0
		l.inbound(n1, alice)
		for _, c := range []struct {
			at     time.Duration
			spared bool
		}{{0, true}, {day - governor.WindowMargin - ms, true}, {day - governor.WindowMargin, false}, {day, false}} {
			l.at(c.at)
			l.spared(c.spared, n1, alice, c.at)
			l.spared(false, n2, alice, "another number")
			l.spared(false, n1, bob, "somebody else")
		}
	}},
	{name: "what a window spares passes at the limit and takes no slot", run: func(l *ledger) {
		l.limit = 0
		l.inbound(n1, alice)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(l.ask(n1, alice)))
		assert.Zero(l.t, l.used())
	}},
	{name: "a reply is refused only when its window is known to have closed", run: func(l *ledger) {
		l.limit = 0
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(l.reply(n1, alice)), "nothing is known")
		l.inbound(n1, alice)
		l.at(day - ms)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(l.reply(n1, alice)))
		l.at(day)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.ReplyClosed}, l.admit(l.reply(n1, alice)))
		l.outcome(l.reply(n2, alice), governor.Admitted, "nothing is known of another number")
		l.outcome(l.reply(n1, bob), governor.Admitted, "nor of somebody else")
		l.at(8*day - ms)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.at(8 * day)
		l.outcome(l.reply(n1, alice), governor.Admitted, "a week after it has closed it is not known any more")
	}},
	{name: "a reply passes at the limit and takes no slot", run: func(l *ledger) {
		l.limit = 1
		l.sent(bob)
		l.inbound(n1, alice)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Used: 1}, l.admit(l.reply(n1, alice)))
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "an older inbound shortens no window", run: func(l *ledger) {
		l.after(time.Hour)
		l.inbound(n1, alice)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, At: t0})
		l.at(day + 30*time.Minute)
		l.spared(true, n1, alice)
	}},
	{name: "a later inbound opens the window again", run: func(l *ledger) {
		l.inbound(n1, alice)
		l.at(2 * day)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, At: l.now.Add(-time.Hour)})
		l.outcome(l.reply(n1, alice), governor.Admitted)
		l.at(3*day - time.Hour)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
	}},
	{name: "an inbound that comes a day late opens nothing and tells that the window has closed", run: func(l *ledger) {
		l.at(2 * day)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, At: t0.Add(day)})
		l.spared(false, n1, alice)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
	}},
	{name: "what may not have opened the window spares no slot and refuses no reply for a day", run: func(l *ledger) {
		l.limit = 0
		l.inbound(n1, alice)
		l.at(day + time.Hour)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, Uncertain: true})
		l.outcome(l.reply(n1, alice), governor.Admitted, "it may be open")
		l.spared(false, n1, alice)
		l.at(2*day + time.Hour - ms)
		l.outcome(l.reply(n1, alice), governor.Admitted)
		l.at(2*day + time.Hour)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed, "now it cannot be any more")
	}},
	{name: "what may not have opened a window of which nothing is known leaves it unknown", run: func(l *ledger) {
		l.heard(governor.InboundMark{Number: n1, Customer: alice, Uncertain: true})
		for _, at := range []time.Duration{0, day - ms, day, 3 * day} {
			l.at(at)
			l.outcome(l.reply(n1, alice), governor.Admitted, at)
		}
	}},
	{name: "what may not have opened the window leaves an open one open", run: func(l *ledger) {
		l.inbound(n1, alice)
		l.after(time.Hour)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, Uncertain: true})
		l.spared(true, n1, alice)
		l.at(day + time.Minute)
		l.spared(false, n1, alice, "and no longer than it was")
	}},
	{name: "the platform's word closes a window until the customer writes again", run: func(l *ledger) {
		l.inbound(n1, alice)
		l.inbound(n2, alice)
		l.after(time.Hour)
		l.closeWindow(n1, alice)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.spared(false, n1, alice)
		l.outcome(l.reply(n2, alice), governor.Admitted, "another number")
		l.heard(governor.InboundMark{Number: n1, Customer: alice, At: l.now})
		l.outcome(l.reply(n1, alice), governor.ReplyClosed, "what was written up to then counts no more, whenever it becomes known")
		l.after(ms)
		l.inbound(n1, alice)
		l.outcome(l.reply(n1, alice), governor.Admitted)
		l.spared(true, n1, alice)
	}},
	{name: "the platform's word closes a window of which nothing is known", run: func(l *ledger) {
		l.closeWindow(n1, alice)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.at(7*day - ms)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.at(7 * day)
		l.outcome(l.reply(n1, alice), governor.Admitted)
	}},
	{name: "the platform's word ends the doubt of what was before it", run: func(l *ledger) {
		l.heard(governor.InboundMark{Number: n1, Customer: alice, Uncertain: true})
		l.after(time.Hour)
		l.closeWindow(n1, alice)
		l.outcome(l.reply(n1, alice), governor.ReplyClosed)
		l.after(time.Hour)
		l.heard(governor.InboundMark{Number: n1, Customer: alice, Uncertain: true})
		l.outcome(l.reply(n1, alice), governor.Admitted)
	}},
	{name: "a reply whose window closes before its rate lets it leave is refused for good", run: func(l *ledger) {
		l.inbound(n1, alice)
		l.at(day - time.Minute)
		l.passes(1, n1, alice, none, tight, "its one")
		a := l.reply(n1, alice)
		a.PairRate = tight
		assert.Equal(l.t, governor.Verdict{Outcome: governor.ReplyClosed}, l.admit(a))
	}},
}
