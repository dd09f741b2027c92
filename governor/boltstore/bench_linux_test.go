package boltstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

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
	var wg sync.WaitGroup
	b.ResetTimer()
	for range goroutines {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := call(int(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

// A durable reservation, against what the disk can do and what bbolt makes of
// it: goals 18 and 20. And what it takes of the journal: goal 21.
func BenchmarkGoal(b *testing.B) {
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("18-durable-%d/boltstore", n), func(b *testing.B) { benchmarkReserve(b, n) })
		b.Run(fmt.Sprintf("18-durable-%d/fdatasync", n), func(b *testing.B) { benchmarkDisk(b) })
		b.Run(fmt.Sprintf("18-durable-%d/bbolt-batch", n), func(b *testing.B) { benchmarkBatch(b, n) })
	}
	b.Run("21-journal-100K", benchmarkJournal)
}

func benchmarkReserve(b *testing.B, goroutines int) {
	b.Helper()
	s, err := boltstore.Open(filepath.Join(diskDir(b), "ledger.db"), boltstore.Config{})
	require.NoError(b, err)
	for i := range 100 { // until the file has its first room, as the raw one has
		require.NoError(b, book(b.Context(), s, fmt.Sprint(i), t0))
	}
	spread(b, goroutines, func(i int) error { return bookOne(b.Context(), s, i) })
	require.NoError(b, s.Close())
	b.ReportMetric(float64(b.N)/float64(s.Transactions()), "ops/tx")
}

// bookOne admits the i-th recipient.
func bookOne(ctx context.Context, s *boltstore.Store, i int) error {
	now := t0.Add(time.Duration(i) * time.Millisecond)
	v, err := s.Admit(ctx, governor.Admission{
		Account: "506914307656634", Token: governor.Token{Hi: 1 << 63, Lo: uint64(i) + 1}, // as one governor's are
		Now: now, Stamp: now, Number: "106540352242922", Recipient: fmt.Sprintf("1650%07d", i), Limit: 1 << 30,
		NumberRate: governor.Rate{Every: time.Microsecond, Burst: 1 << 30},
		PairRate:   governor.Rate{Every: 6 * time.Second, Burst: 45},
	})
	if err == nil && v.Outcome != governor.Admitted {
		err = fmt.Errorf("outcome %d", v.Outcome)
	}
	return err
}

// benchmarkJournal is how much of the journal an admission takes, and how much
// of the database. It is relaxed, for the time it takes: in larger batches there
// are the same records.
func benchmarkJournal(b *testing.B) {
	const people = 100_000
	for b.Loop() {
		s, err := boltstore.OpenTuned(filepath.Join(diskDir(b), "ledger.db"), time.Hour, 1<<30)
		require.NoError(b, err)
		for i := range people {
			require.NoError(b, bookOne(b.Context(), s, i))
		}
		require.NoError(b, s.Close())
		held, journal, _ := s.Bytes()
		b.ReportMetric(float64(journal)/people, "journal-B/record")
		b.ReportMetric(float64(held)/people, "B/record")
	}
}

// benchmarkDisk is as fast as one after the other can be: 24 bytes into a file
// whose blocks are there already.
func benchmarkDisk(b *testing.B) {
	b.Helper()
	f, err := os.Create(filepath.Join(diskDir(b), "raw"))
	require.NoError(b, err)
	_, err = f.Write(make([]byte, 4<<20))
	require.NoError(b, err)
	require.NoError(b, f.Sync())
	record := make([]byte, 24)
	spread(b, 1, func(i int) error {
		if _, err := f.WriteAt(record, int64(i*24%(4<<20-24))); err != nil {
			return err
		}
		return syscall.Fdatasync(int(f.Fd()))
	})
	require.NoError(b, f.Close())
}

// benchmarkBatch puts a key of eleven bytes and a value of twelve. Batch gathers
// what several goroutines put within ten milliseconds in one transaction, at
// bbolt's own settings, and returns when that is on the disk.
func benchmarkBatch(b *testing.B, goroutines int) {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(diskDir(b), "bbolt"), 0o600, nil)
	require.NoError(b, err)
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("x"))
		return err
	}))
	spread(b, goroutines, func(i int) error {
		return db.Batch(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("x")).Put(fmt.Appendf(nil, "1650%07d", i), make([]byte, 12))
		})
	})
	require.NoError(b, db.Close())
}

// BenchmarkRecover opens the ledger of an account in which 100,000 people hold
// a slot: goal 21.
func BenchmarkRecover(b *testing.B) {
	const people = 100_000
	for name, checkpointAt := range map[string]int{"snapshot": 1 << 20, "journal": 1 << 30} {
		b.Run(fmt.Sprintf("%s-%d", name, people), func(b *testing.B) {
			path := filepath.Join(diskDir(b), "ledger.db")
			s, err := boltstore.OpenTuned(path, time.Hour, checkpointAt)
			require.NoError(b, err)
			fill(b, s, 0, people, t0)
			for range 40 { // of what is under way
				require.NoError(b, s.Flush(b.Context()))
			}
			require.NoError(b, s.Close())
			held, journal, snapshots := s.Bytes()
			for b.Loop() {
				s, err := boltstore.OpenTuned(path, 0, 1<<30)
				require.NoError(b, err)
				require.NoError(b, s.Close())
			}
			b.ReportMetric(float64(held)/people, "B/recipient")
			b.ReportMetric(float64(journal)/people, "journal-B/recipient")
			b.ReportMetric(float64(snapshots)/people, "snapshot-B/recipient")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/recipient")
		})
	}
}
