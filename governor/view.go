package governor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// A view is one version of an account's profile, read from the store. It is
// never changed, so any number of decisions can read it.
type view struct {
	account string
	state   State
	profile profile
	due     time.Time // see profile.due
}

// current lets the number see the view that a decision at now is made on.
func (g *Governor) current(ctx context.Context, s *sender, now time.Time) error {
	v, err := g.load(ctx, s.route.Account, now)
	if err != nil {
		return err
	}
	if v, err = g.begun(ctx, s.route.Account, v, now); err != nil {
		return err
	}
	if err := g.linked(ctx, s, v, now); err != nil {
		return err
	}
	if due := s.view.due; !due.IsZero() && !now.Before(due) {
		v, err := g.amend(ctx, s.route.Account, now, func(p *profile) []Notice { return p.tick(now) })
		if err != nil {
			return err
		}
		s.see(v)
	}
	return nil
}

// linked lets the number see v, with what is known of its WABA in it.
func (g *Governor) linked(ctx context.Context, s *sender, v *view, now time.Time) error {
	s.see(v)
	waba := s.wabaID()
	if s.waba != nil || waba == "" {
		return nil
	}
	v, err := g.link(ctx, s.route.Account, waba, now)
	if err != nil {
		return err
	}
	s.see(v)
	return nil
}

func (g *Governor) load(ctx context.Context, account string, now time.Time) (*view, error) {
	if v := g.views.get(account); v != nil {
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
	g.views.put(v)
	return v, nil
}

func readView(account string, s State, now time.Time) (*view, error) {
	v := &view{account: account, state: s}
	if len(s.Data) > 0 {
		if err := json.Unmarshal(s.Data, &v.profile); err != nil {
			return nil, fmt.Errorf("governor: the state of account %q cannot be read: %w", account, err)
		}
	}
	// Nobody writes null. Should it be there all the same, nothing is known.
	maps.DeleteFunc(v.profile.Numbers, func(_ string, n *numberProfile) bool { return n == nil })
	maps.DeleteFunc(v.profile.WABAs, func(_ string, w *wabaProfile) bool { return w == nil })
	v.due = v.profile.due(now)
	return v, nil
}
