package governorhttp

import (
	"errors"
	"net/http"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// A Transport is an http.RoundTripper that asks a [governor.Governor] before a
// WhatsApp message leaves, and tells it what became of the message. Everything
// that is no send goes to Base as it is, byte for byte.
//
// A send is a POST to /{phone number ID}/messages or /marketing_messages, with
// a version before it or none (see Hosts for gateways), whose body is JSON, a form or a multipart form
// (API reference of the messages endpoint, 2026-03). A template, a marketing
// message and a Direct Send are notifications, a free-form message is a reply.
// A mark-as-read or typing indicator takes nothing of anybody and passes
// without being asked about.
//
// What is denied comes back as a [*governor.DeniedError], which errors.As
// finds in the *url.Error of an http.Client; see Synthetic429 for another way.
// A send that cannot be read with certainty, and a Graph batch that holds a
// send, is refused with an error that wraps [governor.ErrInvalid] and
// [cloudapi.ErrUnreadable]. A refused request never reaches Base.
//
// The zero Transport passes what is no send and refuses every send. Fields
// must not be changed once it is in use; it is then safe for concurrent use.
type Transport struct {
	// Governor decides. Nil: every send is refused with an error that wraps
	// governor.ErrInvalid.
	Governor *governor.Governor

	// Base carries the requests out. It must not repeat a send by itself,
	// since the last try's error would hide what became of the first: a
	// transport that retries belongs above this one, where each try is
	// governed. A Base that knows that nothing was sent returns an error that
	// wraps governor.ErrNotSent. Nil: http.DefaultTransport.
	Base http.RoundTripper

	// Hosts are the hosts whose sends are governed, as "graph.facebook.com" or
	// "gateway.internal:8443", an IPv6 address in brackets. Case does not
	// matter; a host without a port stands for all its ports. A request is
	// governed if its address or its Host header names one of them, and then
	// whatever segments stand before the phone number ID, as a gateway's may.
	// Empty: sends are governed whatever their host, if nothing but a version
	// stands before the phone number ID, or anything before a version with a
	// dot (see [cloudapi.ParsePath]), and batches on facebook.com and the hosts
	// below it.
	Hosts []string

	// Describe, if not nil, adds to a message what its request does not tell,
	// its Topic and a template's Category, before the governor is asked. The
	// rest is filled in already, and what Describe changes of it is what is
	// asked for.
	// It is called once for each notification and reply, on the goroutine of
	// the request, so it must be fast and safe for concurrent use; it must not
	// read or change the request, whose headers and context it may look at.
	Describe func(*http.Request, *governor.Message)

	// Synthetic429 turns denials into responses, for programs that look at
	// nothing else: status 429, a Retry-After in seconds where a time is
	// known, the reason under [ReasonHeader], and a body in the shape of the
	// platform's errors. It leaves other refusals the errors that they are.
	Synthetic429 bool

	// MaxBody is how many bytes the body of a send or batch may have; a longer
	// one is refused unsent. Zero and less: 1 MiB. The platform's longest documented
	// message has a few KB.
	MaxBody int64
}

var _ http.RoundTripper = (*Transport)(nil)

// RoundTrip carries out one request. It returns the response, whatever its
// status, as soon as there is one: a message that was sent is never turned
// into an error, not even when the store fails to take note of it.
//
// Each call is one send. A 307 or 308 redirect and a caller's retry are sends
// of their own to the same recipient, so they take no second slot, though they
// use the rates twice; since a redirect does not prove that nothing was sent,
// its own slot stays taken, and at the limit the second try may be refused.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	base := t.base()
	if req.URL == nil {
		return base.RoundTrip(req)
	}
	path, query := target(req.URL)
	parse := cloudapi.ParsePath
	if len(t.Hosts) > 0 {
		parse = cloudapi.ParsePathSuffix
	}
	if number, endpoint, ok := parse(path); ok {
		if isPost(req, query) && t.governs(req) {
			return t.send(base, req, query, number, endpoint)
		}
	} else if cloudapi.IsBatchPath(path) && isPost(req, query) && t.governsBatch(req) {
		return t.batch(base, req, query)
	}
	return base.RoundTrip(req)
}

// CloseIdleConnections closes Base's idle connections if it can. It is what
// http.Client.CloseIdleConnections calls.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base == nil {
		return http.DefaultTransport
	}
	return t.Base
}

// send governs one send.
func (t *Transport) send(base http.RoundTripper, req *http.Request, query, number string, e cloudapi.Endpoint) (*http.Response, error) {
	ctx := req.Context()
	x := newExchange(base, req)
	defer x.end()
	send, err := x.read(ctx, query, e, t.maxBody())
	switch {
	case errors.Is(err, cloudapi.ErrForeign):
		return x.forward()
	case err != nil:
		return nil, err
	case t.Governor == nil:
		return nil, &governor.FieldError{Field: "Transport.Governor", Fault: "is nil, want a Governor"}
	case send.Kind == cloudapi.Receipt:
		return x.forward()
	}
	message := messageOf(send, number)
	if t.Describe != nil {
		message = t.described(req, message)
	}
	err = t.Governor.Do(ctx, message, x.carry)
	if x.forwarded {
		return x.res, x.err
	}
	// Whoever has given up is told so, not what they would have been told.
	if ended := ctx.Err(); ended != nil {
		return nil, ended
	}
	var denied *governor.DeniedError
	if t.Synthetic429 && errors.As(err, &denied) {
		return answer(req, denied.Decision), nil
	}
	return nil, err
}

// described is a message as Describe leaves it. It has a function to itself
// since what Describe gets is allocated.
func (t *Transport) described(req *http.Request, m governor.Message) governor.Message {
	t.Describe(req, &m)
	return m
}

// batch lets a Graph API batch by that holds no send.
func (t *Transport) batch(base http.RoundTripper, req *http.Request, query string) (*http.Response, error) {
	x := newExchange(base, req)
	defer x.end()
	if err := cloudapi.CheckBatch(formType, []byte(query)); err != nil {
		return nil, unreadable(err)
	}
	contentType, err := plainType(req.Header)
	if err != nil {
		return nil, err
	}
	body, err := x.peek(req.Context(), t.maxBody())
	if err != nil {
		return nil, err
	}
	if err := cloudapi.CheckBatch(contentType, body); err != nil {
		return nil, unreadable(err)
	}
	return x.forward()
}
