package governortest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestASendMayBeJSONOrAFormOrMultipart(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"messaging_product": "whatsapp", "to": "+1 650 555 0101", "type": "template",
		"template": `{"name":"order_confirmation","language":{"code":"en_US"}}`,
	}
	form := url.Values{}
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for name, value := range values {
		form.Set(name, value)
		require.NoError(t, w.WriteField(name, value))
	}
	require.NoError(t, w.Close())

	for _, row := range []struct{ contentType, body string }{
		{"application/json", template(alice)},
		{"Application/JSON; charset=utf-8", template(alice)},
		{"", template(alice)},
		{"application/x-www-form-urlencoded", form.Encode()},
		{w.FormDataContentType(), parts.String()},
	} {
		t.Run(row.contentType, func(t *testing.T) {
			t.Parallel()
			api := governortest.NewPlatform(t, governortest.PlatformConfig{})
			r := do(t, api, http.MethodPost, "/v25.0/"+number+"/messages", row.contentType, row.body)
			require.Equal(t, http.StatusOK, r.status, r.raw)
			require.Equal(t, alice, api.Messages()[0].To)
			require.Equal(t, "order_confirmation", api.Messages()[0].Template)
			require.Equal(t, row.body, string(api.Requests()[0].Body))
		})
	}
}

func TestEveryContentTypeOfAReplyPasses(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Inbound(number, alice)
	for _, content := range []string{
		`"text":{"body":"Hello"}`,
		`"type":"text","category":"service","text":{"body":"Hello"}`,
		`"type":"text","category":null,"text":{"preview_url":true,"body":"Hello"}`,
		`"type":"image","image":{"id":"1479537139650973"}`,
		`"type":"audio","audio":{"id":"1"}`,
		`"type":"video","video":{"id":"1"}`,
		`"type":"sticker","sticker":{"id":"1"}`,
		`"type":"document","document":{"link":"https://example.com/invoice.pdf"}`,
		`"type":"location","location":{"latitude":"37.4","longitude":"-122.1"}`,
		`"type":"reaction","reaction":{"message_id":"wamid.X","emoji":"👍"}`,
		`"type":"interactive","interactive":{"type":"button"}`,
		`"type":"contacts","contacts":[{"name":{"formatted_name":"B"},"phones":[{"wa_id":"19175559999"}]}]`,
	} {
		r := send(t, api, number, `{"messaging_product":"whatsapp","to":"`+alice+`",`+content+`}`)
		require.Equal(t, http.StatusOK, r.status, "%s: %s", content, r.raw)
		require.Empty(t, r.body.Messages[0].Status, "a status is a template's")
	}
	for _, m := range api.Messages() {
		require.Equal(t, governortest.KindReply, m.Kind)
		require.Equal(t, alice, m.To)
	}
}

func TestABodyThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	with := func(more string) string { return `{"messaging_product":"whatsapp",` + more + `}` }
	to := func(more string) string { return with(`"to":"` + alice + `",` + more) }
	for _, row := range []struct {
		name, body string
		code       int
	}{
		{"nothing", ``, 100},
		{"half an object", `{"to":`, 100},
		{"a list", `[]`, 100},
		{"null", `null`, 100},
		{"two objects", template(alice) + template(bob), 100},
		{"no product", `{"to":"` + alice + `","text":{"body":"x"}}`, 100},
		{"another product", `{"messaging_product":"other","to":"` + alice + `","text":{"body":"x"}}`, 100},
		{"names of another case", `{"Messaging_Product":"whatsapp","To":"` + alice + `","Text":{"Body":"x"}}`, 100},
		{"no recipient", with(`"text":{"body":"x"}`), 131008},
		{"an empty recipient", with(`"to":"","text":{"body":"x"}`), 131008},
		{"a recipient that is an object", with(`"to":{"phone":"` + alice + `"},"text":{"body":"x"}`), 131009},
		{"a recipient with letters", with(`"to":"1650CALLME","text":{"body":"x"}`), 131009},
		{"a recipient too short", with(`"to":"165055","text":{"body":"x"}`), 131009},
		{"a recipient too long", with(`"to":"1650555010112345","text":{"body":"x"}`), 131009},
		{"a plus in the middle", with(`"to":"1650+5550101","text":{"body":"x"}`), 131009},
		{"a user ID as phone number", with(`"to":"` + userID + `","text":{"body":"x"}`), 131009},
		{"a phone number as user ID", with(`"recipient":"` + alice + `","text":{"body":"x"}`), 131009},
		{"an unknown recipient type", with(`"recipient_type":"crowd","to":"` + alice + `","text":{"body":"x"}`), 131009},
		{"a group without one", with(`"recipient_type":"group","text":{"body":"x"}`), 131008},
		{"an unknown type", to(`"type":"telegram","telegram":{}`), 100},
		{"a type without content", to(`"type":"image"`), 131008},
		{"content that is no object", to(`"type":"image","image":"x"`), 131009},
		{"content that is empty", to(`"type":"image","image":{}`), 131009},
		{"a text without a body", to(`"text":{"preview_url":true}`), 131008},
		{"contacts without one", to(`"type":"contacts","contacts":[]`), 131008},
		{"a template without a name", to(`"type":"template","template":{"language":{"code":"en"}}`), 131008},
		{"a template without a language", to(`"type":"template","template":{"name":"n"}`), 131008},
		{"a template without a code", to(`"type":"template","template":{"name":"n","language":{"policy":"deterministic"}}`), 131008},
		{"a category that is not for this", to(`"category":"marketing","text":{"body":"x"}`), 100},
		{"a Direct Send of a picture", to(`"category":"utility","type":"image","image":{"id":"1"}`), 131009},
		{"a status but read", with(`"status":"delivered","message_id":"wamid.X"`), 131009},
		{"a status of nothing", with(`"status":"read"`), 131008},
		{"a status with a recipient", to(`"status":"read","message_id":"wamid.X","text":{"body":"x"}`), 100},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			api := governortest.NewPlatform(t, governortest.PlatformConfig{})
			api.Inbound(number, alice)
			r := send(t, api, number, row.body)
			require.Equal(t, http.StatusBadRequest, r.status)
			require.Equal(t, row.code, r.code, r.raw)
			require.NotEqual(t, "(#100) Invalid parameter", r.body.Error.Message, "it says what is wrong")
			require.NotContains(t, r.raw, alice, "no error names a recipient")
			require.Len(t, api.Rejected(), 1)
			require.Zero(t, api.Used(number))
		})
	}
}

func TestARefusedCategoryIsNamed(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	r := send(t, api, number, `{"messaging_product":"whatsapp","to":"`+alice+`","category":"marketing","text":{"body":"x"}}`)
	require.Equal(t, `(#100) Param category must be one of {AUTHENTICATION, SERVICE, UTILITY} - got "marketing".`, r.body.Error.Message)
}

func TestAContentTypeThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	for _, row := range []struct{ contentType, body string }{
		{"text/plain", template(alice)},
		{"application/", template(alice)},
		{"application/x-www-form-urlencoded", template(alice)},
		{"application/x-www-form-urlencoded", "a=%zz"},
		{"multipart/form-data", template(alice)},
		{"multipart/form-data; boundary=x", "--x\r\n\r\nbroken"},
	} {
		require.Equal(t, 100, do(t, api, http.MethodPost, "/v25.0/"+number+"/messages", row.contentType, row.body).code, row.contentType)
	}
}

func TestTheLastOfTwoValuesHolds(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	send(t, api, number, `{"messaging_product":"whatsapp","to":"`+alice+`","to":"`+bob+`","type":"template","template":{"name":"n","language":{"code":"en"}}}`)
	do(t, api, http.MethodPost, "/"+number+"/messages", "application/x-www-form-urlencoded",
		"messaging_product=whatsapp&to="+alice+"&to="+carol+"&type=template&template="+url.QueryEscape(`{"name":"n","language":{"code":"en"}}`))
	require.Equal(t, bob, api.Messages()[0].To)
	require.Equal(t, carol, api.Messages()[1].To)
}

func TestARecipientMayBeANumberInJSON(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	require.Zero(t, send(t, api, number, strings.ReplaceAll(template(alice), `"`+alice+`"`, alice)).code)
	require.Equal(t, alice, api.Messages()[0].To)
	require.Equal(t, 131009, send(t, api, number, strings.ReplaceAll(template(alice), `"`+alice+`"`, "1.6505550101e10")).code)
}

func TestOnlyTemplatesGoOutAsMarketingMessages(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Inbound(number, alice)
	path := "/v25.0/" + number + "/marketing_messages"
	require.Equal(t, 131055, do(t, api, http.MethodPost, path, "application/json", text(alice)).code)
	require.Equal(t, 100, do(t, api, http.MethodPost, path, "application/json", `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.X"}`).code)
}

func FuzzReadMessage(f *testing.F) {
	form := url.Values{"messaging_product": {"whatsapp"}, "to": {"+" + alice}, "text": {`{"body":"x"}`}}
	f.Add("application/json", "messages", []byte(template(alice)))
	f.Add("application/json", "messages", []byte(text("+"+bob)))
	f.Add("application/json", "marketing_messages", []byte(template(carol)))
	f.Add("application/json", "messages", []byte(`{"messaging_product":"whatsapp","recipient":"`+userID+`","category":"utility","text":{"body":"x"}}`))
	f.Add("application/json", "messages", []byte(`{"messaging_product":"whatsapp","recipient_type":"group","to":"`+group+`","text":{"body":"x"}}`))
	f.Add("application/json", "messages", []byte(`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.X"}`))
	f.Add("application/x-www-form-urlencoded", "messages", []byte(form.Encode()))
	f.Add("multipart/form-data; boundary=x", "messages", []byte("--x\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n1\r\n--x--\r\n"))
	isPhone, isUser := regexp.MustCompile(`^[0-9]{7,15}$`), regexp.MustCompile(`^[A-Z]{2}\.`)
	kinds := []governortest.PlatformKind{
		governortest.KindTemplate, governortest.KindMarketing, governortest.KindDirectSend, governortest.KindReply,
	}
	f.Fuzz(func(t *testing.T, contentType, edge string, body []byte) {
		kind, phone, user, group, code := governortest.ReadMessage(contentType, edge, body)
		switch {
		case code != 0:
			require.Contains(t, []int{100, 131008, 131009, 131055}, code)
		case kind == governortest.KindReceipt:
			require.Empty(t, phone+user+group)
		default:
			require.Contains(t, kinds, kind)
			require.True(t, phone == "" || isPhone.MatchString(phone), "%q", phone)
			require.True(t, user == "" || isUser.MatchString(user), "%q", user)
			recipients := slices.DeleteFunc([]string{phone, user, group}, func(s string) bool { return s == "" })
			require.Len(t, recipients, 1)
		}
	})
}
