package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/webhook"
)

// The templates that every shop has.
const (
	update = "order_update"
	offer  = "weekly_offer"
)

// customers is how many people a shop writes to, over and over. Their numbers
// are nobody's.
const customers = 2000

// shop is one business: what it sends, and the platform that it sends to.
type shop struct {
	account, name, number, waba string
	limit                       int
	// busy is how many notifications it sends in a step, morning how many before
	// the page opens, codes whether they are one-time passwords, which may fill
	// all of the limit.
	busy    float64
	morning int
	codes   bool

	random   *rand.Rand
	gov      *governor.Governor
	platform *governortest.Platform
	client   *http.Client
	poller   *governorhttp.Poller
	clock    *governortest.Clock
	polled   time.Time
	owed     float64

	// mu guards faults, which webhooks may leave.
	mu     sync.Mutex
	faults []error
}

// open wires a shop up: sends pass the governor, webhooks and polls feed it.
func (s *shop) open(ctx context.Context, gov *governor.Governor, clock *governortest.Clock) error {
	var err error
	s.gov, s.clock = gov, clock
	category := governor.Utility
	if s.codes {
		category = governor.Authentication
	}
	s.platform, err = governortest.StartPlatform(governortest.PlatformConfig{
		Clock:     clock,
		Limit:     s.limit,
		Numbers:   []governortest.PlatformNumber{{ID: s.number, WABA: s.waba, Portfolio: s.account}},
		Templates: []governortest.PlatformTemplate{{Name: update, Language: "en_US", Category: strings.ToUpper(category.String())}, {Name: offer, Language: "en_US", Category: "MARKETING"}},
		Webhooks:  func(body []byte) { s.hear(ctx, body) },
	})
	if err != nil {
		return err
	}
	s.client = &http.Client{Transport: &governorhttp.Transport{Governor: gov, Base: s.platform.Transport()}}
	s.poller = &governorhttp.Poller{Governor: gov, BaseURL: s.platform.URL() + "/v25.0", Numbers: []string{s.number}, Clock: clock}
	return gov.Observe(ctx,
		governor.WABAReported{WABA: s.waba, Portfolio: s.account, Verification: "verified", Status: "APPROVED"},
		governor.TemplateReported{WABA: s.waba, Name: update, Language: "en_US", Category: category, Status: "APPROVED"},
		governor.TemplateReported{WABA: s.waba, Name: offer, Language: "en_US", Category: governor.Marketing, Status: "APPROVED"},
	)
}

// hear takes in a webhook. In life a webhook.Handler does, which also checks who
// sent it.
func (s *shop) hear(ctx context.Context, body []byte) {
	hook, err := cloudapi.ParseWebhook(body)
	if err != nil {
		s.fault(err)
		return
	}
	events, _ := webhook.Events(hook)
	for _, e := range events {
		// Most people read what they get, though not this platform's.
		if d, ok := e.(governor.MessageStatus); ok && d.Status == governor.Delivered && s.chance(0.7) {
			d.Status = governor.Read
			events = append(events, d)
		}
	}
	if err := s.gov.Observe(ctx, events...); err != nil && ctx.Err() == nil {
		s.fault(err)
	}
}

func (s *shop) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, err)
}

// chance is true so often. The random numbers are used by one step at a time:
// webhooks come while a step waits for what caused them.
func (s *shop) chance(often float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Float64() < often
}

func (s *shop) someone() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.IntN(customers)
}

// phone is a customer's number.
func (s *shop) phone(customer int) string { return fmt.Sprintf("+1 650 555 %06d", customer) }

// work is what a shop does in one step: it polls now and then, notifies people,
// and answers those who write.
func (s *shop) work(ctx context.Context) error {
	if s.clock.Now().Sub(s.polled) >= time.Hour {
		s.polled = s.clock.Now()
		if err := s.poller.Poll(ctx); err != nil {
			return err
		}
	}
	for s.owed += s.busy; s.owed >= 1; s.owed-- {
		if err := s.notify(ctx); err != nil {
			return err
		}
	}
	if s.chance(0.35) {
		if err := s.chat(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.faults...)
}

// notify sends somebody a template, now and then to no avail.
func (s *shop) notify(ctx context.Context) error {
	name := update
	if !s.codes && s.chance(0.3) {
		name = offer
	}
	if s.chance(0.02) {
		s.platform.FailNextDelivery([]int{131026, 131049, 131050}[s.someone()%3])
	}
	return s.post(ctx, map[string]any{
		"messaging_product": "whatsapp", "to": s.phone(s.someone()), "type": "template",
		"template": map[string]any{"name": name, "language": map[string]any{"code": "en_US"}},
	})
}

// chat has a customer write, and mostly answers.
func (s *shop) chat(ctx context.Context) error {
	customer := s.phone(s.someone())
	s.platform.Inbound(s.number, customer)
	if s.chance(0.2) {
		return nil
	}
	return s.post(ctx, map[string]any{
		"messaging_product": "whatsapp", "to": customer, "type": "text", "text": map[string]any{"body": "Thanks for writing!"},
	})
}

// post is any Cloud API client. That a message is refused is what the page
// tells of, and no fault.
func (s *shop) post(ctx context.Context, message map[string]any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://graph.facebook.com/v25.0/"+s.number+"/messages", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.client.Do(req)
	if errors.Is(err, governor.ErrDenied) {
		return nil
	}
	if err != nil {
		return err
	}
	return res.Body.Close()
}
