//go:build !race

package disk

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

// t0 is when the first is admitted.
var t0 = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// BenchmarkGoal holds boltstore, which decides by all rules before it writes, to
// databases that only write: one record for each operation, of whom and when,
// on the disk before the operation is answered. That is goals 19 and 20; goal
// 21 is how long each takes to read such records back.
func BenchmarkGoal(b *testing.B) {
	for _, n := range []int{16, 256} {
		b.Run(fmt.Sprintf("19-durable-%d/boltstore", n), func(b *testing.B) { admit(b, n) })
		b.Run(fmt.Sprintf("19-durable-%d/pebble", n), func(b *testing.B) { setPebble(b, n) })
	}
	b.Run("20-durable-256/sqlite-grouped", func(b *testing.B) { insertGrouped(b, 256) })
	b.Run("21-recover-100K/boltstore", func(b *testing.B) { recovery(b, fillBoltstore, recoverBoltstore) })
	b.Run("21-recover-100K/bbolt", func(b *testing.B) { recovery(b, fillBolt, recoverBolt) })
	b.Run("21-recover-100K/pebble", func(b *testing.B) { recovery(b, fillPebble, recoverPebble) })
}

// diskDir is a directory on a disk: the system's own may be in memory, where
// syncing costs nothing.
func diskDir(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp(".", "bench-*.tmp")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, os.RemoveAll(dir)) })
	return dir
}

// spread runs b.N calls on so many goroutines.
func spread(b *testing.B, goroutines int, call func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range goroutines {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := call(int(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

// admission is of the i-th recipient, a while after the one before.
func admission(i int, pace time.Duration) governor.Admission {
	now := t0.Add(time.Duration(i) * pace)
	return governor.Admission{
		Account: "506914307656634", Token: governor.Token{Hi: 1 << 63, Lo: uint64(i) + 1}, // as one governor's are
		Now: now, Stamp: now, Number: "106540352242922", Recipient: fmt.Sprintf("1650%07d", i), Limit: 1 << 30,
		NumberRate: governor.Rate{Every: time.Microsecond, Burst: 1 << 30},
		PairRate:   governor.Rate{Every: 6 * time.Second, Burst: 45},
	}
}

// book admits the i-th recipient.
func book(b *testing.B, s *boltstore.Store, i int, pace time.Duration) error {
	b.Helper()
	v, err := s.Admit(b.Context(), admission(i, pace))
	if err == nil && v.Outcome != governor.Admitted {
		err = fmt.Errorf("outcome %d", v.Outcome)
	}
	return err
}

func admit(b *testing.B, goroutines int) {
	b.Helper()
	s, err := boltstore.Open(filepath.Join(diskDir(b), "ledger.db"), boltstore.Config{})
	require.NoError(b, err)
	for i := range 100 { // others, until the file has its first room
		require.NoError(b, book(b, s, 9_000_000+i, 0))
	}
	spread(b, goroutines, func(i int) error { return book(b, s, i, time.Millisecond) })
	require.NoError(b, s.Close())
}
