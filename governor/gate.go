package governor

import (
	"strconv"
	"time"

	"github.com/sendgov/sendgov/quality"
)

// A gate is what the platform's word alone says of a send.
type gate struct {
	shut   bool
	reason Reason
	scope  Scope
	until  time.Time      // zero: no end is known
	weight quality.Health // of what shut it
	health quality.Health // of the number and its WABA together
	detail string
	// category is what the message counts as: what the platform said of its
	// template, else what the caller did.
	category Category
}

// outlasts reports whether the gate stays shut longer than until. Zero is
// forever, on both sides.
func (g gate) outlasts(until time.Time) bool {
	return g.until.IsZero() || !until.IsZero() && g.until.After(until)
}

// gate asks what the platform said of the number, its WABA and the template
// whether it lets m pass.
func (s *sender) gate(m *Message, now time.Time) (g gate) {
	g.ask(s, m, now)
	return g
}

func (g *gate) ask(s *sender, m *Message, now time.Time) {
	g.category = m.Category
	if m.Kind == Notification {
		g.askTemplates(s.view.profile.Templates, m, now)
		if s.waba != nil {
			g.askTemplates(s.waba.Templates, m, now)
		}
	}
	use := m.use(g.category)
	if n := s.number; n != nil {
		g.askHealth(&n.Quality, use, ScopeNumber, now)
		if now.Before(n.RestsUntil) {
			g.close(gate{reason: PlatformBusy, scope: ScopeNumber, until: n.RestsUntil, detail: "error " + strconv.Itoa(n.RestCode)})
		}
	}
	if s.waba != nil {
		g.askHealth(&s.waba.Quality, use, ScopeWABA, now)
	}
}

func (g *gate) askTemplates(ts templates, m *Message, now time.Time) {
	if len(ts) == 0 || m.Template == "" {
		return
	}
	known, until, held := ts.find(m, now)
	if known.Category != CategoryUnknown {
		g.category = known.Category
	}
	if held {
		g.close(gate{reason: TemplateHeld, scope: ScopeTemplate, until: until, detail: known.Status})
	}
}

func (g *gate) askHealth(s *quality.State, use quality.Use, scope Scope, now time.Time) {
	g.health = max(g.health, s.Health(now))
	block, blocked := s.Blocked(use, now)
	if !blocked {
		return
	}
	by := gate{reason: PlatformRestricted, scope: scope, until: block.Until, weight: block.Health, detail: block.Word}
	if block.Health >= quality.Pending {
		by.reason = Inactive
	}
	if block.Type != "" {
		by.detail = string(block.Type)
	}
	g.close(by)
}

// close shuts the gate by what outlasts all else that has shut it, and of two
// that end together by the worse.
func (g *gate) close(by gate) {
	if g.shut && (!by.outlasts(g.until) || by.until.Equal(g.until) && by.weight <= g.weight) {
		return
	}
	by.shut, by.health, by.category = true, g.health, g.category
	*g = by
}
