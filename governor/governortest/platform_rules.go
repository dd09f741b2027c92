package governortest

import (
	"slices"
	"strings"
	"time"
)

// judgeLocked returns why the platform does not take a message now, or nil if it does.
func (p *Platform) judgeLocked(n *number, m message, now time.Time) *refusal {
	starts := m.kind != KindReply
	inWindow := p.books.inWindow(n.ID, m.to, now)

	switch {
	case slices.Contains(p.locked, "") || slices.Contains(p.locked, n.WABA):
		return refuse(131031)
	case !slices.Contains([]string{"CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED"}, n.status):
		return p.outOfService(n)
	case p.books.owing(n.ID, now)+second/time.Duration(n.Throughput) > second+tolerance:
		return refuse(130429)
	case p.books.owed(n.ID, m.to, now)+pairPace > pairBurst*pairPace+tolerance:
		return refuse(131056)
	case p.restrictedLocked(n.WABA, RestrictCustomerInitiated, now):
		return refuse(368)
	}
	if !starts {
		if !inWindow {
			return refuse(131047)
		}
		return nil
	}
	switch {
	case n.status == "RESTRICTED" || n.status == "RATE_LIMITED":
		return refuse(131048)
	case p.restrictedLocked(n.WABA, RestrictBusinessInitiated, now):
		return refuse(131048)
	case m.kind == KindDirectSend && m.category == "utility" && p.restrictedLocked(n.WABA, RestrictDirectSendUtility, now):
		return refuse(139200)
	}
	if m.template != "" {
		if r := p.judgeTemplateLocked(m); r != nil {
			return r
		}
	}
	if inWindow || p.books.holds(n.Portfolio, m.to, now) || p.books.used(n.Portfolio, now) < p.limit {
		return nil
	}
	return refuse(131048)
}

// outOfService refuses what leaves from a number that is not connected.
func (p *Platform) outOfService(n *number) *refusal {
	if n.status == "BANNED" {
		return refuse(131031)
	}
	return refuse(133010)
}

func (p *Platform) judgeTemplateLocked(m message) *refusal {
	t := p.templateLocked(m.template, m.language)
	switch {
	case t == nil && p.anyTemplate:
		return nil
	case t == nil:
		return refuse(132001).because("template name (%s) does not exist in %s", m.template, m.language)
	case t.state == "PAUSED":
		return refuse(132015)
	case t.state == "DISABLED":
		return refuse(132016)
	}
	return nil
}

// templateLocked returns the template with this name and language, or nil.
func (p *Platform) templateLocked(name, language string) *template {
	for _, t := range p.templates {
		if t.Name == name && (t.Language == language || t.Language == "") {
			return t
		}
	}
	return nil
}

// restriction is one entry of a restriction_info.
type restriction struct {
	waba  string    // empty for all
	kind  string    // the restriction_type
	until time.Time // zero for good
}

func (p *Platform) restrictedLocked(waba, kind string, now time.Time) bool {
	for _, r := range p.restrictions {
		if r.kind == kind && (r.waba == "" || r.waba == waba) && (r.until.IsZero() || now.Before(r.until)) {
			return true
		}
	}
	return false
}

// categoryLocked returns the category under which a message is billed.
func (p *Platform) categoryLocked(m message) string {
	switch m.kind {
	case KindMarketing:
		return "marketing"
	case KindDirectSend:
		return m.category
	case KindTemplate:
		if t := p.templateLocked(m.template, m.language); t != nil {
			return strings.ToLower(t.Category)
		}
		return "utility"
	default:
		return "service"
	}
}
