package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// reserve is for tests in which the reservation must pass.
func reserve(t *testing.T, w *window.Window, who string, now time.Time) window.Ticket {
	t.Helper()
	ticket, ok := w.Reserve(who, now, now, 1000)
	require.True(t, ok)
	return ticket
}

// wantStamp checks the stamp of one recipient; the zero time: it holds no slot.
func wantStamp(t *testing.T, w *window.Window, who string, now, want time.Time) {
	t.Helper()
	got, ok := w.Stamp(who, now)
	assert.Equal(t, want, got)
	assert.Equal(t, !want.IsZero(), ok)
}

func TestCommitMovesTheStampForwardNeverBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	for _, step := range []struct{ at, want time.Duration }{
		{2 * time.Second, 2 * time.Second},
		{time.Second, 2 * time.Second},
		{-time.Hour, 2 * time.Second},
		{3 * time.Second, 3 * time.Second},
	} {
		now := t0.Add(3 * time.Second)
		assert.True(t, w.Commit(a, now, t0.Add(step.at)))
		wantStamp(t, w, "A", now, t0.Add(step.want))
	}
}

func TestCancelAfterCommitIsHarmless(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	require.True(t, w.Commit(a, t0, t0))
	assert.False(t, w.Cancel(a, t0))
	assert.Equal(t, 1, w.Count(t0))
}

// Vector B4, a send that was refused outright.
func TestCancelGivesTheSlotBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a, ok := w.Reserve("A", t0, t0, 1)
	require.True(t, ok)
	assert.True(t, w.Cancel(a, t0))
	_, ok = w.Reserve("B", t0, t0, 1)
	assert.True(t, ok)
}

func TestCancelPutsTheEarlierStampBackExactly(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	first := t0.Add(123 * time.Millisecond)
	require.True(t, w.Commit(reserve(t, w, "A", first), first, first))
	for i := range 300 { // so that the old place is deep among others
		reserve(t, w, string(rune('Ā'+i)), first.Add(time.Duration(i)*time.Second))
	}
	again := t0.Add(20 * time.Hour)
	repeat := reserve(t, w, "A", again)
	wantStamp(t, w, "A", again, again)
	assert.True(t, w.Cancel(repeat, again))
	wantStamp(t, w, "A", again, first)
	next, _ := w.NextFree(again)
	assert.Equal(t, first.Add(h24), next)
}

func TestCancelFreesTheSlotIfTheEarlierStampHasExpiredMeanwhile(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	repeat := reserve(t, w, "A", t0.Add(time.Hour))
	assert.Equal(t, 1, w.Count(t0.Add(h24)))
	assert.True(t, w.Cancel(repeat, t0.Add(h24)))
	assert.Equal(t, 0, w.Count(t0.Add(h24)))
}

func TestCancelOfTheFirstLeavesTheSecond(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	second := t0.Add(time.Hour)
	a, b := reserve(t, w, "A", t0), reserve(t, w, "A", second)
	assert.True(t, w.Cancel(a, second))
	wantStamp(t, w, "A", second, second)
	assert.True(t, w.Cancel(b, second))
	wantStamp(t, w, "A", second, time.Time{})
}

// Vector B4, a send that timed out.
func TestAnUnknownOutcomeStaysCountedUntilItExpires(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	assert.Equal(t, 1, w.Count(t0.Add(h24-1)))
	assert.Equal(t, 0, w.Count(t0.Add(h24)))
}

// Vector B5.
func TestReleaseGivesTheSlotBackOnce(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	require.True(t, w.Commit(a, t0, t0))
	assert.True(t, w.Release(a, t0))
	assert.Equal(t, 0, w.Count(t0))
	reserve(t, w, "A", t0)
	assert.False(t, w.Release(a, t0), "a webhook that comes again")
	assert.False(t, w.Cancel(a, t0))
	assert.False(t, w.Commit(a, t0, t0))
	assert.Equal(t, 1, w.Count(t0))
}

func TestReleaseLeavesTheSlotToAnotherSendThatNeedsIt(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
		w := mustNew(t, window.Period)
		var tickets []window.Ticket
		var now time.Time
		for i := range 3 {
			now = t0.Add(time.Duration(i) * time.Hour)
			tickets = append(tickets, reserve(t, w, "A", now))
		}
		w.Commit(tickets[1], now, t0.Add(time.Hour))
		for i, which := range order {
			assert.Equal(t, 1, w.Count(now), "%v, %d released", order, i)
			assert.True(t, w.Release(tickets[which], now))
		}
		assert.Equal(t, 0, w.Count(now))
	}
}

func TestOnlyTheLatestFourCommittedSendsStayReleasable(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	var tickets []window.Ticket
	var now time.Time
	for i := range 6 {
		now = t0.Add(time.Duration(i) * time.Minute)
		ticket := reserve(t, w, "A", now)
		require.True(t, w.Commit(ticket, now, now))
		tickets = append(tickets, ticket)
	}
	assert.False(t, w.Release(tickets[0], now))
	assert.False(t, w.Release(tickets[1], now))
	for _, ticket := range tickets[2:] {
		assert.True(t, w.Release(ticket, now))
	}
	wantStamp(t, w, "A", now, t0.Add(time.Minute)) // the second, which nobody can give back
}

func TestAllUncommittedSendsAreRemembered(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	var tickets []window.Ticket
	for i := range 100 {
		tickets = append(tickets, reserve(t, w, "A", t0.Add(time.Duration(i)*time.Second)))
	}
	now := t0.Add(100 * time.Second)
	for i, ticket := range tickets {
		assert.Equal(t, 1, w.Count(now), "%d cancelled", i)
		assert.True(t, w.Cancel(ticket, now))
	}
	assert.Equal(t, 0, w.Count(now))
}

func TestTicketsOfExpiredSendsAreForgottenWithoutHarm(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	old, committed := reserve(t, w, "A", t0), reserve(t, w, "B", t0)
	require.True(t, w.Commit(committed, t0, t0))
	later := t0.Add(time.Hour)
	reserve(t, w, "A", later) // keeps the slot, not the old send
	now := t0.Add(h24)
	for _, ticket := range []window.Ticket{old, committed} {
		assert.False(t, w.Cancel(ticket, now))
		assert.False(t, w.Release(ticket, now))
		assert.False(t, w.Commit(ticket, now, t0.Add(time.Second-h24)))
	}
	wantStamp(t, w, "A", now, later)
	assert.Equal(t, 1, w.Count(now))
}

func TestALateCommitTakesTheSlotAgainEvenPastTheLimit(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	now := t0.Add(30 * time.Hour)
	_, ok := w.Reserve("B", now, now, 1)
	require.True(t, ok)
	answered := t0.Add(29 * time.Hour)
	assert.True(t, w.Commit(a, now, answered))
	assert.Equal(t, 2, w.Count(now))
	wantStamp(t, w, "A", now, answered)
	assert.False(t, w.Cancel(a, now))

	assert.True(t, w.Commit(a, now, now), "again")
	wantStamp(t, w, "A", now, now)
	w.Merge("A", "C", now)
	assert.True(t, w.Release(a, now))
	assert.False(t, w.Release(a, now))
	assert.Equal(t, 1, w.Count(now))
}

func TestALateCommitCanExpireAndComeLateAgain(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	for day := 1; day < 4; day++ {
		now := t0.Add(time.Duration(day) * 30 * time.Hour)
		reserve(t, w, "A", now.Add(-time.Hour))
		assert.False(t, w.Release(a, now))
		assert.True(t, w.Commit(a, now, now))
		require.NoError(t, w.Check())
	}
	now := t0.Add(90 * time.Hour)
	assert.True(t, w.Release(a, now))
	wantStamp(t, w, "A", now, now.Add(-time.Hour))
}

func TestACommitWhoseAnswerIsTooOldTakesNothing(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	now := t0.Add(3 * h24)
	assert.False(t, w.Commit(a, now, now.Add(-h24)))
	assert.Equal(t, 0, w.Count(now))
	assert.True(t, w.Commit(a, now, now.Add(-h24+1)))
	assert.Equal(t, 1, w.Count(now))
}

func TestATicketThatNamesNoneDoesNothing(t *testing.T) {
	t.Parallel()
	w, other := mustNew(t, window.Period), mustNew(t, window.Period)
	mine, foreign := reserve(t, w, "A", t0), reserve(t, other, "B", t0)
	assert.NotEqual(t, mine, foreign)
	for _, now := range []time.Time{t0, t0.Add(2 * h24)} {
		for _, ticket := range []window.Ticket{{}, foreign} {
			assert.False(t, w.Commit(ticket, now, now))
			assert.False(t, w.Cancel(ticket, now))
			assert.False(t, w.Release(ticket, now))
		}
	}
	assert.Equal(t, 1, other.Count(t0))
}

func TestATicketIsKnownAsLongAsItsSendCounts(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	assert.False(t, w.Known(window.Ticket{}, t0))
	a := reserve(t, w, "A", t0)
	assert.True(t, w.Known(a, t0))
	require.True(t, w.Commit(a, t0, t0))
	assert.True(t, w.Known(a, t0.Add(window.Period-time.Millisecond)))
	assert.False(t, w.Known(a, t0.Add(window.Period)))

	b := reserve(t, w, "B", t0.Add(window.Period))
	require.True(t, w.Cancel(b, t0.Add(window.Period)))
	assert.False(t, w.Known(b, t0.Add(window.Period)))
}
