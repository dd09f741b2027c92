package governor

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// NumberSeen is an [Event]: the platform named a number together with its WABA
// or with the phone number that people see. Some webhooks name one and not the
// other, so what belongs together is worth knowing.
type NumberSeen struct {
	// Number is the phone number ID. Required.
	Number string
	// WABA is the WhatsApp Business Account it is in. Required.
	WABA string
	// Display is the phone number as shown, in any formatting. Empty: not told.
	Display string
}

func (NumberSeen) event() {}

// WABAReported is an [Event]: the platform told what people look up by hand in
// its business settings. An empty field was not told, and stays as it was.
type WABAReported struct {
	// WABA is whose it is. Required.
	WABA string
	// Portfolio is the ID of the business portfolio that owns it.
	Portfolio string
	// Verification, Status and Payment are the platform's words for the
	// business's verification, the account and its means of payment.
	Verification, Status, Payment string
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (WABAReported) event() {}

// wabaDetails is what [WABAReported] tells. It decides nothing.
type wabaDetails struct {
	Portfolio    string    `json:"portfolio,omitempty"`
	Verification string    `json:"verification,omitempty"`
	Status       string    `json:"status,omitempty"`
	Payment      string    `json:"payment,omitempty"`
	At           time.Time `json:"at,omitzero"`
}

func (g *Governor) observeDetails(ctx context.Context, e WABAReported, now time.Time) error {
	at := notAfter(e.At, now)
	return g.reviseWABA(ctx, e.WABA, now, func(r *wabaRecord) []Notice {
		if d := &r.Details; !at.Before(d.At) {
			*d = wabaDetails{
				Portfolio:    cmp.Or(e.Portfolio, d.Portfolio),
				Verification: cmp.Or(e.Verification, d.Verification),
				Status:       cmp.Or(e.Status, d.Status),
				Payment:      cmp.Or(e.Payment, d.Payment),
				At:           at,
			}
		}
		return nil
	})
}

// slowdown is how much slower than its throughput a number sends because the
// platform found it too fast: half as fast per step, a step less after each
// while without a refusal.
type slowdown struct {
	Steps int       `json:"steps,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

const (
	maxSlowSteps = 6
	slowRecovery = 30 * time.Second
)

func (s slowdown) steps(now time.Time) int {
	return max(0, s.Steps-int(max(0, now.Sub(s.At))/slowRecovery))
}

// hit takes one refusal. Those that were under way at the same time are one.
func (s *slowdown) hit(at time.Time) {
	if at.Sub(s.At) < time.Second {
		return
	}
	s.Steps, s.At = min(maxSlowSteps, s.steps(at)+1), at
}

// rest keeps the number from sending anything until a time.
func (n *numberProfile) rest(until time.Time, code int) {
	if until.After(n.RestsUntil) {
		n.RestsUntil, n.RestCode = until, code
	}
}

// wabaOf is the number's WABA: as told, as configured, or as seen.
func (g *Governor) wabaOf(ctx context.Context, route Route, number, told string, now time.Time) (string, error) {
	if told != "" {
		return told, nil
	}
	if route.WABA != "" {
		return route.WABA, nil
	}
	v, err := g.load(ctx, route.Account, now)
	if err != nil {
		return "", err
	}
	s := v.sender(route, number)
	return s.wabaID(), nil
}

func (g *Governor) observeNumber(ctx context.Context, e NumberSeen, now time.Time) error {
	route, err := g.owner(ctx, e.Number)
	if err != nil {
		return err
	}
	if f := faultOfID(e.WABA); f != "" {
		return invalid("WABA", f)
	}
	digits := ""
	if e.Display != "" {
		if digits, err = CanonicalRecipient(e.Display); err != nil {
			return invalid("Display", "is not a phone number")
		}
	}
	v, err := g.load(ctx, route.Account, now)
	if err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	if n := v.profile.Numbers[e.Number]; n != nil && n.WABA == e.WABA && (digits == "" || n.Display == digits) {
		return nil // as with nearly every webhook
	}
	err = g.change(ctx, route.Account, now, func(p *profile) []Notice {
		p.setNumber(e.Number, func(n *numberProfile) {
			n.WABA = e.WABA
			if digits != "" {
				n.Display = digits
			}
		})
		return nil
	})
	if err != nil || digits == "" {
		return err
	}
	return g.reviseWABA(ctx, e.WABA, now, func(r *wabaRecord) []Notice {
		if r.Displays == nil {
			r.Displays = map[string]string{}
		}
		r.Displays[digits] = e.Number
		return nil
	})
}

// name fills in the ID of a number that is named only as people see it.
func (g *Governor) name(ctx context.Context, number *string, waba, display string, now time.Time) error {
	if *number != "" || display == "" {
		return nil
	}
	digits, err := CanonicalRecipient(display)
	if err != nil {
		return invalid("Display", "is not a phone number")
	}
	if f := faultOfID(waba); f != "" {
		return invalid("WABA", f)
	}
	_, record, err := g.loadWABA(ctx, waba, now)
	if err != nil {
		return err
	}
	id, ok := record.Displays[digits]
	if !ok {
		return fmt.Errorf("%w: WABA %q has not been seen with the number displayed", ErrUnknownNumber, waba)
	}
	*number = id
	return nil
}
