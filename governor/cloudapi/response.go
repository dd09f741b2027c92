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
	end := s.members(start, 1, func(key []byte, at, depth int) int {
		switch string(key) {
		case "contacts":
			a.input, a.waID, a.userID = nil, nil, nil
			return s.first(at, depth, func(key []byte, at, depth int) int {
				return a.note(s, a.ofContact(key), at, depth)
			})
		case "messages":
			a.messageID, a.groupID, a.status = nil, nil, nil
			return s.first(at, depth, func(key []byte, at, depth int) int {
				return a.note(s, a.ofMessage(key), at, depth)
			})
		case "error":
			return a.note(s, &a.failure, at, depth)
		case "success":
			return a.note(s, &a.success, at, depth)
		default:
			return s.value(at, depth)
		}
	})
	if end < 0 || s.space(end) != len(body) {
		*a = answer{}
		return false
	}
	return true
}

// note checks a value and keeps it where it belongs, if that is anywhere.
func (a *answer) note(s syntax, slot *value, at, depth int) int {
	end := s.value(at, depth)
	if slot != nil {
		*slot = s.between(at, end)
	}
	return end
}

func (a *answer) ofContact(key []byte) *value {
	switch string(key) {
	case "input":
		return &a.input
	case "wa_id":
		return &a.waID
	case "user_id":
		return &a.userID
	default:
		return nil
	}
}

func (a *answer) ofMessage(key []byte) *value {
	switch string(key) {
	case "id":
		return &a.messageID
	case "group_id":
		return &a.groupID
	case "message_status":
		return &a.status
	default:
		return nil
	}
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
