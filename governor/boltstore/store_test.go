package boltstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

// open opens the ledger at path.
func open(t testing.TB, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, boltstore.Config{})
	require.NoError(t, err)
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	var paths sync.Map
	opened := func(t testing.TB, path string) governor.Store {
		t.Helper()
		s := open(t, path)
		paths.Store(s, path)
		return s
	}
	storetest.Run(t, storetest.Harness{
		New: func(t testing.TB) governor.Store {
			t.Helper()
			return opened(t, filepath.Join(t.TempDir(), "ledger.db"))
		},
		Reopen: func(t testing.TB, s governor.Store) governor.Store {
			t.Helper()
			require.NoError(t, s.Close())
			path, known := paths.Load(s)
			require.True(t, known)
			return opened(t, fmt.Sprint(path))
		},
		Steps: 1000,
	})
}

// foreignBolt is a bbolt database that somebody else uses.
func foreignBolt(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("jobs"))
		if err != nil {
			return err
		}
		return b.Put([]byte("1"), []byte("send"))
	}))
	require.NoError(t, db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}
