package window_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// wantUntil checks until when customer C of number 1 may be answered, in time
// after t0; nil: nothing is known.
func wantUntil(t *testing.T, s *window.Service, now time.Duration, want any) {
	t.Helper()
	until, known := s.Until("1", "C", t0.Add(now))
	if want == nil {
		assert.False(t, known)
		assert.Zero(t, until)
		return
	}
	assert.True(t, known)
	after, ok := want.(time.Duration)
	require.True(t, ok)
	assert.Equal(t, t0.Add(after), until)
}

func open(s *window.Service, at time.Duration) { s.Open("1", "C", t0.Add(at), t0.Add(at)) }
func shut(s *window.Service, at time.Duration) { s.Close("1", "C", t0.Add(at), t0.Add(at)) }

// Vector B2: at the very end of the 24 hours the window is closed.
func TestAMessageOpensTheWindowFor24Hours(t *testing.T) {
	t.Parallel()
	var s window.Service
	wantUntil(t, &s, 0, nil)
	open(&s, 0)
	for _, now := range []time.Duration{-time.Hour, 0, time.Hour, h24 - 1, h24, 2 * h24} {
		wantUntil(t, &s, now, h24)
	}
}

// A message at T1 and one at T1+10h: replies until T1+34h.
func TestEachMessageOpensTheWindowAnew(t *testing.T) {
	t.Parallel()
	var s window.Service
	open(&s, 0)
	open(&s, 10*time.Hour)
	wantUntil(t, &s, 10*time.Hour, 34*time.Hour)
}

func TestAnOlderMessageNeverShortensTheWindow(t *testing.T) {
	t.Parallel()
	var s window.Service
	open(&s, 10*time.Hour)
	s.Open("1", "C", t0.Add(11*time.Hour), t0)
	wantUntil(t, &s, 11*time.Hour, 34*time.Hour)
}

// Vector B18.
func TestAMessageRetriedThreeDaysLateOpensNothing(t *testing.T) {
	t.Parallel()
	var s window.Service
	s.Open("1", "C", t0.Add(72*time.Hour), t0)
	wantUntil(t, &s, 72*time.Hour, h24)
}

func TestAMessageToOneNumberOpensNothingForAnother(t *testing.T) {
	t.Parallel()
	var s window.Service
	open(&s, 0)
	_, known := s.Until("2", "C", t0)
	assert.False(t, known)
	_, known = s.Until("1", "D", t0)
	assert.False(t, known)
}

func TestATimestampInTheFutureCountsAsNow(t *testing.T) {
	t.Parallel()
	var s window.Service
	s.Open("1", "C", t0, t0.Add(1000*h24))
	wantUntil(t, &s, 0, h24)

	s.Close("1", "C", t0.Add(time.Hour), t0.Add(1000*h24))
	open(&s, time.Hour+time.Millisecond)
	wantUntil(t, &s, 2*time.Hour, h24+time.Hour+time.Millisecond)
}

func TestThePlatformIsBelievedThatTheWindowIsClosed(t *testing.T) {
	t.Parallel()
	var s window.Service
	open(&s, 0)
	shut(&s, 2*time.Hour)
	wantUntil(t, &s, 2*time.Hour, 2*time.Hour)
	wantUntil(t, &s, 5*time.Hour, 2*time.Hour)
	wantUntil(t, &s, time.Hour, time.Hour) // a clock behind sees it closed as well

	s.Open("1", "C", t0.Add(3*time.Hour), t0.Add(2*time.Hour))
	wantUntil(t, &s, 3*time.Hour, 2*time.Hour) // written before the refusal
	open(&s, 4*time.Hour)
	wantUntil(t, &s, 4*time.Hour, 28*time.Hour)
	s.Close("1", "C", t0.Add(5*time.Hour), t0.Add(3*time.Hour))
	wantUntil(t, &s, 5*time.Hour, 28*time.Hour) // refused before it was written
}

func TestACloseThatIsFirstHeardOfHoldsAgainstAnOlderMessage(t *testing.T) {
	t.Parallel()
	var s window.Service
	shut(&s, time.Hour)
	wantUntil(t, &s, time.Hour, time.Hour)
	s.Open("1", "C", t0.Add(2*time.Hour), t0)
	wantUntil(t, &s, 2*time.Hour, time.Hour)
}

func TestACloseAfterTheEndDoesNotMoveTheEnd(t *testing.T) {
	t.Parallel()
	var s window.Service
	open(&s, 0)
	shut(&s, 30*time.Hour)
	wantUntil(t, &s, 30*time.Hour, h24)
}

func TestAClosedWindowStaysKnownForSevenDaysMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		happen func(*window.Service)
		closed time.Duration
		gone   time.Duration
	}{
		{"by time", func(s *window.Service) { open(s, 0) }, h24, h24},
		{"by the platform", func(s *window.Service) { shut(s, time.Hour) }, time.Hour, time.Hour},
		{"by both", func(s *window.Service) { open(s, 0); shut(s, 30*time.Hour) }, h24, 30 * time.Hour},
		{"early", func(s *window.Service) { open(s, 0); shut(s, time.Hour) }, time.Hour, h24},
	} {
		var s window.Service
		c.happen(&s)
		wantUntil(t, &s, c.gone+window.ServiceMemory-1, c.closed)
		wantUntil(t, &s, c.gone+window.ServiceMemory, nil)
	}
}

func TestMergedSpellingsShareTheirWindow(t *testing.T) {
	t.Parallel()
	var s window.Service
	s.Open("1", "B", t0, t0)
	s.Open("2", "B", t0, t0)
	s.Merge("1", "B", "C")
	wantUntil(t, &s, 0, h24)
	_, known := s.Until("1", "B", t0)
	assert.False(t, known, "given up")
	_, known = s.Until("2", "B", t0)
	assert.True(t, known, "another number")

	now := t0.Add(2 * time.Hour)
	s.Close("1", "D", now, t0.Add(time.Hour))
	s.Merge("1", "D", "C")
	wantUntil(t, &s, 2*time.Hour, time.Hour)
	s.Merge("1", "C", "C")
	s.Merge("1", "nobody", "C")
	wantUntil(t, &s, 2*time.Hour, time.Hour)
	assert.Equal(t, 2, s.Len())
}

func TestAFalseJumpOfTheClockSilencesNobody(t *testing.T) {
	t.Parallel()
	var s window.Service
	open(&s, 0)
	wantUntil(t, &s, 100*h24, nil)
	wantUntil(t, &s, time.Hour, h24)
	s.Open("1", "D", t0.Add(100*h24), t0)
	open(&s, 2*time.Hour)
	wantUntil(t, &s, 2*time.Hour, 26*time.Hour)
}

func TestTheLongGoneAreForgottenByAndBy(t *testing.T) {
	t.Parallel()
	var s window.Service
	const n = 1000
	for i := range n {
		s.Open("1", fmt.Sprint(i), t0, t0)
	}
	assert.Equal(t, n, s.Len())
	later := t0.Add(h24 + window.ServiceMemory)
	for i := range n {
		s.Open("1", fmt.Sprint("new", i), later, later)
	}
	assert.Equal(t, n, s.Len(), "two forgotten for each that came, until the old were gone")
	for i := range n {
		_, known := s.Until("1", fmt.Sprint("new", i), later)
		require.True(t, known)
	}
}

func TestLookingUpAServiceWindowAllocatesNothing(t *testing.T) {
	var s window.Service
	open(&s, 0)
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		s.Until("1", "C", t0)
		s.Open("1", "C", t0, t0)
	}))
}

func TestWhatMayHaveOpenedTheWindowOnlyPutsItsEndInDoubt(t *testing.T) {
	t.Parallel()
	doubt := func(s *window.Service, at time.Duration) {
		assert.True(t, s.Doubt("1", "C", t0.Add(at), t0.Add(at)), "it is news")
		assert.False(t, s.Doubt("1", "C", t0.Add(at), t0.Add(at)), "and is not again")
	}

	var alone window.Service
	doubt(&alone, 0)
	wantUntil(t, &alone, 0, nil)
	wantUntil(t, &alone, 24*time.Hour, nil)

	var s window.Service
	open(&s, 0)
	doubt(&s, 20*time.Hour)
	wantUntil(t, &s, 23*time.Hour, 24*time.Hour)
	wantUntil(t, &s, 24*time.Hour, nil)
	wantUntil(t, &s, 44*time.Hour-time.Millisecond, nil)
	wantUntil(t, &s, 44*time.Hour, 24*time.Hour)

	doubt(&s, 50*time.Hour)
	wantUntil(t, &s, 50*time.Hour, nil)
	s.Close("1", "C", t0.Add(51*time.Hour), t0.Add(51*time.Hour))
	wantUntil(t, &s, 51*time.Hour, 24*time.Hour)
	open(&s, 52*time.Hour)
	wantUntil(t, &s, 52*time.Hour, 76*time.Hour)
}
