package governor

import (
	"context"
	"time"

	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
)

// SendRefused is an [Event]: the platform refused a message, at once or in a
// status webhook later, with one of its error codes. What the code says about
// the messages that come after is taken in; slots are given back by
// [Governor.Do] and by [MessageStatus].
type SendRefused struct {
	// Number is the phone number ID that it was sent from. Required.
	Number string
	// WABA is the number's, if known.
	WABA string
	// Recipient is who it was for, Template and Language what it was, Kind of
	// which sort. What is empty is not learned about.
	Recipient          string
	Template, Language string
	Kind               Kind
	// Code is the platform's error code.
	Code int
	// At is when it refused. Zero: now.
	At time.Time
	// Asked is when the message was sent: a window that is said to be closed
	// was so then. Zero: At.
	Asked time.Time
}

func (SendRefused) event() {}

// The platform names no end for most of what it refuses. After these times we
// look again, with one message that may be refused in turn.
const (
	lockRest     = 24 * time.Hour     // 368, 131031: locked until an appeal, or by a wrong PIN
	paymentRest  = time.Hour          // 131042: until somebody pays
	classifyRest = 7 * 24 * time.Hour // 131064: "at least" seven days, less by webhook
	callRest     = 30 * time.Second   // 4, 80007: call rates are reckoned over an hour
	countryRest  = 24 * time.Hour     // 130497, 130472: a property of the recipient
	pauseRest    = 3 * time.Hour      // 132015: a first pause
)

// learn takes in a refusal that answers a send.
func (g *Governor) learn(ctx context.Context, m Message, refusal *cloudapi.Error, asked time.Time) error {
	if !refusal.Coded {
		return nil
	}
	return g.Observe(ctx, SendRefused{
		Number: m.From, Recipient: m.To, Template: m.Template, Language: m.Language, Kind: m.Kind, Code: refusal.Code, Asked: asked,
	})
}

func (g *Governor) observeRefused(ctx context.Context, e SendRefused, now time.Time) error {
	route, err := g.owner(ctx, e.Number)
	if err != nil {
		return err
	}
	at := notAfter(e.At, now)
	info := cloudapi.Lookup(e.Code)
	switch e.Code {
	case 130429:
		return g.change(ctx, route.Account, now, func(p *profile) []Notice {
			p.setNumber(e.Number, func(n *numberProfile) { n.Slowed.hit(at); n.rest(at.Add(info.Wait), e.Code) })
			return nil
		})
	case 131057:
		return g.restNumber(ctx, route.Account, e, at.Add(info.Wait), now)
	case 4, 80007:
		return g.restNumber(ctx, route.Account, e, at.Add(callRest), now)
	case 131048:
		g.surprised(ctx, route, e, now)
		return g.observeHealth(ctx, HealthReported{Number: e.Number, Report: quality.RestrictionReported{
			Type: quality.SpamRateLimit, Until: at.Add(info.Wait), At: at,
		}}, now)
	case 131064:
		return g.restrictWABA(ctx, route, e, quality.TemplateClassificationLimit, at, classifyRest, now)
	case 368, 131031:
		return g.restrictWABA(ctx, route, e, quality.AccountLocked, at, lockRest, now)
	case 131042:
		return g.restrictWABA(ctx, route, e, quality.PaymentIssue, at, paymentRest, now)
	case 132015:
		return g.holdTemplate(ctx, route, e, "PAUSED", at, at.Add(pauseRest), now)
	case 132016:
		return g.holdTemplate(ctx, route, e, "DISABLED", at, time.Time{}, now)
	}
	if e.Recipient == "" {
		return nil
	}
	return g.learnOfRecipient(ctx, route.Account, e, info, at, now)
}

// learnOfRecipient takes in what a code says about the one who was written to.
func (g *Governor) learnOfRecipient(ctx context.Context, account string, e SendRefused, info cloudapi.Info, at, now time.Time) error {
	recipient, err := recipientIn("Recipient", e.Recipient)
	if err != nil {
		return err
	}
	mark := ConsentMark{Account: account, Recipient: recipient, At: at, Now: now}
	switch {
	case info.ClosesWindow:
		shut := at
		if !e.Asked.IsZero() {
			shut = notAfter(e.Asked, at)
		}
		return g.observeWindowShut(ctx, WindowShut{Number: e.Number, Customer: e.Recipient, At: shut}, now)
	case info.Consent == cloudapi.ConsentMarketingRevoked:
		mark.Topic = TopicMarketing
	case info.Consent == cloudapi.ConsentMarketingPaused:
		mark.Topic, mark.Until = TopicMarketing, at.Add(info.Wait)
	case info.Consent == cloudapi.ConsentBlocked:
		mark.Topic = TopicAll
	case e.Code == 131056:
		mark.Topic, mark.Until, mark.Backoff = PairTopic+e.Number, at.Add(info.Wait), true
	case e.Code == 130472:
		mark.Topic, mark.Until = TopicMarketing, at.Add(countryRest)
	case e.Code == 130497:
		mark.Topic, mark.Until = TopicAll, at.Add(countryRest)
	default:
		return nil
	}
	return g.mark(ctx, mark)
}

func (g *Governor) restNumber(ctx context.Context, account string, e SendRefused, until, now time.Time) error {
	return g.change(ctx, account, now, func(p *profile) []Notice {
		p.setNumber(e.Number, func(n *numberProfile) { n.rest(until, e.Code) })
		return nil
	})
}

// restrictWABA restricts the number's WABA, or the number alone while its WABA
// is not known.
func (g *Governor) restrictWABA(ctx context.Context, route Route, e SendRefused, kind quality.RestrictionType, at time.Time, rest time.Duration, now time.Time) error {
	report := quality.RestrictionReported{Type: kind, Until: at.Add(rest), At: at}
	waba, err := g.wabaOf(ctx, route, e.Number, e.WABA, now)
	if err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	if waba == "" {
		return g.observeHealth(ctx, HealthReported{Number: e.Number, Report: report}, now)
	}
	return g.observeWABA(ctx, waba, report, now)
}

// holdTemplate holds a template of the number's WABA, or of the account while
// the WABA is not known.
func (g *Governor) holdTemplate(ctx context.Context, route Route, e SendRefused, status string, at, until, now time.Time) error {
	if e.Template == "" {
		return nil
	}
	waba, err := g.wabaOf(ctx, route, e.Number, e.WABA, now)
	if err != nil {
		return g.failed(ctx, route.Account, now, err)
	}
	report := TemplateReported{WABA: waba, Name: e.Template, Language: e.Language, Status: status, Until: until, At: at}
	if waba == "" {
		return g.change(ctx, route.Account, now, func(p *profile) []Notice { return p.Templates.report(report, at, now) })
	}
	return g.observeTemplates(ctx, report)
}
