package governortest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// refusal is the answer to a request that the platform does not carry out.
type refusal struct {
	code      int
	subcode   int
	status    int // HTTP
	kind      string
	title     string
	details   string
	unmarked  bool // the code does not stand before the title
	transient bool
	bare      bool // no body at all
}

// documented holds the errors of the platform's page on error codes: the HTTP status as printed until November 2025,
// the title, and the details where samples show them.
var documented = map[int]refusal{
	0:      {status: http.StatusUnauthorized, title: "AuthException"},
	1:      {status: http.StatusBadRequest, title: "API Unknown"},
	2:      {status: http.StatusServiceUnavailable, title: "API Service"},
	3:      {status: http.StatusInternalServerError, title: "API Method"},
	4:      {status: http.StatusBadRequest, title: "Application request limit reached", transient: true},
	10:     {status: http.StatusForbidden, title: "Permission Denied"},
	33:     {status: http.StatusBadRequest, title: "Parameter value is not valid"},
	100:    {status: http.StatusBadRequest, title: "Invalid parameter"},
	190:    {status: http.StatusUnauthorized, subcode: 463, unmarked: true, title: "Error validating access token: Session has expired."},
	368:    {status: http.StatusForbidden, title: "Temporarily blocked for policies violations", details: "The WhatsApp Business Account associated with the app has been restricted or disabled for violating a platform policy."},
	80007:  {status: http.StatusBadRequest, title: "Rate limit issues", details: "The WhatsApp Business Account has reached its rate limit."},
	130429: {status: http.StatusBadRequest, subcode: 2494055, title: "Rate limit hit", details: "Cloud API message throughput has been reached."},
	130472: {status: http.StatusBadRequest, title: "User's number is part of an experiment"},
	130497: {status: http.StatusForbidden, title: "Business account is restricted from messaging users in this country.", details: "The WhatsApp Business Account is restricted from messaging to users in certain countries."},
	131000: {status: http.StatusInternalServerError, title: "Something went wrong"},
	131005: {status: http.StatusForbidden, title: "Access denied"},
	131008: {status: http.StatusBadRequest, title: "Required parameter is missing"},
	131009: {status: http.StatusBadRequest, title: "Parameter value is not valid"},
	131016: {status: http.StatusInternalServerError, title: "Service unavailable"},
	131021: {status: http.StatusBadRequest, title: "Recipient cannot be sender"},
	131026: {status: http.StatusBadRequest, title: "Message Undeliverable"},
	131030: {status: http.StatusBadRequest, title: "Recipient phone number not in allowed list", details: "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again."},
	131031: {status: http.StatusForbidden, title: "Account has been locked", details: "The WhatsApp Business Account associated with the app has been restricted or disabled for violating a platform policy, or we were unable to verify data included in the request against data set on the WhatsApp Business Account (e.g, the two-step pin included in the request is incorrect)."},
	131037: {status: http.StatusBadRequest, title: "Display name approval needed"},
	131042: {status: http.StatusBadRequest, title: "Business eligibility payment issue"},
	131045: {status: http.StatusInternalServerError, title: "Incorrect certificate"},
	131047: {status: http.StatusBadRequest, title: "Re-engagement message", details: "Message failed to send because more than 24 hours have passed since the customer last replied to this number."},
	131048: {status: http.StatusBadRequest, title: "Spam rate limit hit", details: "Message failed to send because there are restrictions on how many messages can be sent from this phone number. This may be because too many previous messages were blocked or flagged as spam."},
	131049: {status: http.StatusBadRequest, title: "Meta chose not to deliver", details: "This message was not delivered to maintain healthy ecosystem engagement."},
	131050: {status: http.StatusBadRequest, title: "User has stopped receipt of marketing messages"},
	131051: {status: http.StatusBadRequest, title: "Unsupported message type"},
	131052: {status: http.StatusBadRequest, title: "Media download error"},
	131053: {status: http.StatusBadRequest, title: "Media upload error"},
	131055: {status: http.StatusBadRequest, title: "Method not allowed"},
	131056: {status: http.StatusBadRequest, title: "(Business Account, Consumer Account) pair rate limit hit", details: "Too many messages sent from the sender phone number to the same recipient phone number in a short period of time."},
	131057: {status: http.StatusInternalServerError, title: "Account in maintenance mode", details: "Business Account is in maintenance mode"},
	131062: {status: http.StatusBadRequest, title: "Parameter value is not valid", details: "Business-scoped User ID (BSUID) recipients are not supported for this message."},
	131063: {status: http.StatusBadRequest, title: "Marketing templates are disabled on Cloud API"},
	131064: {status: http.StatusBadRequest, title: "Message failed to send", details: "Message failed to send because this account has reached its messaging limit due to template classification violations. This applies to both template messages and direct send messages."},
	132000: {status: http.StatusBadRequest, title: "Template Param Count Mismatch"},
	132001: {status: http.StatusNotFound, title: "Template does not exist"},
	132005: {status: http.StatusBadRequest, title: "Template Text Too Long"},
	132007: {status: http.StatusBadRequest, title: "Template Format Character Policy Violated"},
	132012: {status: http.StatusBadRequest, title: "Template Parameter Format Mismatch"},
	132015: {status: http.StatusBadRequest, title: "Template is Paused", details: "Template is paused due to low quality so it cannot be sent in a template message."},
	132016: {status: http.StatusBadRequest, title: "Template is Disabled", details: "Template has been paused too many times due to low quality and is now permanently disabled."},
	133004: {status: http.StatusServiceUnavailable, title: "Server Temporarily Unavailable"},
	133010: {status: http.StatusBadRequest, title: "Phone number Not Registered"},
	134100: {status: http.StatusBadRequest, title: "Only marketing messages supported"},
	134101: {status: http.StatusBadRequest, title: "Template is still syncing"},
	134102: {status: http.StatusInternalServerError, title: "Template unavailable for use"},
	135000: {status: http.StatusBadRequest, title: "Generic user error"},
	139200: {status: http.StatusBadRequest, title: "Direct Send access blocked"},
}

// refuse returns the documented refusal of a code. One that no page lists is a bad request.
func refuse(code int) *refusal {
	r, ok := documented[code]
	if !ok {
		r = refusal{status: http.StatusBadRequest, title: "Unknown error"}
	}
	r.code = code
	return &r
}

// because returns the refusal with these details. They must not name a recipient.
func (r *refusal) because(format string, args ...any) *refusal {
	r.details = fmt.Sprintf(format, args...)
	return r
}

// invalid refuses a parameter; this one code says so in its title. The text must not name a recipient.
func invalid(format string, args ...any) *refusal {
	r := refuse(100)
	r.title = fmt.Sprintf(format, args...)
	return r
}

// nowhere refuses a request whose path names nothing that can be asked this way.
func nowhere(method string) *refusal {
	return &refusal{
		code: 100, subcode: 33, status: http.StatusBadRequest, kind: "GraphMethodException", unmarked: true,
		title: "Unsupported " + strings.ToLower(method) + " request. The object does not exist, cannot be loaded due to" +
			" missing permissions, or does not support this operation.",
	}
}

// answer returns the refusal as it goes over the wire.
func (r *refusal) answer(trace string) answer {
	if r.bare {
		return answer{status: r.status}
	}
	fault := map[string]any{
		"message":    fmt.Sprintf("(#%d) %s", r.code, r.title),
		"type":       cmp.Or(r.kind, "OAuthException"),
		"code":       r.code,
		"fbtrace_id": trace,
	}
	if r.unmarked {
		fault["message"] = r.title
	}
	if r.transient {
		fault["is_transient"] = true
	}
	if r.details != "" {
		fault["error_data"] = map[string]any{"messaging_product": "whatsapp", "details": r.details}
	}
	if r.subcode != 0 {
		fault["error_subcode"] = r.subcode
	}
	return answer{status: r.status, body: encode(map[string]any{"error": fault})}
}

// encode renders what is made of maps, slices, strings, numbers and booleans only, which cannot fail.
func encode(v any) []byte {
	body, _ := json.Marshal(v)
	return body
}
