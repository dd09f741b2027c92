package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

const (
	account = "portfolio"
	n1, n2  = "106540352242922", "106540352242923"
	alice   = "16505550001"
	bob     = "16505550002"
	carol   = "16505550003"
	day     = 24 * time.Hour
	ms      = time.Millisecond
)

// t0 is when every test begins. It lies in the past, since a store far away may
// hold what it is told against its own clock.
var t0 = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func person(i int) string { return fmt.Sprintf("1650%07d", i) }

// ledger is a store and a clock. Its admissions are of one account with a limit.
type ledger struct {
	t     *testing.T
	store governor.Store
	now   time.Time
	limit int
	token uint64
}

func (l *ledger) after(d time.Duration) { l.now = l.now.Add(d) }
func (l *ledger) at(d time.Duration)    { l.now = t0.Add(d) }

// ask is a notification's admission that no rate holds back.
func (l *ledger) ask(number, to string) governor.Admission {
	l.token++
	return governor.Admission{
		Account: account, Token: governor.Token{Hi: 1<<63 + 1, Lo: l.token}, Now: l.now, Stamp: l.now,
		Number: number, Recipient: to, Limit: l.limit,
	}
}

// probe is ask without an effect.
func (l *ledger) probe(number, to string) governor.Admission {
	a := l.ask(number, to)
	a.Token, a.Probe = governor.Token{}, true
	return a
}

// reply is a reply's admission.
func (l *ledger) reply(number, to string) governor.Admission {
	a := l.ask(number, to)
	a.Kind = governor.Reply
	return a
}

func (l *ledger) admit(a governor.Admission) governor.Verdict {
	l.t.Helper()
	v, err := l.store.Admit(l.t.Context(), a)
	require.NoError(l.t, err, "Admit")
	v.RetryAt = utc(v.RetryAt)
	return v
}

// sent admits a notification that must pass.
func (l *ledger) sent(to string) governor.Admission {
	l.t.Helper()
	a := l.ask(n1, to)
	require.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
	return a
}

func (l *ledger) settle(end governor.Settlement) {
	l.t.Helper()
	end.Account, end.Now = account, l.now
	require.NoError(l.t, l.store.Settle(l.t.Context(), end), "Settle")
}

// commit says that what was admitted was sent.
func (l *ledger) commit(a governor.Admission, id string) {
	l.t.Helper()
	l.settle(governor.Settlement{Token: a.Token, Sent: true, Stamp: l.now, MessageID: id, Recipient: a.Recipient})
}

// cancel says that what was admitted was not sent.
func (l *ledger) cancel(a governor.Admission) {
	l.t.Helper()
	l.settle(governor.Settlement{Token: a.Token, Recipient: a.Recipient})
}

// committed admits a notification that must pass, and commits it under an id.
func (l *ledger) committed(to, id string) governor.Admission {
	l.t.Helper()
	a := l.sent(to)
	l.commit(a, id)
	return a
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
	if d.Stamp.IsZero() {
		d.Stamp = d.At
	}
	require.NoError(l.t, l.store.Delivery(l.t.Context(), d), "Delivery")
}

func (l *ledger) failed(id string) {
	l.t.Helper()
	l.delivered(governor.DeliveryMark{MessageID: id, Failed: true})
}

func (l *ledger) heard(in governor.InboundMark) {
	l.t.Helper()
	in.Account, in.Now = account, l.now
	if in.At.IsZero() {
		in.At = l.now
	}
	require.NoError(l.t, l.store.Inbound(l.t.Context(), in), "Inbound")
}

func (l *ledger) inbound(number, who string) {
	l.t.Helper()
	l.heard(governor.InboundMark{Number: number, Customer: who})
}

func (l *ledger) closeWindow(number, who string) {
	l.t.Helper()
	require.NoError(l.t, l.store.CloseWindow(l.t.Context(), account, number, who, l.now), "CloseWindow")
}

func (l *ledger) alias(alias, canonical string) {
	l.t.Helper()
	require.NoError(l.t, l.store.Alias(l.t.Context(), account, alias, canonical, l.now), "Alias")
}

func (l *ledger) mark(m governor.ConsentMark) {
	l.t.Helper()
	m.Account, m.Now = account, l.now
	if m.Recipient == "" {
		m.Recipient = alice
	}
	if m.At.IsZero() {
		m.At = l.now
	}
	require.NoError(l.t, l.store.Consent(l.t.Context(), m), "Consent")
}

// wishes lists what the recipient wants.
func (l *ledger) wishes(recipient string) []governor.Consent {
	l.t.Helper()
	list, err := l.store.Consents(l.t.Context(), account, recipient, l.now)
	require.NoError(l.t, err, "Consents")
	return plainConsents(list)
}

func (l *ledger) usage() governor.Usage {
	l.t.Helper()
	return l.usageFor(governor.UsageAsk{Limit: l.limit})
}

func (l *ledger) usageFor(u governor.UsageAsk) governor.Usage {
	l.t.Helper()
	u.Account, u.Now = account, l.now
	usage, err := l.store.Usage(l.t.Context(), u)
	require.NoError(l.t, err, "Usage")
	return plainUsage(usage)
}

func (l *ledger) used() int { l.t.Helper(); return l.usage().Used }

// frees is how long after t0 the next slot frees, which must be held.
func (l *ledger) frees() time.Duration {
	l.t.Helper()
	at := l.usage().NextFree
	require.False(l.t, at.IsZero(), "no slot is held")
	return at.Sub(t0)
}

// outcome says what a send is told, and uses nothing up.
func (l *ledger) outcome(a governor.Admission, want governor.Outcome, why ...any) {
	l.t.Helper()
	a.Probe, a.Token = true, governor.Token{}
	assert.Equal(l.t, want, l.admit(a).Outcome, why...)
}

// exactly says that a refused admission passes at RetryAt and not a step
// earlier.
func (l *ledger) exactly(a governor.Admission, step time.Duration) {
	l.t.Helper()
	v := l.admit(a)
	require.NotEqual(l.t, governor.Admitted, v.Outcome)
	require.False(l.t, v.RetryAt.IsZero(), "outcome %d for ever", v.Outcome)
	early, due := a, a
	early.Now, due.Now = v.RetryAt.Add(-step), v.RetryAt
	early.Stamp, due.Stamp = early.Now, due.Now
	if early.Now.After(a.Now) {
		l.now = early.Now
		require.NotEqual(l.t, governor.Admitted, l.admit(early).Outcome, "before RetryAt")
	}
	l.now = due.Now
	require.Equal(l.t, governor.Admitted, l.admit(due).Outcome, "at RetryAt")
}

// utc makes times comparable.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// plainUsage makes answers comparable that say the same.
func plainUsage(u governor.Usage) governor.Usage {
	u.NextFree, u.SlotFree = utc(u.NextFree), utc(u.SlotFree)
	var curve []governor.Release
	for _, r := range u.Curve {
		curve = append(curve, governor.Release{At: utc(r.At), Free: r.Free})
	}
	u.Curve = curve
	return u
}

// plainConsents makes answers comparable that say the same.
func plainConsents(list []governor.Consent) []governor.Consent {
	var plain []governor.Consent
	for _, c := range list {
		c.At, c.RestsUntil = utc(c.At), utc(c.RestsUntil)
		plain = append(plain, c)
	}
	return plain
}
