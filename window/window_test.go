package window_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

const h24 = window.Period

// ask is one reservation in a step table: at a time after t0, for whom, under
// which limit, whether it passes, and how many slots are held afterwards.
type ask struct {
	at    time.Duration
	who   string
	limit int
	want  bool
	used  int
}

func runAsks(t *testing.T, asks []ask) {
	t.Helper()
	w := mustNew(t, window.Period)
	for i, a := range asks {
		now := t0.Add(a.at)
		ticket, ok := w.Reserve(a.who, now, now, a.limit)
		require.Equal(t, a.want, ok, "step %d: %v %s", i, a.at, a.who)
		require.Equal(t, a.want, ticket != window.Ticket{}, "step %d: a ticket comes with a slot only", i)
		require.Equal(t, a.used, w.Count(now), "step %d: %v %s", i, a.at, a.who)
	}
}

// Vector B1 of the platform's rules.
func TestARepeatToASlotHolderTakesNoNewSlot(t *testing.T) {
	t.Parallel()
	runAsks(t, []ask{
		{0, "A", 2, true, 1},
		{time.Hour, "B", 2, true, 2},
		{2 * time.Hour, "C", 2, false, 2},
		{h24 - 1, "A", 2, true, 2},
		{h24 - 1, "C", 2, false, 2},
		{h24 + time.Hour, "C", 2, true, 2}, // B's slot
	})
}

func TestExactlyOnePeriodLaterASlotIsFree(t *testing.T) {
	t.Parallel()
	runAsks(t, []ask{
		{0, "A", 1, true, 1},
		{h24 - 1, "B", 1, false, 1},
		{h24, "B", 1, true, 1},
		{2*h24 - time.Millisecond, "A", 1, false, 1},
		{2 * h24, "A", 1, true, 1},
	})
}

// Vector B3: the slot is held from the last send, not from the first.
func TestARepeatRenewsTheSlot(t *testing.T) {
	t.Parallel()
	runAsks(t, []ask{
		{0, "A", 1, true, 1},
		{20 * time.Hour, "A", 1, true, 1},
		{44*time.Hour - 1, "B", 1, false, 1},
		{44 * time.Hour, "B", 1, true, 1},
	})
}

// Vector B7.
func TestALoweredLimitRefusesNewUntilUseHasFallen(t *testing.T) {
	t.Parallel()
	runAsks(t, []ask{
		{0, "A", 3, true, 1},
		{1 * time.Hour, "B", 3, true, 2},
		{2 * time.Hour, "C", 3, true, 3},
		{3 * time.Hour, "D", 1, false, 3},
		{3 * time.Hour, "C", 1, true, 3},
		{h24, "D", 1, false, 2},
		{h24 + time.Hour, "D", 1, false, 1},
		{h24 + 3*time.Hour, "D", 1, true, 1},
	})
}

// Vector B7.
func TestARaisedLimitFreesAtOnce(t *testing.T) {
	t.Parallel()
	runAsks(t, []ask{
		{0, "A", 2, true, 1},
		{0, "B", 2, true, 2},
		{1, "C", 2, false, 2},
		{1, "C", 3, true, 3},
		{1, "D", 3, false, 3},
		{1, "D", math.MaxInt, true, 4},
	})
}

func TestALimitOfZeroOrLessAdmitsNobodyNew(t *testing.T) {
	t.Parallel()
	runAsks(t, []ask{
		{0, "A", 0, false, 0},
		{0, "A", -1, false, 0},
		{0, "A", math.MinInt, false, 0},
		{0, "A", 1, true, 1},
		{0, "A", 0, true, 1},
		{0, "A", -1, true, 1},
	})
}

func TestTheEmptyRecipientNamesNobody(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	ticket, ok := w.Reserve("", t0, t0, 10)
	assert.False(t, ok)
	assert.Zero(t, ticket)
	w.Renew("", t0, t0)
	assert.Zero(t, w.Count(t0))

	w.Renew("A", t0, t0)
	w.Merge("A", "", t0)
	w.Merge("", "A", t0)
	assert.Equal(t, []entry{{"A", t0}}, collect(w, t0))
}

func TestAMarginBooksTheSlotForLonger(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	_, ok := w.Reserve("A", t0, t0.Add(time.Minute), 1)
	require.True(t, ok)
	assert.Equal(t, 1, w.Count(t0))
	assert.Equal(t, 1, w.Count(t0.Add(h24)))
	assert.Equal(t, 0, w.Count(t0.Add(h24+time.Minute)))
}

func TestARepeatMovesTheStampForwardNeverBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	w.Reserve("A", t0, t0.Add(time.Hour), 1)
	w.Reserve("A", t0.Add(time.Minute), t0.Add(time.Minute), 1)
	stamp, ok := w.Stamp("A", t0.Add(time.Minute))
	assert.True(t, ok)
	assert.Equal(t, t0.Add(time.Hour), stamp)
}

func TestAStampBeforeNowCountsAsNow(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	_, ok := w.Reserve("A", t0, t0.Add(-2*h24), 1)
	require.True(t, ok)
	stamp, _ := w.Stamp("A", t0)
	assert.Equal(t, t0, stamp)
}

func TestTheZeroWindowRefusesEveryReservation(t *testing.T) {
	t.Parallel()
	var w window.Window
	for _, limit := range []int{-1, 0, 1, math.MaxInt} {
		ticket, ok := w.Reserve("A", t0, t0.Add(time.Hour), limit)
		assert.False(t, ok)
		assert.Zero(t, ticket)
	}
	w.Renew("A", t0, t0.Add(time.Hour))
	w.Merge("A", "B", t0)
	assert.False(t, w.Commit(window.Ticket{}, t0, t0))
	assert.False(t, w.Cancel(window.Ticket{}, t0))
	assert.False(t, w.Release(window.Ticket{}, t0))
	assert.Zero(t, w.Count(t0))
	assert.Empty(t, collect(&w, t0))
	_, ok := w.Stamp("A", t0)
	assert.False(t, ok)
	_, ok = w.NextFree(t0)
	assert.False(t, ok)
	at, ok := w.FreeAt(t0, 3, 3)
	assert.True(t, ok)
	assert.Equal(t, t0, at)
}

func TestAPeriodOfZeroOrLessIsAnError(t *testing.T) {
	t.Parallel()
	for _, period := range []time.Duration{0, -1, math.MinInt64} {
		w, err := window.New(period)
		assert.ErrorContains(t, err, "window: period: ")
		assert.Nil(t, w)
	}
}

func TestNextFreeAndFreeAtAreExact(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	_, ok := w.NextFree(t0)
	assert.False(t, ok, "nobody holds a slot")
	for i, who := range []string{"A", "B", "C", "D"} {
		at := t0.Add(time.Duration(i) * time.Hour)
		w.Reserve(who, at, at, 4)
	}
	now := t0.Add(4 * time.Hour)
	next, ok := w.NextFree(now)
	assert.True(t, ok)
	assert.Equal(t, t0.Add(h24), next)

	for _, q := range []struct {
		limit, k int
		want     time.Time
		ok       bool
	}{
		{4, 0, now, true},
		{4, -1, now, true},
		{0, 0, now, true},
		{-5, -5, now, true},
		{4, 1, t0.Add(h24), true},
		{4, 4, t0.Add(h24 + 3*time.Hour), true},
		{4, 5, time.Time{}, false},
		{0, 1, time.Time{}, false},
		{-1, 1, time.Time{}, false},
		{6, 2, now, true},
		{6, 3, t0.Add(h24), true},
		{6, 6, t0.Add(h24 + 3*time.Hour), true},
		{1, 1, t0.Add(h24 + 3*time.Hour), true}, // lowered below use
		{2, 1, t0.Add(h24 + 2*time.Hour), true},
		{math.MaxInt, math.MaxInt, t0.Add(h24 + 3*time.Hour), true},
		{math.MaxInt, 1, now, true},
		{math.MinInt, 1, time.Time{}, false},
	} {
		at, ok := w.FreeAt(now, q.limit, q.k)
		assert.Equal(t, q.ok, ok, "%d of %d", q.k, q.limit)
		assert.Equal(t, q.want, at, "%d of %d", q.k, q.limit)
	}
	assert.Equal(t, 4, w.Count(next.Add(-1)))
	assert.Equal(t, 3, w.Count(next))
}

// Clickatell's published example: 500 people at 13:00 and 500 at 13:30 under a
// limit of 1,000 free 500 slots at 13:00 on the next day and 500 at 13:30.
func TestSlotsFreeOneByOneNotWithTheCampaign(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	one, half := t0.Add(time.Hour), t0.Add(90*time.Minute)
	for i := range 1000 {
		at := one
		if i >= 500 {
			at = half
		}
		_, ok := w.Reserve(fmt.Sprint(i), at, at, 1000)
		require.True(t, ok)
	}
	assert.Equal(t, 1000, w.Count(one.Add(h24-1)))
	assert.Equal(t, 500, w.Count(one.Add(h24)))
	assert.Equal(t, 500, w.Count(half.Add(h24-1)))
	assert.Equal(t, 0, w.Count(half.Add(h24)))
}

// Those who expired before are let go of by whole leaves, so that the one who
// frees next is not known when the last is given back.
func TestTheLastSlotIsGivenBackAfterAllOthersExpired(t *testing.T) {
	t.Parallel()
	w := mustNew(t, h24)
	for i := range 256 { // two leaves
		reserve(t, w, fmt.Sprint("1555", i), t0)
	}
	last := reserve(t, w, "1666", t0.Add(time.Minute))
	require.True(t, w.Commit(last, t0.Add(time.Hour), t0.Add(time.Hour)))
	now := t0.Add(h24 + 2*time.Minute)
	require.True(t, w.Release(last, now))
	require.NoError(t, w.Check())
	assert.Zero(t, w.Count(now))
	_, held := w.NextFree(now)
	assert.False(t, held)
}

func TestAllYieldsTheOldestFirstAndStopsWhenAsked(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	w.Renew("C", t0, t0)
	w.Renew("A", t0, t0.Add(-2*time.Hour))
	w.Renew("B", t0, t0.Add(-time.Hour))
	assert.Equal(t, []entry{{"A", t0.Add(-2 * time.Hour)}, {"B", t0.Add(-time.Hour)}, {"C", t0}}, collect(w, t0))
	for who := range w.All(t0) {
		assert.Equal(t, "A", who)
		break
	}
	assert.Empty(t, collect(w, t0.Add(h24)))
}

func TestAllGoesOnBehindWhatItYieldedWhenTheWindowChanges(t *testing.T) {
	t.Parallel()
	const n = 1000
	w, now := mustNew(t, window.Period), t0
	tickets := make([]window.Ticket, n)
	for i := range n {
		now = now.Add(time.Second)
		tickets[i], _ = w.Reserve(fmt.Sprint(i), now, now, n)
	}
	var got []string
	for who := range w.All(now) {
		switch len(got) {
		case 0: // the next fifty lose their slots before their turn
			for _, ticket := range tickets[1:51] {
				require.True(t, w.Cancel(ticket, now))
			}
		case 1: // one comes again at its new place
			now = now.Add(time.Second)
			w.Renew("0", now, now)
		case 500: // of those still to come all but the last 299 expire
			now = now.Add(h24 - 300*time.Second)
			w.Count(now)
		}
		got = append(got, who)
	}
	want := []string{"0"}
	for i := 51; len(want) < 501; i++ {
		want = append(want, fmt.Sprint(i))
	}
	for i := n - 300 + 1; i < n; i++ {
		want = append(want, fmt.Sprint(i))
	}
	assert.Equal(t, append(want, "0"), got)
}

func TestNothingPrintsARecipient(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	ticket, _ := w.Reserve("15550100", t0, t0, 1)
	var s window.Service
	s.Open("1", "15550100", t0, t0)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{w, *w, ticket, &ticket, s, &s, struct{ T window.Ticket }{ticket}} {
			out := fmt.Sprintf(verb, v)
			assert.NotContains(t, out, "15550100")
			assert.NotContains(t, out, fmt.Sprintf("%x", "15550100"))
		}
	}
	assert.Equal(t, "window(1 recipients) ticket(1) service(1 customers)", fmt.Sprint(w, " ", ticket, " ", s))
}
