package governor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/quality"
)

func TestAReservationEndsOnce(t *testing.T) {
	t.Parallel()
	commit := func(f *fixture, r *governor.Reservation) error {
		return r.Commit(f.t.Context(), governor.Receipt{MessageID: "wamid.1"})
	}
	cancel := func(f *fixture, r *governor.Reservation) error { return r.Cancel(f.t.Context()) }
	type end func(*fixture, *governor.Reservation) error
	for _, c := range []struct {
		name string
		ends []end
		want []error
		used int
	}{
		{"never", nil, nil, 1},
		{"commit", []end{commit}, []error{nil}, 1},
		{"cancel", []end{cancel}, []error{nil}, 0},
		{"commit twice", []end{commit, commit}, []error{nil, nil}, 1},
		{"cancel twice", []end{cancel, cancel}, []error{nil, nil}, 0},
		{"commit, cancel", []end{commit, cancel}, []error{nil, nil}, 1},
		{"cancel, commit", []end{cancel, commit}, []error{nil, governor.ErrSettled}, 0},
		{"commit, cancel, commit", []end{commit, cancel, commit}, []error{nil, nil, nil}, 1},
		{"cancel, commit, cancel", []end{cancel, commit, cancel}, []error{nil, governor.ErrSettled, nil}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 2, nil)
			r := f.reserved(template(n1, alice))
			assert.Equal(t, 1, f.used(), "it counts from the start")
			for i, end := range c.ends {
				require.ErrorIs(t, end(f, r), c.want[i])
			}
			assert.Equal(t, c.used, f.used())
			f.clock.Advance(day)
			assert.Zero(t, f.used())
		})
	}
}

func TestNoReservationIsHarmless(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*governor.Reservation{"nil": nil, "zero": {}} {
		require.ErrorIs(t, r.Commit(t.Context(), governor.Receipt{}), governor.ErrSettled, name)
		require.NoError(t, r.Cancel(t.Context()), name)
		assert.False(t, r.Decision().Allowed, name)
	}
}

func TestCancelPutsBackExactlyWhatWasThere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, func(cfg *governor.Config) { cfg.AtLimit = governor.RefuseNew })
	t0 := f.clock.Now()
	usedAt := func(at time.Time) int { f.at(at); return f.used() }

	f.sent(template(n1, alice))
	f.at(t0.Add(time.Hour))
	require.NoError(t, f.reserved(template(n1, bob)).Cancel(t.Context()))
	assert.Equal(t, 1, f.used(), "a first send leaves nothing")

	f.at(t0.Add(2 * time.Hour))
	require.NoError(t, f.reserved(template(n1, alice)).Cancel(t.Context()))
	assert.Equal(t, 1, usedAt(t0.Add(day-time.Millisecond)))
	assert.Equal(t, 0, usedAt(t0.Add(day)), "a repeat leaves the earlier stamp")

	// Two repeats that are under way, ended in either order.
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		t1 := f.clock.Now()
		f.sent(template(n1, alice))
		f.at(t1.Add(time.Hour))
		first := f.reserved(template(n1, alice))
		f.at(t1.Add(2 * time.Hour))
		second := f.reserved(template(n1, alice))
		for _, i := range order {
			require.NoError(t, []*governor.Reservation{first, second}[i].Cancel(t.Context()))
		}
		assert.Equal(t, 1, usedAt(t1.Add(day-time.Millisecond)))
		assert.Equal(t, 0, usedAt(t1.Add(day)))
	}

	// One of two stays.
	t2 := f.clock.Now()
	first := f.reserved(template(n1, carol))
	f.at(t2.Add(time.Hour))
	second := f.reserved(template(n1, carol))
	require.NoError(t, first.Cancel(t.Context()))
	require.NoError(t, second.Commit(t.Context(), governor.Receipt{}))
	assert.Equal(t, 1, usedAt(t2.Add(25*time.Hour-time.Millisecond)))
	assert.Equal(t, 0, usedAt(t2.Add(25*time.Hour)))
}

func TestCancelInsideAServiceWindowGivesBackNothingThatWasNotTaken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	f.sent(template(n1, alice))
	f.observe(governor.Inbound{Number: n1, Customer: alice}, governor.Inbound{Number: n1, Customer: bob})
	for _, m := range []governor.Message{template(n1, alice), template(n1, bob), reply(n1, alice)} {
		r := f.reserved(m)
		assert.False(t, r.Decision().Counted)
		require.NoError(t, r.Cancel(t.Context()))
		assert.Equal(t, 1, f.used())
	}
}

func TestCommitStampsAtTheAnswersTimeAndNeverBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration // from Reserve to Commit
		at    time.Duration // of the answer, from Reserve
		want  time.Duration // when the slot frees, from Reserve
	}{
		{"at the answer", 3 * time.Second, 2 * time.Second, day + 2*time.Second},
		{"now, if no time is told", 3 * time.Second, -1, day + 3*time.Second},
		{"now, if it is still to come", 3 * time.Second, time.Hour, day + 3*time.Second},
		{"never back", 3 * time.Second, -time.Hour, day},
		{"never back with the clock", -time.Hour, -1, day},
		{"a slot that had lapsed is taken again", 25 * time.Hour, -1, 49 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1, nil)
			t0 := f.clock.Now()
			r := f.reserved(template(n1, alice))
			f.at(t0.Add(c.after))
			receipt := governor.Receipt{At: t0.Add(c.at)}
			if c.at == -1 {
				receipt.At = time.Time{}
			}
			require.NoError(t, r.Commit(t.Context(), receipt))
			f.at(t0.Add(c.want - time.Millisecond))
			f.refused(template(n1, bob), governor.ErrTierLimit)
			f.at(t0.Add(c.want))
			f.sent(template(n1, bob))
		})
	}
}

func TestGraceHoldsASlotLonger(t *testing.T) {
	t.Parallel()
	const grace = 90 * time.Second
	f := newFixture(t, 1, func(cfg *governor.Config) { cfg.Grace = grace })
	t0 := f.clock.Now()
	r := f.reserved(template(n1, alice))
	denied := f.refused(template(n1, bob), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(day+grace), denied.RetryAt)
	f.at(t0.Add(time.Minute))
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1"}))
	denied = f.refused(template(n1, bob), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(time.Minute+day+grace), denied.RetryAt)
	f.at(t0.Add(time.Hour))
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Delivered, At: t0.Add(30 * time.Minute)})
	denied = f.refused(template(n1, bob), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(30*time.Minute+day+grace), denied.RetryAt)
	f.at(denied.RetryAt)
	f.sent(template(n1, bob))
}

func TestCommitCanBeCalledAgainAfterAFault(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		f, store := newHooked(t, nil)
		t0 := f.clock.Now()
		r := f.reserved(template(n1, alice))
		f.at(t0.Add(time.Second))
		store.FailNth(1, applied)
		receipt := governor.Receipt{MessageID: "wamid.1"}
		require.ErrorIs(t, r.Commit(t.Context(), receipt), errFault)
		require.NoError(t, r.Commit(t.Context(), receipt))
		denied := f.refused(template(n1, bob), governor.ErrTierLimit)
		assert.Equal(t, t0.Add(day+time.Second), denied.RetryAt)
		f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Failed})
		assert.Zero(t, f.used(), "the message is known")
	}
}

func TestCancelCanBeCalledAgainAfterAFault(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		f, store := newHooked(t, nil)
		r := f.reserved(template(n1, alice))
		store.FailNth(1, applied)
		require.ErrorIs(t, r.Cancel(t.Context()), errFault)
		require.NoError(t, r.Cancel(t.Context()))
		assert.Zero(t, f.used())
	}
}

func TestADeferredCancelDoesNotUndoACommitThatFailed(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	err := func() error {
		r := f.reserved(template(n1, alice))
		defer func() { assert.NoError(t, r.Cancel(context.Background())) }()
		store.FailNth(1, false)
		return r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1"})
	}()
	require.ErrorIs(t, err, errFault)
	assert.Equal(t, 1, f.used(), "the platform has the message")
}

func TestAnObserverMayEndTheReservationItHearsOf(t *testing.T) {
	t.Parallel()
	var r *governor.Reservation
	f, store := newHooked(t, func(cfg *governor.Config) {
		cfg.Observer = func(n governor.Notice) {
			if n.Kind == governor.NoticeStoreFailed {
				assert.NoError(t, r.Cancel(context.Background()))
			}
		}
	})
	r = f.reserved(template(n1, alice))
	store.FailNth(1, false)
	ended := make(chan error, 1)
	go func() { ended <- r.Cancel(t.Context()) }()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, errFault)
	case <-time.After(longEnough):
		require.FailNow(t, "the observer waits for the lock of whoever called it")
	}
	assert.Zero(t, f.used())
}

func TestTheAnswersSpellingIsLearned(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5, nil)
	const asked, spelt = "5541988887777", "554188887777"
	r := f.reserved(template(n1, "+"+asked))
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1", Recipient: spelt}))
	f.sent(template(n2, spelt))
	f.sent(template(n1, asked))
	assert.Equal(t, 1, f.used(), "one person")
	f.observe(governor.Inbound{Number: n1, Customer: spelt})
	assert.False(t, f.check(template(n1, asked)).Counted, "one window")

	r = f.reserved(template(n1, bob))
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{Recipient: "?"}), "what cannot be read teaches nothing")
	r = f.reserved(template(n1, bob))
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{Recipient: "+" + bob}))
	assert.Equal(t, 2, f.used())
}

func TestADecisionSaysWhatTheReservationTakes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	d := f.reserved(template(n1, alice)).Decision()
	assert.Equal(t, governor.Decision{
		Allowed: true, Reason: governor.Passed, At: f.clock.Now(), Counted: true, Used: 1, Limit: 2, Account: account, Number: n1,
	}, d)
	d = f.reserved(reply(n2, alice)).Decision()
	assert.Equal(t, governor.Decision{
		Allowed: true, Reason: governor.Passed, At: f.clock.Now(), Used: 1, Limit: 2, Account: account, Number: n2, Kind: governor.Reply,
	}, d)
}

// A reservation does not keep the decision as it was made, but what one that
// allows can say.
func TestAReservationTellsTheDecisionThatItWasMadeBy(t *testing.T) {
	t.Parallel()
	seen := &governortest.Recorder{}
	f, store := newLeased(t, 20, 3, func(cfg *governor.Config) { cfg.Observer, cfg.ObserveAllowed = seen.Record, true })
	f.observe(rated(n1, quality.Low, f.clock.Now()))
	for _, c := range []struct {
		name string
		send func() governor.Message
		want governor.Reason
	}{
		{"a notification", func() governor.Message { return utility(n1, alice) }, governor.Passed},
		{"a repeat", func() governor.Message { return utility(n1, alice) }, governor.Passed},
		{"a reply", func() governor.Message { return reply(n2, bob) }, governor.Passed},
		{"a receipt", func() governor.Message { return governor.Message{From: n1, Kind: governor.ReadReceipt} }, governor.Passed},
		{"a reply in an outage", func() governor.Message { store.Fail(); return reply(n1, bob) }, governor.StoreFailed},
		{"a slot in an outage", func() governor.Message { return utility(n1, carol) }, governor.LocalBudget},
	} {
		m := c.send()
		f.clock.Advance(time.Second)
		seen.Reset()
		r, err := f.gov.Reserve(t.Context(), m)
		require.NoError(t, err, c.name)
		told := seen.Notices(governor.NoticeAllowed)
		require.Len(t, told, 1, c.name)
		assert.Equal(t, told[0].Decision, r.Decision(), c.name)
		assert.Equal(t, c.want, r.Decision().Reason, c.name)
	}
}
