package cloudapi

import "time"

// TemplateRef names a template in one language.
type TemplateRef struct {
	// ID is the template's ID, Name its name.
	ID, Name string
	// Language is written as sends write it, en_US.
	Language string
}

// TemplateStatus is a change of a template's status (webhooks/reference/
// message_template_status_update, 2026-09-11).
type TemplateStatus struct {
	Origin
	TemplateRef
	// Event is APPROVED, PAUSED, DISABLED, REJECTED and the like, in upper
	// case.
	Event string
	// Category is MARKETING, UTILITY or AUTHENTICATION, in upper case, empty
	// where absent.
	Category string
	// Reason is why it was rejected, NONE or empty if it was not.
	Reason string
	// Title is FIRST_PAUSE, SECOND_PAUSE, RATE_LIMITING_PAUSE, UNPAUSE or
	// DISABLED, in upper case, empty where absent. Pauses last 3 and 6
	// hours; a RATE_LIMITING_PAUSE lasts until somebody lifts it
	// (templates/template-pausing, 2025-10-22).
	Title string
	// DisableDate is when it is disabled, zero if unknown. The platform
	// writes seconds or prose: DisableDateText is what was written.
	DisableDate     time.Time
	DisableDateText string
}

// TemplateQuality is a change of a template's quality score (webhooks/
// reference/message_template_quality_update, 2026-09-11).
type TemplateQuality struct {
	Origin
	TemplateRef
	// Previous and New are GREEN, YELLOW, RED or UNKNOWN, in upper case.
	Previous, New string
}

// TemplateCategory is a change of a template's category (webhooks/reference/
// template_category_update, 2026-09-11).
type TemplateCategory struct {
	Origin
	TemplateRef
	// From and To are the categories, in upper case. The platform names the
	// present category of an impending change new_category.
	From, To string
	// Impending reports that the change is announced and not yet done.
	Impending bool
	// Effective is when an impending change is made, zero if unknown, and
	// when a done one was reported.
	Effective time.Time
}

// TemplateComponents says that a template's content was edited.
type TemplateComponents struct {
	Origin
	TemplateRef
}

func readTemplateRef(v value) TemplateRef {
	return TemplateRef{
		ID:       v.get("message_template_id").word(),
		Name:     v.get("message_template_name").word(),
		Language: languageCode(v.get("message_template_language").word()),
	}
}

func readTemplateStatus(origin Origin, v value) TemplateStatus {
	disabled := v.get("disable_info", "disable_date")
	return TemplateStatus{
		Origin:          origin,
		TemplateRef:     readTemplateRef(v),
		Event:           upper(v.get("event")),
		Category:        upper(v.get("message_template_category")),
		Reason:          upper(v.get("reason")),
		Title:           upper(v.get("other_info", "title")),
		DisableDate:     date(disabled),
		DisableDateText: disabled.word(),
	}
}

// isTemplateQuality tells a change of quality by its content: the platform's
// example has it under the field message_template_status_update.
func isTemplateQuality(v value) bool {
	return !v.get("new_quality_score").absent() && !v.get("message_template_id").absent()
}

func readTemplateQuality(origin Origin, v value) TemplateQuality {
	return TemplateQuality{
		Origin: origin, TemplateRef: readTemplateRef(v),
		Previous: upper(v.get("previous_quality_score")), New: upper(v.get("new_quality_score")),
	}
}

func readTemplateCategory(origin Origin, v value) TemplateCategory {
	c := TemplateCategory{
		Origin: origin, TemplateRef: readTemplateRef(v),
		From: upper(v.get("previous_category")), To: upper(v.get("new_category")), Effective: origin.Reported,
	}
	if next := upper(v.get("correct_category")); next != "" {
		c.From, c.To, c.Impending = c.To, next, true
		c.Effective = unixTime(v.get("category_update_timestamp"))
	}
	return c
}
