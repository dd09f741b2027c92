package governor

import (
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// An Event is something that the platform told us, for [Governor.Observe]. The
// events are the types in this package that say so; each can be observed twice
// and in any order.
type Event interface{ event() }

// Inbound is an [Event]: a customer wrote to or called a number. It opens
// their customer service window for 24 hours from At.
type Inbound struct {
	// Number is the phone number ID that was written to. Required.
	Number string
	// Customer is who wrote, in any form that [CanonicalRecipient] reads.
	Customer string
	// At is the platform's time of the message. Zero: now. A time still to
	// come is now.
	At time.Time
	// Uncertain says that nobody knows whether it opens the window, as of a
	// reaction. It spares no notification its slot, but keeps a reply from being
	// refused because the window has closed.
	Uncertain bool
}

// WindowShut is an [Event]: the platform refused a free-form message because
// the customer's service window is closed (code 131047), whatever the ledger
// thinks.
type WindowShut struct {
	Number, Customer string
	// At is when it refused. Zero: now.
	At time.Time
}

// MessageStatus is an [Event]: what became of a message that the platform had
// accepted.
type MessageStatus struct {
	// Number is the phone number ID that sent it. Required.
	Number string
	// MessageID is the platform's ("wamid.…"). Required.
	MessageID string
	// Recipient is who it went to. It may be empty, since MessageID tells while
	// it is remembered.
	Recipient string
	// Status is Sent, Delivered, Read or Failed; with another nothing changes.
	Status DeliveryStatus
	// At is the platform's time of it. Zero: now.
	At time.Time
	// Code is the platform's error code with a Failed status. It is counted, and
	// teaches nothing: a [SendRefused] does. Zero: not told.
	Code int
	// Pricing is the status's pricing category as written, as "marketing" or
	// "service". Empty: not told.
	Pricing string
}

// DeliveryStatus is how far a message has come.
type DeliveryStatus uint8

// The statuses. "read" may come without "delivered" before it.
const (
	// StatusUnknown is the zero and every word not listed here.
	StatusUnknown DeliveryStatus = iota
	// Sent: it left the platform.
	Sent
	// Delivered: it reached the customer's phone.
	Delivered
	// Read: the customer has seen or played it.
	Read
	// Failed: it will not be delivered.
	Failed
)

// ParseDeliveryStatus reads the platform's word for a status. An unknown one
// is [StatusUnknown].
func ParseDeliveryStatus(word string) DeliveryStatus {
	switch word {
	case "sent":
		return Sent
	case "delivered":
		return Delivered
	case "read", "played":
		return Read
	case "failed":
		return Failed
	}
	return StatusUnknown
}

// TierReported is an [Event]: the platform told the messaging limit.
type TierReported struct {
	// Account, Number or WABA says whose; one of them is required. Of several,
	// Number goes first and then Account, which has to be in Config.Accounts if
	// there are any. A limit is the account's whichever of them is given.
	Account, Number, WABA string
	// Display stands for Number, beside WABA: the phone number as people see
	// it, if a [NumberSeen] has told whose it is.
	Display string
	// Tier is the limit. The unknown tier changes nothing.
	Tier tier.Tier
	// OwnLimit says that the limit is Number's alone, as while its display
	// name is not approved. The smaller one binds.
	OwnLimit bool
	// At is when the platform said so. Zero: now.
	At time.Time
}

// HealthReported is an [Event]: the platform told a rating, a status, a
// restriction or a ban.
type HealthReported struct {
	// Number is whom it is about, or else WABA; one of them is required. A
	// WABA's health binds all its numbers.
	Number, WABA string
	// Display stands for Number, beside WABA, as in [TierReported].
	Display string
	// Report is what it said; see package quality.
	Report quality.Event
}

// ThroughputReported is an [Event]: the platform told how fast a number may
// send.
type ThroughputReported struct {
	// Number is whose it is, or else WABA and Display, as in [TierReported].
	Number, WABA, Display string
	// PerSecond is 80, 1000 after the upgrade, 20 for a number shared with the
	// WhatsApp Business app. At least 1.
	PerSecond int
	// At is when the platform said so. Zero: now.
	At time.Time
}

// AliasLearned is an [Event]: two spellings name one person.
type AliasLearned struct {
	// Number is one of the account's. Required.
	Number string
	// Alias is a spelling, Canonical the platform's own for the same person.
	Alias, Canonical string
}

func (Inbound) event()            {}
func (WindowShut) event()         {}
func (MessageStatus) event()      {}
func (TierReported) event()       {}
func (HealthReported) event()     {}
func (ThroughputReported) event() {}
func (AliasLearned) event()       {}
