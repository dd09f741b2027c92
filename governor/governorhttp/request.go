package governorhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// formType is the content type of a query, and of a body in the same form.
const formType = "application/x-www-form-urlencoded"

// unreadable wraps what is wrong with a send as an error of the caller's.
func unreadable(err error) error { return fmt.Errorf("governorhttp: %w: %w", governor.ErrInvalid, err) }

// target returns the path and query that go over the wire. An opaque URL takes
// the place of both.
func target(u *url.URL) (p, query string) {
	if u.Opaque == "" {
		return u.Path, u.RawQuery
	}
	sent, err := url.Parse(u.RequestURI())
	if err != nil {
		return u.Opaque, u.RawQuery
	}
	return sent.Path, sent.RawQuery
}

// isPost reports whether a request is a POST, or may be taken for one: the
// Graph API takes a method parameter for the method, from the query or a form,
// and gateways take these headers for it. Header names are compared without
// regard to case: net/http sends them as the map has them.
func isPost(req *http.Request, query string) bool {
	if req.Method == http.MethodPost || strings.EqualFold(req.Method, http.MethodPost) {
		return true
	}
	bodied := req.Body != nil && req.Body != http.NoBody
	for name, values := range req.Header {
		if isOverride(name) && slices.ContainsFunc(values, isPostWord) ||
			bodied && strings.EqualFold(name, "Content-Type") && slices.ContainsFunc(values, isForm) {
			return true
		}
	}
	return has(query, "method")
}

func isOverride(header string) bool {
	return strings.EqualFold(header, "X-HTTP-Method-Override") || strings.EqualFold(header, "X-HTTP-Method") ||
		strings.EqualFold(header, "X-Method-Override")
}

func isPostWord(s string) bool { return strings.EqualFold(strings.TrimSpace(s), http.MethodPost) }

// isForm reports whether a content type is that of a form, which may hold a
// method parameter.
func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == formType || media == "multipart/form-data"
}

// has reports whether a query has a parameter of that name.
func has(query, name string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		escaped, _, _ := strings.Cut(pair, "=")
		if key, err := url.QueryUnescape(escaped); err == nil && key == name {
			return true
		}
	}
	return false
}

// governs reports whether sends to the request's host are governed.
func (t *Transport) governs(req *http.Request) bool {
	if len(t.Hosts) == 0 {
		return true
	}
	for _, named := range t.Hosts {
		if isHost(named, req.URL.Host, req.URL.Scheme) || isHost(named, req.Host, req.URL.Scheme) {
			return true
		}
	}
	return false
}

// governsBatch reports whether a POST to a batch path of the request's host may
// be a batch. Every host has a root, so one that nobody named must be the
// platform's.
func (t *Transport) governsBatch(req *http.Request) bool {
	if len(t.Hosts) > 0 {
		return t.governs(req)
	}
	return isPlatform(req.URL.Host) || isPlatform(req.Host)
}

func isPlatform(host string) bool {
	const domain = ".facebook.com"
	u := url.URL{Host: host}
	name := strings.TrimSuffix(u.Hostname(), ".")
	at := len(name) - len(domain)
	return at >= 0 && strings.EqualFold(name[at:], domain) || strings.EqualFold(name, domain[1:])
}

// isHost reports whether host is the named one.
func isHost(named, host, scheme string) bool {
	n, h := url.URL{Host: named}, url.URL{Host: host}
	if host == "" || !strings.EqualFold(strings.TrimSuffix(n.Hostname(), "."), strings.TrimSuffix(h.Hostname(), ".")) {
		return false
	}
	port := h.Port()
	switch {
	case port != "":
	case scheme == "https":
		port = "443"
	case scheme == "http":
		port = "80"
	}
	return n.Port() == "" || n.Port() == port
}

// plainType returns the content type of a body that is sent as it is.
func plainType(h http.Header) (contentType string, err error) {
	if types := h["Content-Type"]; len(types) == 1 && isUsual(h) {
		return types[0], nil
	}
	types := 0
	for name, values := range h {
		switch {
		case len(name) == len("Content-Type") && strings.EqualFold(name, "Content-Type"):
			for _, v := range values {
				contentType = v
				types++
			}
		case len(name) == len("Content-Encoding") && strings.EqualFold(name, "Content-Encoding"):
			for _, v := range values {
				if v != "" && !strings.EqualFold(v, "identity") {
					return "", unreadable(fmt.Errorf("%w: body: encoded", cloudapi.ErrUnreadable))
				}
			}
		}
	}
	if types > 1 {
		return "", unreadable(fmt.Errorf("%w: content type: given %d times", cloudapi.ErrUnreadable, types))
	}
	return contentType, nil
}

// isUsual reports whether a header has a content type and nothing that could
// say otherwise under another spelling. Going through all the names takes longer
// than asking for those that nearly every send has and no other.
func isUsual(h http.Header) bool {
	known := 1
	for _, name := range [...]string{"Authorization", "User-Agent", "Accept"} {
		if known == len(h) {
			break
		}
		if _, ok := h[name]; ok {
			known++
		}
	}
	return known == len(h)
}

// read reads the request as a send to e. An error wraps [cloudapi.ErrForeign]
// if the request is none of ours.
func (x *exchange) read(ctx context.Context, query string, e cloudapi.Endpoint, maxBody int64) (cloudapi.Send, error) {
	if query != "" {
		if err := cloudapi.CheckQuery(query); err != nil {
			return cloudapi.Send{}, unreadable(err)
		}
	}
	contentType, err := plainType(x.req.Header)
	if err != nil {
		return cloudapi.Send{}, err
	}
	body, err := x.peek(ctx, maxBody)
	if err != nil {
		return cloudapi.Send{}, err
	}
	send, err := cloudapi.ParseSend(e, contentType, body)
	if errors.Is(err, cloudapi.ErrForeign) && has(query, "messaging_product") {
		err = fmt.Errorf("%w: query: messaging_product beside another product's body", cloudapi.ErrUnreadable)
	}
	if err != nil {
		return cloudapi.Send{}, unreadable(err)
	}
	return send, nil
}

// messageOf is what a send asks leave for.
func messageOf(s cloudapi.Send, number string) governor.Message {
	m := governor.Message{From: number, Template: s.Template, Language: s.Language}
	to, kind := s.Addressee()
	m.To = to
	if kind == cloudapi.Group {
		m.To = groupID(to)
	}
	switch {
	case s.Kind == cloudapi.FreeForm:
		m.Kind = governor.Reply
	case s.Endpoint == cloudapi.MarketingMessages:
		m.Category = governor.Marketing
	case s.Kind == cloudapi.DirectSend:
		m.Category = governor.ParseCategory(s.Category)
	}
	return m
}

// groupID spells a group so that it is nobody else. Webhooks name groups
// without a prefix, so one stands only where the ID could be a phone number or
// a user ID.
func groupID(id string) string {
	key, err := governor.CanonicalRecipient(id)
	if err != nil || key != id || strings.Trim(id, "0123456789") == "" || strings.Contains(id, ".") {
		return "group:" + id
	}
	return id
}
