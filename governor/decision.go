package governor

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// Reason is the rule that refused a send.
type Reason uint8

// The reasons. When several rules refuse, the decision names the one that
// refuses longest.
const (
	// Undecided is the zero: nothing was asked.
	Undecided Reason = iota
	// Passed is the reason of a decision that allows, but for what passes though
	// the store failed.
	Passed
	// TierLimit: the account's messaging limit is used up.
	TierLimit
	// PlatformRestricted: the platform restricts the account or the number.
	PlatformRestricted
	// Inactive: the number or the account is banned, offline or pending.
	Inactive
	// WindowClosed: the reply's customer service window has closed.
	WindowClosed
	// NumberRate: the number sends faster than its throughput.
	NumberRate
	// PairRate: the number sends to this recipient faster than allowed.
	PairRate
	// StoreFailed: the store did not answer. Replies pass all the same.
	StoreFailed
	// OptedOut: the recipient revoked a topic of the message, or is to be left
	// alone with it for a while.
	OptedOut
	// NotOptedIn: the recipient has not granted the message's topic, and
	// Config.RequireOptIn is set.
	NotOptedIn
	// TemplateHeld: the template is paused, disabled or not approved.
	TemplateHeld
	// PlatformBusy: the platform asked to stay away for a moment.
	PlatformBusy
	// LocalBudget is the reason of a decision that lets a notification pass though
	// the store did not answer, on one of the slots of Config.LocalBudget.
	LocalBudget
)

// String returns the reason in lower case with underscores, fit for a metric's
// label. The words are stable.
func (r Reason) String() string {
	if int(r) < len(reasons) {
		return reasons[r].word
	}
	return fmt.Sprintf("reason_%d", uint8(r))
}

func (r Reason) sentinel() error {
	if int(r) < len(reasons) {
		return reasons[r].err
	}
	return nil
}

var reasons = [...]struct {
	word string
	err  error
}{
	Undecided:          {"undecided", nil},
	Passed:             {"passed", nil},
	TierLimit:          {"tier_limit", ErrTierLimit},
	PlatformRestricted: {"restricted", ErrRestricted},
	Inactive:           {"inactive", ErrInactive},
	WindowClosed:       {"window_closed", ErrWindowClosed},
	NumberRate:         {"number_rate", ErrNumberRate},
	PairRate:           {"pair_rate", ErrPairRate},
	StoreFailed:        {"store_failed", ErrStore},
	OptedOut:           {"opted_out", ErrUnwanted},
	NotOptedIn:         {"not_opted_in", ErrUnwanted},
	TemplateHeld:       {"template_held", ErrTemplate},
	PlatformBusy:       {"platform_busy", ErrPlatformBusy},
	LocalBudget:        {"local_budget", nil},
}

// Scope is how far a decision's reason reaches: who else it holds back.
type Scope uint8

// The scopes, from the widest to the narrowest, and the store.
const (
	// ScopeNone is the zero: nothing is held back.
	ScopeNone Scope = iota
	// ScopeAccount is everything that shares the messaging limit.
	ScopeAccount
	// ScopeWABA is one WhatsApp Business Account.
	ScopeWABA
	// ScopeNumber is one phone number.
	ScopeNumber
	// ScopePair is one number's messages to one recipient.
	ScopePair
	// ScopeStore is everything that the failed store keeps.
	ScopeStore
	// ScopeRecipient is one recipient, from all numbers of the account.
	ScopeRecipient
	// ScopeTemplate is one template.
	ScopeTemplate
)

// String returns the scope's name in lower case.
func (s Scope) String() string {
	names := [...]string{"none", "account", "waba", "number", "pair", "store", "recipient", "template"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("scope %d", uint8(s))
}

// A Decision says whether a message may leave, why, and if not, when to come
// back. The zero Decision denies. It holds no recipient, so it can be logged
// as it is.
type Decision struct {
	// Allowed is whether the message may leave now.
	Allowed bool
	// Reason is the rule that refused, [Passed] if none did, [StoreFailed] or
	// [LocalBudget] if nobody could ask.
	Reason Reason
	// Scope is how far Reason reaches.
	Scope Scope
	// RetryAt is the first instant at which the same message would pass if
	// nothing else happens before. Zero: no time will help.
	RetryAt time.Time
	// At is when it was decided, by the governor's clock: RetryAt less At is how
	// long to wait.
	At time.Time
	// Counted is whether the message takes a slot, a new one or, by renewing
	// it, the recipient's own.
	Counted bool
	// Used and Limit are the unique recipients that hold a slot, this message
	// included if it was booked, and how many may. Limit is
	// tier.Unlimited.Limit() where there is no limit. Both are zero where they
	// were not looked up: for a [ReadReceipt], or when the store failed.
	Used, Limit int

	// Account and Number are whom the decision is for, Kind what sort of message
	// it is about.
	Account, Number string
	Kind            Kind
	// Health is the worse of the number's and its WABA's.
	Health quality.Health
	// Detail is the platform's word behind a restriction or an inactive
	// number, as "RESTRICTED_BIZ_INITIATED_MESSAGING"; with [TierLimit] which of
	// Config.Shares is used up, or "cold start" where the limit is taken as used
	// up because of Config.ColdStart; or what kept a message from
	// Config.LocalBudget. Often empty.
	Detail string
}

// String returns one sentence with the evidence: "refused (tier_limit): 250 of
// 250 unique recipients used in the last 24 h; try again at …". Times are UTC.
func (d Decision) String() string {
	var b strings.Builder
	if d.Allowed {
		b.WriteString("allowed")
		if d.Counted {
			b.WriteString(", takes a slot")
		}
		switch {
		case d.Reason == StoreFailed, d.Reason == LocalBudget:
			fmt.Fprintf(&b, " (%s): %s", d.Reason, d.evidence())
		case d.Limit > 0:
			fmt.Fprintf(&b, ": %s", d.use())
		}
		return b.String()
	}
	fmt.Fprintf(&b, "refused (%s): %s", d.Reason, d.evidence())
	switch {
	case d.Reason == Undecided:
	case d.RetryAt.IsZero():
		b.WriteString("; no time to come back is known")
	default:
		b.WriteString("; try again at ")
		b.WriteString(d.RetryAt.UTC().Format(time.RFC3339Nano))
	}
	return b.String()
}

func (d Decision) use() string {
	if d.Limit >= tier.Unlimited.Limit() {
		return fmt.Sprintf("%d unique recipients in the last 24 h, no limit", d.Used)
	}
	return fmt.Sprintf("%d of %d unique recipients used in the last 24 h", d.Used, d.Limit)
}

func (d Decision) evidence() string {
	detail := ""
	if d.Detail != "" {
		detail = " (" + d.Detail + ")"
	}
	switch d.Reason {
	case TierLimit:
		switch d.Detail {
		case "":
			return d.use()
		case coldDetail:
			return "the ledger began empty, so the limit is taken as used up" + detail
		default:
			return d.use() + "; " + d.Detail
		}
	case PlatformRestricted:
		return "the platform restricts the " + d.Scope.String() + detail
	case Inactive:
		return "the " + d.Scope.String() + " is " + d.Health.String() + detail
	case WindowClosed:
		return "the customer last wrote more than 24 h ago; only a template can reach them"
	case NumberRate:
		return "the number is at its throughput"
	case PairRate:
		return "too many messages from this number to this recipient"
	case StoreFailed:
		return "the store did not answer" + detail
	case LocalBudget:
		return "the store did not answer, and a slot had been set aside for that"
	case OptedOut:
		return "the recipient opted out, or is to be left alone for a while"
	case NotOptedIn:
		return "the recipient has not opted in"
	case TemplateHeld:
		return "the template may not be sent" + detail
	case PlatformBusy:
		return "the platform asked to wait" + detail
	}
	return "nothing was asked"
}

// LogValue gives slog the decision's fields under stable names.
func (d Decision) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.Bool("allowed", d.Allowed),
		slog.String("reason", d.Reason.String()),
		slog.String("scope", d.Scope.String()),
		slog.String("account", d.Account),
		slog.String("number", d.Number),
		slog.String("kind", d.Kind.String()),
		slog.Bool("counted", d.Counted),
		slog.Int("used", d.Used),
		slog.Int("limit", d.Limit),
		slog.String("health", d.Health.String()),
	}
	if !d.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", d.RetryAt))
	}
	if d.Detail != "" {
		attrs = append(attrs, slog.String("detail", d.Detail))
	}
	return slog.GroupValue(attrs...)
}
