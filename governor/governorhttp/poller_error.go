package governorhttp

import (
	"errors"
	"net/url"
	"strings"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// ErrNotAsked matches a [*PollError] about what was not asked for this time:
// it failed before and is left alone for a while, or the hour's budget is
// spent. The error names the earlier failure and the time.
var ErrNotAsked = errors.New("governorhttp: not asked for")

// A PollError says what a [Poller] could not read, understand or hand on. It
// holds IDs of the business, but no token and nothing of any person.
type PollError struct {
	// WABA and Number are whom it is about, as far as known.
	WABA, Number string
	// Part is what of them: "account", "number", "phone numbers" or
	// "templates".
	Part string
	// Err is what went wrong: a [*cloudapi.Error] of the platform, an error
	// that wraps [cloudapi.ErrMalformed], one of the network, or one of
	// [governor.Governor.Observe], as [governor.ErrUnknownNumber] of a number
	// that a WABA has and the Governor has not.
	Err error
}

// Error says what could not be polled and why, in one line.
func (e *PollError) Error() string {
	var b strings.Builder
	b.WriteString("governorhttp: polling " + e.Part)
	if e.Number != "" {
		b.WriteString(" " + e.Number)
	}
	if e.WABA != "" {
		b.WriteString(" of WABA " + e.WABA)
	}
	b.WriteString(": " + e.Err.Error())
	return b.String()
}

// Unwrap returns what went wrong.
func (e *PollError) Unwrap() error { return e.Err }

// errShare ends a list that goes on in the next round.
var errShare = errors.New("governorhttp: the round's share is spent")

// errQuotesToken stands for an error that cannot be told.
var errQuotesToken = errors.New("governorhttp: the request failed, with an error that quotes the token")

// discreet is err without what nobody may read. An *url.Error has the whole
// address, into which a proxy may have put a token, and the platform quotes
// the token that it does not accept.
func (p *Poller) discreet(err error) error {
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	var refusal *cloudapi.Error
	if errors.As(err, &refusal) && refusal.Title+refusal.Message+refusal.Details != "" {
		text := strings.ToLower(refusal.Title + refusal.Message + refusal.Details)
		if refusal.Code == 190 || strings.Contains(text, "token") || p.quoted(text) {
			quiet := *refusal
			quiet.Title, quiet.Message, quiet.Details = "", "", ""
			return &quiet
		}
	}
	if err != nil && p.quoted(strings.ToLower(err.Error())) {
		return errQuotesToken
	}
	return err
}

// quoted reports whether a text in lower case holds the token.
func (p *Poller) quoted(text string) bool {
	return p.Token != "" && strings.Contains(text, strings.ToLower(p.Token))
}

// coded returns the platform's error in err, nil if it gave none with a code.
func coded(err error) *cloudapi.Error {
	var refusal *cloudapi.Error
	if errors.As(err, &refusal) && refusal.Coded {
		return refusal
	}
	return nil
}

// aboutFields reports whether asking for fewer fields may help: one is not
// known to this version, or not open to this token. Code 100 with subcode 33
// is an object that is not there.
func aboutFields(err error) bool {
	refusal := coded(err)
	if refusal == nil {
		return false
	}
	code := refusal.Code
	return code == 100 && refusal.Subcode != 33 || code == 10 || code >= 200 && code <= 299
}
