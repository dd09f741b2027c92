package window_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/sendgov/sendgov/window"
)

// busy is an account that several goroutines reserve for.
type busy struct {
	mu      sync.Mutex
	reserve func()
	_       [128]byte // no two in one line of a processor's cache
}

// goalScaling is how much longer or shorter an operation takes with two
// processors at work than with one, for accounts of our own and for plain maps:
// what they lose alike is the machine's.
func goalScaling(b *testing.B) {
	b.Helper()
	if runtime.GOMAXPROCS(0) < 2 {
		fmt.Fprintln(os.Stderr, "there is one processor, so how reservations scale is not measured")
		return
	}
	b.Run("16-scaling-64x10K", func(b *testing.B) {
		goalBusy(b, "window", busyWindows(b, 64, 10_000))
		goalBusy(b, "map-set", busyMaps(b, 64, 10_000))
	})
}

// goalBusy picks an account at random for each operation, on as many goroutines
// as it lets run at once.
func goalBusy(b *testing.B, name string, all []busy) {
	b.Helper()
	for _, processors := range []int{1, 2} {
		b.Run(fmt.Sprintf("%s-%dcpu", name, processors), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				r := rand.New(rand.NewPCG(rand.Uint64(), 16)) // not the same accounts in the same order
				for pb.Next() {
					a := &all[r.IntN(len(all))]
					a.mu.Lock()
					a.reserve()
					a.mu.Unlock()
				}
			})
		})
	}
}

// busyWindows are in the middle of traffic. What they ask for is in tables that
// nobody writes, and which they share.
func busyWindows(b *testing.B, accounts, live int) []busy {
	b.Helper()
	all, shared := make([]busy, accounts), newTraffic(live)
	for i := range all {
		w, t := mustNew(b, window.Period), *shared
		all[i].reserve = func() {
			name, now := t.next()
			w.Reserve(name, now, now, math.MaxInt)
		}
		for range 4 * live {
			all[i].reserve()
		}
	}
	return all
}

// busyMaps hold as many recipients each, and are set one of them at a time.
func busyMaps(b *testing.B, accounts, live int) []busy {
	b.Helper()
	all, names := make([]busy, accounts), phones(live)
	for i := range all {
		m, n := stampMap(names), 0
		all[i].reserve = func() {
			n++
			m[names[n*7919%live]] = int64(n)
		}
	}
	return all
}
