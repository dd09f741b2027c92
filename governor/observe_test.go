package governor_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func TestAnEventIsRefusedByTheNameOfEachWrongField(t *testing.T) {
	t.Parallel()
	tooLarge := tier.Unlimited
	tooLarge++ // not a constant, which would not fit into 32 bits
	rating := quality.RatingReported{Rating: quality.High}
	for _, c := range []struct {
		event governor.Event
		want  []string
	}{
		{nil, []string{"Event"}},
		{&governor.Inbound{Number: n1, Customer: alice}, []string{"Event"}},
		{struct{ governor.Inbound }{}, []string{"Event"}},

		{governor.Inbound{}, []string{"Number", "Customer"}},
		{governor.Inbound{Number: "99", Customer: alice}, []string{"Number"}},
		{governor.Inbound{Number: n1, Customer: "650"}, []string{"Customer"}},
		{governor.WindowShut{}, []string{"Number", "Customer"}},
		{governor.WindowShut{Number: n1 + "/", Customer: "?"}, []string{"Number", "Customer"}},

		{governor.MessageStatus{MessageID: "wamid.1", Status: governor.Read}, []string{"Number"}},
		{governor.MessageStatus{Number: "99", MessageID: "wamid.1", Status: governor.Read}, []string{"Number"}},
		{governor.MessageStatus{Number: n1, Status: governor.Read}, []string{"MessageID"}},
		{governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: "?", Status: governor.Read}, []string{"Recipient"}},

		{governor.TierReported{Tier: 2}, []string{"Account"}},
		{governor.TierReported{Number: "99", Tier: 2}, []string{"Number"}},
		{governor.TierReported{Account: "nobody", Tier: 2}, []string{"Account"}},
		{governor.TierReported{Account: "port/folio", Tier: 2}, []string{"Account"}},
		{governor.TierReported{WABA: "w/w", Tier: 2}, []string{"WABA"}},
		{governor.TierReported{Account: account, Tier: 2, OwnLimit: true}, []string{"Number"}},
		{governor.TierReported{Number: n1, Tier: -1}, []string{"Tier"}},
		{governor.TierReported{Number: n1, Tier: tooLarge}, []string{"Tier"}},

		{governor.HealthReported{Number: n1}, []string{"Report"}},
		{governor.HealthReported{Number: n1, Report: (*quality.RatingReported)(nil)}, []string{"Report"}},
		{governor.HealthReported{Report: rating}, []string{"Number"}},
		{governor.HealthReported{Number: "99", Report: rating}, []string{"Number"}},
		{governor.HealthReported{WABA: "w w", Report: rating}, []string{"WABA"}},

		{governor.ThroughputReported{PerSecond: 80}, []string{"Number"}},
		{governor.ThroughputReported{Number: n1}, []string{"PerSecond"}},
		{governor.ThroughputReported{Number: n1, PerSecond: -80}, []string{"PerSecond"}},
		{governor.ThroughputReported{Number: n1, PerSecond: 100_001}, []string{"PerSecond"}},

		{governor.AliasLearned{}, []string{"Number", "Alias", "Canonical"}},
		{governor.AliasLearned{Number: n1, Alias: alice}, []string{"Canonical"}},
		{governor.AliasLearned{Number: n1, Canonical: alice}, []string{"Alias"}},

		{governor.NumberSeen{WABA: "waba"}, []string{"Number"}},
		{governor.NumberSeen{Number: n1}, []string{"WABA"}},
	} {
		t.Run(fmt.Sprintf("%T %v", c.event, c.want), func(t *testing.T) {
			t.Parallel()
			var r recorder
			b := newFixture(t, 2, recorded(&r))
			// The events around it must not be lost.
			err := b.gov.Observe(t.Context(),
				governor.TierReported{Number: n1, Tier: 7}, c.event, governor.ThroughputReported{Number: n1, PerSecond: 9})
			require.ErrorIs(t, err, governor.ErrInvalid)
			assert.Equal(t, c.want, fields(t, err))
			assert.True(t, strings.HasPrefix(err.Error(), "governor: event 2 of 3 ("), "%v", err)
			s, err := b.gov.Snapshot(t.Context(), account)
			require.NoError(t, err)
			assert.Equal(t, tier.Tier(7), s.Tier)
			assert.Equal(t, 9, s.Numbers[0].PerSecond)
			assert.Equal(t, []string{"limit portfolio - - Unknown 7"}, r.told(), "a wrong event is no fault of the store's")
		})
	}
}

func TestEachWrongEventIsToldByItsPlace(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	require.NoError(t, b.gov.Observe(t.Context()))
	err := b.gov.Observe(t.Context(), governor.Inbound{Number: n1, Customer: alice}, nil, governor.HealthReported{})
	require.EqualError(t, err, "governor: event 2 of 3 (<nil>): governor: Event is nil or of a type that is not an event\n"+
		"governor: event 3 of 3 (governor.HealthReported): governor: Report is nil")
}

func TestAWindowOpensAtTheTimeOfTheMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		at   func(now time.Time) time.Time
		left time.Duration // how long the window is open still
	}{
		{"now", func(now time.Time) time.Time { return now }, day},
		{"not told", func(time.Time) time.Time { return time.Time{} }, day},
		{"still to come", func(now time.Time) time.Time { return now.Add(time.Hour) }, day},
		{"far in the future", func(now time.Time) time.Time { return now.AddDate(5000, 0, 0) }, day},
		{"an hour ago", func(now time.Time) time.Time { return now.Add(-time.Hour) }, 23 * time.Hour},
		{"days ago", func(now time.Time) time.Time { return now.Add(-3 * day) }, 0}, // B18
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, 2, nil)
			t0 := b.clock.Now()
			wrote := governor.Inbound{Number: n1, Customer: alice, At: c.at(t0)}
			b.observe(wrote, wrote)
			if c.left > 0 {
				b.at(t0.Add(c.left - time.Millisecond))
				b.sent(reply(n1, alice))
				b.observe(wrote)
			}
			b.at(t0.Add(c.left))
			if !c.at(t0).IsZero() && !c.at(t0).After(t0) { // else the webhook repeated has made it later
				b.refused(reply(n1, alice), governor.ErrWindowClosed)
			}
		})
	}
}

func TestAnOlderMessageDoesNotShortenTheWindow(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.observe(
		governor.Inbound{Number: n1, Customer: alice, At: t0.Add(-time.Hour)},
		governor.Inbound{Number: n1, Customer: alice, At: t0.Add(-10 * time.Hour)},
	)
	b.at(t0.Add(23*time.Hour - time.Millisecond))
	b.sent(reply(n1, alice))
}

func TestAWindowThatThePlatformShutStaysShutUntilTheCustomerWritesAgain(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	wrote := governor.Inbound{Number: n1, Customer: alice, At: t0}
	b.observe(wrote)
	b.at(t0.Add(time.Hour))
	shut := governor.WindowShut{Number: n1, Customer: alice}
	b.observe(shut, shut, wrote)
	b.refused(reply(n1, alice), governor.ErrWindowClosed)
	b.at(t0.Add(2 * time.Hour))
	b.observe(governor.Inbound{Number: n1, Customer: alice})
	b.sent(reply(n1, alice))
	b.observe(governor.WindowShut{Number: n1, Customer: alice, At: t0.Add(time.Hour)})
	b.sent(reply(n1, alice))
}

func TestARepeatedFailureGivesOneSlotBackOnce(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 3, func(cfg *governor.Config) { cfg.AtLimit = governor.RefuseNew })
	failed := governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Failed}
	b.committed(template(n1, alice), "wamid.1")
	b.observe(failed, failed)
	assert.Zero(t, b.used())
	b.committed(template(n1, alice), "wamid.2")
	b.observe(failed, governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Sent})
	assert.Equal(t, 1, b.used())
	b.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.2", Status: governor.Failed})
	assert.Zero(t, b.used(), "the ID is enough")
}

func TestAStatusWhoseRecipientCannotBeReadStillTellsByItsMessageID(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 3, nil)
	b.committed(template(n1, alice), "wamid.1")
	err := b.gov.Observe(t.Context(), governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: "?", Status: governor.Failed})
	assert.Equal(t, []string{"Recipient"}, fields(t, err))
	assert.Zero(t, b.used())
	err = b.gov.Observe(t.Context(), governor.MessageStatus{Number: n1, MessageID: "wamid.x", Recipient: "?", Status: governor.Delivered})
	assert.Equal(t, []string{"Recipient"}, fields(t, err))
	assert.Zero(t, b.used())
}

func TestAStatusOfAMessageThatIsNotRememberedGoesByItsPricing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pricing string
		used    int
	}{
		{"marketing", 1},
		{"UTILITY", 1},
		{"authentication-international", 1},
		{"service", 0},
		{"SERVICE", 0},
		{"", 0},
		{"general_purpose_ai", 0},
	} {
		b := newFixture(t, 3, nil)
		t0 := b.clock.Now()
		delivered := governor.MessageStatus{Number: n1, MessageID: "wamid.of another day", Recipient: alice, Status: governor.Delivered, At: t0, Pricing: c.pricing}
		b.observe(delivered, delivered)
		assert.Equalf(t, c.used, b.used(), "%q", c.pricing)
		// Where the person holds a slot, only a reply's status leaves it alone.
		b.sent(template(n1, bob))
		b.at(t0.Add(time.Hour))
		delivered.Recipient, delivered.At = bob, time.Time{}
		b.observe(delivered)
		b.at(t0.Add(day))
		want := 1
		if c.used == 0 && strings.EqualFold(c.pricing, "service") {
			want = 0
		}
		assert.Equalf(t, want, b.used(), "%q", c.pricing)
	}
}

func TestAnUnknownStatusChangesNothing(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 3, nil)
	b.committed(template(n1, alice), "wamid.1")
	for _, word := range []string{"sent", "deleted", "warning", "", "FAILED?"} {
		b.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.ParseDeliveryStatus(word)})
	}
	assert.Equal(t, 1, b.used())
	for word, want := range map[string]governor.DeliveryStatus{
		"sent": governor.Sent, "delivered": governor.Delivered, "read": governor.Read, "played": governor.Read, "failed": governor.Failed, "x": governor.StatusUnknown,
	} {
		assert.Equal(t, want, governor.ParseDeliveryStatus(word))
	}
}

func TestANewerLimitHoldsWhicheverWayItWasTold(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.at(t0.Add(time.Hour))
	limit := func() int { return b.check(template(n1, alice)).Limit }
	for _, c := range []struct {
		event governor.TierReported
		want  int
	}{
		{governor.TierReported{Number: n2, Tier: 10, At: t0.Add(10 * time.Minute)}, 10},
		{governor.TierReported{Account: account, Tier: 20, At: t0.Add(20 * time.Minute)}, 20},
		{governor.TierReported{WABA: "waba", Tier: 30, At: t0.Add(30 * time.Minute)}, 30},
		{governor.TierReported{Account: account, Tier: 15, At: t0.Add(15 * time.Minute)}, 30}, // old
		{governor.TierReported{WABA: "waba", Tier: 25, At: t0.Add(25 * time.Minute)}, 30},     // old
		{governor.TierReported{Account: account, Tier: 40, At: t0.Add(30 * time.Minute)}, 30}, // both at once
		{governor.TierReported{Account: account, Tier: 29, At: t0.Add(30 * time.Minute)}, 29},
		{governor.TierReported{Account: account, Tier: tier.Unknown, At: t0.Add(40 * time.Minute)}, 29},
		{governor.TierReported{Number: n1, Tier: 5, OwnLimit: true}, 5},
		{governor.TierReported{Number: n2, Tier: 4, OwnLimit: true}, 5},
		{governor.TierReported{Number: n1, Tier: tier.Unlimited, OwnLimit: true, At: t0.AddDate(5000, 0, 0)}, 5}, // as old as now
		{governor.TierReported{Account: account, Tier: 50}, 5},
	} {
		b.observe(c.event, c.event)
		assert.Equalf(t, c.want, limit(), "after %+v", c.event)
	}
	b.at(t0.Add(2 * time.Hour))
	b.observe(governor.TierReported{Number: n1, Tier: tier.Unlimited, OwnLimit: true})
	assert.Equal(t, 50, limit())
	assert.Equal(t, 4, b.check(template(n2, alice)).Limit)
}

func TestANewerThroughputHolds(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	perSecond := func() int {
		s, err := b.gov.Snapshot(t.Context(), account)
		require.NoError(t, err)
		return s.Numbers[0].PerSecond
	}
	assert.Equal(t, 100_000, perSecond(), "as configured")
	for _, c := range []struct {
		at        time.Duration
		perSecond int
		want      int
	}{{-time.Hour, 80, 80}, {-2 * time.Hour, 1000, 80}, {-time.Hour, 1000, 80}, {-time.Hour, 20, 20}, {-time.Minute, 1000, 1000}, {time.Hour, 80, 80}, {time.Hour, 1000, 80}} {
		b.observe(governor.ThroughputReported{Number: n1, PerSecond: c.perSecond, At: t0.Add(c.at)})
		assert.Equal(t, c.want, perSecond())
	}
	b.at(t0.Add(time.Minute))
	b.observe(governor.ThroughputReported{Number: n1, PerSecond: 1000})
	assert.Equal(t, 1000, perSecond())
}

func TestAnAliasMakesOnePersonOfTwoSpellings(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 3, func(cfg *governor.Config) { cfg.AtLimit = governor.RefuseNew })
	const brazil, wa = "+55 41 98888-7777", "554188887777" // B13
	b.sent(template(n1, brazil))
	b.sent(template(n1, bsuid))
	assert.Equal(t, 2, b.used())
	same := governor.AliasLearned{Number: n1, Alias: brazil, Canonical: wa}
	b.observe(same, same, governor.AliasLearned{Number: n2, Alias: bsuid, Canonical: "+" + wa}, governor.AliasLearned{Number: n1, Alias: wa, Canonical: wa})
	assert.Equal(t, 1, b.used())
	b.observe(governor.Inbound{Number: n1, Customer: wa})
	for _, to := range []string{brazil, wa, bsuid} {
		assert.False(t, b.sent(template(n1, to)).Counted)
	}
}

// states are events about the account's condition, which can come in any order
// and more than once.
func states(r *rand.Rand, t0 time.Time) []governor.Event {
	at := func() time.Time { return t0.Add(-time.Duration(r.IntN(30*24)) * time.Hour) }
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	number := pick(n1, n2)
	tiers := []tier.Tier{1, 250, 2000, 10_000, tier.Unlimited, tier.Unknown}
	var report quality.Event
	switch r.IntN(7) {
	case 0:
		return []governor.Event{governor.TierReported{Account: account, Tier: tiers[r.IntN(6)], At: at()}}
	case 1:
		return []governor.Event{governor.TierReported{WABA: "waba", Tier: tiers[r.IntN(6)], At: at()}}
	case 2:
		return []governor.Event{governor.TierReported{Number: number, Tier: tiers[r.IntN(6)], OwnLimit: true, At: at()}}
	case 3:
		return []governor.Event{governor.ThroughputReported{Number: number, PerSecond: 1 + r.IntN(5), At: at()}}
	case 4:
		report = quality.RatingReported{Rating: quality.Rating(r.IntN(4)), At: at()}
	case 5:
		report = quality.StatusReported{Word: pick("CONNECTED", "RESTRICTED", "FLAGGED", "FOO"), At: at()}
	default:
		from := at()
		report = quality.RestrictionReported{Type: quality.RestrictionType(pick("RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_UTILITY_TEMPLATES", "BAR")), Until: from.Add(time.Duration(r.IntN(40*24)) * time.Hour), At: from}
	}
	if r.IntN(2) == 0 {
		return []governor.Event{governor.HealthReported{WABA: "waba", Report: report}}
	}
	return []governor.Event{governor.HealthReported{Number: number, Report: report}}
}

func TestTheOrderAndTheNumberOfReportsDoNotMatter(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	for round := range 60 {
		var events []governor.Event
		var want governor.Snapshot
		for shuffle := range 4 {
			b := newFixture(t, 2, nil)
			b.at(b.clock.Now().Add(60 * day))
			if shuffle == 0 {
				for range 3 + r.IntN(8) {
					events = append(events, states(r, b.clock.Now())...)
				}
			} else {
				r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			}
			b.observe(events...)
			if shuffle > 1 {
				b.observe(events[r.IntN(len(events)):]...)
			}
			got, err := b.gov.Snapshot(t.Context(), account)
			require.NoError(t, err)
			for i := range got.Numbers {
				got.Numbers[i].Unknown = quality.UnknownWords{} // counts what was news when it came
			}
			if shuffle == 0 {
				want = got
			}
			require.Equalf(t, want, got, "seed %d, round %d: %+v", seed, round, events)
		}
	}
}
