package window_test

import (
	"math"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// BenchmarkGoal holds what the package wants to reach and what it is measured
// against, side by side: only ratios of one run mean anything.
func BenchmarkGoal(b *testing.B) {
	b.Run("01-reserve-100K", func(b *testing.B) {
		b.Run("window", func(b *testing.B) { goalReserve(b, 100_000) })
		b.Run("map-set", func(b *testing.B) { goalMapSet(b, 100_000) })
	})
	b.Run("02-reserve-1K", func(b *testing.B) {
		b.Run("window", func(b *testing.B) { goalReserve(b, 1000) })
		b.Run("map-get", func(b *testing.B) { goalMapGet(b, 1000) })
	})
	b.Run("03-reserve-100K", func(b *testing.B) {
		b.Run("window", func(b *testing.B) { goalReserve(b, 100_000) })
		b.Run("simplelru", func(b *testing.B) { goalSimpleLRU(b, 100_000) })
		b.Run("lru-cache", func(b *testing.B) { goalLRUCache(b, 100_000) })
	})
	for _, size := range sizes {
		b.Run("05-own-clock-"+size.name, func(b *testing.B) {
			b.Run("window", func(b *testing.B) { goalOwnClock(b, size.live) })
			b.Run("x-time-rate", goalRateLimiter)
		})
	}
	b.Run("06-denied-100K", func(b *testing.B) {
		b.Run("window", func(b *testing.B) { goalDenied(b, 100_000) })
		b.Run("map-get", func(b *testing.B) { goalMapGet(b, 100_000) })
	})
	b.Run("07-next-free-100K", func(b *testing.B) {
		w, t := steady(b, 100_000)
		for b.Loop() {
			w.NextFree(t.now)
		}
	})
	b.Run("07-free-at-100K", func(b *testing.B) {
		w, t := steady(b, 100_000)
		live := w.Count(t.now)
		for b.Loop() {
			w.FreeAt(t.now, live, live*2/5)
		}
	})
	b.Run("08-reserve-commit-100K", func(b *testing.B) {
		b.Run("window", func(b *testing.B) { goalReserveCommit(b, 100_000) })
		b.Run("map-set", func(b *testing.B) { goalMapSet(b, 100_000) })
	})
	b.Run("09-memory/mixed-100K", func(b *testing.B) { goalMemory(b, 30, answered) })
	b.Run("09-memory/sealed-100K", func(b *testing.B) { goalMemory(b, 90, sealed) })
	b.Run("09-memory/repeats-100K", func(b *testing.B) { goalMemory(b, 90, answered) })
	b.Run("10-memory/simplelru-100K", func(b *testing.B) { goalMemoryOf(b, newSimpleLRU) })
	b.Run("10-memory/map-and-list-100K", func(b *testing.B) { goalMemoryOf(b, newMapAndList) })
	b.Run("11-account/empty", func(b *testing.B) { goalAccount(b, 0) })
	b.Run("11-account/250", func(b *testing.B) { goalAccount(b, 250) })
	b.Run("12-mass-expiry-100K", goalMassExpiry)
	b.Run("13-steady-100K", goalSteady)
	b.Run("14-grow-1M", goalGrow)
	b.Run("15-gc-1M", func(b *testing.B) {
		b.Run("window", goalGC)
		b.Run("simplelru", goalGCSimpleLRU)
	})
	goalScaling(b)
	b.Run("17-service-lookup-100K", func(b *testing.B) {
		b.Run("window", goalService)
		b.Run("sync-map", goalSyncMap)
	})
}

func goalReserve(b *testing.B, live int) {
	b.Helper()
	w, t := steady(b, live)
	var mu sync.Mutex
	for b.Loop() {
		name, now := t.next()
		mu.Lock()
		w.Reserve(name, now, now, math.MaxInt)
		mu.Unlock()
	}
}

func goalReserveCommit(b *testing.B, live int) {
	b.Helper()
	w, t := steady(b, live)
	var mu sync.Mutex
	for b.Loop() {
		name, now := t.next()
		mu.Lock()
		ticket, _ := w.Reserve(name, now, now, math.MaxInt)
		mu.Unlock()
		now = now.Add(100 * time.Millisecond)
		mu.Lock()
		w.Commit(ticket, now, now)
		mu.Unlock()
	}
}

// stampMap is what anybody would begin with.
func stampMap(names []string) map[string]int64 {
	m := make(map[string]int64, len(names))
	for i, name := range names {
		m[name] = int64(i)
	}
	return m
}

func goalMapSet(b *testing.B, live int) {
	b.Helper()
	names := phones(live)
	m := stampMap(names)
	var mu sync.Mutex
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := names[i*7919%len(names)]
		mu.Lock()
		m[name] = int64(i)
		mu.Unlock()
	}
}

func goalMapGet(b *testing.B, live int) {
	b.Helper()
	names := phones(live)
	m := stampMap(names)
	var mu sync.Mutex
	var sum int64
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := names[i*7919%len(names)]
		mu.Lock()
		sum += m[name]
		mu.Unlock()
	}
}

func goalSimpleLRU(b *testing.B, live int) {
	b.Helper()
	cache, err := simplelru.NewLRU[string, int64](live, nil)
	require.NoError(b, err)
	goalCache(b, live, cache.Add)
}

func goalCache(b *testing.B, live int, add func(string, int64) bool) {
	b.Helper()
	t := newTraffic(live)
	for range 2 * live {
		name, now := t.next()
		add(name, now.UnixMilli())
	}
	b.ReportAllocs()
	for b.Loop() {
		name, now := t.next()
		add(name, now.UnixMilli())
	}
}

func goalDenied(b *testing.B, live int) {
	b.Helper()
	w, _, now := full(b, live)
	strangers := phones(2 * live)[live:]
	var mu sync.Mutex
	for i := 0; b.Loop(); i++ {
		name := strangers[i*7919%len(strangers)]
		mu.Lock()
		w.Reserve(name, now, now, live)
		w.NextFree(now)
		mu.Unlock()
	}
}

// goalMemory is of a window in which each send was settled, as in production.
func goalMemory(b *testing.B, repeats int, end func(*window.Window, window.Ticket, time.Time)) {
	b.Helper()
	var size float64
	for b.Loop() {
		size = bytesPerRecipient(b, 100_000, repeats, end)
	}
	b.ReportMetric(size, "B/recipient")
}

func goalAccount(b *testing.B, live int) {
	b.Helper()
	var size int64
	for b.Loop() {
		size = bytesPerAccount(b, live)
	}
	b.ReportMetric(float64(size), "B/account")
}

// goalMassExpiry is the one call after a hundred thousand slots have expired
// together, and the one reservation after that.
func goalMassExpiry(b *testing.B) {
	var spent time.Duration
	for b.Loop() {
		w, names, now := full(b, 100_000)
		now = now.Add(window.Period)
		begin := time.Now()
		w.Count(now)
		w.Reserve(names[0], now, now, 1)
		spent += time.Since(begin)
	}
	// Filling the window is not what is measured, and would take a thousand times
	// as long.
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/op")
}

// goalGrow is the slowest operation of the best of three rounds: what holds up
// each of them is the window's doing, and the rest the machine's.
func goalGrow(b *testing.B) {
	const live = 1_000_000
	names := phones(live)
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		for range 3 {
			best = min(best, slowestWhileGrowing(b, names))
		}
	}
	b.ReportMetric(float64(best.Nanoseconds()), "max-ns")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/live/3, "ns/reserve")
}

func slowestWhileGrowing(b *testing.B, names []string) (worst time.Duration) {
	b.Helper()
	w, now := mustNew(b, window.Period), t0
	runtime.GC() // not in the middle of an operation
	for _, name := range names {
		now = now.Add(time.Millisecond)
		begin := time.Now()
		w.Reserve(name, now, now, len(names))
		worst = max(worst, time.Since(begin))
	}
	return worst
}

func goalGC(b *testing.B) {
	w, _, now := full(b, 1_000_000)
	for b.Loop() {
		runtime.GC()
	}
	require.Equal(b, 1_000_000, w.Count(now))
}

func goalGCSimpleLRU(b *testing.B) {
	const live = 1_000_000
	lru, err := simplelru.NewLRU[string, int64](live, nil)
	require.NoError(b, err)
	for i := range live {
		lru.Add(strconv.FormatInt(155_500_000_000+int64(i), 10), int64(i))
	}
	for b.Loop() {
		runtime.GC()
	}
	require.Equal(b, live, lru.Len())
}

func goalService(b *testing.B) {
	var s window.Service
	names := phones(100_000)
	for _, name := range names {
		s.Open("106540352242922", name, t0, t0)
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			s.Until("106540352242922", names[i*7919%len(names)], t0)
		}
	})
}

func goalSyncMap(b *testing.B) {
	var m sync.Map
	keys := make([]any, 100_000) // made once: the map shall not pay for boxing
	for i, name := range phones(len(keys)) {
		keys[i] = name
		m.Store(keys[i], int64(i))
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			m.Load(keys[i*7919%len(keys)])
		}
	})
}
