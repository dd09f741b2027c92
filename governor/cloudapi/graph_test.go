package cloudapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestEveryPhoneNumberPayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	no := false
	const id = "106540352242922"
	const hooks = "https://www.luckyshrub.com/webhooks"
	for name, want := range map[string]cloudapi.PhoneNumber{
		"graph_phone_status":             {ID: id, Status: "CONNECTED"},
		"graph_phone_limit_new_field":    {ID: id, Limit: "TIER_250"},
		"graph_phone_limit_legacy_field": {ID: id, LegacyLimit: "TIER_1K"},
		"graph_phone_default_fields": {
			ID: id, Display: "15550783881", VerifiedName: "Lucky Shrub", CodeVerification: "VERIFIED", QualityRating: "GREEN",
			Platform: "CLOUD_API", Throughput: "STANDARD", WebhookURL: hooks,
		},
		"graph_phone_governor_poll": {
			ID: id, Display: "+1 555-078-3881", VerifiedName: "Lucky Shrub", NameStatus: "APPROVED", Status: "CONNECTED",
			QualityRating: "GREEN", QualityScore: cloudapi.Score{Word: "GREEN"}, Limit: "TIER_2K", Throughput: "STANDARD",
			Platform: "CLOUD_API", Mode: "LIVE", CodeVerification: "VERIFIED", OnBizApp: &no,
			LastOnboarded: time.Date(2025, time.August, 22, 19, 5, 53, 0, time.UTC), WebhookURL: hooks,
		},
		"graph_phone_governor_poll_restricted_red": {
			ID: id, Status: "RESTRICTED", QualityRating: "RED", QualityScore: cloudapi.Score{Word: "RED", At: at(1758754645)},
			Limit: "TIER_2K", Throughput: "STANDARD",
		},
	} {
		got, err := cloudapi.ParsePhoneNumber(payload(t, name))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	assert.Equal(t, "number 1 FLAGGED", cloudapi.PhoneNumber{ID: "1", Display: "15550783881", Status: "FLAGGED"}.String())
}

func TestAPhoneNumberOfUnexpectedTypesIsUnknown(t *testing.T) {
	t.Parallel()
	got, err := cloudapi.ParsePhoneNumber([]byte(`{"id":106540352242922,"status":true,"quality_rating":{},"quality_score":"red",
		"whatsapp_business_manager_messaging_limit":{"x":1},"messaging_limit_tier":1000,"throughput":"HIGH","is_on_biz_app":"true",
		"is_pin_enabled":1,"last_onboarded_time":"yesterday","health_status":[],"STATUS":"CONNECTED"}`))
	require.NoError(t, err)
	yes := true
	assert.Equal(t, cloudapi.PhoneNumber{
		ID: "106540352242922", QualityScore: cloudapi.Score{Word: "RED"}, LegacyLimit: "1000", OnBizApp: &yes,
	}, got)
}

func TestAListOfPhoneNumbersEndsWhereThePlatformSaysSo(t *testing.T) {
	t.Parallel()
	page, err := cloudapi.ParsePhoneNumbers(payload(t, "graph_waba_phone_numbers_list"))
	require.NoError(t, err)
	assert.Equal(t, cloudapi.Page[cloudapi.PhoneNumber]{Items: []cloudapi.PhoneNumber{
		{ID: "1906385232743451", Display: "+1 631-555-5555", VerifiedName: "Jasper's Market", QualityRating: "GREEN"},
		{ID: "1913623884432103", Display: "+1 631-555-5556", VerifiedName: "Jasper's Ice Cream", QualityRating: "NA"},
	}}, page)

	page, err = cloudapi.ParsePhoneNumbers([]byte(`{"data":[{"id":"1"},7,{"id":"2"}],
		"paging":{"cursors":{"after":"QVFI"},"next":"https://graph.facebook.com/v25.0/1/phone_numbers?access_token=EAAG"}}`))
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)
	assert.Equal(t, "QVFI", page.After)
	assert.Equal(t, []cloudapi.Problem{{Path: "data[1]", Reason: "not an object"}}, page.Problems)
}

func TestTemplatesAreReadAsNodesAndAsPages(t *testing.T) {
	t.Parallel()
	score, err := cloudapi.ParseTemplate(payload(t, "graph_template_quality_score"))
	require.NoError(t, err)
	assert.Equal(t, cloudapi.TemplateNode{
		TemplateRef: cloudapi.TemplateRef{ID: "1387372356726668"}, Quality: cloudapi.Score{Word: "GREEN", At: at(1758754645)},
	}, score)

	page, err := cloudapi.ParseTemplates([]byte(`{"data":[{"id":"9","name":"order_confirmation","language":"en_US",
		"status":"APPROVED","category":"UTILITY","previous_category":"MARKETING","correct_category":"marketing",
		"rejected_reason":"NONE","quality_score":{"score":"UNKNOWN"}}]}`))
	require.NoError(t, err)
	assert.Equal(t, []cloudapi.TemplateNode{{
		TemplateRef: cloudapi.TemplateRef{ID: "9", Name: "order_confirmation", Language: "en_US"},
		Status:      "APPROVED", Category: "UTILITY", PreviousCategory: "MARKETING", CorrectCategory: "MARKETING",
		Rejection: "NONE", Quality: cloudapi.Score{Word: "UNKNOWN"},
	}}, page.Items)
}

func TestAWABANamesItsPortfolio(t *testing.T) {
	t.Parallel()
	got, err := cloudapi.ParseWABA([]byte(`{"id":"102290129340398","name":"Lucky Shrub","status":"active",
		"account_review_status":"APPROVED","business_verification_status":"verified",
		"owner_business_info":{"id":"506914307656634","name":"Lucky Shrub Ltd"},
		"whatsapp_business_manager_messaging_limit":"TIER_2K","disable_marketing_messages_on_cloud_api":true,
		"health_status":{"can_send_message":"AVAILABLE"}}`))
	require.NoError(t, err)
	yes := true
	assert.Equal(t, cloudapi.WABA{
		ID: "102290129340398", Name: "Lucky Shrub", Status: "ACTIVE", AccountReview: "APPROVED", BusinessVerification: "VERIFIED",
		Portfolio: "506914307656634", PortfolioName: "Lucky Shrub Ltd", Limit: "TIER_2K", MarketingElsewhere: &yes,
		Health: cloudapi.Health{Overall: "AVAILABLE"},
	}, got)
}

func TestEveryHealthPayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ overall, canSend string }{
		"graph_health_status_available":               {"AVAILABLE", "AVAILABLE"},
		"graph_health_status_limited":                 {"LIMITED", "LIMITED"},
		"graph_health_status_blocked_template_141002": {"BLOCKED", "BLOCKED"},
		// Only calls by SIP are blocked, yet the platform's sample says
		// BLOCKED overall.
		"graph_health_status_blocked_sip": {"BLOCKED", "AVAILABLE"},
	} {
		health, err := cloudapi.ParseHealth(payload(t, name))
		require.NoError(t, err, name)
		assert.Equal(t, want.overall, health.Overall, name)
		assert.Equal(t, want.canSend, health.CanSend(), name)
		portfolio, ok := health.Entity("BUSINESS")
		require.True(t, ok, name)
		assert.Equal(t, "506914307656634", portfolio.ID, name)
		number, err := cloudapi.ParsePhoneNumber(payload(t, name))
		require.NoError(t, err)
		assert.Equal(t, health, number.Health)
	}
	health, err := cloudapi.ParseHealth(payload(t, "graph_health_status_blocked_template_141002"))
	require.NoError(t, err)
	template, ok := health.Entity("MESSAGE_TEMPLATE")
	require.True(t, ok)
	assert.Equal(t, cloudapi.HealthEntity{
		Type: "MESSAGE_TEMPLATE", ID: "2632273056924580", CanSend: "BLOCKED", CanCallSIP: "AVAILABLE",
		Errors: []cloudapi.HealthError{{
			Code: 141002, Description: "Message templates can only be sent out if they are approved.",
			Solution: "Edit or appeal the message template review decision.",
		}},
	}, template)
	limited, err := cloudapi.ParseHealth(payload(t, "graph_health_status_limited"))
	require.NoError(t, err)
	number, _ := limited.Entity("PHONE_NUMBER")
	assert.Equal(t, []string{
		"Your display name has not been approved yet. Your message limit will increase after the display name is approved.",
	}, number.Info)
	_, ok = limited.Entity("MESSAGE_TEMPLATE")
	assert.False(t, ok)

	odd, err := cloudapi.ParseHealth([]byte(`{"health_status":{"entities":[7,{"errors":[{"error_code":"x"}],"additional_info":"a"}]}}`))
	require.NoError(t, err)
	assert.Equal(t, []cloudapi.HealthEntity{{Errors: []cloudapi.HealthError{{}}, Info: []string{"a"}}}, odd.Entities)
}

func TestTheWorstWordOfHealthCounts(t *testing.T) {
	t.Parallel()
	entities := func(words ...string) (list []cloudapi.HealthEntity) {
		for _, word := range words {
			list = append(list, cloudapi.HealthEntity{CanSend: word})
		}
		return list
	}
	for _, step := range []struct {
		health cloudapi.Health
		want   string
	}{
		{cloudapi.Health{}, ""},
		{cloudapi.Health{Overall: "LIMITED"}, "LIMITED"},
		{cloudapi.Health{Overall: "BLOCKED", Entities: entities("AVAILABLE", "AVAILABLE")}, "AVAILABLE"},
		{cloudapi.Health{Overall: "BLOCKED", Entities: entities("AVAILABLE", "")}, "BLOCKED"},
		{cloudapi.Health{Overall: "AVAILABLE", Entities: entities("AVAILABLE", "LIMITED", "AVAILABLE")}, "LIMITED"},
		{cloudapi.Health{Overall: "AVAILABLE", Entities: entities("LIMITED", "PAUSED")}, "PAUSED"},
		{cloudapi.Health{Overall: "AVAILABLE", Entities: entities("PAUSED", "BLOCKED")}, "BLOCKED"},
	} {
		assert.Equal(t, step.want, step.health.CanSend())
	}
}

func TestAGraphErrorIsAnErrorOfThePlatform(t *testing.T) {
	t.Parallel()
	parsers := map[string]func([]byte) error{
		"number":    func(b []byte) error { _, err := cloudapi.ParsePhoneNumber(b); return err },
		"numbers":   func(b []byte) error { _, err := cloudapi.ParsePhoneNumbers(b); return err },
		"waba":      func(b []byte) error { _, err := cloudapi.ParseWABA(b); return err },
		"template":  func(b []byte) error { _, err := cloudapi.ParseTemplate(b); return err },
		"templates": func(b []byte) error { _, err := cloudapi.ParseTemplates(b); return err },
		"health":    func(b []byte) error { _, err := cloudapi.ParseHealth(b); return err },
	}
	for name, parser := range parsers {
		var got *cloudapi.Error
		require.ErrorAs(t, parser(payload(t, "err_190_token_expired")), &got, name)
		assert.Equal(t, 190, got.Code, name)
		for _, body := range []string{"", "[]", "x", "null"} {
			require.ErrorIs(t, parser([]byte(body)), cloudapi.ErrMalformed, name)
		}
	}
	assert.ErrorIs(t, parsers["numbers"]([]byte(`{}`)), cloudapi.ErrMalformed)
	assert.ErrorIs(t, parsers["templates"]([]byte(`{"data":{}}`)), cloudapi.ErrMalformed)
}

func FuzzParsePhoneNumber(f *testing.F) {
	for _, name := range payloads(f, "graph_") {
		f.Add(payload(f, name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		number, err := cloudapi.ParsePhoneNumber(body)
		if err != nil {
			require.Zero(t, number)
			return
		}
		if health, err := cloudapi.ParseHealth(body); err == nil {
			require.Equal(t, number.Health, health)
		}
		_, wabaErr := cloudapi.ParseWABA(body)
		_, templateErr := cloudapi.ParseTemplate(body)
		require.NoError(t, wabaErr)
		require.NoError(t, templateErr)
	})
}

func FuzzParsePage(f *testing.F) {
	f.Add(payload(f, "graph_waba_phone_numbers_list"))
	f.Add([]byte(`{"data":[{},7],"paging":{"next":"x","cursors":{"after":"a"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		numbers, err := cloudapi.ParsePhoneNumbers(body)
		templates, templatesErr := cloudapi.ParseTemplates(body)
		require.Equal(t, err == nil, templatesErr == nil)
		require.Len(t, templates.Items, len(numbers.Items))
		require.Equal(t, numbers.After, templates.After)
	})
}
