package redisstore_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

// stores makes stores of which none sees another's accounts, all on one client.
func stores(client redisstore.Client) storetest.Harness {
	var made atomic.Int64
	open := func(t testing.TB, prefix string) governor.Store {
		t.Helper()
		store, err := redisstore.New(client, redisstore.Config{Prefix: prefix})
		require.NoError(t, err)
		return &prefixed{store, prefix}
	}
	return storetest.Harness{
		New: func(t testing.TB) governor.Store {
			t.Helper()
			return open(t, fmt.Sprintf("t%d:", made.Add(1)))
		},
		Reopen: func(t testing.TB, s governor.Store) governor.Store {
			t.Helper()
			require.NoError(t, s.Close())
			return open(t, s.(*prefixed).prefix) //nolint:errcheck // made above
		},
	}
}

type prefixed struct {
	*redisstore.Store
	prefix string
}

func TestAServerHoldsTheContract(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client := clientOf(t, server)
	storetest.Run(t, stores(client))
}

func TestAClusterHoldsTheContract(t *testing.T) {
	t.Parallel()
	if !redistest.Found() {
		t.Log(redistest.Install)
		return
	}
	cluster, err := redistest.StartCluster(t.TempDir(), 3)
	t.Cleanup(cluster.Stop)
	require.NoError(t, err)
	client := cluster.Client()
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	storetest.Run(t, stores(client))
}
