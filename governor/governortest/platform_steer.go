package governortest

import (
	"slices"
	"time"
)

// The restrictions that keep messages from being sent, for [Platform.Restrict]
// (account_update webhook, September 2026). Others are announced and have no effect.
const (
	// RestrictBusinessInitiated stops templates and Direct Sends, with 131048.
	RestrictBusinessInitiated = "RESTRICTED_BIZ_INITIATED_MESSAGING"
	// RestrictCustomerInitiated stops every message, replies too, with 368.
	RestrictCustomerInitiated = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"
	// RestrictDirectSendUtility stops Direct Sends of category utility, with 139200.
	RestrictDirectSendUtility = "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES"
)

// rejection is what FailNext has ordered.
type rejection struct {
	code   int
	status int
}

// Inbound has a customer write to a number, which opens their customer service window for 24 hours or resets it.
// The customer is a phone number in any formatting or a business-scoped user ID. The message counts towards the
// number's throughput. It returns the body of the webhook, which goes to PlatformConfig.Webhooks too.
func (p *Platform) Inbound(number, customer string) []byte {
	who := p.people.byPhone(digitsOf(customer))
	if userIDShape.MatchString(customer) {
		who = p.people.byUser(customer)
	}
	return p.hear(number, who, person{})
}

// InboundGroup has a customer write to a group. It opens the window of the group as such, not that of the customer:
// the documentation does not say that it does. It returns what [Platform.Inbound] does.
func (p *Platform) InboundGroup(number, group, customer string) []byte {
	return p.hear(number, p.people.byPhone(digitsOf(customer)), person{group: group})
}

// SetLimit changes the limit of every portfolio, at once; negative is read as zero, which lets nobody new through.
// [Unlimited] lifts it. It is announced by a business_capability_update for each account.
func (p *Platform) SetLimit(n int) {
	n = max(0, n)
	p.mu.Lock()
	p.limit = n
	hooks := p.capabilityLocked()
	p.mu.Unlock()
	p.post(hooks)
}

// SetStatus changes the status word of a number: RESTRICTED and RATE_LIMITED stop what the business initiates
// (131048), BANNED (131031) and every other word but CONNECTED and FLAGGED (133010) stop everything.
// No webhook tells of it: a status is polled. An unknown number is left alone.
func (p *Platform) SetStatus(number, status string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.numberLocked(number); n != nil {
		n.status = status
	}
}

// SetQuality changes the quality rating of a number: GREEN, YELLOW, RED, or any other word.
// It has no effect on what may be sent and no webhook tells of it. An unknown number is left alone.
func (p *Platform) SetQuality(number, rating string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.numberLocked(number); n != nil {
		n.rating = rating
	}
}

// Restrict puts a restriction of this type on an account, or with an empty waba on all, until a time at which it
// lapses by itself without a word; the zero time is never. An account_update announces it.
func (p *Platform) Restrict(waba, kind string, until time.Time) {
	p.mu.Lock()
	p.restrictions = append(p.restrictions, restriction{waba: waba, kind: kind, until: until})
	hooks := p.restrictionLocked(waba, kind, until)
	p.mu.Unlock()
	p.post(hooks)
}

// Unrestrict lifts every restriction that was put on exactly this waba. No webhook is documented for it and none is
// sent.
func (p *Platform) Unrestrict(waba string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restrictions = slices.DeleteFunc(p.restrictions, func(r restriction) bool { return r.waba == waba })
}

// Lock disables an account, or with an empty waba all: every message fails with 131031.
// An account_update announces it.
func (p *Platform) Lock(waba string) {
	p.mu.Lock()
	p.locked = append(p.locked, waba)
	hooks := p.banLocked(waba, "DISABLE")
	p.mu.Unlock()
	p.post(hooks)
}

// Unlock reinstates what [Platform.Lock] disabled by the same name. An account_update announces it.
func (p *Platform) Unlock(waba string) {
	p.mu.Lock()
	p.locked = slices.DeleteFunc(p.locked, func(l string) bool { return l == waba })
	hooks := p.banLocked(waba, "REINSTATE")
	p.mu.Unlock()
	p.post(hooks)
}

// PauseTemplate makes a template fail with 132015, in every language, until it is resumed.
// A message_template_status_update announces it. An unknown template is left alone.
func (p *Platform) PauseTemplate(name string) { p.setTemplate(name, "PAUSED") }

// DisableTemplate makes a template fail with 132016, in every language, until it is resumed.
// A message_template_status_update announces it. An unknown template is left alone.
func (p *Platform) DisableTemplate(name string) { p.setTemplate(name, "DISABLED") }

// ResumeTemplate lets a template be sent again, in every language.
// A message_template_status_update announces it. An unknown template is left alone.
func (p *Platform) ResumeTemplate(name string) { p.setTemplate(name, "APPROVED") }

func (p *Platform) setTemplate(name, state string) {
	p.mu.Lock()
	if p.anyTemplate && p.templateLocked(name, "") == nil {
		p.templates = append(p.templates, &template{PlatformTemplate: PlatformTemplate{Name: name, Category: "UTILITY"}})
	}
	var hooks [][]byte
	for i, t := range p.templates {
		if t.Name == name {
			t.state = state
			hooks = append(hooks, p.templateStateLocked(i, t)...)
		}
	}
	p.mu.Unlock()
	p.post(hooks)
}

// FailNext has the next well-formed message rejected with this code, whatever else holds; calls queue up. Receipts
// pass. The status is that of HTTP; zero is the documented one of the code. A code of zero with a status of 500 or
// more is the answer of something in between: it has no body. Nothing of a rejected message counts.
func (p *Platform) FailNext(code, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rejections = append(p.rejections, rejection{code: code, status: status})
}

// FailNextDelivery has the next message that is accepted fail afterwards with this code; calls queue up. It is not
// delivered, so it does not count, and its status webhooks are sent and failed.
func (p *Platform) FailNextDelivery(code int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = append(p.failures, code)
}

// DropNext loses the answer to the next message that is accepted: the message is delivered and counts, then the
// connection is closed without a word. Calls add up.
func (p *Platform) DropNext() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drops++
}

func (p *Platform) nextRejectionLocked() *refusal {
	if len(p.rejections) == 0 {
		return nil
	}
	next := p.rejections[0]
	p.rejections = p.rejections[1:]
	r := refuse(next.code)
	if next.status != 0 {
		r.status = next.status
		r.bare = next.code == 0 && next.status >= 500
	}
	return r
}

func (p *Platform) nextFailureLocked() int {
	if len(p.failures) == 0 {
		return 0
	}
	code := p.failures[0]
	p.failures = p.failures[1:]
	return code
}

func (p *Platform) nextDropLocked() bool {
	if p.drops == 0 {
		return false
	}
	p.drops--
	return true
}

// hear books a message from a customer, alone or in a group.
func (p *Platform) hear(number string, who, group person) []byte {
	p.mu.Lock()
	now := p.clock.Now()
	p.serial++
	opens := who
	if group.group != "" {
		opens = group
	}
	p.books.hear(number, opens, now)
	if n := p.numberLocked(number); n != nil {
		p.books.arrive(number, n.Throughput, now)
	}
	body := p.inboundLocked(number, who, group, now)
	p.mu.Unlock()
	p.post([][]byte{body})
	return body
}
