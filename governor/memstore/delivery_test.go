package memstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

func TestAFailureGivesTheSlotBackOnceHoweverItComes(t *testing.T) {
	t.Parallel()
	commit := func(l *ledger, a governor.Admission) {
		l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, MessageID: "wamid.1", Recipient: alice})
	}
	fail := func(l *ledger, _ governor.Admission) { l.failed("wamid.1") }
	type step func(*ledger, governor.Admission)
	for name, steps := range map[string][]step{
		"after the answer":       {commit, fail},
		"twice":                  {commit, fail, fail, fail},
		"before the answer":      {fail, commit},
		"before it, twice":       {fail, fail, commit},
		"before it and after it": {fail, commit, fail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger(t, 2)
			l.sent(bob)
			a := l.sent(alice)
			for _, step := range steps {
				l.after(time.Second)
				step(l, a)
			}
			assert.Equal(t, 1, l.used())
			l.committed(alice, "wamid.2")
			l.failed("wamid.1")
			assert.Equal(t, 2, l.used(), "once")
		})
	}
}

func TestAFailureLeavesASlotThatAnotherMessageNeeds(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 2)
	l.committed(alice, "wamid.1")
	l.after(time.Hour)
	l.committed(alice, "wamid.2")
	l.after(time.Hour)
	l.failed("wamid.2")
	assert.Equal(t, t0.Add(day), l.usage().NextFree.UTC())
	l.failed("wamid.1")
	assert.Zero(t, l.used())
}

func TestAFailureOfWhatWasSeenToArriveChangesNothing(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.committed(alice, "wamid.1")
	l.after(time.Minute)
	l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
	l.failed("wamid.1")
	assert.Equal(t, t0.Add(day+time.Minute), l.usage().NextFree.UTC())
}

func TestADeliveryRenewsTheSlotOnceAndNeverBack(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.committed(alice, "wamid.1")
	l.after(3 * time.Hour)
	l.delivered(governor.DeliveryMark{MessageID: "wamid.1", At: t0.Add(2 * time.Hour)})
	assert.Equal(t, t0.Add(26*time.Hour), l.usage().NextFree.UTC())
	l.delivered(governor.DeliveryMark{MessageID: "wamid.1"})
	assert.Equal(t, t0.Add(26*time.Hour), l.usage().NextFree.UTC(), "read later is not delivered later")

	l.now = t0.Add(2 * day)
	l.committed(bob, "wamid.2")
	l.delivered(governor.DeliveryMark{MessageID: "wamid.2", At: l.now.Add(-time.Hour)})
	assert.Equal(t, t0.Add(3*day), l.usage().NextFree.UTC())
}

func TestALateDeliveryTakesASlotPastTheLimit(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.committed(alice, "wamid.1")
	l.after(5 * day)
	l.sent(bob)
	l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Recipient: alice, Sort: governor.SortNotification})
	assert.Equal(t, 2, l.used())
	v := l.admit(l.ask(n1, carol))
	assert.Equal(t, governor.OverLimit, v.Outcome)
	l.after(day)
	l.sent(carol)
}

func TestADeliveryOfAnUnknownMessageGoesByItsSort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
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
		t.Run(fmt.Sprintf("sort %d holds %t", c.sort, c.holds), func(t *testing.T) {
			t.Parallel()
			l := newLedger(t, 1)
			if c.holds {
				l.sent(alice)
			}
			l.after(time.Hour)
			l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: alice, Sort: c.sort})
			l.delivered(governor.DeliveryMark{MessageID: "wamid.y", Sort: c.sort}) // to nobody knows whom
			if c.want == 0 {
				assert.Zero(t, l.usage().NextFree)
			} else {
				assert.Equal(t, t0.Add(c.want), l.usage().NextFree.UTC())
			}
		})
	}
}

func TestAReplysStatusIsKnownByItsID(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 2)
	l.sent(alice)
	l.after(time.Hour)
	ask := l.ask(n1, alice)
	ask.Kind = governor.Reply
	require.Equal(t, governor.Verdict{Outcome: governor.Admitted, Used: 1}, l.admit(ask))
	l.settle(governor.Settlement{Token: ask.Token, Sent: true, Stamp: l.now, MessageID: "wamid.r", Recipient: alice})
	for range 2 {
		l.delivered(governor.DeliveryMark{MessageID: "wamid.r", Recipient: alice})
		l.failed("wamid.r")
		assert.Equal(t, t0.Add(day), l.usage().NextFree.UTC(), "alice's slot is not renewed")
	}
}

func TestADeliveryInsideAWindowIsSpared(t *testing.T) {
	t.Parallel()
	const margin = governor.WindowMargin
	for _, c := range []struct {
		name        string
		wrote, shut time.Duration // from t0; negative: never
		delivered   time.Duration
		spared      bool
	}{
		{"inside", 2 * time.Hour, -1, 3 * time.Hour, true},
		{"just inside", 2 * time.Hour, -1, 26*time.Hour - margin - time.Millisecond, true},
		{"too near its end", 2 * time.Hour, -1, 26*time.Hour - margin, false},
		{"before the customer wrote", 2 * time.Hour, -1, 2*time.Hour - time.Second, false},
		{"after it", 2 * time.Hour, -1, 27 * time.Hour, false},
		{"nobody wrote", -1, -1, 3 * time.Hour, false},
		{"the platform said that it was closed", -1, 9 * time.Hour, 3 * time.Hour, false},
		{"it said so of what came before", 2 * time.Hour, 9 * time.Hour, time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLedger(t, 1)
			if c.wrote >= 0 {
				l.now = t0.Add(c.wrote)
				l.inbound(n1, alice)
			}
			if c.shut >= 0 {
				l.now = t0.Add(c.shut)
				require.NoError(t, l.store.CloseWindow(t.Context(), account, n1, alice, l.now))
			}
			l.now = t0.Add(max(c.wrote, c.shut, c.delivered)) // when its webhook comes
			l.delivered(governor.DeliveryMark{MessageID: "wamid.1", Recipient: alice, Sort: governor.SortNotification, At: t0.Add(c.delivered)})
			want := 1
			if c.spared {
				want = 0
			}
			assert.Equal(t, want, l.used())
			l.delivered(governor.DeliveryMark{MessageID: "wamid.2", Number: n2, Recipient: alice, Sort: governor.SortNotification, At: t0.Add(c.delivered)})
			assert.Equal(t, 1, l.used(), "the window of one number spares no other's")
		})
	}
}
