package boltstore_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

// earlier writes a ledger as version 1 of the format left it: four were admitted by
// two governors, two of them were answered, and a fifth wrote, all in one batch.
func earlier(t *testing.T) (path string) {
	t.Helper()
	packed, err := os.ReadFile("testdata/ledger-1.db.gz")
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	file, err := io.ReadAll(z)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "ledger.db")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	return path
}

// formatOf is what a file says of itself.
func formatOf(t *testing.T, path string) string {
	t.Helper()
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true})
	require.NoError(t, err)
	var format string
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		format = string(tx.Bucket([]byte("sendgov")).Get([]byte("format")))
		return nil
	}))
	require.NoError(t, db.Close())
	return format
}

func TestALedgerOfAnEarlierVersionGoesOn(t *testing.T) {
	t.Parallel()
	const account = "506914307656634"
	path, ctx := earlier(t), t.Context()
	require.Equal(t, "sendgov ledger\x00\x01", formatOf(t, path))
	now := t0.Add(time.Minute)
	used := func(s *boltstore.Store) int {
		u, err := s.Usage(ctx, governor.UsageAsk{Account: account, Limit: 10, Now: now})
		require.NoError(t, err)
		return u.Used
	}

	s := open(t, path)
	assert.Equal(t, 4, used(s))
	for _, end := range []governor.Settlement{
		{Token: governor.Token{Hi: 7, Lo: 2}},
		{Token: governor.Token{Hi: 8, Lo: 4}}, // names none
		{Token: governor.Token{Hi: 7, Lo: 4}, Sent: true, Stamp: now, MessageID: "wamid.4", Recipient: "16505550005", Canonical: "16505550005"},
	} {
		end.Account, end.Now = account, now
		require.NoError(t, s.Settle(ctx, end))
	}
	assert.Equal(t, 3, used(s))
	require.NoError(t, s.Close())
	require.Equal(t, "sendgov ledger\x00\x02", formatOf(t, path), "else an earlier version would take what is new for damage")

	s = open(t, path)
	assert.Equal(t, 3, used(s))
	for _, id := range []string{"wamid.1", "wamid.4"} {
		require.NoError(t, s.Delivery(ctx, governor.DeliveryMark{Account: account, Number: "106540352242922", MessageID: id, At: now, Stamp: now, Now: now, Failed: true}))
	}
	assert.Equal(t, 1, used(s))
	require.NoError(t, s.Close())
}
