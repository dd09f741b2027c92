package cloudapi

import (
	"cmp"
	"slices"
	"time"
)

// Scope says what an error is about: on what the same error would come again.
// Its zero value is unknown.
type Scope int

// The scopes, from the one request to everything the app sends.
const (
	// ScopeUnknown is the scope of an undocumented code.
	ScopeUnknown Scope = iota
	// ScopeRequest is the refused request alone.
	ScopeRequest
	// ScopePair is one phone number and one recipient.
	ScopePair
	// ScopeRecipient is one recipient, from whatever number.
	ScopeRecipient
	// ScopeTemplate is one template in one language.
	ScopeTemplate
	// ScopeNumber is one phone number of the business.
	ScopeNumber
	// ScopeWABA is one WhatsApp Business Account.
	ScopeWABA
	// ScopeAccount is the business portfolio, which shares one messaging
	// limit.
	ScopeAccount
	// ScopeApp is everything sent with one app or its token.
	ScopeApp
)

// String returns the scope in one word.
func (s Scope) String() string {
	names := [...]string{"unknown", "request", "pair", "recipient", "template", "number", "waba", "account", "app"}
	if s < 0 || int(s) >= len(names) {
		return names[ScopeUnknown]
	}
	return names[s]
}

// Affects says which further messages in an error's scope the platform would
// refuse. Its zero value is unknown.
type Affects int

// What an error may affect.
const (
	// AffectsUnknown belongs to an undocumented code.
	AffectsUnknown Affects = iota
	// AffectsNothing is no further message: the refused request was wrong by
	// itself, or was no message.
	AffectsNothing
	// AffectsAll is every message.
	AffectsAll
	// AffectsBusinessInitiated is every template and Direct Send. Replies
	// pass, or may pass.
	AffectsBusinessInitiated
	// AffectsMarketing is marketing templates.
	AffectsMarketing
	// AffectsUtility is utility templates and Direct Send.
	AffectsUtility
	// AffectsTemplate is messages made of the template.
	AffectsTemplate
	// AffectsDirectSend is Direct Send.
	AffectsDirectSend
)

// String returns what is affected in words.
func (a Affects) String() string {
	names := [...]string{
		"unknown", "nothing", "all", "business-initiated", "marketing", "utility", "template", "direct send",
	}
	if a < 0 || int(a) >= len(names) {
		return names[AffectsUnknown]
	}
	return names[a]
}

// Consent says what an error tells about the recipient's consent. Its zero
// value is nothing.
type Consent int

// What an error may tell about consent.
const (
	// ConsentUntouched is nothing.
	ConsentUntouched Consent = iota
	// ConsentMarketingRevoked is that the recipient has opted out of
	// marketing, for good.
	ConsentMarketingRevoked
	// ConsentMarketingPaused is that the recipient gets no more marketing
	// for [Info].Wait.
	ConsentMarketingPaused
	// ConsentBlocked is that this business has blocked the recipient:
	// nothing reaches them until it unblocks them.
	ConsentBlocked
)

// String returns the effect in words.
func (c Consent) String() string {
	names := [...]string{"untouched", "marketing revoked", "marketing paused", "blocked"}
	if c < 0 || int(c) >= len(names) {
		return names[ConsentUntouched]
	}
	return names[c]
}

// Info is what is known about an error code. The zero Info belongs to no code
// and promises nothing.
type Info struct {
	// Code is the code that was looked up.
	Code int
	// Title is the platform's title, or ours where it has none. Empty means
	// that the code is unknown.
	Title string
	// Meaning says what to make of it, in one sentence.
	Meaning string
	// Scope and Affects say which further messages would fail likewise.
	Scope   Scope
	Affects Affects
	// NotSent reports that a request answered with this code was certainly
	// not sent, so that its slot is free again. It says nothing about a
	// failed status in a webhook: that is certain whatever its code.
	NotSent bool
	// Wait is how long to stay away, 0 where the platform gives no time.
	Wait time.Duration
	// Exponential reports that Wait grows with each repeat: see
	// [Info.Backoff].
	Exponential bool
	// Consent is what the code tells about the recipient's consent.
	Consent Consent
	// ClosesWindow reports that the customer service window is closed,
	// whatever the sender believes.
	ClosesWindow bool
}

// Known reports whether the code is documented.
func (i Info) Known() bool { return i.Title != "" }

// maxBackoff bounds exponential waits. A pair's borrowed quota is 45 messages
// of 6 s, so it has long been paid back after a day.
const maxBackoff = 24 * time.Hour

// Backoff returns how long to wait before the given attempt at repeating,
// where 0 is the first: Wait, or Wait times 4 to the power of attempt where
// the code says so (about-the-platform, 2025-11: "4^X seconds"), at most a
// day. A negative attempt counts as 0.
func (i Info) Backoff(attempt int) time.Duration {
	wait := i.Wait
	for ; i.Exponential && attempt > 0 && wait < maxBackoff; attempt-- {
		wait *= 4
	}
	return min(wait, max(i.Wait, maxBackoff))
}

// Lookup returns what is known about a code (support/error-codes, 2025-11 and
// 2026-09-11). For a code that is not documented the Info holds the code and
// nothing else: NotSent is false, since the platform also uses codes for
// faults after which it may deliver nevertheless (1, 2, 131000, 131016,
// 133004), and a slot given back wrongly is an over-send, one kept wrongly is
// free again after a day.
func Lookup(code int) Info {
	i, found := slices.BinarySearchFunc(table[:], code, func(i Info, code int) int { return cmp.Compare(i.Code, code) })
	if found {
		return table[i]
	}
	info := family(code)
	info.Code = code
	return info
}

// family returns what a code's range says about it.
func family(code int) Info {
	switch {
	case code >= 200 && code <= 299:
		return Info{
			Title: "API Permission", Scope: ScopeRequest, Affects: AffectsNothing, NotSent: true,
			Meaning: "The token lacks a permission, or it was taken back.",
		}
	case code >= 133000 && code <= 133999:
		return Info{
			Title: "Registration", Scope: ScopeNumber, Affects: AffectsNothing,
			Meaning: "The phone number could not be registered.",
		}
	case code >= 138000 && code <= 138999:
		return Info{
			Title: "Calling", Scope: ScopeRequest, Affects: AffectsNothing,
			Meaning: "About calls, not about messages.",
		}
	case code >= 2388000 && code <= 2388999:
		return Info{
			Title: "Template management", Scope: ScopeRequest, Affects: AffectsNothing,
			Meaning: "About creating or editing a template, not about a message.",
		}
	default:
		return Info{}
	}
}
