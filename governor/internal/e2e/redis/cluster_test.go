package redis_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

func splitAddr(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

// move gives one slot of a cluster to another node, with the keys in it.
func move(t *testing.T, from, to *redistest.Server, slot int) {
	t.Helper()
	ctx := t.Context()
	a, b := from.Client(), to.Client()
	defer func() {
		require.NoError(t, a.Close())
		require.NoError(t, b.Close())
	}()
	idA, err := a.Do(ctx, "cluster", "myid").Text()
	require.NoError(t, err)
	idB, err := b.Do(ctx, "cluster", "myid").Text()
	require.NoError(t, err)
	require.NoError(t, b.Do(ctx, "cluster", "setslot", slot, "importing", idA).Err())
	require.NoError(t, a.Do(ctx, "cluster", "setslot", slot, "migrating", idB).Err())
	for {
		keys, err := a.ClusterGetKeysInSlot(ctx, slot, 100).Result()
		require.NoError(t, err)
		if len(keys) == 0 {
			break
		}
		for _, key := range keys { // one by one, so that there is a time in between
			err := a.Do(ctx, "migrate", "127.0.0.1", to.Port, key, 0, patience.Milliseconds()).Err()
			require.NoError(t, err)
		}
	}
	for _, node := range []*redis.Client{b, a} {
		require.NoError(t, node.Do(ctx, "cluster", "setslot", slot, "node", idB).Err())
	}
}

// While a slot of a cluster moves from one node to another, its accounts are
// answered with errors for a while, and nothing is lost or given out twice.
func TestASlotThatMovesDuringTrafficOverSendsNothing(t *testing.T) {
	t.Parallel()
	cluster, err := redistest.StartCluster(t.TempDir(), 3)
	t.Cleanup(cluster.Stop)
	require.NoError(t, err)
	client := cluster.Client()
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	store, err := redisstore.New(client, redisstore.Config{OnLoss: func(redisstore.Loss) { t.Error("a loss") }})
	require.NoError(t, err)

	slot := int(client.ClusterKeySlot(t.Context(), "sendgov:{"+account+"}:slots").Val())
	owner := slot * 3 / 16384
	b := &books{now: t0, timeout: hurry}
	stop := make(chan struct{})
	all := b.campaign(func(int) *redisstore.Store { return store }, limit, step, stop)
	for i := range 6 {
		pause(t, 200*time.Millisecond)
		next := (owner + 1 + i%2) % 3
		move(t, cluster.Nodes[owner], cluster.Nodes[next], slot)
		owner = next
	}
	pause(t, 200*time.Millisecond)
	b.await(t, b.left)
	close(stop)
	all.Wait()
	b.check(t, limit)
}
