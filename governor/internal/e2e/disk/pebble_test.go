//go:build !race

package disk

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/require"
)

// quiet tells of errors alone.
type quiet struct{ pebble.Logger }

func (quiet) Infof(string, ...any) {}

func openPebble(b *testing.B, dir string) *pebble.DB {
	b.Helper()
	db, err := pebble.Open(dir, &pebble.Options{Logger: quiet{pebble.DefaultLogger}})
	require.NoError(b, err)
	return db
}

// setPebble sets a key of eleven bytes to twelve, as the benchmark of bbolt.Batch
// does. Pebble writes what several goroutines set at once to its log together,
// and a Set with Sync returns when that is on the disk.
func setPebble(b *testing.B, goroutines int) {
	b.Helper()
	db := openPebble(b, diskDir(b))
	spread(b, goroutines, func(i int) error {
		return db.Set(fmt.Appendf(nil, "1650%07d", i), make([]byte, 12), pebble.Sync)
	})
	require.NoError(b, db.Close())
}

// fillPebble leaves the records in tables, from where they are read fastest: what
// is in the log alone has to be written to tables first when it is opened.
func fillPebble(b *testing.B, dir string) {
	b.Helper()
	db := openPebble(b, dir)
	for i := range people {
		require.NoError(b, db.Set(recordKey(i), recordValue(i), pebble.NoSync))
	}
	require.NoError(b, db.Flush())
	require.NoError(b, db.Close())
}

func recoverPebble(b *testing.B, dir string) (int, func() error) {
	b.Helper()
	db := openPebble(b, dir)
	books := newBooks(b)
	it, err := db.NewIter(nil)
	require.NoError(b, err)
	for ok := it.First(); ok; ok = it.Next() {
		books.add(it.Key(), it.Value())
	}
	require.NoError(b, it.Close())
	return books.count(), db.Close
}
