package governor_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

// ticking is a clock that goes on by a fixed step whenever it is asked.
type ticking struct {
	now  atomic.Int64
	step time.Duration
}

func (c *ticking) Now() time.Time { return time.Unix(0, c.now.Add(int64(c.step))).UTC() }

func (c *ticking) NewTimer(time.Duration) (ring <-chan time.Time, stop func() bool) {
	return nil, func() bool { return false }
}

// live is how many people hold slots in a benchmark.
const live = 1000

// benched is a governor of one account in which live people hold slots, with
// limit places, on a clock that goes on by step.
func benched(b *testing.B, limit int, step time.Duration) (*governor.Governor, []string) {
	b.Helper()
	clock := &ticking{step: step}
	clock.now.Store(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	gov, err := governor.New(memstore.New(), governor.Config{Clock: clock, Accounts: []governor.Account{{
		ID: account, Tier: tier.Tier(limit), Numbers: []governor.Number{{ID: n1, PerSecond: 100_000}},
	}}})
	require.NoError(b, err)
	people := make([]string, 8*live)
	for i := range people {
		people[i] = person(i)
	}
	for _, who := range people[:live] {
		_, err := gov.Reserve(b.Context(), template(n1, who))
		require.NoError(b, err)
	}
	b.ReportAllocs()
	return gov, people
}

func BenchmarkGovernor(b *testing.B) {
	ctx := context.Background()
	both := func(b *testing.B, gov *governor.Governor, who string) {
		b.Helper()
		r, err := gov.Reserve(ctx, template(n1, who))
		if err == nil {
			err = r.Commit(ctx, governor.Receipt{})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("Reserve and Commit, holders", func(b *testing.B) {
		gov, people := benched(b, tier.Unlimited.Limit(), 10*time.Millisecond)
		for i := 0; b.Loop(); i++ {
			both(b, gov, people[i*379%live])
		}
	})
	b.Run("Reserve and Commit, new", func(b *testing.B) {
		// At this pace as many slots lapse as are taken.
		gov, people := benched(b, tier.Unlimited.Limit(), day/live/2)
		for i := live; b.Loop(); i++ {
			both(b, gov, people[i%len(people)])
		}
	})
	b.Run("Reserve and Commit, replies", func(b *testing.B) { // which the window has no part in
		gov, people := benched(b, tier.Unlimited.Limit(), 10*time.Millisecond)
		messages := make([]governor.Message, live)
		for i := range messages {
			messages[i] = reply(n1, people[i*379%live])
		}
		for i := 0; b.Loop(); i++ {
			r, err := gov.Reserve(ctx, messages[i%live])
			if err == nil {
				err = r.Commit(ctx, governor.Receipt{})
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Check", func(b *testing.B) {
		gov, people := benched(b, tier.Unlimited.Limit(), 10*time.Millisecond)
		for i := 0; b.Loop(); i++ {
			if d, err := gov.Check(ctx, template(n1, people[i*379%live])); err != nil || !d.Allowed {
				b.Fatal(d, err)
			}
		}
	})
	b.Run("denied", func(b *testing.B) {
		gov, people := benched(b, live, time.Nanosecond)
		for b.Loop() {
			if _, err := gov.Reserve(ctx, template(n1, people[live])); err == nil {
				b.Fatal("passed")
			}
		}
	})
	b.Run("Reserve and Commit, parallel", func(b *testing.B) {
		gov, people := benched(b, tier.Unlimited.Limit(), 10*time.Millisecond)
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for i := int(next.Add(97)); pb.Next(); i++ {
				both(b, gov, people[i*379%live])
			}
		})
	})
}

// BenchmarkBaseline is what the rows above are to be read against, in the same
// run.
func BenchmarkBaseline(b *testing.B) {
	people := make([]string, 1000)
	for i := range people {
		people[i] = person(i)
	}
	b.Run("mutex", func(b *testing.B) {
		var mu sync.Mutex
		n := 0
		for b.Loop() {
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
	b.Run("map get", func(b *testing.B) {
		times := map[string]int64{}
		for i, who := range people {
			times[who] = int64(i)
		}
		var sum int64
		for i := 0; b.Loop(); i++ {
			sum += times[people[i*379%len(people)]]
		}
	})
	b.Run("map set", func(b *testing.B) {
		times := map[string]int64{}
		for i := 0; b.Loop(); i++ {
			times[people[i*379%len(people)]] = int64(i)
		}
	})
	b.Run("rate.Limiter.Allow", func(b *testing.B) {
		limiter := rate.NewLimiter(1e9, 1)
		for b.Loop() {
			limiter.Allow()
		}
	})
	b.Run("simplelru.Add", func(b *testing.B) {
		lru, err := simplelru.NewLRU[string, int64](len(people), nil)
		require.NoError(b, err)
		for i := 0; b.Loop(); i++ {
			lru.Add(people[i*379%len(people)], int64(i))
		}
	})
}

// BenchmarkHashedReserve is Reserve and Cancel of a repeat with recipients hashed.
func BenchmarkHashedReserve(b *testing.B) {
	for _, key := range [][]byte{nil, key1} {
		b.Run(fmt.Sprintf("hashed=%t", key != nil), func(b *testing.B) {
			gov, err := governor.New(memstore.New(), governor.Config{HashKey: key, DefaultTier: tier.Tier10K})
			require.NoError(b, err)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r, err := gov.Reserve(b.Context(), reply(person(i%10_000), alice))
				require.NoError(b, err)
				require.NoError(b, r.Cancel(b.Context()))
			}
		})
	}
}
