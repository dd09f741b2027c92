package governor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
)

func assumeUsed(cfg *governor.Config) { cfg.ColdStart = governor.AssumeUsed }

func TestAColdStartTakesTheLimitAsUsedForADay(t *testing.T) {
	t.Parallel()
	for _, grace := range []time.Duration{0, time.Hour} {
		f := newFixture(t, 2, func(cfg *governor.Config) { cfg.ColdStart, cfg.Grace = governor.AssumeUsed, grace })
		t0 := f.clock.Now()
		end := t0.Add(day + grace)
		s, err := f.gov.Snapshot(t.Context(), account)
		require.NoError(t, err)
		assert.Equal(t, end, s.ColdUntil, "already before anything was asked")

		d := f.refused(template(n1, alice), governor.ErrTierLimit)
		assert.Equal(t, end, d.RetryAt)
		assert.Equal(t, "cold start", d.Detail)
		assert.Equal(t, governor.ScopeAccount, d.Scope)
		assert.Equal(t, 2, d.Limit)
		assert.Zero(t, d.Used)
		assert.Contains(t, d.String(), "the ledger began empty, so the limit is taken as used up (cold start)")
		f.sent(reply(n1, alice))
		f.observe(governor.Inbound{Number: n1, Customer: bob})
		assert.False(t, f.sent(template(n1, bob)).Counted, "a window's notification takes no slot")

		f.at(t0.Add(time.Hour))
		f.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "CONNECTED"}})
		other := newFixtureOn(t, f.store, f.clock, 2, nil)
		assert.Equal(t, end, other.refused(template(n1, alice), governor.ErrTierLimit).RetryAt, "whatever another replica's config says")
		s, err = other.gov.Snapshot(t.Context(), account)
		require.NoError(t, err)
		assert.Equal(t, end, s.ColdUntil)

		f.at(end.Add(-time.Nanosecond))
		f.refused(template(n1, alice), governor.ErrTierLimit)
		f.at(end)
		f.sent(template(n1, alice))
		f.sent(template(n1, carol))
		s, err = f.gov.Snapshot(t.Context(), account)
		require.NoError(t, err)
		assert.Zero(t, s.ColdUntil)
		assert.Equal(t, end.Add(day+grace), f.refused(template(n1, dave), governor.ErrTierLimit).RetryAt)
	}
}

func TestAnEventBeforeTheFirstSendDoesNotSpareTheColdStart(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, assumeUsed)
	end := f.clock.Now().Add(day)
	f.observe(governor.TierReported{Account: account, Tier: 5})
	f.at(end.Add(-time.Hour))
	d := f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Equal(t, end, d.RetryAt)
	assert.Equal(t, 5, d.Limit)
}

func TestAColdStartOfTheAccountsThatHaveBeenSavedIsNone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.observe(governor.TierReported{Account: account, Tier: 5})
	warm := newFixtureOn(t, f.store, f.clock, 2, assumeUsed)
	warm.sent(template(n1, alice))
}

func TestDuringAColdStartARefusalNamesWhatRefusesLongest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, assumeUsed)
	t0 := f.clock.Now()
	f.refused(template(n1, alice), governor.ErrTierLimit)
	// Deliveries that others tell of fill the limit beyond the cold start's end.
	f.at(t0.Add(2 * time.Hour))
	f.observe(
		governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: bob, Status: governor.Delivered, Pricing: "utility"},
		governor.MessageStatus{Number: n1, MessageID: "wamid.2", Recipient: carol, Status: governor.Delivered, Pricing: "utility"},
	)
	d := f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(2*time.Hour+day), d.RetryAt)
	f.observe(governor.HealthReported{Number: n1, Report: quality.RestrictionReported{
		Type: quality.RestrictedBusinessMessaging, Until: t0.Add(50 * time.Hour),
	}})
	assert.Equal(t, t0.Add(50*time.Hour), f.refused(template(n1, alice), governor.ErrRestricted).RetryAt)
	f.observe(governor.ConsentRevoked{Number: n2, Recipient: dave, Topic: governor.TopicMarketing})
	assert.Zero(t, f.refused(template(n2, dave), governor.ErrUnwanted).RetryAt)
}

func TestWhoHoldsASlotInAColdStartPassesWhereHoldersDo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, func(cfg *governor.Config) { cfg.ColdStart, cfg.AtLimit = governor.AssumeUsed, governor.RefuseNew })
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: bob, Status: governor.Delivered, Pricing: "utility"})
	f.sent(template(n1, bob))
	f.refused(template(n1, alice), governor.ErrTierLimit)
}

// forgetful is a store that can lose everything.
type forgetful struct{ governor.Store }

func TestAStoreThatHasLostEverythingStartsColdAgain(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*fixture){
		"found by a send":    func(*fixture) {},
		"found by an event":  func(f *fixture) { f.observe(governor.TierReported{Account: account, Tier: 3, At: f.clock.Now()}) },
		"found by a waiter":  func(f *fixture) { _, _ = f.gov.Wait(canceled(), template(n1, alice)) },
		"found by a reply":   func(f *fixture) { f.sent(reply(n1, alice)) },
		"found by a look":    func(f *fixture) { _, _ = f.gov.Snapshot(f.t.Context(), account) },
		"found by a restart": func(f *fixture) { *f = *newFixtureOn(f.t, f.store, f.clock, 2, assumeUsed) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &forgetful{memstore.New()}
			f := newFixtureOn(t, store, newFixture(t, 1, nil).clock, 2, assumeUsed)
			other := newFixtureOn(t, store, f.clock, 2, assumeUsed)
			f.refused(template(n1, alice), governor.ErrTierLimit)
			f.observe(governor.TierReported{Account: account, Tier: 2}, governor.NumberSeen{Number: n1, WABA: "waba"})
			f.clock.Advance(day)
			f.sent(template(n1, alice))
			other.sent(template(n1, bob))
			store.Store = memstore.New()
			first(f)
			end := f.clock.Now().Add(day)
			assert.Equal(t, end, f.refused(template(n1, carol), governor.ErrTierLimit).RetryAt)
			assert.Equal(t, end, other.refused(template(n1, carol), governor.ErrTierLimit).RetryAt)
			f.at(end)
			other.sent(template(n1, carol))
			f.sent(template(n1, dave))
		})
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
