package governortest_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestAContextEndsAtItsOwnInstant(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	at, ok := ctx.Deadline()
	require.True(t, ok)
	require.Equal(t, governortest.Start.Add(time.Hour), at)

	clock.Advance(time.Hour - 1)
	require.NoError(t, ctx.Err())
	clock.Advance(1)
	require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
	require.ErrorIs(t, context.Cause(ctx), context.DeadlineExceeded)
	<-ctx.Done()
	cancel()
	require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded, "the first end stays")
}

func TestAContextWithoutTimeHasEnded(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	for _, d := range []time.Duration{0, -time.Second} {
		ctx, cancel := clock.WithTimeout(t.Context(), d)
		require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
		<-ctx.Done()
		cancel()
	}
	require.Zero(t, clock.Pending())
}

func TestACancelledContextLeavesTheClock(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
	require.Equal(t, 1, clock.Pending())
	cancel()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	require.Zero(t, clock.Pending())
	clock.Advance(2 * time.Hour)
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

func TestAContextEndsWithItsParent(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	why := errors.New("enough")
	parent, cancelParent := context.WithCancelCause(t.Context())
	ctx, cancel := clock.WithTimeout(parent, time.Hour)
	defer cancel()

	cancelParent(why)
	require.ErrorIs(t, ctx.Err(), context.Canceled, "at once")
	require.ErrorIs(t, context.Cause(ctx), why)
	<-ctx.Done()
	require.Zero(t, clock.Pending())
}

func TestAContextEndsWithAParentNobodyAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := governortest.NewClock()
		parent, cancelParent := context.WithCancel(t.Context())
		ctx, cancel := clock.WithTimeout(parent, time.Hour)
		defer cancel()
		done := ctx.Done()
		cancelParent()
		<-done
		require.Zero(t, clock.Pending())
	})
}

func TestContextsOfAnEndedParentHaveEnded(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	parent, cancelParent := context.WithCancel(t.Context())
	cancelParent()
	ctx, cancel := clock.WithTimeout(parent, time.Hour)
	defer cancel()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	require.Zero(t, clock.Pending())
}

func TestWhatDerivesFromAContextHasEndedWhenAdvanceReturns(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	child, cancelChild := context.WithCancel(ctx)
	defer cancelChild()
	grandchild, cancelGrandchild := context.WithCancelCause(child)
	defer cancelGrandchild(nil)

	clock.Advance(time.Hour)
	require.ErrorIs(t, child.Err(), context.DeadlineExceeded)
	require.ErrorIs(t, grandchild.Err(), context.DeadlineExceeded)
	require.ErrorIs(t, context.Cause(grandchild), context.DeadlineExceeded)
}

func TestAChildThatHasGoneIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := governortest.NewClock()
		ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
		defer cancel()

		called := false
		stop := context.AfterFunc(ctx, func() { called = true })
		require.True(t, stop())
		_, cancelChild := context.WithCancel(ctx)
		cancelChild()

		clock.Advance(time.Hour)
		synctest.Wait()
		require.False(t, called)

		late := make(chan struct{})
		require.False(t, context.AfterFunc(ctx, func() { close(late) })(), "it has ended already")
		<-late

		// Between the question whether it has ended and this call, it may.
		follow, ok := ctx.(interface{ AfterFunc(f func()) func() bool })
		require.True(t, ok)
		later := make(chan struct{})
		require.False(t, follow.AfterFunc(func() { close(later) })())
		<-later
	})
}

func TestNestedDeadlinesReportTheEarlierOnOneClock(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	outer, cancel := clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	type key struct{}
	inner, cancel := clock.WithTimeout(context.WithValue(outer, key{}, "kept"), 2*time.Hour)
	defer cancel()

	at, _ := inner.Deadline()
	require.Equal(t, governortest.Start.Add(time.Hour), at)
	require.Equal(t, "kept", inner.Value(key{}))
	clock.Advance(time.Hour)
	require.ErrorIs(t, inner.Err(), context.DeadlineExceeded)
}

func TestADeadlineOfAnotherClockIsNotReported(t *testing.T) {
	t.Parallel()
	clock, other := governortest.NewClock(), governortest.NewClock()
	outer, cancel := other.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	inner, cancel := clock.WithTimeout(outer, time.Hour)
	defer cancel()
	at, _ := inner.Deadline()
	require.Equal(t, governortest.Start.Add(time.Hour), at)
	other.Advance(time.Minute)
	require.ErrorIs(t, inner.Err(), context.DeadlineExceeded, "but it ends the context")
}

func TestAContextKeepsWhatIsLeftOfItWhenTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	ctx, cancel := clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	clock.Advance(-24 * time.Hour)
	require.NoError(t, ctx.Err())
	clock.Advance(time.Hour)
	require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
}

func TestARequestWithADeadlineOnTheClockReachesTheNetwork(t *testing.T) {
	t.Parallel()
	// The deadline is long past for the machine's clock, and yet no dialler may mind.
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Clock().Set(time.Date(2001, time.January, 1, 0, 0, 0, 0, time.UTC))
	ctx, cancel := api.Clock().WithTimeout(t.Context(), time.Hour)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, api.URL()+"/v25.0/"+number, http.NoBody)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
}

func TestContextsEndOnceUnderManyHands(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	var hands sync.WaitGroup
	for i := range 8 {
		hands.Go(func() {
			for j := range 100 {
				parent, cancelParent := context.WithCancel(t.Context())
				ctx, cancel := clock.WithTimeout(parent, time.Duration(1+j%3)*time.Second)
				child, cancelChild := context.WithCancel(ctx)
				switch (i + j) % 3 {
				case 0:
					cancel()
				case 1:
					cancelParent()
				default:
					clock.Advance(time.Second)
				}
				clock.Advance(3 * time.Second)
				<-child.Done()
				<-ctx.Done()
				cancelChild()
				cancel()
				cancelParent()
			}
		})
	}
	hands.Wait()
	require.Zero(t, clock.Pending())
}
