package cloudapi

import (
	"strings"
	"time"
)

// Call is a call between a person and the business (calling/
// user-initiated-calls, 2025-11-25).
type Call struct {
	Origin
	// CallID is the call's ID ("wacid.…").
	CallID string
	// From is the person's phone number and FromUserID their user ID,
	// whoever called whom. One of the two is always there.
	From, FromUserID string
	// Event is "connect" or "terminate" in lower case.
	Event string
	// Direction is "USER_INITIATED" or "BUSINESS_INITIATED", empty if the
	// platform did not say.
	Direction string
	// At is when, zero if unknown.
	At time.Time
	// OpensWindow reports that the call certainly opens the customer service
	// window: the person called (messages/send-messages, 2026-09-11).
	OpensWindow bool
	// MayOpenWindow reports that it may have opened the window; true
	// whenever OpensWindow is. It is so for the end of a person's call,
	// whose beginning opened it, and where the direction or At is unknown.
	MayOpenWindow bool
}

func (r *reader) readCall(origin Origin, i int, call value, sole person) {
	c := Call{
		Origin:    origin,
		CallID:    call.get("id").word(),
		Event:     lower(call.get("event")),
		Direction: upper(call.get("direction")),
		At:        unixTime(call.get("timestamp")),
	}
	who := newPerson(call.get("from"), call.get("from_user_id"), nil)
	other := newPerson(call.get("to"), call.get("to_user_id"), nil)
	// Some examples have the business in from although the person called.
	if origin.isUs(who) || c.Direction == "BUSINESS_INITIATED" && !origin.isUs(other) {
		who = other
	}
	if who.isNobody() {
		who = sole
	}
	if who.isNobody() {
		r.fault("calls", i, "caller missing")
		return
	}
	if c.At.IsZero() {
		r.fault("calls", i, "timestamp missing or absurd")
	}
	c.From, c.FromUserID = who.wa, who.user
	byPerson := c.Direction == "USER_INITIATED"
	c.OpensWindow = byPerson && c.Event == "connect" && !c.At.IsZero()
	c.MayOpenWindow = byPerson || c.Direction == ""
	r.identify(origin, who)
	r.add(c)
}

// isUs reports whether the phone number is the business's own.
func (o Origin) isUs(p person) bool {
	digits := digitsOf(p.wa)
	return digits != "" && digits == digitsOf(o.DisplayNumber)
}

// digitsOf returns the ASCII digits of a phone number as written.
func digitsOf(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}
