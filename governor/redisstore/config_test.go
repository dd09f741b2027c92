package redisstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// nowhere is a client that nobody answers.
func nowhere(t testing.TB) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", ContextTimeoutEnabled: true, MaxRetries: -1})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func TestAllFaultsOfAConfigAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := redisstore.New(nil, redisstore.Config{Prefix: "a{b}", WaitReplicas: -1, WaitTimeout: time.Microsecond})
	require.Error(t, err)
	for _, part := range []string{"Config.Prefix", "Config.WaitReplicas", "Config.WaitTimeout", "client: is nil"} {
		require.ErrorContains(t, err, "redisstore: "+part)
	}
	_, err = redisstore.New(nowhere(t), redisstore.Config{})
	require.NoError(t, err)
}

func TestAClientThatHeedsNoDeadlineIsRefused(t *testing.T) {
	t.Parallel()
	deaf := redis.NewClient(&redis.Options{})
	many := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	ring := redis.NewRing(&redis.RingOptions{})
	for client, want := range map[redisstore.Client]string{
		deaf: "ContextTimeoutEnabled", many: "ContextTimeoutEnabled", ring: "Ring",
		(*redis.Client)(nil): "is nil", (*redis.ClusterClient)(nil): "is nil",
	} {
		_, err := redisstore.New(client, redisstore.Config{})
		require.ErrorContains(t, err, want)
	}
	for _, client := range []interface{ Close() error }{deaf, many, ring} {
		require.NoError(t, client.Close())
	}
}

func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	store, err := redisstore.New(nowhere(t), redisstore.Config{})
	require.NoError(t, err)
	_, err = store.Admit(t.Context(), governor.Admission{Account: "a", Recipient: "16505550001", Limit: 1})
	require.ErrorContains(t, err, "redisstore: ")
	assert.NotContains(t, err.Error(), "16505550001")
}

func TestCloseLeavesTheClientToItsOwner(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client := server.Client()
	store, err := redisstore.New(client, redisstore.Config{})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.NoError(t, store.Close())
	_, err = store.LoadState(t.Context(), "a")
	require.ErrorIs(t, err, redisstore.ErrClosed)
	require.NoError(t, client.Ping(t.Context()).Err())
	require.NoError(t, client.Close())
}

// tagOf is what decides where a cluster keeps a key: what stands between the
// first brace and the next, unless that is nothing.
func tagOf(key string) string {
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
			return tag
		}
	}
	return key
}

func TestAllKeysOfAnAccountHaveOneHashTag(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, account := range []string{"", "%", "%25", "506914307656634", "a}b", "}", "{", "{}", "{a}", "a{b}c", "a:slots", "a}:slots", "é\x00 \n"} {
		keys := redisstore.KeysOf("sendgov:", account)
		for _, key := range keys {
			assert.Equal(t, tagOf(keys[0]), tagOf(key), "account %q", account)
			assert.NotContains(t, owner, key, "accounts %q and %q", account, owner[key])
			owner[key] = account
		}
	}
}

func TestTheScriptHoldsNoNamesThatAreNotPutInTheirPlaces(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(redisstore.Assemble()) {
		assert.NotRegexp(t, `\b(SLOTS|NONE|NEVER|DAY|ADMITTED|MANY|BUCKET)\b`, line)
	}
}

func ExampleNew() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	store, err := redisstore.New(client, redisstore.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second})
	fmt.Println(gov != nil, err)
	// When the program ends: first the store, then the client.
	fmt.Println(store.Close(), client.Close())
	_, err = store.LoadState(context.Background(), "506914307656634")
	fmt.Println(err)
	// Output:
	// true <nil>
	// <nil> <nil>
	// redisstore: closed
}
