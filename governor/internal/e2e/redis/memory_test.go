package redis_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// benchmarkMemory reports what a recipient costs the server's memory when
// 100,000 hold a slot of one account: the slot alone, or with a message that can
// still be given back. That is goal 25.
func benchmarkMemory(b *testing.B, named bool) {
	b.Helper()
	for b.Loop() {
		server, err := redistest.Start(b.TempDir())
		require.NoError(b, err)
		client := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true, PoolSize: 16})
		store, err := redisstore.New(client, redisstore.Config{})
		require.NoError(b, err)
		fillSlots(b, store, 1, false) // so that the script is not counted
		before := usedMemory(b, client)
		fillSlots(b, store, 100_000, named)
		b.ReportMetric(float64(usedMemory(b, client)-before)/100_000, "B/recipient")
		b.ReportMetric(0, "ns/op")
		require.NoError(b, client.Close())
		server.Kill()
	}
}

func fillSlots(b *testing.B, store *redisstore.Store, n int, named bool) {
	b.Helper()
	var all sync.WaitGroup
	var next atomic.Int64
	account := fmt.Sprintf("a%d", n)
	for range 512 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				at := t0.Add(time.Duration(i) * 10 * time.Millisecond)
				token := governor.Token{Hi: uint64(n), Lo: uint64(i)}
				_, err := store.Admit(context.Background(), governor.Admission{
					Account: account, Token: token, Now: at, Stamp: at, Number: number, Recipient: fmt.Sprintf("1650%08d", i), Limit: 1 << 30,
				})
				require.NoError(b, err)
				end := governor.Settlement{Account: account, Token: token, Now: at, Sent: true, Stamp: at}
				if named {
					end.MessageID = fmt.Sprintf("wamid.HBgLMTY1MD%08d", i)
				}
				require.NoError(b, store.Settle(context.Background(), end))
			}
		})
	}
	all.Wait()
}

func usedMemory(b *testing.B, client *redis.Client) int {
	b.Helper()
	info, err := client.Info(b.Context(), "memory").Result()
	require.NoError(b, err)
	for line := range strings.Lines(info) {
		if text, ok := strings.CutPrefix(line, "used_memory:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			require.NoError(b, err)
			return n
		}
	}
	return 0
}
