package window_test

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func goalLRUCache(b *testing.B, live int) {
	b.Helper()
	cache, err := lru.New[string, int64](live)
	require.NoError(b, err)
	goalCache(b, live, cache.Add)
}

// goalOwnClock reads the clock, as a caller must, and goes by the traffic's.
func goalOwnClock(b *testing.B, live int) {
	b.Helper()
	w, t := steady(b, live)
	var mu sync.Mutex
	var read time.Time
	for b.Loop() {
		name, now := t.next()
		mu.Lock()
		read = time.Now()
		w.Reserve(name, now, now, math.MaxInt)
		mu.Unlock()
	}
	require.False(b, read.IsZero())
}

func goalRateLimiter(b *testing.B) {
	limiter := rate.NewLimiter(1e9, 1)
	for b.Loop() {
		limiter.Allow()
	}
}

// goalMemoryOf is what another structure takes for the same recipients, whose
// names are each on the heap, as a caller's are.
func goalMemoryOf(b *testing.B, build func(b *testing.B, names []string) any) {
	b.Helper()
	const live = 100_000
	var size int64
	for b.Loop() {
		before := heap()
		names := phones(live)
		for i, name := range names {
			names[i] = strings.Clone(name)
		}
		built := build(b, names)
		clear(names)
		size = heap() - before
		runtime.KeepAlive(built)
	}
	b.ReportMetric(float64(size)/live, "B/recipient")
}

func newSimpleLRU(b *testing.B, names []string) any {
	b.Helper()
	cache, err := simplelru.NewLRU[string, int64](len(names), nil)
	require.NoError(b, err)
	for i, name := range names {
		cache.Add(name, int64(i))
	}
	return cache
}

// linked is an entry of a list in order of time.
type linked struct {
	who          uint64
	at           int64
	older, newer uint32
}

type mapAndList struct {
	at   map[uint64]uint32
	list []linked
}

func newMapAndList(b *testing.B, names []string) any {
	b.Helper()
	out := &mapAndList{at: map[uint64]uint32{}}
	for i := range names {
		out.at[155_500_000_000+uint64(i)] = uint32(i)
		out.list = append(out.list, linked{155_500_000_000 + uint64(i), int64(i), uint32(i - 1), uint32(i + 1)})
	}
	return out
}

// goalSteady is how long single operations take in the middle of traffic: of the
// best of three rounds, since the machine holds up some by itself.
func goalSteady(b *testing.B) {
	const ops = 300_000
	w, t := steady(b, 100_000)
	took := make([]time.Duration, ops)
	late, worst := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		for range 3 {
			runtime.GC() // not in the middle of an operation
			for i := range took {
				name, now := t.next()
				begin := time.Now()
				w.Reserve(name, now, now, math.MaxInt)
				took[i] = time.Since(begin)
			}
			slices.Sort(took)
			late, worst = min(late, took[ops-ops/1000]), min(worst, took[ops-1])
		}
	}
	b.ReportMetric(float64(late.Nanoseconds()), "p99.9-ns")
	b.ReportMetric(float64(worst.Nanoseconds()), "max-ns")
}
