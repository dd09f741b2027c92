package redis_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// pairOf is a master whose replica gets its writes through a proxy.
func pairOf(t *testing.T) (master, replica *redistest.Server, link *proxy) {
	t.Helper()
	master = started(t, "--repl-diskless-sync-delay", "0")
	link = newProxy(t, master.Addr())
	host, port, _ := splitAddr(link.addr)
	replica = started(t, "--replicaof", host+" "+strconv.Itoa(port))
	awaitReplica(t, master)
	return master, replica, link
}

// awaitReplica returns when a replica has all writes.
func awaitReplica(t *testing.T, master *redistest.Server) {
	t.Helper()
	client := master.Client()
	defer func() { require.NoError(t, client.Close()) }()
	require.Eventually(t, func() bool {
		return client.Incr(t.Context(), "x").Err() == nil && client.Wait(t.Context(), 1, 200*time.Millisecond).Val() == 1
	}, time.Minute, 10*time.Millisecond)
}

// promote makes the replica the one that clients reach, its master gone.
func promote(t *testing.T, master, replica *redistest.Server, front *proxy) {
	t.Helper()
	master.Kill()
	client := replica.Client()
	defer func() { require.NoError(t, client.Close()) }()
	require.NoError(t, client.ReplicaOf(t.Context(), "no", "one").Err())
	front.switchTo(replica.Addr())
}

// A replica that has fallen behind and is promoted has lost what was
// acknowledged. Those who were told of it bring it along, and as many slots are
// counted as taken: nobody over-sends.
func TestAPromotedReplicaThatLacksWritesOverSendsNothing(t *testing.T) {
	t.Parallel()
	master, replica, link := pairOf(t)
	front := newProxy(t, master.Addr())
	var mu sync.Mutex
	lost := 0
	var stores []*redisstore.Store
	for range senders {
		stores = append(stores, storeAt(t, front.addr, redisstore.Config{OnLoss: func(l redisstore.Loss) {
			mu.Lock()
			defer mu.Unlock()
			lost += l.Changes
			assert.Positive(t, l.Changes)
		}}))
	}
	const limit = 30
	b := &books{now: t0, timeout: patience}
	// Half of the limit is used up and replicated.
	for i := range limit / 2 {
		b.send(stores[i%senders], person(100+i), limit, governor.Token{Hi: 99, Lo: uint64(4*i + 1)}, time.Millisecond)
	}
	awaitReplica(t, master)
	link.set(silent)
	for i := range limit / 2 { // the other half is not
		b.send(stores[i%senders], person(200+i), limit, governor.Token{Hi: 98, Lo: uint64(4*i + 1)}, time.Millisecond)
	}
	require.Equal(t, limit, b.most())
	promote(t, master, replica, front)
	var all sync.WaitGroup
	for i, store := range stores {
		all.Go(func() {
			for n := range uint64(250) {
				b.send(store, person(int(n*7+uint64(i)*13)%40), limit, governor.Token{Hi: uint64(i + 1), Lo: n + 1}, time.Millisecond)
			}
		})
	}
	all.Wait()
	b.check(t, limit)
	mu.Lock()
	defer mu.Unlock()
	// Each booking and each commit is a change; both of one message are counted.
	assert.GreaterOrEqual(t, lost, limit/2)
	assert.LessOrEqual(t, lost, limit, "what was lost, and no more")
	t.Logf("%d changes lost for %d messages: so many slots stay unused for a day", lost, limit/2)
}

func TestWhereReplicasAreWaitedForAFailOverLosesNothing(t *testing.T) {
	t.Parallel()
	master, replica, link := pairOf(t)
	front := newProxy(t, master.Addr())
	waiting := func(long time.Duration) *redisstore.Store {
		return storeAt(t, front.addr, redisstore.Config{WaitReplicas: 1, WaitTimeout: long, OnLoss: func(redisstore.Loss) {
			assert.Fail(t, "nothing that was admitted was lost")
		}})
	}
	admit := func(store *redisstore.Store, i int) error {
		_, err := store.Admit(t.Context(), governor.Admission{
			Account: account, Token: governor.Token{Hi: 1, Lo: uint64(i)}, Now: t0, Stamp: t0, Number: number, Recipient: person(i), Limit: 100,
		})
		return err
	}
	patient := waiting(patience)
	for i := range 10 {
		require.NoError(t, admit(patient, i+1))
	}
	link.set(silent)
	require.ErrorIs(t, admit(waiting(50*time.Millisecond), 11), redisstore.ErrReplicas, "it is not sent")
	promote(t, master, replica, front)
	fresh := storeAt(t, front.addr, redisstore.Config{})
	u, err := fresh.Usage(context.Background(), governor.UsageAsk{Account: account, Limit: 100, Now: t0})
	require.NoError(t, err)
	assert.Equal(t, 10, u.Used)
}
