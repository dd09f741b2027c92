package governortest

import (
	"bytes"
	"net/http"
	"slices"
	"time"
)

// PlatformKind says what a request was, in the eyes of the platform.
type PlatformKind string

// The kinds of request. An empty kind is a send that could not be read.
const (
	// KindTemplate is a template on the messages edge.
	KindTemplate PlatformKind = "template"
	// KindMarketing is a template on the marketing_messages edge.
	KindMarketing PlatformKind = "marketing"
	// KindDirectSend is business-initiated without a template: it has a category at the top level.
	KindDirectSend PlatformKind = "direct_send"
	// KindReply is free-form, good inside a customer service window only.
	KindReply PlatformKind = "reply"
	// KindReceipt is a mark-as-read or a typing indicator, which has no recipient.
	KindReceipt PlatformKind = "receipt"
	// KindOther is any other path or method.
	KindOther PlatformKind = "other"
)

// PlatformRequest is one HTTP request as it arrived.
type PlatformRequest struct {
	At     time.Time
	Kind   PlatformKind
	Method string
	Host   string      // as asked for, also through [Platform.Transport]
	URI    string      // the path and query as sent
	Header http.Header // as received
	Body   []byte      // byte for byte
	Status int         // the HTTP status of the answer, also of one that was lost
}

// PlatformMessage is one attempt to send a message, receipts left out.
type PlatformMessage struct {
	At       time.Time
	Number   string       // the phone number ID
	To       string       // the WhatsApp ID in digits, else the user ID or the group ID; empty if it could not be read
	Kind     PlatformKind // empty if it could not be read
	Template string       // its name; empty without one
	ID       string       // the wamid; empty if rejected
	Accepted bool         // the answer was, or if lost would have been, 200
	Counted  bool         // it took or renewed a slot of the limit
	Code     int          // the error: of the rejection, or of the delivery that failed; zero for none
}

// truth is all that happened, in order.
type truth struct {
	requests []PlatformRequest
	messages []PlatformMessage
}

// Requests returns every request so far, in the order of arrival.
func (p *Platform) Requests() []PlatformRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.truth.requests)
	for i, r := range all {
		all[i].Header, all[i].Body = r.Header.Clone(), bytes.Clone(r.Body)
	}
	return all
}

// Messages returns every attempt to send a message so far, in the order of arrival.
func (p *Platform) Messages() []PlatformMessage {
	return p.messages(func(PlatformMessage) bool { return true })
}

// Accepted returns the messages that were taken.
func (p *Platform) Accepted() []PlatformMessage {
	return p.messages(func(m PlatformMessage) bool { return m.Accepted })
}

// Rejected returns the messages that were not taken. A 131048 among them is what a governor is there to prevent.
func (p *Platform) Rejected() []PlatformMessage {
	return p.messages(func(m PlatformMessage) bool { return !m.Accepted })
}

// Used returns how many people hold a slot of the limit that a number shares in. It is zero for an unknown number.
func (p *Platform) Used(number string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.numberLocked(number)
	if n == nil {
		return 0
	}
	return p.books.used(n.Portfolio, p.clock.Now())
}

// MaxUsed returns the most people who ever held a slot at the same time, in the portfolio that had the most.
func (p *Platform) MaxUsed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.books.most
}

// Unique returns how many people ever got a message that counted, each once in every portfolio.
func (p *Platform) Unique() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.books.slots)
}

func (p *Platform) messages(wanted func(PlatformMessage) bool) []PlatformMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	var some []PlatformMessage
	for _, m := range p.truth.messages {
		if wanted(m) {
			some = append(some, m)
		}
	}
	return some
}
