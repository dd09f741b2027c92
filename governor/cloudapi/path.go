package cloudapi

import (
	"net/url"
	"path"
	"strings"
)

// Endpoint is one of the two endpoints that send messages. Its zero value is
// no endpoint.
type Endpoint int

// The endpoints that send messages. Calls, media, settings and the like send
// none (reference/whatsapp-business-phone-number/message-api, 2026-03;
// marketing-messages/send-marketing-messages, 2026-09-11).
const (
	// Messages is POST /{phone number ID}/messages.
	Messages Endpoint = iota + 1
	// MarketingMessages is POST /{phone number ID}/marketing_messages, which
	// takes marketing templates only.
	MarketingMessages
)

// String returns the last segment of the endpoint's path, "unknown" for no
// endpoint.
func (e Endpoint) String() string {
	switch e {
	case Messages:
		return "messages"
	case MarketingMessages:
		return "marketing_messages"
	default:
		return "unknown"
	}
}

// ParsePath tells whether a URL path addresses an endpoint that sends
// messages, and for which phone number ID. The path may be escaped or not.
//
// The version segment may be missing, the case of letters, doubled and
// trailing slashes, dot segments and percent-escapes do not matter: nobody
// has shown that the platform minds them, and a send must not pass unseen.
// Before a dotted version (v25.0) other segments may stand, as they do behind
// a gateway. What makes a path ours is a phone number ID of digits alone
// before the last segment, so that the messages endpoints of other services
// do not match. Messenger and Instagram share the path; [ParseSend] tells
// them apart by their body.
func ParsePath(p string) (number string, e Endpoint, ok bool) { return parsePath(p, false) }

// ParsePathSuffix is [ParsePath] for a host that is known to send WhatsApp
// messages, such as a gateway: any segments may stand before the phone number
// ID, as in /whatsapp/{phone number ID}/messages.
func ParsePathSuffix(p string) (number string, e Endpoint, ok bool) { return parsePath(p, true) }

func parsePath(p string, anyPrefix bool) (number string, e Endpoint, ok bool) {
	if number, e, ok = matchPath(p, anyPrefix); ok || strings.IndexByte(p, '%') < 0 {
		return number, e, ok
	}
	plain, err := url.PathUnescape(p)
	if err != nil {
		return "", 0, false
	}
	return matchPath(plain, anyPrefix)
}

// matchPath looks at the path as it stands first: cleaning it takes longer, and
// leaves alone what has to stand at its end.
func matchPath(p string, anyPrefix bool) (number string, e Endpoint, ok bool) {
	if number, e, ok = matchEnd(p, anyPrefix); ok {
		return number, e, ok
	}
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return matchEnd(clean(p), anyPrefix)
}

func matchEnd(p string, anyPrefix bool) (number string, e Endpoint, ok bool) {
	rest, edge := cutLast(p)
	switch {
	case edge == "messages" || strings.EqualFold(edge, "messages"):
		e = Messages
	case strings.EqualFold(edge, "marketing_messages"):
		e = MarketingMessages
	default:
		return "", 0, false
	}
	rest, number = cutLast(rest)
	if !allDigits(number) {
		return "", 0, false
	}
	prefix, version := cutLast(rest)
	if rest == "" || anyPrefix {
		return number, e, true
	}
	numbered, dotted := isVersion(version)
	if !numbered || prefix != "" && !dotted {
		return "", 0, false
	}
	return number, e, true
}

// clean is path.Clean for a path that begins with a slash, and is quick with one
// that is clean, as nearly all are.
func clean(p string) string {
	if strings.Contains(p, "//") || strings.Contains(p, "/.") || strings.HasSuffix(p, "/") {
		return path.Clean(p)
	}
	return p
}

// cutLast cuts the last segment, and the slash before it, off a path.
func cutLast(p string) (rest, last string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}

// isVersion tells whether a segment is a version such as v25, and whether it
// has the platform's form v25.0.
func isVersion(segment string) (numbered, dotted bool) {
	if segment == "" || segment[0]|0x20 != 'v' {
		return false, false
	}
	major, minor, dotted := strings.Cut(segment[1:], ".")
	return allDigits(major) && (!dotted || allDigits(minor)), dotted
}

// allDigits reports whether s is one or more ASCII digits.
func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
