package governorhttp_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func TestADenialReachesTheCallerThroughTheClient(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.passes(template(alice))
	f.clock.Advance(time.Hour)
	_, err := f.post(messages, jsonType, template(bob))

	var outer *url.Error
	require.ErrorAs(t, err, &outer)
	var denied *governor.DeniedError
	require.ErrorAs(t, err, &denied)
	require.ErrorIs(t, err, governor.ErrTierLimit)
	require.Equal(t, governor.TierLimit, denied.Decision.Reason)
	require.Equal(t, governortest.Start.Add(24*time.Hour), denied.Decision.RetryAt)
	require.NotContains(t, err.Error(), bob)
}

func TestADenialMayComeBackAsAResponse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.transport.Synthetic429 = true
	f.passes(template(alice))
	f.clock.Advance(time.Hour + time.Nanosecond)
	got, err := f.post(messages, jsonType, template(bob))
	require.NoError(t, err)

	require.Equal(t, 1, f.spy.calls())
	require.Equal(t, http.StatusTooManyRequests, got.status)
	require.Equal(t, "82800", got.header.Get("Retry-After"), "23 hours but a nanosecond, rounded up")
	require.Equal(t, "tier_limit", got.header.Get(governorhttp.ReasonHeader))
	require.Equal(t, jsonType+"; charset=UTF-8", got.header.Get("Content-Type"))
	require.EqualValues(t, len(got.text), got.length)
	require.JSONEq(t, `{"error":{
		"message": "(#131048) Spam rate limit hit",
		"type": "SendgovDenial",
		"code": 131048,
		"error_data": {
			"messaging_product": "whatsapp",
			"details": "refused (tier_limit): 1 of 1 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z"
		}
	}}`, got.text)
}

func TestASyntheticResponseHasTheCodeThatThePlatformWouldGive(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name       string
		store      *storetest.Faulty
		prepare    func(f *fixture)
		body       string
		code       string
		retryAfter string
	}{
		{"restricted for good", nil, func(f *fixture) {
			f.observe(governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{
				Type: quality.RestrictedBusinessMessaging, At: f.clock.Now(),
			}})
		}, template(bob), "131048", ""},
		{"banned", nil, func(f *fixture) {
			f.observe(governor.HealthReported{Number: number, Report: quality.StatusReported{Word: "BANNED", At: f.clock.Now()}})
		}, template(bob), "131031", ""},
		{"a closed window", nil, func(f *fixture) {
			f.opens(alice)
			f.clock.Advance(24 * time.Hour)
		}, text(alice), "131047", ""},
		{"a pair at its rate", nil, func(f *fixture) {
			f.opens(alice)
			for range 45 {
				f.passes(text(alice))
			}
		}, text(alice), "131056", "6"},
		{"a number at its rate", nil, func(f *fixture) {
			f.observe(governor.ThroughputReported{Number: number, PerSecond: 1, At: f.clock.Now()})
			f.passes(text(alice))
		}, text(bob), "130429", "1"},
		{"a store that fails", failing(errors.New("down"), "Admit"), nil, template(bob), "131016", "1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			store := governor.Store(memstore.New())
			if row.store != nil {
				store = row.store
			}
			f := newFixtureOn(t, tier.Tier250, store)
			if row.prepare != nil {
				row.prepare(f)
			}
			f.transport.Synthetic429 = true
			got, err := f.post(messages, jsonType, row.body)
			require.NoError(t, err)
			require.Equal(t, http.StatusTooManyRequests, got.status)
			require.Contains(t, got.text, `"code":`+row.code+`,`)
			require.Equal(t, row.retryAfter, got.header.Get("Retry-After"))
		})
	}
}

func TestRetryAfterIsNeverZero(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.transport.Synthetic429 = true
	f.passes(template(alice))
	f.clock.Advance(24*time.Hour - time.Millisecond)
	got, err := f.post(messages, jsonType, template(bob))
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, got.status)
	require.Equal(t, "1", got.header.Get("Retry-After"), "less than a second is a second")
}

func TestEveryReasonHasADocumentedCode(t *testing.T) {
	t.Parallel()
	codes := map[governor.Reason]int{
		governor.TierLimit:          131048,
		governor.PlatformRestricted: 131048,
		governor.Inactive:           131031,
		governor.WindowClosed:       131047,
		governor.NumberRate:         130429,
		governor.PairRate:           131056,
		governor.StoreFailed:        131016,
		governor.OptedOut:           131050,
		governor.NotOptedIn:         131049,
		governor.TemplateHeld:       132015,
		governor.PlatformBusy:       130429,
		governor.PlatformBusy + 100: 131048, // a reason of days to come
	}
	for reason, want := range codes {
		_, err := cloudapi.ParseResponse(http.StatusTooManyRequests, governorhttp.AnswerBody(governor.Decision{Reason: reason}))
		var platform *cloudapi.Error
		require.ErrorAs(t, err, &platform)
		require.Equal(t, want, platform.Code, "%s", reason)
		require.True(t, platform.Info().Known())
	}
	for reason := governor.TierLimit; !strings.HasPrefix(reason.String(), "reason_"); reason++ {
		require.Contains(t, codes, reason)
	}

	_, err := cloudapi.ParseResponse(http.StatusTooManyRequests, governorhttp.AnswerBody(governor.Decision{
		Reason: governor.OptedOut, RetryAt: governortest.Start,
	}))
	var platform *cloudapi.Error
	require.ErrorAs(t, err, &platform)
	require.Equal(t, 131049, platform.Code, "left alone for a while is not opted out")
}
