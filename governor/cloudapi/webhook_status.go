package cloudapi

import (
	"strings"
	"time"
)

// Status is news of a message that the business sent (webhooks/reference/
// messages/status, 2026-09-11). Statuses are repeated and out of order, and
// "delivered" is left out when the message is read at once.
type Status struct {
	Origin
	// MessageID is the ID that the answer to the send gave.
	MessageID string
	// Word is sent, delivered, read, played or failed, in lower case. Other
	// words may come.
	Word string
	// At is when, zero if unknown.
	At time.Time

	// RecipientID is the recipient's phone number in the form that webhooks
	// use, RecipientUserID the user ID. Either may be empty, and both are
	// for a group.
	RecipientID, RecipientUserID string
	// Group is the group the message went to, empty for a person.
	// Participant is the phone number of the member whom the status is
	// about.
	Group, Participant string

	// Pricing is what the platform would charge. It comes with sent and with
	// one of delivered and read.
	Pricing Pricing
	// Conversation is the conversation the message belongs to. Since v24.0
	// it comes with free entry points only.
	Conversation Conversation
	// CallbackData is what the send gave as biz_opaque_callback_data.
	CallbackData string
	// TemplateID is of a Direct Send.
	TemplateID string
	// Errors say why a message failed. A failed message was not delivered
	// whatever they say.
	Errors []Error
}

// Pricing is how the platform books a message. Its zero value means that the
// status said nothing.
type Pricing struct {
	// Model is CBP or PMP.
	Model string
	// Type is regular, free_customer_service or free_entry_point, in lower
	// case. The second means that the platform saw an open customer service
	// window, until it starts to charge for those too, announced for
	// 2026-10-01.
	Type string
	// Category is marketing, utility, authentication, service or another
	// word, in lower case with underscores: authentication_international.
	Category string
	// Billable is to be removed by the platform; false says nothing.
	Billable bool
}

// Conversation is the conversation a message belongs to. Its zero value means
// that the status said nothing.
type Conversation struct {
	// ID is the conversation's ID.
	ID string
	// Origin is what began it, written as [Pricing].Category.
	Origin string
	// Expires is when it ends, zero unless the status is "sent".
	Expires time.Time
}

func (r *reader) readStatus(origin Origin, i int, status value) {
	s := Status{Origin: origin}
	var recipient, recipientUser, recipientParent value
	group, call := false, origin.Field == "calls"
	for key, member := range status.members() {
		switch string(key) {
		case "id":
			s.MessageID = member.word()
		case "status":
			s.Word = lower(member)
		case "timestamp":
			s.At = unixTime(member)
		case "type":
			call = call || lower(member) == "call"
		case "recipient_id":
			recipient = member
		case "recipient_user_id":
			recipientUser = member
		case "recipient_parent_user_id":
			recipientParent = member
		case "recipient_type":
			group = lower(member) == "group"
		case "recipient_participant_id":
			s.Participant = member.word()
		case "pricing":
			s.Pricing = readPricing(member)
		case "conversation":
			s.Conversation = readConversation(member)
		case "biz_opaque_callback_data":
			s.CallbackData = member.word()
		case "template_id":
			s.TemplateID = member.word()
		case "errors":
			s.Errors = readErrors(member)
		}
	}
	switch {
	case call:
		r.add(unknown(origin, status))
		return
	case s.MessageID == "" || s.Word == "":
		r.fault("statuses", i, "id or status missing")
		return
	case s.At.IsZero():
		r.fault("statuses", i, "timestamp missing or absurd")
	}
	if group {
		s.Group = recipient.word()
	} else {
		who := newPerson(recipient, recipientUser, recipientParent)
		s.RecipientID, s.RecipientUserID = who.wa, who.user
		r.identify(origin, who)
	}
	r.add(s)
}

func readPricing(v value) Pricing {
	return Pricing{
		Model:    upper(v.get("pricing_model")),
		Type:     lower(v.get("type")),
		Category: category(v.get("category")),
		Billable: string(v.get("billable")) == "true",
	}
}

func readConversation(v value) Conversation {
	return Conversation{
		ID:      v.get("id").word(),
		Origin:  category(v.get("origin", "type")),
		Expires: unixTime(v.get("expiration_timestamp")),
	}
}

// category joins two spellings: pricing has authentication-international,
// conversations have authentication_international.
func category(v value) string { return strings.ReplaceAll(lower(v), "-", "_") }
