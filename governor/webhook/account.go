package webhook

import (
	"cmp"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// upgradedPerSecond is what a number sends after THROUGHPUT_UPGRADE (throughput,
// 2026-09).
const upgradedPerSecond = 1000

// numberQuality names its number only as people see it. For THROUGHPUT_UPGRADE
// TIER_UNLIMITED is a throughput and no messaging limit
// (webhooks/reference/phone_number_quality_update, 2025-11-14), so a limit is
// taken only from the events that are known to be about it.
func (t *translation) numberQuality(c cloudapi.NumberQuality) {
	switch {
	case c.IsThroughput():
		t.event(governor.ThroughputReported{
			WABA: c.WABA, Display: c.DisplayNumber, PerSecond: upgradedPerSecond, At: c.Reported,
		})
	case c.Event == "FLAGGED" || c.Event == "UNFLAGGED":
		t.event(governor.HealthReported{
			WABA: c.WABA, Display: c.DisplayNumber,
			Report: quality.FlagReported{Flagged: c.Event == "FLAGGED", At: c.Reported},
		})
	case c.Event == "ONBOARDING" || c.Event == "UPGRADE" || c.Event == "DOWNGRADE":
		if limit := t.limit(c.Origin, cmp.Or(c.MaxDaily, c.CurrentLimit)); limit.Known() {
			t.event(governor.TierReported{WABA: c.WABA, Display: c.DisplayNumber, Tier: limit, At: c.Reported})
		}
	default:
		t.unknown(c.Origin, "event", c.Event)
	}
}

// capability may be about something other than the messaging limit.
func (t *translation) capability(c cloudapi.Capability) {
	if limit := t.limit(c.Origin, c.Limit()); limit.Known() {
		t.event(governor.TierReported{WABA: c.WABA, Tier: limit, At: c.Reported})
	}
}

// limit reads a messaging limit, unknown if there is none to read.
func (t *translation) limit(o cloudapi.Origin, written string) tier.Tier {
	if written == "" {
		return tier.Unknown
	}
	limit, err := tier.Parse(written)
	if err != nil {
		t.unknown(o, "limit", written)
		return tier.Unknown
	}
	return limit
}

// health reports something of a WABA.
func (t *translation) health(waba string, report quality.Event) {
	t.event(governor.HealthReported{WABA: waba, Report: report})
}

// accountUpdate takes restrictions and bans from whatever event brings them.
func (t *translation) accountUpdate(c cloudapi.AccountUpdate) {
	for _, r := range c.Restrictions {
		t.health(c.Subject, quality.RestrictionReported{Type: quality.RestrictionType(r.Type), Until: r.Expires, At: c.Reported})
	}
	if c.Event == "DISABLED_UPDATE" || c.BanState != "" {
		t.health(c.Subject, quality.BanReported{State: c.BanState, Date: c.BanDate, At: c.Reported})
	}
	switch c.Event {
	case "ACCOUNT_RESTRICTION":
		if len(c.Restrictions) == 0 {
			t.recovery(c)
		}
	case "ACCOUNT_DELETED":
		t.health(c.Subject, quality.StatusReported{Word: "DELETED", At: c.Reported})
	case "ACCOUNT_OFFBOARDED", "PARTNER_REMOVED":
		// Messages fail until the account is connected again. As a status the
		// word is none that package quality knows: it stops notifications under
		// its own name and lets replies find out for themselves, since a lost
		// webhook must not silence customers for good
		// (embedded-signup/reconnect-offboarded-coexistence-clients, 2026-05-21;
		// webhooks/reference/account_update, 2026-09-11).
		t.health(c.Subject, quality.StatusReported{Word: c.Event, At: c.Reported})
	case "ACCOUNT_RECONNECTED", "PARTNER_ADDED":
		t.health(c.Subject, quality.StatusReported{Word: "CONNECTED", At: c.Reported})
	case "DISABLED_UPDATE", "ACCOUNT_VIOLATION", "AD_ACCOUNT_LINKED", "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
		"BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "MM_LITE_TERMS_SIGNED", "PARTNER_APP_INSTALLED",
		"PARTNER_APP_UNINSTALLED", "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "VERIFIED_ACCOUNT",
		"VOLUME_BASED_PRICING_TIER_UPDATE":
	default:
		t.unknown(c.Origin, "event", c.Event)
	}
}

// recovery reads an ACCOUNT_RESTRICTION that restricts nothing: a warning, or
// the end of what utility misuse brought (templates/template-categorization,
// 2026-09-11).
func (t *translation) recovery(c cloudapi.AccountUpdate) {
	switch c.Violation {
	case "UTILITY_TEMPLATE_ABUSE_UNBAN":
		t.health(c.Subject, quality.RestrictionLifted{Type: quality.RestrictedUtility, At: c.Reported})
	case "UTILITY_TEMPLATE_ABUSE_RATE_LIMIT_RECOVERY":
		t.health(c.Subject, quality.RestrictionLifted{Type: quality.RateLimitedUtility, At: c.Reported})
		// The same limit as sends learn of it, by error 131064.
		t.health(c.Subject, quality.RestrictionLifted{Type: quality.TemplateClassificationLimit, At: c.Reported})
	}
}

func (t *translation) accountReview(c cloudapi.AccountReview) {
	t.health(c.WABA, quality.ReviewReported{Decision: c.Decision, At: c.Reported})
}

// templateStatus ends a pause by itself where the platform does: the first
// after three hours, the second after six. A RATE_LIMITING_PAUSE, which pacing
// brings, lasts until somebody ends it (templates/template-pausing,
// 2025-10-22).
func (t *translation) templateStatus(c cloudapi.TemplateStatus) {
	if c.Event == "" {
		t.problem(c.Origin, Unreadable, "a template's status without an event")
	}
	e := governor.TemplateReported{
		WABA: c.WABA, Name: c.Name, Language: c.Language,
		Category: governor.ParseCategory(c.Category), Status: c.Event, At: c.Reported,
	}
	if c.Event == "PAUSED" && !c.Reported.IsZero() {
		switch c.Title {
		case "FIRST_PAUSE":
			e.Until = c.Reported.Add(3 * time.Hour)
		case "SECOND_PAUSE":
			e.Until = c.Reported.Add(6 * time.Hour)
		}
	}
	t.event(e)
}

// templateCategory takes up the category that the template has as of the
// webhook. An announced change brings a webhook of its own when it is made.
func (t *translation) templateCategory(c cloudapi.TemplateCategory) {
	e := governor.TemplateReported{WABA: c.WABA, Name: c.Name, Language: c.Language, Category: governor.ParseCategory(c.To), At: c.Effective}
	if c.Impending && (c.Effective.IsZero() || c.Effective.After(c.Reported)) {
		e.Category, e.At = governor.ParseCategory(c.From), c.Reported
		if next := governor.ParseCategory(c.To); next != governor.CategoryUnknown && !c.Effective.IsZero() {
			t.event(governor.TemplateReported{
				WABA: c.WABA, Name: c.Name, Language: c.Language, Category: next, CategoryFrom: c.Effective, At: c.Reported,
			})
		}
	}
	if e.Category == governor.CategoryUnknown {
		t.unknown(c.Origin, "category", cmp.Or(c.To, c.From))
		return
	}
	t.event(e)
}

// templateQuality decides nothing; it is for people to see.
func (t *translation) templateQuality(c cloudapi.TemplateQuality) {
	rating, err := quality.ParseRating(c.New)
	if err != nil {
		t.unknown(c.Origin, "new_quality_score", c.New)
		return
	}
	t.event(governor.TemplateReported{WABA: c.WABA, Name: c.Name, Language: c.Language, Rating: rating, At: c.Reported})
}
