package cloudapi_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// reference decodes with encoding/json, which is trusted.
func reference(doc []byte) (any, bool) {
	if !json.Valid(doc) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, false
	}
	return v, true
}

func FuzzDecodeAgreesWithTheStandardLibrary(f *testing.F) {
	for _, doc := range []string{
		`{"a":1,"b":[true,false,null],"c":{"d":"\u00e9\n\/\ud83d\ude00"}}`, `[]`, `{}`, ` "x" `, `-0.5e+10`, `01`, `1.`,
		`{"a":1,}`, `{"a" 1}`, `[1 2]`, `"\x"`, `"\u12g4"`, "\"\x01\"", `{"a":1}{}`, "\ufeff{}", `nul`, `"\ud800"`, `--1`, `{"`,
		`{"a\u0062":1,"ab":2}`, "[\"\xff\"]", "", "\x00", `"\`, `[[[`, `{"a":[{"b":[{}]}]}`, `1e`, `tru`, `{"a":"\\"}`,
		"{\"\xf3\":0}",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		want, valid := reference(doc)
		got, err := cloudapi.Decode(doc)
		require.Equal(t, valid, err == nil)
		require.Equal(t, want, got)
	})
}

func TestNestingIsReadUpToABound(t *testing.T) {
	t.Parallel()
	nest := func(depth int) []byte {
		return []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))
	}
	for _, depth := range []int{cloudapi.MaxDepth, cloudapi.MaxDepth + 1} {
		_, err := cloudapi.Decode(nest(depth))
		require.Equal(t, json.Valid(nest(depth)), err == nil, depth)
	}
	_, err := cloudapi.Decode([]byte(strings.Repeat(`{"a":`, 1_000_000)))
	assert.Error(t, err)
}

func TestTheBoundIsTheSameWhereverTheNestingStands(t *testing.T) {
	t.Parallel()
	for _, nesting := range []struct {
		opening, closing string
		levels           int
	}{
		{"[", "]", 1},
		{`{"to":`, "}", 1},
		{`[{"to":[`, "]}]", 3},
	} {
		nest := func(depth int) string {
			times, rest := depth/nesting.levels, depth%nesting.levels
			return strings.Repeat("[", rest) + strings.Repeat(nesting.opening, times) + "1" +
				strings.Repeat(nesting.closing, times) + strings.Repeat("]", rest)
		}
		for _, around := range []struct {
			depth        int
			send, answer string
		}{
			{1, `{"to":"1","x":%}`, `{"messages":%}`},
			{2, `{"to":"1","template":{"name":"n","x":%}}`, `{"contacts":{"x":%}}`},
			{3, `{"to":"1","template":{"name":"n","language":{"x":%}}}`, `{"contacts":[{"x":%}]}`},
		} {
			deepest := cloudapi.MaxDepth - around.depth
			for _, depth := range []int{63, 64, 65, 128, 129, deepest, deepest + 1} {
				send := []byte(strings.Replace(around.send, "%", nest(depth), 1))
				_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, send)
				require.Equal(t, json.Valid(send), err == nil, "%s at %d", around.send, depth)
				answer := []byte(strings.Replace(around.answer, "%", nest(depth), 1))
				_, err = cloudapi.ParseResponse(200, answer)
				require.Equal(t, json.Valid(answer), err == nil, "%s at %d", around.answer, depth)
				require.Equal(t, depth <= deepest, err == nil)
			}
		}
	}
}

// A checker that looks at several bytes at a time could be wrong at some places
// and right at all others.
func TestEveryByteIsCheckedWhereverItStands(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for before := range 17 {
			for _, after := range []int{0, 1, 20} {
				text := strings.Repeat("k", before) + string([]byte{byte(c)}) + strings.Repeat("m", after)
				for _, doc := range []string{
					`"` + text + `"`, `"` + text, `"` + text + `\`, `{"` + text + `":"` + text + `"}`,
					`["a","` + text + `","b"]`, `{"a":"` + text + `","b":0}`, `["` + text + `"` + text,
				} {
					_, err := cloudapi.Decode([]byte(doc))
					require.Equal(t, json.Valid([]byte(doc)), err == nil, "%q", doc)
				}
			}
		}
	}
}

func TestOneWrongByteMakesASendUnreadable(t *testing.T) {
	t.Parallel()
	const refused = "cloudapi: unreadable send: body: not JSON in UTF-8"
	for _, body := range []string{templateBody, ` { "to" : "1" , "x" : [ { } , [ ] , -1.5e+3 , true , "a\u00e9\\" , null ] } `} {
		for at := range body {
			for _, c := range []string{"", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "0", "e", "-", "\x00", "\n", "\x7f", "\x80", "\xe9", "é", `",`, `":`} {
				changed := []byte(body[:at] + c + body[at+1:])
				_, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, changed)
				require.Equal(t, !json.Valid(changed) || !utf8.Valid(changed), err != nil && err.Error() == refused, "%q", changed)
			}
		}
	}
}
