package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
)

// faulty returns a fixture whose store fails when told to.
func faulty(t *testing.T, next http.Handler, change func(*fixture)) (*fixture, *store) {
	t.Helper()
	s := &store{Store: memstore.New()}
	f := newFixture(t, 250, func(f *fixture) {
		f.store, f.next = s, next
		if change != nil {
			change(f)
		}
	})
	return f, s
}

func TestAWebhookThatTheStoreCouldNotKeepIsDeliveredAgainAndPassedOnOnce(t *testing.T) {
	t.Parallel()
	next := &listener{status: http.StatusOK}
	f, s := faulty(t, next, nil)
	f.sent(marketing(sheena), "wamid.1")
	text := body(statuses(status("wamid.1", "failed", sheena, f.clock.Now(), 131026)))

	s.fail(1)
	assert.Equal(t, http.StatusServiceUnavailable, f.post(text))
	assert.Empty(t, next.heard, "it waits for the delivery that the governor can take in")
	assert.Equal(t, 1, f.used())
	require.Len(t, f.problems, 1)
	assert.Equal(t, webhook.StoreFailed, f.problems[0].Kind)
	assert.ErrorIs(t, f.problems[0].Err, errFault)

	assert.Equal(t, http.StatusOK, f.post(text))
	assert.Len(t, next.heard, 1)
	assert.Zero(t, f.used())
}

func TestAWebhookThatNextCouldNotKeepHarmsNobodyWhenItComesAgain(t *testing.T) {
	t.Parallel()
	next := &listener{status: http.StatusInternalServerError}
	f, _ := faulty(t, next, nil)
	f.sent(marketing(sheena), "wamid.1")
	f.sent(marketing(pablo), "wamid.2")
	text := body(statuses(status("wamid.1", "failed", sheena, f.clock.Now(), 131026)))

	assert.Equal(t, http.StatusInternalServerError, f.post(text))
	assert.Equal(t, 1, f.used())
	next.status = http.StatusOK
	assert.Equal(t, http.StatusOK, f.post(text))
	assert.Len(t, next.heard, 2)
	assert.Equal(t, 1, f.used())
}

func TestCustomersAreHeardWhileTheStoreFailsIfWished(t *testing.T) {
	t.Parallel()
	next := &listener{status: http.StatusOK}
	f, s := faulty(t, next, func(f *fixture) { f.cfg.PassUnobserved = true })
	text := body(wrote(sheena, f.clock.Now(), "Hello?"))

	s.fail(1)
	req, err := webhook.NewRequest(t.Context(), f.url, secret, []byte(text))
	require.NoError(t, err)
	got, answer := f.do(req)
	assert.Equal(t, http.StatusServiceUnavailable, got, "so that the governor gets it once more")
	assert.NotContains(t, answer, "heard")
	require.Len(t, next.heard, 1)
	assert.Equal(t, text, next.heard[0].body)

	assert.Equal(t, http.StatusOK, f.post(text))
	assert.Len(t, next.heard, 2)
	assert.False(t, f.check(marketing(sheena)).Counted)
}

func TestAStoreThatIsDownIsNotAskedForEveryEvent(t *testing.T) {
	t.Parallel()
	f, s := faulty(t, nil, nil)
	var list []string
	for i := range 1000 {
		list = append(list, status(fmt.Sprintf("wamid.%d", i), "delivered", sheena, f.clock.Now(), 0))
	}
	s.fail(1000)
	assert.Equal(t, http.StatusServiceUnavailable, f.post(body(statuses(list...))))
	asked, _ := s.counts()
	assert.Equal(t, 3, asked)
}

func TestOneFailureHoldsUpNoOtherEvent(t *testing.T) {
	t.Parallel()
	f, s := faulty(t, nil, nil)
	f.sent(marketing(sheena), "wamid.1")
	f.sent(marketing(pablo), "wamid.2")
	s.fail(1)
	assert.Equal(t, http.StatusServiceUnavailable, f.post(body(statuses(
		status("wamid.1", "failed", sheena, f.clock.Now(), 131026),
		status("wamid.2", "failed", pablo, f.clock.Now(), 131026)))))
	assert.Equal(t, 1, f.used(), "the second was taken in")
}

func TestWhatIsWrongInItselfIsToldAndNeverHoldsUpTheRest(t *testing.T) {
	t.Parallel()
	next := &listener{status: http.StatusOK}
	f := newFixture(t, 250, func(f *fixture) { f.next = next })
	now := f.clock.Now()
	f.sent(marketing(sheena), "wamid.1")
	stranger := strings.ReplaceAll(statuses(status("wamid.9", "failed", pablo, now, 131026)), number, "999999999999999")

	assert.Equal(t, http.StatusOK, f.post(body(
		stranger, // a number of no account
		messages(fmt.Sprintf(`"statuses":[{"id":"wamid.8","status":"delivered","recipient_id":"12","timestamp":"%d"}]`, now.Unix())),
		messages(`"statuses":[{"id":"wamid.7","status":"teleported","timestamp":"1750030073"}]`),
		messages(`"statuses":[{"status":"delivered"}]`),
		about(waba, "of_tomorrow", now, `{"x":1}`),
		about(waba, "phone_number_quality_update", now, `{"display_phone_number":"15550000000","event":"FLAGGED"}`),
		about(waba, "phone_number_quality_update", now, `{"display_phone_number":"15550783881","event":"BLESSED","current_limit":"TIER_UNLIMITED"}`),
		about(waba, "business_capability_update", now, `{"max_daily_conversations_per_business":"TIER_1M"}`),
		about(waba, "account_update", now, `{"event":"ACCOUNT_BLESSED"}`),
		about(waba, "message_template_status_update", now, `{"event":"APPROVED","message_template_id":1}`),
		statuses(status("wamid.1", "failed", sheena, now, 131026)),
	)))
	assert.Zero(t, f.used(), "the last was taken in")
	assert.Equal(t, "250", f.snapshot().Tier.String())
	require.Len(t, next.heard, 1)

	kinds := map[webhook.ProblemKind]int{}
	for _, p := range f.problems {
		kinds[p.Kind]++
		assert.NotEmpty(t, p.String())
	}
	assert.Equal(t, map[webhook.ProblemKind]int{webhook.Refused: 5, webhook.Unknown: 5, webhook.Unreadable: 1}, kinds, strings.Join(f.told(), "\n"))
	assert.Contains(t, f.told(), "unknown in phone_number_quality_update (WABA 102290129340398): event: BLESSED")
	assert.Contains(t, f.told(), "unknown in business_capability_update (WABA 102290129340398): limit: TIER_1M")
}

func TestABatchOfAThousandChangesTheStateAtMostAFewTimes(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		word  string
		code  int
		saves int
	}{
		"delivered":     {"delivered", 0, 0},
		"undeliverable": {"failed", 131026, 0},
		"too fast":      {"failed", 130429, 1},
		"spam":          {"failed", 131048, 1},
		"utility":       {"failed", 131064, 2}, // the WABA's state and the account's
		"locked":        {"failed", 131031, 2},
	} {
		f, s := faulty(t, nil, nil)
		f.sent(marketing(maria), "wamid.0")
		require.NoError(t, f.gov.Observe(t.Context(), seen)) // the account is known
		var list []string
		for i := range 1000 {
			at := f.clock.Now().Add(time.Duration(i%60) * -time.Second)
			list = append(list, status(fmt.Sprintf("wamid.%s%d", name, i), of.word, sheena, at, of.code))
		}
		_, before := s.counts()
		f.delivered(body(statuses(list...)))
		_, after := s.counts()
		assert.Equal(t, of.saves, after-before, name)
	}
}

func TestAnOptOutByMessageIsTakenDown(t *testing.T) {
	t.Parallel()
	stop := webhook.StopWords("offers", "STOP", "unsubscribe", "arrêt", "")
	f := newFixture(t, 250, func(f *fixture) { f.cfg.OptOut = stop })
	now := f.clock.Now()
	offer := marketing(sheena)
	offer.Topic = "offers"

	f.delivered(body(wrote(sheena, now, "Please stop sending me paper, the app will do")))
	assert.True(t, f.check(offer).Allowed, "a sentence is no opt-out")
	f.delivered(body(wrote(sheena, now, " Arrêt! ")))
	assert.Equal(t, "opted_out", f.check(offer).Reason.String())
	assert.True(t, f.check(marketing(sheena)).Allowed, "only from that topic")
	assert.True(t, f.check(reply(sheena)).Allowed)

	f.clock.Set(newest(t, payload(t, "wh_messages_button_quick_reply")))
	offer.To = "16505551234"
	f.delivered(payload(t, "wh_messages_button_quick_reply"))
	assert.Equal(t, "opted_out", f.check(offer).Reason.String(), "the button says Unsubscribe")
}

func TestAnOptOutByUserIDHoldsForThePhoneNumber(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 250, func(f *fixture) { f.cfg.OptOut = webhook.StopWords("marketing", "stop") })
	at := f.clock.Now().Unix()
	f.delivered(body(messages(fmt.Sprintf(`"messages":[{"from_user_id":%q,"id":"wamid.1","timestamp":"%d","type":"text","text":{"body":"stop"}}]`, sheenaUserID, at))))
	assert.True(t, f.check(marketing(sheena)).Allowed, "nobody has said yet that they are one")
	f.delivered(body(messages(fmt.Sprintf(`"contacts":[{"wa_id":%q,"user_id":%q}],"statuses":[%s]`,
		sheena, sheenaUserID, status("wamid.2", "sent", sheena, f.clock.Now(), 0)))))
	assert.Equal(t, "opted_out", f.check(marketing(sheena)).Reason.String())
}

func TestStopWordsAreWholeMessages(t *testing.T) {
	t.Parallel()
	stop := webhook.StopWords("marketing", "Stop", "no more")
	for text, want := range map[string]bool{
		"stop": true, " STOP.\n": true, "Stop!!": true, "No more": true, "no  more": false, "stop it": false, "": false, ".": false,
		strings.Repeat("stop", 1000): false,
	} {
		_, ok := stop(cloudapi.Inbound{Text: text})
		assert.Equal(t, want, ok, text)
	}
	topic, ok := stop(cloudapi.Inbound{ButtonPayload: "STOP"})
	assert.True(t, ok)
	assert.Equal(t, "marketing", topic)
	_, ok = webhook.StopWords("marketing")(cloudapi.Inbound{Text: "stop"})
	assert.False(t, ok)
}

func TestAPanicOfTheCallersLosesNoEvent(t *testing.T) {
	t.Parallel()
	next := &listener{status: http.StatusOK}
	var told []webhook.Problem
	f := newFixture(t, 250, func(f *fixture) {
		f.next = next
		f.cfg.OptOut = func(cloudapi.Inbound) (string, bool) { panic("of " + sheena) }
		f.cfg.OnProblem = func(_ context.Context, p webhook.Problem) { told = append(told, p); panic("again") }
	})
	f.sent(marketing(pablo), "wamid.1")
	f.delivered(body(wrote(sheena, f.clock.Now(), "Hello"), statuses(status("wamid.1", "failed", pablo, f.clock.Now(), 131026))))
	assert.False(t, f.check(marketing(sheena)).Counted)
	assert.Zero(t, f.used())
	require.Len(t, next.heard, 1)
	require.Len(t, told, 1)
	assert.Equal(t, "panicked (WABA "+waba+", number "+number+"): Config.OptOut panicked with a string", told[0].String())
}

func TestADeliveryHeardOfBeforeItsWindowIsCounted(t *testing.T) {
	t.Parallel()
	wrote := wrote(sheena, t0, "Hello")
	delivered := messages(fmt.Sprintf(`"statuses":[{"id":"wamid.1","status":"delivered","recipient_id":%q,"timestamp":"%d","pricing":{"category":"marketing"}}]`,
		sheena, t0.Add(time.Hour).Unix()))
	for _, c := range []struct {
		entries []string
		used    int
	}{{[]string{wrote, delivered}, 0}, {[]string{delivered, wrote}, 1}} {
		f := newFixture(t, 250, nil)
		f.clock.Advance(2 * time.Hour)
		f.delivered(body(c.entries...))
		assert.Equal(t, c.used, f.used())
	}
}

func TestAReactionLetsAReplyTryAndSparesNoSlot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	answer := governor.Message{From: number, To: sheena, Kind: governor.Reply}
	f.delivered(body(wrote(sheena, f.clock.Now(), "Hello")))
	f.clock.Advance(25 * time.Hour)
	require.Equal(t, governor.WindowClosed, f.check(answer).Reason)
	f.delivered(body(messages(fmt.Sprintf(
		`"messages":[{"from":%q,"id":"wamid.r","timestamp":"%d","type":"reaction","reaction":{"message_id":"wamid.1","emoji":"👍"}}]`,
		sheena, f.clock.Now().Unix()))))
	assert.True(t, f.check(answer).Allowed)
	assert.True(t, f.check(marketing(sheena)).Counted)
	f.clock.Advance(24 * time.Hour)
	assert.Equal(t, governor.WindowClosed, f.check(answer).Reason)
}
