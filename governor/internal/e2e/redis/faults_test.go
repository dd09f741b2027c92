package redis_test

import (
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/redisstore"
)

const (
	senders = 4
	limit   = 10
	// step is how much time passes with each message: some three thousand are a
	// day, so that slots free and are given out again during a test.
	step = 30 * time.Second
)

// pause waits for real time to pass, for a fault to last.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// Whatever happens to the connection, no limit is passed.
func TestNoTroubleOnTheWireOverSends(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	server := started(t)
	p := newProxy(t, server.Addr())
	var stores []*redisstore.Store
	for range senders {
		stores = append(stores, storeAt(t, p.addr, redisstore.Config{}))
	}
	b := &books{now: t0, timeout: hurry}
	stop := make(chan struct{})
	all := b.campaign(func(i int) *redisstore.Store { return stores[i] }, limit, step, stop)
	for range 4 {
		for _, i := range r.Perm(int(troubles)) {
			mode, before := trouble(i), b.failures()
			p.set(mode)
			pause(t, 100*time.Millisecond)
			if mode == deaf || mode == refuses { // which hit whoever calls
				b.await(t, func() int { return b.unknown - before })
			}
			p.set(none)
			p.cut()
			pause(t, 150*time.Millisecond)
		}
	}
	b.await(t, b.left)
	close(stop)
	all.Wait()
	b.check(t, limit)
	assert.Positive(t, b.unknown)
}

func TestAServerThatIsKilledAndComesBackOverSendsNothing(t *testing.T) {
	t.Parallel()
	server := started(t, "--appendonly", "yes", "--appendfsync", "always")
	var lost []redisstore.Loss
	store := storeAt(t, server.Addr(), redisstore.Config{OnLoss: func(l redisstore.Loss) { lost = append(lost, l) }})
	b := &books{now: t0, timeout: hurry}
	stop := make(chan struct{})
	all := b.campaign(func(int) *redisstore.Store { return store }, limit, step, stop)
	for range 4 {
		pause(t, 400*time.Millisecond)
		server.Kill()
		pause(t, 100*time.Millisecond)
		require.NoError(t, server.Run())
	}
	pause(t, 300*time.Millisecond)
	b.await(t, b.left)
	close(stop)
	all.Wait()
	b.check(t, limit)
	assert.Empty(t, lost, "with its log on the disk before every answer")
}

// A server that stands still, as in a long pause of its machine, costs each
// caller its own time and no more, replies pass, and it goes on where it was.
func TestAHungServerCostsACallerItsContextAndNoMore(t *testing.T) {
	t.Parallel()
	server := started(t)
	store := storeAt(t, server.Addr(), redisstore.Config{})
	ask := governor.Admission{Account: account, Now: t0, Stamp: t0, Number: number, Recipient: person(1), Limit: 1}
	_, err := store.Admit(t.Context(), ask)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(server.PID(), syscall.SIGSTOP))
	done := make(chan error, 20)
	for i := range cap(done) {
		go func() {
			ctx, stop := context.WithTimeout(context.Background(), time.Duration(100+20*i)*time.Millisecond)
			defer stop()
			_, err := store.Admit(ctx, ask)
			done <- err
		}()
	}
	for range cap(done) {
		select {
		case err := <-done:
			require.Error(t, err)
		case <-time.After(patience):
			require.FailNow(t, "somebody waits for the server, whose own context has ended")
		}
	}
	gov, err := governor.New(store, governor.Config{StoreTimeout: 100 * time.Millisecond})
	require.NoError(t, err)
	_, err = gov.Reserve(t.Context(), governor.Message{From: number, To: person(2), Kind: governor.Reply})
	require.NoError(t, err, "a reply passes")
	_, err = gov.Reserve(t.Context(), governor.Message{From: number, To: person(2), Template: "x"})
	require.ErrorIs(t, err, governor.ErrStore)
	require.NoError(t, syscall.Kill(server.PID(), syscall.SIGCONT))
	v, err := store.Admit(t.Context(), ask)
	require.NoError(t, err)
	assert.Equal(t, governor.OverLimit, v.Outcome)
}
