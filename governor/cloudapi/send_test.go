package cloudapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

const (
	jsonType = "application/json"
	phone    = "+16505551234"
	bsuid    = "US.13491208655302741918"
	group    = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD"
)

func TestEverySendPayloadIsUnderstood(t *testing.T) {
	t.Parallel()
	freeForm := func(kind string) cloudapi.Send {
		return cloudapi.Send{Endpoint: cloudapi.Messages, Kind: cloudapi.FreeForm, To: phone, Type: kind}
	}
	template := func(name, language string) cloudapi.Send {
		return cloudapi.Send{
			Endpoint: cloudapi.Messages, Kind: cloudapi.Template, To: phone, Type: "template", Template: name, Language: language,
		}
	}
	with := func(s cloudapi.Send, change func(*cloudapi.Send)) cloudapi.Send {
		change(&s)
		return s
	}
	want := map[string]cloudapi.Send{
		"send_contacts":              freeForm("contacts"),
		"send_document_link":         freeForm("document"),
		"send_image_id":              freeForm("image"),
		"send_interactive_buttons":   freeForm("interactive"),
		"send_interactive_list":      freeForm("interactive"),
		"send_location":              freeForm("location"),
		"send_reaction":              freeForm("reaction"),
		"send_text":                  freeForm("text"),
		"send_text_contextual_reply": freeForm("text"),
		"send_text_identity_check":   freeForm("text"),
		"send_text_no_type_default":  with(freeForm("text"), func(s *cloudapi.Send) { s.To = "16505551234" }),
		"send_mark_as_read":          {Endpoint: cloudapi.Messages, Kind: cloudapi.Receipt},
		"send_typing_indicator":      {Endpoint: cloudapi.Messages, Kind: cloudapi.Receipt},
		"send_template_auth_otp":     template("verification_code", "en_US"),
		"send_template_named_params": template("order_confirmation", "en_US"),
		"send_template_positional":   template("order_confirmation", "en_US"),
		"send_marketing_messages_api": with(template("august_promotion", "en"), func(s *cloudapi.Send) {
			s.Endpoint = cloudapi.MarketingMessages
		}),
		"send_template_bsuid_recipient": with(template("hello_world", "en_US"), func(s *cloudapi.Send) { s.To, s.Recipient = "", bsuid }),
		"send_template_group":           with(template("hello_world", "en_US"), func(s *cloudapi.Send) { s.To, s.Group = group, true }),
		"send_template_with_callback_data": with(template("hello_world", "en_US"), func(s *cloudapi.Send) {
			s.CallbackData = "reservation-7f3a"
		}),
		"send_template_policy_deterministic_legacy": template("hello_world", "en_US"),
		"send_template_to_and_recipient_to_wins":    with(template("hello_world", "en_US"), func(s *cloudapi.Send) { s.Recipient = bsuid }),
		"send_template_minimal_no_recipient_type":   with(template("hello_world", "en_US"), func(s *cloudapi.Send) { s.To = "16505551234" }),
		"send_direct_send_utility_text": with(freeForm("text"), func(s *cloudapi.Send) {
			s.Kind, s.Category = cloudapi.DirectSend, "utility"
		}),
		"send_direct_send_authentication_text": with(freeForm("text"), func(s *cloudapi.Send) {
			s.Kind, s.Category = cloudapi.DirectSend, "authentication"
		}),
		// 360dialog passes the Cloud API's body through.
		"bsp_360dialog_template": with(template("hello_world", "en"), func(s *cloudapi.Send) { s.To = "16505551234" }),
	}
	for _, name := range append(payloads(t, "send_"), "bsp_360dialog_template") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, want, name)
			endpoint := cloudapi.Messages
			if strings.Contains(name, "marketing_messages") {
				endpoint = cloudapi.MarketingMessages
			}
			got, err := cloudapi.ParseSend(endpoint, jsonType, payload(t, name))
			require.NoError(t, err)
			assert.Equal(t, want[name], got)
		})
	}
}

func TestBodiesOfOtherProvidersAreUnreadable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bsp_infobip_template_multi_recipient", "bsp_twilio_form_fields", "bsp_gupshup_form_fields"} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, payload(t, name))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, name)
	}
}

func TestTheAddresseeIsToBeforeRecipient(t *testing.T) {
	t.Parallel()
	for _, step := range []struct {
		send cloudapi.Send
		who  string
		kind cloudapi.AddresseeKind
	}{
		{cloudapi.Send{To: phone}, phone, cloudapi.Phone},
		{cloudapi.Send{To: phone, Recipient: bsuid}, phone, cloudapi.Phone},
		{cloudapi.Send{Recipient: bsuid}, bsuid, cloudapi.UserID},
		{cloudapi.Send{Recipient: "US.ENT.11815799212886844830"}, "US.ENT.11815799212886844830", cloudapi.UserID},
		{cloudapi.Send{To: bsuid}, bsuid, cloudapi.UserID},
		{cloudapi.Send{To: "user.0123456789abcdef"}, "user.0123456789abcdef", cloudapi.UserID},
		{cloudapi.Send{To: group, Group: true}, group, cloudapi.Group},
		{cloudapi.Send{To: "+1 (650) 555.1234"}, "+1 (650) 555.1234", cloudapi.Phone},
		{cloudapi.Send{To: "U1.234"}, "U1.234", cloudapi.Phone},
		{cloudapi.Send{To: "US.13 49"}, "US.13 49", cloudapi.Phone},
		{cloudapi.Send{}, "", cloudapi.Nobody},
	} {
		who, kind := step.send.Addressee()
		assert.Equal(t, step.who, who)
		assert.Equal(t, step.kind, kind)
	}
}

func TestWhatASendAsksFor(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]cloudapi.Kind{
		`{"to":"16505551234","type":"template","template":{"name":"a","language":{"code":"en"}}}`: cloudapi.Template,
		`{"to":"16505551234","type":"TEMPLATE","template":{"name":"a"}}`:                          cloudapi.Template,
		`{"to":"16505551234","template":{"name":"a"}}`:                                            cloudapi.Template,
		`{"to":"16505551234","type":"text","text":{"body":"b"},"template":{"name":"a"}}`:          cloudapi.Template,
		`{"to":"16505551234","type":"template","template":{"name":"a"},"category":"service"}`:     cloudapi.Template,
		`{"to":"16505551234","type":"text","template":null}`:                                      cloudapi.FreeForm,
		`{"to":"16505551234","category":null}`:                                                    cloudapi.FreeForm,
		`{"to":"16505551234","category":"SERVICE"}`:                                               cloudapi.FreeForm,
		`{"to":"16505551234","category":"marketing"}`:                                             cloudapi.DirectSend,
		`{"to":"16505551234","category":"Utility"}`:                                               cloudapi.DirectSend,
		`{"to":16505551234}`:                             cloudapi.FreeForm,
		`{"to":"","recipient":"US.134"}`:                 cloudapi.FreeForm,
		`{"to":null,"recipient":"US.134"}`:               cloudapi.FreeForm,
		`{"TO":"1","To":["2"],"to":"3"}`:                 cloudapi.FreeForm,
		`{"to":"3","recipient_type":"INDIVIDUAL"}`:       cloudapi.FreeForm,
		`{"\u0074\u006f":"3"}`:                           cloudapi.FreeForm,
		`{"status":"read","message_id":"wamid.1"}`:       cloudapi.Receipt,
		`{"status":"READ","message_id":"wamid.1"}`:       cloudapi.Receipt,
		`{"status":"read","message_id":"wamid.1","x":1}`: cloudapi.Receipt,
	} {
		send, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, []byte(body))
		require.NoError(t, err, body)
		assert.Equal(t, want, send.Kind, body)
	}
}

func TestAStatusBesideAMessageIsAMessage(t *testing.T) {
	t.Parallel()
	const receipt = `"status":"read","message_id":"wamid.1"`
	for _, body := range []string{
		`{` + receipt + `,"to":"16505551234","text":{"body":"hi"}}`,
		`{` + receipt + `,"recipient":"US.134"}`,
		`{"to":"16505551234","template":{"name":"a"},` + receipt + `}`,
	} {
		send, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, []byte(body))
		require.NoError(t, err, body)
		assert.NotEqual(t, cloudapi.Receipt, send.Kind, body)
	}
	for _, body := range []string{
		`{` + receipt + `,"type":"text"}`,
		`{` + receipt + `,"template":{"name":"a"}}`,
		`{` + receipt + `,"to":["16505551234"]}`,
		`{"status":"read"}`,
		`{"status":"read","message_id":""}`,
		`{"status":"delivered","message_id":"wamid.1"}`,
		`{"message_id":"wamid.1","typing_indicator":{"type":"text"}}`,
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, body)
	}
	_, err := cloudapi.ParseSend(cloudapi.MarketingMessages, jsonType, []byte(`{`+receipt+`}`))
	assert.ErrorIs(t, err, cloudapi.ErrUnreadable)
}

func TestABodyThatCanBeReadTwoWaysIsUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"to":"16505551234","to":"16505550000"}`,
		`{"to":"16505551234","t\u006f":"16505550000"}`,
		`{"to":null,"to":"16505551234"}`,
		`{"to":"16505551234","type":"text","type":"template","template":{"name":"a"}}`,
		`{"to":"16505551234","template":{"name":"a"},"template":{"name":"b"}}`,
		`{"to":"16505551234","template":{"name":"a","name":"b"}}`,
		`{"to":"16505551234","template":{"name":"a","language":{"code":"en"},"language":{"code":"de"}}}`,
		`{"to":"16505551234","template":{"name":"a","language":{"code":"en","code":"de"}}}`,
		`{"to":"16505551234","category":"service","category":"utility"}`,
		`{"to":"16505551234","type":" template "}`,
		`{"to":"16505551234","type":"\"template\""}`,
		`{"to":"16505551234","type":7}`,
		`{"to":"16505551234","type":["text"]}`,
		`{"to":"16505551234","category":" utility"}`,
		`{"to":"16505551234","category":{"a":1}}`,
		`{"to":"16505551234","recipient_type":"community"}`,
		`{"to":"16505551234","recipient_type":1}`,
		"\ufeff" + `{"to":"16505551234"}`,
		"{\"to\":\"1650555\xff1234\"}",
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, body)
	}
}

func TestABodyThatIsNoSendIsUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, ` `, `null`, `[]`, `"to"`, `{`, `{"to":"16505551234"}x`, `{"to":"16505551234"}{}`, `{"to":"16505551234",}`,
		`{}`, `{"To":"16505551234"}`, `{"to":""}`, `{"to":"  "}`, `{"to":true}`, `{"to":["16505551234"]}`, `{"to":{"a":"b"}}`,
		`{"to":1.6505551234e10}`, `{"to":-16505551234}`, `{"to":1650.5}`, `{"recipient":16505551234}`, `{"recipient":["US.1"]}`,
		`{"to":"16505551234","type":"template"}`, `{"to":"16505551234","type":"template","template":null}`,
		`{"to":"16505551234","type":"template","template":"hello_world"}`, `{"to":"16505551234","type":"template","template":{}}`,
		`{"to":"16505551234","template":{"name":""}}`, `{"to":"16505551234","template":{"name":7}}`, `{"to":"16505551234","template":[]}`,
		"\x1f\x8b\x08\x00", strings.Repeat("[", 100_000), `{"to":` + strings.Repeat("9", 50) + `.5}`,
		`{"messaging_product":"whatsapp","recipient":{"id":"1"}}`,
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, body)
	}
	_, err := cloudapi.ParseSend(cloudapi.MarketingMessages, jsonType, []byte(`{"to":"16505551234","text":{"body":"hi"}}`))
	assert.ErrorIs(t, err, cloudapi.ErrUnreadable)
}

func TestASendToNoEndpointIsUnreadable(t *testing.T) {
	t.Parallel()
	_, err := cloudapi.ParseSend(0, jsonType, payload(t, "send_text"))
	require.EqualError(t, err, "cloudapi: unreadable send: endpoint: unknown")
}

func TestAMessengerSendOnTheSamePathIsForeign(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string]string{
		jsonType:                            `{"recipient":{"id":"4242"},"messaging_type":"RESPONSE","message":{"text":"hi"}}`,
		"application/x-www-form-urlencoded": `recipient=%7B%22id%22%3A%224242%22%7D&message=%7B%22text%22%3A%22hi%22%7D`,
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, contentType, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrForeign)
		require.NotErrorIs(t, err, cloudapi.ErrUnreadable)
	}
}

func TestContentTypesOtherThanFormsMustHoldAJSONObject(t *testing.T) {
	t.Parallel()
	const body = `{"to":"16505551234"}`
	for _, contentType := range []string{
		"", "application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "text/plain", "text/json",
		"application/vnd.api+json", "application/json; charset", "application/octet-stream",
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, contentType, []byte(body))
		require.NoError(t, err, contentType)
		_, err = cloudapi.ParseSend(cloudapi.Messages, contentType, []byte("to=16505551234"))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, contentType)
	}
	for _, contentType := range []string{
		"application/json; charset=utf-16", "/", ";", "application/x-www-form-urlencoded", "multipart/form-data",
		"multipart/form-data; boundary=b",
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, contentType, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, contentType)
	}
}

func TestASendErrorNamesTheFieldAndNotTheNumber(t *testing.T) {
	t.Parallel()
	_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, []byte(`{"to":["16505551234"]}`))
	require.EqualError(t, err, "cloudapi: unreadable send: to: not a string")
	send, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, payload(t, "send_template_auth_otp"))
	require.NoError(t, err)
	assert.Equal(t, "template verification_code to phone", send.String())
	for kind, want := range map[cloudapi.Kind]string{
		cloudapi.DirectSend: "direct send", cloudapi.FreeForm: "free-form", cloudapi.Receipt: "receipt", 0: "unknown",
	} {
		assert.Equal(t, want, kind.String())
	}
	for kind, want := range map[cloudapi.AddresseeKind]string{
		cloudapi.UserID: "user ID", cloudapi.Group: "group", cloudapi.Nobody: "nobody", 99: "nobody",
	} {
		assert.Equal(t, want, kind.String())
	}
}
