package governorhttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// The sets of fields, from the one that tells most to the one that hardly
// anything refuses. The limit and the status are in no default set
// (about-the-platform, 2025-11). messaging_limit_tier is what the limit was
// called until October 2025 (messaging-limits, 2026-09-11).
var (
	wabaFields = []string{
		"id,name,status,account_review_status,business_verification_status,owner_business_info," +
			"whatsapp_business_manager_messaging_limit,health_status",
		"id,name,account_review_status,business_verification_status,owner_business_info,health_status",
		"id,name,account_review_status",
	}
	numberFields = []string{
		"id,display_phone_number,name_status,status,quality_rating,quality_score,throughput,is_on_biz_app," +
			"whatsapp_business_manager_messaging_limit,health_status",
		"id,display_phone_number,name_status,status,quality_rating,quality_score,throughput,is_on_biz_app," +
			"messaging_limit_tier,health_status",
		"id,display_phone_number,status,quality_rating,throughput",
	}
	templateFields = []string{"id,name,language,status,category,quality_score"}
)

const (
	numbersPage   = 50
	templatesPage = 100
)

func wabaQuestion(id string) question {
	return question{waba: id, part: "account", path: id, fields: wabaFields}
}

func numbersQuestion(waba string) question {
	return question{waba: waba, part: "phone numbers", path: waba + "/phone_numbers", fields: numberFields, limit: numbersPage}
}

func templatesQuestion(waba string) question {
	return question{waba: waba, part: "templates", path: waba + "/message_templates", fields: templateFields, limit: templatesPage}
}

// A round asks for everything once, as far as the share of each WABA goes.
type round struct {
	p      *Poller
	client *http.Client
	share  int
	used   map[string]int // by WABA
	faults []*PollError
}

// left is how many requests of a WABA the round may still make.
func (r *round) left(waba string) int { return r.share - r.used[waba] }

func (p *Poller) newRound(share int) *round {
	return &round{p: p, client: p.client(), share: share, used: map[string]int{}}
}

// round polls everything and returns what went wrong.
func (p *Poller) round(ctx context.Context) []*PollError {
	r := p.newRound(p.share())
	for _, id := range p.WABAs {
		limit := r.account(ctx, id)
		r.numbers(ctx, id, limit)
		r.templates(ctx, id)
	}
	r.singles(ctx)
	return r.faults
}

// note takes up what went wrong, and reports whether nothing did. A round that
// is over, or a list that goes on in the next, is no fault.
func (r *round) note(ctx context.Context, q question, err error) bool {
	if err != nil && !errors.Is(err, errShare) && ctx.Err() == nil {
		r.faults = append(r.faults, q.fault(err))
	}
	return err == nil
}

// observe hands events to the governor and notes what it does not take. Each
// event of a number that it does not know fails alike: one error says so.
func (r *round) observe(ctx context.Context, q question, events []governor.Event) error {
	err := r.p.Governor.Observe(ctx, events...)
	if errors.Is(err, governor.ErrUnknownNumber) {
		err = governor.ErrUnknownNumber
	}
	r.note(ctx, q, err)
	return err
}

// account polls a WABA and returns its limit.
func (r *round) account(ctx context.Context, id string) limit {
	q := wabaQuestion(id)
	w, at, err := ask(ctx, r, q, cloudapi.ParseWABA)
	if !r.note(ctx, q, err) {
		return limit{}
	}
	l := limit{tier: r.readTier(ctx, q, w.Limit), at: at}
	health := judge(w.Health, isAccount)
	_ = r.observe(ctx, q, accountEvents(id, w, l, health))
	r.observeHealth(ctx, q, governor.HealthReported{WABA: id}, health, at)
	return l
}

// observeHealth hands on what a health status says of a number or WABA.
func (r *round) observeHealth(ctx context.Context, q question, about governor.HealthReported, health health, at time.Time) {
	node := about.WABA + about.Number
	events := health.events(about, at, r.p.lease(), r.p.owed(node))
	if r.observe(ctx, q, events) == nil {
		r.p.owe(node, health, at)
	}
}

// numbers polls a WABA's numbers. The last request of the round's share is the
// templates'.
func (r *round) numbers(ctx context.Context, waba string, portfolio limit) {
	q := numbersQuestion(waba)
	err := list(ctx, r, q, 1, cloudapi.ParsePhoneNumbers, func(items []cloudapi.PhoneNumber, at time.Time) {
		for _, n := range items {
			r.p.found(n.ID, waba)
			r.number(ctx, question{waba: waba, number: n.ID, part: "number"}, n, portfolio, at)
		}
	})
	if !r.note(ctx, q, err) && !errors.Is(err, errShare) {
		r.p.lost(waba)
	}
}

// number hands on what was read of a number.
func (r *round) number(ctx context.Context, q question, n cloudapi.PhoneNumber, portfolio limit, at time.Time) {
	n.ID = q.number
	own := limit{tier: r.readTier(ctx, q, cmp.Or(n.Limit, n.LegacyLimit)), at: at}
	events, err := numberEvents(q.waba, n, own, portfolio)
	r.note(ctx, q, err)
	if err := r.observe(ctx, q, events); !errors.Is(err, governor.ErrUnknownNumber) {
		r.observeHealth(ctx, q, governor.HealthReported{Number: n.ID}, judge(n.Health, isNumber), at)
	}
}

// templates polls a WABA's templates.
func (r *round) templates(ctx context.Context, waba string) {
	q := templatesQuestion(waba)
	err := list(ctx, r, q, 0, cloudapi.ParseTemplates, func(items []cloudapi.TemplateNode, at time.Time) {
		_ = r.observe(ctx, q, templateEvents(waba, items, at))
	})
	r.note(ctx, q, err)
}

// singles polls those of Numbers that no WABA has listed, first those that
// have waited longest.
func (r *round) singles(ctx context.Context) {
	for _, s := range r.p.singles() {
		q := question{waba: s.waba, number: s.id, part: "number", path: s.id, fields: numberFields}
		n, at, err := ask(ctx, r, q, cloudapi.ParsePhoneNumber)
		if errors.Is(err, errShare) {
			continue
		}
		r.p.asked(s.id, at)
		if !r.note(ctx, q, err) {
			continue
		}
		if account, ok := n.Health.Entity("WABA"); ok && nodeFault(account.ID) == "" {
			q.waba = account.ID
			r.p.lives(s.id, account.ID)
		}
		r.number(ctx, q, n, limit{}, at)
		if q.waba != "" && !slices.Contains(r.p.WABAs, q.waba) {
			r.observeHealth(ctx, q, governor.HealthReported{WABA: q.waba}, judge(n.Health, isAccount), at)
		}
	}
}

// list reads a list page by page, from where the round before had to stop, and
// leaves so many requests of the share to others. It goes on by cursors alone:
// an address that the platform gives is never followed.
func list[T any](ctx context.Context, r *round, q question, keepBack int, parse func([]byte) (cloudapi.Page[T], error), take func([]T, time.Time)) error {
	for q.after = r.p.cursorOf(q); r.left(q.waba) > keepBack; {
		page, at, err := ask(ctx, r, q, parse)
		if err != nil {
			if coded(err) != nil {
				r.p.keepCursor(q, "") // it may be what is wrong
			}
			return err
		}
		for _, problem := range page.Problems {
			r.note(ctx, q, fmt.Errorf("%w: %s: %s", cloudapi.ErrMalformed, problem.Path, problem.Reason))
		}
		take(page.Items, at)
		if page.After != "" && page.After == q.after {
			r.p.keepCursor(q, "")
			return fmt.Errorf("%w: a page that is followed by itself", cloudapi.ErrMalformed)
		}
		r.p.keepCursor(q, page.After)
		if page.After == "" {
			return nil
		}
		q.after = page.After
	}
	return errShare
}

// noShare is the share of what must be read as a whole.
const noShare = math.MaxInt
