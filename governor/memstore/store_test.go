package memstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
)

const (
	account = "portfolio"
	n1, n2  = "106540352242922", "106540352242923"
	alice   = "16505550001"
	bob     = "16505550002"
	carol   = "16505550003"
	day     = 24 * time.Hour
)

var t0 = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// ledger is a store and a clock. Its admissions are of one account with a limit.
type ledger struct {
	t     *testing.T
	store *memstore.Store
	now   time.Time
	limit int
	token uint64
}

func newLedger(t *testing.T, limit int) *ledger {
	t.Helper()
	return &ledger{t: t, store: memstore.New(), now: t0, limit: limit}
}

// ask is an admission that no rate holds back.
func (l *ledger) ask(number, to string) governor.Admission {
	l.token++
	return governor.Admission{
		Account: account, Token: governor.Token{Hi: 1, Lo: l.token}, Now: l.now, Stamp: l.now,
		Number: number, Recipient: to, Limit: l.limit,
	}
}

func (l *ledger) admit(ask governor.Admission) governor.Verdict {
	l.t.Helper()
	v, err := l.store.Admit(l.t.Context(), ask)
	require.NoError(l.t, err)
	return v
}

// sent admits a notification that must pass.
func (l *ledger) sent(to string) governor.Admission {
	l.t.Helper()
	ask := l.ask(n1, to)
	require.Equal(l.t, governor.Admitted, l.admit(ask).Outcome)
	return ask
}

func (l *ledger) settle(end governor.Settlement) {
	l.t.Helper()
	end.Account, end.Now = account, l.now
	require.NoError(l.t, l.store.Settle(l.t.Context(), end))
}

// committed admits a notification that must pass, and commits it under an id.
func (l *ledger) committed(to, id string) governor.Admission {
	l.t.Helper()
	ask := l.sent(to)
	l.settle(governor.Settlement{Token: ask.Token, Sent: true, Stamp: l.now, MessageID: id, Recipient: to})
	return ask
}

func (l *ledger) delivered(d governor.DeliveryMark) {
	l.t.Helper()
	d.Account, d.Now = account, l.now
	if d.Number == "" {
		d.Number = n1
	}
	if d.At.IsZero() {
		d.At = l.now
	}
	d.Stamp = d.At
	require.NoError(l.t, l.store.Delivery(l.t.Context(), d))
}

func (l *ledger) failed(id string) {
	l.t.Helper()
	l.delivered(governor.DeliveryMark{MessageID: id, Failed: true})
}

func (l *ledger) inbound(number, who string) {
	l.t.Helper()
	in := governor.InboundMark{Account: account, Number: number, Customer: who, At: l.now, Now: l.now}
	require.NoError(l.t, l.store.Inbound(l.t.Context(), in))
}

func (l *ledger) alias(alias, canonical string) {
	l.t.Helper()
	require.NoError(l.t, l.store.Alias(l.t.Context(), account, alias, canonical, l.now))
}

func (l *ledger) usage() governor.Usage {
	l.t.Helper()
	u, err := l.store.Usage(l.t.Context(), governor.UsageAsk{Account: account, Limit: l.limit, Now: l.now})
	require.NoError(l.t, err)
	return u
}

func (l *ledger) used() int { l.t.Helper(); return l.usage().Used }

func (l *ledger) after(d time.Duration) { l.now = l.now.Add(d) }

func person(i int) string { return fmt.Sprintf("1650%07d", i) }

func TestAdmitBooksOneSlotPerPersonUpToTheLimit(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 2)
	v := l.admit(l.ask(n1, alice))
	assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, v)
	l.after(time.Hour)
	assert.Equal(t, 1, l.admit(l.ask(n2, alice)).Used)
	assert.Equal(t, 2, l.admit(l.ask(n1, bob)).Used)
	v = l.admit(l.ask(n1, carol))
	assert.Equal(t, governor.OverLimit, v.Outcome)
	assert.Equal(t, t0.Add(25*time.Hour), v.RetryAt.UTC(), "alice was written to again")
	assert.Equal(t, 2, v.Used)
	assert.Equal(t, governor.OverLimit, l.admit(l.ask(n1, bob)).Outcome)
	holder := l.ask(n1, bob)
	holder.HoldersPass = true
	assert.Equal(t, governor.Admitted, l.admit(holder).Outcome)
	stranger := l.ask(n1, carol)
	stranger.HoldersPass = true
	assert.Equal(t, governor.OverLimit, l.admit(stranger).Outcome)
}

func TestALimitOfNothingIsRefusedForEver(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, -1} {
		v := newLedger(t, limit)
		verdict := v.admit(v.ask(n1, alice))
		assert.Equal(t, governor.OverLimit, verdict.Outcome)
		assert.Zero(t, verdict.RetryAt)
	}
}

func TestAProbeChangesNothing(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	for range 100 {
		ask := l.ask(n1, alice)
		ask.Probe, ask.Token = true, governor.Token{}
		ask.NumberRate, ask.PairRate = governor.Rate{Every: time.Second, Burst: 1}, governor.Rate{Every: time.Second, Burst: 1}
		v := l.admit(ask)
		assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true}, v)
	}
	assert.Zero(t, l.used())
	l.sent(alice)
}

func TestAnotherVersionIsSentBackWithTheStateThatIsStored(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ctx := t.Context()
	state, err := l.store.LoadState(ctx, account)
	require.NoError(t, err)
	assert.Zero(t, state, "absence is no error")
	saved, ok, err := l.store.SaveState(ctx, account, governor.State{Data: []byte("one")})
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, governor.State{Version: 1, Data: []byte("one")}, saved)
	kept, ok, err := l.store.SaveState(ctx, account, governor.State{Data: []byte("late")})
	require.NoError(t, err)
	assert.False(t, ok)
	assert.Equal(t, saved, kept, "who comes late is told the newer")

	v := l.admit(l.ask(n1, alice))
	assert.Equal(t, governor.Verdict{Outcome: governor.Stale, State: saved}, v)
	assert.Zero(t, l.used())
	ask := l.ask(n1, alice)
	ask.Version, ask.Probe = 1, true
	assert.Equal(t, governor.Admitted, l.admit(ask).Outcome)
	ask.Version = 2
	v = l.admit(ask)
	assert.Equal(t, governor.Verdict{Outcome: governor.Stale, State: saved}, v, "a store that has lost its latest says so")
	state, err = l.store.LoadState(ctx, account)
	require.NoError(t, err)
	assert.Equal(t, saved, state)
}

func TestSettleCommitsAtTheLaterStampOrGivesBack(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 2)
	a, b := l.sent(alice), l.sent(bob)
	l.after(time.Minute)
	l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now})
	l.settle(governor.Settlement{Token: b.Token})
	u := l.usage()
	assert.Equal(t, 1, u.Used)
	assert.Equal(t, t0.Add(day+time.Minute), u.NextFree.UTC())
	l.settle(governor.Settlement{Token: governor.Token{Hi: 7, Lo: 7}, Sent: true, Stamp: l.now})
	l.settle(governor.Settlement{Token: governor.Token{Hi: 7, Lo: 7}})
	assert.Equal(t, u, l.usage(), "a token that nobody knows is no error")
	l.settle(governor.Settlement{Token: a.Token})
	assert.Equal(t, u, l.usage(), "what was committed cannot be given back")
}

func TestInboundOpensTheWindowOfOneNumber(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.inbound(n1, alice)
	for _, c := range []struct {
		at      time.Duration
		number  string
		counted bool
	}{
		{0, n1, false},
		{0, n2, true},
		{day - governor.WindowMargin - time.Millisecond, n1, false},
		{day - governor.WindowMargin, n1, true},
	} {
		l.now = t0.Add(c.at)
		ask := l.ask(c.number, alice)
		ask.Probe = true
		assert.Equalf(t, c.counted, l.admit(ask).Counted, "%v after, from %s", c.at, c.number)
	}
}

func TestAReplyIsRefusedOnlyWhenItsWindowIsKnownToHaveClosed(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 0)
	reply := func(to string) governor.Verdict {
		ask := l.ask(n1, to)
		ask.Kind = governor.Reply
		return l.admit(ask)
	}
	assert.Equal(t, governor.Admitted, reply(alice).Outcome, "nothing is known")
	l.inbound(n1, alice)
	l.now = t0.Add(day - time.Millisecond)
	assert.Equal(t, governor.Verdict{Outcome: governor.Admitted}, reply(alice))
	l.now = t0.Add(day)
	assert.Equal(t, governor.Verdict{Outcome: governor.ReplyClosed}, reply(alice))

	l.inbound(n1, bob)
	require.NoError(t, l.store.CloseWindow(t.Context(), account, n1, bob, l.now))
	assert.Equal(t, governor.ReplyClosed, reply(bob).Outcome, "the platform is believed")
	l.after(time.Second)
	l.inbound(n1, bob)
	assert.Equal(t, governor.Admitted, reply(bob).Outcome)
}

func TestConsentRefusesAndGrants(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 10)
	ctx := t.Context()
	mark := func(m governor.ConsentMark) {
		m.Account, m.Recipient, m.Now = account, alice, l.now
		require.NoError(t, l.store.Consent(ctx, m))
	}
	outcome := func(optIn string, topics ...string) governor.Verdict {
		ask := l.ask(n1, alice)
		ask.Probe, ask.OptIn = true, optIn
		copy(ask.Topics[:], topics)
		return l.admit(ask)
	}
	none, err := l.store.Consents(ctx, account, alice, l.now)
	require.NoError(t, err)
	assert.Empty(t, none, "absence is no error")
	assert.Equal(t, governor.NotAskedFor, outcome("offers").Outcome)
	assert.Equal(t, governor.Admitted, outcome("", "offers").Outcome)

	mark(governor.ConsentMark{Topic: "offers", Granted: true, At: t0})
	assert.Equal(t, governor.Admitted, outcome("offers", "offers").Outcome)
	mark(governor.ConsentMark{Topic: "offers", At: t0, Until: t0.Add(time.Hour)})
	v := outcome("offers", "offers")
	assert.Equal(t, governor.Unwanted, v.Outcome)
	assert.Equal(t, t0.Add(time.Hour), v.RetryAt)
	l.after(time.Hour)
	assert.Equal(t, governor.Admitted, outcome("offers", "offers").Outcome, "what was granted holds again")
	mark(governor.ConsentMark{Topic: "offers", At: l.now})
	v = outcome("", "other", "offers")
	assert.Equal(t, governor.Unwanted, v.Outcome)
	assert.Zero(t, v.RetryAt)
	mark(governor.ConsentMark{Topic: "offers", Granted: true, At: t0.Add(time.Minute)})
	assert.Equal(t, governor.Unwanted, outcome("", "offers").Outcome, "an older word")

	list, err := l.store.Consents(ctx, account, alice, l.now)
	require.NoError(t, err)
	assert.Equal(t, []governor.Consent{{Topic: "offers", At: l.now}}, list)
}

func TestUsageTellsWhenSlotsFree(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 2)
	assert.Equal(t, governor.Usage{SlotFree: t0}, l.usage())
	l.sent(alice)
	l.after(time.Hour)
	l.sent(bob)
	u := l.usage()
	assert.Equal(t, 2, u.Used)
	assert.Equal(t, t0.Add(day), u.NextFree.UTC())
	assert.Equal(t, t0.Add(day), u.SlotFree.UTC())
	l.limit = 1
	assert.Equal(t, t0.Add(25*time.Hour), l.usage().SlotFree.UTC())
	l.limit = 0
	assert.Zero(t, l.usage().SlotFree)
}

func TestTimeNeverMovesBackForWhatCounts(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.after(2 * day)
	l.sent(alice)
	l.now = t0
	assert.Equal(t, governor.OverLimit, l.admit(l.ask(n1, bob)).Outcome)
	assert.Equal(t, t0.Add(3*day), l.usage().NextFree.UTC())
	l.now = t0.Add(3 * day)
	l.sent(bob)
}

func TestAccountsKnowNothingOfEachOther(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.sent(alice)
	other := l.ask(n1, bob)
	other.Account = "other"
	assert.Equal(t, governor.Admitted, l.admit(other).Outcome)
	assert.Equal(t, 1, l.used())
}

func TestAfterCloseEverythingIsRefused(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.sent(alice)
	require.NoError(t, l.store.Close())
	require.NoError(t, l.store.Close())
	for name, err := range l.everyVerb(t.Context()) {
		require.ErrorIs(t, err, memstore.ErrClosed, name)
	}
}

func TestEveryVerbHonoursItsContext(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range l.everyVerb(ctx) {
		require.ErrorIs(t, err, context.Canceled, name)
	}
	assert.Zero(t, l.used())
}

func TestTheZeroStoreIsReady(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	l.store = new(memstore.Store)
	for name, err := range l.everyVerb(t.Context()) {
		require.NoError(t, err, name)
	}
}

func (l *ledger) everyVerb(ctx context.Context) map[string]error {
	s := l.store
	errs := map[string]error{
		"Settle":      s.Settle(ctx, governor.Settlement{Account: account}),
		"Inbound":     s.Inbound(ctx, governor.InboundMark{Account: account, Number: n1, Customer: alice, At: l.now, Now: l.now}),
		"Delivery":    s.Delivery(ctx, governor.DeliveryMark{Account: account}),
		"Consent":     s.Consent(ctx, governor.ConsentMark{Account: account, Recipient: alice, Topic: "x"}),
		"CloseWindow": s.CloseWindow(ctx, account, n1, alice, l.now),
		"Alias":       s.Alias(ctx, account, alice, bob, l.now),
	}
	_, errs["Admit"] = s.Admit(ctx, l.ask(n1, carol))
	_, errs["Consents"] = s.Consents(ctx, account, alice, l.now)
	_, errs["Usage"] = s.Usage(ctx, governor.UsageAsk{Account: account, Limit: 1, Now: l.now})
	_, errs["LoadState"] = s.LoadState(ctx, account)
	_, _, errs["SaveState"] = s.SaveState(ctx, account, governor.State{})
	return errs
}
