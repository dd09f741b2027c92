package governorhttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/quality"
)

func TestAThousandGoroutinesRaceForTheLastSlot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	client := &http.Client{Transport: f.transport}
	var admitted, denied atomic.Int64
	var wg sync.WaitGroup
	for i := range 1000 {
		req := newPost(t, messages, jsonType, template(fmt.Sprintf("1650556%04d", i)))
		wg.Go(func() {
			got, err := take(client.Do(req))
			if err == nil {
				assert.Equal(t, http.StatusOK, got.status)
				admitted.Add(1)
				return
			}
			assert.ErrorIs(t, err, governor.ErrTierLimit)
			denied.Add(1)
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, admitted.Load())
	require.EqualValues(t, 999, denied.Load())
	require.Len(t, f.api.Messages(), 1, "what was denied never left")
	require.Equal(t, 1, f.used())
	require.Equal(t, 1, f.api.Used(number))
}

func TestEveryDocumentedSendIsGovernedAsItsKindSays(t *testing.T) {
	t.Parallel()
	kinds := map[string]governortest.PlatformKind{
		"send_marketing_messages_api.json":               governortest.KindMarketing,
		"send_direct_send_utility_text.json":             governortest.KindDirectSend,
		"send_direct_send_authentication_text.json":      governortest.KindDirectSend,
		"send_mark_as_read.json":                         governortest.KindReceipt,
		"send_typing_indicator.json":                     governortest.KindReceipt,
		"send_contacts.json":                             governortest.KindReply,
		"send_document_link.json":                        governortest.KindReply,
		"send_image_id.json":                             governortest.KindReply,
		"send_interactive_buttons.json":                  governortest.KindReply,
		"send_interactive_list.json":                     governortest.KindReply,
		"send_location.json":                             governortest.KindReply,
		"send_reaction.json":                             governortest.KindReply,
		"send_text.json":                                 governortest.KindReply,
		"send_text_contextual_reply.json":                governortest.KindReply,
		"send_text_identity_check.json":                  governortest.KindReply,
		"send_text_no_type_default.json":                 governortest.KindReply,
		"send_template_auth_otp.json":                    governortest.KindTemplate,
		"send_template_bsuid_recipient.json":             governortest.KindTemplate,
		"send_template_group.json":                       governortest.KindTemplate,
		"send_template_minimal_no_recipient_type.json":   governortest.KindTemplate,
		"send_template_named_params.json":                governortest.KindTemplate,
		"send_template_policy_deterministic_legacy.json": governortest.KindTemplate,
		"send_template_positional.json":                  governortest.KindTemplate,
		"send_template_to_and_recipient_to_wins.json":    governortest.KindTemplate,
		"send_template_with_callback_data.json":          governortest.KindTemplate,
	}
	paths, err := filepath.Glob(filepath.Join("..", "cloudapi", "testdata", "payloads", "send_*.json"))
	require.NoError(t, err)
	require.Len(t, paths, len(kinds))
	for _, path := range paths {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, listed := kinds[name]
			require.True(t, listed)
			body := payload(t, name)
			endpoint := messages
			if kind == governortest.KindMarketing {
				endpoint = marketing
			}
			f := newFixture(t, 10)
			if kind == governortest.KindReply {
				var send struct{ To string }
				require.NoError(t, json.Unmarshal([]byte(body), &send))
				f.opens(send.To)
			}

			got, err := f.post(endpoint, jsonType, body)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, got.status, got.text)

			seen := f.api.Requests()
			require.Len(t, seen, 1)
			require.Equal(t, kind, seen[0].Kind)
			require.Equal(t, body, string(seen[0].Body))
			require.Equal(t, f.api.Used(number), f.used())
			counts := kind != governortest.KindReply && kind != governortest.KindReceipt
			require.Equal(t, counts, f.used() == 1)

			// At the limit, what counts is refused and nothing else is.
			for i := range 10 - f.used() {
				f.passes(template(fmt.Sprintf("1650557%04d", i)))
			}
			got, err = f.post(endpoint, jsonType, body)
			if counts {
				require.ErrorIs(t, err, governor.ErrTierLimit)
				return
			}
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, got.status)
		})
	}
}

func TestASendIsRecognisedInEveryEncoding(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"messaging_product": {"whatsapp"}, "to": {alice}, "type": {"template"},
		"template": {`{"name":"order_confirmation","language":{"code":"en_US"}}`},
	}
	var parts strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		fmt.Fprintf(&parts, "--frontier\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, form.Get(name))
	}
	parts.WriteString("--frontier--\r\n")
	for _, row := range []struct{ name, path, contentType, body string }{
		{"JSON", messages, jsonType, template(alice)},
		{"JSON with a charset", messages, "application/json; charset=utf-8", template(alice)},
		{"no type at all", messages, "", template(alice)},
		{"a form", messages, formType, form.Encode()},
		{"a multipart form", messages, "multipart/form-data; boundary=frontier", parts.String()},
		{"no version", "/" + number + "/messages", jsonType, template(alice)},
		{"a slash too many", "//v25.0//" + number + "//messages/", jsonType, template(alice)},
		{"an escaped path", "/v25.0/" + number + "/%6Dessages", jsonType, template(alice)},
		{"a token in the query", messages + "?access_token=secret", jsonType, template(alice)},
		{"marketing", marketing, jsonType, template(alice)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			got, err := f.post(row.path, row.contentType, row.body)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, got.status, got.text)
			require.Len(t, f.api.Accepted(), 1)
			require.Equal(t, 1, f.used())
			require.Equal(t, row.body, string(f.api.Requests()[0].Body))
			_, err = f.post(row.path, row.contentType, row.body)
			require.ErrorIs(t, err, governor.ErrTierLimit)
		})
	}
}

func TestARestrictedAccountAnswersItsCustomersAndNotifiesNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	f.opens(alice)
	until := f.clock.Now().Add(72 * time.Hour)
	f.api.Restrict(waba, governortest.RestrictBusinessInitiated, until)
	f.observe(governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{
		Type: quality.RestrictedBusinessMessaging, Until: until, At: f.clock.Now(),
	}})
	f.refused(template(bob), governor.ErrRestricted)
	for _, body := range []string{text(alice), receipt} {
		got := f.passes(body)
		require.Equal(t, http.StatusOK, got.status, got.text)
	}
	require.Len(t, f.api.Requests(), 2)
}

func TestAReceiptPassesWhateverTheGovernorKnows(t *testing.T) {
	t.Parallel()
	f := newFixtureOn(t, 1, failing(errors.New("down"), "Admit", "Usage"))
	require.Equal(t, http.StatusOK, f.passes(receipt).status)

	got, err := f.post("/v25.0/999999999/messages", jsonType, receipt)
	require.NoError(t, err, "a number that is not configured")
	require.Equal(t, http.StatusOK, got.status)
}

func TestASendFromANumberThatNobodyHasIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	_, err := f.post("/v25.0/999999999/messages", jsonType, template(alice))
	require.ErrorIs(t, err, governor.ErrUnknownNumber)
	require.Zero(t, f.spy.calls())
}

func TestASendToNobodyIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	_, err := f.post(messages, jsonType, template("12"))
	require.ErrorIs(t, err, governor.ErrInvalid)
	require.Zero(t, f.spy.calls())
}

func TestWithoutAGovernorNoSendPassesAndEverythingElseDoes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.transport.Governor = nil
	for _, body := range []string{template(alice), text(alice), receipt} {
		_, err := f.post(messages, jsonType, body)
		require.ErrorIs(t, err, governor.ErrInvalid)
		require.ErrorContains(t, err, "Transport.Governor is nil")
	}
	require.Zero(t, f.spy.calls())
	for _, row := range [][2]string{{media, "image"}, {messages, messenger}} {
		_, err := f.post(row[0], jsonType, row[1])
		require.NoError(t, err)
	}
	require.Equal(t, 2, f.spy.calls())
}

func TestDescribeTellsWhatTheRequestDoesNot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	type category struct{}
	var asked []governor.Message
	f.transport.Describe = func(req *http.Request, m *governor.Message) {
		asked = append(asked, *m)
		m.Category, _ = req.Context().Value(category{}).(governor.Category)
	}
	f.observe(governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{
		Type: quality.RestrictedUtility, Until: f.clock.Now().Add(time.Hour), At: f.clock.Now(),
	}})
	send := func(c governor.Category) error {
		req := newPost(t, messages, jsonType, template(alice))
		_, err := f.do(req.WithContext(context.WithValue(req.Context(), category{}, c)))
		return err
	}
	require.NoError(t, send(governor.Marketing))
	require.ErrorIs(t, send(governor.Utility), governor.ErrRestricted)
	require.ErrorIs(t, send(governor.CategoryUnknown), governor.ErrRestricted)
	require.Equal(t, governor.Message{
		From: number, To: alice, Template: "order_confirmation", Language: "en_US",
	}, asked[0])

	_, err := f.post(messages, jsonType, receipt)
	require.NoError(t, err)
	require.Len(t, asked, 3, "a receipt has nothing to describe")
}

func TestTheMessageAskedForIsTheOneInTheBody(t *testing.T) {
	t.Parallel()
	const group = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD"
	for _, row := range []struct {
		name, path, body string
		want             governor.Message
	}{
		{"marketing", marketing, template(alice), governor.Message{
			To: alice, Template: "order_confirmation", Language: "en_US", Category: governor.Marketing,
		}},
		{"a Direct Send", messages, payload(t, "send_direct_send_utility_text.json"), governor.Message{
			To: "+16505551234", Category: governor.Utility,
		}},
		{"a reply", messages, text(alice), governor.Message{To: alice, Kind: governor.Reply}},
		{"a user ID", messages, `{"messaging_product":"whatsapp","recipient":"US.13491208655302741918","type":"text","text":{"body":"x"}}`, governor.Message{
			To: "US.13491208655302741918", Kind: governor.Reply,
		}},
		{"a group", messages, `{"messaging_product":"whatsapp","recipient_type":"group","to":"` + group + `","type":"text","text":{"body":"x"}}`, governor.Message{
			To: group, Kind: governor.Reply,
		}},
		{"a group that looks like a phone", messages, `{"messaging_product":"whatsapp","recipient_type":"group","to":"16505550101","type":"text","text":{"body":"x"}}`, governor.Message{
			To: "group:16505550101", Kind: governor.Reply,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 10)
			var asked governor.Message
			f.transport.Describe = func(_ *http.Request, m *governor.Message) { asked = *m }
			_, err := f.post(row.path, jsonType, row.body)
			require.NoError(t, err)
			row.want.From = number
			require.Equal(t, row.want, asked)
		})
	}
}

func TestAnUnreadableSendIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		path string
		body string
		set  func(http.Header)
	}{
		{name: "no JSON", body: "{"},
		{name: "no body", body: ""},
		{name: "an array", body: "[]"},
		{name: "a name given twice", body: `{"to":"` + alice + `","to":"` + bob + `"}`},
		{name: "an encoded body", body: template(alice), set: func(h http.Header) { h.Set("Content-Encoding", "gzip") }},
		{name: "an encoded body under another spelling", body: template(alice), set: func(h http.Header) { h["content-encoding"] = []string{"gzip"} }},
		{name: "two content types", body: template(alice), set: func(h http.Header) { h["Content-Type"] = []string{formType, jsonType} }},
		{name: "two content types in two spellings", body: template(alice), set: func(h http.Header) { h["content-type"] = []string{jsonType} }},
		{name: "parameters in the query", path: "?type=template&to=" + alice, body: ""},
		{name: "a recipient in the query", path: "?to=" + alice, body: template(bob)},
		{name: "a product in the query beside another one's body", path: "?messaging_product=whatsapp", body: `{"recipient":{"id":"1"},"template":{"name":"n"}}`},
		{name: "a method in the query", path: "?method=get", body: template(bob)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			req := newPost(t, messages+row.path, jsonType, row.body)
			if row.set != nil {
				row.set(req.Header)
			}
			_, err := f.do(req)
			require.ErrorIs(t, err, governor.ErrInvalid)
			require.ErrorIs(t, err, cloudapi.ErrUnreadable)
			require.NotErrorIs(t, err, governor.ErrDenied)
			require.Zero(t, f.spy.calls())
			require.Zero(t, f.used())
		})
	}
}
