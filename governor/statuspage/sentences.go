package statuspage

import (
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// A sentence says something in words, and until when it holds. Zero: no time is
// known.
type sentence struct {
	Text  string
	Until time.Time
}

// headline says where an account stands and what comes next.
func headline(s governor.Snapshot) sentence {
	switch s.Health {
	case quality.Unreported:
		return sentence{Text: "The platform has said nothing of it yet. Notifications pass within the limit, replies always."}
	case quality.Connected:
		return sentence{Text: "Healthy: notifications pass within the limit, replies always."}
	case quality.Flagged:
		return flagged(s)
	case quality.Restricted:
		if spoken(s) < quality.Restricted {
			return limitReached(s)
		}
		return restricted(s)
	case quality.Pending:
		return sentence{Text: "The platform is reviewing it: neither notifications nor replies pass."}
	case quality.Offline:
		return sentence{Text: "Not registered: neither notifications nor replies pass."}
	case quality.Banned:
		return sentence{Text: "Banned by the platform: neither notifications nor replies pass. An appeal can undo it."}
	}
	return sentence{Text: "Its state is not one that this page knows."}
}

// spoken is the health as the platform has it, use of the limit apart.
func spoken(s governor.Snapshot) quality.Health {
	worst := quality.Unreported
	for _, n := range s.Numbers {
		worst = max(worst, n.Health)
	}
	for _, w := range s.WABAs {
		worst = max(worst, w.Health)
	}
	return worst
}

// flagged tells the flag that ends first.
func flagged(s governor.Snapshot) sentence {
	var first governor.NumberSnapshot
	for _, n := range s.Numbers {
		if !n.FlagEnds.IsZero() && (first.FlagEnds.IsZero() || n.FlagEnds.Before(first.FlagEnds)) {
			first = n
		}
	}
	if first.FlagEnds.IsZero() {
		return sentence{Text: "Flagged: quality fell to Low. Everything passes, and the limit does not rise."}
	}
	return flag(first, s.Ladder, s.At)
}

// flag tells a number's flag, how long it lasts and what it ends in.
func flag(n governor.NumberSnapshot, ladder []tier.Tier, now time.Time) sentence {
	text := "Flagged, " + left(n.FlagEnds.Sub(now)) + " left; "
	switch lower := below(n.Tier, ladder); {
	case n.Recovering:
		text += "recovers if the rating holds Medium or better."
	case lower == n.Tier:
		text += "recovers once the rating has held Medium or better for seven days."
	default:
		text += "unless the rating improves, the limit is expected to fall to " + people(lower) + "."
	}
	return sentence{Text: text, Until: n.FlagEnds}
}

// below is the next step of the ladder under t, or t.
func below(t tier.Tier, ladder []tier.Tier) tier.Tier {
	lower := t
	for _, step := range ladder {
		if step < t {
			lower = step
		}
	}
	return lower
}

// people is a limit in words: "2,000", "unlimited".
func people(t tier.Tier) string {
	switch {
	case t == tier.Unlimited:
		return "unlimited"
	case !t.Known():
		return "not known"
	}
	return count(t.Limit())
}

func limitReached(s governor.Snapshot) sentence {
	if s.SlotFree.IsZero() {
		return sentence{Text: "The limit is used up, and no time is known at which a slot frees. Replies pass."}
	}
	return sentence{Text: "The limit is used up: the next slot frees in " + left(s.SlotFree.Sub(s.At)) + ". Replies pass.", Until: s.SlotFree}
}

// restricted tells the restriction that lasts longest, and whether replies pass.
func restricted(s governor.Snapshot) sentence {
	replies, named, forever := true, false, false
	var until time.Time
	for _, r := range inForce(s) {
		blocks := r.Type.Blocks()
		if blocks&quality.Notifications != quality.Notifications && blocks&quality.Replies == 0 {
			continue
		}
		named = true
		forever = forever || r.Until.IsZero()
		replies = replies && blocks&quality.Replies == 0
		if r.Until.After(until) {
			until = r.Until
		}
	}
	text := "The platform holds back notifications"
	if !replies {
		text = "The platform holds back notifications and replies"
	}
	switch {
	case !named || forever:
		until = time.Time{}
		text += " until it says otherwise"
	default:
		text += " for " + left(until.Sub(s.At)) + "; that ends by itself"
	}
	if replies {
		text += ". Replies pass."
	} else {
		text += "."
	}
	return sentence{Text: text, Until: until}
}

// inForce is every restriction of the account's numbers and WABAs.
func inForce(s governor.Snapshot) []quality.Restriction {
	var all []quality.Restriction
	for _, n := range s.Numbers {
		all = append(all, n.Restrictions...)
	}
	for _, w := range s.WABAs {
		all = append(all, w.Restrictions...)
	}
	return all
}

// restriction says what a restriction holds back.
func restriction(t quality.RestrictionType) string {
	switch t {
	case quality.RestrictedBusinessMessaging:
		return "Notifications are held back; replies pass."
	case quality.RestrictedCustomerMessaging:
		return "Replies are held back, and notifications with them."
	case quality.RestrictedUtility:
		return "Utility templates are held back: what calls itself utility would be sent as marketing."
	case quality.RestrictedDirectUtility:
		return "Direct Sends of category utility are held back."
	case quality.RateLimitedUtility:
		return "Utility is capped at a volume that the platform does not name, and held back."
	case quality.RestrictedAddingNumbers:
		return "No phone number can be added. Messages pass."
	case quality.RestrictedCalling, quality.RestrictedBusinessCalling, quality.RestrictedUserCalling, quality.RestrictedUserCallingButton:
		return "Calls are restricted. Messages pass."
	case quality.SpamRateLimit:
		return "Too many messages were blocked or reported: the number's notifications are held back."
	case quality.TemplateClassificationLimit:
		return "Templates were in the wrong category: utility is held back."
	case quality.AccountLocked:
		return "The account is locked: notifications are held back, replies may pass."
	case quality.PaymentIssue:
		return "There is a payment to settle: notifications are held back."
	case quality.HealthBlocked:
		return "The platform says that it cannot send: notifications are held back."
	}
	return "Nobody knows this word of the platform, so notifications are held back."
}

// refusal says in words what a reason is, and what to do about it.
func refusal(r governor.Reason) (title, advice string) {
	switch r {
	case governor.TierLimit:
		return "Limit used up", "Send again when a slot frees, or spread the sends."
	case governor.PlatformRestricted:
		return "Restricted by the platform", "Wait until it lapses; go on answering."
	case governor.Inactive:
		return "Number or account inactive", "Banned, offline or in review: nothing passes until the platform says so."
	case governor.WindowClosed:
		return "Service window closed", "The customer last wrote more than 24 h ago: only a template reaches them."
	case governor.NumberRate:
		return "Number too fast", "Spread the sends, or use more numbers."
	case governor.PairRate:
		return "Recipient written to too fast", "One message each six seconds; join short ones."
	case governor.StoreFailed:
		return "Store did not answer", "Nobody could tell whether there was room."
	case governor.OptedOut:
		return "Opted out, or to be left alone", "Take them off the list."
	case governor.NotOptedIn:
		return "Not opted in", "Ask first: what is unasked for gets reported."
	case governor.TemplateHeld:
		return "Template held", "Paused, disabled or not approved: improve it."
	case governor.PlatformBusy:
		return "Platform asked to wait", "Send again a little later."
	case governor.LocalBudget:
		return "Passed on the local budget", "The store did not answer; a slot had been set aside."
	}
	return humane(r.String()), ""
}

// report is a word of a number's history for people.
func report(word string) string {
	switch word {
	case "HIGH", "MEDIUM", "LOW":
		return "Rated " + humane(word)
	case "UNKNOWN":
		return "Not rated"
	case "UNFLAGGED":
		return "Flag lifted"
	}
	return humane(word)
}
