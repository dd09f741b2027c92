package redisstore_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// losses collects what stores are told.
type losses struct {
	mu  sync.Mutex
	all []redisstore.Loss
}

func (l *losses) add(loss redisstore.Loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, loss)
}

// used is how many slots are taken.
func used(t *testing.T, store *redisstore.Store, now time.Time) governor.Usage {
	t.Helper()
	u, err := store.Usage(t.Context(), governor.UsageAsk{Account: account, Limit: 5, Now: now})
	require.NoError(t, err)
	return u
}

// forgetful is a server that keeps nothing on its disk, as if all of its
// replicas and disks were too far behind.
func restart(t *testing.T, server *redistest.Server) {
	t.Helper()
	server.Kill()
	require.NoError(t, server.Run())
}

func TestWhatTheServerHasLostIsCountedAsTakenForADay(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	var told losses
	one, two := storeOn(t, server, redisstore.Config{OnLoss: told.add}), storeOn(t, server, redisstore.Config{OnLoss: told.add})
	stranger := storeOn(t, server, redisstore.Config{OnLoss: told.add})
	for i := range 3 {
		require.NoError(t, admit(t.Context(), one, i))
	}
	require.NoError(t, admit(t.Context(), two, 3)) // knows of four
	restart(t, server)

	require.NoError(t, admit(t.Context(), stranger, 10))
	assert.Equal(t, 1, used(t, stranger, t0).Used, "who has seen nothing can tell nothing")
	assert.Empty(t, told.all)

	now := t0.Add(time.Hour)
	assert.Equal(t, 1+2, used(t, one, now).Used, "one knew of the third change, the server of its first")
	assert.Equal(t, []redisstore.Loss{{Account: account, Changes: 2}}, told.all)
	assert.Equal(t, 1+3, used(t, two, now).Used, "two knew of one more")
	assert.Equal(t, redisstore.Loss{Account: account, Changes: 1}, told.all[1])
	for range 2 {
		for _, store := range []*redisstore.Store{one, two, stranger} {
			assert.Equal(t, 4, used(t, store, now).Used, "once")
		}
	}
	require.Len(t, told.all, 2)
	v, err := one.Admit(t.Context(), governor.Admission{Account: account, Now: now, Stamp: now, Number: n1, Recipient: alice, Limit: 4})
	require.NoError(t, err)
	assert.Equal(t, governor.OverLimit, v.Outcome)
	// It goes by the server's clock as far as clocks can differ.
	assert.Equal(t, 0, used(t, one, now.Add(day+5*time.Minute)).Used)
}

func TestALossThatNobodyCanCountFillsTheLimitForADay(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	var told losses
	store := storeOn(t, server, redisstore.Config{OnLoss: told.add})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 150 {
				assert.NoError(t, admit(t.Context(), store, 1000*i+j))
			}
		})
	}
	all.Wait()
	restart(t, server)
	free := t0.Add(day + 5*time.Minute)
	v, err := store.Admit(t.Context(), governor.Admission{Account: account, Now: t0, Stamp: t0, Number: n1, Recipient: alice, Limit: 1 << 30})
	require.NoError(t, err)
	assert.Equal(t, governor.Verdict{Outcome: governor.OverLimit, Counted: true, RetryAt: free}, v)
	assert.Equal(t, []redisstore.Loss{{Account: account}}, told.all)
	assert.Equal(t, free, used(t, store, t0).SlotFree)
	v, err = store.Admit(t.Context(), governor.Admission{Account: account, Now: t0, Stamp: t0, Number: n1, Recipient: alice, Kind: governor.Reply})
	require.NoError(t, err)
	assert.Equal(t, governor.Admitted, v.Outcome, "a reply passes")
	require.NoError(t, store.Inbound(t.Context(), governor.InboundMark{Account: account, Number: n1, Customer: bob, At: t0, Now: t0}))
	v, err = store.Admit(t.Context(), governor.Admission{Account: account, Now: t0, Stamp: t0, Number: n1, Recipient: bob, Limit: 1 << 30})
	require.NoError(t, err)
	assert.Equal(t, governor.Admitted, v.Outcome, "what takes no slot passes")
	v, err = store.Admit(t.Context(), governor.Admission{Account: account, Now: free, Stamp: free, Number: n1, Recipient: alice, Limit: 1})
	require.NoError(t, err)
	assert.Equal(t, governor.Admitted, v.Outcome)
}

func TestAServerThatRestartsWithItsLogHasLostNothing(t *testing.T) {
	t.Parallel()
	server := started(t, "--appendonly", "yes", "--appendfsync", "always")
	if server == nil {
		return
	}
	var told losses
	store := storeOn(t, server, redisstore.Config{OnLoss: told.add})
	for i := range 5 {
		require.NoError(t, admit(t.Context(), store, i))
		restart(t, server)
	}
	assert.Equal(t, 5, used(t, store, t0).Used)
	assert.Empty(t, told.all)
}

func TestABookingWaitsForReplicasWhereItIsToldTo(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	sure := storeOn(t, server, redisstore.Config{WaitReplicas: 1, WaitTimeout: 50 * time.Millisecond})
	ask := governor.Admission{Account: account, Token: governor.Token{Lo: 1}, Now: t0, Stamp: t0, Number: n1, Recipient: alice, Limit: 5}
	_, err := sure.Admit(t.Context(), ask)
	require.ErrorIs(t, err, redisstore.ErrReplicas)
	assert.Equal(t, 1, used(t, sure, t0).Used, "it stays booked")
	ask.Probe = true
	_, err = sure.Admit(t.Context(), ask)
	require.NoError(t, err, "a probe books nothing")

	replica := started(t, "--replicaof", "127.0.0.1 "+port(server))
	require.NotNil(t, replica)
	ask.Probe = false
	require.Eventually(t, func() bool {
		v, err := sure.Admit(t.Context(), ask)
		return err == nil && v.Outcome == governor.Admitted && v.Used == 1
	}, time.Minute, 10*time.Millisecond, "the same admission passes when a replica is there")
	require.NoError(t, sure.Settle(t.Context(), governor.Settlement{Account: account, Token: ask.Token, Now: t0}))
	assert.Zero(t, used(t, sure, t0).Used)
}
