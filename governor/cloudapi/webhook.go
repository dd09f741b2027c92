package cloudapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Webhook is one POST of the platform, taken apart.
type Webhook struct {
	// Object is the product the webhook is about,
	// "whatsapp_business_account". It may be empty, as in one of the
	// platform's own examples. A webhook about another product has no
	// changes and no problems.
	Object string
	// Changes is what the webhook reports, in the order of the body. What is
	// learned about people's identities stands before what they did.
	Changes []Change
	// Problems says what could not be read, at most the first 64.
	Problems []Problem
	// MoreProblems counts the problems beyond those.
	MoreProblems int
}

// Change is one thing that a webhook reports: one of [Inbound], [Call],
// [Status], [Identity], [NumberChanged], [UserIDChanged], [UserPreference],
// [ValueErrors], [NumberQuality], [NumberName], [Capability],
// [AccountUpdate], [AccountAlert], [AccountReview], [TemplateStatus],
// [TemplateQuality], [TemplateCategory], [TemplateComponents] or [Unknown].
//
// Changes are repeated and come in any order (webhooks/overview, 2026-09-11).
// Printed with the fmt package they show their [Origin] and nothing else, so
// that no person slips into a log.
type Change interface {
	// Source returns where the change came from.
	Source() Origin
	fmt.Stringer
	change()
}

// Origin says where a change came from. What the webhook did not hold is
// empty.
type Origin struct {
	// WABA is the ID of the WhatsApp Business Account (entry.id). For
	// partner events it may be a business: see [AccountUpdate].Subject.
	WABA string
	// Field is the name of the webhook field as sent.
	Field string
	// Reported is entry.time. Messages and statuses usually have none.
	Reported time.Time
	// Number is the phone number ID.
	Number string
	// DisplayNumber is the business's phone number as written. Some fields
	// name the number by it alone.
	DisplayNumber string
}

// Source returns o.
func (o Origin) Source() Origin { return o }

// String names the field, the account and the phone number ID.
func (o Origin) String() string {
	return "change of " + strconv.Quote(o.Field) + " in WABA " + o.WABA + ", number " + o.Number
}

func (Origin) change() {}

// Unknown is a change that this package has no type for: a new field, or one
// without a bearing on sends.
type Unknown struct {
	Origin
	// Keys are the first names in its value, at most 32.
	Keys []string
}

// Problem says what could not be read and why. It holds nothing of what was
// there.
type Problem struct {
	// Path is where in the body, such as entry[3].changes[2].
	Path string
	// Reason is why.
	Reason string
}

const (
	maxProblems = 64
	maxKeys     = 32
	maxKeyLen   = 64
)

// ParseWebhook reads the body of a webhook, which the caller has verified. An
// error wraps [ErrMalformed] and says that the body is no JSON object. All
// other faults are [Webhook].Problems: what is missing, of another type or
// unknown spoils nothing but itself.
//
// One object where a list is due counts as a list of it, times and IDs are
// numbers or strings, and a field name that is missing or out of place, as in
// some of the platform's examples, is made up for by the content.
func ParseWebhook(body []byte) (Webhook, error) {
	doc, err := parseJSON(body)
	if err != nil || !doc.isObject() {
		return Webhook{}, ErrMalformed
	}
	var r reader
	var entries value
	for key, member := range doc.members() {
		switch string(key) {
		case "object":
			r.hook.Object = member.word()
		case "entry":
			entries = member
		}
	}
	if !ours(r.hook.Object) {
		return r.hook, nil
	}
	if entries.absent() {
		r.problem("entry", "missing")
	}
	for i, entry := range entries.each() {
		r.entry = i
		r.readEntry(entry)
	}
	return r.hook, nil
}

func ours(object string) bool { return object == "" || object == "whatsapp_business_account" }

// reader reads one webhook. Its entry and index say where it stands.
type reader struct {
	hook         Webhook
	entry, index int
	known        map[[2]string]struct{}
}

func (r *reader) add(c Change) { r.hook.Changes = append(r.hook.Changes, c) }

// problem notes what is wrong at a place in the body.
func (r *reader) problem(path, reason string) {
	if len(r.hook.Problems) >= maxProblems {
		r.hook.MoreProblems++
		return
	}
	r.hook.Problems = append(r.hook.Problems, Problem{Path: path, Reason: reason})
}

// fault notes what is wrong within the change where the reader stands.
func (r *reader) fault(list string, i int, reason string) {
	if len(r.hook.Problems) >= maxProblems {
		r.hook.MoreProblems++
		return
	}
	path := fmt.Sprintf("entry[%d].changes[%d]", r.entry, r.index)
	if list != "" {
		path += fmt.Sprintf(".value.%s[%d]", list, i)
	}
	r.problem(path, reason)
}

func (r *reader) readEntry(entry value) {
	if !entry.isObject() {
		r.problem("entry["+strconv.Itoa(r.entry)+"]", "not an object")
		return
	}
	var origin Origin
	var changes value
	var misplaced string
	for key, member := range entry.members() {
		switch string(key) {
		case "id":
			origin.WABA = member.word()
		case "time":
			origin.Reported = unixTime(member)
		case "changes":
			changes = member
		case "field":
			misplaced = member.word()
		case "object":
			r.name(member)
		}
	}
	if changes.absent() {
		r.problem("entry["+strconv.Itoa(r.entry)+"]", "no changes")
	}
	for i, change := range changes.each() {
		r.index = i
		r.known = nil
		r.readChange(origin, misplaced, change)
	}
}

// name takes an object's name that stands where it does not belong.
func (r *reader) name(object value) {
	if r.hook.Object == "" {
		r.hook.Object = object.word()
	}
}

// readChange reads one change. Its field stands beside its value; the
// platform's examples also have it one level higher and one level lower.
func (r *reader) readChange(origin Origin, misplaced string, change value) {
	var v value
	for key, member := range change.members() {
		switch string(key) {
		case "field":
			origin.Field = member.word()
		case "value":
			v = member
		}
	}
	if !v.isObject() {
		r.fault("", 0, "no value")
		return
	}
	if origin.Field == "" {
		origin.Field = misplaced
	}
	if origin.Field == "" {
		origin.Field = v.get("field").word()
		r.name(v.get("object"))
	}
	metadata := v.get("metadata")
	if metadata.absent() {
		metadata = v
	}
	origin.Number = metadata.get("phone_number_id").word()
	origin.DisplayNumber = metadata.get("display_phone_number").word()
	r.route(origin, v)
}

// route reads a value by its field, or by its content where that says more.
func (r *reader) route(origin Origin, v value) {
	field := origin.Field
	if field == "" || field == "message_template_status_update" && isTemplateQuality(v) {
		field = fieldOf(v)
	}
	switch field {
	case "messages", "calls", "user_preferences", "user_id_update":
		r.readMessaging(origin, v)
	case "phone_number_quality_update":
		r.add(readNumberQuality(origin, v))
	case "phone_number_name_update":
		r.add(readNumberName(origin, v))
	case "business_capability_update":
		r.add(readCapability(origin, v))
	case "account_update":
		r.add(r.readAccountUpdate(origin, v))
	case "account_alerts":
		r.add(readAccountAlert(origin, v))
	case "account_review_update":
		r.add(AccountReview{Origin: origin, Decision: upper(v.get("decision"))})
	case "message_template_status_update":
		r.add(readTemplateStatus(origin, v))
	case "message_template_quality_update":
		r.add(readTemplateQuality(origin, v))
	case "template_category_update":
		r.add(readTemplateCategory(origin, v))
	case "message_template_components_update":
		r.add(TemplateComponents{Origin: origin, TemplateRef: readTemplateRef(v)})
	default:
		r.add(unknown(origin, v))
	}
}

// fieldOf tells a field by what only its values hold, "" if nothing does.
func fieldOf(v value) string {
	has := func(name string) bool { return !v.get(name).absent() }
	switch {
	case has("metadata"):
		return "messages"
	case isTemplateQuality(v):
		return "message_template_quality_update"
	case has("message_template_id") && has("new_category"):
		return "template_category_update"
	case has("message_template_id") && has("event"):
		return "message_template_status_update"
	case has("message_template_id"):
		return "message_template_components_update"
	case has("alert_info") || has("alert_type"):
		return "account_alerts"
	case has("decision") && has("display_phone_number"):
		return "phone_number_name_update"
	case has("decision"):
		return "account_review_update"
	case has("display_phone_number") && (has("current_limit") || has("max_daily_conversations_per_business")):
		return "phone_number_quality_update"
	case has("max_daily_conversations_per_business") || has("max_daily_conversation_per_phone"):
		return "business_capability_update"
	case has("event") && !has("display_phone_number"):
		return "account_update"
	default:
		return ""
	}
}

func unknown(origin Origin, v value) Unknown {
	u := Unknown{Origin: origin}
	for key := range v.members() {
		if len(u.Keys) == maxKeys {
			break
		}
		u.Keys = append(u.Keys, scrub(strings.ToValidUTF8(string(key[:min(len(key), maxKeyLen)]), "")))
	}
	return u
}

// upper returns a keyword in upper case: the pages write some in both.
func upper(v value) string { return strings.ToUpper(v.word()) }

func lower(v value) string { return strings.ToLower(v.word()) }
