package cloudapi_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// members reads a JSON object with encoding/json, which is trusted, member by
// member. twice reports whether one of the given names was there more than once.
func members(t *testing.T, object []byte, names ...string) (found map[string]json.RawMessage, twice bool) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, err := decoder.Token()
	require.NoError(t, err)
	found = map[string]json.RawMessage{}
	for decoder.More() {
		key, err := decoder.Token()
		require.NoError(t, err)
		var member json.RawMessage
		require.NoError(t, decoder.Decode(&member))
		for _, name := range names {
			if name == key {
				_, again := found[name]
				twice = twice || again
				found[name] = member
			}
		}
	}
	return found, twice
}

// stringIn returns the string that a member is, "" if it is none.
func stringIn(member json.RawMessage) string {
	var s string
	if len(member) == 0 || member[0] != '"' || json.Unmarshal(member, &s) != nil {
		return ""
	}
	return s
}

func isObject(member []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(member, " \t\r\n"), []byte("{"))
}

func absent(member json.RawMessage) bool { return len(member) == 0 || member[0] == 'n' }

// readable reports whether a body can be read in one way only, by a plain
// reading with encoding/json, and what it then says of the template.
func readable(t *testing.T, body []byte) (ok bool, found map[string]json.RawMessage, name, language string) {
	t.Helper()
	if !json.Valid(body) || !utf8.Valid(body) || !isObject(body) {
		return false, nil, "", ""
	}
	found, twice := members(t, body, "messaging_product", "to", "recipient", "recipient_type", "type", "template",
		"category", "status", "message_id", "biz_opaque_callback_data", "batch")
	if twice {
		return false, nil, "", ""
	}
	if !isObject(found["template"]) {
		return true, found, "", ""
	}
	template, twice := members(t, found["template"], "name", "language")
	if twice {
		return false, nil, "", ""
	}
	code := template["language"]
	if isObject(code) {
		inner, twice := members(t, code, "code")
		if twice {
			return false, nil, "", ""
		}
		code = inner["code"]
	}
	return true, found, stringIn(template["name"]), strings.ReplaceAll(stringIn(code), "-", "_")
}

func FuzzASendIsReadAsAPlainReadingReadsIt(f *testing.F) {
	for _, name := range payloads(f, "send_") {
		f.Add(payload(f, name))
	}
	for _, body := range []string{
		templateBody,
		`{"to":"1","to":"2"}`,
		`{"to":"1","t\u006f":"2"}`,
		`{"\u0074o":"\u0031\u00e9\ud800","recipient":null,"type":"TEMPLATE","template":{"n\u0061me":"\"é\"","language":"de-DE"}}`,
		`{"to":"1","template":{"name":"a","name":"a"}}`,
		`{"to":"1","template":{"name":"a","language":{"code":"a","c\u006fde":"b"}}}`,
		`{"to":"1","template":{"name":"a","language":{"code":"a","code":"b"},"language":"c"}}`,
		`{"template":{"language":"c","language":{"code":"a"},"name":"a"},"to":"1"}`,
		`{"to":"1","template":{"template":{"name":"b"},"components":[{"name":"c","language":{"code":"d"}}],"name":"a"}}`,
		` { "to" : 16505551234 , "x" : [ { "to" : "2" } , [ ] , { } , -1.5e+3 , true , false , null ] } `,
		`{"to":"1"}{}`, `{"to":"1",}`, `{"to" "1"}`, `{"to":"1"]`, `[{"to":"1"}]`, `{"to":"1","a":[1,]}`, "{\"to\":\"\xff\"}", `{"to":"1`,
		`{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `,"to":"1"}`,
		`{"a":` + strings.Repeat(`{"to":[`, 70) + strings.Repeat("]}", 70) + `,"to":"1"}`,
		`{"a":` + strings.Repeat("[", 70) + `}` + strings.Repeat("]", 69) + `,"to":"1"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		send, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, body)
		ok, found, name, language := readable(t, body)
		if !ok {
			require.ErrorIs(t, err, cloudapi.ErrUnreadable)
			return
		}
		if err != nil {
			wellFormed := len(found) == 3 && strings.Trim(stringIn(found["to"]), " \t\r\n") != "" &&
				stringIn(found["type"]) == "template" && name != ""
			require.False(t, wellFormed, "%s", err)
			return
		}
		switch to := found["to"]; {
		case absent(to) || to[0] == '"' && strings.TrimSpace(stringIn(to)) == "":
			require.Empty(t, send.To)
		case to[0] == '"':
			require.Equal(t, stringIn(to), send.To)
		default:
			require.Equal(t, string(to), send.To, "a number of digits")
		}
		if send.Recipient != "" {
			require.Equal(t, stringIn(found["recipient"]), send.Recipient)
		}
		require.Equal(t, name, send.Template)
		require.Equal(t, language, send.Language)
		require.Equal(t, !absent(found["template"]), send.Kind == cloudapi.Template)
		if !absent(found["category"]) {
			require.Equal(t, stringIn(found["category"]), send.Category)
		}
		if callback := stringIn(found["biz_opaque_callback_data"]); callback != "" {
			require.Equal(t, callback, send.CallbackData)
		}
	})
}
