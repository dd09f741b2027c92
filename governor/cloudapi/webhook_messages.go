package cloudapi

// ValueErrors are errors that stand in a webhook beside no message and no
// status, such as 130429 (webhooks/reference/messages/errors, 2026-09-11).
type ValueErrors struct {
	Origin
	// Errors are the errors, at least one.
	Errors []Error
}

// readMessaging reads the fields that concern people: messages, statuses,
// calls, preferences and identities. They share one shape, and what stands in
// a value decides, not the field's name.
func (r *reader) readMessaging(origin Origin, v value) {
	var contacts, messages, statuses, failures, calls, preferences, idUpdates value
	for key, member := range v.members() {
		switch string(key) {
		case "contacts":
			contacts = member
		case "messages":
			messages = member
		case "statuses":
			statuses = member
		case "errors":
			failures = member
		case "calls":
			calls = member
		case "user_preferences":
			preferences = member
		case "user_id_update":
			idUpdates = member
		}
	}
	before := len(r.hook.Changes)
	problems := len(r.hook.Problems) + r.hook.MoreProblems
	sole := r.readContacts(origin, contacts)
	r.forEach("messages", messages, func(i int, v value) { r.readMessage(origin, i, v, sole) })
	r.forEach("statuses", statuses, func(i int, v value) { r.readStatus(origin, i, v) })
	r.forEach("calls", calls, func(i int, v value) { r.readCall(origin, i, v, sole) })
	r.forEach("user_preferences", preferences, func(i int, v value) { r.readPreference(origin, i, v, sole) })
	r.forEach("user_id_update", idUpdates, func(i int, v value) { r.readIDUpdate(origin, i, v) })
	if errs := readErrors(failures); len(errs) > 0 {
		r.add(ValueErrors{Origin: origin, Errors: errs})
	}
	if len(r.hook.Changes) == before && len(r.hook.Problems)+r.hook.MoreProblems == problems {
		r.add(unknown(origin, v))
	}
}

// forEach reads each object of a list and notes what is none.
func (r *reader) forEach(name string, list value, read func(i int, v value)) {
	for i, element := range list.each() {
		if !element.isObject() {
			r.fault(name, i, "not an object")
			continue
		}
		read(i, element)
	}
}

func readErrors(list value) []Error {
	var errs []Error
	for _, element := range list.each() {
		if element.isObject() {
			errs = append(errs, readError(element))
		}
	}
	return errs
}
