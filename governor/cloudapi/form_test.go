package cloudapi_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

const formType = "application/x-www-form-urlencoded"

// templateFields is a template send as form fields hold it.
var templateFields = [][2]string{
	{"messaging_product", "whatsapp"},
	{"to", phone},
	{"type", "template"},
	{"template", `{"name":"hello_world","language":{"code":"en-US"}}`},
	{"biz_opaque_callback_data", "r-1"},
}

var templateSend = cloudapi.Send{
	Endpoint: cloudapi.Messages, Kind: cloudapi.Template, To: phone, Type: "template",
	Template: "hello_world", Language: "en_US", CallbackData: "r-1",
}

func urlencoded(fields ...[2]string) []byte {
	var pairs []string
	for _, field := range fields {
		pairs = append(pairs, url.QueryEscape(field[0])+"="+url.QueryEscape(field[1]))
	}
	return []byte(strings.Join(pairs, "&"))
}

func multipartBody(t testing.TB, fields ...[2]string) (contentType string, body []byte) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	for _, field := range fields {
		require.NoError(t, writer.WriteField(field[0], field[1]))
	}
	require.NoError(t, writer.Close())
	return writer.FormDataContentType(), buffer.Bytes()
}

func TestFormsAreReadAsJSONIs(t *testing.T) {
	t.Parallel()
	got, err := cloudapi.ParseSend(cloudapi.Messages, formType, urlencoded(templateFields...))
	require.NoError(t, err)
	assert.Equal(t, templateSend, got)

	contentType, body := multipartBody(t, templateFields...)
	got, err = cloudapi.ParseSend(cloudapi.Messages, contentType, body)
	require.NoError(t, err)
	assert.Equal(t, templateSend, got)

	got, err = cloudapi.ParseSend(cloudapi.Messages, formType, []byte("to=16505551234&text=%7B%22body%22%3A%22hi%22%7D&type=&template="))
	require.NoError(t, err)
	assert.Equal(t, cloudapi.FreeForm, got.Kind)

	got, err = cloudapi.ParseSend(cloudapi.Messages, formType, []byte("status=read&message_id=wamid.1&messaging_product=whatsapp"))
	require.NoError(t, err)
	assert.Equal(t, cloudapi.Receipt, got.Kind)
}

func TestAFormThatCanBeReadTwoWaysIsUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "text=hi", "to=1&to=2", "to=1&to=", "to[]=1&to[]=2", "+to=1", "to=1&template[name]=a", "to%00x=1", "to=1&to%00x=2", "to=%zz", "%zz=1&to=1",
		"recipient.type=group&to=1", "recipient type=group&to=1", "to=1&type=%22template%22", "to=1&type=template&template=x",
		"to=%7B%7D", "to=%5B1%5D", "to=%ff", "to=1&type=template&template=%7B%22name%22%3A1%7D",
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, formType, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, body)
	}
}

func TestAMultipartFormThatCanBeReadTwoWaysIsUnreadable(t *testing.T) {
	t.Parallel()
	part := func(header, text string) string { return "--b\r\n" + header + "\r\n\r\n" + text + "\r\n" }
	name := func(name string) string { return `Content-Disposition: form-data; name="` + name + `"` }
	const end = "--b--\r\n"
	readable := part(name("to"), phone) + part(name("text")+"\r\nContent-Type: application/json", `{"body":"hi"}`) + end
	got, err := cloudapi.ParseSend(cloudapi.Messages, "multipart/form-data; boundary=b", []byte(readable))
	require.NoError(t, err)
	assert.Equal(t, phone, got.To)
	for what, body := range map[string]string{
		"twice":        part(name("to"), phone) + part(name("to"), phone) + end,
		"cut off":      part(name("to"), phone),
		"cut in text":  "--b\r\n" + name("to") + "\r\n\r\n165",
		"a file":       part(name("to")+`; filename="x"`, phone) + end,
		"encoded":      part(name("to")+"\r\nContent-Transfer-Encoding: base64", "MTY1MA==") + end,
		"nameless":     part(name("to"), phone) + part("Content-Disposition: form-data", "x") + end,
		"named twice":  part(`Content-Disposition: form-data; name="text"; name="to"`, phone) + end,
		"list":         part(name("to[]"), phone) + end,
		"no part":      end,
		"other body":   "to=1",
		"broken parts": "--b\r\nx\r\n\r\n" + end,
	} {
		_, err := cloudapi.ParseSend(cloudapi.Messages, "multipart/form-data; boundary=b", []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrUnreadable, what)
	}
}

func TestAQueryMustNotSpeakForTheBody(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"", "access_token=EAAG&appsecret_proof=ab", "messaging_product=whatsapp", "pretty=1&fields=id&to_=1&x[to]=1", "&&",
	} {
		require.NoError(t, cloudapi.CheckQuery(query), query)
	}
	for _, query := range []string{
		"to=16505551234", "access_token=E&type=template", "template[name]=a", "recipient=US.1", "%74o=1", "+to=1", "status=read",
		"method=post", "messaging.product=whatsapp", "batch=%5B%5D", "%zz", "category=service", "recipient.type=group",
	} {
		require.ErrorIs(t, cloudapi.CheckQuery(query), cloudapi.ErrUnreadable, query)
	}
}

func TestABatchWithASendIsUnreadable(t *testing.T) {
	t.Parallel()
	for body, contentType := range map[string]string{
		`{"batch":[{"method":"GET","relative_url":"me"},{"method":"POST","relative_url":"106540352242922/messages","body":"to=1"}]}`: jsonType,
		`{"batch":[{"method":"POST","relative_url":"/v25.0/106540352242922/marketing_messages?x=1"}]}`:                               jsonType,
		`{"batch":"[{\"relative_url\":\"106540352242922\\/messages\"}]"}`:                                                            jsonType,
		`{"batch":{"relative_url":"106540352242922/messages"}}`:                                                                      jsonType,
		`{"batch":[{"method":"POST","relative_url":"{result=a:$.id}/messages","body":"to=1"}]}`:                                      jsonType,
		`{"batch":[{"relative_url":"v25.0/{result=a:$[?(@.x)].id}/marketing_messages?x=1"}]}`:                                        jsonType,
		`{"batch":[{"relative_url":"%7Bresult%3Da:$.id%7D/messages/"}]}`:                                                             jsonType,
		`{"batch":[{"relative_url":"106540352242922/{result=a:$.edge}"}]}`:                                                           jsonType,
		`{"batch":[{"relative_url":"10{result=a:$.id}/messages"}]}`:                                                                  jsonType,
		`{"batch":[{"relative_url":"106540352242922/messages"}]} `:                                                                   "text/plain",
		`{"batch":"relative"}`:                                                      jsonType,
		`{"batch":[],"batch":[{"relative_url":"1/messages"}]}`:                      jsonType,
		"batch=" + url.QueryEscape(`[{"relative_url":"106540352242922/messages"}]`): formType,
	} {
		require.ErrorIs(t, cloudapi.CheckBatch(contentType, []byte(body)), cloudapi.ErrUnreadable, body)
	}
	for body, contentType := range map[string]string{
		`{"batch":[{"method":"GET","relative_url":"106540352242922?fields=status"}]}`:  jsonType,
		`{"batch":[{"method":"GET","relative_url":"?ids={result=a:$.data.*.id}"}]}`:    jsonType,
		`{"batch":[{"method":"POST","relative_url":"v25.0/{result=a:$.id}/adsets"}]}`:  jsonType,
		`{"batch":[{"method":"GET","relative_url":"v25.0/{result=a:$.id}?fields=x"}]}`: jsonType,
		`{"jsonrpc":"2.0","method":"messages"}`:                                        jsonType,
		`[1,2]`:                                                                        jsonType,
		"\x00\x01":                                                                     "application/octet-stream",
		"a=b":                                                                          formType,
	} {
		require.NoError(t, cloudapi.CheckBatch(contentType, []byte(body)), body)
	}
	for path, want := range map[string]bool{
		"/": true, "": true, "/v25.0": true, "/v25.0/": true, "/v25": false, "/v25.0/1/messages": false,
		"/me": true, "/v25.0/me": true, "v25.0/me/": true, "/v25.0/106540352242922": true, "/106540352242922": true,
		"/v25.0/me/accounts": false, "/v25.0/upload:MT": false, "/v25/me": false, "/media": false, "/api/v25.0": false,
	} {
		assert.Equal(t, want, cloudapi.IsBatchPath(path), path)
	}
}

func FuzzParseSend(f *testing.F) {
	for _, name := range append(payloads(f, "send_"), payloads(f, "bsp_")...) {
		f.Add(jsonType, payload(f, name))
	}
	f.Add(formType, urlencoded(templateFields...))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n1\r\n--b--\r\n"))
	f.Add(jsonType, []byte(`{"status":"read","message_id":"a","to":"1"}`))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		send, err := cloudapi.ParseSend(cloudapi.Messages, contentType, body)
		if err != nil {
			require.Zero(t, send)
			require.NotRegexp(t, phoneLike, err.Error())
			return
		}
		_, to := send.Addressee()
		require.NotZero(t, send.Kind)
		require.Equal(t, send.Kind == cloudapi.Receipt, to == cloudapi.Nobody)
		require.Equal(t, send.Kind == cloudapi.Template, send.Template != "")
		require.Equal(t, send.Kind == cloudapi.Receipt, send.Type == "")
		if send.Template == "" {
			require.NotRegexp(t, phoneLike, send.String())
		}
		marketing, err := cloudapi.ParseSend(cloudapi.MarketingMessages, contentType, body)
		require.Equal(t, send.Kind == cloudapi.Template, err == nil)
		if err == nil {
			require.Equal(t, cloudapi.Template, marketing.Kind)
		}
	})
}
