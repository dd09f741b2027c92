package cloudapi

import (
	"strings"
	"time"
)

// Identity says that a phone number and a business-scoped user ID belong to
// one person: a webhook held both (business-scoped-user-ids, 2026-05-07). A
// user ID means a person within one portfolio only.
type Identity struct {
	Origin
	// WaID is the phone number, UserID the user ID. Neither is empty.
	WaID, UserID string
	// ParentUserID is the user ID above several portfolios, empty where
	// absent.
	ParentUserID string
}

// NumberChanged says that a person has changed their phone number.
type NumberChanged struct {
	Origin
	// MessageID is the ID of the system message.
	MessageID string
	// Old and New are the phone numbers. Neither is empty.
	Old, New string
	// OldUserID and NewUserID are the user IDs where the message had them: a
	// new number comes with a new user ID.
	OldUserID, NewUserID string
	// At is when, zero if unknown.
	At time.Time
}

// UserIDChanged says that a person has a new business-scoped user ID.
type UserIDChanged struct {
	Origin
	// MessageID is the ID of the system message, empty for the field
	// user_id_update.
	MessageID string
	// Old and New are the user IDs. Neither is empty.
	Old, New string
	// WaID is the person's phone number now, empty if unknown.
	WaID string
	// At is when, zero if unknown.
	At time.Time
}

// UserPreference is a person's choice about marketing (webhooks/reference/
// user_preferences, 2026-09-11).
type UserPreference struct {
	Origin
	// WaID and UserID name the person; one of them may be empty.
	WaID, UserID string
	// Category is "marketing_messages" so far, in lower case.
	Category string
	// Value is "stop" or "resume" in lower case. Other words may come.
	Value string
	// At is when, zero if unknown.
	At time.Time
}

// person is whom a part of a webhook is about.
type person struct{ wa, user, parent string }

// newPerson puts a user ID that stands where a phone number belongs in its
// place.
func newPerson(wa, user, parent value) person {
	p := person{wa: wa.word(), user: user.word(), parent: parent.word()}
	if isUserID(p.wa) {
		if p.user == "" {
			p.user = p.wa
		}
		p.wa = ""
	}
	return p
}

func (p person) isNobody() bool { return p.wa == "" && p.user == "" }

// readContacts notes the identities among the contacts and returns the one
// person they are about, nobody if there are several.
func (r *reader) readContacts(origin Origin, contacts value) person {
	var sole person
	count := 0
	r.forEach("contacts", contacts, func(_ int, contact value) {
		sole = newPerson(contact.get("wa_id"), contact.get("user_id"), contact.get("parent_user_id"))
		r.identify(origin, sole)
		count++
	})
	if count != 1 {
		return person{}
	}
	return sole
}

// identify adds an Identity if both sides are known and the change has not
// said so before.
func (r *reader) identify(origin Origin, p person) {
	if p.wa == "" || p.user == "" {
		return
	}
	pair := [2]string{p.wa, p.user}
	if _, known := r.known[pair]; known {
		return
	}
	if r.known == nil {
		r.known = map[[2]string]struct{}{}
	}
	r.known[pair] = struct{}{}
	r.add(Identity{Origin: origin, WaID: p.wa, UserID: p.user, ParentUserID: p.parent})
}

// readSystem reads a system message: a change of number or of user ID. ok is
// false for system messages about anything else.
func (r *reader) readSystem(in Inbound, system value) (ok bool) {
	old := person{wa: in.From, user: in.FromUserID}
	if old.user == "" {
		old.user = system.get("previous_user_id").word()
	}
	now := newPerson(system.get("wa_id"), system.get("user_id"), system.get("parent_user_id"))
	if now.wa == "" {
		now.wa = system.get("new_wa_id").word()
	}
	switch kind := lower(system.get("type")); {
	case !strings.HasSuffix(kind, "_changed_number") && !strings.HasSuffix(kind, "_changed_user_id"):
		return false
	case now.isNobody():
		return false
	}
	r.identify(in.Origin, now)
	if old.wa != "" && now.wa != "" && old.wa != now.wa {
		r.add(NumberChanged{
			Origin: in.Origin, MessageID: in.MessageID, Old: old.wa, New: now.wa,
			OldUserID: old.user, NewUserID: now.user, At: in.At,
		})
		ok = true
	}
	if old.user != "" && now.user != "" && old.user != now.user {
		r.add(UserIDChanged{
			Origin: in.Origin, MessageID: in.MessageID, Old: old.user, New: now.user, WaID: now.wa, At: in.At,
		})
		ok = true
	}
	return ok
}

func (r *reader) readIDUpdate(origin Origin, i int, update value) {
	ids := update.get("user_id")
	c := UserIDChanged{
		Origin: origin,
		Old:    ids.get("previous").word(),
		New:    ids.get("current").word(),
		WaID:   update.get("wa_id").word(),
		At:     unixTime(update.get("timestamp")),
	}
	if c.Old == "" || c.New == "" {
		r.fault("user_id_update", i, "previous or current user ID missing")
		return
	}
	r.identify(origin, person{wa: c.WaID, user: c.New})
	r.add(c)
}

func (r *reader) readPreference(origin Origin, i int, preference value, sole person) {
	who := newPerson(preference.get("wa_id"), preference.get("user_id"), nil)
	if who.isNobody() {
		who = sole
	}
	if who.isNobody() {
		r.fault("user_preferences", i, "nobody named")
		return
	}
	r.identify(origin, who)
	r.add(UserPreference{
		Origin: origin, WaID: who.wa, UserID: who.user, Category: lower(preference.get("category")),
		Value: lower(preference.get("value")), At: unixTime(preference.get("timestamp")),
	})
}
