package cloudapi

import "errors"

// ErrMalformed says that a body which should be JSON of the platform is not,
// from [ParseResponse], [ParseWebhook] and the parsers of Graph objects.
var ErrMalformed = errors.New("cloudapi: malformed body")

// Response is the platform's answer to a send that it accepted. Accepted is
// not delivered: statuses follow by webhook (messages/send-messages,
// 2026-09-11). Fields that the answer did not hold are empty.
type Response struct {
	// MessageID is the ID ("wamid.…") that statuses refer to.
	MessageID string
	// Input is the addressee as it was sent.
	Input string
	// WaID is the phone number in the form that webhooks use. It need not
	// match Input, and is absent where the addressee was a user ID.
	WaID string
	// UserID is the business-scoped user ID.
	UserID string
	// GroupID is set for a message to a group. WaID is then empty.
	GroupID string
	// Status is message_status: accepted or held_for_quality_assessment. It
	// may be absent, and other words may come.
	Status string
	// Success reports that the answer was {"success":true}, as for receipts.
	Success bool
}

// String says how the send was answered and never to whom it went.
func (r Response) String() string { return "message " + r.MessageID + " " + r.Status }

// ParseResponse reads the answer to a send. A platform error, or a status
// outside 200 to 299, is returned as an [*Error]: then the send was rejected
// if [Error.NotSent] says so, and its outcome is unknown if not. A 2xx answer
// that is not a JSON object is an error that wraps [ErrMalformed]: the send
// may well have been accepted.
func ParseResponse(status int, body []byte) (Response, error) {
	var a answer
	read := a.read(body)
	success := status >= 200 && status <= 299
	if !a.failure.absent() || !success {
		e := readError(a.failure)
		e.HTTPStatus = status
		return Response{}, &e
	}
	if !read {
		return Response{}, ErrMalformed
	}
	return a.response(), nil
}

// answer holds the members of an answer before anything is made of them. Of
// repeated ones the last counts. A nil member was not there.
type answer struct {
	failure, success value

	// Of the first contact and of the first message.
	input, waID, userID        value
	messageID, groupID, status value
}

// read picks the members out of a body in one pass and reports whether it is a
// JSON object. If not, the answer is empty.
func (a *answer) read(body []byte) bool {
	s := syntax{doc: body}
	start := s.space(0)
	if s.at(start) != '{' {
		return false
	}
	var contacts, messages value
	end := s.members(start, 1, func(key value, at int) int {
		end := s.value(at, 1)
		switch member := s.between(at, end); string(decodedKey(key)) {
		case "error":
			a.failure = member
		case "success":
			a.success = member
		case "contacts":
			contacts = member
		case "messages":
			messages = member
		}
		return end
	})
	if end < 0 || s.space(end) != len(body) {
		*a = answer{}
		return false
	}
	for key, member := range contacts.first().members() {
		switch string(key) {
		case "input":
			a.input = member
		case "wa_id":
			a.waID = member
		case "user_id":
			a.userID = member
		}
	}
	for key, member := range messages.first().members() {
		switch string(key) {
		case "id":
			a.messageID = member
		case "group_id":
			a.groupID = member
		case "message_status":
			a.status = member
		}
	}
	return true
}

func (a *answer) response() Response {
	var w words
	w.expect(a.messageID, a.input, a.waID, a.userID, a.groupID, a.status)
	r := Response{
		MessageID: w.word(a.messageID),
		Input:     w.word(a.input),
		WaID:      w.word(a.waID),
		UserID:    w.word(a.userID),
		GroupID:   w.word(a.groupID),
		Status:    w.word(a.status),
		Success:   string(a.success) == "true",
	}
	if r.GroupID != "" {
		r.WaID = ""
	}
	if r.UserID == "" && isUserID(r.WaID) {
		r.WaID, r.UserID = "", r.WaID
	}
	return r
}
