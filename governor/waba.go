package governor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sendgov/sendgov/quality"
)

// A wabaRecord is what the platform has said of a WABA, and which accounts have
// numbers in it. The platform speaks of a WABA without naming its portfolio or
// its numbers, perhaps before any of them has sent. So a WABA has a record of
// its own in the store, and each of its accounts a copy that its sends are
// decided on.
type wabaRecord struct {
	Accounts  []string      `json:"accounts,omitempty"`
	Quality   quality.State `json:"quality,omitzero"`
	Tier      reportedTier  `json:"tier,omitzero"`
	Templates templates     `json:"templates,omitempty"`
	Details   wabaDetails   `json:"details,omitzero"`
	// Displays finds a number's ID by the digits that people see.
	Displays map[string]string `json:"displays,omitempty"`
}

// wabaKey cannot be an account's ID, which has no slash.
func wabaKey(waba string) string { return "waba/" + waba }

// revise applies change to the JSON that the store keeps under key, from a
// state of it that may be old, until nobody else has changed it meanwhile. What
// changes nothing is not saved.
func revise[T any](ctx context.Context, store Store, key string, from State, change func(*T)) (State, T, error) {
	for {
		// A store that never agrees must not hold up a caller who has given up.
		if err := ctx.Err(); err != nil {
			var none T
			return from, none, err
		}
		var v T
		if len(from.Data) > 0 {
			if err := json.Unmarshal(from.Data, &v); err != nil {
				return from, v, fmt.Errorf("governor: the state of %q cannot be read: %w", key, err)
			}
		}
		before, err := json.Marshal(v)
		if err != nil {
			return from, v, fmt.Errorf("governor: the state of %q: %w", key, err)
		}
		change(&v)
		data, err := json.Marshal(v)
		if err != nil {
			return from, v, fmt.Errorf("governor: the state of %q: %w", key, err)
		}
		if bytes.Equal(before, data) {
			return from, v, nil
		}
		stored, saved, err := store.SaveState(ctx, key, State{Version: from.Version, Data: data})
		if err != nil {
			return from, v, fmt.Errorf("governor: saving the state of %q: %w", key, err)
		}
		if saved {
			return stored, v, nil
		}
		if stored.Version < from.Version {
			return stored, v, errLost
		}
		from = stored
	}
}

// reviseWABA changes a WABA's record and copies it to all its accounts.
func (g *Governor) reviseWABA(ctx context.Context, waba string, now time.Time, change func(*wabaRecord) []Notice) error {
	if f := faultOfID(waba); f != "" {
		return invalid("WABA", f)
	}
	from, _, err := g.loadWABA(ctx, waba, now)
	if err != nil {
		return err
	}
	var told []Notice
	var known []string
	if from.Version == 0 { // it is new, or the store has lost it
		known = g.accountsIn(waba)
	}
	stored, record, err := revise(ctx, g.store, wabaKey(waba), from, func(r *wabaRecord) {
		r.has(known...)
		told = change(r)
	})
	if err != nil {
		return g.failed(ctx, "", now, err)
	}
	// Also when nothing changed: an earlier attempt may have failed half way.
	// One account whose state cannot be read keeps nothing from the others.
	var faults []error
	for _, account := range record.Accounts {
		if _, err := g.copyWABA(ctx, account, waba, stored, stored.Version != from.Version, record, now); err != nil {
			faults = append(faults, g.failed(ctx, account, now, err))
		}
	}
	// Last, since an observer takes its time.
	if stored.Version != from.Version {
		g.tell(ctx, "", now, told)
	}
	return errors.Join(faults...)
}

func (g *Governor) loadWABA(ctx context.Context, waba string, now time.Time) (State, wabaRecord, error) {
	var r wabaRecord
	s, err := g.store.LoadState(ctx, wabaKey(waba))
	if err == nil && len(s.Data) > 0 {
		err = json.Unmarshal(s.Data, &r)
	}
	if err != nil {
		return s, r, g.failed(ctx, "", now, fmt.Errorf("governor: loading the state of WABA %q: %w", waba, err))
	}
	return s, r, nil
}

// link makes an account known to the WABA of one of its numbers, and what the
// WABA's record says known to the account.
func (g *Governor) link(ctx context.Context, account, waba string, now time.Time) (*view, error) {
	from, err := g.store.LoadState(ctx, wabaKey(waba))
	if err != nil {
		return nil, fmt.Errorf("governor: loading the state of WABA %q: %w", waba, err)
	}
	stored, record, err := revise(ctx, g.store, wabaKey(waba), from, func(r *wabaRecord) { r.has(account) })
	if err != nil {
		return nil, err
	}
	return g.copyWABA(ctx, account, waba, stored, false, record, now)
}

// has makes accounts some of the WABA's.
func (r *wabaRecord) has(accounts ...string) {
	for _, account := range accounts {
		if at, found := slices.BinarySearch(r.Accounts, account); !found {
			r.Accounts = slices.Insert(r.Accounts, at, account)
		}
	}
}

// accountsIn are the accounts that are known here to have numbers in a WABA.
func (g *Governor) accountsIn(waba string) []string {
	var known []string
	for _, v := range g.views.all() {
		if v.profile.WABAs[waba].version() > 0 {
			known = append(known, v.account)
		}
	}
	return known
}

// copyWABA brings an account's copy of a record up to a version. Whoever links
// and whoever reports each copy what they read after their own change, and an
// older version never replaces a newer, so neither can lose the other's; unless
// the store has lost the newer, or has given its number to what is new itself.
func (g *Governor) copyWABA(ctx context.Context, account, waba string, stored State, isNew bool, record wabaRecord, now time.Time) (*view, error) {
	kept, lost := uint64(0), false
	put := func(p *profile) []Notice {
		kept = p.WABAs[waba].version()
		if !lost && (kept > stored.Version || kept == stored.Version && !isNew) {
			return nil
		}
		told := p.tickWABA(waba, now)
		if p.WABAs == nil {
			p.WABAs = map[string]*wabaProfile{}
		}
		p.WABAs[waba] = &wabaProfile{
			Version: stored.Version, Quality: record.Quality, Templates: record.Templates, Details: record.Details,
		}
		return append(told, p.reportTier(record.Tier.Tier, record.Tier.At, now)...)
	}
	v, err := g.amend(ctx, account, now, put)
	if err != nil || kept <= stored.Version {
		return v, err
	}
	if stored, record, err = g.loadWABA(ctx, waba, now); err != nil || stored.Version >= kept {
		return v, err
	}
	lost = true
	return g.amend(ctx, account, now, put)
}

func (g *Governor) observeWABA(ctx context.Context, waba string, report quality.Event, now time.Time) error {
	return g.reviseWABA(ctx, waba, now, func(r *wabaRecord) []Notice {
		var elapsed, effects []quality.Effect
		r.Quality, elapsed = quality.Next(r.Quality, quality.Tick{}, now)
		r.Quality, effects = quality.Next(r.Quality, report, now)
		if len(r.Accounts) == 0 { // else each tells what time has done to its copy
			effects = append(elapsed, effects...)
		}
		return notices(effects, Notice{WABA: waba})
	})
}

// amend changes an account's profile, tells the observer what came of it, and
// whoever waits that there may be room.
func (g *Governor) amend(ctx context.Context, account string, now time.Time, change func(*profile) []Notice) (*view, error) {
	v, err := g.load(ctx, account, now)
	if err != nil {
		return nil, err
	}
	if v, err = g.begun(ctx, account, v, now); err != nil {
		return nil, err
	}
	var told []Notice
	stored, _, err := revise(ctx, g.store, account, v.state, func(p *profile) { told = change(p) })
	if errors.Is(err, errLost) {
		g.again(account)
		return g.amend(ctx, account, now, change)
	}
	if err != nil {
		return nil, err
	}
	if stored.Version == v.state.Version {
		return v, nil
	}
	was := v
	if v, err = g.remember(account, stored, now); err != nil {
		return nil, err
	}
	g.lines.wake(account, now) // first, since an observer takes its time
	g.tell(ctx, account, now, told)
	g.lowered(ctx, account, was, v, now)
	return v, nil
}

// tell posts notices about an account.
func (g *Governor) tell(ctx context.Context, account string, now time.Time, told []Notice) {
	for i := range told {
		told[i].Account = account
		if told[i].At.IsZero() {
			told[i].At = now
		}
	}
	g.notify.post(ctx, told...)
}
