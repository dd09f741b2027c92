package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

func TestRenewMovesTheStampForwardNeverBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	now := t0.Add(2 * time.Hour)
	for _, step := range []struct{ at, want time.Duration }{
		{-time.Hour, 0},
		{time.Hour, time.Hour},
		{time.Minute, time.Hour},
		{3 * time.Hour, 3 * time.Hour}, // the platform's clock runs ahead
	} {
		w.Renew("A", now, t0.Add(step.at))
		wantStamp(t, w, "A", now, t0.Add(step.want))
	}
}

// A message may be delivered up to 30 days after it was accepted.
func TestADeliveryTakesASlotPastAnyLimit(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	_, ok := w.Reserve("A", t0, t0, 1)
	require.True(t, ok)
	w.Renew("B", t0, t0)
	assert.Equal(t, 2, w.Count(t0))
	_, ok = w.Reserve("C", t0, t0, 2)
	assert.False(t, ok, "everybody new waits until use has fallen")
}

func TestADeliveryFromBeforeTheWindowChangesNothing(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	w.Renew("A", t0, t0.Add(-h24))
	assert.Equal(t, 0, w.Count(t0))
	w.Renew("A", t0, t0.Add(-h24+1)) // rounds up to one millisecond left
	assert.Equal(t, 1, w.Count(t0))
}

func TestNoTicketUndoesADelivery(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	pending, committed := reserve(t, w, "A", t0), reserve(t, w, "A", t0)
	require.True(t, w.Commit(committed, t0, t0))
	seen := t0.Add(time.Second)
	w.Renew("A", seen, seen)
	assert.True(t, w.Cancel(pending, seen))
	assert.False(t, w.Release(committed, seen), "folded into the delivery")
	wantStamp(t, w, "A", seen, seen)
}

func TestADeliveryDoesNotHideAnAnswerThatComesAfterIt(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	w.Renew("A", t0.Add(time.Second), t0.Add(time.Second))
	answered := t0.Add(2 * time.Second)
	assert.True(t, w.Commit(a, answered, answered))
	wantStamp(t, w, "A", answered, answered)
}

func TestMergedSpellingsHoldOneSlotWithTheLatestStamp(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"A", "B"}, {"B", "A"}} {
		w := mustNew(t, window.Period)
		from, into := names[0], names[1]
		reserve(t, w, "A", t0)
		now := t0.Add(time.Hour)
		reserve(t, w, "B", now)
		w.Merge(from, into, now)
		assert.Equal(t, []entry{{into, now}}, collect(w, now))
	}
}

func TestMergeIntoASpellingWithoutASlotRenamesIt(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	w.Merge("A", "B", t0)
	w.Merge("B", "C", t0)
	assert.Equal(t, []entry{{"C", t0}}, collect(w, t0))
	assert.True(t, w.Cancel(a, t0))
	assert.Equal(t, 0, w.Count(t0))
}

func TestMergeOfNothingChangesNothing(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	w.Merge("B", "A", t0)
	w.Merge("A", "A", t0)
	assert.Equal(t, []entry{{"A", t0}}, collect(w, t0))
	assert.True(t, w.Cancel(a, t0))
}

func TestTicketsOfBothSpellingsKeepWorking(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	now := at(10)
	var tickets []window.Ticket
	for s := range 6 { // A and B by turns; two of each get committed
		tickets = append(tickets, reserve(t, w, []string{"A", "B"}[s%2], at(s)))
	}
	for s := range 4 {
		require.True(t, w.Commit(tickets[s], at(6), at(s)))
	}
	w.Merge("A", "B", now)
	require.NoError(t, w.Check())
	for s := 5; s >= 0; s-- {
		wantStamp(t, w, "B", now, at(s))
		assert.True(t, w.Release(tickets[s], now))
	}
	assert.Equal(t, 0, w.Count(now))
}

func TestAMergeKeepsTheLatestFourCommittedSendsReleasable(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	var tickets []window.Ticket
	for s := range 8 {
		tickets = append(tickets, reserve(t, w, []string{"A", "B"}[s%2], at(s)))
		require.True(t, w.Commit(tickets[s], at(s), at(s)))
	}
	w.Merge("A", "B", at(8))
	for s, ticket := range tickets {
		assert.Equal(t, s >= 4, w.Release(ticket, at(8)), "send %d", s)
	}
	wantStamp(t, w, "B", at(8), at(3))
}

func TestASpellingGivenUpCountsAsSomebodyElse(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	a := reserve(t, w, "A", t0)
	w.Merge("A", "B", t0)
	reserve(t, w, "A", t0)
	assert.Equal(t, 2, w.Count(t0), "too many, never too few")

	late := t0.Add(30 * time.Hour)
	reserve(t, w, "B", late)
	assert.True(t, w.Commit(a, late, late))
	wantStamp(t, w, "A", late, late)
	assert.Equal(t, 2, w.Count(late))
}
