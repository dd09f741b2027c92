package governor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// coldDetail is a decision's Detail while the limit is taken as used up because
// the ledger began empty.
const coldDetail = "cold start"

// cold is until when the limit is taken as used up, zero if it is not.
func (p *profile) cold(now time.Time) time.Time {
	if now.Before(p.ColdUntil) {
		return p.ColdUntil
	}
	return time.Time{}
}

// coldEnd is when a cold start that begins now ends.
func (g *Governor) coldEnd(now time.Time) time.Time {
	return now.Add(24*time.Hour + g.cfg.Grace).UTC()
}

// begun is v, or where its account has never been saved and that stands for a
// limit used up, the first state of all.
func (g *Governor) begun(ctx context.Context, account string, v *view, now time.Time) (*view, error) {
	if v.state.Version != 0 || g.cfg.ColdStart != AssumeUsed {
		return v, nil
	}
	return g.begin(ctx, account, now)
}

// begin saves an account's first state.
func (g *Governor) begin(ctx context.Context, account string, now time.Time) (*view, error) {
	data, err := json.Marshal(profile{ColdUntil: g.coldEnd(now)})
	if err != nil {
		return nil, fmt.Errorf("governor: the state of account %q: %w", account, err)
	}
	// Whether it is this one or another replica's that is saved, all go by it.
	stored, _, err := g.store.SaveState(ctx, account, State{Data: data})
	if err != nil {
		return nil, fmt.Errorf("governor: saving the state of %q: %w", account, err)
	}
	return g.remember(account, stored, now)
}

// admit asks the store. While the account is cold only those pass who need no new
// slot, and the gate says what keeps out the others.
func (g *Governor) admit(ctx context.Context, ask *Admission, v *view, by *gate, verdict *Verdict) (err error) {
	switch cold := v.profile.cold(ask.Now); {
	case !cold.IsZero() && ask.Kind == Notification:
		*verdict, err = g.admitCold(ctx, *ask, cold, by)
	case g.leases != nil:
		*verdict, err = g.admitWarm(ctx, *ask)
	default:
		*verdict, err = g.store.Admit(ctx, *ask)
	}
	return err
}

// admitWarm reckons with the slots that the lease gives back for a send.
func (g *Governor) admitWarm(ctx context.Context, ask Admission) (Verdict, error) {
	spare := g.spare(&ask)
	if ask.Probe {
		ask.Limit += spare
		return g.store.Admit(ctx, ask)
	}
	v, err := g.store.Admit(ctx, ask)
	if err != nil || v.Outcome != OverLimit || spare == 0 || v.Used-ask.Limit < spare {
		return v, err
	}
	// They are not enough now, and will be when fewer slots are used.
	ask.Limit, ask.Probe = ask.Limit+spare, true
	if then, err := g.store.Admit(ctx, ask); err != nil || then.Outcome != Admitted {
		return then, err
	}
	return v, nil // nothing was booked
}

// coldGate is what keeps out who needs a new slot.
func coldGate(until time.Time) gate {
	return gate{reason: TierLimit, scope: ScopeAccount, until: until, detail: coldDetail}
}

func (g *Governor) admitCold(ctx context.Context, ask Admission, cold time.Time, by *gate) (Verdict, error) {
	limit := ask.Limit
	ask.Limit = 0
	v, err := g.store.Admit(ctx, ask)
	if err != nil || v.Outcome != OverLimit {
		return v, err
	}
	by.close(coldGate(cold))
	// And when would it pass?
	ask.Limit, ask.NotBefore, ask.Probe = limit, by.until, true
	return g.store.Admit(ctx, ask)
}

// errLost says that a store knows less than it did: an older state, or none.
var errLost = errors.New("governor: the store has lost what it kept")

// again forgets an account's view, of which the store has lost the state, so that
// the next look begins with what is there.
func (g *Governor) again(account string) {
	g.views.remove(account)
	g.leases.of(account).void()
}
