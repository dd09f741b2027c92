package governortest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestARunningClockLetsWaitersPassInOrderAndStopsWithItsContext(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() { stopped <- clock.Run(ctx) }()
	for _, wait := range []time.Duration{time.Millisecond, 24 * time.Hour, time.Second} {
		before := clock.Now()
		ring, _ := clock.NewTimer(wait)
		<-ring
		require.Equal(t, wait, clock.Now().Sub(before))
	}
	cancel()
	require.ErrorIs(t, <-stopped, context.Canceled)
	require.Equal(t, governortest.Start.Add(24*time.Hour+time.Second+time.Millisecond), clock.Now())
}
