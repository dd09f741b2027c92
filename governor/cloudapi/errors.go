package cloudapi

import (
	"fmt"
	"strconv"
)

// Error is an error of the platform: the answer to a request, or part of a
// webhook. Its zero value is an error that nothing is known about.
//
// Texts are scrubbed: runs of seven and more digits, also with the usual
// separators between them, and user IDs are replaced, since the platform may
// quote a recipient.
type Error struct {
	// Coded reports that the platform gave a code. Without one Code is
	// meaningless: zero is a code of the platform too.
	Coded bool
	// Code is the platform's error code. Everything is decided by it and
	// nothing by HTTPStatus: the platform documents no status since 2026.
	Code int
	// Subcode is error_subcode, 0 where absent.
	Subcode int
	// Title and Message are the platform's short text; a webhook has both,
	// an answer the message alone.
	Title, Message string
	// Type is the platform's class of error, such as OAuthException.
	Type string
	// Details is error_data.details.
	Details string
	// TraceID is fbtrace_id, for the platform's support.
	TraceID string
	// Transient is is_transient, false where absent.
	Transient bool
	// HTTPStatus is the status of the answer, 0 in a webhook.
	HTTPStatus int
}

// Error names the code, its title as this package knows it, and the HTTP
// status. It repeats no text of the platform.
func (e *Error) Error() string {
	text := "cloudapi: error without a code"
	if e.Coded {
		text = "cloudapi: error " + strconv.Itoa(e.Code)
		if info := Lookup(e.Code); info.Known() {
			text += " " + info.Title
		}
	}
	if e.HTTPStatus != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.HTTPStatus)
	}
	return text
}

// Info returns what is known about the error's code, the zero Info if it has
// none.
func (e *Error) Info() Info {
	if !e.Coded {
		return Info{}
	}
	return Lookup(e.Code)
}

// NotSent reports whether the message was certainly not sent. False means
// that its outcome is unknown: an answer without a code, a code that says so,
// and a code that nobody has documented.
func (e *Error) NotSent() bool { return e.Info().NotSent }

// readError reads the error object of an answer or of a webhook.
func readError(v value) Error {
	e := Error{
		Title:     scrub(v.get("title").word()),
		Message:   scrub(v.get("message").word()),
		Type:      scrub(v.get("type").word()),
		TraceID:   v.get("fbtrace_id").word(),
		Transient: string(v.get("is_transient")) == "true",
	}
	if code, err := strconv.Atoi(v.get("code").word()); err == nil {
		e.Code, e.Coded = code, true
	}
	if code, err := strconv.Atoi(v.get("error_subcode").word()); err == nil {
		e.Subcode = code
	}
	data := v.get("error_data")
	if text, ok := data.text(); ok {
		// Older Graph versions wrap error_data in a string.
		if inner, err := parseJSON([]byte(text)); err == nil {
			data = inner
		}
	}
	e.Details = scrub(data.get("details").word())
	return e
}
