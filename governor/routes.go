package governor

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// routes find a number's account. Their errors name a message's field.
type routes struct {
	resolve func(ctx context.Context, number string) (Route, error) // nil: see table
	table   map[string]*numberRoute                                 // nil: each number is an account
	// last is the one in the table that was asked for last, and is the first to
	// look at: whoever sends goes on sending.
	last atomic.Pointer[numberRoute]
}

type numberRoute struct {
	number string
	route  Route
}

func (c Config) routes() *routes {
	rs := &routes{resolve: c.Resolve}
	if len(c.Accounts) == 0 {
		return rs
	}
	rs.table = map[string]*numberRoute{}
	for _, a := range c.Accounts {
		for _, n := range a.Numbers {
			rs.table[n.ID] = &numberRoute{n.ID, Route{Account: a.ID, WABA: n.WABA, PerSecond: n.PerSecond, Tier: a.Tier}}
		}
	}
	return rs
}

// find writes a number's route into r.
func (rs *routes) find(ctx context.Context, number string, r *Route) (err error) {
	if last := rs.last.Load(); last != nil && last.number == number {
		*r = last.route
		return nil
	}
	switch {
	case rs.resolve != nil:
		*r, err = rs.resolved(ctx, number)
		return err
	case rs.table == nil:
		r.Account = number
		return nil
	}
	known := rs.table[number]
	if known == nil {
		return unknownNumber("From", ErrUnknownNumber)
	}
	rs.last.Store(known)
	*r = known.route
	return nil
}

func (rs *routes) resolved(ctx context.Context, number string) (Route, error) {
	r, err := rs.resolve(ctx, number)
	switch {
	case err == nil && r.Account == "":
		err = unknownNumber("From", ErrUnknownNumber)
	case err == nil:
		err = checkRoute(r)
	case errors.Is(err, ErrUnknownNumber):
		err = unknownNumber("From", err)
	default:
		err = fmt.Errorf("governor: Config.Resolve: %w", err)
	}
	return r, err
}

func (g *Governor) route(ctx context.Context, number string) (r Route, err error) {
	err = g.routes.find(ctx, number, &r)
	return r, err
}

// checkRoute holds a resolver to what Validate holds a list to.
func checkRoute(r Route) error {
	if f := faultOfID(r.Account); f != "" {
		return invalid("Config.Resolve: Route.Account", f)
	}
	if r.WABA != "" {
		if f := faultOfID(r.WABA); f != "" {
			return invalid("Config.Resolve: Route.WABA", f)
		}
	}
	if f := faultOfTier(r.Tier); f != "" {
		return invalid("Config.Resolve: Route.Tier", f)
	}
	if r.PerSecond < 0 || r.PerSecond > maxPerSecond {
		return invalid("Config.Resolve: Route.PerSecond", fmt.Sprintf("is %d, want 1 to %d, or zero for %d", r.PerSecond, maxPerSecond, defaultPerSecond))
	}
	return nil
}
