package redisstore_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// started runs a server for the test. Without a redis-server it returns nil, and
// the test has nothing to look at; where SENDGOV_CI is set it fails.
func started(t testing.TB, options ...string) *redistest.Server {
	t.Helper()
	if !redistest.Found() {
		t.Log(redistest.Install)
		return nil
	}
	server, err := redistest.Start(t.TempDir(), options...)
	require.NoError(t, err)
	t.Cleanup(server.Kill)
	return server
}

// clientOf returns a client that is closed with the test.
func clientOf(t testing.TB, server *redistest.Server) *redis.Client {
	t.Helper()
	client := server.Client()
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// storeOn returns a store on a server, with a client of its own.
func storeOn(t testing.TB, server *redistest.Server, cfg redisstore.Config) *redisstore.Store {
	t.Helper()
	store, err := redisstore.New(clientOf(t, server), cfg)
	require.NoError(t, err)
	return store
}
