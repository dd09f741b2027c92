package cloudapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestABatchIsReadInItsOrder(t *testing.T) {
	t.Parallel()
	other := messagesOrigin
	other.Number, other.DisplayNumber = "106540352242923", "15550783882"
	want := append(status("sent", 1750030073, nil), status("delivered", 1750030073, nil)...)
	want = append(want, inbound("wamid.IN1", "text", 1750030100, func(in *cloudapi.Inbound) {
		in.Origin, in.Text = other, "hi"
	})...)
	want = append(want, account(1743451903, "ACCOUNT_DELETED", func(a *cloudapi.AccountUpdate) {
		a.WABA, a.Subject = "102290129340399", "102290129340399"
	}))
	hook := parse(t, payload(t, "wh_batch_multiple_entries_changes_statuses"))
	assert.Equal(t, cloudapi.Webhook{Object: "whatsapp_business_account", Changes: want}, hook)
}

func TestOneBadChangeLosesNoOther(t *testing.T) {
	t.Parallel()
	const good = `{"field":"account_review_update","value":{"decision":"APPROVED"}}`
	for bad, want := range map[string]cloudapi.Problem{
		`null`:             {Path: "entry[0].changes[500]", Reason: "no value"},
		`7`:                {Path: "entry[0].changes[500]", Reason: "no value"},
		`[]`:               {Path: "entry[0].changes[500]", Reason: "no value"},
		`{}`:               {Path: "entry[0].changes[500]", Reason: "no value"},
		`{"value":null}`:   {Path: "entry[0].changes[500]", Reason: "no value"},
		`{"value":"text"}`: {Path: "entry[0].changes[500]", Reason: "no value"},
		`{"field":"messages","value":{"messages":7}}`: {
			Path: "entry[0].changes[500].value.messages[0]", Reason: "not an object",
		},
		`{"field":"account_update","value":{}}`: {
			Path: "entry[0].changes[500]", Reason: "account_update without an event",
		},
	} {
		changes := strings.Repeat(good+",", 500) + bad + strings.Repeat(","+good, 499)
		hook := parse(t, []byte(`{"entry":[{"id":"1","changes":[`+changes+`]}]}`))
		assert.Equal(t, []cloudapi.Problem{want}, hook.Problems, bad)
		reviews := 0
		for _, change := range hook.Changes {
			if _, ok := change.(cloudapi.AccountReview); ok {
				reviews++
			}
		}
		assert.Equal(t, 999, reviews, bad)
	}
}

func TestOnlyABodyThatIsNoObjectIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "[]", "7", `"x"`, "{", `{"entry":[]}x`, "\ufeff{}", "\x00"} {
		hook, err := cloudapi.ParseWebhook([]byte(body))
		require.ErrorIs(t, err, cloudapi.ErrMalformed, body)
		require.Zero(t, hook, body)
	}
	for body, problems := range map[string]int{
		`{"object":"whatsapp_business_account","entry":[]}`: 0,
		`{}`:                    1,
		`{"entry":null}`:        1,
		`{"entry":7}`:           1,
		`{"entry":[{}]}`:        1,
		`{"entry":[null,7,{}]}`: 3,
		`{"entry":{"changes":{"field":"x","value":{}}}}`: 0,
		"{\"entry\":[],\"a\":\"\xff\"}":                  0,
	} {
		assert.Len(t, parse(t, []byte(body)).Problems, problems, body)
	}
}

func TestAWebhookOfAnotherProductIsLeftAlone(t *testing.T) {
	t.Parallel()
	hook := parse(t, []byte(`{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"hi"}}]}]}`))
	assert.Equal(t, cloudapi.Webhook{Object: "page"}, hook)
}

func TestAMissingFieldIsMadeUpForByTheContent(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]cloudapi.Change{
		`{"metadata":{},"user_preferences":[{"wa_id":"1","value":"stop"}]}`: cloudapi.UserPreference{},
		`{"metadata":{},"statuses":[{"id":"w","status":"sent"}]}`:           cloudapi.Status{},
		`{"new_quality_score":"RED","message_template_id":1}`:               cloudapi.TemplateQuality{},
		`{"new_category":"UTILITY","message_template_id":1}`:                cloudapi.TemplateCategory{},
		`{"event":"PAUSED","message_template_id":1}`:                        cloudapi.TemplateStatus{},
		`{"message_template_element":"x","message_template_id":1}`:          cloudapi.TemplateComponents{},
		`{"alert_info":{}}`:                           cloudapi.AccountAlert{},
		`{"alert_type":"X"}`:                          cloudapi.AccountAlert{},
		`{"decision":"REJECTED"}`:                     cloudapi.AccountReview{},
		`{"event":"DISABLED_UPDATE"}`:                 cloudapi.AccountUpdate{},
		`{"decision":"X","display_phone_number":"1"}`: cloudapi.NumberName{},
		`{"event":"UPGRADE","current_limit":"TIER_1K","display_phone_number":1}`: cloudapi.NumberQuality{},
		`{"max_daily_conversations_per_business":"TIER_2K"}`:                     cloudapi.Capability{},
		`{"max_daily_conversation_per_phone":-1}`:                                cloudapi.Capability{},
		`{"event":"PIN_RESET_REQUEST","display_phone_number":"1"}`:               cloudapi.Unknown{},
		`{"alert_info":null}`: cloudapi.Unknown{},
		`{"metadata":{}}`:     cloudapi.Unknown{},
	} {
		hook := parse(t, []byte(`{"entry":[{"changes":[{"value":`+value+`}]}]}`))
		require.Len(t, hook.Changes, 1, value)
		assert.IsType(t, want, hook.Changes[0], value)
	}
}

func TestAnUnknownFieldIsNotGuessedAt(t *testing.T) {
	t.Parallel()
	hook := parse(t, messagesWith("smb_message_echoes", `"messages":[{"from":"16505551234","id":"w"}],"16505551234":1`))
	origin := messagesOrigin
	origin.Field = "smb_message_echoes"
	assert.Equal(t, []cloudapi.Change{cloudapi.Unknown{
		Origin: origin, Keys: []string{"metadata", "messages", "[…]"},
	}}, hook.Changes)

	var members []string
	for i := range 100 {
		members = append(members, fmt.Sprintf(`"k%d":0`, i))
	}
	hook = parse(t, []byte(`{"entry":[{"changes":[{"field":"new","value":{`+strings.Join(members, ",")+`}}]}]}`))
	unknown, ok := hook.Changes[0].(cloudapi.Unknown)
	require.True(t, ok)
	assert.Len(t, unknown.Keys, 32)
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	hook := parse(t, []byte(`{"entry":[`+strings.Repeat("0,", 1000)+`{"changes":[`+strings.Repeat("0,", 999)+`0]}]}`))
	assert.Len(t, hook.Problems, 64)
	assert.Equal(t, 2000-64, hook.MoreProblems)
}

func TestAPrintedChangeShowsNobody(t *testing.T) {
	t.Parallel()
	for _, name := range payloads(t, "wh_messages_") {
		for _, change := range changesOf(t, name) {
			printed := fmt.Sprintf("%v %+v %s", change, change, change)
			assert.NotContains(t, printed, waID, name)
			assert.NotContains(t, printed, bsuid, name)
			assert.NotContains(t, printed, "color", name)
			assert.Contains(t, printed, "number 106540352242922", name)
			assert.Equal(t, "106540352242922", change.Source().Number)
		}
	}
}

// batch returns a webhook of the size and shape of the largest the platform
// sends: entries of a status each.
func batch(entries, padding int) []byte {
	var body bytes.Buffer
	body.WriteString(`{"object":"whatsapp_business_account","entry":[`)
	for i := range entries {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":`+
			`{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.%d",`+
			`"status":"delivered","timestamp":"1750030073","recipient_id":"16505551234","biz_opaque_callback_data":"%s",`+
			`"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}}]},"field":"messages"}]}`,
			i, strings.Repeat("x", padding))
	}
	body.WriteString(`]}`)
	return body.Bytes()
}

func TestALargeBatchIsReadWhole(t *testing.T) {
	t.Parallel()
	hook := parse(t, batch(1000, 2500))
	require.Empty(t, hook.Problems)
	assert.Len(t, hook.Changes, 1000)
}

func TestNothingReturnedRefersToTheBody(t *testing.T) {
	t.Parallel()
	for name, parse := range map[string]func([]byte) (any, error){
		"send_template_with_callback_data": func(b []byte) (any, error) {
			return cloudapi.ParseSend(cloudapi.Messages, jsonType, b)
		},
		"resp_send_ok_text":         func(b []byte) (any, error) { return cloudapi.ParseResponse(200, b) },
		"wh_messages_text":          func(b []byte) (any, error) { return cloudapi.ParseWebhook(b) },
		"wh_account_update_deleted": func(b []byte) (any, error) { return cloudapi.ParseWebhook(b) },
		"graph_phone_governor_poll": func(b []byte) (any, error) { return cloudapi.ParsePhoneNumber(b) },
	} {
		body := payload(t, name)
		got, err := parse(body)
		require.NoError(t, err, name)
		clear(body)
		want, err := parse(payload(t, name))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func FuzzParseWebhook(f *testing.F) {
	for _, name := range payloads(f, "wh_") {
		f.Add(payload(f, name))
	}
	f.Add(messagesWith("calls", `"calls":[{"id":"wacid.1","from":"1","event":"connect","direction":"USER_INITIATED","timestamp":1}]`))
	f.Add([]byte(`{"entry":[{"changes":[{"value":{"messages":[{"from":"0"}]},"field":"messages"}]}]}`)) // no time
	f.Add(messagesWith("user_id_update", `"user_id_update":[{"user_id":{"previous":"US.1","current":"US.2"},"wa_id":"1"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		hook, err := cloudapi.ParseWebhook(body)
		if err != nil {
			require.ErrorIs(t, err, cloudapi.ErrMalformed)
			require.Zero(t, hook)
			require.False(t, json.Valid(body) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")))
			return
		}
		for _, problem := range hook.Problems {
			require.NotRegexp(t, `[^a-z0-9_.\[\]]`, problem.Path)
		}
		for _, change := range hook.Changes {
			switch change := change.(type) {
			case cloudapi.Inbound:
				require.True(t, change.MayOpenWindow || !change.OpensWindow)
				require.False(t, change.MayOpenWindow && change.Group != "")
				require.False(t, change.OpensWindow && change.At.IsZero(), "without a time it is in doubt at most")
				require.False(t, change.From == "" && change.FromUserID == "")
			case cloudapi.Call:
				require.True(t, change.MayOpenWindow || !change.OpensWindow)
				require.False(t, change.From == "" && change.FromUserID == "")
			case cloudapi.Status:
				require.NotEmpty(t, change.MessageID)
				require.NotEmpty(t, change.Word)
				for _, failure := range change.Errors {
					require.NotRegexp(t, phoneLike, failure.Title+"\n"+failure.Message+"\n"+failure.Details)
				}
			case cloudapi.Identity:
				require.NotEmpty(t, change.WaID)
				require.NotEmpty(t, change.UserID)
			case cloudapi.NumberChanged:
				require.NotEqual(t, change.Old, change.New)
			case cloudapi.Unknown:
				require.LessOrEqual(t, len(change.Keys), 32)
			}
		}
	})
}
