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
	doc, err := parseJSON(body)
	success := status >= 200 && status <= 299
	if failure := doc.get("error"); !failure.absent() || !success {
		e := readError(failure)
		e.HTTPStatus = status
		return Response{}, &e
	}
	if err != nil || !doc.isObject() {
		return Response{}, ErrMalformed
	}
	return readResponse(doc), nil
}

func readResponse(doc value) Response {
	r := Response{Success: string(doc.get("success")) == "true"}
	for _, contact := range doc.get("contacts").each() {
		r.Input = contact.get("input").word()
		r.WaID = contact.get("wa_id").word()
		r.UserID = contact.get("user_id").word()
		break
	}
	for _, message := range doc.get("messages").each() {
		r.MessageID = message.get("id").word()
		r.GroupID = message.get("group_id").word()
		r.Status = message.get("message_status").word()
		break
	}
	if r.GroupID != "" {
		r.WaID = ""
	}
	if r.UserID == "" && isUserID(r.WaID) {
		r.WaID, r.UserID = "", r.WaID
	}
	return r
}
