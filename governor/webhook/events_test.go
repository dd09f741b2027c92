package webhook_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/webhook"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

var (
	t0   = governortest.Start
	seen = governor.NumberSeen{Number: number, WABA: waba, Display: "15550783881"}
)

func TestEventsAreWhatTheWebhookSays(t *testing.T) {
	t.Parallel()
	about := func(field, value string) string { return about(waba, field, t0, value) }
	health := func(report quality.Event) governor.Event { return governor.HealthReported{WABA: waba, Report: report} }
	at := fmt.Sprint(t0.Unix())
	for _, c := range []struct {
		name  string
		entry string
		want  []governor.Event
	}{
		{"a text", wrote(sheena, t0, "Hi"), []governor.Event{seen, governor.Inbound{Number: number, Customer: sheena, At: t0}}},
		{
			"a call by the customer",
			messages(`"calls":[{"id":"wacid.1","from":"16505551234","to":"15550783881","event":"connect","direction":"USER_INITIATED","timestamp":"` + at + `"}]`),
			[]governor.Event{seen, governor.Inbound{Number: number, Customer: sheena, At: t0}},
		},
		{
			"a call by the business",
			messages(`"calls":[{"id":"wacid.1","from":"15550783881","to":"16505551234","event":"connect","direction":"BUSINESS_INITIATED","timestamp":"` + at + `"}]`),
			[]governor.Event{seen},
		},
		{
			"the status of a call",
			about("calls", `{"metadata":{"phone_number_id":"`+number+`"},"statuses":[{"id":"wacid.1","type":"call","status":"RINGING","timestamp":"`+at+`"}]}`),
			[]governor.Event{governor.NumberSeen{Number: number, WABA: waba}},
		},
		{
			"a person with both IDs and a parent",
			messages(`"contacts":[{"wa_id":"16505551234","user_id":"US.1","parent_user_id":"US.ENT.2"}],"statuses":[` + status("wamid.1", "sent", sheena, t0, 0) + `]`),
			[]governor.Event{
				seen,
				governor.AliasLearned{Number: number, Alias: "US.1", Canonical: sheena},
				governor.AliasLearned{Number: number, Alias: "US.ENT.2", Canonical: sheena},
				governor.MessageStatus{Number: number, MessageID: "wamid.1", Recipient: sheena, Status: governor.Sent, At: t0},
			},
		},
		{
			"a failure with two errors",
			messages(`"statuses":[{"id":"wamid.1","status":"failed","recipient_user_id":"US.1","timestamp":"` + at + `","errors":[{"code":131050},{"code":131026},{"title":"no code"}]}]`),
			[]governor.Event{
				seen,
				governor.SendRefused{Number: number, WABA: waba, Recipient: "US.1", Code: 131050, At: t0},
				governor.SendRefused{Number: number, WABA: waba, Recipient: "US.1", Code: 131026, At: t0},
				governor.MessageStatus{Number: number, MessageID: "wamid.1", Recipient: "US.1", Status: governor.Failed, Code: 131050, At: t0},
			},
		},
		{
			"failures of a whole number",
			statuses(status("wamid.1", "failed", sheena, t0, 131048), status("wamid.2", "failed", pablo, t0.Add(time.Second), 131048), status("wamid.3", "failed", pablo, t0, 131048)),
			[]governor.Event{
				seen,
				governor.SendRefused{Number: number, WABA: waba, Code: 131048, At: t0.Add(time.Second)},
				governor.MessageStatus{Number: number, MessageID: "wamid.1", Recipient: sheena, Status: governor.Failed, Code: 131048, At: t0},
				governor.MessageStatus{Number: number, MessageID: "wamid.2", Recipient: pablo, Status: governor.Failed, Code: 131048, At: t0.Add(time.Second)},
				governor.MessageStatus{Number: number, MessageID: "wamid.3", Recipient: pablo, Status: governor.Failed, Code: 131048, At: t0},
			},
		},
		{
			"a conversation's category where pricing says nothing",
			messages(`"statuses":[{"id":"wamid.1","status":"delivered","recipient_id":"16505551234","timestamp":"` + at + `","conversation":{"id":"1","origin":{"type":"utility"}}}]`),
			[]governor.Event{seen, governor.MessageStatus{
				Number: number, MessageID: "wamid.1", Recipient: sheena, Status: governor.Delivered, At: t0, Pricing: "utility",
			}},
		},
		{
			"a group",
			messages(`"statuses":[{"id":"wamid.1","status":"delivered","recipient_type":"group","recipient_id":"120363404694233820","timestamp":"` + at + `"}]`),
			[]governor.Event{seen, governor.MessageStatus{
				Number: number, MessageID: "wamid.1", Recipient: "group:120363404694233820", Status: governor.Delivered, At: t0,
			}},
		},
		{
			"a limit and throughput",
			about("phone_number_quality_update", `{"display_phone_number":"15550783881","event":"UPGRADE","current_limit":"TIER_2K","max_daily_conversations_per_business":"TIER_10K"}`),
			[]governor.Event{governor.TierReported{WABA: waba, Display: "15550783881", Tier: tier.Tier10K, At: t0}},
		},
		{
			"a flag is no limit",
			about("phone_number_quality_update", `{"display_phone_number":"15550783881","event":"FLAGGED","current_limit":"TIER_10K"}`),
			[]governor.Event{governor.HealthReported{WABA: waba, Display: "15550783881", Report: quality.FlagReported{Flagged: true, At: t0}}},
		},
		{"a limit not set", about("phone_number_quality_update", `{"display_phone_number":"15550783881","event":"ONBOARDING","current_limit":"TIER_NOT_SET"}`), nil},
		{"more numbers", about("business_capability_update", `{"max_phone_numbers_per_business":20}`), nil},
		{"a warning", about("account_update", `{"event":"ACCOUNT_RESTRICTION","violation_info":{"violation_type":"UTILITY_TEMPLATE_ABUSE"}}`), nil},
		{
			"restrictions in whatever event",
			about("account_update", `{"event":"ACCOUNT_VIOLATION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING"},{"restriction_type":"NEW_ONE","expiration":`+at+`}]}`),
			[]governor.Event{
				health(quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, At: t0}),
				health(quality.RestrictionReported{Type: "NEW_ONE", Until: t0, At: t0}),
			},
		},
		{
			"the end of a rate limit",
			about("account_update", `{"event":"ACCOUNT_RESTRICTION","violation_info":{"violation_type":"UTILITY_TEMPLATE_ABUSE_RATE_LIMIT_RECOVERY"}}`),
			[]governor.Event{
				health(quality.RestrictionLifted{Type: quality.RateLimitedUtility, At: t0}),
				health(quality.RestrictionLifted{Type: quality.TemplateClassificationLimit, At: t0}),
			},
		},
		{
			"the end of a suspension",
			about("account_update", `{"event":"ACCOUNT_RESTRICTION","violation_info":{"violation_type":"UTILITY_TEMPLATE_ABUSE_UNBAN"}}`),
			[]governor.Event{health(quality.RestrictionLifted{Type: quality.RestrictedUtility, At: t0})},
		},
		{
			"a ban on a day",
			about("account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"SCHEDULE_FOR_DISABLE","waba_ban_date":"January 3, 2026"}}`),
			[]governor.Event{health(quality.BanReported{State: "SCHEDULE_FOR_DISABLE", Date: t0.Add(2 * day), At: t0})},
		},
		{"a ban that says nothing", about("account_update", `{"event":"DISABLED_UPDATE"}`), []governor.Event{health(quality.BanReported{At: t0})}},
		{"a review", about("account_review_update", `{"decision":"rejected"}`), []governor.Event{health(quality.ReviewReported{Decision: "REJECTED", At: t0})}},
		{
			"a partner's customer, by the WABA it names",
			about("account_update", `{"event":"PARTNER_REMOVED","waba_info":{"waba_id":"`+partnerWABA+`"}}`),
			[]governor.Event{governor.HealthReported{WABA: partnerWABA, Report: quality.StatusReported{Word: "PARTNER_REMOVED", At: t0}}},
		},
		{"back again", about("account_update", `{"event":"ACCOUNT_RECONNECTED"}`), []governor.Event{health(quality.StatusReported{Word: "CONNECTED", At: t0})}},
		{
			"a pause without its time",
			`{"id":"` + waba + `","changes":[{"field":"message_template_status_update","value":{"event":"PAUSED","message_template_id":1,"message_template_name":"a","other_info":{"title":"FIRST_PAUSE"}}}]}`,
			[]governor.Event{governor.TemplateReported{WABA: waba, Name: "a", Status: "PAUSED"}},
		},
		{
			"a template's status without an event",
			about("message_template_status_update", `{"message_template_id":1,"message_template_name":"a"}`),
			[]governor.Event{governor.TemplateReported{WABA: waba, Name: "a", At: t0}},
		},
		{
			"an announced category that is due",
			about("template_category_update", `{"message_template_id":1,"message_template_name":"a","message_template_language":"en-US","new_category":"UTILITY","correct_category":"MARKETING","category_update_timestamp":`+at+`}`),
			[]governor.Event{governor.TemplateReported{WABA: waba, Name: "a", Language: "en_US", Category: governor.Marketing, At: t0}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _ := events(t, body(c.entry))
			assert.Equal(t, append([]governor.Event{}, c.want...), got)
		})
	}
}

func TestUnknownWordsTeachNothing(t *testing.T) {
	t.Parallel()
	preference := func(category, value string) string {
		return about(waba, "user_preferences", t0, fmt.Sprintf(
			`{"metadata":{"phone_number_id":%q},"user_preferences":[{"wa_id":%q,"category":%q,"value":%q,"timestamp":%d}]}`,
			number, sheena, category, value, t0.Unix()))
	}
	plain := governor.NumberSeen{Number: number, WABA: waba}
	for _, c := range []struct {
		entry   string
		want    []governor.Event
		problem string
	}{
		{preference("marketing_messages", "snooze"), []governor.Event{plain}, "value: snooze"},
		{preference("utility_messages", "resume"), []governor.Event{plain}, "category: utility_messages"},
		{
			preference("utility_messages", "stop"),
			[]governor.Event{plain, governor.ConsentRevoked{Number: number, Recipient: sheena, Topic: governor.TopicMarketing, At: t0}},
			"category: utility_messages",
		},
		{about(waba, "template_category_update", t0, `{"message_template_id":1,"message_template_name":"a","new_category":"SERVICE"}`), []governor.Event{}, "category: SERVICE"},
		{about(waba, "account_update", t0, `{"event":"call 16505551234"}`), []governor.Event{}, "event: a word of 16 bytes"},
		{about(waba, "phone_number_quality_update", t0, `{"event":"","current_limit":"TIER_UNLIMITED"}`), []governor.Event{}, "event: a word of 0 bytes"},
		{about(waba, "business_capability_update", t0, `{"max_daily_conversations_per_business":"16505551234"}`), []governor.Event{}, "limit: a word of 11 bytes"},
		{about(waba, "16505551234", t0, `{}`), []governor.Event{}, "field"},
	} {
		got, problems := events(t, body(c.entry))
		assert.Equal(t, c.want, got, c.entry)
		require.Len(t, problems, 1, c.entry)
		assert.Equal(t, webhook.Unknown, problems[0].Kind)
		assert.Equal(t, c.problem, problems[0].Detail)
	}
}

func TestSuspensionsEndByWebhook(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 250, nil)
	utility := governor.Message{From: number, To: sheena, Template: "notice", Category: governor.Utility}
	restriction := func(violation, info string) string {
		f.clock.Advance(time.Hour)
		return body(about(waba, "account_update", f.clock.Now(),
			`{"event":"ACCOUNT_RESTRICTION","violation_info":{"violation_type":"`+violation+`"}`+info+`}`))
	}
	for _, c := range []struct{ begin, kind, end string }{
		{"UTILITY_TEMPLATE_ABUSE", "RESTRICTED_UTILITY_TEMPLATES", "UTILITY_TEMPLATE_ABUSE_UNBAN"},
		{"UTILITY_TEMPLATE_ABUSE_RATE_LIMIT", "RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING", "UTILITY_TEMPLATE_ABUSE_RATE_LIMIT_RECOVERY"},
	} {
		f.delivered(restriction(c.begin, `,"restriction_info":[{"restriction_type":"`+c.kind+`","expiration":1790000000}]`))
		assert.Equal(t, c.kind, f.check(utility).Detail)
		f.delivered(restriction(c.end, ""))
		assert.True(t, f.check(utility).Allowed)
	}
	f.delivered(body(statuses(status("wamid.1", "failed", sheena, f.clock.Now(), 131064))))
	assert.Equal(t, "TEMPLATE_CLASSIFICATION_LIMIT", f.check(utility).Detail)
	f.delivered(restriction("UTILITY_TEMPLATE_ABUSE_RATE_LIMIT_RECOVERY", ""))
	assert.True(t, f.check(utility).Allowed, "the same limit, as sends learn of it")
}

func TestAnAccountThatIsOffboardedAnswersCustomersAndComesBack(t *testing.T) {
	t.Parallel()
	for gone, back := range map[string]string{"ACCOUNT_OFFBOARDED": "ACCOUNT_RECONNECTED", "PARTNER_REMOVED": "PARTNER_ADDED"} {
		f := newFixture(t, 250, nil)
		f.delivered(body(about(waba, "account_update", f.clock.Now(), `{"event":"`+gone+`"}`)))
		assert.Equal(t, gone, f.check(marketing(sheena)).Detail)
		assert.True(t, f.check(reply(sheena)).Allowed)
		f.clock.Advance(time.Minute)
		f.delivered(body(about(waba, "account_update", f.clock.Now(), `{"event":"`+back+`"}`)))
		assert.True(t, f.check(marketing(sheena)).Allowed)
	}
}

func TestAPauseEndsByItself(t *testing.T) {
	t.Parallel()
	for title, pause := range map[string]time.Duration{"FIRST_PAUSE": 3 * time.Hour, "SECOND_PAUSE": 6 * time.Hour, "RATE_LIMITING_PAUSE": 0} {
		f := newFixture(t, 250, nil)
		f.delivered(body(about(waba, "message_template_status_update", t0,
			`{"event":"paused","message_template_id":1,"message_template_name":"offer","message_template_language":"en-US","other_info":{"title":"`+title+`"}}`)))
		held := f.check(marketing(sheena))
		assert.Equal(t, "template_held", held.Reason.String())
		if pause == 0 {
			assert.Zero(t, held.RetryAt, title)
			continue
		}
		assert.Equal(t, t0.Add(pause), held.RetryAt.UTC(), title)
		f.clock.Advance(pause)
		assert.True(t, f.check(marketing(sheena)).Allowed, title)
	}
}

func TestANewPhoneNumberIsANewRecipient(t *testing.T) {
	t.Parallel()
	const moved = "12195555358"
	for _, name := range []string{"wh_messages_system_user_changed_number", "wh_messages_system_user_changed_user_id"} {
		f := newFixture(t, 250, nil)
		f.clock.Set(newest(t, payload(t, name)))
		f.sent(marketing(sheena), "wamid.1")
		f.sent(marketing(sheenaUserID), "wamid.2")
		before := f.used()
		assert.Equal(t, http.StatusOK, f.post(payload(t, name)))
		assert.Empty(t, f.told())
		f.sent(marketing(moved), "wamid.3")
		assert.Equal(t, before+1, f.used(), "to the limit, which counts phone numbers: %s", name)
	}
}
