//go:build !race

package disk

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
	"github.com/sendgov/sendgov/window"
)

// people are admitted once each, evenly over a day.
const (
	people = 100_000
	pace   = 24 * time.Hour / people
)

// recovery measures opening what fill has left, until it is in memory and can be
// asked who holds a slot. Closing it again is not measured.
func recovery(b *testing.B, fill func(b *testing.B, dir string), open func(b *testing.B, dir string) (held int, shut func() error)) {
	b.Helper()
	dir := diskDir(b)
	fill(b, dir)
	for b.Loop() {
		held, shut := open(b, dir)
		b.StopTimer()
		require.Equal(b, people, held)
		require.NoError(b, shut())
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/record")
	b.ReportMetric(float64(sizeOf(b, dir))/people, "B/record")
}

func sizeOf(b *testing.B, dir string) (size int64) {
	b.Helper()
	require.NoError(b, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	}))
	return size
}

// fillBoltstore leaves a journal as it is after many admissions at once.
func fillBoltstore(b *testing.B, dir string) {
	b.Helper()
	s, err := boltstore.Open(filepath.Join(dir, "ledger.db"), boltstore.Config{})
	require.NoError(b, err)
	var next atomic.Int64
	var all sync.WaitGroup
	for range 256 {
		all.Go(func() {
			for i := next.Add(1) - 1; i < people; i = next.Add(1) - 1 {
				if err := book(b, s, int(i), pace); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	require.NoError(b, s.Close())
}

func recoverBoltstore(b *testing.B, dir string) (int, func() error) {
	b.Helper()
	s, err := boltstore.Open(filepath.Join(dir, "ledger.db"), boltstore.Config{})
	require.NoError(b, err)
	u, err := s.Usage(b.Context(), governor.UsageAsk{Account: admission(0, 0).Account, Now: t0.Add(people * pace).Add(-pace)})
	require.NoError(b, err)
	return u.Used, s.Close
}

// The baselines keep of each admission only when and whom, in order of time, so
// that nothing has to be sorted. There is less to read back than of boltstore's,
// which also say for which number and by which token, and are checked.

func recordKey(i int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t0.Add(time.Duration(i)*pace).UnixMilli()))
}

func recordValue(i int) []byte { return fmt.Appendf(nil, "1650%07d", i) }

// books are what a program needs in memory: the same window that boltstore has.
type books struct {
	window *window.Window
	now    time.Time
}

func newBooks(b *testing.B) *books {
	b.Helper()
	w, err := window.New(window.Period)
	require.NoError(b, err)
	return &books{window: w}
}

func (k *books) add(key, value []byte) {
	k.now = time.UnixMilli(int64(binary.BigEndian.Uint64(key)))
	k.window.Reserve(string(value), k.now, k.now, math.MaxInt)
}

func (k *books) count() int { return k.window.Count(k.now) }

var bucket = []byte("sends")

func openBolt(b *testing.B, dir string) *bbolt.DB {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(dir, "bbolt"), 0o600, nil)
	require.NoError(b, err)
	return db
}

// fillBolt writes as many records in each transaction as Batch would have of 256
// goroutines.
func fillBolt(b *testing.B, dir string) {
	b.Helper()
	db := openBolt(b, dir)
	db.NoSync = true // until it is closed: nobody waits for an answer
	for first := 0; first < people; first += 256 {
		require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
			sends, err := tx.CreateBucketIfNotExists(bucket)
			for i := first; err == nil && i < min(first+256, people); i++ {
				err = sends.Put(recordKey(i), recordValue(i))
			}
			return err
		}))
	}
	require.NoError(b, db.Sync())
	require.NoError(b, db.Close())
}

func recoverBolt(b *testing.B, dir string) (int, func() error) {
	b.Helper()
	db, books := openBolt(b, dir), newBooks(b)
	require.NoError(b, db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(key, value []byte) error {
			books.add(key, value)
			return nil
		})
	}))
	return books.count(), db.Close
}
