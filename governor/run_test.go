package governor_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
)

// running is a governor on real time, in a bubble, whose Run goes on until stop,
// which returns when it has.
func running(t *testing.T, store governor.Store, observer func(governor.Notice)) (gov *governor.Governor, stop func()) {
	t.Helper()
	gov, err := governor.New(store, governor.Config{DefaultTier: 1, Observer: observer})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { assert.ErrorIs(t, gov.Run(ctx), context.Canceled) })
	synctest.Wait()
	return gov, func() {
		cancel()
		run.Wait()
	}
}

// refusals are sends of which all but the first are refused.
func refusals(t *testing.T, gov *governor.Governor, n int) {
	t.Helper()
	for i := range n {
		_, err := gov.Reserve(t.Context(), template(n1, person(i)))
		if i > 0 {
			require.ErrorIs(t, err, governor.ErrTierLimit)
		}
	}
}

func TestWhileRunIsThereNoSendWaitsForAnObserver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		release := make(chan struct{})
		gov, stop := running(t, memstore.New(), func(n governor.Notice) {
			<-release // for ever, as far as the sends go
			r.observe(n)
		})
		before := time.Now()
		refusals(t, gov, 100)
		require.NoError(t, gov.Observe(t.Context(), governor.TierReported{Number: n1, Tier: 2}))
		assert.Zero(t, time.Since(before))
		close(release)
		synctest.Wait()
		require.Len(t, r.notices, 100)
		assert.Equal(t, governor.NoticeDenied, r.notices[0].Kind)
		assert.Equal(t, governor.NoticeLimit, r.notices[99].Kind, "in the order in which things happened")
		stop()
	})
}

func TestASlowObserverDelaysNoSendWhileRunIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := 0
		gov, stop := running(t, memstore.New(), notFull(func(governor.Notice) {
			<-time.After(time.Second)
			told++
		}))
		before := time.Now()
		refusals(t, gov, 61)
		assert.Zero(t, time.Since(before))
		stop()
		assert.Equal(t, 60, told, "what is left is told before Run returns")
		assert.GreaterOrEqual(t, time.Since(before), time.Minute)
	})
}

func TestABlockedObserverLosesTheOldestAndIsToldHowMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var kinds []governor.NoticeKind
		dropped := ""
		gov, stop := running(t, memstore.New(), notFull(func(n governor.Notice) {
			<-release
			kinds = append(kinds, n.Kind)
			if n.Kind == governor.NoticeDropped {
				dropped = n.To
			}
		}))
		refusals(t, gov, 2)
		synctest.Wait() // the first is being told
		refusals(t, gov, 4096+905)
		close(release)
		stop()
		assert.Equal(t, "905", dropped)
		assert.Len(t, kinds, 1+1+4096)
		assert.Equal(t, 1, slices.Index(kinds, governor.NoticeDropped))
	})
}

func TestAPanickingObserverDoesNotEndRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		gov, stop := running(t, memstore.New(), func(n governor.Notice) {
			r.observe(n)
			if n.Kind == governor.NoticeDenied {
				panic("again")
			}
		})
		refusals(t, gov, 4)
		synctest.Wait()
		assert.Len(t, r.notices, 6, "each with its panic")
		stop()
	})
}

func TestAReentrantObserverDoesNotDeadlockRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var gov *governor.Governor
		var kinds []governor.NoticeKind
		gov, stop := running(t, memstore.New(), notFull(func(n governor.Notice) {
			kinds = append(kinds, n.Kind)
			if len(kinds) > 10 {
				return
			}
			_, err := gov.Reserve(context.Background(), template(n1, carol))
			assert.ErrorIs(t, err, governor.ErrTierLimit)
			_, err = gov.Snapshot(context.Background(), n1)
			assert.NoError(t, err)
			assert.NoError(t, gov.Flush(context.Background()))
			assert.ErrorIs(t, gov.Run(context.Background()), governor.ErrInvalid, "it runs already")
		}))
		refusals(t, gov, 2)
		synctest.Wait()
		assert.Len(t, kinds, 11)
		stop()
	})
}

func TestRunTakesOverFromWhoeverIsTelling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		entered, release := make(chan struct{}), make(chan struct{})
		var once sync.Once
		gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1, Observer: notFull(func(n governor.Notice) {
			once.Do(func() {
				close(entered)
				<-release
			})
			r.observe(n)
		})})
		require.NoError(t, err)
		var sender, run sync.WaitGroup
		sender.Go(func() { refusals(t, gov, 2) })
		<-entered
		ctx, cancel := context.WithCancel(t.Context())
		run.Go(func() { assert.ErrorIs(t, gov.Run(ctx), context.Canceled) })
		refusals(t, gov, 10)
		close(release)
		sender.Wait()
		synctest.Wait()
		assert.Len(t, r.notices, 11)
		cancel()
		run.Wait()
		refusals(t, gov, 2)
		assert.Len(t, r.notices, 13, "without it, whoever brings news tells again")
	})
}

func TestAnObserverThatEndsRunsGoroutineSilencesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1, Observer: notFull(func(n governor.Notice) {
			r.observe(n)
			if len(r.notices) == 1 {
				runtime.Goexit()
			}
		})})
		require.NoError(t, err)
		var run sync.WaitGroup
		run.Go(func() {
			_ = gov.Run(t.Context())
			assert.Fail(t, "the goroutine has ended")
		})
		synctest.Wait()
		refusals(t, gov, 3)
		run.Wait()
		refusals(t, gov, 3)
		assert.GreaterOrEqual(t, len(r.notices), 4)
	})
}

func TestRunHandsOverCountsAndSendsDoNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &ears{Store: memstore.New()}
		gov, stop := running(t, store, nil)
		store.failing(func(context.Context) error {
			<-time.After(time.Second)
			return nil
		})
		before := time.Now()
		refusals(t, gov, 3)
		assert.Zero(t, time.Since(before))
		<-time.After(12 * time.Second)
		require.Len(t, store.told(), 1, "though nothing comes by")
		before = time.Now()
		refusals(t, gov, 3)
		assert.Zero(t, time.Since(before))
		<-time.After(time.Hour)
		require.Len(t, store.told(), 1, "and nothing more while there is nothing to tell")
		refusals(t, gov, 3)
		stop()
		require.Len(t, store.told(), 1, "what is left is handed over at the end")
	})
}

func TestAStoreThatHangsDoesNotKeepRunForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &ears{Store: memstore.New()}
		gov, stop := running(t, store, nil)
		store.failing(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		refusals(t, gov, 2)
		before := time.Now()
		stop()
		assert.Equal(t, 5*time.Second, time.Since(before))
	})
}

func TestRunIsQuietWhileNothingHappens(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { assert.ErrorIs(t, f.gov.Run(ctx), context.Canceled) })
	_, pending := f.clock.NextTimer()
	assert.False(t, pending, "a fake clock does not race ahead for it")
	cancel()
	run.Wait()
	require.ErrorIs(t, (*governor.Governor)(nil).Run(t.Context()), governor.ErrInvalid)
}

func ExampleGovernor_Run() {
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: 1,
		Observer:    func(n governor.Notice) { fmt.Println(n.Kind) }, // may be slow: no send waits for it
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = gov.Run(ctx) // until ctx ends
	}()
	for _, to := range []string{"+1 650 555 0101", "+1 650 555 0102"} {
		_, _ = gov.Reserve(ctx, governor.Message{From: "106540352242922", To: to, Template: "hello_world"})
	}
	stop()
	<-done // what is left has been told
	// Output:
	// near_limit
	// denied
}
