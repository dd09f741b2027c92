package governor_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

func TestNothingPrintsOrLogsARecipient(t *testing.T) {
	t.Parallel()
	const phone, typed, user, group = "16505550142", "+1 (650) 555-0142", "US.13491208655302741918", "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0"
	f := newFixture(t, 9, nil)
	r := f.reserved(template(n1, phone))
	now := f.clock.Now()
	for _, who := range []string{phone, typed, user, group, "no recipient at all"} {
		for _, v := range []any{
			governor.Message{From: n1, To: who, Template: "hello_world", Category: governor.Marketing},
			&governor.Message{From: n1, To: who},
			[]governor.Message{{From: n1, To: who}},
			governor.Receipt{MessageID: "wamid.1", Recipient: who, At: now},
			governor.Inbound{Number: n1, Customer: who, At: now},
			governor.WindowShut{Number: n1, Customer: who},
			governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: who, Status: governor.Failed},
			governor.AliasLearned{Number: n1, Alias: who, Canonical: who},
			governor.ConsentGiven{Number: n1, Recipient: who, Topic: "*"},
			governor.ConsentRevoked{Number: n1, Recipient: who, Topic: "*"},
			governor.SendRefused{Number: n1, Recipient: who, Code: 131047},
			governor.Event(governor.Inbound{Number: n1, Customer: who}),
			governor.Admission{Account: account, Number: n1, Recipient: who, Now: now},
			governor.Settlement{Account: account, Recipient: who, Canonical: who},
			governor.InboundMark{Account: account, Customer: who},
			governor.DeliveryMark{Account: account, Recipient: who},
			governor.ConsentMark{Account: account, Recipient: who},
			struct{ M governor.Message }{governor.Message{From: n1, To: who}},
			map[string]any{"message": governor.Message{From: n1, To: who}},
		} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%T"} {
				printed := fmt.Sprintf(verb, v)
				for _, secret := range []string{who, strings.Trim(who, "+"), fmt.Sprintf("%x", who), fmt.Sprintf("%X", who)} {
					assert.NotContains(t, printed, secret, verb)
				}
			}
			if _, nested := v.([]governor.Message); nested {
				continue // encoding/json and not slog writes what is inside of something else
			}
			if _, redacts := v.(slog.LogValuer); redacts {
				assert.NotContains(t, logLines(v), who)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.NotContains(t, fmt.Sprintf(verb, r), phone)
		assert.Contains(t, fmt.Sprintf(verb, r), "allowed")
	}
	assert.NotContains(t, logLines(r), phone)
}

// logLines is what two handlers write of a value.
func logLines(v any) string {
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

func TestWhatIsPrintedTellsTheRest(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Message{From: 1, To: phone number of 11 digits, Template: x, Category: marketing}",
		fmt.Sprint(governor.Message{From: "1", To: "+1 650 555 0142", Template: "x", Category: governor.Marketing}))
	assert.Equal(t, "Message{}", fmt.Sprintf("%+v", governor.Message{}))
	assert.Equal(t, "Inbound{Number: 1, Customer: user ID, At: 2026-01-02T00:00:00Z}",
		fmt.Sprint(governor.Inbound{Number: "1", Customer: "US.1349", At: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}))
	assert.Equal(t, "Receipt{MessageID: wamid.1, Recipient: 3 bytes that name nobody}",
		fmt.Sprint(governor.Receipt{MessageID: "wamid.1", Recipient: "abc"}))
	assert.Contains(t, fmt.Sprint(governor.Message{To: "group:abc"}), "To: group")
	assert.Contains(t, logLines(governor.Message{From: "1", To: "16505550142", Kind: governor.Reply}),
		`"v":{"From":"1","To":"phone number of 11 digits","Kind":"reply"}`)
}

func TestANoticeAndASnapshotLogTheirFieldsUnderStableNames(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		notice governor.Notice
		want   string
	}{
		{
			governor.Notice{Kind: governor.NoticeHealth, At: at, Account: "a", WABA: "w", Number: "n", From: "Connected", To: "Flagged"},
			`"v":{"kind":"health","at":"2026-01-02T03:04:05Z","account":"a","waba":"w","number":"n","from":"Connected","to":"Flagged"}`,
		},
		{
			governor.Notice{Kind: governor.NoticeNearLimit, At: at, To: "80", Used: 8, Limit: 10},
			`"v":{"kind":"near_limit","at":"2026-01-02T03:04:05Z","to":"80","used":8,"limit":10}`,
		},
		{
			governor.Notice{Kind: governor.NoticeStoreDown, At: at, Until: at, Err: errFault},
			`"v":{"kind":"store_down","at":"2026-01-02T03:04:05Z","until":"2026-01-02T03:04:05Z","error":"fault for a test"}`,
		},
		{
			governor.Notice{Kind: governor.NoticeDenied, At: at, Decision: governor.Decision{Reason: governor.TierLimit}},
			`"v":{"kind":"denied","at":"2026-01-02T03:04:05Z","decision":{"allowed":false,"reason":"tier_limit",`,
		},
	} {
		assert.Contains(t, logLines(c.notice), c.want)
	}
	f := newFixture(t, 2, nil)
	assert.Contains(t, logLines(f.snapshot()), `"used":0,"free":2,"health":"Unreported","numbers":2,"wabas":1,"store_failures":0}`)
	f.sent(template(n1, alice))
	assert.Contains(t, logLines(f.snapshot()), `"next_free":"2026-01-02T00:00:00Z"`)
}

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	for reason := governor.Undecided; reason.String()[:1] != "r" || reason == governor.PlatformRestricted; reason++ {
		d := governor.Decision{Reason: reason, Scope: governor.ScopeNumber, Allowed: reason == governor.Passed}
		text := d.Explain()
		assert.Greater(t, len(text), len(d.String())+20, "%v: %s", reason, text)
		assert.True(t, strings.HasSuffix(text, "."), text)
		assert.NotContains(t, text, "  ")
		assert.Less(t, len(text), 700, text)
		assert.Equal(t, reason == governor.Undecided, strings.Contains(text, "No rule was asked"), "%v: %s", reason, text)
	}
	assert.Contains(t, governor.Decision{Reason: 200}.Explain(), "No rule was asked")
}

func TestAnExplanationHasTheRuleItsSourceAndWhatToDo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, shared(governor.CautiousShares()))
	f.observe(rated(n1, quality.High, f.clock.Now()))
	f.sent(of(governor.Authentication, alice))
	f.clock.Advance(time.Hour)
	d := f.refused(of(governor.Authentication, bob), governor.ErrTierLimit)
	assert.Equal(t, "Refused (tier_limit): 1 of 1 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z. "+
		"That is 23h0m0s after it was decided. An account may reach so many people in any moving 24 hours with messages that it begins; "+
		"one who was written to counts until 24 hours after the last such message. (Platform: messaging-limits, 2026-09-11.) "+
		"Send it at the time named, which Wait does by itself, or reply where the customer has written. The limit rises with use and quality.", d.Explain())
	assert.Contains(t, f.refused(of(governor.Marketing, bob), governor.ErrTierLimit).Explain(), "the share is your own")
}

func ExampleDecision_Explain() {
	d := governor.Decision{Reason: governor.WindowClosed, Scope: governor.ScopePair}
	fmt.Println(d.Explain())
	// Output:
	// Refused (window_closed): the customer last wrote more than 24 h ago; only a template can reach them; no time to come back is known. Free-form messages are accepted only within 24 hours of the customer's last message or call. (Platform: send-messages, 2026-09-11; error 131047.) Send a template instead, or wait until the customer writes.
}

func TestALogHoldsNobodyWhateverHappens(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	f := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.ObserveAllowed = true
		cfg.Observer = governor.LogTo(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
	})
	f.sent(template(n1, alice))
	f.refused(template(n1, bob), governor.ErrTierLimit)
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: carol, Topic: governor.TopicAll},
		governor.SendRefused{Number: n1, Recipient: dave, Code: 131048}, governor.TierReported{Number: n1, Tier: 5})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, f.gov.Observe(ctx, governor.Inbound{Number: n1, Customer: alice}))
	for _, who := range []string{alice, bob, carol, dave} {
		assert.NotContains(t, b.String(), who)
	}
	assert.GreaterOrEqual(t, strings.Count(b.String(), "\n"), 5)
}
