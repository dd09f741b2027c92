package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// gate is a hook of the client that holds calls of the script up until they are
// let go, and counts them.
type gate struct {
	arrived chan int      // how many arguments each has
	pass    chan struct{} // lets one go
	calls   atomic.Int64
	fail    atomic.Pointer[error]
	panics  atomic.Bool
}

func newGate() *gate {
	return &gate{arrived: make(chan int, 1000), pass: make(chan struct{}, 1000)}
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }
func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "evalsha" {
			return next(ctx, cmd)
		}
		g.calls.Add(1)
		verbs := len(cmd.Args()) - 3 - 9 - 1 // without script, keys and memory
		g.arrived <- verbs
		select {
		case <-g.pass:
		case <-ctx.Done():
			return ctx.Err()
		}
		if g.panics.Load() && verbs > 1 {
			panic("a hook of the user's")
		}
		if err := g.fail.Load(); err != nil {
			cmd.SetErr(*err)
			return *err
		}
		return next(ctx, cmd)
	}
}

// gated is a store whose calls pass a gate. All that may be under way are, with
// one admission each; stuck tells how those end.
func gated(t *testing.T) (*redisstore.Store, *gate, func() []error) {
	t.Helper()
	server := started(t)
	if server == nil {
		return nil, nil, nil
	}
	client, g := server.Client(), newGate()
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	warm, err := redisstore.New(client, redisstore.Config{})
	require.NoError(t, err)
	_, err = warm.LoadState(t.Context(), "warm") // so that the server knows the script
	require.NoError(t, err)
	client.AddHook(g)
	store, err := redisstore.New(client, redisstore.Config{})
	require.NoError(t, err)
	var all sync.WaitGroup
	errs := make([]error, redisstore.MaxFlying)
	for i := range errs {
		all.Go(func() { errs[i] = admit(context.Background(), store, 9000+i) })
		require.Equal(t, 1, <-g.arrived)
	}
	return store, g, func() []error { all.Wait(); return errs }
}

func admit(ctx context.Context, store *redisstore.Store, i int) error {
	v, err := store.Admit(ctx, governor.Admission{
		Account: account, Token: governor.Token{Hi: 1, Lo: uint64(i)}, Now: t0, Stamp: t0, Number: n1,
		Recipient: fmt.Sprintf("1650%07d", i), Limit: 1 << 30,
	})
	if err == nil && v.Outcome != governor.Admitted {
		err = fmt.Errorf("outcome %d", v.Outcome)
	}
	return err
}

var t0 = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// queued starts n callers and returns when all wait in line.
func queued(ctx context.Context, t *testing.T, store *redisstore.Store, n int) (wait func() []error) {
	t.Helper()
	var all sync.WaitGroup
	errs := make([]error, n)
	before := store.Waiting(account)
	for i := range n {
		all.Go(func() { errs[i] = admit(ctx, store, i) })
	}
	require.Eventually(t, func() bool { return store.Waiting(account) == before+n }, time.Minute, time.Millisecond)
	return func() []error { all.Wait(); return errs }
}

func TestThoseWhoWaitShareACall(t *testing.T) {
	t.Parallel()
	store, g, stuck := gated(t)
	if store == nil {
		return
	}
	const n = 2*redisstore.MaxBatch + 10
	wait := queued(t.Context(), t, store, n)
	for range 2 + 3 {
		g.pass <- struct{}{}
	}
	for _, err := range append(wait(), stuck()...) {
		require.NoError(t, err)
	}
	assert.EqualValues(t, 2+3, g.calls.Load())
	// Two calls are under way at once, and the one that was made last may come first.
	assert.ElementsMatch(t, []int{redisstore.MaxBatch, redisstore.MaxBatch, 10}, []int{<-g.arrived, <-g.arrived, <-g.arrived})
	u, err := store.Usage(passing(t, g), governor.UsageAsk{Account: account, Now: t0})
	require.NoError(t, err)
	assert.Equal(t, n+2, u.Used)
}

// passing lets one more call through.
func passing(t *testing.T, g *gate) context.Context {
	t.Helper()
	g.pass <- struct{}{}
	return t.Context()
}

func TestWhoeverLeavesFailsNobodyElse(t *testing.T) {
	t.Parallel()
	store, g, stuck := gated(t)
	if store == nil {
		return
	}
	hurried, leave := context.WithCancel(t.Context())
	gone := queued(hurried, t, store, 5)
	patient := queued(t.Context(), t, store, 20)
	leave()
	for _, err := range gone() {
		require.ErrorIs(t, err, context.Canceled, "at once, while all calls hang")
	}
	for range 3 {
		g.pass <- struct{}{}
	}
	for _, err := range append(patient(), stuck()...) {
		require.NoError(t, err)
	}
}

func TestAStuckCallHoldsFollowersNoLongerThanTheirContexts(t *testing.T) {
	t.Parallel()
	store, g, stuck := gated(t)
	if store == nil {
		return
	}
	clock := governortest.NewClock() // so that it ends when all are where they should be, however long that takes
	clock.Set(time.Now())
	short, cancelShort := clock.WithTimeout(t.Context(), time.Minute)
	defer cancelShort()
	hurried := queued(short, t, store, 3)
	long, cancelLong := context.WithTimeout(t.Context(), time.Hour)
	defer cancelLong()
	patient := queued(long, t, store, 1) // who leads, having the most time
	g.pass <- struct{}{}
	require.Equal(t, 4, <-g.arrived, "all four in one call, which hangs")
	clock.Advance(time.Minute)
	for _, err := range hurried() {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	g.pass <- struct{}{}
	g.pass <- struct{}{}
	for _, err := range append(patient(), stuck()...) {
		require.NoError(t, err)
	}
}

func TestTheCallOfOneIsGivenUpWithItsContext(t *testing.T) {
	t.Parallel()
	store, g, stuck := gated(t)
	if store == nil {
		return
	}
	g.pass <- struct{}{}
	g.pass <- struct{}{}
	stuck()
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error)
	go func() { cancelled <- admit(ctx, store, 1) }()
	<-g.arrived
	cancel()
	require.ErrorIs(t, <-cancelled, context.Canceled)
}

func TestAnErrorOfACallIsTheErrorOfAllWhoShareIt(t *testing.T) {
	t.Parallel()
	store, g, stuck := gated(t)
	if store == nil {
		return
	}
	wait := queued(t.Context(), t, store, 7)
	g.pass <- struct{}{}
	require.Equal(t, 7, <-g.arrived)
	broken := errors.New("broken")
	g.fail.Store(&broken)
	g.pass <- struct{}{}
	g.pass <- struct{}{}
	for _, err := range wait() {
		require.ErrorIs(t, err, broken)
	}
	stuck()
	g.fail.Store(nil)
	g.pass <- struct{}{}
	require.NoError(t, admit(t.Context(), store, 1), "and the next call is made")
}

func TestAPanicInAHookLeavesTheStoreWhole(t *testing.T) {
	t.Parallel()
	store, g, stuck := gated(t)
	if store == nil {
		return
	}
	var all sync.WaitGroup
	var panicked, failed atomic.Int64
	for i := range 7 {
		all.Go(func() {
			defer func() {
				if recover() != nil {
					panicked.Add(1)
				}
			}()
			if admit(context.Background(), store, i) != nil {
				failed.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return store.Waiting(account) == 7 }, time.Minute, time.Millisecond)
	g.pass <- struct{}{}
	require.Equal(t, 7, <-g.arrived)
	g.panics.Store(true) // only where several share a call
	g.pass <- struct{}{}
	g.pass <- struct{}{}
	all.Wait()
	for _, err := range stuck() {
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, panicked.Load(), "it is the leader's")
	assert.EqualValues(t, 6, failed.Load())
	g.pass <- struct{}{}
	require.NoError(t, admit(t.Context(), store, 100))
}
