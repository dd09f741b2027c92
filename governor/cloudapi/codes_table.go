package cloudapi

import "time"

const day = 24 * time.Hour

// table holds the documented codes in ascending order (support/error-codes,
// 2025-11 for titles, 2026-09-11 for the rest; 131030 and 137000 as widely
// reported). 131048 has its scope from its text, "from this phone number".
var table = [...]Info{
	{
		Code: 0, Title: "AuthException",
		Meaning: "The app user could not be authenticated: the token needs renewing.",
		Scope:   ScopeApp, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 1, Title: "API Unknown",
		Meaning: "Invalid request or server error: the platform does not know which.",
		Scope:   ScopeRequest, Affects: AffectsNothing,
	},
	{
		Code: 2, Title: "API Service",
		Meaning: "The platform is down or overloaded.",
		Scope:   ScopeRequest, Affects: AffectsNothing,
	},
	{
		Code: 3, Title: "API Method",
		Meaning: "The app lacks a capability or permission.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 4, Title: "API Too Many Calls",
		Meaning: "The app has used up its call rate: the X-App-Usage header says how far.",
		Scope:   ScopeApp, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 10, Title: "Permission Denied",
		Meaning: "A permission is missing.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 33, Title: "Parameter value is not valid",
		Meaning: "The phone number ID is gone: the number was deleted.",
		Scope:   ScopeNumber, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 100, Title: "Invalid parameter",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 190, Title: "Access token expired",
		Meaning: "The token needs renewing.",
		Scope:   ScopeApp, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 368, Title: "Temporarily blocked for policies violations",
		Meaning: "The WABA is restricted or disabled; replies may still pass.",
		Scope:   ScopeWABA, Affects: AffectsBusinessInitiated, NotSent: true,
	},
	{
		Code: 80007, Title: "Rate limit issues",
		Meaning: "The WABA has used up its call rate.",
		Scope:   ScopeWABA, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 130403, Title: "Recipient blocked by the business",
		Meaning: "This business has blocked the recipient.",
		Scope:   ScopeRecipient, Affects: AffectsAll, NotSent: true, Consent: ConsentBlocked,
	},
	{
		Code: 130429, Title: "Rate limit hit",
		Meaning: "The number sends faster than its throughput. It is not the messaging limit.",
		Scope:   ScopeNumber, Affects: AffectsAll, NotSent: true, Wait: time.Second,
	},
	{
		Code: 130472, Title: "User's number is part of an experiment",
		Meaning: "Marketing does not reach this recipient for now; it is not charged.",
		Scope:   ScopeRecipient, Affects: AffectsMarketing, NotSent: true,
	},
	{
		Code: 130497, Title: "Business account is restricted from messaging users in this country",
		Meaning: "No message reaches this recipient or others in that country.",
		Scope:   ScopeRecipient, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 131000, Title: "Something went wrong",
		Meaning: "The platform does not know what happened.",
		Scope:   ScopeRequest, Affects: AffectsNothing,
	},
	{
		Code: 131005, Title: "Access denied",
		Meaning: "A permission is missing or was taken back.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131008, Title: "Required parameter is missing",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131009, Title: "Parameter value is not valid",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131016, Title: "Service unavailable",
		Meaning: "The platform is down for a while.",
		Scope:   ScopeRequest, Affects: AffectsNothing,
	},
	{
		Code: 131021, Title: "Recipient cannot be sender",
		Meaning: "The number cannot write to itself.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131026, Title: "Message undeliverable",
		Meaning: "Not on WhatsApp, on an old version, or terms not accepted: do not repeat.",
		Scope:   ScopeRecipient, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131030, Title: "Recipient phone number not in allowed list",
		Meaning: "A test number writes to five listed recipients only.",
		Scope:   ScopeRecipient, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 131031, Title: "Account has been locked",
		Meaning: "The WABA is restricted or disabled, or a PIN was wrong: look at its health status.",
		Scope:   ScopeWABA, Affects: AffectsBusinessInitiated, NotSent: true,
	},
	{
		Code: 131037, Title: "Display name approval needed",
		Meaning: "The number needs an approved display name first.",
		Scope:   ScopeNumber, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 131042, Title: "Business eligibility payment issue",
		Meaning: "Something is wrong with the payment method; free replies may still pass.",
		Scope:   ScopeWABA, Affects: AffectsBusinessInitiated, NotSent: true,
	},
	{
		Code: 131045, Title: "Incorrect certificate",
		Meaning: "The number is not registered properly.",
		Scope:   ScopeNumber, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 131047, Title: "Re-engagement message",
		Meaning: "More than 24 hours since the customer's last message: only a template may be sent.",
		Scope:   ScopePair, Affects: AffectsNothing, NotSent: true, ClosesWindow: true,
	},
	{
		Code: 131048, Title: "Spam rate limit hit",
		Meaning: "Restricted for quality, or, as providers report, the messaging limit is used up: that frees within a day.",
		Scope:   ScopeNumber, Affects: AffectsBusinessInitiated, NotSent: true, Wait: day,
	},
	{
		Code: 131049, Title: "Message not delivered to maintain healthy ecosystem engagement",
		Meaning: "The recipient has had enough marketing from all businesses; repeating within a day makes it worse.",
		Scope:   ScopeRecipient, Affects: AffectsMarketing, NotSent: true, Wait: day, Consent: ConsentMarketingPaused,
	},
	{
		Code: 131050, Title: "User has stopped receipt of marketing messages",
		Meaning: "The recipient has opted out of marketing: never repeat it.",
		Scope:   ScopeRecipient, Affects: AffectsMarketing, NotSent: true, Consent: ConsentMarketingRevoked,
	},
	{
		Code: 131051, Title: "Unsupported message type",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131052, Title: "Media download error",
		Meaning: "The media a user sent could not be fetched.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131053, Title: "Media upload error",
		Meaning: "The media could not be uploaded.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131055, Title: "Method not allowed",
		Meaning: "The Marketing Messages API takes marketing templates only.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131056, Title: "(Business Account, Consumer Account) pair rate limit hit",
		Meaning: "Too many messages from this number to this recipient; others are unaffected.",
		Scope:   ScopePair, Affects: AffectsAll, NotSent: true, Wait: time.Second, Exponential: true,
	},
	{
		Code: 131057, Title: "Account in maintenance mode",
		Meaning: "For instance during a throughput upgrade: at most a minute.",
		Scope:   ScopeNumber, Affects: AffectsAll, NotSent: true, Wait: time.Minute,
	},
	{
		Code: 131062, Title: "Business-scoped user ID not supported",
		Meaning: "This message needs the recipient's phone number.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 131063, Title: "Marketing templates disabled on Cloud API",
		Meaning: "The WABA sends marketing through the Marketing Messages API only.",
		Scope:   ScopeWABA, Affects: AffectsMarketing, NotSent: true,
	},
	{
		Code: 131064, Title: "Template classification limit reached",
		Meaning: "The WABA's utility volume is capped for misclassified templates, at least seven days; a webhook lifts it.",
		Scope:   ScopeWABA, Affects: AffectsUtility, NotSent: true,
	},
	{
		Code: 132000, Title: "Template parameter count mismatch",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 132001, Title: "Template does not exist",
		Meaning: "Not approved, deleted, or not in this language.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true,
	},
	{
		Code: 132005, Title: "Template hydrated text too long",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 132007, Title: "Template format character policy violated",
		Meaning: "The template violates a policy.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 132012, Title: "Template parameter format mismatch",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 132015, Title: "Template is paused",
		Meaning: "Low quality, or dropped by pacing: not to be sent until it is unpaused.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true,
	},
	{
		Code: 132016, Title: "Template is disabled",
		Meaning: "Paused too often: a new template is needed.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true,
	},
	{
		Code: 132018, Title: "Template validation error",
		Meaning: "The request is wrong.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 132068, Title: "Flow is blocked",
		Meaning: "The template's flow is blocked.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true,
	},
	{
		Code: 132069, Title: "Flow is throttled",
		Meaning: "The flow may be sent ten times an hour.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true, Wait: time.Hour,
	},
	{
		Code: 133000, Title: "Incomplete deregistration",
		Meaning: "An earlier deregistration failed.",
		Scope:   ScopeNumber, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 133004, Title: "Server temporarily unavailable",
		Meaning: "The platform is down for a while.",
		Scope:   ScopeRequest, Affects: AffectsNothing,
	},
	{
		Code: 133005, Title: "Two-step verification PIN mismatch",
		Meaning: "The PIN is wrong.",
		Scope:   ScopeNumber, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 133006, Title: "Phone number re-verification needed",
		Meaning: "The number must be verified first.",
		Scope:   ScopeNumber, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 133008, Title: "Too many two-step verification PIN guesses",
		Meaning: "The PIN was guessed too often.",
		Scope:   ScopeNumber, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 133009, Title: "Two-step verification PIN guessed too fast",
		Meaning: "The PIN was entered too fast.",
		Scope:   ScopeNumber, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 133010, Title: "Phone number not registered",
		Meaning: "The number must be registered before it can send.",
		Scope:   ScopeNumber, Affects: AffectsAll, NotSent: true,
	},
	{
		Code: 133015, Title: "Phone number just deleted",
		Meaning: "The number was deleted too recently.",
		Scope:   ScopeNumber, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 133016, Title: "Account register deregister rate limit exceeded",
		Meaning: "Ten registrations in 72 hours are allowed.",
		Scope:   ScopeNumber, Affects: AffectsNothing, Wait: 3 * day,
	},
	{
		Code: 134011, Title: "WhatsApp Business payments terms not accepted",
		Meaning: "The terms of payments must be accepted first.",
		Scope:   ScopeWABA, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 134100, Title: "Only marketing messages supported",
		Meaning: "The Marketing Messages API takes marketing templates only.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 134101, Title: "Template is still syncing",
		Meaning: "A new template reaches the Marketing Messages API after ten minutes.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true, Wait: 10 * time.Minute,
	},
	{
		Code: 134102, Title: "Template unavailable",
		Meaning: "The template cannot be used with the Marketing Messages API.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate, NotSent: true,
	},
	{
		Code: 135000, Title: "Generic user error",
		Meaning: "The request is wrong in a way the platform does not name.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 137000, Title: "Recipient identity key hash mismatch",
		Meaning: "The recipient's identity has changed and must be checked again.",
		Scope:   ScopeRequest, Affects: AffectsNothing, NotSent: true,
	},
	{
		Code: 139200, Title: "Direct Send access blocked",
		Meaning: "The WABA may not use Direct Send.",
		Scope:   ScopeWABA, Affects: AffectsDirectSend, NotSent: true,
	},
	{
		Code: 141002, Title: "Template not approved",
		Meaning: "A code of health statuses: the template may not be sent.",
		Scope:   ScopeTemplate, Affects: AffectsTemplate,
	},
	{
		Code: 141010, Title: "Business not verified",
		Meaning: "A code of health statuses: the portfolio is not verified.",
		Scope:   ScopeAccount, Affects: AffectsNothing,
	},
}
