package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

var admitTests = []test{
	{name: "one slot per person is booked, up to the limit", run: func(l *ledger) {
		t := l.t
		assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(l.ask(n1, alice)))
		l.after(time.Hour)
		assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(l.ask(n2, alice)))
		assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 2}, l.admit(l.ask(n1, bob)))
		full := governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 2, RetryAt: t0.Add(25 * time.Hour)}
		assert.Equal(t, full, l.admit(l.ask(n1, carol)), "alice was written to again")
		assert.Equal(t, full, l.admit(l.ask(n1, bob)), "a repeat is refused as well")
	}},
	{name: "a slot holder passes at the limit where holders do", run: func(l *ledger) {
		l.sent(alice)
		l.sent(bob)
		for who, want := range map[string]governor.Outcome{alice: governor.Admitted, bob: governor.Admitted, carol: governor.OverLimit} {
			a := l.ask(n1, who)
			a.HoldersPass = true
			l.outcome(a, want)
			a.Limit = 1 // lowered below what is used
			l.outcome(a, want)
		}
		l.at(day)
		a := l.ask(n1, alice)
		a.HoldersPass, a.Limit = true, 0
		l.outcome(a, governor.OverLimit, "she holds none any more")
	}},
	{name: "a limit of nothing is refused for ever", run: func(l *ledger) {
		for _, limit := range []int{0, -1} {
			l.limit = limit
			assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true}, l.admit(l.ask(n1, alice)))
		}
	}},
	{name: "a lowered limit holds at once, a raised one too", run: func(l *ledger) {
		l.limit = 3
		l.sent(alice)
		l.after(time.Hour)
		l.sent(bob)
		l.after(time.Hour)
		l.sent(carol)
		l.limit = 1
		v := l.admit(l.ask(n1, person(4)))
		assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 3, RetryAt: t0.Add(day + 2*time.Hour)}, v)
		l.limit = 4
		l.sent(person(4))
		assert.Equal(l.t, 4, l.used())
	}},
	{name: "a slot is free exactly a day after its stamp", run: func(l *ledger) {
		l.limit = 1
		l.sent(alice)
		l.at(day - ms)
		assert.Equal(l.t, 1, l.used())
		assert.Equal(l.t, t0.Add(day), l.admit(l.ask(n1, bob)).RetryAt)
		l.at(day)
		assert.Zero(l.t, l.used())
		l.sent(bob)
	}},
	{name: "within a millisecond a slot is held for longer and never for less", run: func(l *ledger) {
		l.limit = 1
		l.now = t0.Add(1)
		l.sent(alice)
		for _, at := range []time.Duration{day} {
			l.at(at)
			l.outcome(l.probe(n1, bob), governor.OverLimit)
		}
		l.at(day + 2*ms)
		l.outcome(l.probe(n1, bob), governor.Admitted)
	}},
	{name: "a repeat renews the slot and takes no new one", run: func(l *ledger) {
		l.sent(alice)
		l.after(3 * time.Hour)
		l.sent(alice)
		assert.Equal(l.t, 1, l.used())
		assert.Equal(l.t, day+3*time.Hour, l.frees())
	}},
	{name: "the stamp may be later than now and is never earlier", run: func(l *ledger) {
		a := l.ask(n1, alice)
		a.Stamp = l.now.Add(7 * time.Minute)
		l.admit(a)
		assert.Equal(l.t, day+7*time.Minute, l.frees())
		l.cancel(a)
		a = l.ask(n1, bob)
		a.Stamp = l.now.Add(-time.Hour)
		l.admit(a)
		assert.Equal(l.t, day, l.frees())
	}},
	{name: "a probe changes nothing", run: func(l *ledger) {
		l.limit = 1
		tight := governor.Rate{Every: time.Second, Burst: 1}
		for range 5 {
			a := l.probe(n1, alice)
			a.NumberRate, a.PairRate = tight, tight
			assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true}, l.admit(a))
			a.Kind = governor.Reply
			assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted}, l.admit(a))
		}
		assert.Zero(l.t, l.used())
		a := l.ask(n1, alice)
		a.NumberRate, a.PairRate = tight, tight
		require.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
		again := a
		again.Probe = true
		again.NumberRate, again.PairRate = governor.Rate{}, governor.Rate{}
		assert.Equal(l.t, governor.OverLimit, l.admit(again).Outcome, "one that is under way is not given back for it")
		assert.Equal(l.t, 1, l.used())
		l.cancel(a)
		assert.Zero(l.t, l.used(), "and can be settled still")
	}},
	{name: "the first of the times at which the same admission passes is told", run: func(l *ledger) {
		l.limit = 1
		l.committed(bob, "wamid.1")
		l.after(time.Hour)
		l.exactly(l.ask(n1, alice), ms)
	}},
	{name: "a window that closes before the send can leave is reckoned with", run: func(l *ledger) {
		l.limit = 1
		l.inbound(n1, alice)
		l.at(20 * time.Hour)
		l.sent(bob)
		a := l.probe(n1, alice)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Used: 1}, l.admit(a), "her window is open")
		a.NotBefore = t0.Add(day - governor.WindowMargin - ms)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Used: 1}, l.admit(a))
		a.NotBefore = t0.Add(day - governor.WindowMargin)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 1, RetryAt: t0.Add(44 * time.Hour)}, l.admit(a))
		a.NotBefore = time.Time{}
		l.mark(governor.ConsentMark{Topic: "x", Until: t0.Add(day)}) // a rule of the store's own holds it up as well
		a.Topics[2] = "x"
		assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 1, RetryAt: t0.Add(44 * time.Hour)}, l.admit(a))
		reply := l.probe(n1, alice)
		reply.Kind, reply.NotBefore = governor.Reply, t0.Add(day-ms)
		l.outcome(reply, governor.Admitted)
		reply.NotBefore = t0.Add(day)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.ReplyClosed, Used: 1}, l.admit(reply), "by then no reply will be taken")
	}},
	{name: "a slot that lapses before the send can leave is reckoned with", run: func(l *ledger) {
		l.limit = 1
		l.sent(alice)
		l.after(time.Hour)
		a := l.probe(n1, bob)
		a.NotBefore = t0.Add(day)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(a), "the caller holds it until there is one")
		a.NotBefore = t0.Add(day - ms)
		assert.Equal(l.t, t0.Add(day), l.admit(a).RetryAt)

		l.limit = 2
		l.sent(bob)
		holder := l.probe(n1, alice)
		holder.HoldersPass, holder.Limit = true, 1
		holder.NotBefore = t0.Add(day - ms)
		l.outcome(holder, governor.Admitted)
		holder.NotBefore = t0.Add(day)
		assert.Equal(l.t, t0.Add(25*time.Hour), l.admit(holder).RetryAt, "by then she holds none, and bob does")
	}},
	{name: "the rule that refuses longest is named", run: func(l *ledger) {
		l.limit = 1
		l.sent(bob)
		tight := governor.Rate{Every: time.Hour, Burst: 1}
		busy := l.reply(n1, carol)
		busy.NumberRate = tight
		l.admit(busy)
		a := l.probe(n1, alice)
		a.NumberRate = tight
		assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 1, RetryAt: t0.Add(day)}, l.admit(a), "a day is more than an hour")
		a.Limit = 2
		assert.Equal(l.t, governor.Verdict{Outcome: governor.NumberBusy, Counted: true, Used: 1, RetryAt: t0.Add(time.Hour)}, l.admit(a))
		l.mark(governor.ConsentMark{Topic: "x", Until: t0.Add(2 * time.Hour)})
		a.Topics[1] = "x"
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Unwanted, Counted: true, Used: 1, RetryAt: t0.Add(2 * time.Hour)}, l.admit(a))
		a.Limit = 1
		assert.Equal(l.t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, Used: 1, RetryAt: t0.Add(day)}, l.admit(a))
		l.mark(governor.ConsentMark{Topic: "x"})
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Unwanted, Counted: true, Used: 1}, l.admit(a), "what no time satisfies comes before all others")
	}},
	{name: "of rules that refuse equally long wishes come first, then number, pair and limit", run: func(l *ledger) {
		tight := governor.Rate{Every: day, Burst: 1}
		l.limit = 1
		busy := l.ask(n1, alice)
		busy.NumberRate, busy.PairRate = tight, tight
		l.admit(busy)
		l.mark(governor.ConsentMark{Topic: "x", Until: t0.Add(day)})
		a := l.ask(n1, alice)
		a.NumberRate, a.PairRate, a.Topics[0] = tight, tight, "x"
		l.outcome(a, governor.Unwanted)
		a.Topics[0] = ""
		l.outcome(a, governor.NumberBusy)
		a.NumberRate = governor.Rate{}
		l.outcome(a, governor.PairBusy)
		a.PairRate = governor.Rate{}
		l.outcome(a, governor.OverLimit)
		a.Limit, a.OptIn, a.Topics[0] = 0, "y", "z"
		l.outcome(a, governor.NotAskedFor, "for ever both")
		l.mark(governor.ConsentMark{Topic: "z"})
		l.outcome(a, governor.Unwanted)
	}},
	{name: "a refused send takes nothing of another rule", run: refusedTakesNothing},
}

func refusedTakesNothing(l *ledger) {
	number, pair := governor.Rate{Every: time.Minute, Burst: 3}, governor.Rate{Every: time.Minute, Burst: 2}
	for i, c := range []struct {
		why  string
		busy func(n string, who string) // uses up what refuses
		want governor.Outcome
		n, p governor.Rate // the rates then, of which nothing may be missing
		left int           // how many replies then pass
	}{
		{"limit", func(string, string) { l.sent(bob) }, governor.OverLimit, number, pair, 2},
		{"number", func(n, _ string) {
			for range 3 {
				a := l.reply(n, bob)
				a.NumberRate = number
				l.admit(a)
			}
		}, governor.NumberBusy, governor.Rate{}, pair, 2},
		{"pair", func(n, who string) {
			for range 2 {
				a := l.reply(n, who)
				a.PairRate = pair
				l.admit(a)
			}
		}, governor.PairBusy, number, governor.Rate{}, 3},
		{"wish", func(_, who string) { l.mark(governor.ConsentMark{Recipient: who, Topic: "x"}) }, governor.Unwanted, number, pair, 2},
	} {
		l.at(time.Duration(i) * 2 * day)
		n, who := n1+c.why, person(100+i)
		l.limit = 1
		c.busy(n, who)
		used := l.used()
		if c.want != governor.OverLimit {
			l.limit = 5
		}
		for range 10 {
			a := l.ask(n, who)
			a.NumberRate, a.PairRate, a.Topics[0] = number, pair, "x"
			require.Equal(l.t, c.want, l.admit(a).Outcome, c.why)
		}
		assert.Equal(l.t, used, l.used(), "%s: no slot", c.why)
		passed := 0
		for range 6 {
			a := l.reply(n, who)
			a.NumberRate, a.PairRate = c.n, c.p
			if l.admit(a).Outcome == governor.Admitted {
				passed++
			}
		}
		assert.Equal(l.t, c.left, passed, "%s: no token", c.why)
	}
}
