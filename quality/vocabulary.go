package quality

// A vocabulary tells what a word means. Unreported means that it is unknown.
type vocabulary func(word string) Health

// unlisted returns field and word if the word is unknown, else nothing.
func unlisted(field, word string, means vocabulary) (string, string) {
	if means(clean(word)) == Unreported {
		return field, word
	}
	return "", ""
}

// The words this package acts on, beyond what they mean for health.
const (
	wordConnected = "CONNECTED"
	wordFlagged   = "FLAGGED"
	wordUnflagged = "UNFLAGGED"
	wordScheduled = "SCHEDULE_FOR_DISABLE"
)

// statusWords is the field status of a phone number. FLAGGED is Connected here
// because a flag has a clock of its own; see Flag.
//
// RATE_LIMITED stands in the enumeration and no page explains it. Read as
// Restricted, it can cost notifications and never a reply.
//
// Source: the Graph reference as coded by SDKs, and the status table of the
// platform's help centre, 2020 to 2023.
func statusWords(word string) Health {
	switch word {
	case wordConnected, wordFlagged:
		return Connected
	case "RESTRICTED", "RATE_LIMITED", "PAUSED":
		return Restricted
	case "PENDING":
		return Pending
	case "OFFLINE", "DISCONNECTED", "UNVERIFIED", "UNLINKED", "MIGRATED", "DELETED":
		return Offline
	case "BANNED", "DISABLED":
		return Banned
	default:
		return Unreported
	}
}

// banWords is waba_ban_state of an account_update DISABLED_UPDATE. A scheduled
// ban counts from its date.
//
// Source: webhooks/reference/account_update, Sep 11 2026.
func banWords(word string) Health {
	switch word {
	case "REINSTATE":
		return Connected
	case "DISABLE", wordScheduled:
		return Banned
	default:
		return Unreported
	}
}

// reviewWords is the decision of an account_review_update. An account that is
// not approved "cannot be used with our APIs". A rejection does not pass with
// time as a review does, so it reads as a ban.
//
// Source: webhooks/reference/account_review_update, as of late 2025.
func reviewWords(word string) Health {
	switch word {
	case "APPROVED":
		return Connected
	case "PENDING", "DEFERRED":
		return Pending
	case "REJECTED":
		return Banned
	default:
		return Unreported
	}
}
