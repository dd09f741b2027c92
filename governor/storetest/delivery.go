package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

var deliveryTests = []test{
	{name: "a failure gives the slot back once, however it comes", run: func(l *ledger) {
		commit := func(a governor.Admission) { l.commit(a, "wamid."+a.Recipient) }
		fail := func(a governor.Admission) { l.failed("wamid." + a.Recipient) }
		l.limit = 9
		for i, steps := range [][]func(governor.Admission){
			{commit, fail}, {commit, fail, fail, fail}, {fail, commit}, {fail, fail, commit}, {fail, commit, fail},
		} {
			l.at(time.Duration(i) * 2 * day)
			who := person(i)
			l.sent(bob)
			a := l.sent(who)
			for _, step := range steps {
				l.after(time.Second)
				step(a)
			}
			assert.Equal(l.t, 1, l.used(), "order %d", i)
			l.committed(who, "wamid.later."+who)
			fail(a)
			assert.Equal(l.t, 2, l.used(), "order %d: once", i)
		}
	}},
	{name: "a failure leaves a slot that another message needs", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.after(time.Hour)
		l.committed(alice, "wamid.2")
		l.after(time.Hour)
		l.failed("wamid.2")
		assert.Equal(l.t, day, l.frees())
		l.failed("wamid.1")
		assert.Zero(l.t, l.used())

		l.committed(alice, "wamid.3")
		under := l.sent(alice)
		l.failed("wamid.3")
		assert.Equal(l.t, 1, l.used(), "one is under way")
		l.cancel(under)
		assert.Zero(l.t, l.used())
	}},
	{name: "the last four of a person can fail in any order", run: func(l *ledger) {
		for _, order := range [][]int{{1, 2, 3, 4}, {4, 3, 2, 1}, {2, 4, 1, 3}} {
			l.now = l.now.Truncate(day).Add(2 * day)
			start := l.now
			ids := []string{"", "a", "b", "c", "d"}
			for i := range ids[1:] {
				ids[i+1] += start.String()
				l.committed(alice, ids[i+1])
				l.after(time.Hour)
			}
			left := map[int]bool{1: true, 2: true, 3: true, 4: true}
			for _, i := range order {
				l.failed(ids[i])
				delete(left, i)
				latest := 0
				for j := range left {
					latest = max(latest, j)
				}
				if latest == 0 {
					assert.Zero(l.t, l.used())
				} else {
					assert.Equal(l.t, start.Add(day+time.Duration(latest-1)*time.Hour), l.usage().NextFree)
				}
			}
		}
	}},
	{name: "a failure of what was seen to arrive changes nothing", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.after(time.Minute)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
		l.failed("wamid.1")
		assert.Equal(l.t, day+time.Minute, l.frees())
	}},
	{name: "a failure of a message that nobody knows gives nothing back", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: alice, Failed: true, Sort: governor.SortNotification})
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "a failure after the slot has lapsed gives nothing back", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.at(day)
		l.sent(alice)
		l.failed("wamid.1")
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "what failed and arrives after all takes its slot", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.after(time.Hour)
		l.failed("wamid.1")
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Recipient: alice})
		assert.Equal(l.t, 26*time.Hour, l.frees())
	}},
	{name: "a delivery renews the slot once and never back", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.at(3 * time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", At: t0.Add(2 * time.Hour)})
		assert.Equal(l.t, 26*time.Hour, l.frees())
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
		assert.Equal(l.t, 26*time.Hour, l.frees(), "read later is not delivered later")
		l.at(2 * day)
		l.committed(bob, "wamid.2")
		l.delivered(governor.DeliveryMark{MessageID: "wamid.2", At: l.now.Add(-time.Hour)})
		assert.Equal(l.t, 3*day, l.frees())
	}},
	{name: "a delivery is stamped later than it was by the grace", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.at(2 * time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Stamp: l.now.Add(7 * time.Minute)})
		assert.Equal(l.t, 26*time.Hour+7*time.Minute, l.frees())
	}},
	{name: "a message that has only left the platform moves its stamp and may still fail", run: func(l *ledger) {
		l.committed(alice, "wamid.1")
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Sent: true})
		assert.Equal(l.t, 25*time.Hour, l.frees())
		l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: bob, Sent: true, Sort: governor.SortNotification})
		assert.Equal(l.t, 1, l.used(), "whose answer is still to come is stamped by that")
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
		assert.Equal(l.t, 26*time.Hour, l.frees(), "and may still arrive")
		l.committed(bob, "wamid.2")
		l.delivered(governor.DeliveryMark{MessageID: "wamid.2", Sent: true})
		l.failed("wamid.2")
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "a late delivery takes a slot past the limit", run: func(l *ledger) {
		l.limit = 1
		l.committed(alice, "wamid.1")
		l.after(5 * day)
		l.sent(bob)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Recipient: alice, Sort: governor.SortNotification})
		assert.Equal(l.t, 2, l.used())
		assert.Equal(l.t, governor.OverLimit, l.admit(l.ask(n1, carol)).Outcome)
		l.after(day)
		l.sent(carol)
	}},
	{name: "a delivery told a day late takes none", run: func(l *ledger) {
		l.at(2 * day)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: alice, Sort: governor.SortNotification, At: t0.Add(day)})
		assert.Zero(l.t, l.used())
		l.delivered(governor.DeliveryMark{MessageID: "wamid.y", Recipient: alice, Sort: governor.SortNotification, At: t0.Add(day + ms)})
		assert.Equal(l.t, 2*day+ms, l.frees())
	}},
	{name: "a message that is not known goes by its sort, and that by whether a slot is held", run: func(l *ledger) {
		for i, c := range []struct {
			sort  governor.Sort
			holds bool
			want  time.Duration // when the slot frees; zero: there is none
		}{
			{governor.SortNotification, false, 25 * time.Hour},
			{governor.SortNotification, true, 25 * time.Hour},
			{governor.SortReply, false, 0},
			{governor.SortReply, true, day},
			{governor.SortUnknown, false, 0},
			{governor.SortUnknown, true, 25 * time.Hour},
		} {
			begin := time.Duration(i) * 3 * day
			l.at(begin)
			who := person(i)
			if c.holds {
				l.sent(who)
			}
			l.after(time.Hour)
			l.delivered(governor.DeliveryMark{MessageID: "wamid.x" + who, Recipient: who, Sort: c.sort})
			l.delivered(governor.DeliveryMark{MessageID: "wamid.y" + who, Sort: c.sort}) // to nobody knows whom
			if c.want == 0 {
				assert.Zero(l.t, l.used(), "%+v", c)
			} else {
				assert.Equal(l.t, begin+c.want, l.frees(), "%+v", c)
			}
		}
	}},
	{name: "the sort is remembered, since the platform names it once", run: func(l *ledger) {
		l.sent(alice)
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.r", Recipient: alice, Sent: true, Sort: governor.SortReply})
		l.delivered(governor.DeliveryMark{MessageID: "wamid.r", Recipient: alice})
		assert.Equal(l.t, day, l.frees(), "a reply's")
		l.delivered(governor.DeliveryMark{MessageID: "wamid.n", Recipient: bob, Sent: true, Sort: governor.SortNotification})
		l.delivered(governor.DeliveryMark{MessageID: "wamid.n", Recipient: bob})
		assert.Equal(l.t, 2, l.used(), "a notification's")
	}},
	{name: "a reply's status is known by its ID", run: func(l *ledger) {
		l.sent(alice)
		l.after(time.Hour)
		a := l.reply(n1, alice)
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Used: 1}, l.admit(a))
		l.commit(a, "wamid.r")
		for range 2 {
			l.delivered(governor.DeliveryMark{MessageID: "wamid.r", Recipient: alice})
			l.failed("wamid.r")
			assert.Equal(l.t, day, l.frees(), "alice's slot is not renewed")
		}
	}},
	{name: "what is remembered of a message goes before what the platform says of it", run: func(l *ledger) {
		l.committed(alice, "wamid.n")
		a := l.reply(n1, alice)
		l.admit(a)
		l.commit(a, "wamid.r")
		l.after(time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.r", Recipient: alice, Sort: governor.SortNotification})
		assert.Equal(l.t, day, l.frees())
		l.delivered(governor.DeliveryMark{MessageID: "wamid.n", Recipient: bob, Sort: governor.SortReply})
		assert.Equal(l.t, 25*time.Hour, l.frees(), "and whose it is")
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "a notification that a window spared takes its slot when it arrives after it", run: func(l *ledger) {
		l.limit = 0
		l.inbound(n1, alice)
		a := l.ask(n1, alice)
		l.admit(a)
		l.commit(a, "wamid.1")
		l.at(2 * time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Recipient: alice})
		assert.Zero(l.t, l.used())
		l.at(30 * time.Hour)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Recipient: alice})
		assert.Equal(l.t, 54*time.Hour, l.frees())
	}},
	{name: "a delivery inside a window is spared", run: deliveryInsideAWindow},
	{name: "a delivery finds its person under any spelling", run: func(l *ledger) {
		l.alias(bob, alice)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: bob, Sort: governor.SortNotification})
		l.sent(alice)
		assert.Equal(l.t, 1, l.used())
	}},
}

func deliveryInsideAWindow(l *ledger) {
	const margin, never = governor.WindowMargin, -1
	for i, c := range []struct {
		name        string
		wrote, shut time.Duration // from the begin on
		delivered   time.Duration
		spared      bool
	}{
		{"inside", 2 * time.Hour, never, 3 * time.Hour, true},
		{"just inside", 2 * time.Hour, never, 26*time.Hour - margin - ms, true},
		{"too near its end", 2 * time.Hour, never, 26*time.Hour - margin, false},
		{"before the customer wrote", 2 * time.Hour, never, 2*time.Hour - time.Second, false},
		{"after it", 2 * time.Hour, never, 27 * time.Hour, false},
		{"nobody wrote", never, never, 3 * time.Hour, false},
		{"the platform said that it was closed", never, 9 * time.Hour, 3 * time.Hour, false},
		{"it said so of what came before", 2 * time.Hour, 9 * time.Hour, time.Hour, false},
	} {
		begin, who := time.Duration(i)*3*day, person(i)
		if c.wrote != never {
			l.at(begin + c.wrote)
			l.inbound(n1, who)
		}
		if c.shut != never {
			l.at(begin + c.shut)
			l.closeWindow(n1, who)
		}
		l.at(begin + max(c.wrote, c.shut, c.delivered)) // when its webhook comes
		at := t0.Add(begin + c.delivered)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.1" + who, Recipient: who, Sort: governor.SortNotification, At: at})
		want := 1
		if c.spared {
			want = 0
		}
		assert.Equal(l.t, want, l.used(), c.name)
		l.delivered(governor.DeliveryMark{MessageID: "wamid.2" + who, Number: n2, Recipient: who, Sort: governor.SortNotification, At: at})
		assert.Equal(l.t, 1, l.used(), "%s: the window of one number spares no other's", c.name)
	}
}
