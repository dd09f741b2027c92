package window_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/window"
)

// heap returns the bytes in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// bytesPerRecipient plays steady traffic, of which a share are repeats, and
// returns what the window takes for each who holds a slot.
func bytesPerRecipient(t testing.TB, live, repeats int, end func(*window.Window, window.Ticket, time.Time)) float64 {
	t.Helper()
	traffic := newTraffic(live)
	r := rand.New(rand.NewPCG(1, 10))
	for i := range traffic.picks {
		if traffic.picks[i] = 0; r.IntN(100) < repeats {
			traffic.picks[i] = 1 + r.IntN(live/2)
		}
	}
	traffic.step = window.Period * time.Duration(100-repeats) / 100 / time.Duration(live)
	before := heap()
	w := mustNew(t, window.Period)
	for range 3 * live * 100 / (100 - repeats) {
		name, now := traffic.next()
		ticket, _ := w.Reserve(name, now, now, math.MaxInt)
		end(w, ticket, now)
	}
	size := heap() - before
	held := w.Count(traffic.now)
	runtime.KeepAlive(traffic)
	return float64(size) / float64(held)
}

func leftOpen(*window.Window, window.Ticket, time.Time) {}

func answered(w *window.Window, ticket window.Ticket, now time.Time) {
	at := now.Add(100 * time.Millisecond)
	w.Commit(ticket, at, at)
}

func sealed(w *window.Window, ticket window.Ticket, now time.Time) {
	at := now.Add(100 * time.Millisecond)
	w.Seal(ticket, at, at)
}

func TestMemoryPerRecipient(t *testing.T) {
	for _, c := range []struct {
		name          string
		live, repeats int
		end           func(*window.Window, window.Ticket, time.Time)
		most          float64
	}{
		{"reserved", 10_000, 30, leftOpen, 24},
		{"reserved", 17_000, 30, leftOpen, 24},
		{"reserved", 100_000, 30, leftOpen, 24},
		{"reserved and committed", 10_000, 30, answered, 24},
		{"reserved and committed", 100_000, 30, answered, 24},
		// Each of ten sends that nobody settled can be undone, and four of ten
		// committed ones, before a fifth that cannot.
		{"reserved", 10_000, 90, leftOpen, 140},
		{"reserved and committed", 10_000, 90, answered, 120},
		{"reserved and sealed", 10_000, 90, sealed, 30},
		{"reserved and sealed", 100_000, 90, sealed, 30},
	} {
		// Each window hashes by a seed of its own, which in a small one shows: one
		// in two hundred takes more than 24 bytes. Of eleven, six do in less than
		// one of a billion runs. In large ones, and beside many repeats, all that lies
		// more than ten standard deviations below what is allowed.
		windows := 1
		if c.live < 100_000 && c.repeats < 90 {
			windows = 11
		}
		var sizes []float64
		for range windows {
			sizes = append(sizes, bytesPerRecipient(t, c.live, c.repeats, c.end))
		}
		slices.Sort(sizes)
		got := sizes[len(sizes)/2]
		t.Logf("%s, %d live, %d%% repeats: %.1f bytes per recipient", c.name, c.live, c.repeats, got)
		assert.LessOrEqual(t, got, c.most, c.name)
	}
}

// bytesPerAccount is what a window takes in which so many hold a slot.
func bytesPerAccount(t testing.TB, live int) int64 {
	t.Helper()
	const accounts = 200
	all := make([]*window.Window, accounts)
	names := phones(1000)
	before := heap()
	for i := range all {
		all[i] = mustNew(t, window.Period)
		for j := range live {
			now := t0.Add(time.Duration(j) * time.Minute)
			all[i].Reserve(names[j], now, now, math.MaxInt)
		}
	}
	size := heap() - before
	runtime.KeepAlive(all)
	return size / accounts
}

func TestMemoryOfSmallAccounts(t *testing.T) {
	for _, c := range []struct {
		live int
		most int64
	}{{0, 512}, {3, 1024}, {50, 2560}, {250, 8704}} {
		got := bytesPerAccount(t, c.live)
		t.Logf("%d recipients: %d bytes", c.live, got)
		assert.LessOrEqual(t, got, c.most, fmt.Sprint(c.live))
	}
}
