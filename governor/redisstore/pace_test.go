package redisstore_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// replies asks for so many replies of a pair, one of which passes each minute, and
// returns the last verdict.
func replies(t *testing.T, store governor.Store, to string, n int, now time.Time) governor.Verdict {
	t.Helper()
	var v governor.Verdict
	for range n {
		var err error
		v, err = store.Admit(t.Context(), governor.Admission{
			Account: account, Now: now, Stamp: now, Kind: governor.Reply, Number: n1, Recipient: to, PairRate: governor.Rate{Every: time.Minute, Burst: 2},
		})
		require.NoError(t, err)
	}
	return v
}

func TestPairsOfAFalseFutureAreForgottenByTheTrueClock(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	for i := range 400 {
		replies(t, store, fmt.Sprintf("1650%07d", i), 1, t0.Add(1000*time.Hour))
	}
	require.EqualValues(t, 400, entries(t, client, "people"))
	for i := range 4000 {
		replies(t, store, bob, 1, t0.Add(time.Duration(i)*time.Minute))
	}
	assert.LessOrEqual(t, entries(t, client, "people"), int64(20))
}

func TestAnAccountThatAnEarlierVersionLeftInAFalseFutureIsNotSilenced(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	replies(t, store, alice, 2, t0.Add(10*time.Hour))

	// Such a version kept no more than these bytes, of which eight say what clock
	// rates follow.
	record, err := client.HGet(t.Context(), key("account"), "ledger").Bytes()
	require.NoError(t, err)
	binary.BigEndian.PutUint64(record[8:], math.Float64bits(float64(t0.UnixMicro())))
	require.NoError(t, client.HSet(t.Context(), key("account"), "ledger", record[:85]).Err())

	v := replies(t, store, alice, 1, t0.Add(59*time.Second))
	require.Equal(t, governor.Verdict{Outcome: governor.PairBusy, RetryAt: t0.Add(time.Minute)}, v)
	require.Equal(t, governor.Admitted, replies(t, store, alice, 1, t0.Add(time.Minute)).Outcome)
	v = replies(t, store, alice, 1, t0.Add(10*time.Hour))
	assert.Equal(t, governor.PairBusy, v.Outcome, "no time is counted twice")
}

func TestAPairIsNotForgottenWithWhatIsKnownBesideIt(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	slowly := governor.Admission{Account: account, Now: t0, Stamp: t0, Kind: governor.Reply, Number: n1, Recipient: alice, PairRate: governor.Rate{Every: 10 * time.Hour, Burst: 1}}
	for name, beside := range map[string]func(store governor.Store) error{
		"a cool-down": func(store governor.Store) error {
			return store.Consent(t.Context(), governor.ConsentMark{Account: account, Recipient: alice, Topic: "x", At: t0, Now: t0, Until: t0.Add(time.Minute)})
		},
		"another number's": func(store governor.Store) error {
			ask := slowly
			ask.Number, ask.PairRate.Every = "106540352242923", time.Minute
			_, err := store.Admit(t.Context(), ask)
			return err
		},
	} {
		store := storeOn(t, server, redisstore.Config{Prefix: name})
		v, err := store.Admit(t.Context(), slowly)
		require.NoError(t, err)
		require.Equal(t, governor.Admitted, v.Outcome)
		require.NoError(t, beside(store), name)
		for i := range 1000 {
			replies(t, store, bob, 1, t0.Add(time.Hour+time.Duration(i)*time.Second))
		}
		ask := slowly
		ask.Now, ask.Stamp = t0.Add(2*time.Hour), t0.Add(2*time.Hour)
		v, err = store.Admit(t.Context(), ask)
		require.NoError(t, err)
		assert.Equal(t, governor.Verdict{Outcome: governor.PairBusy, RetryAt: t0.Add(10 * time.Hour)}, v, name)
	}
}

func TestAnEarlierVersionBesideThisOneForgetsNoPairThatIsPaced(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	replies(t, store, alice, 1, t0)

	// It forgets whose record begins with a time that has passed.
	record, err := client.HGet(t.Context(), key("people"), alice).Bytes()
	require.NoError(t, err)
	until := math.Float64frombits(binary.BigEndian.Uint64(record))
	assert.InDelta(t, float64(t0.Add(time.Minute).UnixMicro()), until, 1)
}

func TestAnEarlierVersionBesideThisOneSilencesNobodyAfterAFalseFuture(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	// beside is what such a version leaves that is told a time: it follows the
	// clock, and knows of nothing gained.
	beside := func(now time.Time) {
		record, err := client.HGet(t.Context(), key("account"), "ledger").Bytes()
		require.NoError(t, err)
		binary.BigEndian.PutUint64(record[8:], math.Float64bits(float64(now.UnixMicro())))
		require.NoError(t, client.HSet(t.Context(), key("account"), "ledger", record[:85]).Err())
	}
	replies(t, store, bob, 1, t0.Add(10*time.Hour))
	beside(t0)
	replies(t, store, alice, 2, t0)
	for i := range 59 {
		now := t0.Add(time.Duration(i) * time.Second)
		v := replies(t, store, alice, 1, now)
		require.Equal(t, governor.Verdict{Outcome: governor.PairBusy, RetryAt: t0.Add(time.Minute)}, v)
		beside(now.Add(900 * time.Millisecond))
	}
	require.Equal(t, governor.Admitted, replies(t, store, alice, 1, t0.Add(time.Minute)).Outcome)

	// And so after the next one.
	replies(t, store, alice, 2, t0.Add(20*time.Hour))
	again := t0.Add(time.Hour)
	beside(again)
	require.Equal(t, again.Add(time.Minute), replies(t, store, alice, 1, again).RetryAt)
	assert.Equal(t, governor.Admitted, replies(t, store, alice, 1, again.Add(time.Minute)).Outcome)
}

func TestAWindowIsNotForgottenByAFalseTime(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	store := storeOn(t, server, redisstore.Config{})
	replies(t, store, bob, 1, t0.Add(1000*time.Hour))
	require.NoError(t, store.Inbound(t.Context(), governor.InboundMark{Account: account, Number: n1, Customer: alice, At: t0, Now: t0}))
	for i := range 1000 {
		replies(t, store, bob, 1, t0.Add(time.Duration(i)*time.Second))
	}
	assert.Equal(t, governor.ReplyClosed, replies(t, store, alice, 1, t0.Add(25*time.Hour)).Outcome)
}

func TestWhoOnlyWritesIsForgottenThoughNothingIsSent(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	client, store := clientOf(t, server), storeOn(t, server, redisstore.Config{})
	for i := range 2000 {
		now := t0.Add(time.Duration(i) * time.Hour)
		require.NoError(t, store.Inbound(t.Context(), governor.InboundMark{Account: account, Number: n1, Customer: fmt.Sprintf("1650%07d", i), At: now, Now: now}))
	}
	assert.LessOrEqual(t, entries(t, client, "people"), int64(1500), "two hundred, and those that are to be found yet")
}
