//go:build !race

package disk

import (
	"context"
	"database/sql"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver
)

// insertGrouped inserts a row with the recipient as the integer that it is, which
// SQLite keeps in the smallest space, and twelve bytes. SQLite has one writer at
// a time and syncs at each commit, so the application groups: one goroutine
// writes, in one transaction, all that have asked meanwhile, and answers them
// once it is committed.
func insertGrouped(b *testing.B, goroutines int) {
	b.Helper()
	db := openSQLite(b)
	asks, ended := make(chan insertion, goroutines), make(chan struct{})
	insert, err := db.PrepareContext(b.Context(), "INSERT INTO sends (recipient, at) VALUES (?, ?)")
	require.NoError(b, err)
	go func() {
		defer close(ended)
		for first := range asks {
			runtime.Gosched() // those who were just answered may ask again, as in boltstore
			group := []insertion{first}
			for range len(asks) {
				group = append(group, <-asks)
			}
			err := insertAll(b.Context(), db, insert, group)
			for _, ask := range group {
				ask.answer <- err
			}
		}
	}()
	spread(b, goroutines, func(i int) error {
		ask := insertion{recipient: 1650_0000000 + int64(i), answer: make(chan error, 1)}
		asks <- ask
		return <-ask.answer
	})
	close(asks)
	<-ended
	require.NoError(b, insert.Close())
	require.NoError(b, db.Close())
}

type insertion struct {
	recipient int64
	answer    chan error
}

func insertAll(ctx context.Context, db *sql.DB, insert *sql.Stmt, group []insertion) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // of nothing once it is committed
	within := tx.StmtContext(ctx, insert)
	for _, ask := range group {
		if _, err := within.ExecContext(ctx, ask.recipient, make([]byte, 12)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// openSQLite is a database with a write-ahead log that is synced at each commit.
func openSQLite(b *testing.B) *sql.DB {
	b.Helper()
	path := filepath.Join(diskDir(b), "sqlite")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	require.NoError(b, err)
	db.SetMaxOpenConns(1)
	var mode string
	var synchronous int
	require.NoError(b, db.QueryRowContext(b.Context(), "PRAGMA journal_mode").Scan(&mode))
	require.NoError(b, db.QueryRowContext(b.Context(), "PRAGMA synchronous").Scan(&synchronous))
	const full = 2
	require.Equal(b, "wal", mode)
	require.Equal(b, full, synchronous)
	_, err = db.ExecContext(b.Context(), "CREATE TABLE sends (recipient INTEGER PRIMARY KEY, at BLOB)")
	require.NoError(b, err)
	return db
}
