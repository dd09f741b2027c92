package governor

import (
	"fmt"
	"strings"
	"time"

	"github.com/sendgov/sendgov/quality"
)

// Kind tells the three sorts of outgoing message apart.
type Kind uint8

const (
	// Notification is a message that the business begins: a template, a
	// marketing message or a Direct Send. It takes a slot of the messaging
	// limit unless the customer service window is open.
	Notification Kind = iota
	// Reply is a free-form message inside a customer service window. It takes
	// no slot.
	Reply
	// ReadReceipt is a mark-as-read or a typing indicator. It has no recipient
	// and always passes.
	ReadReceipt
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	switch k {
	case Notification:
		return "notification"
	case Reply:
		return "reply"
	case ReadReceipt:
		return "read receipt"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Category is what a notification is for, in the platform's words.
type Category uint8

const (
	// CategoryUnknown is a notification whose category was not told. Whatever
	// holds back any category holds it back too.
	CategoryUnknown Category = iota
	// Marketing is an offer, an announcement, an invitation.
	Marketing
	// Utility is about something the customer ordered or asked for.
	Utility
	// Authentication is a one-time password.
	Authentication
)

// ParseCategory reads a category in the platform's spelling, in upper or lower
// case. An unknown word is [CategoryUnknown], which is the strictest.
func ParseCategory(s string) Category {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "marketing", "marketing_lite":
		return Marketing
	case "utility":
		return Utility
	case "authentication", "authentication-international", "authentication_international":
		return Authentication
	}
	return CategoryUnknown
}

// String returns the category's name in lower case, "unknown" for the zero.
func (c Category) String() string {
	switch c {
	case Marketing:
		return "marketing"
	case Utility:
		return "utility"
	case Authentication:
		return "authentication"
	}
	return "unknown"
}

// A Message is a send that asks for leave. The zero Message is refused.
type Message struct {
	// From is the phone number ID that the message leaves from. Required.
	From string
	// To is a phone number in any formatting, a business-scoped user ID, or a
	// group ID; see [CanonicalRecipient]. Required, except for a ReadReceipt.
	To string
	// Kind is Notification (the zero), Reply or ReadReceipt.
	Kind Kind
	// Template is the template's name. Empty for a Direct Send, a Reply and a
	// ReadReceipt.
	Template string
	// Language is the template's language code, as "en_US". It may be empty.
	Language string
	// Category is what a notification is for. What the platform has told of the
	// template goes before it. Zero: not known, which is treated as strictly as
	// any category would be, and for a Reply.
	Category Category
	// Topic is what the recipient opted in to, as "receipts". Empty: no more
	// than the category says.
	Topic string
}

// Validate reports everything that is wrong with m, as an error that wraps
// [ErrInvalid] and never shows a recipient.
func (m Message) Validate() error {
	_, err := m.canonical()
	return err
}

// canonical returns the recipient's key, empty for a ReadReceipt.
func (m *Message) canonical() (recipient string, err error) {
	if f := faultOfID(m.From); f != "" {
		err = joinInvalid(err, invalid("From", f))
	}
	if m.Kind > ReadReceipt {
		err = joinInvalid(err, invalid("Kind", fmt.Sprintf("is %d, want Notification, Reply or ReadReceipt", uint8(m.Kind))))
	}
	if m.Category > Authentication {
		err = joinInvalid(err, invalid("Category", fmt.Sprintf("is %d, want Marketing, Utility, Authentication or zero", uint8(m.Category))))
	}
	// Passed as a reply, either would go out uncounted.
	if m.Kind != Notification && m.Template != "" {
		err = joinInvalid(err, invalid("Template", fmt.Sprintf("is set for a %s, want a Notification", m.Kind)))
	}
	if m.Kind == Reply && m.Category != CategoryUnknown {
		err = joinInvalid(err, invalid("Category", "is set for a reply, want a Notification: a free-form message with a category is a Direct Send"))
	}
	if m.Topic != "" {
		if f := faultOfTopic(m.Topic); f != "" {
			err = joinInvalid(err, invalid("Topic", f))
		}
	}
	if m.Kind == ReadReceipt {
		return "", err
	}
	recipient, toErr := CanonicalRecipient(m.To)
	if toErr != nil {
		err = joinInvalid(err, toErr)
	}
	return recipient, err
}

const maxIDLength = 128

// isID reports whether s has letters, digits and . _ - : alone. The platform's
// have nothing but digits.
func isID(s string) bool {
	if allDigits(s) {
		return true
	}
	for i := range len(s) {
		if !inID[s[i]] {
			return false
		}
	}
	return true
}

// inID is a table because it is asked for each byte of each send's number.
var inID = func() (is [256]bool) {
	for i := range is {
		is[i] = isAlphanumeric(byte(i)) || strings.IndexByte("._-:", byte(i)) >= 0
	}
	return is
}()

// use tells package quality what the send is for. An unknown category is all
// of them at once, so that whatever blocks one blocks it.
func (m *Message) use(category Category) quality.Use {
	if m.Kind == Reply {
		return quality.Replies
	}
	var direct quality.Use
	if m.Template == "" {
		direct = quality.DirectUtility
	}
	switch category {
	case Marketing:
		return quality.Marketing
	case Utility:
		return quality.Utility | direct
	case Authentication:
		return quality.Authentication
	}
	return quality.Marketing | quality.Utility | quality.Authentication | direct
}

// A Receipt is what the platform gives for a send that it accepted.
type Receipt struct {
	// MessageID is the platform's id ("wamid.…"), by which delivery statuses
	// name the message. Empty: not known, and a later failure can then not
	// give the slot back.
	MessageID string
	// Recipient is the platform's own spelling of the recipient: the wa_id or
	// user_id of the answer. Empty: the same as was sent to.
	Recipient string
	// At is when the answer arrived. Zero: now.
	At time.Time
}
