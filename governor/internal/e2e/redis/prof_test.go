package redis_test

import (
	"context"
	"fmt"
	"strings"
	"github.com/go-redis/redis_rate/v10"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

func cpu(c *redis.Client) float64 {
	var u, s float64
	for _, line := range strings.Split(c.Info(context.Background(), "cpu").Val(), "\r\n") {
		if v, ok := strings.CutPrefix(line, "used_cpu_user:"); ok { fmt.Sscan(v, &u) }
		if v, ok := strings.CutPrefix(line, "used_cpu_sys:"); ok { fmt.Sscan(v, &s) }
	}
	return u + s
}

func TestProf(t *testing.T) {
	server, err := redistest.Start(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(server.Kill)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	store, err := redisstore.New(client, redisstore.Config{})
	require.NoError(t, err)
	t0 := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, n := range []int{300, 2000, 2000, 10000} {
		client.ConfigResetStat(t.Context())
		c0 := cpu(client)
		start := time.Now()
		for i := range n {
			at := t0.Add(time.Duration(i) * time.Millisecond / 10)
			_, err := store.Admit(context.Background(), governor.Admission{
				Account: "a", Token: governor.Token{Hi: uint64(n), Lo: uint64(i)}, Now: at, Stamp: at,
				Number: "106540352242922", Recipient: fmt.Sprintf("1650%08d", i), Limit: 1 << 50,
			})
			require.NoError(t, err)
		}
		fmt.Println(n, time.Since(start)/time.Duration(n), "server cpu", (cpu(client)-c0)/float64(n)*1e6)
		lim := redis_rate.NewLimiter(client)
		c0 = cpu(client)
		for range n { lim.Allow(context.Background(), "x", redis_rate.PerSecond(1<<30)) }
		fmt.Println("rate cpu", (cpu(client)-c0)/float64(n)*1e6)
		c0 = cpu(client)
		for range n { client.Ping(context.Background()) }
		fmt.Println("ping cpu", (cpu(client)-c0)/float64(n)*1e6)
		fmt.Println(client.Info(t.Context(), "commandstats").Val())
	}
}
