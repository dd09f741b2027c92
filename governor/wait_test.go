package governor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// waiting is a Wait under way.
type waiting struct {
	f    *fixture
	done chan struct{}
	r    *governor.Reservation
	err  error
}

// wait starts a Wait and returns once it sleeps, as the sleeper of that number.
func (f *fixture) wait(ctx context.Context, m governor.Message, sleepers int) *waiting {
	f.t.Helper()
	w := f.start(ctx, m)
	f.asleep(sleepers)
	return w
}

func (f *fixture) start(ctx context.Context, m governor.Message) *waiting {
	w := &waiting{f: f, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.r, w.err = f.gov.Wait(ctx, m)
	}()
	return w
}

// asleep returns once so many sleep on the clock.
func (f *fixture) asleep(sleepers int) {
	f.t.Helper()
	ctx, stop := context.WithTimeout(f.t.Context(), longEnough)
	defer stop()
	require.NoError(f.t, f.clock.BlockUntil(ctx, sleepers))
}

// passed waits for the Wait to end with a reservation.
func (w *waiting) passed() *governor.Reservation {
	w.f.t.Helper()
	w.ended()
	require.NoError(w.f.t, w.err)
	require.NotNil(w.f.t, w.r)
	return w.r
}

func (w *waiting) failed(want error) error {
	w.f.t.Helper()
	w.ended()
	require.ErrorIs(w.f.t, w.err, want)
	require.Nil(w.f.t, w.r)
	return w.err
}

func (w *waiting) ended() {
	w.f.t.Helper()
	select {
	case <-w.done:
	case <-time.After(longEnough):
		require.FailNow(w.f.t, "still waiting")
	}
}

func (w *waiting) waits() {
	w.f.t.Helper()
	select {
	case <-w.done:
		require.FailNow(w.f.t, "waits no more", "%v", w.err)
	default:
	}
}

// walk moves the clock from timer to timer, letting the one who sleeps go back
// to sleep.
func (f *fixture) walk(to time.Time) {
	f.t.Helper()
	for {
		at, ok := f.clock.NextTimer()
		if !ok || !at.Before(to) {
			break
		}
		f.clock.Set(at)
		f.asleep(1)
	}
	f.clock.Set(to)
}

// full is an account of one slot that alice holds.
func full(t *testing.T) (f *fixture, alices *governor.Reservation) {
	t.Helper()
	f = newFixture(t, 1, nil)
	return f, f.reserved(template(n1, alice))
}

func (f *fixture) nobodyWaits() {
	f.t.Helper()
	waiters, lines := f.gov.Waiting(account)
	assert.Zero(f.t, waiters)
	assert.Zero(f.t, lines)
	assert.Zero(f.t, f.clock.Waiters())
}

func TestWaitPassesAtTheInstantThatTheRefusalNames(t *testing.T) {
	t.Parallel()
	f, _ := full(t)
	free := f.clock.Now().Add(day)
	w := f.wait(t.Context(), template(n1, bob), 1)
	f.walk(free.Add(-time.Millisecond))
	f.asleep(1)
	w.waits()
	f.at(free)
	assert.True(t, w.passed().Decision().Counted)
	f.nobodyWaits()
}

func TestWaitPassesAtOnceWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	r, err := f.gov.Wait(t.Context(), template(n1, alice))
	require.NoError(t, err)
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
	assert.Equal(t, 1, f.used())
	f.nobodyWaits()
}

func TestWaitWakesForEarlierRoom(t *testing.T) {
	t.Parallel()
	restriction := quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging}
	for _, c := range []struct {
		name string
		full bool
		room func(f *fixture, alices *governor.Reservation)
	}{
		{"a cancelled reservation", true, func(f *fixture, alices *governor.Reservation) {
			require.NoError(f.t, alices.Cancel(f.t.Context()))
		}},
		{"a message that failed", true, func(f *fixture, alices *governor.Reservation) {
			require.NoError(f.t, alices.Commit(f.t.Context(), governor.Receipt{MessageID: "wamid.1"}))
			f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Failed})
		}},
		{"a raised limit", true, func(f *fixture, _ *governor.Reservation) {
			f.observe(governor.TierReported{Account: account, Tier: 2})
		}},
		{"two spellings of one person", true, func(f *fixture, _ *governor.Reservation) {
			f.observe(governor.AliasLearned{Number: n1, Alias: bob, Canonical: alice})
			f.observe(governor.TierReported{Account: account, Tier: 2})
		}},
		{"a customer who writes", true, func(f *fixture, _ *governor.Reservation) {
			f.observe(governor.Inbound{Number: n1, Customer: bob})
		}},
		{"a lifted restriction", false, func(f *fixture, _ *governor.Reservation) {
			f.observe(governor.HealthReported{WABA: "waba", Report: quality.AllRestrictionsLifted{}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, alices := full(t)
			if !c.full {
				require.NoError(t, alices.Cancel(t.Context()))
				restriction := restriction
				restriction.Until = f.clock.Now().Add(3 * day)
				f.observe(governor.HealthReported{WABA: "waba", Report: restriction})
			}
			w := f.wait(t.Context(), template(n1, bob), 1)
			f.clock.Advance(time.Second)
			w.waits()
			c.room(f, alices)
			w.passed()
			f.nobodyWaits()
		})
	}
}

func TestASlotGoesToRepliesThenOneTimePasswordsThenUtilityThenBulk(t *testing.T) {
	t.Parallel()
	// One message per second for the number, and the first second is used up:
	// whoever waits passes alone, in turn.
	f := newFixture(t, 1000, func(cfg *governor.Config) { cfg.Accounts[0].Numbers[0].PerSecond = 1 })
	f.sent(template(n1, alice))
	var order []string
	ranks := []struct {
		name string
		m    governor.Message
	}{
		{"bulk 1", template(n1, person(1))},
		{"unknown", governor.Message{From: n1, To: person(2), Template: "x"}},
		{"utility 1", governor.Message{From: n1, To: person(3), Category: governor.Utility}},
		{"password 1", governor.Message{From: n1, To: person(4), Category: governor.Authentication}},
		{"reply 1", reply(n1, person(5))},
		{"bulk 2", template(n1, person(6))},
		{"reply 2", reply(n1, person(7))},
		{"password 2", governor.Message{From: n1, To: person(8), Category: governor.Authentication}},
		{"utility 2", governor.Message{From: n1, To: person(9), Category: governor.Utility}},
	}
	done := make(chan string)
	for i, rank := range ranks {
		go func() {
			_, err := f.gov.Wait(t.Context(), rank.m)
			assert.NoError(t, err)
			done <- rank.name
		}()
		f.asleep(i + 1)
	}
	for range ranks {
		f.clock.Advance(time.Second)
		order = append(order, <-done)
		// Who is refused next sleeps before the clock moves on.
		if len(order) < len(ranks) {
			f.asleep(1)
		}
	}
	assert.Equal(t, []string{
		"reply 1", "reply 2", "password 1", "password 2", "utility 1", "utility 2", "bulk 1", "unknown", "bulk 2",
	}, order)
	f.nobodyWaits()
}

func TestWithinARankWhoeverCameFirstGoesFirst(t *testing.T) {
	t.Parallel()
	f, alices := full(t)
	first := f.wait(t.Context(), template(n1, bob), 1)
	f.clock.Advance(90 * time.Second) // at different distances from their next look
	f.asleep(1)
	second := f.wait(t.Context(), template(n1, carol), 2)
	require.NoError(t, alices.Cancel(t.Context()))
	r := first.passed()
	f.asleep(1)
	second.waits()
	require.NoError(t, r.Cancel(t.Context()))
	second.passed()
	f.nobodyWaits()
}

func TestRoomThatNobodyTellsOfIsFoundWithinAMinuteByTheFirstInLine(t *testing.T) {
	t.Parallel()
	f, _ := full(t)
	other, err := governor.New(f.store, governor.Config{Clock: f.clock, Accounts: []governor.Account{{
		ID: account, Tier: 1, Numbers: []governor.Number{{ID: n1, WABA: "waba"}, {ID: n2, WABA: "waba"}},
	}}})
	require.NoError(t, err)
	bulk := f.wait(t.Context(), template(n1, bob), 1)
	f.clock.Advance(20 * time.Second)
	password := f.wait(t.Context(), governor.Message{From: n1, To: carol, Category: governor.Authentication}, 2)
	f.clock.Advance(20 * time.Second)
	require.NoError(t, other.Observe(t.Context(), governor.TierReported{Account: account, Tier: 2, At: f.clock.Now()}))
	f.clock.Advance(19 * time.Second)
	bulk.waits()
	password.waits()
	f.clock.Advance(time.Second)
	password.passed()
	f.asleep(1)
	bulk.waits()
}

func TestAnotherProcessesNewsReachesWhoWaitsWithTheNextSend(t *testing.T) {
	t.Parallel()
	f, _ := full(t)
	other, err := governor.New(f.store, governor.Config{Clock: f.clock})
	require.NoError(t, err)
	w := f.wait(t.Context(), template(n1, bob), 1)
	require.NoError(t, other.Observe(t.Context(), governor.TierReported{Account: account, Tier: 2, At: f.clock.Now()}))
	w.waits()
	f.sent(reply(n2, dave))
	w.passed()
}

func TestWaitIsHopelessAtOnceWhenNoTimeWillHelp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state func(f *fixture)
		m     governor.Message
		want  error
	}{
		{"banned", func(f *fixture) {
			f.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "BANNED"}})
		}, template(n1, bob), governor.ErrInactive},
		{"restricted without end", func(f *fixture) {
			f.observe(governor.HealthReported{Number: n1, Report: quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging}})
		}, template(n1, bob), governor.ErrRestricted},
		{"a closed window", func(f *fixture) {
			f.observe(governor.Inbound{Number: n1, Customer: bob})
			f.clock.Advance(day)
		}, reply(n1, bob), governor.ErrWindowClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1, nil)
			c.state(f)
			_, err := f.gov.Wait(t.Context(), c.m)
			require.ErrorIs(t, err, governor.ErrDenied)
			require.ErrorIs(t, err, c.want)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
			f.nobodyWaits()
		})
	}
}

func TestWaitFailsAtOnceWhenTheDeadlineComesFirst(t *testing.T) {
	t.Parallel()
	f, _ := full(t)
	ctx, stop := f.clock.WithTimeout(t.Context(), day-time.Millisecond)
	defer stop()
	_, err := f.gov.Wait(ctx, template(n1, bob))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, governor.ErrDenied)
	require.ErrorIs(t, err, governor.ErrTierLimit)
	require.NoError(t, ctx.Err(), "it did not wait for the deadline")
	f.nobodyWaits()

	ctx, stop = f.clock.WithTimeout(t.Context(), day+time.Millisecond)
	defer stop()
	w := f.wait(ctx, template(n1, bob), 1)
	f.clock.Advance(day)
	w.passed()
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f, _ := full(t)
	ctx, cancel := context.WithCancel(t.Context())
	w := f.wait(ctx, template(n1, bob), 1)
	cancel()
	require.Error(t, w.failed(context.Canceled))
	require.NotErrorIs(t, w.err, governor.ErrDenied)
	f.nobodyWaits()

	_, err := f.gov.Wait(ctx, template(n1, bob))
	require.ErrorIs(t, err, context.Canceled, "also one that has ended before")
	f.nobodyWaits()

	ctx, stop := f.clock.WithTimeout(t.Context(), 30*time.Hour)
	defer stop()
	other := f.wait(ctx, template(n1, bob), 1)
	f.reservedElsewhere(alice, day-time.Minute)
	f.clock.Advance(30 * time.Hour)
	require.Error(t, other.failed(context.DeadlineExceeded))
	f.nobodyWaits()
}

// reservedElsewhere renews alice's slot so that it frees later than anybody was told.
func (f *fixture) reservedElsewhere(who string, after time.Duration) {
	f.t.Helper()
	f.walk(f.clock.Now().Add(after))
	f.asleep(1)
	f.observe(governor.MessageStatus{
		Number: n1, MessageID: "wamid.elsewhere", Recipient: who, Status: governor.Delivered, Pricing: "marketing", At: f.clock.Now(),
	})
}

func TestAMessageThatIsNotWellFormedDoesNotWait(t *testing.T) {
	t.Parallel()
	f, _ := full(t)
	for _, m := range []governor.Message{{}, template(n1, "1"), template("", bob), template("unlisted", bob)} {
		_, err := f.gov.Wait(t.Context(), m)
		require.ErrorIs(t, err, governor.ErrInvalid)
		require.NotErrorIs(t, err, governor.ErrDenied)
	}
	r, err := f.gov.Wait(t.Context(), governor.Message{From: n1, Kind: governor.ReadReceipt})
	require.NoError(t, err)
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
	f.nobodyWaits()
}
