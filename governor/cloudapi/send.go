package cloudapi

import (
	"errors"
	"strings"
)

// ErrUnreadable says that the body of a send cannot be read with certainty,
// from [ParseSend], [CheckQuery] and [CheckBatch]. A caller that must not let
// a message by unseen refuses such a send.
var ErrUnreadable = errors.New("cloudapi: unreadable send")

// ErrForeign says that a body on a /messages path belongs to another product
// that shares it, Messenger or Instagram, from [ParseSend]. It never comes
// with ErrUnreadable, and such a request is none of ours.
var ErrForeign = errors.New("cloudapi: send of another product")

// Kind says what a send asks for. Its zero value says nothing and is never
// returned without an error.
type Kind int

// The kinds of send.
const (
	// Template is a template message. It opens a conversation with the
	// recipient, or takes part in an open one.
	Template Kind = iota + 1
	// DirectSend is a message without a template that the business
	// nevertheless initiates: its top-level category says utility,
	// authentication or any other word than service (Direct Send beta,
	// 2026-07-31).
	DirectSend
	// FreeForm is a message that the platform accepts only in an open
	// customer service window.
	FreeForm
	// Receipt marks a message as read or shows the typing indicator. It has
	// no recipient.
	Receipt
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case Template:
		return "template"
	case DirectSend:
		return "direct send"
	case FreeForm:
		return "free-form"
	case Receipt:
		return "receipt"
	default:
		return "unknown"
	}
}

// AddresseeKind says what an addressee is. Its zero value is nobody.
type AddresseeKind int

// The kinds of addressee.
const (
	// Nobody is the addressee of a receipt.
	Nobody AddresseeKind = iota
	// Phone is a phone number in any formatting.
	Phone
	// UserID is a business-scoped user ID or its parent.
	UserID
	// Group is the ID of a group.
	Group
)

// String returns the kind in words.
func (k AddresseeKind) String() string {
	switch k {
	case Phone:
		return "phone"
	case UserID:
		return "user ID"
	case Group:
		return "group"
	default:
		return "nobody"
	}
}

// Send is what one request to [Messages] or [MarketingMessages] asks for.
type Send struct {
	// Endpoint is where the request goes.
	Endpoint Endpoint
	// Number is the phone number ID that the message leaves from. ParseSend,
	// which does not see the path, leaves it empty: see [ParsePath].
	Number string
	// Kind says what the request asks for.
	Kind Kind

	// To and Recipient are the addressee as written, empty where absent. Ask
	// [Send.Addressee] which of them counts.
	To, Recipient string
	// Group reports whether recipient_type says group.
	Group bool

	// Type is the message's type, "text" where the body names none; empty
	// for a receipt.
	Type string
	// Template is the template's name, empty for anything but [Template].
	Template string
	// Language is the template's language in the form en_US, empty where the
	// body names none.
	Language string
	// Category is the top-level category of a Direct Send as written. It is
	// not the template's category, which a send does not carry.
	Category string
	// CallbackData is biz_opaque_callback_data, which every status of the
	// message repeats. Empty where absent.
	CallbackData string
}

// String says what the send asks for and never whom it addresses.
func (s Send) String() string {
	_, to := s.Addressee()
	what := s.Kind.String()
	if s.Template != "" {
		what += " " + s.Template
	}
	return what + " to " + to.String()
}

// Addressee returns who the message goes to: to takes precedence where both
// to and recipient are given (business-scoped-user-ids, 2026-05-07). A user
// ID is known by its shape wherever it stands, since its digits are no phone
// number. A receipt goes to nobody.
func (s Send) Addressee() (string, AddresseeKind) {
	who := s.To
	if who == "" {
		who = s.Recipient
	}
	switch {
	case who == "":
		return "", Nobody
	case s.Group:
		return who, Group
	case s.To == "" || isUserID(who):
		return who, UserID
	default:
		return who, Phone
	}
}

// ParseSend reads the body of a request to e. The content type is the
// request's header: JSON, application/x-www-form-urlencoded and
// multipart/form-data are read (reference/whatsapp-business-phone-number/
// message-api, 2026-03); under any other, or none, the body must be a JSON
// object.
//
// A template object makes the send a [Template] whatever the type says, and
// [MarketingMessages] takes nothing else. A receipt is status "read" with a
// message_id and nothing of a message beside it.
//
// An error wraps [ErrUnreadable] or [ErrForeign]. Unreadable is every body
// that two decoders could read differently (repeated or misspelt names, bytes
// that are not UTF-8), that has no addressee, or that is no documented send.
func ParseSend(e Endpoint, contentType string, body []byte) (Send, error) {
	var d draft
	if err := d.read(contentType, body); err != nil {
		return Send{}, err
	}
	return d.send(e)
}

// isUserID reports whether s has the shape of a business-scoped user ID: a
// country, a dot and letters or digits, "US.1349…" or for a parent
// "US.ENT.1181…" (business-scoped-user-ids, 2026-05-07). The draft of
// 2025-11-21 wrote "user.<hex>".
func isUserID(s string) bool {
	country, id, ok := strings.Cut(s, ".")
	if !ok || id == "" || len(country) != 2 && country != "user" {
		return false
	}
	for i := range len(country) {
		if c := country[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	for i := range len(id) {
		if c := id[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && c != '.' {
			return false
		}
	}
	return true
}

// languageCode writes a language as sends do, en_US, where webhooks write
// en-US (webhooks/reference/message_template_status_update, 2026-09-11).
func languageCode(s string) string { return strings.ReplaceAll(s, "-", "_") }
