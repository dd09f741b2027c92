package governortest

import (
	"cmp"
	"regexp"
	"strings"
)

// people is what the platform knows of who is who. It does not change.
type people struct {
	waIDs   map[string]string
	userIDs map[string]string
}

// person is one WhatsApp user, or a group in the place of one.
type person struct {
	waID   string // empty if only the user ID is known
	userID string // empty if not known
	group  string
	byUser bool // addressed by user ID
}

// is reports whether two are the same: by WhatsApp ID if both have one, which a group has not.
func (a person) is(b person) bool {
	if a.waID != "" || b.waID != "" {
		return a.waID == b.waID
	}
	return a.group == b.group && a.userID == b.userID
}

// name is how the records have the person: by WhatsApp ID, else by user ID, else by group ID.
func (a person) name() string {
	return cmp.Or(a.waID, a.userID, a.group)
}

// userIDShape has the country, maybe ENT for a parent, and up to 128 letters and digits (business-scoped user IDs, May 2026).
var userIDShape = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// addressee finds out whom a message is for, and as whom the request has it. A phone number in to goes before a user
// ID in recipient (May 2026).
func (ps people) addressee(recipientType, to, recipient string) (person, string, *refusal) {
	switch recipientType {
	case "group":
		if to == "" {
			return person{}, "", refuse(131008).because("Parameter to is missing.")
		}
		return person{group: to}, to, nil
	case "", "individual":
	default:
		return person{}, "", refuse(131009).because("Parameter recipient_type must be individual or group.")
	}
	switch {
	case to != "":
		if !isPhone(to) {
			return person{}, to, refuse(131009).because("Parameter to is not a phone number.")
		}
		return ps.byPhone(digitsOf(to)), to, nil
	case recipient == "":
		return person{}, "", refuse(131008).because("Parameter to is missing.")
	case !userIDShape.MatchString(recipient):
		return person{}, recipient, refuse(131009).because("Parameter recipient is not a user ID.")
	}
	return ps.byUser(recipient), recipient, nil
}

func (ps people) byPhone(digits string) person {
	who := person{waID: digits}
	if known, ok := ps.waIDs[digits]; ok {
		who.waID = known
	}
	for userID, waID := range ps.userIDs {
		if waID == who.waID && (who.userID == "" || userID < who.userID) {
			who.userID = userID
		}
	}
	return who
}

func (ps people) byUser(userID string) person {
	return person{waID: ps.userIDs[userID], userID: userID, byUser: true}
}

// isPhone reports whether s is 7 to 15 digits with no more around them than the formatting that the platform takes
// (send-messages, September 2026): a plus before the first, hyphens, parentheses and spaces.
func isPhone(s string) bool {
	digits := len(digitsOf(s))
	first := strings.IndexAny(s, "0123456789")
	return digits >= 7 && digits <= 15 && strings.Trim(s, "+-() 0123456789") == "" && strings.LastIndexByte(s, '+') < first
}

// digitsOf returns the digits of s.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
