package governortest_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

// fired returns what is in a timer's channel, and whether anything is.
func fired(c <-chan time.Time) (time.Time, bool) {
	select {
	case at := <-c:
		return at, true
	default:
		return time.Time{}, false
	}
}

func TestAClockStandsStillUntilItIsMoved(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	require.Equal(t, governortest.Start, clock.Now())
	require.Equal(t, governortest.Start, clock.Now())
	clock.Advance(90 * time.Minute)
	require.Equal(t, governortest.Start.Add(90*time.Minute), clock.Now())
}

func TestTheZeroClockStandsAtTheZeroTime(t *testing.T) {
	t.Parallel()
	var clock governortest.Clock
	require.True(t, clock.Now().IsZero())
	c, _ := clock.NewTimer(time.Second)
	clock.Advance(time.Second)
	_, ok := fired(c)
	require.True(t, ok)
}

func TestATimerFiresOnceAtItsInstantAndNotBefore(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	c, stop := clock.NewTimer(time.Minute)

	clock.Advance(time.Minute - 1)
	_, ok := fired(c)
	require.False(t, ok, "a nanosecond early")

	clock.Advance(1)
	at, ok := fired(c)
	require.True(t, ok)
	require.Equal(t, governortest.Start.Add(time.Minute), at)
	require.False(t, stop(), "it was no longer pending")

	clock.Advance(time.Hour)
	_, ok = fired(c)
	require.False(t, ok, "it fires once")
}

func TestATimerWithoutAWaitFiresAtOnce(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, -time.Second} {
		clock := governortest.NewClock()
		c, stop := clock.NewTimer(d)
		at, ok := fired(c)
		require.True(t, ok, d)
		require.Equal(t, governortest.Start, at)
		require.False(t, stop())
		require.Zero(t, clock.Waiters())
	}
}

func TestAStoppedTimerNeverFires(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	c, stop := clock.NewTimer(time.Minute)
	require.True(t, stop())
	require.False(t, stop(), "stopped already")
	clock.Advance(time.Hour)
	_, ok := fired(c)
	require.False(t, ok)
}

func TestTimersFireInTheOrderOfTheirTime(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	// What package context hands over to follow a context runs in the goroutine that moves the clock.
	waits := []time.Duration{3 * time.Second, time.Second, 2 * time.Second, time.Second}
	order := []int{1, 3, 2, 0}
	seen := make(chan int, len(waits))
	for i, wait := range waits {
		ctx, cancel := clock.WithTimeout(t.Context(), wait)
		defer cancel()
		follow, ok := ctx.(interface{ AfterFunc(f func()) func() bool })
		require.True(t, ok, "package context must find it")
		follow.AfterFunc(func() {
			assert.Equal(t, governortest.Start.Add(waits[i]), clock.Now(), "the clock stands at the instant")
			seen <- i
		})
	}
	clock.Advance(time.Minute)
	for _, want := range order {
		require.Equal(t, want, <-seen)
	}
	require.Equal(t, governortest.Start.Add(time.Minute), clock.Now())
}

func TestEachTimerCarriesItsOwnInstant(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	late, _ := clock.NewTimer(2 * time.Hour)
	soon, _ := clock.NewTimer(time.Hour)
	clock.Advance(24 * time.Hour)
	require.Equal(t, governortest.Start.Add(time.Hour), <-soon)
	require.Equal(t, governortest.Start.Add(2*time.Hour), <-late)
}

func TestAClockThatIsSetBackFiresNothingAndKeepsWhatIsLeftOfAWait(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	c, _ := clock.NewTimer(time.Hour)
	clock.Advance(45 * time.Minute)

	clock.Advance(-6 * time.Hour)
	require.Equal(t, governortest.Start.Add(45*time.Minute-6*time.Hour), clock.Now())
	_, ok := fired(c)
	require.False(t, ok)

	clock.Advance(15*time.Minute - 1)
	_, ok = fired(c)
	require.False(t, ok, "a quarter of an hour was left")
	clock.Advance(1)
	_, ok = fired(c)
	require.True(t, ok)
}

func TestSetMovesTheClockBothWays(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	c, _ := clock.NewTimer(time.Hour)

	clock.Set(governortest.Start.Add(-time.Hour))
	require.Equal(t, governortest.Start.Add(-time.Hour), clock.Now())
	_, ok := fired(c)
	require.False(t, ok)

	clock.Set(governortest.Start.In(time.FixedZone("east", 3600)))
	require.Equal(t, governortest.Start, clock.Now(), "in UTC, whatever zone it was given in")
	_, ok = fired(c)
	require.True(t, ok)
}

func TestWaitersAndNextTimerTellWhatIsPending(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	_, ok := clock.NextTimer()
	require.False(t, ok)

	_, cancel := clock.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Zero(t, clock.Waiters(), "nobody sleeps on a deadline alone")

	_, stopLate := clock.NewTimer(2 * time.Hour)
	clock.NewTimer(time.Hour)
	require.Equal(t, 2, clock.Waiters())
	at, ok := clock.NextTimer()
	require.True(t, ok)
	require.Equal(t, governortest.Start.Add(time.Hour), at)

	clock.Set(at)
	require.Equal(t, 1, clock.Waiters())
	stopLate()
	require.Zero(t, clock.Waiters())
}

func TestBlockUntilReturnsWhenEnoughTimersArePending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := governortest.NewClock()
		returned := make(chan error, 1)
		go func() { returned <- clock.BlockUntil(t.Context(), 2) }()

		synctest.Wait()
		clock.NewTimer(time.Second)
		_, cancel := clock.WithTimeout(t.Context(), time.Second)
		defer cancel()
		synctest.Wait()
		require.Empty(t, returned, "one timer and one deadline are not two timers")

		clock.NewTimer(time.Hour)
		require.NoError(t, <-returned)
	})
}

func TestBlockUntilReturnsAtOnceWhenTheTimersAreThere(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	clock := governortest.NewClock()
	require.NoError(t, clock.BlockUntil(ended, 0))
	require.NoError(t, clock.BlockUntil(ended, -1))
	clock.NewTimer(time.Second)
	require.NoError(t, clock.BlockUntil(ended, 1))
}

func TestBlockUntilEndsWithItsContextAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, clock.BlockUntil(ended, 1), context.Canceled)

	expired, cancel := clock.WithTimeout(t.Context(), time.Second)
	defer cancel()
	clock.Advance(time.Second)
	require.ErrorIs(t, clock.BlockUntil(expired, 1), context.DeadlineExceeded)
	require.Zero(t, clock.Blocked())
}

func TestALoopIsWalkedFromTimerToTimer(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	var ticks []time.Time
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 3 {
			c, _ := clock.NewTimer(10 * time.Minute)
			ticks = append(ticks, <-c)
		}
	}()
	for range 3 {
		require.NoError(t, clock.BlockUntil(t.Context(), 1))
		at, ok := clock.NextTimer()
		require.True(t, ok)
		clock.Set(at)
	}
	<-done
	for i, tick := range ticks {
		require.Equal(t, governortest.Start.Add(time.Duration(i+1)*10*time.Minute), tick)
	}
}

func TestEveryTimerFiresUnderManyHands(t *testing.T) {
	t.Parallel()
	const hands, each = 8, 200
	clock := governortest.NewClock()
	var movers, setters sync.WaitGroup
	stopMoving := make(chan struct{})
	for range 2 {
		movers.Go(func() {
			for {
				select {
				case <-stopMoving:
					return
				default:
					clock.Advance(time.Millisecond)
				}
			}
		})
	}
	for range hands {
		setters.Go(func() {
			for i := range each {
				before := clock.Now()
				wait := time.Duration(i%7) * time.Millisecond
				c, stop := clock.NewTimer(wait)
				if i%5 == 0 && stop() {
					continue
				}
				at := <-c
				assert.False(t, at.Before(before.Add(wait)), "never early")
			}
		})
	}
	setters.Wait()
	close(stopMoving)
	movers.Wait()
	require.Zero(t, clock.Waiters())
}

func TestAClockMovesBubblesWithoutTheirTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bubble := time.NewTimer(time.Nanosecond)
		clock := governortest.NewClock()
		var got time.Time
		go func() {
			c, _ := clock.NewTimer(24 * time.Hour)
			got = <-c
		}()
		synctest.Wait()
		clock.Advance(24 * time.Hour)
		synctest.Wait()
		require.Equal(t, governortest.Start.Add(24*time.Hour), got)
		_, moved := fired(bubble.C)
		require.False(t, moved, "the bubble's own time has not moved")
	})
}
