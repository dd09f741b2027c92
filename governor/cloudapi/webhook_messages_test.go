package cloudapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

const (
	waID      = "16505551234"
	sentWamid = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA="
)

// messagesOrigin is where the platform's examples of messages come from.
var messagesOrigin = cloudapi.Origin{
	WABA: "102290129340398", Field: "messages", Number: "106540352242922", DisplayNumber: "15550783881",
}

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// changesOf parses a payload that must be free of problems.
func changesOf(t *testing.T, name string) []cloudapi.Change {
	t.Helper()
	hook, err := cloudapi.ParseWebhook(payload(t, name))
	require.NoError(t, err)
	require.Empty(t, hook.Problems)
	require.Zero(t, hook.MoreProblems)
	return hook.Changes
}

// inbound is a plain message of the platform's examples, with changes.
func inbound(id, kind string, seconds int64, change func(*cloudapi.Inbound)) []cloudapi.Change {
	in := cloudapi.Inbound{
		Origin: messagesOrigin, MessageID: id, From: waID, At: at(seconds), Type: kind, OpensWindow: true, MayOpenWindow: true,
	}
	if change != nil {
		change(&in)
	}
	return []cloudapi.Change{in}
}

const (
	mediaWamid = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
	templated  = "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA="
)

// inboundPayloads says what each payload of a message means.
func inboundPayloads() map[string][]cloudapi.Change {
	shared := cloudapi.Identity{Origin: messagesOrigin, WaID: waID, UserID: bsuid}
	want := map[string][]cloudapi.Change{
		"wh_messages_text": inbound(mediaWamid, "text", 1749416383, func(in *cloudapi.Inbound) {
			in.Text = "Does it come in another color?"
		}),
		"wh_messages_audio":    inbound(mediaWamid, "audio", 1744344496, nil),
		"wh_messages_image":    inbound(mediaWamid, "image", 1744344496, nil),
		"wh_messages_video":    inbound(mediaWamid, "video", 1744344496, nil),
		"wh_messages_document": inbound(mediaWamid, "document", 1744344496, nil),
		"wh_messages_sticker":  inbound(mediaWamid, "sticker", 1744344496, nil),
		"wh_messages_contacts": inbound(mediaWamid, "contacts", 1744344496, nil),
		"wh_messages_location": inbound(sentWamid, "location", 1744344496, nil),
		"wh_messages_order":    inbound(sentWamid, "order", 1750096325, nil),
		"wh_messages_button_quick_reply": inbound(sentWamid, "button", 1750091045, func(in *cloudapi.Inbound) {
			in.InReplyTo, in.ButtonPayload, in.ButtonText = templated, "Unsubscribe", "Unsubscribe"
		}),
		"wh_messages_interactive_button_reply": inbound(
			"wamid.HBgLMTY0NjcwNDM1OTUVAgASGBQzQThBREYwNzc2RDc2QjA1QTIwMgA=", "interactive", 1714510003,
			func(in *cloudapi.Inbound) {
				in.InReplyTo = "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBJBM0Y4RUU0RUNFQkFDMjYzQUMA"
				in.Subtype, in.ButtonPayload, in.ButtonText = "button_reply", "change-button", "Change"
			}),
		"wh_messages_interactive_list_reply": inbound(
			"wamid.HBgLMTY0NjcwNDM1OTUVAgASGBQzQTZDMzFGRUFBQjlDMzIzMzlEQwA=", "interactive", 1712595443,
			func(in *cloudapi.Inbound) {
				in.InReplyTo = "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBIwMjg0RkMxOEMyMkNEQUFFRDgA"
				in.Subtype, in.ButtonPayload, in.ButtonText = "list_reply", "priority_express", "Priority Mail Express"
			}),
		"wh_messages_interactive_nfm_reply": inbound("wamid.NFM1", "interactive", 1750030100, func(in *cloudapi.Inbound) {
			in.InReplyTo, in.Subtype = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0", "nfm_reply"
		}),
		"wh_messages_text_message_business_button": inbound(
			"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTA2NTUwRkNEMDdFQjJCRUU0NQA=", "text", 1750016800,
			func(in *cloudapi.Inbound) {
				in.WABA, in.Text = "419561257915477", "Is this still available?"
				in.InReplyTo = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGA9wcm9kdWN0X2lucXVpcnkA"
			}),
		"wh_messages_text_referral_ctwa": inbound(
			"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUQ0N0VFMDA2MTQ0RkJFNkNDNAA=", "text", 1750275992,
			func(in *cloudapi.Inbound) {
				in.Text, in.Referral = "Can I get more info about this?", true
			}),
		"wh_messages_reaction":         inbound("wamid.RX1", "reaction", 1750030100, notCertain),
		"wh_messages_reaction_removed": inbound("wamid.RX2", "reaction", 1750030101, notCertain),
		"wh_messages_unsupported_131051": inbound(sentWamid, "unsupported", 1750090702, func(in *cloudapi.Inbound) {
			in.OpensWindow, in.Subtype = false, "edit"
			in.Errors = []cloudapi.Error{{
				Coded: true, Code: 131051, Title: "Message type unknown", Message: "Message type unknown",
				Details: "Message type is currently not supported.",
			}}
		}),
		"wh_messages_group_text": inbound("wamid.G1", "text", 1744344496, func(in *cloudapi.Inbound) {
			in.OpensWindow, in.MayOpenWindow = false, false
			in.Group, in.Text = "HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA", "What does everyone think about this?"
		}),
		"wh_messages_text_bsuid_no_phone": inbound("wamid.B1", "text", 1749416383, func(in *cloudapi.Inbound) {
			in.From, in.FromUserID, in.Text = "", bsuid, "Does it come in another color?"
		}),
	}
	want["wh_messages_text_bsuid_with_phone"] = append([]cloudapi.Change{shared},
		inbound("wamid.B2", "text", 1749416383, func(in *cloudapi.Inbound) {
			in.FromUserID, in.Text = bsuid, "Does it come in another color?"
		})...)
	return want
}

func notCertain(in *cloudapi.Inbound) { in.OpensWindow = false }

// peoplePayloads says what each payload about identities and choices means.
func peoplePayloads() map[string][]cloudapi.Change {
	const old, now = waID, "12195555358"
	const newID = "US.99999999999999999999"
	preferences := messagesOrigin
	preferences.Field = "user_preferences"
	preference := func(word string) cloudapi.UserPreference {
		return cloudapi.UserPreference{
			Origin: preferences, WaID: waID, Category: "marketing_messages", Value: word, At: at(1731705721),
		}
	}
	return map[string][]cloudapi.Change{
		"wh_messages_system_user_changed_number": {cloudapi.NumberChanged{
			Origin: messagesOrigin, MessageID: "wamid.HBgLMTk4MzU1NTE5NzQVAgASGAoxMTgyMDg2MjY3AA==",
			Old: old, New: now, At: at(1750269342),
		}},
		"wh_messages_system_user_changed_user_id": {
			cloudapi.Identity{Origin: messagesOrigin, WaID: now, UserID: newID},
			cloudapi.NumberChanged{
				Origin: messagesOrigin, MessageID: "wamid.SY2", Old: old, New: now, OldUserID: bsuid, NewUserID: newID,
				At: at(1750269342),
			},
			cloudapi.UserIDChanged{
				Origin: messagesOrigin, MessageID: "wamid.SY2", Old: bsuid, New: newID, WaID: now, At: at(1750269342),
			},
		},
		"wh_user_preferences_stop":   {preference("stop")},
		"wh_user_preferences_resume": {preference("resume")},
		"wh_user_preferences_signup": {
			cloudapi.Identity{Origin: preferences, WaID: waID, UserID: bsuid}, preference("signup"),
		},
		"wh_messages_value_errors_130429": {cloudapi.ValueErrors{Origin: messagesOrigin, Errors: []cloudapi.Error{{
			Coded: true, Code: 130429, Title: "Rate limit hit", Message: "Rate limit hit",
			Details: "Message failed to send because there were too many messages sent from this phone number in a short " +
				"period of time",
		}}}},
	}
}

func TestEveryMessagePayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	want := inboundPayloads()
	for name, changes := range peoplePayloads() {
		want[name] = changes
	}
	names := append(payloads(t, "wh_messages_"), payloads(t, "wh_user_preferences_")...)
	require.Len(t, want, len(names))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, want, name)
			assert.Equal(t, want[name], changesOf(t, name))
		})
	}
}

// messagesWith wraps the inside of a messages value in a webhook.
func messagesWith(field, inside string) []byte {
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"` + field +
		`","value":{"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},` + inside + `}}]}]}`)
}

func parse(t *testing.T, body []byte) cloudapi.Webhook {
	t.Helper()
	hook, err := cloudapi.ParseWebhook(body)
	require.NoError(t, err)
	return hook
}

func TestOnlyWhatIsSettledOpensTheWindowForCertain(t *testing.T) {
	t.Parallel()
	for _, step := range []struct {
		message           string
		certain, possible bool
	}{
		{`"timestamp":"1750030100","type":"text"`, true, true},
		{`"timestamp":1750030100,"type":"text"`, true, true},
		{`"timestamp":"1750030100","type":"text","errors":[{"code":1}]`, false, true},
		{`"timestamp":"1750030100","type":"poll"`, false, true},
		{`"timestamp":"1750030100","type":"edit"`, false, true},
		{`"timestamp":"1750030100"`, false, true},
		{`"timestamp":"1750030100","type":"interactive","interactive":{"type":"call_permission_reply"}`, false, true},
		{`"timestamp":"1750030100","type":"system","system":{"type":"customer_identity_changed"}`, false, false},
		{`"timestamp":"1750030100","type":"text","group_id":"g"`, false, false},
		{`"type":"text"`, false, true},
		{`"timestamp":"soon","type":"text"`, false, true},
		{`"timestamp":"9999999999999999999","type":"text"`, false, true},
		{`"timestamp":-1750030100,"type":"text"`, false, true},
		{`"type":"text","group_id":"g"`, false, false},
		{`"timestamp":"1750030100","type":"voice"`, true, true},
	} {
		hook := parse(t, messagesWith("messages", `"messages":[{"from":"16505551234","id":"w",`+step.message+`}]`))
		require.Len(t, hook.Changes, 1, step.message)
		in, ok := hook.Changes[0].(cloudapi.Inbound)
		require.True(t, ok, step.message)
		assert.Equal(t, step.certain, in.OpensWindow, step.message)
		assert.Equal(t, step.possible, in.MayOpenWindow, step.message)
		assert.Equal(t, in.At.IsZero(), len(hook.Problems) == 1, step.message)
	}
}

func TestTheSenderIsFoundWhereverThePlatformPutsIt(t *testing.T) {
	t.Parallel()
	const message = `"id":"w","timestamp":"1750030100","type":"text"`
	for _, step := range []struct{ inside, from, user string }{
		{`"messages":[{` + message + `,"from":"16505551234"}]`, waID, ""},
		{`"messages":[{` + message + `,"from":"US.134"}]`, "", "US.134"},
		{`"messages":[{` + message + `,"from":16505551234}]`, waID, ""},
		{`"contacts":[{"wa_id":"16505551234","user_id":"US.134"}],"messages":[{` + message + `}]`, waID, "US.134"},
		{`"contacts":{"wa_id":"16505551234"},"messages":{` + message + `}`, waID, ""},
	} {
		hook := parse(t, messagesWith("messages", step.inside))
		require.Empty(t, hook.Problems, step.inside)
		in, ok := hook.Changes[len(hook.Changes)-1].(cloudapi.Inbound)
		require.True(t, ok, step.inside)
		assert.Equal(t, step.from, in.From, step.inside)
		assert.Equal(t, step.user, in.FromUserID, step.inside)
	}
	hook := parse(t, messagesWith("messages", `"contacts":[{"wa_id":"1"},{"wa_id":"2"}],"messages":[{`+message+`}]`))
	assert.Empty(t, hook.Changes)
	assert.Equal(t, []cloudapi.Problem{{Path: "entry[0].changes[0].value.messages[0]", Reason: "sender missing"}}, hook.Problems)
}

func TestAnIdentityIsToldOnceAChange(t *testing.T) {
	t.Parallel()
	message := `{"id":"w","timestamp":"1750030100","type":"text","from":"16505551234","from_user_id":"US.134",` +
		`"from_parent_user_id":"US.ENT.1"}`
	inside := `"contacts":[{"wa_id":"16505551234","user_id":"US.134","parent_user_id":"US.ENT.1"}],"messages":[` +
		strings.Repeat(message+",", 9) + message + `]`
	hook := parse(t, messagesWith("messages", inside))
	require.Len(t, hook.Changes, 11)
	told := cloudapi.Identity{Origin: messagesOrigin, WaID: waID, UserID: "US.134", ParentUserID: "US.ENT.1"}
	assert.Equal(t, told, hook.Changes[0])

	const change = `{"field":"messages","value":{"metadata":{},"contacts":[{"wa_id":"16505551234","user_id":"US.134"}]}}`
	hook = parse(t, []byte(`{"entry":[{"changes":[`+change+`,`+change+`]}]}`))
	require.Len(t, hook.Changes, 2)
	assert.Equal(t, hook.Changes[0], hook.Changes[1])
}

func TestAChangeOfIdentityIsReadInEveryShape(t *testing.T) {
	t.Parallel()
	system := func(rest, system string) []byte {
		return messagesWith("messages", `"messages":[{"id":"w","timestamp":"1750030100","type":"system",`+rest+`"system":{`+system+`}}]`)
	}
	changed := cloudapi.UserIDChanged{
		Origin: messagesOrigin, MessageID: "w", Old: "US.1", New: "US.2", At: at(1750030100),
	}
	hook := parse(t, system("", `"type":"user_changed_user_id","previous_user_id":"US.1","user_id":"US.2"`))
	assert.Equal(t, []cloudapi.Change{changed}, hook.Changes)

	hook = parse(t, system(`"from":"16505551234",`, `"type":"customer_changed_number","new_wa_id":"12195555358"`))
	assert.Equal(t, []cloudapi.Change{cloudapi.NumberChanged{
		Origin: messagesOrigin, MessageID: "w", Old: waID, New: "12195555358", At: at(1750030100),
	}}, hook.Changes)

	hook = parse(t, system(`"from":"16505551234",`, `"type":"user_changed_number","wa_id":"16505551234"`))
	require.Len(t, hook.Changes, 1)
	assert.IsType(t, cloudapi.Inbound{}, hook.Changes[0])

	hook = parse(t, messagesWith("user_id_update", `"user_id_update":[{"wa_id":"12195555358","timestamp":"1750030100",`+
		`"user_id":{"previous":"US.1","current":"US.2"}},{"user_id":{"previous":"US.1"}}]`))
	updates := messagesOrigin
	updates.Field = "user_id_update"
	assert.Equal(t, []cloudapi.Change{
		cloudapi.Identity{Origin: updates, WaID: "12195555358", UserID: "US.2"},
		cloudapi.UserIDChanged{Origin: updates, Old: "US.1", New: "US.2", WaID: "12195555358", At: at(1750030100)},
	}, hook.Changes)
	assert.Len(t, hook.Problems, 1)
}

func TestACallOfThePersonOpensTheWindow(t *testing.T) {
	t.Parallel()
	for _, step := range []struct {
		call              string
		certain, possible bool
	}{
		{`"from":"16505551234","to":"15550783881","event":"connect","direction":"USER_INITIATED","timestamp":"1750030100"`, true, true},
		{`"from":"15550783881","to":"16505551234","event":"connect","direction":"USER_INITIATED","timestamp":"1750030100"`, true, true},
		{`"from":"16505551234","event":"terminate","direction":"USER_INITIATED","timestamp":"1750030100"`, false, true},
		{`"from":"16505551234","event":"connect","timestamp":"1750030100"`, false, true},
		{`"from":"15550783881","to":"16505551234","event":"connect","direction":"BUSINESS_INITIATED","timestamp":1750030100`, false, false},
		{`"from":"1","to":"16505551234","event":"connect","direction":"BUSINESS_INITIATED","timestamp":1750030100`, false, false},
		{`"from":"16505551234","to":"15550783881","event":"connect","direction":"BUSINESS_INITIATED","timestamp":1750030100`, false, false},
		{`"from":"16505551234","event":"connect","direction":"USER_INITIATED"`, false, true},
		{`"from":"16505551234","event":"connect","timestamp":"soon"`, false, true},
		{`"from":"15550783881","to":"16505551234","event":"connect","direction":"BUSINESS_INITIATED"`, false, false},
	} {
		hook := parse(t, messagesWith("calls", `"calls":[{"id":"wacid.1",`+step.call+`}]`))
		require.Len(t, hook.Changes, 1, step.call)
		call, ok := hook.Changes[0].(cloudapi.Call)
		require.True(t, ok, step.call)
		assert.Equal(t, waID, call.From, step.call)
		assert.Equal(t, "wacid.1", call.CallID)
		assert.Equal(t, step.certain, call.OpensWindow, step.call)
		assert.Equal(t, step.possible, call.MayOpenWindow, step.call)
		assert.Equal(t, call.At.IsZero(), len(hook.Problems) == 1, step.call)
	}
	hook := parse(t, messagesWith("calls", `"calls":[{"id":"wacid.1"}],"statuses":[{"id":"wacid.1","type":"call","status":"RINGING"}]`))
	require.Len(t, hook.Changes, 1)
	assert.IsType(t, cloudapi.Unknown{}, hook.Changes[0], "the status of a call is no status of a message")
	assert.Len(t, hook.Problems, 1)
	for _, inside := range []string{
		`"contacts":[{"wa_id":"16505551234"}],"calls":[{"id":"wacid.1","timestamp":"1"}]`,
		`"calls":[{"id":"wacid.1","from":"+1 650-555-1234","timestamp":"1"}]`,
	} {
		assert.IsType(t, cloudapi.Call{}, parse(t, messagesWith("calls", inside)).Changes[0])
	}
	hook = parse(t, messagesWith("calls", `"statuses":[{"id":"wacid.1","status":"FAILED","timestamp":"1750030100"}]`))
	assert.IsType(t, cloudapi.Unknown{}, hook.Changes[0])
}

func TestAPreferenceNeedsAPerson(t *testing.T) {
	t.Parallel()
	const choice = `"user_preferences":[{"category":"marketing_messages","value":"STOP","timestamp":"1731705721"}]`
	origin := messagesOrigin
	origin.Field = "user_preferences"
	hook := parse(t, messagesWith("user_preferences", `"contacts":[{"user_id":"US.134"}],`+choice))
	assert.Equal(t, []cloudapi.Change{cloudapi.UserPreference{
		Origin: origin, UserID: "US.134", Category: "marketing_messages", Value: "stop", At: at(1731705721),
	}}, hook.Changes)
	hook = parse(t, messagesWith("user_preferences", choice))
	assert.Empty(t, hook.Changes)
	assert.Len(t, hook.Problems, 1)
}
