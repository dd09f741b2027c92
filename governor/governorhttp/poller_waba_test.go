package governorhttp_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func TestAPollTellsWhatPeopleLookUpOfAWABA(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`","name":"Lucky Shrub","status":"ACTIVE","account_review_status":"APPROVED",
		"business_verification_status":"verified","owner_business_info":{"id":"`+account+`","name":"Lucky"},
		"whatsapp_business_manager_messaging_limit":"TIER_10K",`+entities("AVAILABLE", entity("WABA", "AVAILABLE", ""))+`}`)
	p.poll()
	w := p.waba()
	assert.Equal(t, account, w.Portfolio)
	assert.Equal(t, "VERIFIED", w.Verification)
	assert.Equal(t, "ACTIVE", w.Status)
	assert.Equal(t, "OK", w.Payment)
	assert.Equal(t, tier.Tier10K, p.snapshot().Tier)
	assert.Equal(t, quality.Connected, w.Health)
}

func TestAnAccountThatIsNotApprovedSendsNothing(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	for _, step := range []struct {
		decision string
		want     quality.Health
	}{
		{"PENDING", quality.Pending},
		{"APPROVED", quality.Connected},
		{"REJECTED", quality.Banned},
		{"", quality.Banned},
		{"APPROVED", quality.Connected},
		{"WHATEVER", quality.Restricted},
	} {
		p.says(waba, `{"id":"`+waba+`","account_review_status":"`+step.decision+`"}`)
		p.poll()
		assert.Equal(t, step.want, p.waba().Health, step.decision)
		assert.Equal(t, step.want == quality.Connected, p.sends().Allowed, step.decision)
	}
	assert.Equal(t, "WHATEVER", p.waba().Status, "where there is no status the review stands for it")
}

// A version that does not know a field refuses all of them.
func TestAnOlderVersionIsAskedForWhatItKnows(t *testing.T) {
	t.Parallel()
	knows := func(body string, unknown ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for _, field := range unknown {
				if strings.Contains(r.URL.Query().Get("fields"), field) {
					refuse(w, http.StatusBadRequest, 100, 0)
					return
				}
			}
			_, _ = w.Write([]byte(body))
		}
	}
	p := newPolled(t)
	p.does(waba, knows(`{"id":"`+waba+`","account_review_status":"APPROVED","owner_business_info":{"id":"`+account+`"}}`, "messaging_limit"))
	p.does(waba+"/phone_numbers", knows(`{"data":[`+node(number, `"messaging_limit_tier":"TIER_1K","status":"CONNECTED"`)+`]}`, "whatsapp_business"))
	p.poll()
	assert.Equal(t, tier.Tier1K, p.snapshot().Tier)
	assert.Equal(t, account, p.waba().Portfolio)
	assert.Equal(t, quality.Connected, p.number(number).Health)
	require.Len(t, p.requests(""), 5)

	p.poll()
	assert.Len(t, p.requests(""), 8, "it is remembered")

	p.does(waba+"/phone_numbers", knows(`{"data":[`+node(number, `"status":"BANNED"`)+`]}`, "limit", "score"))
	p.poll()
	assert.Equal(t, quality.Banned, p.number(number).Health)
	assert.Equal(t, tier.Tier1K, p.snapshot().Tier)
}

// A token may see a WABA and not who owns it.
func TestATokenIsAskedForWhatItMaySee(t *testing.T) {
	t.Parallel()
	for _, code := range []int{10, 200, 299} {
		p := newPolled(t)
		p.does(waba, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Query().Get("fields"), "owner_business_info") {
				refuse(w, http.StatusForbidden, code, 0)
				return
			}
			_, _ = w.Write([]byte(`{"id":"` + waba + `","account_review_status":"REJECTED"}`))
		})
		p.poll()
		assert.Equal(t, quality.Banned, p.waba().Health)
	}
}

func TestAfterAFailureAllFieldsAreAskedForAgain(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.fails(waba, http.StatusBadRequest, 100)
	require.Error(t, p.tryPoll())
	require.Len(t, p.requests(waba), 3)
	p.says(waba, wabaOK)
	p.clock.Advance(5 * time.Minute)
	p.poll()
	assert.Equal(t, p.requests(waba)[0].query, p.requests(waba)[3].query)
}

func TestAnObjectThatIsNotThereIsAskedForOnce(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.WABAs = []string{"1"}
	require.Error(t, p.tryPoll())
	assert.Len(t, p.requests("1"), 1)
	assert.Len(t, p.requests("1/phone_numbers"), 1)
}

func TestAPollTellsTemplates(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba+"/message_templates", `{"data":[
		{"name":"order_confirmation","language":"en_US","status":"PAUSED","category":"MARKETING","id":"1"},
		{"name":"hello","language":"de","status":"APPROVED","category":"UTILITY","id":"2"}]}`)
	p.poll()
	d := p.sends()
	assert.Equal(t, governor.TemplateHeld, d.Reason)
	assert.Equal(t, "PAUSED", d.Detail)
	held := p.waba().Held()
	require.Len(t, held, 1)
	assert.Equal(t, "order_confirmation", held[0].Name)

	p.says(waba+"/message_templates", `{"data":[{"name":"order_confirmation","language":"en_US","status":"APPROVED","category":"UTILITY","id":"1"}]}`)
	p.poll()
	assert.True(t, p.sends().Allowed)
	// What it counts as is the platform's to say.
	p.observe(governor.ConsentRevoked{Account: account, Recipient: alice, Topic: governor.TopicMarketing})
	assert.True(t, p.sends().Allowed)
	p.observe(governor.ConsentRevoked{Account: account, Recipient: alice, Topic: governor.TopicUtility})
	assert.False(t, p.sends().Allowed)
}

// pages answers a list of so many pages by their cursors, one item each.
func pages(n int, item func(page int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page := 0
		if after := r.URL.Query().Get("after"); after != "" {
			page, _ = strconv.Atoi(after)
		}
		next := ""
		if page+1 < n {
			next = `,"next":"https://graph.facebook.com/v24.0/x"`
		}
		_, _ = fmt.Fprintf(w, `{"data":[%s],"paging":{"cursors":{"after":"%d"}%s}}`, item(page), page+1, next)
	}
}

func pausedTemplate(page int) string {
	return fmt.Sprintf(`{"name":"t%d","language":"en_US","status":"PAUSED","category":"UTILITY"}`, page)
}

func TestALongListGoesOnInTheNextRound(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.does(waba+"/message_templates", pages(10, pausedTemplate))
	p.poll()
	assert.Len(t, p.waba().Held(), 6, "a round's share is eight requests")
	p.poll()
	assert.Len(t, p.waba().Held(), 10)
	p.poll()
	last := p.requests(waba + "/message_templates")
	assert.Empty(t, last[len(last)-6].query.Get("after"), "then it begins anew")
	assert.Len(t, last, 16)
}

func TestManyNumbersLeaveATurnToTheTemplates(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.does(waba+"/phone_numbers", endless())
	p.does(waba+"/message_templates", pages(2, pausedTemplate))
	p.poll()
	p.poll()
	assert.Len(t, p.waba().Held(), 2)
	assert.Len(t, p.requests(waba), 2)
}

func TestACursorThatThePlatformRefusesIsForgotten(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.does(waba+"/phone_numbers", endless())
	p.poll()
	before := len(p.requests(waba + "/phone_numbers"))
	p.does(waba+"/phone_numbers", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") != "" {
			refuse(w, http.StatusBadRequest, 100, 0)
			return
		}
		_, _ = w.Write([]byte(nothing))
	})
	require.Error(t, p.tryPoll())
	assert.Len(t, p.requests(waba+"/phone_numbers"), before+1, "it is not the fields")
	p.clock.Advance(5 * time.Minute)
	p.poll()
	assert.Len(t, p.requests(waba+"/phone_numbers"), before+2)
}

func TestAPageThatIsFollowedByItselfEndsItsList(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba+"/message_templates", `{"data":[],"paging":{"cursors":{"after":"same"},"next":"x"}}`)
	require.ErrorIs(t, p.tryPoll(), cloudapi.ErrMalformed)
	assert.Len(t, p.requests(waba+"/message_templates"), 2)
}

func TestWhatIsNoNodeIsToldAndTheOthersAreTaken(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba+"/message_templates", `{"data":["x",`+pausedTemplate(1)+`,{"language":"de"}]}`)
	err := p.tryPoll()
	require.ErrorIs(t, err, cloudapi.ErrMalformed)
	require.ErrorIs(t, err, governor.ErrInvalid)
	assert.Len(t, p.waba().Held(), 1)
}

func TestANumberByItselfTellsItsWABAToo(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.WABAs, p.poller.Numbers = nil, []string{number}
	p.says(number, node(number, `"whatsapp_business_manager_messaging_limit":"TIER_2K",`+entities("BLOCKED",
		entity("PHONE_NUMBER", "AVAILABLE", ""), entity("WABA", "BLOCKED", `"id":"`+waba+`"`))))
	p.poll()
	assert.Equal(t, tier.Tier2K, p.snapshot().Tier)
	assert.NotEmpty(t, p.waba().Restrictions)
	assert.Empty(t, p.number(number).Restrictions)
	assert.False(t, p.sends().Allowed)
}

func TestEveryDocumentedNodeIsRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"graph_health_status_available.json", "graph_health_status_limited.json", "graph_phone_default_fields.json",
		"graph_phone_limit_legacy_field.json", "graph_phone_limit_new_field.json", "graph_phone_status.json",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.poller.WABAs, p.poller.Numbers = nil, []string{number}
			p.says(number, payload(t, name))
			p.poll()
			assert.True(t, p.sends().Allowed)
		})
	}
	p := newPolledWith(t, governor.Config{})
	p.says(waba+"/phone_numbers", payload(t, "graph_waba_phone_numbers_list.json"))
	p.poll()
	s, err := p.gov.Snapshot(t.Context(), "1906385232743451")
	require.NoError(t, err)
	require.Len(t, s.Numbers, 1)
	assert.Equal(t, quality.High, s.Numbers[0].Rating)
}
