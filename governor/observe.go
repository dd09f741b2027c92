package governor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Observe takes in what the platform told. Every event can be observed twice,
// late, and out of order: an old one never undoes a newer one.
//
// All events are tried; the error joins what went wrong with each. One that
// wraps [ErrInvalid] is about the event; others are the store's, and the same
// events can then be observed again.
func (g *Governor) Observe(ctx context.Context, events ...Event) error {
	if err := g.ready(); err != nil {
		return err
	}
	ctx = g.patient(ctx)
	var faults []error
	fault := func(i int, err error) {
		if err != nil && len(events) > 1 {
			err = fmt.Errorf("governor: event %d of %d (%T): %w", i+1, len(events), events[i], err)
		}
		faults = append(faults, err)
	}
	for i := 0; i < len(events); i++ {
		run := templateRun(events[i:])
		if len(run) == 0 {
			fault(i, g.observe(ctx, events[i]))
			continue
		}
		sound := run[:0:0]
		for k, e := range run {
			if err := e.validate(); err != nil {
				fault(i+k, err)
			} else {
				sound = append(sound, e)
			}
		}
		fault(i, g.observeTemplates(ctx, sound...))
		i += len(run) - 1
	}
	g.passBy(ctx, tallyAge, g.clock.Now())
	return errors.Join(faults...)
}

func (g *Governor) observe(ctx context.Context, e Event) error {
	now := g.clock.Now()
	switch e := e.(type) {
	case Inbound:
		return g.observeInbound(ctx, e, now)
	case WindowShut:
		return g.observeWindowShut(ctx, e, now)
	case MessageStatus:
		return g.observeStatus(ctx, e, now)
	case NumberSeen:
		return g.observeNumber(ctx, e, now)
	case WABAReported:
		return g.observeDetails(ctx, e, now)
	case SendRefused:
		return g.observeRefused(ctx, e, now)
	case ConsentGiven:
		return g.observeConsent(ctx, e.Account, e.Number, ConsentMark{
			Recipient: e.Recipient, Topic: e.Topic, Granted: true, At: notAfter(e.At, now), Now: now,
		})
	case ConsentRevoked:
		return g.observeConsent(ctx, e.Account, e.Number, ConsentMark{
			Recipient: e.Recipient, Topic: e.Topic, At: notAfter(e.At, now), Until: e.Until, Now: now,
		})
	case AliasLearned:
		return g.observeAlias(ctx, e, now)
	case TierReported:
		return g.observeTier(ctx, e, now)
	case ThroughputReported:
		return g.observeThroughput(ctx, e, now)
	case HealthReported:
		return g.observeHealth(ctx, e, now)
	}
	return invalid("Event", "is nil or of a type that is not an event")
}

// person resolves the number and the customer of an event.
func (g *Governor) person(ctx context.Context, number, customer string) (Route, string, error) {
	route, routeErr := g.owner(ctx, number)
	key, err := recipientIn("Customer", customer)
	return route, key, errors.Join(routeErr, err)
}

func (g *Governor) owner(ctx context.Context, number string) (Route, error) {
	if f := faultOfID(number); f != "" {
		return Route{}, invalid("Number", f)
	}
	route, err := g.route(ctx, number)
	if errors.Is(err, ErrUnknownNumber) {
		err = unknownNumber("Number", err)
	}
	return route, err
}

func (g *Governor) observeInbound(ctx context.Context, e Inbound, now time.Time) error {
	route, customer, err := g.person(ctx, e.Number, e.Customer)
	if err != nil {
		return err
	}
	s := sender{id: e.Number, route: route}
	if err := g.current(ctx, &s, now); err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	at := notAfter(e.At, now)
	err = g.store.Inbound(ctx, InboundMark{
		Account: route.Account, Number: e.Number, Customer: customer, Uncertain: e.Uncertain,
		At: at, Now: now, NumberRate: numberRate(s.perSecond(now)),
	})
	if err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	g.answered(ctx, route.Account, now)
	if !g.tallies.isRepeat("incoming", e.Number, customer, at.UTC().Format(time.RFC3339Nano)) {
		g.tallies.count(route.Account, countIncoming, now)
	}
	// An open window lets a notification pass that waits for a slot.
	g.lines.wake(route.Account, now)
	return nil
}

func (g *Governor) observeWindowShut(ctx context.Context, e WindowShut, now time.Time) error {
	route, customer, err := g.person(ctx, e.Number, e.Customer)
	if err != nil {
		return err
	}
	if err := g.store.CloseWindow(ctx, route.Account, e.Number, customer, notAfter(e.At, now)); err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	return nil
}

func (g *Governor) observeAlias(ctx context.Context, e AliasLearned, now time.Time) error {
	route, err := g.owner(ctx, e.Number)
	alias, aliasErr := recipientIn("Alias", e.Alias)
	canonical, canonicalErr := recipientIn("Canonical", e.Canonical)
	if err := errors.Join(err, aliasErr, canonicalErr); err != nil {
		return err
	}
	if alias == canonical {
		return nil
	}
	if err := g.store.Alias(ctx, route.Account, alias, canonical, now); err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	g.lines.wake(route.Account, now)
	return nil
}

func (g *Governor) observeStatus(ctx context.Context, e MessageStatus, now time.Time) error {
	route, err := g.owner(ctx, e.Number)
	if err != nil {
		return err
	}
	if e.MessageID == "" {
		return invalid("MessageID", "is empty")
	}
	if e.Status < Sent || e.Status > Failed {
		return nil
	}
	mark := DeliveryMark{
		Account: route.Account, Number: e.Number, MessageID: e.MessageID,
		At: notAfter(e.At, now), Now: now, Sent: e.Status == Sent, Failed: e.Status == Failed,
	}
	mark.Stamp = g.graced(mark.At)
	// The message ID says who got it where it is remembered, so a recipient
	// that cannot be read spoils only what needs one.
	var fault error
	if e.Recipient != "" {
		mark.Recipient, fault = recipientIn("Recipient", e.Recipient)
	}
	switch {
	case ParseCategory(e.Pricing) != CategoryUnknown:
		mark.Sort = SortNotification
	case strings.EqualFold(e.Pricing, "service"):
		mark.Sort = SortReply
	}
	if err := g.store.Delivery(ctx, mark); err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	g.answered(ctx, route.Account, now)
	g.countStatus(route.Account, e, now)
	if mark.Failed {
		g.lines.wake(route.Account, now)
	}
	return fault
}

func (g *Governor) observeTier(ctx context.Context, e TierReported, now time.Time) error {
	if f := faultOfTier(e.Tier); f != "" {
		return invalid("Tier", f)
	}
	if err := g.name(ctx, &e.Number, e.WABA, e.Display, now); err != nil {
		return err
	}
	at := notAfter(e.At, now)
	switch {
	case e.Number != "":
		route, err := g.owner(ctx, e.Number)
		if err != nil {
			return err
		}
		return g.change(ctx, route.Account, now, func(p *profile) []Notice {
			if e.OwnLimit {
				return p.ownTier(e.Number, e.Tier, at)
			}
			return p.reportTier(e.Tier, at, now)
		})
	case e.OwnLimit:
		return invalid("Number", "is empty, want whose own limit it is")
	case e.Account != "":
		if f := faultOfID(e.Account); f != "" {
			return invalid("Account", f)
		}
		if len(g.cfg.Accounts) > 0 && !slices.ContainsFunc(g.cfg.Accounts, func(a Account) bool { return a.ID == e.Account }) {
			return invalid("Account", "is not in Config.Accounts")
		}
		return g.change(ctx, e.Account, now, func(p *profile) []Notice { return p.reportTier(e.Tier, at, now) })
	case e.WABA == "":
		return invalid("Account", "is empty, and so are Number and WABA; want one of them")
	}
	return g.reviseWABA(ctx, e.WABA, now, func(r *wabaRecord) []Notice {
		r.Tier.report(e.Tier, at)
		return nil
	})
}

func (g *Governor) observeThroughput(ctx context.Context, e ThroughputReported, now time.Time) error {
	if err := g.name(ctx, &e.Number, e.WABA, e.Display, now); err != nil {
		return err
	}
	route, err := g.owner(ctx, e.Number)
	if err != nil {
		return err
	}
	if e.PerSecond < 1 || e.PerSecond > maxPerSecond {
		return invalid("PerSecond", fmt.Sprintf("is %d, want 1 to %d", e.PerSecond, maxPerSecond))
	}
	at := notAfter(e.At, now)
	return g.change(ctx, route.Account, now, func(p *profile) []Notice {
		p.setNumber(e.Number, func(n *numberProfile) {
			// Of two at the same time the slower counts, so that their order
			// does not matter.
			if at.After(n.PerSecondAt) || at.Equal(n.PerSecondAt) && e.PerSecond < n.PerSecond {
				n.PerSecond, n.PerSecondAt = e.PerSecond, at.UTC()
			}
		})
		return nil
	})
}

func (g *Governor) observeHealth(ctx context.Context, e HealthReported, now time.Time) error {
	if isNil(e.Report) {
		return invalid("Report", "is nil")
	}
	if err := g.name(ctx, &e.Number, e.WABA, e.Display, now); err != nil {
		return err
	}
	switch {
	case e.Number == "" && e.WABA == "":
		return invalid("Number", "is empty, and so is WABA; want one of them")
	case e.Number == "":
		return g.observeWABA(ctx, e.WABA, e.Report, now)
	}
	route, err := g.owner(ctx, e.Number)
	if err != nil {
		return err
	}
	return g.change(ctx, route.Account, now, func(p *profile) []Notice { return p.stepNumber(e.Number, e.Report, now) })
}

// change is amend for events: a failure of the store is told.
func (g *Governor) change(ctx context.Context, account string, now time.Time, change func(*profile) []Notice) error {
	if _, err := g.amend(ctx, account, now, change); err != nil {
		return g.failed(ctx, account, now, err)
	}
	g.answered(ctx, account, now)
	return nil
}
