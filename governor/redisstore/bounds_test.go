package redisstore_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

func port(server *redistest.Server) string { return strconv.Itoa(server.Port) }

// key is one of the account's.
func key(part string) string {
	for _, k := range redisstore.KeysOf("sendgov:", account) {
		if strings.HasSuffix(k, ":"+part) {
			return k
		}
	}
	return ""
}

// fill puts n recipients on the list, as having been written to one after
// another within a second.
func fill(t testing.TB, client *redis.Client, n int) {
	t.Helper()
	var members []redis.Z
	for i := range n {
		members = append(members, redis.Z{Score: float64(t0.UnixMilli()+int64(i%1000)) + 0.25, Member: fmt.Sprintf("1650%07d", i)})
		if len(members) == 5000 || i == n-1 {
			require.NoError(t, client.ZAdd(t.Context(), key("slots"), members...).Err())
			members = members[:0]
		}
	}
}

// However many slots lapse together, no call takes more than a few off the
// list, and every answer is exact all the same.
func TestNoCallDropsMoreThanAFewLapsedSlots(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	const n = 100_000
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	fill(t, client, n)
	require.NoError(t, client.ConfigSet(t.Context(), "slowlog-log-slower-than", "0").Err())
	assert.Equal(t, n, used(t, store, t0.Add(day-time.Second)).Used)

	now := t0.Add(day + time.Hour)
	listed, calls := client.ZCard(t.Context(), key("slots")).Val(), 0
	for i := 0; listed > 2000; i++ {
		v, err := store.Admit(t.Context(), governor.Admission{
			Account: account, Token: governor.Token{Hi: 5, Lo: uint64(i + 1)}, Now: now, Stamp: now, Number: n1,
			Recipient: fmt.Sprintf("1651%07d", i), Limit: n,
		})
		require.NoError(t, err)
		require.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: i + 1}, v)
		was := listed
		listed = client.ZCard(t.Context(), key("slots")).Val()
		require.LessOrEqual(t, was-listed, int64(128+4))
		calls++
		if calls == 300 {
			break
		}
	}
	assert.Less(t, listed, int64(n), "more go than come")
	u := used(t, store, now)
	assert.Equal(t, calls, u.Used)
	assert.Equal(t, now.Add(day), u.NextFree, "the lapsed are not in the way of the next")
	slowest := time.Duration(0)
	for _, entry := range client.SlowLogGet(t.Context(), 1000).Val() {
		if len(entry.Args) > 0 && strings.HasPrefix(strings.ToLower(entry.Args[0]), "eval") {
			slowest = max(slowest, entry.Duration)
		}
	}
	t.Logf("the slowest of the last calls took the server %v", slowest)
}

// entries is how many a hash of the account has.
func entries(t *testing.T, client *redis.Client, part string) int64 {
	t.Helper()
	n, err := client.HLen(t.Context(), key(part)).Result()
	require.NoError(t, err)
	return n
}

func TestAnAccountsMemoryIsThatOfItsLastDays(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	ctx := t.Context()
	const perDay, days = 300, 12
	now := t0
	for i := range days * perDay {
		now = now.Add(day / perDay)
		who, token := fmt.Sprintf("1650%07d", i), governor.Token{Hi: 1, Lo: uint64(i + 1)}
		_, err := store.Admit(ctx, governor.Admission{
			Account: account, Token: token, Now: now, Stamp: now, Number: n1, Recipient: who, Kind: governor.Kind(i % 2), Limit: 1 << 30,
			NumberRate: governor.Rate{Every: time.Millisecond, Burst: 80}, PairRate: governor.Rate{Every: 6 * time.Second, Burst: 45},
		})
		require.NoError(t, err)
		if i%3 > 0 {
			require.NoError(t, store.Settle(ctx, governor.Settlement{Account: account, Token: token, Now: now, Sent: true, Stamp: now, MessageID: fmt.Sprint(i), Recipient: who}))
		}
		if i%4 == 0 {
			require.NoError(t, store.Inbound(ctx, governor.InboundMark{Account: account, Number: n1, Customer: who, At: now, Now: now}))
		}
		require.NoError(t, store.Delivery(ctx, governor.DeliveryMark{Account: account, Number: n1, MessageID: fmt.Sprint("x", i), At: now, Stamp: now, Now: now, Failed: true}))
	}
	assert.LessOrEqual(t, client.ZCard(ctx, key("slots")).Val(), int64(3*perDay))
	for part, most := range map[string]int64{
		"sends":    perDay,
		"bookings": 4 * perDay,
		"messages": 4 * perDay,
		"people":   (9 + 4) * perDay / 2, // those who wrote are remembered for nine days
		"notes":    20480,
		"account":  3,
	} {
		assert.LessOrEqual(t, entries(t, client, part), most, part)
	}
	keys, err := client.Keys(ctx, "*").Result()
	require.NoError(t, err)
	assert.Subset(t, redisstore.KeysOf("sendgov:", account), keys, "no key but the account's")
}

func TestNotesOfMessagesAreBounded(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for j := range 350 {
				assert.NoError(t, store.Delivery(t.Context(), governor.DeliveryMark{Account: account, Number: n1, MessageID: fmt.Sprint(i, j), At: t0, Stamp: t0, Now: t0, Failed: true}))
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 20480, entries(t, client, "notes"))

	for i := range 3 { // as versions left it whose new note happened to choose itself
		require.NoError(t, client.HSet(t.Context(), key("notes"), fmt.Sprint("left over ", i), "1").Err())
	}
	require.NoError(t, store.Delivery(t.Context(), governor.DeliveryMark{Account: account, Number: n1, MessageID: "the last", At: t0, Stamp: t0, Now: t0, Failed: true}))
	assert.EqualValues(t, 20480, entries(t, client, "notes"))
}
