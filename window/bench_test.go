package window_test

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sendgov/sendgov/window"
)

var sizes = []struct {
	name string
	live int
}{{"1K", 1000}, {"100K", 100_000}}

// phones returns n distinct recipients of twelve digits.
func phones(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.FormatInt(155_500_000_000+int64(i), 10)
	}
	return out
}

// traffic asks for seven new recipients and three repeats out of ten, at a pace
// that keeps about live of them in a window of [window.Period].
type traffic struct {
	names []string // a power of two of them
	picks []int    // how far back among the last names; zero is a new one
	op    int
	fresh int
	now   time.Time
	step  time.Duration
}

func newTraffic(live int) *traffic {
	r := rand.New(rand.NewPCG(1, uint64(live)))
	t := &traffic{names: phones(1 << bits.Len(uint(3*live))), picks: make([]int, 1<<16), now: t0, fresh: live}
	t.step = window.Period * 4 / 5 / time.Duration(live)
	for i := range t.picks {
		if r.IntN(10) < 3 {
			t.picks[i] = 1 + r.IntN(live/2)
		}
	}
	return t
}

func (t *traffic) next() (string, time.Time) {
	t.now = t.now.Add(t.step)
	t.op++
	back := t.picks[t.op&(len(t.picks)-1)]
	if back == 0 {
		t.fresh++
	}
	return t.names[(t.fresh-back)&(len(t.names)-1)], t.now
}

// steady returns a window in the middle of such traffic.
func steady(b *testing.B, live int) (*window.Window, *traffic) {
	b.Helper()
	w, t := mustNew(b, window.Period), newTraffic(live)
	for range 4 * live {
		name, now := t.next()
		w.Reserve(name, now, now, math.MaxInt)
	}
	b.ReportAllocs()
	return w, t
}

func BenchmarkReserve(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, t := steady(b, size.live)
			for b.Loop() {
				name, now := t.next()
				w.Reserve(name, now, now, math.MaxInt)
			}
			b.ReportMetric(float64(w.Count(t.now)), "live")
		})
	}
}

func BenchmarkReserveUnderMutex(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, t := steady(b, size.live)
			var mu sync.Mutex
			for b.Loop() {
				name, now := t.next()
				mu.Lock()
				w.Reserve(name, now, now, math.MaxInt)
				mu.Unlock()
			}
		})
	}
}

func BenchmarkReserveAndCommit(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, t := steady(b, size.live)
			for b.Loop() {
				name, now := t.next()
				ticket, _ := w.Reserve(name, now, now, math.MaxInt)
				w.Commit(ticket, now, now.Add(100*time.Millisecond))
			}
		})
	}
}

func BenchmarkReserveAndCancel(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, t := steady(b, size.live)
			for b.Loop() {
				name, now := t.next()
				ticket, _ := w.Reserve(name, now, now, math.MaxInt)
				w.Cancel(ticket, now)
			}
		})
	}
}

// full returns a window whose recipients were reserved one step apart.
func full(b *testing.B, live int) (*window.Window, []string, time.Time) {
	b.Helper()
	w, names, now := mustNew(b, window.Period), phones(live), t0
	for _, name := range names {
		now = now.Add(time.Millisecond)
		w.Reserve(name, now, now, math.MaxInt)
	}
	b.ReportAllocs()
	return w, names, now
}

func BenchmarkRepeat(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, names, now := full(b, size.live)
			for range 5 { // until each has as many committed sends as are kept
				for _, name := range names {
					ticket, _ := w.Reserve(name, now, now, 0)
					w.Commit(ticket, now, now)
				}
			}
			for i := 0; b.Loop(); i++ {
				now = now.Add(time.Millisecond)
				ticket, _ := w.Reserve(names[i%len(names)*7919%len(names)], now, now, 0)
				w.Commit(ticket, now, now)
			}
		})
	}
}

func BenchmarkDeniedAndNextFree(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, _, now := full(b, size.live)
			for b.Loop() {
				w.Reserve("19995550100", now, now, size.live)
				w.NextFree(now)
			}
		})
	}
}

func BenchmarkFreeAt(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, _, now := full(b, size.live)
			for b.Loop() {
				w.FreeAt(now, size.live, size.live*2/5)
			}
		})
	}
}

// BenchmarkMassExpiry is the one call that comes after all have expired together.
func BenchmarkMassExpiry(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w, _, now := full(b, size.live)
				b.StartTimer()
				w.Count(now.Add(window.Period))
			}
		})
	}
}

func BenchmarkAll(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			w, _, now := full(b, size.live)
			for b.Loop() {
				n := 0
				for range w.All(now) {
					n++
				}
			}
		})
	}
}
