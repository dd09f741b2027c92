package cloudapi_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func status(word string, seconds int64, change func(*cloudapi.Status)) []cloudapi.Change {
	s := cloudapi.Status{Origin: messagesOrigin, MessageID: sentWamid, Word: word, At: at(seconds), RecipientID: waID}
	if change != nil {
		change(&s)
	}
	return []cloudapi.Change{s}
}

// failed is a failed status with one error, as the platform's examples have
// it: the title twice and the details.
func failed(code int, title, details string) []cloudapi.Change {
	return status("failed", 1751142888, func(s *cloudapi.Status) {
		s.Errors = []cloudapi.Error{{Coded: true, Code: code, Title: title, Message: title, Details: details}}
	})
}

var regularMarketing = cloudapi.Pricing{Model: "PMP", Type: "regular", Category: "marketing", Billable: true}

func TestEveryStatusPayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	const healthy = "This message was not delivered to maintain healthy ecosystem engagement."
	identity := cloudapi.Identity{Origin: messagesOrigin, WaID: waID, UserID: bsuid}
	priced := func(s *cloudapi.Status) { s.Pricing = regularMarketing }
	want := map[string][]cloudapi.Change{
		"wh_status_sent_pricing_conversation_v23": status("sent", 1750030073, func(s *cloudapi.Status) {
			s.Pricing = regularMarketing
			s.Conversation = cloudapi.Conversation{
				ID: "72b14d6bd5407799e66f64d1b338e567", Origin: "marketing", Expires: at(1750116480),
			}
		}),
		"wh_status_sent_free_entry_point": status("sent", 1750030073, func(s *cloudapi.Status) {
			s.Pricing = cloudapi.Pricing{Model: "PMP", Type: "free_entry_point", Category: "referral_conversion"}
			s.Conversation = cloudapi.Conversation{
				ID: "8f842dbba350821654c9dfed31f5635c", Origin: "referral_conversion", Expires: at(1750289273),
			}
		}),
		"wh_status_read_v24_no_conversation_AS_PRINTED": status("sent", 1750030073, nil),
		"wh_status_sent_with_biz_opaque_callback_data": status("sent", 1750030073, func(s *cloudapi.Status) {
			s.CallbackData = "reservation-7f3a"
		}),
		"wh_status_delivered_regular_marketing":  status("delivered", 1750030073, priced),
		"wh_status_read_without_prior_delivered": status("read", 1750030190, priced),
		"wh_status_played":                       status("played", 1750030300, nil),
		"wh_status_failed_131047_reengagement": failed(131047, "Re-engagement message",
			"Message failed to send because more than 24 hours have passed since the customer last replied to this number."),
		"wh_status_failed_131026_undeliverable": failed(131026, "Message Undeliverable", "Unable to deliver message."),
		"wh_status_failed_131042_payment": failed(131042, "Business eligibility payment issue",
			"There was an error related to your payment method."),
		"wh_status_failed_132015_template_paused_after_hold": failed(132015, "Template is Paused",
			"Template is paused due to low quality so it cannot be sent in a template message."),
		"wh_status_failed_130472_experiment": failed(130472, "User's number is part of an experiment",
			"Failed to send message because this user's phone number is part of an experiment"),
		"wh_status_failed_131048_spam_rate_limit": failed(131048, "Spam rate limit hit",
			"Message failed to send because there are restrictions on how many messages can be sent from this phone number. "+
				"This may be because too many previous messages were blocked or flagged as spam."),
		"wh_status_failed_131050_user_stopped_marketing": failed(131050, "User has stopped receipt of marketing messages.",
			"Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from "+
				"your business."),
		"wh_status_failed_131064_template_classification_limit": failed(131064, "Message failed to send",
			"Message failed to send because this account has reached its messaging limit due to template classification "+
				"violations. This applies to both template messages and direct send messages."),
		"wh_status_failed_131049": status("failed", 1751142888, func(s *cloudapi.Status) {
			s.MessageID = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0QUQ2MjA4NEYyRkExNjMyREUA"
			s.Errors = []cloudapi.Error{{
				Coded: true, Code: 131049, Title: healthy, Message: healthy,
				Details: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
			}}
		}),
		"wh_status_delivered_free_customer_service_utility": status("delivered", 1750030073, func(s *cloudapi.Status) {
			s.Pricing = cloudapi.Pricing{Model: "PMP", Type: "free_customer_service", Category: "utility"}
		}),
		"wh_status_group_read": status("read", 1750030190, func(s *cloudapi.Status) {
			s.RecipientID, s.Group, s.Participant = "", group, waID
		}),
		"wh_status_delivered_bsuid_and_phone": append([]cloudapi.Change{identity}, status("delivered", 1750030073,
			func(s *cloudapi.Status) { s.RecipientUserID, s.Pricing = bsuid, regularMarketing })...),
		"wh_status_delivered_bsuid_only_no_phone": status("delivered", 1750030073, func(s *cloudapi.Status) {
			s.RecipientID, s.RecipientUserID, s.Pricing = "", bsuid, regularMarketing
		}),
	}
	for _, name := range payloads(t, "wh_status_") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, want, name)
			assert.Equal(t, want[name], changesOf(t, name))
		})
	}
}

func TestAFailedStatusTellsOfConsentByItsCode(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cloudapi.Consent{
		"wh_status_failed_131050_user_stopped_marketing": cloudapi.ConsentMarketingRevoked,
		"wh_status_failed_131049":                        cloudapi.ConsentMarketingPaused,
		"wh_status_failed_131026_undeliverable":          cloudapi.ConsentUntouched,
	} {
		s, ok := changesOf(t, name)[0].(cloudapi.Status)
		require.True(t, ok)
		require.Len(t, s.Errors, 1)
		assert.Equal(t, want, s.Errors[0].Info().Consent, name)
	}
}

func TestAStatusIsReadWhateverItLacks(t *testing.T) {
	t.Parallel()
	for inside, want := range map[string]cloudapi.Status{
		`"statuses":[{"id":"w","status":"SENT","timestamp":1750030073,"recipient_id":16505551234,"template_id":77}]`: {
			Word: "sent", At: at(1750030073), RecipientID: waID, TemplateID: "77",
		},
		`"statuses":{"id":"w","status":"warning","timestamp":"1750030073"}`: {Word: "warning", At: at(1750030073)},
		`"statuses":[{"id":"w","status":"read","timestamp":"1750030073","recipient_id":"US.134"}]`: {
			Word: "read", At: at(1750030073), RecipientUserID: "US.134",
		},
		`"statuses":[{"id":"w","status":"sent","timestamp":"1750030073","pricing":{"category":"authentication-international"},
			"conversation":{"origin":{"type":"authentication_international"},"expiration_timestamp":1750116480}}]`: {
			Word: "sent", At: at(1750030073), Pricing: cloudapi.Pricing{Category: "authentication_international"},
			Conversation: cloudapi.Conversation{Origin: "authentication_international", Expires: at(1750116480)},
		},
		`"statuses":[{"id":"w","status":"failed","timestamp":"1750030073","errors":{"code":"131026"},"pricing":7}]`: {
			Word: "failed", At: at(1750030073), Errors: []cloudapi.Error{{Coded: true, Code: 131026}},
		},
		`"statuses":[{"id":"w","status":"failed","timestamp":"1750030073","errors":["x",null]}]`: {
			Word: "failed", At: at(1750030073),
		},
	} {
		hook := parse(t, messagesWith("messages", inside))
		want.Origin, want.MessageID = messagesOrigin, "w"
		require.Empty(t, hook.Problems, inside)
		assert.Equal(t, []cloudapi.Change{want}, hook.Changes, inside)
	}
	hook := parse(t, messagesWith("messages",
		`"statuses":[{"id":"w"},{"status":"sent"},7,null,{"id":"w","status":"sent"},{"id":"w","status":"sent","timestamp":"1"}]`))
	assert.Len(t, hook.Changes, 2)
	assert.Equal(t, []cloudapi.Problem{
		{Path: "entry[0].changes[0].value.statuses[0]", Reason: "id or status missing"},
		{Path: "entry[0].changes[0].value.statuses[1]", Reason: "id or status missing"},
		{Path: "entry[0].changes[0].value.statuses[2]", Reason: "not an object"},
		{Path: "entry[0].changes[0].value.statuses[3]", Reason: "not an object"},
		{Path: "entry[0].changes[0].value.statuses[4]", Reason: "timestamp missing or absurd"},
	}, hook.Problems)
}
