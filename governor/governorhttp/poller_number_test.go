package governorhttp_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func TestAPollTellsANumbersLimitRatingStatusAndThroughput(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(payload(t, "graph_phone_governor_poll.json"))
	p.poll()

	s := p.snapshot()
	assert.Equal(t, tier.Tier2K, s.Tier)
	assert.Equal(t, p.clock.Now(), s.Reported)
	n := p.number(number)
	assert.Equal(t, quality.Connected, n.Health)
	assert.Equal(t, quality.High, n.Rating)
	assert.Equal(t, tier.Tier2K, n.Tier)
	assert.Equal(t, 80, n.PerSecond)
}

func TestAPolledStatusAndRatingHoldNotificationsBack(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(payload(t, "graph_phone_governor_poll_restricted_red.json"))
	p.poll()

	assert.Equal(t, quality.Restricted, p.number(number).Health)
	assert.Equal(t, quality.Low, p.number(number).Rating)
	d := p.sends()
	assert.False(t, d.Allowed)
	assert.Equal(t, governor.PlatformRestricted, d.Reason)
	assert.Equal(t, "RESTRICTED", d.Detail)

	p.lists(node(number, `"status":"CONNECTED","quality_rating":"YELLOW"`))
	p.poll()
	assert.True(t, p.sends().Allowed)
	assert.Equal(t, quality.Medium, p.number(number).Rating)
}

func TestAnUnknownStatusIsNotHealthy(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node(number, `"status":"FOO"`))
	p.poll()
	assert.False(t, p.sends().Allowed)
}

func TestANumbersLimitIsTheAccounts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, waba, fields string
		want               tier.Tier
	}{
		{"the new field", "", `"whatsapp_business_manager_messaging_limit":"TIER_10K"`, tier.Tier10K},
		{"the old field", "", `"messaging_limit_tier":"TIER_1K"`, tier.Tier1K},
		{"both: the new one", "", `"whatsapp_business_manager_messaging_limit":"TIER_2K","messaging_limit_tier":"TIER_10K"`, tier.Tier2K},
		{"the WABA's alone", "TIER_10K", ``, tier.Tier10K},
		{"the number's is smaller", "TIER_10K", `"whatsapp_business_manager_messaging_limit":"TIER_2K"`, tier.Tier2K},
		{"the WABA's is smaller", "TIER_2K", `"messaging_limit_tier":"TIER_UNLIMITED"`, tier.Tier2K},
		{"none", "", ``, tier.Tier250},
		{"not set", "", `"whatsapp_business_manager_messaging_limit":"TIER_NOT_SET"`, tier.Tier250},
		{"unlimited", "TIER_UNLIMITED", `"whatsapp_business_manager_messaging_limit":"TIER_UNLIMITED"`, tier.Unlimited},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			if row.waba != "" {
				p.says(waba, `{"id":"`+waba+`","whatsapp_business_manager_messaging_limit":"`+row.waba+`"}`)
			}
			p.lists(node(number, row.fields))
			p.poll()
			assert.Equal(t, row.want, p.snapshot().Tier)
			assert.Equal(t, row.want, p.number(number).Tier)
			assert.Equal(t, row.want, p.number(secondNumber).Tier)
		})
	}
}

// An account that the WABA is not yet known to have gets the same.
func TestASmallerLimitOfTheWABABindsItsNumbersWhosever(t *testing.T) {
	t.Parallel()
	p := newPolledWith(t, governor.Config{})
	p.says(waba, `{"id":"`+waba+`","whatsapp_business_manager_messaging_limit":"TIER_2K"}`)
	p.lists(node(number, `"whatsapp_business_manager_messaging_limit":"TIER_10K"`))
	p.poll()
	s, err := p.gov.Snapshot(t.Context(), number)
	require.NoError(t, err)
	assert.Equal(t, tier.Tier2K, s.Tier)
}

func TestALimitThatNobodyKnowsChangesNoneAndIsTold(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node(number, `"whatsapp_business_manager_messaging_limit":"TIER_2K"`))
	p.poll()
	p.lists(node(number, `"whatsapp_business_manager_messaging_limit":"TIER_HUGE","status":"CONNECTED"`))

	err := p.tryPoll()
	require.ErrorIs(t, err, tier.ErrUnknown)
	assert.NotContains(t, err.Error(), "HUGE")
	assert.Equal(t, tier.Tier2K, p.snapshot().Tier)
	assert.Equal(t, quality.Connected, p.number(number).Health, "the rest is taken up")
}

func TestANumberHasALimitOfItsOwnOnlyWhileItsNameIsNotApproved(t *testing.T) {
	t.Parallel()
	const small = `"whatsapp_business_manager_messaging_limit":"TIER_250","name_status":`
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`","whatsapp_business_manager_messaging_limit":"TIER_2K"}`)
	for _, step := range []struct {
		name, fields string
		own, all     tier.Tier
	}{
		{"pending", small + `"PENDING_REVIEW"`, tier.Tier250, tier.Tier2K},
		{"pending, and no number for it", `"name_status":"PENDING_REVIEW"`, tier.Tier250, tier.Tier2K},
		{"its name is not told", `"whatsapp_business_manager_messaging_limit":"TIER_2K"`, tier.Tier250, tier.Tier2K},
		{"approved", `"whatsapp_business_manager_messaging_limit":"TIER_2K","name_status":"APPROVED"`, tier.Tier2K, tier.Tier2K},
		{"limited by its health", small + `"APPROVED","health_status":` + limitedHealth, tier.Tier250, tier.Tier2K},
		{"approved, so it is the account's that fell", small + `"APPROVED"`, tier.Tier250, tier.Tier250},
	} {
		p.lists(node(number, step.fields), node(secondNumber, ""))
		p.poll()
		assert.Equal(t, step.own, p.number(number).Tier, step.name)
		assert.Equal(t, step.all, p.snapshot().Tier, step.name)
		assert.Equal(t, step.all, p.number(secondNumber).Tier, step.name)
	}
}

const limitedHealth = `{"can_send_message":"LIMITED","entities":[{"entity_type":"PHONE_NUMBER","can_send_message":"LIMITED",` +
	`"additional_info":["Your display name has not been approved yet."]}]}`

func TestThroughputIsAThroughputAndNoMessagingLimit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, fields string
		want         int
	}{
		{"upgraded", `"throughput":{"level":"HIGH"}`, 1000},
		{"upgraded, not shared", `"throughput":{"level":"HIGH"},"is_on_biz_app":false`, 1000},
		{"standard", `"throughput":{"level":"STANDARD"},"is_on_biz_app":false`, 80},
		{"shared", `"throughput":{"level":"STANDARD"},"is_on_biz_app":true`, 20},
		{"shared without a level", `"is_on_biz_app":true`, 20},
		{"standard may be shared", `"throughput":{"level":"STANDARD"}`, 50},
		{"not applicable", `"throughput":{"level":"NOT_APPLICABLE"},"is_on_biz_app":false`, 50},
		{"not told", ``, 50},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPolledWith(t, governor.Config{Accounts: []governor.Account{
				{ID: account, Numbers: []governor.Number{{ID: number, WABA: waba, PerSecond: 50}}},
			}})
			p.lists(node(number, row.fields))
			p.poll()
			assert.Equal(t, row.want, p.number(number).PerSecond)
			assert.Equal(t, tier.Tier250, p.snapshot().Tier)
		})
	}
}

func TestAThroughputThatNobodyKnowsChangesNoneAndIsTold(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node(number, `"throughput":{"level":"COLOSSAL"},"status":"CONNECTED"`))
	require.ErrorContains(t, p.tryPoll(), "throughput")
	assert.Equal(t, 80, p.number(number).PerSecond)
	assert.Equal(t, quality.Connected, p.number(number).Health)
}

func TestOfRatingAndScoreTheWorseCounts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		fields string
		want   quality.Rating
	}{
		{`"quality_rating":"GREEN","quality_score":{"score":"YELLOW"}`, quality.Medium},
		{`"quality_rating":"RED","quality_score":{"score":"GREEN"}`, quality.Low},
		{`"quality_rating":"UNKNOWN","quality_score":{"score":"GREEN"}`, quality.High},
		{`"quality_rating":"YELLOW","quality_score":{"score":"NA"}`, quality.Medium},
		{`"quality_rating":"NA"`, quality.RatingUnknown},
		{`"quality_score":{"score":"RED","date":1758754645}`, quality.Low},
		{`"quality_rating":"GREEN","quality_score":{"score":"PURPLE"}`, quality.RatingUnknown},
	} {
		t.Run(row.fields, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.lists(node(number, row.fields))
			p.poll()
			assert.Equal(t, row.want, p.number(number).Rating)
		})
	}
}

func TestWhatANumberDoesNotTellStaysAsItWas(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(payload(t, "graph_phone_governor_poll_restricted_red.json"))
	p.poll()
	before := p.number(number)
	p.lists(node(number, ""))
	p.poll()
	after := p.number(number)
	assert.Equal(t, before.Health, after.Health)
	assert.Equal(t, before.Rating, after.Rating)
	assert.Equal(t, before.Tier, after.Tier)
}

// A webhook that comes between request and answer tells what is newer.
func TestAWebhookThatComesWhileTheAnswerIsUnderWayWins(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.does(waba+"/phone_numbers", func(w http.ResponseWriter, _ *http.Request) {
		p.clock.Advance(10 * time.Second)
		assert.NoError(t, p.gov.Observe(context.Background(),
			governor.HealthReported{Number: number, Report: quality.StatusReported{Word: "BANNED", At: p.clock.Now()}},
			governor.TierReported{Number: number, Tier: tier.Tier250, At: p.clock.Now()},
		))
		p.clock.Advance(10 * time.Second)
		_, _ = w.Write([]byte(`{"data":[` + payload(t, "graph_phone_governor_poll.json") + `]}`))
	})
	p.poll()
	assert.Equal(t, quality.Banned, p.number(number).Health)
	assert.Equal(t, tier.Tier250, p.snapshot().Tier)
}

// Webhooks have whole seconds, so one of the request's own second may be newer.
func TestOfAWebhookInTheSecondOfTheRequestTheStricterHolds(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node(number, `"status":"CONNECTED","whatsapp_business_manager_messaging_limit":"TIER_2K"`))
	second := p.clock.Now().Add(time.Minute)
	p.clock.Advance(900 * time.Millisecond)
	p.poll()
	p.observe(
		governor.HealthReported{Number: number, Report: quality.StatusReported{Word: "RESTRICTED", At: second}},
		governor.TierReported{Number: number, Tier: tier.Tier250, At: second},
	)
	assert.Equal(t, quality.Restricted, p.number(number).Health)
	assert.Equal(t, tier.Tier250, p.snapshot().Tier)
}

func TestANumberThatTheGovernorDoesNotKnowIsToldOnceARound(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node("106540352249999", `"status":"CONNECTED","quality_rating":"GREEN","health_status":`+good),
		node(number, `"status":"BANNED"`))
	err := p.tryPoll()
	require.ErrorIs(t, err, governor.ErrUnknownNumber)
	faults := pollErrors(err)
	require.Len(t, faults, 1)
	assert.Equal(t, governor.ErrUnknownNumber, faults[0].Err)
	assert.Equal(t, "106540352249999", faults[0].Number)
	assert.Equal(t, waba, faults[0].WABA)
	assert.Equal(t, quality.Banned, p.number(number).Health, "the others are told")
}
