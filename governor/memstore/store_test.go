package memstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

const (
	account = "portfolio"
	n1, n2  = "106540352242922", "106540352242923"
	alice   = "16505550001"
	bob     = "16505550002"
	day     = 24 * time.Hour
)

func person(i int) string { return fmt.Sprintf("1650%07d", i) }

var harness = storetest.Harness{New: func(testing.TB) governor.Store { return memstore.New() }}

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, harness)
}

func BenchmarkStore(b *testing.B) { storetest.Bench(b, harness) }

func TestAfterCloseEverythingIsRefusedWithErrClosed(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	require.NoError(t, store.Close())
	_, err := store.Admit(t.Context(), governor.Admission{Account: account})
	require.ErrorIs(t, err, memstore.ErrClosed)
	require.ErrorIs(t, store.Settle(t.Context(), governor.Settlement{Account: account}), memstore.ErrClosed)
}

func TestTheZeroStoreIsReady(t *testing.T) {
	t.Parallel()
	var store memstore.Store
	_, err := store.Admit(t.Context(), governor.Admission{Account: account, Recipient: alice, Limit: 1})
	require.NoError(t, err)
}
