package governortest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

// mailbox keeps the webhooks that a platform sends.
type mailbox struct {
	mu     sync.Mutex
	bodies []string
}

func (m *mailbox) put(body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bodies = append(m.bodies, string(body))
}

// take empties the mailbox.
func (m *mailbox) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.bodies
	m.bodies = nil
	return taken
}

// change is a webhook with one change, as the platform prints it. Events about messages have no time.
func change(waba, field, value string) string {
	stamp := fmt.Sprintf(`"time":%d,`, t0.Unix())
	if field == "messages" {
		stamp = ""
	}
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%q,%s"changes":[{"field":%q,"value":%s}]}]}`,
		waba, stamp, field, value)
}

func TestAnInboundMessageIsToldAsDocumented(t *testing.T) {
	t.Parallel()
	var box mailbox
	api := governortest.NewPlatform(t, governortest.PlatformConfig{
		Numbers: []governortest.PlatformNumber{{ID: number, Phone: "+1 555-078-3881", WABA: "one"}},
		UserIDs: map[string]string{userID: carol}, Webhooks: box.put,
	})
	for _, row := range []struct{ customer, contact, from string }{
		{"+1 (650) 555-0101", `"wa_id":"16505550101"`, `"from":"16505550101"`},
		{userID, `"user_id":"` + userID + `"`, `"from_user_id":"` + userID + `"`},
		{carol, `"wa_id":"` + carol + `","user_id":"` + userID + `"`, `"from":"` + carol + `","from_user_id":"` + userID + `"`},
	} {
		body := string(api.Inbound(number, row.customer))
		id := body[strings.Index(body, "wamid."):]
		id = id[:strings.IndexByte(id, '"')]
		require.JSONEq(t, change("one", "messages", `{
			"messaging_product":"whatsapp",
			"metadata":{"display_phone_number":"15550783881","phone_number_id":"`+number+`"},
			"contacts":[{"profile":{"name":"A customer"},`+row.contact+`}],
			"messages":[{`+row.from+`,"id":"`+id+`","timestamp":"1767225600","type":"text","text":{"body":"Hello"}}]
		}`), body)
		require.Equal(t, []string{body}, box.take(), "it goes both ways")
	}
	require.Contains(t, string(api.InboundGroup(number, group, alice)), `"group_id":"`+group+`"`)
	require.Contains(t, string(api.Inbound("unknown", alice)), `"phone_number_id":"unknown"`)
}

func TestAnAcceptedMessageIsSentAndThenDelivered(t *testing.T) {
	t.Parallel()
	var box mailbox
	api := governortest.NewPlatform(t, governortest.PlatformConfig{
		Webhooks:  box.put,
		Templates: []governortest.PlatformTemplate{{Name: "order_confirmation", Language: "en_US", Category: "MARKETING"}},
	})
	send(t, api, number, strings.Replace(template(alice), "{", `{"biz_opaque_callback_data":"reservation-7f3a",`, 1))
	id := api.Messages()[0].ID
	status := func(word string) string {
		return change(governortest.DefaultWABA, "messages", `{
			"messaging_product":"whatsapp",
			"metadata":{"display_phone_number":"15550783881","phone_number_id":"`+number+`"},
			"statuses":[{"id":"`+id+`","status":"`+word+`","timestamp":"1767225600","recipient_id":"`+alice+`",
				"biz_opaque_callback_data":"reservation-7f3a",
				"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}}]
		}`)
	}
	got := box.take()
	require.Len(t, got, 2)
	require.JSONEq(t, status("sent"), got[0])
	require.JSONEq(t, status("delivered"), got[1])

	require.Equal(t, 131047, send(t, api, number, text(alice)).code)
	require.Empty(t, box.take(), "a rejected message has no status")
}

func TestAStatusNamesThePriceAndThePerson(t *testing.T) {
	t.Parallel()
	var box mailbox
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Webhooks: box.put, UserIDs: map[string]string{userID: carol}})
	api.Inbound(number, bob)
	box.take()
	toUser := `{"messaging_product":"whatsapp","recipient":"` + userID + `","category":"authentication","text":{"body":"123456"}}`
	toGroup := `{"messaging_product":"whatsapp","recipient_type":"group","to":"` + group + `","type":"template","template":{"name":"n","language":{"code":"en"}}}`
	for _, row := range []struct {
		body     string
		has, not []string
	}{
		{text(bob), []string{`"service"`, `"free_customer_service"`, `"billable":false`}, []string{`"regular"`}},
		{template(bob), []string{`"utility"`, `"free_customer_service"`}, nil},
		{template(alice), []string{`"utility"`, `"regular"`}, nil},
		{toUser, []string{`"authentication"`, `"recipient_user_id":"` + userID + `"`}, []string{carol, `"recipient_id"`}},
		{template(carol), []string{`"recipient_user_id":"` + userID + `"`, `"recipient_id":"` + carol + `"`}, nil},
		{toGroup, []string{`"recipient_id":"` + group + `"`, `"recipient_type":"group"`}, nil},
	} {
		require.Zero(t, send(t, api, number, row.body).code)
		got := box.take()
		require.Len(t, got, 2)
		for _, want := range row.has {
			require.Contains(t, got[1], want)
		}
		for _, unwanted := range row.not {
			require.NotContains(t, got[1], unwanted)
		}
	}
}

func TestAMarketingMessageIsPricedAsOne(t *testing.T) {
	t.Parallel()
	var box mailbox
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Webhooks: box.put})
	require.Zero(t, do(t, api, http.MethodPost, "/"+number+"/marketing_messages", "application/json", template(alice)).code)
	require.Contains(t, box.take()[1], `"category":"marketing"`)
}

func TestAFailedDeliveryIsToldWithItsError(t *testing.T) {
	t.Parallel()
	var box mailbox
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Webhooks: box.put})
	api.FailNextDelivery(131048)
	send(t, api, number, template(alice))
	got := box.take()
	require.Len(t, got, 2)
	require.Contains(t, got[0], `"status":"sent"`)
	require.JSONEq(t, change(governortest.DefaultWABA, "messages", `{
		"messaging_product":"whatsapp",
		"metadata":{"display_phone_number":"15550783881","phone_number_id":"`+number+`"},
		"statuses":[{"id":"`+api.Messages()[0].ID+`","status":"failed","timestamp":"1767225600","recipient_id":"`+alice+`",
			"errors":[{"code":131048,"title":"Spam rate limit hit","message":"Spam rate limit hit",
				"error_data":{"details":"Message failed to send because there are restrictions on how many messages can be sent from this phone number. This may be because too many previous messages were blocked or flagged as spam."},
				"href":"/documentation/business-messaging/whatsapp/support/error-codes"}]}]
	}`), got[1])
}

func TestWhatIsDoneToAnAccountIsTold(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name         string
		steer        func(*governortest.Platform)
		field, value string
	}{
		{
			"a limit", func(p *governortest.Platform) { p.SetLimit(2000) },
			"business_capability_update", `{"max_daily_conversations_per_business":2000,"max_phone_numbers_per_waba":25}`,
		},
		{
			"no limit", func(p *governortest.Platform) { p.SetLimit(governortest.Unlimited) },
			"business_capability_update", `{"max_daily_conversations_per_business":-1,"max_phone_numbers_per_waba":25}`,
		},
		{
			"a restriction", func(p *governortest.Platform) {
				p.Restrict("", governortest.RestrictBusinessInitiated, t0.Add(time.Hour))
			},
			"account_update", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":1767229200}]}`,
		},
		{
			"a restriction for good", func(p *governortest.Platform) { p.Restrict("", "RESTRICTED_SOMETHING", time.Time{}) },
			"account_update", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_SOMETHING"}]}`,
		},
		{
			"a ban", func(p *governortest.Platform) { p.Lock("") },
			"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE","waba_ban_date":"January 1, 2026"}}`,
		},
		{
			"its end", func(p *governortest.Platform) { p.Unlock("") },
			"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE","waba_ban_date":"January 1, 2026"}}`,
		},
		{
			"a pause", func(p *governortest.Platform) { p.PauseTemplate("promo") },
			"message_template_status_update", `{"event":"PAUSED","message_template_id":1000000000000000,"message_template_name":"promo","message_template_language":"en-US","reason":"NONE","message_template_category":"UTILITY","other_info":{"title":"FIRST_PAUSE","description":"Your WhatsApp message template has been paused."}}`,
		},
		{
			"the end of a template", func(p *governortest.Platform) { p.DisableTemplate("promo") },
			"message_template_status_update", `{"event":"DISABLED","message_template_id":1000000000000000,"message_template_name":"promo","message_template_language":"en-US","reason":"NONE","message_template_category":"UTILITY","other_info":{"title":"DISABLED","description":"Your WhatsApp message template has been disabled."}}`,
		},
		{
			"the end of a pause", func(p *governortest.Platform) { p.ResumeTemplate("promo") },
			"message_template_status_update", `{"event":"APPROVED","message_template_id":1000000000000000,"message_template_name":"promo","message_template_language":"en-US","reason":"NONE","message_template_category":"UTILITY","other_info":{"title":"UNPAUSE","description":"Your WhatsApp message template has been unpaused."}}`,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var box mailbox
			api := governortest.NewPlatform(t, governortest.PlatformConfig{Webhooks: box.put, Numbers: []governortest.PlatformNumber{
				{ID: "1", WABA: "one"}, {ID: "2", WABA: "two"}, {ID: "3", WABA: "one"},
			}})
			row.steer(api)
			got := box.take()
			require.Len(t, got, 2, "once per account")
			require.JSONEq(t, change("one", row.field, row.value), got[0])
			require.JSONEq(t, change("two", row.field, row.value), got[1])
		})
	}
}

func TestAWebhookMayCallThePlatform(t *testing.T) {
	t.Parallel()
	var api *governortest.Platform
	calls := 0
	api = governortest.NewPlatform(t, governortest.PlatformConfig{Webhooks: func([]byte) {
		calls++
		api.SetQuality(number, "YELLOW")
		api.Used(number)
	}})
	api.Inbound(number, alice)
	api.SetLimit(5)
	require.Equal(t, 2, calls)
}
