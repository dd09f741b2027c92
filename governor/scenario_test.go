package governor_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// The scenarios are those of the platform's rules as documented and as derived
// from them: a synthetic limit of two people, a moving day, no service window
// unless somebody writes.

const (
	n1, n2  = "106540352242922", "106540352242923"
	alice   = "16505550001"
	bob     = "16505550002"
	carol   = "16505550003"
	dave    = "16505550004"
	day     = 24 * time.Hour
	account = "portfolio"
)

func TestScenarioB01AFullAccountFreesASlotADayAfterTheFirstSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		atLimit governor.AtLimit
		repeat  error
	}{
		{"refusing all", governor.RefuseAll, governor.ErrTierLimit},
		{"refusing new", governor.RefuseNew, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, 2, func(cfg *governor.Config) { cfg.AtLimit = c.atLimit })
			t0 := b.clock.Now()
			b.sent(template(n1, alice))
			b.at(t0.Add(time.Hour))
			b.sent(template(n1, bob))
			denied := b.refused(template(n1, carol), governor.ErrTierLimit)
			assert.Equal(t, t0.Add(day), denied.RetryAt.UTC())
			assert.Equal(t, 2, denied.Used)
			assert.Equal(t, 2, denied.Limit)
			if c.repeat != nil {
				b.refused(template(n1, bob), c.repeat)
			} else {
				b.sent(template(n1, bob))
			}
			b.at(t0.Add(day - time.Millisecond))
			b.refused(template(n1, carol), governor.ErrTierLimit)
			b.at(t0.Add(day))
			b.sent(template(n1, carol))
		})
	}
}

func TestScenarioB02AnOpenServiceWindowSparesTheSlotAndBoundsReplies(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.observe(governor.Inbound{Number: n1, Customer: carol, At: t0})
	assert.False(t, b.sent(template(n1, carol)).Counted)
	b.sent(reply(n1, carol))
	b.at(t0.Add(day - time.Millisecond))
	b.sent(reply(n1, carol))
	assert.True(t, b.check(template(n1, carol)).Counted, "so late that the platform may book it after the window")
	b.at(t0.Add(day))
	denied := b.refused(reply(n1, carol), governor.ErrWindowClosed)
	assert.Zero(t, denied.RetryAt, "no time will help")
	assert.Zero(t, b.used())
}

func TestScenarioB03ASlotIsHeldADayAfterTheLastSend(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.sent(template(n1, alice))
	b.at(t0.Add(20 * time.Hour))
	b.sent(template(n1, alice))
	b.at(t0.Add(44*time.Hour - time.Millisecond))
	assert.Equal(t, 1, b.used())
	b.at(t0.Add(44 * time.Hour))
	assert.Zero(t, b.used())
}

func TestScenarioB04ADefiniteRejectionGivesTheSlotBackAndATimeoutDoesNot(t *testing.T) {
	t.Parallel()
	for _, code := range []int{131026, 132001, 130429} {
		b := newFixture(t, 2, nil)
		rejection := &cloudapi.Error{Coded: true, Code: code, HTTPStatus: 400}
		err := b.gov.Do(t.Context(), template(n1, alice), answer(rejection))
		require.ErrorIs(t, err, rejection)
		assert.Zerof(t, b.used(), "after %d", code)
	}
	b := newFixture(t, 2, nil)
	err := b.gov.Do(t.Context(), template(n1, alice), answer(context.DeadlineExceeded))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, 1, b.used())
}

func TestScenarioB06ReadWithoutDeliveredCountsAsDelivered(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.committed(template(n1, alice), "wamid.1")
	b.at(t0.Add(3 * time.Hour))
	b.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Read, At: t0.Add(2 * time.Hour)})
	b.at(t0.Add(26*time.Hour - time.Millisecond))
	assert.Equal(t, 1, b.used())
	b.at(t0.Add(26 * time.Hour))
	assert.Zero(t, b.used())
}

func TestScenarioB07ARaisedLimitFreesAtOnceAndALoweredOneRefusesUntilUseHasFallen(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.sent(template(n1, alice))
	b.at(t0.Add(time.Hour))
	b.sent(template(n1, bob))
	b.refused(template(n1, carol), governor.ErrTierLimit)
	b.observe(governor.TierReported{Number: n1, Tier: 3, At: b.clock.Now()})
	b.sent(template(n1, carol))
	b.refused(template(n1, dave), governor.ErrTierLimit)
	b.at(t0.Add(2 * time.Hour))
	b.observe(governor.TierReported{Number: n1, Tier: 1, At: b.clock.Now()})
	denied := b.refused(template(n1, dave), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(25*time.Hour), denied.RetryAt.UTC(), "when all three have run out")
	assert.Equal(t, 3, denied.Used)
	b.at(t0.Add(25 * time.Hour))
	b.sent(template(n1, dave))
}

func TestScenarioB08NumbersOfOnePortfolioShareItsLimit(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	b.sent(template(n1, alice))
	b.sent(template(n2, bob))
	b.refused(template(n1, carol), governor.ErrTierLimit)
	b.refused(template(n2, carol), governor.ErrTierLimit)
}

func TestScenarioB10ARestrictionOfCustomerInitiatedMessagingStopsReplies(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.observe(
		governor.Inbound{Number: n1, Customer: alice, At: t0},
		governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{
			Type: quality.RestrictedCustomerMessaging, Until: t0.Add(3 * time.Hour), At: t0,
		}},
	)
	denied := b.refused(reply(n1, alice), governor.ErrRestricted)
	assert.Equal(t, t0.Add(3*time.Hour), denied.RetryAt.UTC())
	assert.Equal(t, governor.ScopeWABA, denied.Scope)
	b.refused(template(n2, bob), governor.ErrRestricted)
	b.at(t0.Add(3 * time.Hour))
	b.sent(reply(n1, alice))
}

func TestScenarioB12AThroughputUpgradeLeavesTheMessagingLimitAlone(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	b.observe(governor.ThroughputReported{Number: n1, PerSecond: 1000, At: b.clock.Now()})
	s, err := b.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, tier.Tier(2), s.Tier)
	assert.Equal(t, 1000, s.Numbers[0].PerSecond)
}

func TestScenarioB14ReceiptsPassEvenWhenRestricted(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	b.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "BANNED", At: b.clock.Now()}})
	b.refused(reply(n1, alice), governor.ErrInactive)
	b.sent(governor.Message{From: n1, Kind: governor.ReadReceipt})
}

func TestScenarioB15ADirectSendIsGovernedLikeATemplate(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 1, nil)
	direct := governor.Message{From: n1, To: alice, Category: governor.Utility}
	assert.True(t, b.sent(direct).Counted)
	direct.To = bob
	b.refused(direct, governor.ErrTierLimit)
	b.observe(governor.Inbound{Number: n1, Customer: bob, At: b.clock.Now()})
	assert.False(t, b.sent(direct).Counted)
}

func TestScenarioB19AnUnknownStatusIsNotHealthy(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	b.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "FOO", At: b.clock.Now()}})
	denied := b.refused(template(n1, alice), governor.ErrRestricted)
	assert.Equal(t, "FOO", denied.Detail)
	b.sent(reply(n1, alice))
	b.sent(template(n2, alice))
}

func TestScenarioB20AThousandGoroutinesRaceForOneSlot(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 1, nil)
	var admitted atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range 1000 {
		all.Go(func() {
			<-start
			r, err := b.gov.Reserve(context.Background(), template(n1, person(i)))
			if err == nil {
				admitted.Add(1)
				assert.NoError(t, r.Commit(context.Background(), governor.Receipt{}))
				return
			}
			assert.ErrorIs(t, err, governor.ErrTierLimit)
		})
	}
	close(start)
	all.Wait()
	assert.EqualValues(t, 1, admitted.Load())
	assert.Equal(t, 1, b.used())
}

func TestTheTimeToComeBackKnowsWhatClosesMeanwhile(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	t0 := f.clock.Now()
	f.observe(governor.Inbound{Number: n1, Customer: alice, At: t0})
	f.at(t0.Add(20 * time.Hour))
	f.sent(template(n1, bob))
	f.observe(governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{
		Type: quality.RestrictedCustomerMessaging, Until: t0.Add(30 * time.Hour), At: f.clock.Now(),
	}})
	assert.Zero(t, f.refused(reply(n1, alice), governor.ErrWindowClosed).RetryAt, "the window closes before the restriction ends")
	d := f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(44*time.Hour), d.RetryAt.UTC(), "by then it takes a slot")
	f.at(d.RetryAt)
	f.sent(template(n1, alice))
}
