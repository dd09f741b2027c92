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

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// accounts is over how many the load is spread.
const accounts = 8

// BenchmarkGoal holds the store against what the same server and client do
// otherwise: redis_rate, which keeps one number per key, and PING, which is a
// round trip with nothing in it. The load is 70 % new recipients.
func BenchmarkGoal(b *testing.B) {
	if !redistest.Found() {
		b.Fatal(redistest.Install)
	}
	server, err := redistest.Start(b.TempDir())
	require.NoError(b, err)
	b.Cleanup(server.Kill)
	for _, g := range []struct{ goal, workers int }{{22, 1}, {23, 16}, {24, 256}} {
		serverCPU := func() float64 { return cpuOf(b, server) }
		client := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true, PoolSize: min(g.workers, 32)})
		b.Cleanup(func() { _ = client.Close() })
		name := func(what string) string { return fmt.Sprintf("22-redis-%d/%s", g.workers, what) }
		b.Run(name("redisstore"), func(b *testing.B) { benchmarkStore(b, client, g.workers, serverCPU) })
		b.Run(name("ping"), func(b *testing.B) {
			spread(b, g.workers, serverCPU, func(ctx context.Context, _ int) error { return client.Ping(ctx).Err() })
		})
		b.Run(name("redis-rate"), func(b *testing.B) {
			limiter := redis_rate.NewLimiter(client)
			spread(b, g.workers, serverCPU, func(ctx context.Context, i int) error {
				_, err := limiter.Allow(ctx, fmt.Sprintf("account-%d", i%accounts), redis_rate.PerSecond(1<<30))
				return err
			})
		})
	}
	b.Run("25-redis-bytes-100K/slots", func(b *testing.B) { benchmarkMemory(b, false) })
	b.Run("25-redis-bytes-100K/messages", func(b *testing.B) { benchmarkMemory(b, true) })
}

func benchmarkStore(b *testing.B, client redisstore.Client, workers int, cpu func() float64) {
	b.Helper()
	store, err := redisstore.New(client, redisstore.Config{Prefix: fmt.Sprintf("%s%d:", b.Name(), b.N)})
	require.NoError(b, err)
	ids := make([]string, accounts)
	for i := range ids {
		ids[i] = fmt.Sprintf("account-%d", i)
	}
	t0 := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	spread(b, workers, cpu, func(ctx context.Context, i int) error {
		who := i
		if i%10 < 3 {
			who = i / 2
		}
		at := t0.Add(time.Duration(i) * time.Millisecond / 10)
		v, err := store.Admit(ctx, governor.Admission{
			Account: ids[i%accounts], Token: governor.Token{Hi: 1, Lo: uint64(i)}, Now: at, Stamp: at,
			Number: "106540352242922", Recipient: fmt.Sprintf("1650%08d", who), Limit: 1 << 50,
		})
		if err == nil && v.Outcome != governor.Admitted {
			err = fmt.Errorf("outcome %d", v.Outcome)
		}
		return err
	})
}

// cpuOf is how many seconds of a processor a server has used.
func cpuOf(b *testing.B, server *redistest.Server) float64 {
	b.Helper()
	client := server.Client()
	defer func() { _ = client.Close() }()
	info, err := client.Info(b.Context(), "cpu").Result()
	require.NoError(b, err)
	sum := 0.0
	for line := range strings.Lines(info) {
		for _, name := range []string{"used_cpu_user:", "used_cpu_sys:"} {
			if text, ok := strings.CutPrefix(line, name); ok {
				seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
				require.NoError(b, err)
				sum += seconds
			}
		}
	}
	return sum
}

// spread does b.N calls on so many goroutines. Beside the time, which on a busy
// machine tells little, it reports what a call costs the server's processor.
func spread(b *testing.B, workers int, cpu func() float64, call func(ctx context.Context, i int) error) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	before := cpu()
	b.ReportAllocs()
	b.ResetTimer()
	for range workers {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				if err := call(context.Background(), i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
	b.ReportMetric((cpu()-before)/float64(b.N)*1e6, "server-us/op")
}
