package window_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

func TestStampsRoundUpAndNowRoundsDown(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, base := range []time.Time{
		t0,
		time.Unix(0, 0),
		time.Unix(-12345, 0),
		time.Date(1600, 2, 29, 0, 0, 0, 0, time.UTC),
		{},
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("far", 3600)),
	} {
		for _, c := range []struct{ sent, stamp time.Duration }{
			{0, 0}, {1, ms}, {ms - 1, ms}, {ms, ms}, {ms + 1, 2 * ms}, {-1, 0}, {-ms, -ms}, {-ms - 1, -ms},
		} {
			w := mustNew(t, window.Period)
			sent, stamp := base.Add(c.sent), base.Add(c.stamp)
			_, ok := w.Reserve("A", sent, sent, 1)
			require.True(t, ok)
			got, _ := w.Stamp("A", sent)
			assert.Equal(t, stamp.UTC(), got)
			next, _ := w.NextFree(sent)
			assert.Equal(t, stamp.Add(h24).UTC(), next)
			assert.False(t, next.Before(sent.Add(h24)), "never early")
			assert.Equal(t, 1, w.Count(next.Add(-1)))
			assert.Equal(t, 0, w.Count(next.Add(ms-1)), "by the same reading of the clock as next itself")
		}
	}
}

func TestTheFirstInstantOfAllMovesTheClockToo(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	require.Zero(t, w.Count(time.Time{}))
	before := time.Time{}.Add(-time.Hour)
	_, ok := w.Reserve("A", before, before, 1)
	require.True(t, ok)
	next, _ := w.NextFree(before)
	assert.Equal(t, time.Time{}.Add(h24), next, "the clock has been told a later time")
}

func TestARefusalMovesTheClockForWhoeverAsksNext(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	for _, now := range []time.Time{t0.Add(time.Hour), t0.Add(time.Minute), t0.Add(h24 - 1), t0.Add(time.Hour)} {
		_, ok := w.Reserve("B", now, now, 1)
		require.False(t, ok)
		next, _ := w.NextFree(now)
		require.Equal(t, t0.Add(h24), next)
		require.Equal(t, 1, w.Count(now))
	}
	require.Zero(t, w.Count(t0.Add(h24)))
	require.Zero(t, w.Count(t0.Add(time.Hour)), "nor does the clock go back")
	_, ok := w.NextFree(t0.Add(time.Hour))
	require.False(t, ok)
}

func TestThePeriodRoundsUpToWholeMilliseconds(t *testing.T) {
	t.Parallel()
	for _, period := range []time.Duration{
		1, time.Millisecond - 1, time.Millisecond, time.Second + 1, window.Period, math.MaxInt64,
	} {
		w := mustNew(t, period)
		reserve(t, w, "A", t0)
		next, ok := w.NextFree(t0)
		assert.True(t, ok)
		assert.False(t, next.Before(t0.Add(period)), "%v: early", period)
		assert.True(t, next.Before(t0.Add(period).Add(time.Millisecond)), "%v: late", period)
	}
}

func TestTimesAtTheEndsOfTimeDoNotCrash(t *testing.T) {
	t.Parallel()
	ends := []time.Time{
		{},
		time.Unix(math.MinInt64, 0), time.Unix(math.MaxInt64, 999_999_999), time.Unix(0, math.MaxInt64),
		time.Unix(math.MinInt64/1000, 1), time.Unix(math.MaxInt64/1000, 1), t0,
	}
	for _, now := range ends {
		for _, stamp := range ends {
			for _, period := range []time.Duration{1, window.Period, math.MaxInt64} {
				w := mustNew(t, period)
				a, ok := w.Reserve("A", now, stamp, 1)
				assert.True(t, ok)
				assert.Equal(t, 1, w.Count(now))
				w.Commit(a, now, stamp)
				w.Renew("B", now, stamp)
				w.Merge("A", "B", stamp)
				w.Release(a, stamp)
				w.NextFree(now)
				w.FreeAt(now, 1, 1)
				require.NoError(t, w.Check())

				var s window.Service
				s.Open("1", "A", now, stamp)
				s.Close("1", "A", stamp, now)
				s.Until("1", "A", stamp)
			}
		}
	}
}

func TestAClockThatJumpsBackShortensNothing(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	back := t0.Add(-10 * time.Hour)
	wantStamp(t, w, "A", back, t0)
	a := reserve(t, w, "A", back)
	wantStamp(t, w, "A", back, t0)
	require.True(t, w.Commit(a, back, back))
	w.Renew("A", back, back)
	wantStamp(t, w, "A", back, t0)
	reserve(t, w, "B", back)
	wantStamp(t, w, "B", back, t0)
	assert.Equal(t, 2, w.Count(t0.Add(h24-1)))
}

func TestAClockThatJumpsBackBringsNothingBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	assert.Equal(t, 0, w.Count(t0.Add(h24)))
	assert.Equal(t, 0, w.Count(t0.Add(h24-1)))
	assert.Equal(t, 0, w.Count(t0))
}

func TestAFalseJumpForwardFreesForGoodWhatItExpiresAndHoldsTheNewForLonger(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	reserve(t, w, "A", t0)
	reserve(t, w, "B", t0.Add(23*time.Hour))
	jumped := t0.Add(30 * time.Hour)
	assert.Equal(t, 1, w.Count(jumped), "A is gone before its time")

	right := t0.Add(23*time.Hour + time.Minute)
	assert.Equal(t, 1, w.Count(right))
	reserve(t, w, "C", right)
	wantStamp(t, w, "C", right, jumped)
	assert.Equal(t, 1, w.Count(jumped.Add(h24-1)), "C, until the clock has caught up and a period has passed")
	assert.Equal(t, 0, w.Count(jumped.Add(h24)))
}

func TestAReservationHoldsItsSlotHoweverFarTheClockHasJumped(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	w.Count(t0.Add(1000 * h24))
	_, ok := w.Reserve("A", t0, t0, 1)
	require.True(t, ok)
	_, ok = w.Reserve("B", t0, t0, 1)
	assert.False(t, ok)
}
