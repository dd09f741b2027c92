package redisstore_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/redisstore"
	"github.com/sendgov/sendgov/tier"
)

const (
	account    = "portfolio"
	n1         = "106540352242922"
	alice, bob = "16505550001", "16505550002"
	carol      = "16505550003"
	day        = 24 * time.Hour
)

// near reports whether an instant is the one that was reckoned from now, give or
// take what has passed since: the server, which goes by the same machine's clock,
// was asked later.
func near(t *testing.T, now, want, got time.Time, what string) {
	t.Helper()
	const rounding = 10 * time.Millisecond
	assert.WithinDuration(t, want, got, time.Since(now)+rounding, what)
}

func ask(to string, now time.Time, token uint64) governor.Admission {
	return governor.Admission{
		Account: account, Token: governor.Token{Hi: 9, Lo: token}, Now: now, Stamp: now, Number: n1, Recipient: to, Limit: 1,
	}
}

func TestAClockThatIsAheadFreesNoSlotAndIsToldItsOwnTime(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	ctx, store := t.Context(), storeOn(t, server, redisstore.Config{})
	const lead = 30 * time.Hour
	now := time.Now()
	v, err := store.Admit(ctx, ask(alice, now, 1))
	require.NoError(t, err)
	require.Equal(t, governor.Admitted, v.Outcome)

	ahead := now.Add(lead)
	v, err = store.Admit(ctx, ask(bob, ahead, 2))
	require.NoError(t, err)
	assert.Equal(t, governor.OverLimit, v.Outcome, "alice's slot is held, whatever that clock says")
	near(t, now, ahead.Add(day), v.RetryAt, "in the terms of the caller's clock, who would come at once otherwise")
	u, err := store.Usage(ctx, governor.UsageAsk{Account: account, Limit: 1, Now: ahead, Points: 1})
	require.NoError(t, err)
	near(t, now, ahead.Add(day), u.NextFree, "NextFree")
	near(t, now, ahead.Add(day), u.SlotFree, "SlotFree")
	near(t, now, ahead.Add(day), u.Curve[0].At, "Curve")

	// What it books and commits is stamped by the server's time.
	ask2 := ask(bob, ahead, 3)
	ask2.Limit, ask2.Stamp = 2, ahead.Add(time.Hour) // an hour of grace
	v, err = store.Admit(ctx, ask2)
	require.NoError(t, err)
	require.Equal(t, governor.Admitted, v.Outcome)
	require.NoError(t, store.Settle(ctx, governor.Settlement{Account: account, Token: ask2.Token, Now: ahead, Sent: true, Stamp: ahead.Add(time.Hour)}))
	u, err = store.Usage(ctx, governor.UsageAsk{Account: account, Limit: 2, Now: now, Need: 2})
	require.NoError(t, err)
	near(t, now, now.Add(day+time.Hour), u.SlotFree, "bob's slot frees a day and an hour from now")
}

func TestAClockThatIsBehindTakesNothingFromOthers(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	ctx, store := t.Context(), storeOn(t, server, redisstore.Config{})
	now := time.Now()
	_, err := store.Usage(ctx, governor.UsageAsk{Account: account, Limit: 1, Now: now})
	require.NoError(t, err)
	late := now.Add(-3 * time.Hour)
	a := ask(alice, late, 1)
	v, err := store.Admit(ctx, a)
	require.NoError(t, err)
	require.Equal(t, governor.Admitted, v.Outcome)
	u, err := store.Usage(ctx, governor.UsageAsk{Account: account, Limit: 1, Now: now})
	require.NoError(t, err)
	near(t, now, now.Add(day), u.NextFree, "stamped by the account's time, not by the clock that is behind")
}

func TestACoolDownIsAsLongForAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	ctx, store := t.Context(), storeOn(t, server, redisstore.Config{})
	now := time.Now()
	ahead := now.Add(2 * time.Hour)
	require.NoError(t, store.Consent(ctx, governor.ConsentMark{Account: account, Recipient: alice, Topic: "x", At: ahead, Now: ahead, Until: ahead.Add(time.Hour)}))
	require.NoError(t, store.Consent(ctx, governor.ConsentMark{Account: account, Recipient: bob, Topic: "x", At: ahead, Now: ahead}))
	for _, c := range []struct{ now, want time.Time }{{now, now.Add(time.Hour)}, {ahead, ahead.Add(time.Hour)}} {
		a := ask(alice, c.now, 0)
		a.Topics[0], a.Probe = "x", true
		v, err := store.Admit(ctx, a)
		require.NoError(t, err)
		assert.Equal(t, governor.Unwanted, v.Outcome)
		near(t, now, c.want, v.RetryAt, "RetryAt")
	}
	// A word from the future does not outlast the next one.
	require.NoError(t, store.Consent(ctx, governor.ConsentMark{Account: account, Recipient: bob, Topic: "x", Granted: true, At: time.Now().Add(time.Second), Now: time.Now().Add(time.Second)}))
	list, err := store.Consents(ctx, account, bob, now)
	require.NoError(t, err)
	require.Len(t, list, 1)
	near(t, now, now, list[0].At, "At")
}

// skewed is the machine's clock, some time off. It notes the longest wait that it
// was asked for.
type skewed struct {
	governor.Clock
	by      time.Duration
	longest *atomic.Int64
}

func (c skewed) Now() time.Time { return c.Clock.Now().Add(c.by) }

func (c skewed) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	c.longest.Store(max(c.longest.Load(), int64(d))) // nobody else waits meanwhile
	return c.Clock.NewTimer(d)
}

func TestTwoGovernorsWithSkewedClocksShareEverything(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	ctx := t.Context()
	var longest atomic.Int64
	governorOf := func(by time.Duration) *governor.Governor {
		gov, err := governor.New(storeOn(t, server, redisstore.Config{}), governor.Config{
			Clock:    skewed{governor.SystemClock(), by, &longest},
			Accounts: []governor.Account{{ID: account, Tier: tier.Tier(3), Numbers: []governor.Number{{ID: n1, PerSecond: 2}}}},
		})
		require.NoError(t, err)
		return gov
	}
	ahead, behind := governorOf(4*time.Minute), governorOf(-4*time.Minute)
	send := func(gov *governor.Governor, to string) error {
		_, err := gov.Reserve(ctx, governor.Message{From: n1, To: to, Template: "x", Category: governor.Marketing})
		return err
	}
	// Consent and service windows.
	require.NoError(t, ahead.Observe(ctx, governor.ConsentRevoked{Number: n1, Recipient: bob, Topic: governor.TopicMarketing, At: time.Now()}))
	require.ErrorIs(t, send(behind, bob), governor.ErrUnwanted)
	require.NoError(t, behind.Observe(ctx, governor.Inbound{Number: n1, Customer: carol, At: time.Now().Add(-time.Minute)}))
	d, err := ahead.Check(ctx, governor.Message{From: n1, To: carol, Template: "x", Category: governor.Utility})
	require.NoError(t, err)
	assert.True(t, d.Allowed)
	assert.False(t, d.Counted, "carol wrote")
	// Limit and rate: three people, two a second, whoever asks. Each waits by its
	// own clock and is let through by the first one's token.
	for i, to := range []string{alice, "16505550011", "16505550012"} {
		gov := []*governor.Governor{ahead, behind}[i%2]
		_, err := gov.Wait(ctx, governor.Message{From: n1, To: to, Template: "x", Category: governor.Marketing})
		require.NoError(t, err)
	}
	assert.LessOrEqual(t, longest.Load(), int64(time.Second), "no clock waits until it is the other's time")
	for _, gov := range []*governor.Governor{ahead, behind} {
		require.ErrorIs(t, send(gov, "16505550013"), governor.ErrTierLimit)
	}
	// State: what one hears binds the other.
	require.NoError(t, behind.Observe(ctx, governor.TierReported{Account: account, Tier: 4}))
	_, err = ahead.Wait(context.WithoutCancel(ctx), governor.Message{From: n1, To: "16505550013", Template: "x", Category: governor.Marketing})
	require.NoError(t, err)
}
