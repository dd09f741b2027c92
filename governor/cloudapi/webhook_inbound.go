package cloudapi

import "time"

// Inbound is a message from a person (webhooks/reference/messages,
// 2026-09-11).
type Inbound struct {
	Origin
	// MessageID is the message's ID.
	MessageID string
	// From is the sender's phone number, empty if the platform does not
	// share it. FromUserID is the sender's user ID, and one of the two is
	// always there. ParentUserID is empty where absent.
	From, FromUserID, ParentUserID string
	// Group is the group the message was written in, empty for a chat with
	// the business alone.
	Group string
	// At is when the person sent it, zero if unknown: a webhook may come
	// days late, and the customer service window starts here.
	At time.Time
	// Type is the type as sent: text, image, button, interactive, … Subtype
	// is that of an interactive, unsupported or system message.
	Type, Subtype string
	// InReplyTo is the ID of the message that was answered, empty if none.
	InReplyTo string

	// Text is what the person wrote. It is content: keep it out of logs.
	Text string
	// ButtonPayload and ButtonText are of the quick reply, button or list
	// row that the person chose. They are content as well.
	ButtonPayload, ButtonText string

	// Referral reports that the message came from an ad or a page's button.
	Referral bool
	// OpensWindow reports that the message certainly opens the customer
	// service window: notifications then need no slot.
	OpensWindow bool
	// MayOpenWindow reports that it may open the window, so that a reply is
	// worth trying; true whenever OpensWindow is. Reactions, unsupported and
	// undocumented types are of this kind, since no page says what they do, and
	// so is every message whose At is zero.
	MayOpenWindow bool
	// Errors are those of an unsupported message.
	Errors []Error
}

func (r *reader) readMessage(origin Origin, i int, message value, sole person) {
	in := Inbound{Origin: origin}
	var from, fromUser, fromParent, system, interactive, unsupported value
	for key, member := range message.members() {
		switch string(key) {
		case "id":
			in.MessageID = member.word()
		case "from":
			from = member
		case "from_user_id":
			fromUser = member
		case "from_parent_user_id":
			fromParent = member
		case "group_id":
			in.Group = member.word()
		case "timestamp":
			in.At = unixTime(member)
		case "type":
			in.Type = member.word()
		case "context":
			in.InReplyTo = member.get("id").word()
		case "text":
			in.Text = member.get("body").word()
		case "button":
			in.ButtonPayload, in.ButtonText = member.get("payload").word(), member.get("text").word()
		case "interactive":
			interactive = member
		case "system":
			system = member
		case "unsupported":
			unsupported = member
		case "referral":
			in.Referral = member.isObject()
		case "errors":
			in.Errors = readErrors(member)
		}
	}
	who := newPerson(from, fromUser, fromParent)
	if who.isNobody() {
		who = sole
	}
	in.From, in.FromUserID, in.ParentUserID = who.wa, who.user, who.parent
	switch in.Type {
	case "system":
		if r.readSystem(in, system) {
			return
		}
		in.Subtype = system.get("type").word()
	case "interactive":
		in.Subtype = interactive.get("type").word()
		reply := interactive.get(in.Subtype)
		in.ButtonPayload, in.ButtonText = reply.get("id").word(), reply.get("title").word()
	case "unsupported":
		in.Subtype = unsupported.get("type").word()
	}
	if who.isNobody() {
		r.fault("messages", i, "sender missing")
		return
	}
	if in.At.IsZero() {
		r.fault("messages", i, "timestamp missing or absurd")
	}
	in.OpensWindow, in.MayOpenWindow = in.window()
	r.identify(origin, who)
	r.add(in)
}

// window tells what the message does to the customer service window. What no
// page settles opens nothing for certain: reactions, unsupported types,
// edits, and messages in groups, which are not the chat that a reply would go
// to. A system message is nothing the person wrote. A message without a time
// was written by somebody who wants an answer, and may be older than the window
// is long.
func (in Inbound) window() (certain, possible bool) {
	if in.Group != "" || in.Type == "system" {
		return false, false
	}
	sound := len(in.Errors) == 0 && !in.At.IsZero()
	switch in.Type {
	case "text", "image", "audio", "voice", "video", "document", "sticker", "location", "contacts", "order", "button":
		return sound, true
	case "interactive":
		switch in.Subtype {
		case "button_reply", "list_reply", "nfm_reply":
			return sound, true
		}
	}
	return false, true
}
