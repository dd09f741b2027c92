package governor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// allReasons is every reason and the word for it.
var allReasons = map[governor.Reason]string{
	governor.Undecided: "undecided", governor.Passed: "passed", governor.TierLimit: "tier_limit",
	governor.PlatformRestricted: "restricted", governor.Inactive: "inactive", governor.WindowClosed: "window_closed",
	governor.NumberRate: "number_rate", governor.PairRate: "pair_rate", governor.StoreFailed: "store_failed",
	governor.OptedOut: "opted_out", governor.NotOptedIn: "not_opted_in", governor.TemplateHeld: "template_held",
	governor.PlatformBusy: "platform_busy", governor.LocalBudget: "local_budget",
}

func TestADecisionExplainsItselfInOneSentence(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.January, 2, 5, 30, 0, 0, time.FixedZone("IST", 5*3600+1800))
	told := map[governor.Reason]bool{}
	for _, c := range []struct {
		d    governor.Decision
		want string
	}{
		{governor.Decision{}, "refused (undecided): nothing was asked"},
		{governor.Decision{RetryAt: at}, "refused (undecided): nothing was asked"},
		{governor.Decision{Reason: governor.Passed}, "refused (passed): nothing was asked; no time to come back is known"},
		{
			governor.Decision{Reason: governor.TierLimit, Used: 250, Limit: 250, RetryAt: at},
			"refused (tier_limit): 250 of 250 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z",
		},
		{
			governor.Decision{Reason: governor.TierLimit, Used: 7, Limit: 2, RetryAt: at.Add(time.Nanosecond)},
			"refused (tier_limit): 7 of 2 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00.000000001Z",
		},
		{
			governor.Decision{Reason: governor.PlatformRestricted, Scope: governor.ScopeWABA, Detail: "RESTRICTED_BIZ_INITIATED_MESSAGING", RetryAt: at},
			"refused (restricted): the platform restricts the waba (RESTRICTED_BIZ_INITIATED_MESSAGING); try again at 2026-01-02T00:00:00Z",
		},
		{
			governor.Decision{Reason: governor.Inactive, Scope: governor.ScopeNumber, Health: quality.Banned, Detail: "DISABLED"},
			"refused (inactive): the number is Banned (DISABLED); no time to come back is known",
		},
		{governor.Decision{Reason: governor.WindowClosed}, "refused (window_closed): the customer last wrote more than 24 h ago; only a template can reach them; no time to come back is known"},
		{governor.Decision{Reason: governor.NumberRate, RetryAt: at}, "refused (number_rate): the number is at its throughput; try again at 2026-01-02T00:00:00Z"},
		{governor.Decision{Reason: governor.PairRate, RetryAt: at}, "refused (pair_rate): too many messages from this number to this recipient; try again at 2026-01-02T00:00:00Z"},
		{governor.Decision{Reason: governor.StoreFailed, RetryAt: at}, "refused (store_failed): the store did not answer; try again at 2026-01-02T00:00:00Z"},
		{governor.Decision{Reason: governor.OptedOut}, "refused (opted_out): the recipient opted out, or is to be left alone for a while; no time to come back is known"},
		{governor.Decision{Reason: governor.NotOptedIn}, "refused (not_opted_in): the recipient has not opted in; no time to come back is known"},
		{governor.Decision{Reason: governor.TemplateHeld, Detail: "PAUSED", RetryAt: at}, "refused (template_held): the template may not be sent (PAUSED); try again at 2026-01-02T00:00:00Z"},
		{governor.Decision{Reason: governor.PlatformBusy, Detail: "error 131057", RetryAt: at}, "refused (platform_busy): the platform asked to wait (error 131057); try again at 2026-01-02T00:00:00Z"},

		{governor.Decision{Allowed: true, Reason: governor.Passed}, "allowed"},
		{governor.Decision{Allowed: true, Reason: governor.Passed, Used: 3, Limit: 250}, "allowed: 3 of 250 unique recipients used in the last 24 h"},
		{governor.Decision{Allowed: true, Reason: governor.Passed, Counted: true, Used: 3, Limit: 250}, "allowed, takes a slot: 3 of 250 unique recipients used in the last 24 h"},
		{governor.Decision{Allowed: true, Reason: governor.Passed, Counted: true, Used: 3, Limit: tier.Unlimited.Limit()}, "allowed, takes a slot: 3 unique recipients in the last 24 h, no limit"},
		{governor.Decision{Allowed: true, Reason: governor.StoreFailed}, "allowed (store_failed): the store did not answer"},
		{governor.Decision{Allowed: true, Reason: governor.LocalBudget, Counted: true}, "allowed, takes a slot (local_budget): the store did not answer, and a slot had been set aside for that"},
		{governor.Decision{Reason: governor.StoreFailed, Detail: "the local budget is used up or has run out", RetryAt: at}, "refused (store_failed): the store did not answer (the local budget is used up or has run out); try again at 2026-01-02T00:00:00Z"},
		{governor.Decision{Reason: governor.TierLimit, Detail: "cold start", Limit: 250, RetryAt: at}, "refused (tier_limit): the ledger began empty, so the limit is taken as used up (cold start); try again at 2026-01-02T00:00:00Z"},
	} {
		assert.Equal(t, c.want, c.d.String())
		told[c.d.Reason] = true
	}
	assert.Len(t, told, len(allReasons), "every reason is explained")
}

func TestTheWordsOfReasonsAndScopesAreStable(t *testing.T) {
	t.Parallel()
	for reason, word := range allReasons {
		assert.Equal(t, word, reason.String())
	}
	assert.Equal(t, fmt.Sprintf("reason_%d", len(allReasons)), governor.Reason(len(allReasons)).String(), "a reason is missing here")
	for scope, word := range []string{"none", "account", "waba", "number", "pair", "store", "recipient", "template"} {
		assert.Equal(t, word, governor.Scope(scope).String())
	}
	assert.Equal(t, "scope 8", governor.Scope(8).String())
}

func TestTheZeroDecisionDenies(t *testing.T) {
	t.Parallel()
	var d governor.Decision
	assert.False(t, d.Allowed)
	assert.Equal(t, governor.Undecided, d.Reason)
	var none *governor.Reservation
	assert.Equal(t, d, none.Decision())
}

func TestADecisionIsLoggedUnderStableNames(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	at := governortest.Start
	log.Info("send", "decision", governor.Decision{
		Reason: governor.PlatformRestricted, Scope: governor.ScopeWABA, Account: account, Number: n1, Used: 1, Limit: 2,
		Health: quality.Restricted, Detail: "WORD", RetryAt: at,
	})
	var line struct {
		Decision map[string]any `json:"decision"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.Equal(t, map[string]any{
		"allowed": false, "reason": "restricted", "scope": "waba", "account": account, "number": n1, "kind": "notification", "counted": false,
		"used": 1.0, "limit": 2.0, "health": "Restricted", "detail": "WORD", "retry_at": "2026-01-01T00:00:00Z",
	}, line.Decision)
}

func TestNothingThatIsWrittenOutHoldsARecipient(t *testing.T) {
	t.Parallel()
	var written strings.Builder
	log := slog.New(slog.NewTextHandler(&written, nil))
	b := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = func(n governor.Notice) { log.Info("notice", "n", n, "d", n.Decision) }
	})
	const secret = "16505559876"
	say := func(m governor.Message) {
		d, err := b.gov.Check(t.Context(), m)
		log.Info("check", "d", d, "text", d.String(), "err", err)
		r, err := b.gov.Reserve(t.Context(), m)
		log.Info("reserve", "d", r.Decision(), "err", err)
	}
	say(template(n1, "+1 (650) 555-9876"))
	say(template(n1, secret))
	say(reply(n1, secret))
	say(governor.Message{From: n1, To: secret + "x"})
	say(governor.Message{From: n1, To: secret + secret})
	say(governor.Message{From: n1, To: "customer-" + secret + "-mobile"})
	say(governor.Message{From: n1, To: "group:" + secret + " "})
	say(governor.Message{From: n1, To: "group:" + secret + "!"})
	err := b.gov.Observe(t.Context(),
		governor.Inbound{Number: n1, Customer: secret + "?"},
		governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: secret + "?", Status: governor.Failed},
		governor.AliasLearned{Number: n1, Alias: secret + "?", Canonical: "?" + secret},
		governor.ConsentGiven{Number: n1, Recipient: secret + "?", Topic: "t"},
	)
	require.Error(t, err)
	log.Info("observed", "err", err)
	assert.Contains(t, written.String(), "tier_limit")
	assert.NotContains(t, written.String(), "5559876")
	assert.NotContains(t, written.String(), "555-9876")
}

// Of two that end together the worse is named, whichever is asked first.
func TestADecisionNamesTheWorstOfWhatEndsTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		number, waba quality.Event
		want         governor.Decision
	}{
		{
			"a banned number in a WABA under review",
			quality.StatusReported{Word: "BANNED"},
			quality.ReviewReported{Decision: "PENDING"},
			governor.Decision{Reason: governor.Inactive, Scope: governor.ScopeNumber, Health: quality.Banned, Detail: "BANNED"},
		},
		{
			"a number under review in a banned WABA",
			quality.StatusReported{Word: "PENDING"},
			quality.BanReported{State: "DISABLE"},
			governor.Decision{Reason: governor.Inactive, Scope: governor.ScopeWABA, Health: quality.Banned, Detail: "DISABLE"},
		},
		{
			"a banned number in a WABA restricted without end",
			quality.StatusReported{Word: "BANNED"},
			quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging},
			governor.Decision{Reason: governor.Inactive, Scope: governor.ScopeNumber, Health: quality.Banned, Detail: "BANNED"},
		},
		{
			"a number restricted for longer than its WABA",
			quality.RestrictionReported{Type: quality.SpamRateLimit, Until: governortest.Start.Add(2 * time.Hour)},
			quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: governortest.Start.Add(time.Hour)},
			governor.Decision{
				Reason: governor.PlatformRestricted, Scope: governor.ScopeNumber, Health: quality.Restricted, Detail: "SPAM_RATE_LIMIT",
				RetryAt: governortest.Start.Add(2 * time.Hour),
			},
		},
		{
			"a number restricted for less long than its WABA",
			quality.RestrictionReported{Type: quality.SpamRateLimit, Until: governortest.Start.Add(time.Hour)},
			quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: governortest.Start.Add(2 * time.Hour)},
			governor.Decision{
				Reason: governor.PlatformRestricted, Scope: governor.ScopeWABA, Health: quality.Restricted, Detail: "RESTRICTED_BIZ_INITIATED_MESSAGING",
				RetryAt: governortest.Start.Add(2 * time.Hour),
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, 2, nil)
			b.observe(governor.HealthReported{Number: n1, Report: c.number}, governor.HealthReported{WABA: "waba", Report: c.waba})
			got := b.refused(template(n1, alice), governor.ErrDenied)
			c.want.Account, c.want.Number, c.want.Limit, c.want.At = account, n1, 2, b.clock.Now()
			got.RetryAt, c.want.RetryAt = got.RetryAt.UTC(), c.want.RetryAt.UTC()
			assert.Equal(t, c.want, got)
			assert.NotContains(t, got.String(), "Unreported")
		})
	}
}
