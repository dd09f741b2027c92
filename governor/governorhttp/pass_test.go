package governorhttp_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
)

func TestWhatIsNoSendPassesByteForByte(t *testing.T) {
	t.Parallel()
	const facebook = "https://graph.facebook.com"
	lookedInto := map[string]bool{"messages of another product": true, "a batch without a send": true, "a change of a node": true}
	for _, row := range []struct{ name, method, address, contentType, body string }{
		{"media", http.MethodPost, facebook + media, "multipart/form-data; boundary=x", "--x\r\n\x00\xff\r\n--x--"},
		{"a call", http.MethodPost, facebook + "/v25.0/" + number + "/calls", jsonType, template(alice)},
		{"templates", http.MethodPost, facebook + "/v25.0/" + waba + "/message_templates", jsonType, template(alice)},
		{"a number", http.MethodGet, facebook + "/v25.0/" + number + "?fields=status", "", ""},
		{"messages, read", http.MethodGet, facebook + messages + "?type=template&limit=5", "", ""},
		{"messages, deleted", http.MethodDelete, facebook + messages, "", ""},
		{"messages of another product", http.MethodPost, facebook + messages, jsonType, messenger},
		{"messages of a page", http.MethodPost, facebook + "/v25.0/me/messages", jsonType, messenger},
		{"a batch without a send", http.MethodPost, facebook + "/", formType, url.Values{
			"batch": {`[{"method":"GET","relative_url":"v25.0/` + number + `"}]`},
		}.Encode()},
		{"a change of a node", http.MethodPost, facebook + "/v25.0/" + number, jsonType, template(alice)},
		{"an upload", http.MethodPost, facebook + "/v25.0/upload:MTphdHRhY2htZW50", formType, strings.Repeat("x", 1<<20+1)},
		{"a gateway that nobody named", http.MethodPost, "https://gateway.example/whatsapp/" + number + "/messages", jsonType, template(alice)},
		{"another root", http.MethodPost, "https://storage.example/", formType, url.Values{
			"batch": {`[{"method":"POST","relative_url":"` + number + `/messages"}]`},
		}.Encode()},
		{"Twilio", http.MethodPost, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json", formType, payload(t, "bsp_twilio_form_fields.json")},
		{"Vonage", http.MethodPost, "https://api.nexmo.com/v1/messages", jsonType, payload(t, "bsp_vonage_template.json")},
		{"Infobip", http.MethodPost, "https://x.api.infobip.com/whatsapp/1/message/template", jsonType, payload(t, "bsp_infobip_template_multi_recipient.json")},
		{"Gupshup", http.MethodPost, "https://api.gupshup.io/wa/api/v1/template/msg", formType, payload(t, "bsp_gupshup_form_fields.json")},
		{"a chat", http.MethodPost, "https://chat.example/v1/chat/messages", jsonType, template(alice)},
		{"a channel by number", http.MethodPost, "https://chat.example/api/v10/channels/1234567890/messages", jsonType, template(alice)},
		{"a language model", http.MethodPost, "https://llm.example/v1/messages", jsonType, `{"messages":[]}`},
		{"a conversation", http.MethodPost, "https://desk.example/v2/conversations/77/messages", jsonType, template(alice)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			req, err := http.NewRequestWithContext(t.Context(), row.method, row.address, strings.NewReader(row.body))
			require.NoError(t, err)
			req.Header.Set("X-Own", "kept")
			if row.contentType != "" {
				req.Header.Set("Content-Type", row.contentType)
			}
			_, err = f.trip(req)
			require.NoError(t, err)

			if !lookedInto[row.name] {
				require.Same(t, req, f.spy.last())
			}
			require.Len(t, f.api.Requests(), 1)
			got := f.api.Requests()[0]
			require.Equal(t, row.method, got.Method)
			require.Equal(t, req.URL.RequestURI(), got.URI)
			require.Equal(t, row.contentType, got.Header.Get("Content-Type"))
			require.Equal(t, "kept", got.Header.Get("X-Own"))
			require.Equal(t, row.body, string(got.Body))
			require.Zero(t, f.used())
		})
	}
}

func TestABatchWithASendIsRefused(t *testing.T) {
	t.Parallel()
	const batch = `[{"method":"GET","relative_url":"me"},{"method":"POST","relative_url":"v25.0/` + number + `/messages","body":"x"}]`
	form := url.Values{"batch": {batch}}.Encode()
	for _, row := range []struct {
		name, method, address, contentType, body string
		hosts                                    []string
		encoding                                 string
	}{
		{name: "in a form", address: "https://graph.facebook.com/", contentType: formType, body: form},
		{name: "in JSON", address: "https://graph.facebook.com", contentType: jsonType, body: `{"batch":` + batch + `}`},
		{name: "at a version", address: "https://graph.facebook.com/v25.0/", contentType: formType, body: form},
		{name: "in the query", address: "https://graph.facebook.com/?" + form},
		{name: "in the query of a GET", method: http.MethodGet, address: "https://graph.facebook.com/?method=post&" + form},
		{name: "as plain text", address: "https://graph.facebook.com/v25.0/", contentType: "text/plain", body: `{"batch":` + batch + `}`},
		{name: "at a node", address: "https://graph.facebook.com/v25.0/me", contentType: jsonType, body: `{"batch":` + batch + `}`},
		{name: "at a node by its ID", address: "https://graph.facebook.com/" + number, contentType: formType, body: form},
		{name: "in a form of a GET", method: http.MethodGet, address: "https://graph.facebook.com/", contentType: formType, body: "method=post&" + form},
		{name: "to a number out of another answer", address: "https://graph.facebook.com/", contentType: jsonType, body: `{"batch":[{"method":"POST","relative_url":"{result=a:$.id}/messages"}]}`},
		{name: "encoded", address: "https://graph.facebook.com/", contentType: formType, body: form, encoding: "gzip"},
		{name: "on another host of the platform", address: "https://graph.beta.facebook.com:443/", contentType: formType, body: form},
		{name: "on a named host", address: "https://gateway.example/", contentType: formType, body: form, hosts: []string{"gateway.example"}},
		{name: "too long to read", address: "https://graph.facebook.com/", contentType: formType, body: strings.Repeat("x", 1<<20+1)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.transport.Hosts = row.hosts
			method := row.method
			if method == "" {
				method = http.MethodPost
			}
			req, err := http.NewRequestWithContext(t.Context(), method, row.address, strings.NewReader(row.body))
			require.NoError(t, err)
			req.Header.Set("Content-Type", row.contentType)
			if row.encoding != "" {
				req.Header.Set("Content-Encoding", row.encoding)
			}
			_, err = f.do(req)
			require.ErrorIs(t, err, governor.ErrInvalid)
			require.ErrorIs(t, err, cloudapi.ErrUnreadable)
			require.Zero(t, f.spy.calls())
		})
	}
}

func TestOnlySendsToNamedHostsAreGoverned(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		named, address, header string
		governed               bool
	}{
		{"graph.facebook.com", "https://graph.facebook.com", "", true},
		{"graph.facebook.com", "https://GRAPH.Facebook.com.", "", true},
		{"graph.facebook.com", "https://graph.facebook.com:8443", "", true},
		{"Graph.Facebook.Com", "https://graph.facebook.com", "", true},
		{"graph.facebook.com", "https://157.240.1.1", "graph.facebook.com", true},
		{"graph.facebook.com", "https://graph.facebook.com.evil.example", "", false},
		{"graph.facebook.com", "https://facebook.com", "", false},
		{"gateway.internal:8443", "https://gateway.internal:8443", "", true},
		{"gateway.internal:8443", "https://gateway.internal", "", false},
		{"gateway.internal:443", "https://gateway.internal", "", true},
		{"gateway.internal:80", "http://gateway.internal", "", true},
		{"[::1]:8443", "https://[::1]:8443", "", true},
		{"[::1]", "https://[::1]:8443", "", true},
		{"", "https://graph.facebook.com", "", false},
	} {
		t.Run(row.named+" "+row.address, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.transport.Hosts = []string{"other.example", row.named}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, row.address+messages, strings.NewReader(template(alice)))
			require.NoError(t, err)
			req.Header.Set("Content-Type", jsonType)
			req.Host = row.header
			_, err = f.do(req)
			require.NoError(t, err)
			require.Equal(t, row.governed, f.used() == 1)
			require.Equal(t, 1, f.spy.calls())
		})
	}
}

func TestANamedHostIsGovernedBehindAnyPrefix(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/whatsapp/" + number + "/messages", "/whatsapp/v25/" + number + "/messages", "/a/b/" + number + "/marketing_messages/",
		messages,
	} {
		f := newFixture(t, 1)
		f.transport.Hosts = []string{"graph.facebook.com"}
		f.transport.Base = answers(http.StatusOK, nil, http.NoBody)
		_, err := f.post(path, jsonType, template(alice))
		require.NoError(t, err)
		_, err = f.post(path, jsonType, template(bob))
		require.ErrorIs(t, err, governor.ErrTierLimit, path)
	}
}

func TestADisguisedPostIsGoverned(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		disguise func(*http.Request)
	}{
		{"overridden by a header in lower case", func(r *http.Request) {
			r.Method = http.MethodGet
			r.Header["x-http-method-override"] = []string{"PUT", " POST"}
		}},
		{"in a form that may hold the method", func(r *http.Request) {
			form := url.Values{"method": {"post"}, "to": {alice}, "template": {`{"name":"n"}`}}.Encode()
			r.Method = http.MethodGet
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
			r.Header = http.Header{"content-type": {formType + "; charset=utf-8"}}
		}},
		{"in lower case", func(r *http.Request) { r.Method = "post" }},
		{"overridden by a header", func(r *http.Request) {
			r.Method = http.MethodPut
			r.Header.Set("X-HTTP-Method-Override", "post")
		}},
		{"behind an opaque URL", func(r *http.Request) { r.URL.Opaque, r.URL.Path = messages, "" }},
		{"behind an opaque URL with a host", func(r *http.Request) {
			r.URL.Opaque, r.URL.Path = "//graph.facebook.com"+messages, ""
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.transport.Base = answers(http.StatusOK, nil, http.NoBody)
			for _, want := range []error{nil, governor.ErrTierLimit} {
				req := newPost(t, messages, jsonType, template(alice))
				row.disguise(req)
				_, err := f.trip(req)
				require.ErrorIs(t, err, want)
			}
			require.Equal(t, 1, f.used())
		})
	}
}

func TestAMethodInTheQueryIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	for _, query := range []string{"?method=post&to=" + alice, "?%6dethod=POST"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host+messages+query, http.NoBody)
		require.NoError(t, err)
		_, err = f.do(req)
		require.ErrorIs(t, err, cloudapi.ErrUnreadable)
	}
	require.Zero(t, f.spy.calls())
}

func TestARequestThatIsNoneIsLeftToBase(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.transport.Base = nil
	_, err := f.trip(&http.Request{})
	require.ErrorContains(t, err, "nil Request.URL")

	f.transport.Base = answers(http.StatusOK, nil, http.NoBody)
	req := newPost(t, messages, jsonType, template(alice))
	req.URL.Opaque, req.URL.Path = "//[/"+messages, ""
	_, err = f.trip(req)
	require.NoError(t, err)
}

func TestIdleConnectionsOfBaseAreClosed(t *testing.T) {
	t.Parallel()
	idle := &idleBase{}
	(&http.Client{Transport: &governorhttp.Transport{Base: idle}}).CloseIdleConnections()
	require.Equal(t, 1, idle.closed)
	(&governorhttp.Transport{Base: baseFunc(nil)}).CloseIdleConnections()
}

type idleBase struct {
	baseFunc
	closed int
}

func (b *idleBase) CloseIdleConnections() { b.closed++ }

func TestARequestThatIsNoSendAllocatesNothing(t *testing.T) {
	answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	transport := &governorhttp.Transport{Base: baseFunc(func(*http.Request) (*http.Response, error) { return answer, nil })}
	named := &governorhttp.Transport{Base: transport.Base, Hosts: []string{"graph.facebook.com", "gateway.internal:8443"}}
	for _, address := range []string{
		media,
		"/v25.0/" + waba + "/message_templates",
		"/v25.0/" + number + "/a/path/of/some/length",
	} {
		req := newPost(t, address, jsonType, "x")
		for _, transport := range []*governorhttp.Transport{transport, named} {
			require.Zero(t, testing.AllocsPerRun(100, func() {
				if _, err := transport.RoundTrip(req); err != nil { //nolint:bodyclose // there is none
					t.Error(err)
				}
			}), address)
		}
	}
	get := newPost(t, "/v25.0/"+number+"?fields=status&access_token=x", jsonType, "")
	get.Method, get.Body = http.MethodGet, http.NoBody
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := named.RoundTrip(get); err != nil { //nolint:bodyclose // there is none
			t.Error(err)
		}
	}))
	elsewhere := newPost(t, messages, jsonType, template(alice))
	elsewhere.URL.Host, elsewhere.Host = "chat.example", ""
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := named.RoundTrip(elsewhere); err != nil { //nolint:bodyclose // there is none
			t.Error(err)
		}
	}))
}
