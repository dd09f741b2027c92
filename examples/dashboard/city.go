package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// city is the businesses that share one governor, and their clock.
type city struct {
	say   *log.Logger
	clock *governortest.Clock
	gov   *governor.Governor
	shops []*shop
	story []chapter
	opens time.Time
	loud  bool
}

// cast is the businesses: who they are and how much they send.
func cast() []*shop {
	return []*shop{
		{account: "506914307656634", name: "Acme Shop", limit: 2000, busy: 0.8, morning: 480},
		{account: "506914307656635", name: "Bakery Nord", limit: 10_000, busy: 1.2, morning: 300},
		{account: "506914307656636", name: "Citywide Clinics", limit: 2000, busy: 0.6, morning: 300},
		{account: "506914307656637", name: "Dune Travel", limit: 250, busy: 0.6, morning: 180, codes: true},
		{account: "506914307656638", name: "Everyday Bank", limit: governortest.Unlimited, busy: 1.5, morning: 360},
	}
}

func newCity(ctx context.Context, say *log.Logger) (*city, error) {
	c := &city{say: say, clock: governortest.NewClock()}
	cfg := governor.Config{
		Clock:  c.clock,
		Shares: governor.CautiousShares(),
		// The clock stands still while a message waits: better to be refused.
		RateWait: time.Nanosecond,
		Observer: c.hear,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i, s := range cast() {
		s.number, s.waba, s.random = fmt.Sprintf("10654035224292%d", i), fmt.Sprintf("10229012934039%d", i), random
		limit := tier.Unlimited
		if s.limit < tier.Unlimited.Limit() {
			limit = tier.Tier(s.limit)
		}
		cfg.Accounts = append(cfg.Accounts, governor.Account{ID: s.account, Tier: limit, Numbers: []governor.Number{{ID: s.number, WABA: s.waba}}})
		c.shops = append(c.shops, s)
	}
	gov, err := governor.New(memstore.New(), cfg)
	if err != nil {
		return nil, err
	}
	c.gov = gov
	for _, s := range c.shops {
		if err := s.open(ctx, gov, c.clock); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *city) close() {
	for _, s := range c.shops {
		if s.platform != nil {
			s.platform.Close()
		}
	}
}

// handler is the page, under a prefix as in life. In life something that asks
// who is there stands before it.
func (c *city) handler() http.Handler {
	names := map[string]string{}
	for _, s := range c.shops {
		names[s.account] = s.name
	}
	mux := http.NewServeMux()
	mux.Handle(path, statuspage.Handler(c.gov, statuspage.Config{
		Name:    func(account string) string { return names[account] },
		Refresh: time.Second,
	}))
	return mux
}

// mornings is in how many steps the last hours pass before the page opens.
const mornings = 60

// past is the two days before the page opens, in big steps.
func (c *city) past(ctx context.Context) error {
	start := c.clock.Now()
	for c.clock.Now().Sub(start) < 2*24*time.Hour {
		if len(c.story) == 0 && c.clock.Now().Sub(start) >= 12*time.Hour {
			c.shops[1].platform.SetQuality(c.shops[1].number, "RED")
			c.story = story()
		}
		if err := c.step(ctx, 5*pace); err != nil {
			return err
		}
	}
	// In the last hours each has been as busy as the page will show it.
	for range mornings {
		c.clock.Advance(pace)
		for _, s := range c.shops {
			for range s.morning / mornings {
				if err := s.notify(ctx); err != nil {
					return err
				}
			}
		}
	}
	c.opens, c.loud = c.clock.Now(), true
	return nil
}

// live lets some time pass at each tick, until ctx ends.
func (c *city) live(ctx context.Context, ticks <-chan time.Time) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, more := <-ticks:
			if !more {
				return nil
			}
		}
		for len(c.story) > 0 && c.clock.Now().Sub(c.opens) >= c.story[0].at {
			next := c.story[0]
			c.story = c.story[1:]
			c.tell(next.title)
			next.happens(c)
			if next.daily {
				next.at += 24 * time.Hour
				c.story = append(c.story, next)
			}
		}
		if err := c.step(ctx, pace); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// step lets d pass and everybody do what they do.
func (c *city) step(ctx context.Context, d time.Duration) error {
	c.clock.Advance(d)
	var faults []error
	for _, s := range c.shops {
		faults = append(faults, s.work(ctx))
	}
	return errors.Join(faults...)
}

// hear is the governor's observer.
func (c *city) hear(n governor.Notice) {
	if !c.loud || n.To == string(quality.HealthBlocked) { // which each poll tells anew
		return
	}
	switch who := c.named(n); n.Kind {
	case governor.NoticeHealth:
		c.tell(fmt.Sprintf("  %s: was %s, is %s", who, n.From, n.To))
	case governor.NoticeRestricted:
		c.tell(fmt.Sprintf("  %s: restricted (%s) until %s", who, n.To, n.Until.UTC().Format("2 Jan 15:04")))
	case governor.NoticeLifted:
		c.tell(fmt.Sprintf("  %s: no longer restricted (%s)", who, n.From))
	case governor.NoticeLimit:
		c.tell(fmt.Sprintf("  %s: the limit was %s, is %s", who, n.From, n.To))
	case governor.NoticeTemplate:
		c.tell(fmt.Sprintf("  %s: template %s is %s", who, n.From, n.To))
	}
}

// named is whom a notice is about.
func (c *city) named(n governor.Notice) string {
	for _, s := range c.shops {
		if s.account == n.Account || s.number == n.Number || s.waba == n.WABA {
			return s.name
		}
	}
	return n.Account + n.WABA
}

func (c *city) tell(what string) { c.say.Printf("%s  %s", c.clock.Now().Format("2 Jan 15:04"), what) }

// sum says how it went, and fails if the platform had to reject anything.
func (c *city) sum(ctx context.Context) error {
	c.say.Println()
	var faults []error
	for _, s := range c.shops {
		snapshot, err := c.gov.Snapshot(ctx, s.account)
		if err != nil {
			return err
		}
		rejected := len(s.platform.Rejected())
		c.say.Printf("%-17s %-11s used %4d, the platform took %4d messages and rejected %d", s.name, snapshot.Health, snapshot.Used, len(s.platform.Accepted()), rejected)
		if rejected > 0 {
			faults = append(faults, fmt.Errorf("%s: %d messages rejected by the platform", s.name, rejected))
		}
	}
	return errors.Join(faults...)
}
