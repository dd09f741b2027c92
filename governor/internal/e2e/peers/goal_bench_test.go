package peers

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/sethvargo/go-limiter/memorystore"
	"github.com/stretchr/testify/require"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"
	uber "go.uber.org/ratelimit"
	"golang.org/x/time/rate"

	"github.com/sendgov/sendgov/window"
)

// BenchmarkGoal holds a reservation, which counts unique recipients, to what
// limiters do that count calls: less, so they set a mark.
func BenchmarkGoal(b *testing.B) {
	ctx := context.Background()
	keys := make([]string, 1<<16)
	for i := range keys {
		keys[i] = strconv.FormatInt(155_500_000_000+int64(i), 10)
	}
	key := func(i int) string { return keys[i*7919%len(keys)] }

	b.Run("04-peers/window", reserve)
	b.Run("04-peers/sethvargo", func(b *testing.B) {
		store, err := memorystore.New(&memorystore.Config{Tokens: math.MaxUint32, Interval: 24 * time.Hour})
		require.NoError(b, err)
		b.Cleanup(func() { _ = store.Close(ctx) })
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, _, _, ok, err := store.Take(ctx, key(i)); err != nil || !ok {
				b.Fatal(ok, err)
			}
		}
	})
	b.Run("04-peers/ulule", func(b *testing.B) {
		l := limiter.New(memory.NewStore(), limiter.Rate{Period: 24 * time.Hour, Limit: math.MaxInt32})
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if c, err := l.Get(ctx, key(i)); err != nil || c.Reached {
				b.Fatal(c, err)
			}
		}
	})
	b.Run("04-peers/uber", func(b *testing.B) {
		l := uber.New(math.MaxInt32)
		for b.Loop() {
			l.Take()
		}
	})
	b.Run("04-peers/failsafe", func(b *testing.B) {
		l := ratelimiter.NewBursty[any](math.MaxUint32, 24*time.Hour)
		for b.Loop() {
			if !l.TryAcquirePermit() {
				b.Fatal("refused")
			}
		}
	})
	b.Run("04-peers/x-time-rate", func(b *testing.B) {
		l := rate.NewLimiter(1e9, math.MaxInt32)
		for b.Loop() {
			l.Allow()
		}
	})
}

// reserve is a reservation while a hundred thousand people hold slots: seven of
// ten are new, and as many lapse.
func reserve(b *testing.B) {
	const live = 100_000
	w, err := window.New(window.Period)
	require.NoError(b, err)
	names := make([]string, 4*live)
	for i := range names {
		names[i] = strconv.FormatInt(155_500_000_000+int64(i), 10)
	}
	r := rand.New(rand.NewPCG(1, live))
	back := make([]int, 1<<16)
	for i := range back {
		if r.IntN(10) < 3 {
			back[i] = 1 + r.IntN(live/2)
		}
	}
	now, fresh, op := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), live, 0
	next := func() string {
		op++
		now = now.Add(window.Period * 4 / 5 / live)
		n := back[op%len(back)]
		if n == 0 {
			fresh++
		}
		return names[(fresh-n)%len(names)]
	}
	for range 4 * live {
		w.Reserve(next(), now, now, math.MaxInt)
	}
	var mu sync.Mutex
	b.ReportAllocs()
	for b.Loop() {
		name := next()
		mu.Lock()
		w.Reserve(name, now, now, math.MaxInt)
		mu.Unlock()
	}
}
