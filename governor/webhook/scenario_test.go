package webhook_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// The scenarios of the platform's rules, as far as webhooks play a part in
// them: each arrives over HTTP, signed.

func TestScenarioB05AFailedStatusGivesTheSlotBackOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.sent(marketing(sheena), "wamid.1")
	f.sent(marketing(pablo), "wamid.2")
	require.Equal(t, 2, f.used())
	failed := body(statuses(status("wamid.1", "failed", sheena, f.clock.Now(), 131049)))

	f.delivered(body(statuses(status("wamid.1", "sent", sheena, f.clock.Now(), 0))))
	f.delivered(failed)
	assert.Equal(t, 1, f.used())
	f.sent(marketing(maria), "wamid.3")
	f.delivered(failed)
	f.delivered(failed)
	assert.Equal(t, 2, f.used(), "the slot has come back once")

	utility := governor.Message{From: number, To: sheena, Template: "notice", Category: governor.Utility}
	rested := f.check(marketing(sheena))
	assert.Equal(t, "opted_out", rested.Reason.String(), "131049 asks to leave the person alone for a day")
	assert.Equal(t, f.clock.Now().Add(day), rested.RetryAt.UTC())
	assert.Equal(t, "tier_limit", f.check(utility).Reason.String())
}

func TestScenarioB05AFailureNeverTakesASlotThatALaterMessageNeeds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.sent(marketing(sheena), "wamid.1")
	f.clock.Advance(time.Hour)
	f.sent(marketing(sheena), "wamid.2")
	f.delivered(body(statuses(status("wamid.1", "failed", sheena, f.clock.Now(), 131026))))
	assert.Equal(t, 1, f.used())
	f.delivered(body(statuses(status("wamid.2", "failed", sheena, f.clock.Now(), 131026))))
	assert.Zero(t, f.used())
}

func TestScenarioB09ARestrictionStopsNotificationsAndLapsesByItself(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	until := f.clock.Now().Add(3 * day)
	f.delivered(body(
		wrote(sheena, f.clock.Now(), "Hello"),
		about(waba, "account_update", f.clock.Now(), fmt.Sprintf(
			`{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":%d}]}`,
			until.Unix()))))

	for range 3 {
		d := f.check(marketing(pablo))
		assert.Equal(t, "restricted", d.Reason.String())
		assert.Equal(t, until, d.RetryAt.UTC())
		assert.Equal(t, "RESTRICTED_BIZ_INITIATED_MESSAGING", d.Detail)
		assert.True(t, f.check(reply(sheena)).Allowed)
		f.clock.Advance(day - time.Second)
		f.delivered(body(wrote(sheena, f.clock.Now(), "Still there?")))
	}
	f.clock.Set(until.Add(-time.Millisecond))
	assert.False(t, f.check(marketing(pablo)).Allowed)
	f.clock.Set(until)
	assert.True(t, f.check(marketing(pablo)).Allowed, "and nobody said so")
}

func TestScenarioB11AnAccountRestrictionWithoutRestrictionsRestrictsNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"wh_account_update_utility_abuse_warning", "wh_account_update_utility_abuse_unban", "wh_account_update_utility_rate_limit_recovery",
	} {
		f := newFixture(t, 250, nil)
		f.clock.Set(newest(t, payload(t, name)))
		before := f.standing()
		f.delivered(payload(t, name))
		assert.Empty(t, changes(before, f.standing()), name)
	}
}

func TestScenarioB12AThroughputUpgradeIsNoMessagingLimit(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"wh_phone_number_quality_update_throughput_upgrade", "wh_phone_number_quality_update_throughput_upgrade_2026"} {
		f := newFixture(t, 2, nil)
		f.clock.Set(newest(t, payload(t, name)))
		f.sent(marketing(sheena), "wamid.1")
		f.sent(marketing(pablo), "wamid.2")
		f.delivered(body(statuses(status("wamid.1", "delivered", sheena, f.clock.Now(), 0)))) // tells which number is which
		f.delivered(payload(t, name))
		s := f.snapshot()
		assert.Equal(t, "2", s.Tier.String(), name)
		assert.Equal(t, "tier_limit", f.check(marketing(maria)).Reason.String())
		i := 0
		for s.Numbers[i].ID != number {
			i++
		}
		assert.Equal(t, 1000, s.Numbers[i].PerSecond)
	}
}

func TestScenarioB13OneInboundOpensTheWindowOfBothSpellings(t *testing.T) {
	t.Parallel()
	const dialled, known = "+55 41 98888-7777", "554188887777"
	f := newFixture(t, 2, nil)
	r, err := f.gov.Reserve(t.Context(), marketing(dialled))
	require.NoError(t, err)
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1", Recipient: known}))

	f.delivered(body(wrote(known, f.clock.Now(), "Oi")))
	assert.Equal(t, 1, f.used())
	for _, spelling := range []string{dialled, known} {
		assert.False(t, f.check(marketing(spelling)).Counted, spelling)
		assert.True(t, f.check(reply(spelling)).Allowed, spelling)
	}
	f.delivered(body(statuses(status("wamid.1", "failed", known, f.clock.Now(), 131026))))
	assert.Zero(t, f.used(), "one slot")
}

func TestScenarioB13PhoneNumberAndUserIDAreOnePerson(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.clock.Set(newest(t, payload(t, "wh_status_delivered_bsuid_and_phone")))
	f.sent(marketing(sheena), "wamid.1")
	f.sent(marketing(sheenaUserID), "wamid.2")
	require.Equal(t, 2, f.used(), "nobody has said yet that they are one")
	f.delivered(payload(t, "wh_status_delivered_bsuid_and_phone"))
	assert.Equal(t, 1, f.used())
	f.delivered(body(wrote(sheena, f.clock.Now(), "Hello")))
	assert.False(t, f.check(marketing(sheenaUserID)).Counted)
}

func TestScenarioB16ABatchWithADuplicateOfEachIsASingleDelivery(t *testing.T) {
	t.Parallel()
	once, twice := newFixture(t, 2000, nil), newFixture(t, 2000, nil)
	var list, doubled []string
	for i := range 1000 {
		to, id := fmt.Sprintf("1650%07d", i), fmt.Sprintf("wamid.%d", i)
		once.sent(governor.Message{From: number, To: to, Template: "offer", Category: governor.Marketing}, id)
		twice.sent(governor.Message{From: number, To: to, Template: "offer", Category: governor.Marketing}, id)
		if i%20 == 19 { // no faster than the number may
			once.clock.Advance(time.Second)
			twice.clock.Advance(time.Second)
		}
		news := status(id, "delivered", to, once.clock.Now(), 0)
		if i%3 == 0 {
			news = status(id, "failed", to, once.clock.Now(), []int{131026, 131049, 131050}[i%9/3])
		}
		list = append(list, news)
		doubled = append(doubled, news, news)
	}
	once.delivered(body(statuses(list...)))
	twice.delivered(body(statuses(doubled...)))
	assert.Equal(t, 666, once.used())
	assert.Equal(t, once.snapshot(), twice.snapshot())
	for i := range 1000 {
		m := marketing(fmt.Sprintf("1650%07d", i))
		require.Equal(t, once.check(m), twice.check(m))
	}
}

func TestScenarioB17AFailureThatOvertakesTheAnswerGivesTheSlotBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	failed := body(statuses(status("wamid.1", "failed", sheena, f.clock.Now(), 131026)))
	r, err := f.gov.Reserve(t.Context(), marketing(sheena))
	require.NoError(t, err)
	f.delivered(failed) // while the answer is on its way
	f.delivered(failed)
	assert.Equal(t, 1, f.used())
	require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1"}))
	assert.Zero(t, f.used())
}

func TestScenarioB18AnInboundThatIsDaysLateOpensNoWindow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	late := body(wrote(sheena, f.clock.Now(), "Hello"))
	f.clock.Advance(3 * day)
	f.delivered(late)
	assert.True(t, f.check(marketing(sheena)).Counted)
	assert.Equal(t, "window_closed", f.check(reply(sheena)).Reason.String())

	f.delivered(body(wrote(sheena, f.clock.Now().Add(-time.Hour), "Hello?")))
	f.delivered(late)
	assert.False(t, f.check(marketing(sheena)).Counted, "nor does it shut one")
	f.clock.Advance(23*time.Hour - time.Millisecond)
	assert.True(t, f.check(reply(sheena)).Allowed)
	f.clock.Advance(time.Millisecond)
	assert.False(t, f.check(reply(sheena)).Allowed, "24 hours after the message, not after the webhook")
}
