package governor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/sendgov/sendgov/quality"
)

// A view is one version of an account's profile, read from the store. It is
// never changed, so any number of decisions can read it.
type view struct {
	state   State
	profile profile
	due     time.Time // see profile.due
}

// current returns the view that a decision at now is made on.
func (g *Governor) current(ctx context.Context, route Route, number string, now time.Time) (*view, error) {
	v, err := g.load(ctx, route.Account, now)
	if err != nil {
		return nil, err
	}
	if v, err = g.begun(ctx, route.Account, v, now); err != nil {
		return nil, err
	}
	if v, err = g.linked(ctx, v, route, number, now); err != nil {
		return nil, err
	}
	if !v.due.IsZero() && !now.Before(v.due) {
		return g.amend(ctx, route.Account, now, func(p *profile) []Notice { return p.tick(now) })
	}
	return v, nil
}

// linked is v with what is known of the number's WABA in it.
func (g *Governor) linked(ctx context.Context, v *view, route Route, number string, now time.Time) (*view, error) {
	waba := v.waba(route, number)
	if _, known := v.profile.WABAs[waba]; known || waba == "" {
		return v, nil
	}
	return g.link(ctx, route.Account, waba, now)
}

func (g *Governor) load(ctx context.Context, account string, now time.Time) (*view, error) {
	if v, ok := g.views.Get(account); ok {
		return v, nil
	}
	s, err := g.store.LoadState(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("governor: loading the state of account %q: %w", account, err)
	}
	return g.remember(account, s, now)
}

// remember reads a state and keeps it, unless a newer one is kept.
func (g *Governor) remember(account string, s State, now time.Time) (*view, error) {
	v, err := readView(account, s, now)
	if err != nil {
		return nil, err
	}
	g.keep(account, v)
	return v, nil
}

func readView(account string, s State, now time.Time) (*view, error) {
	v := &view{state: s}
	if len(s.Data) > 0 {
		if err := json.Unmarshal(s.Data, &v.profile); err != nil {
			return nil, fmt.Errorf("governor: the state of account %q cannot be read: %w", account, err)
		}
	}
	v.due = v.profile.due(now)
	return v, nil
}

func (g *Governor) keep(account string, v *view) {
	if kept, ok := g.views.Peek(account); !ok || kept.state.Version <= v.state.Version {
		g.views.Add(account, v)
	}
}

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
func (v *view) gate(route Route, m Message, now time.Time) gate {
	g := gate{category: m.Category}
	w, inWABA := v.profile.WABAs[v.waba(route, m.From)]
	if m.Kind == Notification {
		g.askTemplates(v.profile.Templates, m, now)
		g.askTemplates(w.Templates, m, now)
	}
	use := m.use(g.category)
	if n, ok := v.profile.Numbers[m.From]; ok {
		g.askHealth(n.Quality, use, ScopeNumber, now)
		if now.Before(n.RestsUntil) {
			g.close(gate{reason: PlatformBusy, scope: ScopeNumber, until: n.RestsUntil, detail: "error " + strconv.Itoa(n.RestCode)})
		}
	}
	if inWABA {
		g.askHealth(w.Quality, use, ScopeWABA, now)
	}
	return g
}

func (g *gate) askTemplates(ts templates, m Message, now time.Time) {
	known, until, held := ts.find(m, now)
	if known.Category != CategoryUnknown {
		g.category = known.Category
	}
	if held {
		g.close(gate{reason: TemplateHeld, scope: ScopeTemplate, until: until, detail: known.Status})
	}
}

func (g *gate) askHealth(s quality.State, use quality.Use, scope Scope, now time.Time) {
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

// throughput is the number's as reported, else as configured, else the
// platform's default.
func (v *view) throughput(route Route, number string) int {
	return cmp.Or(v.profile.Numbers[number].PerSecond, route.PerSecond, defaultPerSecond)
}

// perSecond is how fast the number sends: its throughput, or less while the
// platform finds it too fast.
func (v *view) perSecond(route Route, number string, now time.Time) int {
	return max(1, v.throughput(route, number)>>v.profile.Numbers[number].Slowed.steps(now))
}
