package quality

import (
	"slices"
	"strings"
	"time"
)

// RestrictionType names what the platform, or an error code of a send, has
// restricted. [Next] keeps types trimmed, in upper case and cut to 64 bytes;
// the methods match exactly. Any other value, the empty one included, is an
// unknown type and blocks every notification.
type RestrictionType string

// The restriction types of an account_update ACCOUNT_RESTRICTION. They belong
// to the WABA, not to the business portfolio, and end by themselves.
//
// Source: webhooks/reference/account_update and the template categorization
// page, Sep 11 2026; policy-enforcement, Nov 4 2025.
const (
	// RestrictedBusinessMessaging blocks notifications ("cannot initiate
	// conversations with customers").
	RestrictedBusinessMessaging RestrictionType = "RESTRICTED_BIZ_INITIATED_MESSAGING"
	// RestrictedCustomerMessaging blocks replies ("cannot respond to
	// customer-initiated messages"). It belongs to the step at which "any
	// messages" are blocked, so it blocks notifications too, even when the type
	// that says so is missing.
	RestrictedCustomerMessaging RestrictionType = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"
	// RestrictedUtility blocks utility templates: none can be created, and the
	// existing ones become marketing. Whatever still claims to be utility would
	// be sent and billed as marketing.
	RestrictedUtility RestrictionType = "RESTRICTED_UTILITY_TEMPLATES"
	// RestrictedDirectUtility blocks Direct Sends of category utility.
	RestrictedDirectUtility RestrictionType = "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES"
	// RateLimitedUtility caps utility at a volume that the platform does not
	// name, so it blocks utility, Direct Send included.
	RateLimitedUtility RestrictionType = "RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING"
	// RestrictedAddingNumbers blocks no message.
	RestrictedAddingNumbers RestrictionType = "RESTRICTED_ADD_PHONE_NUMBER_ACTION"
	// RestrictedCalling blocks no message.
	RestrictedCalling RestrictionType = "RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING"
	// RestrictedBusinessCalling blocks no message.
	RestrictedBusinessCalling RestrictionType = "RESTRICTED_BUSINESS_INITIATED_CALLING"
	// RestrictedUserCalling blocks no message.
	RestrictedUserCalling RestrictionType = "RESTRICTED_USER_INITIATED_CALLING"
	// RestrictedUserCallingButton blocks no message.
	RestrictedUserCallingButton RestrictionType = "RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN"
)

// The restrictions that the platform announces by an error code alone. Codes
// that concern one recipient, template or country have none here.
//
// Source: support/error-codes, Sep 2026; what lifts them is not documented, so
// the caller gives an end, or lifts them.
const (
	// SpamRateLimit is error 131048 and blocks the notifications of that number.
	SpamRateLimit RestrictionType = "SPAM_RATE_LIMIT"
	// TemplateClassificationLimit is error 131064 and blocks utility, Direct
	// Send included.
	TemplateClassificationLimit RestrictionType = "TEMPLATE_CLASSIFICATION_LIMIT"
	// AccountLocked is error 131031 or 368 and blocks notifications. The codes do
	// not tell a restricted account from a disabled one, so replies go on and
	// find out for themselves.
	AccountLocked RestrictionType = "ACCOUNT_LOCKED"
	// PaymentIssue is error 131042 and blocks notifications.
	PaymentIssue RestrictionType = "PAYMENT_ISSUE"
	// HealthBlocked is a health_status whose can_send_message is BLOCKED, and
	// blocks notifications. It does not say whether replies are blocked too, so
	// they go on and find out.
	HealthBlocked RestrictionType = "HEALTH_STATUS_BLOCKED"
)

// Blocks returns the uses that a restriction of type t blocks, 0 for none.
func (t RestrictionType) Blocks() Use {
	blocks, known := t.blocks()
	if !known {
		return Notifications
	}
	return blocks
}

func (t RestrictionType) blocks() (u Use, known bool) {
	switch t {
	case RestrictedBusinessMessaging, SpamRateLimit, AccountLocked, PaymentIssue, HealthBlocked:
		return Notifications, true
	case RestrictedCustomerMessaging:
		return Notifications | Replies, true
	case RestrictedUtility:
		return Utility, true
	case RestrictedDirectUtility:
		return DirectUtility, true
	case RateLimitedUtility, TemplateClassificationLimit:
		return Utility | DirectUtility, true
	case RestrictedAddingNumbers, RestrictedCalling, RestrictedBusinessCalling,
		RestrictedUserCalling, RestrictedUserCallingButton:
		return 0, true
	default:
		return 0, false
	}
}

// whole tells whether t makes its subject Restricted: a type that leaves some
// notifications and all replies blocks its uses and leaves health alone.
func (t RestrictionType) whole() bool {
	u := t.Blocks()
	return u&Notifications == Notifications || u&Replies != 0
}

// Restriction is the newest word on one type of restriction. A lifted one is
// kept, with Until equal to Reported, so that an older report cannot bring it
// back.
type Restriction struct {
	// Type is what is restricted.
	Type RestrictionType `json:"type"`
	// Until is when it ends by itself: from that instant on it blocks nothing.
	// Zero: only a report ends it.
	Until time.Time `json:"until,omitzero"`
	// Reported is when the platform said so.
	Reported time.Time `json:"reported"`
}

// active tells whether r blocks at now. Restrictions reported before lifted
// are all lifted.
func (r Restriction) active(now, lifted time.Time) bool {
	return !r.Reported.Before(lifted) && (r.Until.IsZero() || now.Before(r.Until))
}

// maxUnknownTypes bounds how many types that nobody knows are kept at a time.
const maxUnknownTypes = 16

// restrict returns list with r in the place of an older report of its type.
// list is sorted by type and is not changed.
func restrict(list []Restriction, r Restriction, lifted time.Time) []Restriction {
	i, found := slices.BinarySearchFunc(list, r, func(a, b Restriction) int {
		return strings.Compare(string(a.Type), string(b.Type))
	})
	if !found {
		return boundUnknown(slices.Insert(slices.Clone(list), i, r), lifted)
	}
	old := list[i]
	if r.Reported.Before(old.Reported) || r.Reported.Equal(old.Reported) && !endsLater(r.Until, old.Until) {
		return list
	}
	list = slices.Clone(list)
	list[i] = r
	return list
}

// boundUnknown drops the unknown type that ends first when there are too many.
// They all block alike, so those that stay block no less.
func boundUnknown(list []Restriction, lifted time.Time) []Restriction {
	count, first := 0, -1
	for i, r := range list {
		if _, known := r.Type.blocks(); known {
			continue
		}
		count++
		if first < 0 || endsLater(end(list[first], lifted), end(r, lifted)) {
			first = i
		}
	}
	if count <= maxUnknownTypes {
		return list
	}
	return slices.Delete(list, first, first+1)
}

// end returns when r ends, a lift of everything considered.
func end(r Restriction, lifted time.Time) time.Time {
	if r.Reported.Before(lifted) {
		return r.Reported
	}
	return r.Until
}

// endsLater compares two ends of which zero is never.
func endsLater(a, b time.Time) bool {
	if a.IsZero() || b.IsZero() {
		return a.IsZero() && !b.IsZero()
	}
	return a.After(b)
}
