package quality

// Use is what a send is for, as far as restrictions tell sends apart. It is a
// set of bits. The zero Use is a send of unknown purpose, and is blocked by
// whatever blocks any send; so is a Use with a bit that is none of these.
// Receipts (mark-as-read, typing) have no Use: nothing blocks them.
type Use uint8

// The uses.
const (
	// Marketing is a template or marketing message of category marketing.
	Marketing Use = 1 << iota
	// Utility is a template of category utility.
	Utility
	// Authentication is a template or Direct Send of category authentication.
	Authentication
	// DirectUtility is a Direct Send of category utility, which has no template.
	DirectUtility
	// Replies are free-form messages inside a customer service window.
	Replies

	// Notifications is every business-initiated use. A notification of unknown
	// category is all of them: it is blocked when any of them is.
	Notifications = Marketing | Utility | Authentication | DirectUtility
)

const everyUse = Notifications | Replies

// strict returns u, or every use where u says too little.
func (u Use) strict() Use {
	if u == 0 || u&^everyUse != 0 {
		return everyUse
	}
	return u
}
