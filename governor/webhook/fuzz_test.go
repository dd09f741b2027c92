package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// words returns all names and texts of a JSON document, as another decoder
// reads them, in upper case.
func words(body []byte) []string {
	var all []string
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return all
		}
		if text, ok := token.(string); ok {
			all = append(all, strings.ToUpper(text))
		}
	}
}

// mentions reports whether a document has one of these in any of its words.
func mentions(words []string, parts ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(word, part) })
	})
}

// FuzzHandler delivers whatever bytes, signed. A signed webhook is always
// answered with 200, nothing of a person is told, the limit is what it was
// unless a limit is named, and what was forbidden stays so unless its end is.
func FuzzHandler(f *testing.F) {
	for _, name := range payloads(f) {
		f.Add([]byte(payload(f, name)), "")
	}
	f.Add([]byte(""), "sha256=")
	f.Add([]byte(`{"entry":{"id":1,"time":-1,"changes":{"value":{"event":null}}}}`), "sha256=00")
	f.Add([]byte(strings.Repeat(`[{"entry":`, 100)), "sha1=")
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		clock := governortest.NewClock()
		gov, err := governor.New(memstore.New(), governor.Config{Clock: clock, Accounts: []governor.Account{
			{ID: "healthy", Tier: tier.Tier250, Numbers: []governor.Number{{ID: number, WABA: waba}}},
			{ID: "restricted", Tier: tier.Tier250, Numbers: []governor.Number{{ID: secondNumber, WABA: secondWABA}}},
		}})
		require.NoError(t, err)
		require.NoError(t, gov.Observe(t.Context(),
			seen,
			governor.ConsentRevoked{Number: number, Recipient: sheena, Topic: governor.TopicMarketing, At: clock.Now()},
			governor.HealthReported{WABA: secondWABA, Report: quality.RestrictionReported{
				Type: quality.RestrictedBusinessMessaging, Until: clock.Now().Add(day), At: clock.Now(),
			}}))
		var told []string
		handler, err := webhook.New(gov, webhook.Config{
			AppSecret: secret, VerifyToken: token, OptOut: webhook.StopWords("marketing", "stop"),
			OnProblem: func(_ context.Context, p webhook.Problem) {
				p.WABA, p.Number = "", ""
				told = append(told, p.String())
			},
		}, nil)
		require.NoError(t, err)
		deliver := func(header string) int {
			req, err := webhook.NewRequest(t.Context(), "/", secret, body)
			require.NoError(t, err)
			if header != "" {
				req.Header.Set("X-Hub-Signature-256", header)
			}
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, req)
			return answer.Code
		}

		if signature != "" {
			assert.Equal(t, http.StatusForbidden, deliver(signature))
		}
		told = nil
		require.Equal(t, http.StatusOK, deliver(""))
		require.Equal(t, http.StatusOK, deliver(""), "again")

		said := words(body)
		for _, account := range []string{"healthy", "restricted"} {
			s, err := gov.Snapshot(t.Context(), account)
			require.NoError(t, err)
			if !mentions(said, "MAX_DAILY_CONVERSATION", "CURRENT_LIMIT") {
				assert.Equal(t, tier.Tier250, s.Tier, "no limit was named")
			}
			assert.Zero(t, s.Used, "nothing was sent")
		}
		d, err := gov.Check(t.Context(), marketing(sheena))
		require.NoError(t, err)
		if d.Allowed {
			assert.True(t, mentions(said, "RESUME", "SIGNUP"), "an opt-out was forgotten")
		}
		d, err = gov.Check(t.Context(), governor.Message{From: secondNumber, To: pablo, Template: "offer", Category: governor.Marketing})
		require.NoError(t, err)
		if d.Allowed {
			assert.True(t, mentions(said, "RESTRICTED_BIZ_INITIATED_MESSAGING"), "a restriction was forgotten")
		}
		for _, line := range told {
			if mentions(said, sheena) {
				assert.NotContains(t, line, sheena)
			}
			assert.Less(t, len(line), 1000)
		}
	})
}

var phoneLike = regexp.MustCompile(`\d(?:[ \-.()/]*\d){6,}`)

func TestNoExampleHasAProblemThatNamesAPerson(t *testing.T) {
	t.Parallel()
	for _, name := range payloads(t) {
		// With no number known to it, the governor takes none of the events.
		gov, err := governor.New(memstore.New(), governor.Config{Accounts: []governor.Account{{ID: "other", Numbers: []governor.Number{{ID: "1"}}}}})
		require.NoError(t, err)
		count := 0
		handler, err := webhook.New(gov, webhook.Config{
			AppSecret: secret, VerifyToken: token,
			OnProblem: func(_ context.Context, p webhook.Problem) {
				count++
				text := p.String() + p.LogValue().String()
				for _, id := range []string{p.WABA, p.Number} {
					if id != "" {
						text = strings.ReplaceAll(text, id, "")
					}
				}
				assert.NotRegexp(t, phoneLike, text, name)
			},
		}, nil)
		require.NoError(t, err)
		req, err := webhook.NewRequest(t.Context(), "/", secret, []byte(payload(t, name)))
		require.NoError(t, err)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		assert.Equal(t, http.StatusOK, answer.Code)
		if strings.HasPrefix(name, "wh_status_") || strings.HasPrefix(name, "wh_messages_") {
			assert.NotZero(t, count, name)
		}
	}
}
