package ledger

import (
	"time"

	"github.com/sendgov/sendgov/governor"
)

// Usage reports how much of the limit is used and when it frees.
func (a *Account) Usage(ask governor.UsageAsk) governor.Usage {
	now := a.advance(ask.Now)
	slots := a.window()
	u := governor.Usage{Used: slots.Count(now)}
	u.NextFree, _ = slots.NextFree(now)
	u.SlotFree, _ = slots.FreeAt(now, ask.Limit, max(1, ask.Need))
	points := min(ask.Points, u.Used)
	for i := range points {
		// Evenly spaced by how many are free, the last is when all are.
		free := u.Used * (i + 1) / points
		at, _ := slots.FreeAt(now, u.Used, free)
		u.Curve = append(u.Curve, governor.Release{At: at, Free: free})
	}
	return u
}

// CloseWindow records that the platform refuses free-form messages to the
// customer.
func (a *Account) CloseWindow(number, customer string, at time.Time) {
	a.heardAt(number)
	a.service.Close(number, a.canonical(customer), a.advance(at), at)
}

// State returns what was saved last.
func (a *Account) State() governor.State { return a.state }

// SaveState replaces the state if its version is still next's.
func (a *Account) SaveState(next governor.State) (stored governor.State, saved bool) {
	if a.state.Version != next.Version {
		return a.state, false
	}
	a.state = governor.State{Version: next.Version + 1, Data: next.Data}
	return a.state, true
}
