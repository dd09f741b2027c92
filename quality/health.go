package quality

import "fmt"

// Health is what the platform lets a phone number or WABA do, as far as it has
// said. The values are ordered: of several reasons the greatest wins, so the
// health of a number and its WABA together is max(number, waba).
//
// Source: the status table of the platform's help centre, 2020 to 2023, and
// business-phone-numbers/phone-numbers, Dec 5 2025.
type Health uint8

// The healths, from best to worst.
const (
	// Unreported means that the platform has said nothing yet. Everything
	// passes: a new account is governed by its limits at once.
	Unreported Health = iota
	// Connected is the normal state. Everything passes.
	Connected
	// Flagged means that quality fell to Low. Everything passes, but the tier
	// is not raised, and may fall.
	Flagged
	// Restricted refuses notifications. Replies pass, unless a restriction
	// names them.
	Restricted
	// Pending refuses notifications and replies while the platform reviews.
	Pending
	// Offline refuses notifications and replies: the number is not registered.
	Offline
	// Banned refuses notifications and replies by the platform's policy.
	Banned
)

// String returns the name of the constant, or "Health(n)" for a value out of
// range.
func (h Health) String() string {
	switch h {
	case Unreported:
		return "Unreported"
	case Connected:
		return "Connected"
	case Flagged:
		return "Flagged"
	case Restricted:
		return "Restricted"
	case Pending:
		return "Pending"
	case Offline:
		return "Offline"
	case Banned:
		return "Banned"
	default:
		return fmt.Sprintf("Health(%d)", uint8(h))
	}
}

// blocks returns what a subject of this health may not send, restrictions by
// type apart.
func (h Health) blocks() Use {
	switch {
	case h <= Flagged:
		return 0
	case h == Restricted:
		return Notifications
	default:
		return Notifications | Replies
	}
}
