package governorhttp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// entities is the health_status of a WABA or number.
func entities(overall string, each ...string) string {
	list := ""
	for i, e := range each {
		if i > 0 {
			list += ","
		}
		list += e
	}
	return `"health_status":{"can_send_message":"` + overall + `","entities":[` + list + `]}`
}

func entity(kind, word, rest string) string {
	if rest != "" {
		rest = "," + rest
	}
	return `{"entity_type":"` + kind + `","can_send_message":"` + word + `"` + rest + `}`
}

const unpaid = `"errors":[{"error_code":141006,"error_description":"There is an error with the payment method."}]`

func TestABlockedEntityRestrictsItsNumberOrItsWABA(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, waba, number string
		ofNumber, ofWABA   bool
	}{
		{"all available", entities("AVAILABLE", entity("WABA", "AVAILABLE", "")), entities("AVAILABLE", entity("PHONE_NUMBER", "AVAILABLE", "")), false, false},
		{"the number", "", entities("BLOCKED", entity("PHONE_NUMBER", "BLOCKED", ""), entity("WABA", "AVAILABLE", "")), true, false},
		{"the WABA", entities("BLOCKED", entity("WABA", "BLOCKED", "")), "", false, true},
		{"the portfolio", entities("BLOCKED", entity("WABA", "AVAILABLE", ""), entity("BUSINESS", "BLOCKED", "")), "", false, true},
		{"the app alone", entities("BLOCKED", entity("WABA", "AVAILABLE", ""), entity("APP", "BLOCKED", "")), "", false, false},
		{"limited", entities("LIMITED", entity("WABA", "LIMITED", "")), `"health_status":` + limitedHealth, false, false},
		{"a word that nobody knows", "", entities("AVAILABLE", entity("PHONE_NUMBER", "ASLEEP", "")), true, false},
		{"an entity that nobody knows", entities("BLOCKED", entity("PLANET", "BLOCKED", "")), "", false, true},
		{"no word for the entity, but for the whole", "", entities("BLOCKED", `{"entity_type":"PHONE_NUMBER"}`), true, false},
		{"no entities", "", `"health_status":{"can_send_message":"BLOCKED"}`, true, false},
		{"nothing", `"health_status":{}`, "", false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			fields := row.waba
			if fields != "" {
				fields = "," + fields
			}
			p.says(waba, `{"id":"`+waba+`"`+fields+`}`)
			p.lists(node(number, row.number))
			p.poll()
			assert.Equal(t, row.ofNumber, len(p.number(number).Restrictions) > 0)
			assert.Equal(t, row.ofWABA, len(p.waba().Restrictions) > 0)
			assert.Equal(t, !row.ofNumber && !row.ofWABA, p.sends().Allowed)
		})
	}
}

func TestABlockOfCallsAloneRestrictsNothing(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.WABAs, p.poller.Numbers = nil, []string{number}
	p.says(number, payload(t, "graph_health_status_blocked_sip.json"))
	p.poll()
	assert.True(t, p.sends().Allowed)
	assert.Empty(t, p.number(number).Restrictions)
}

func TestABlockedHealthLetsRepliesPass(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED", ""))+`}`)
	p.poll()
	assert.False(t, p.sends().Allowed)
	d, err := p.gov.Check(t.Context(), governor.Message{From: number, To: alice, Kind: governor.Reply})
	require.NoError(t, err)
	assert.True(t, d.Allowed)
}

func TestAvailableAgainLiftsWhatThePollReportedAndNothingElse(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	blocked := `{"id":"` + waba + `",` + entities("BLOCKED", entity("WABA", "BLOCKED", "")) + `}`
	available := `{"id":"` + waba + `",` + entities("AVAILABLE", entity("WABA", "AVAILABLE", "")) + `}`
	p.says(waba, blocked)
	p.poll()
	p.observe(
		governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{Type: quality.RestrictedUtility, At: p.clock.Now()}},
		governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{Type: quality.AccountLocked, At: p.clock.Now()}},
		governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{Type: quality.PaymentIssue, At: p.clock.Now()}},
	)
	require.Len(t, p.waba().Restrictions, 4)

	p.says(waba, available)
	p.poll()
	var types []quality.RestrictionType
	for _, r := range p.waba().Restrictions {
		types = append(types, r.Type)
	}
	assert.Equal(t, []quality.RestrictionType{quality.AccountLocked, quality.PaymentIssue, quality.RestrictedUtility}, types)
}

// Another process may have told of the block: the type is the polls' alone.
func TestAPollerLiftsWhatAnEarlierOneReported(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node(number, entities("BLOCKED", entity("PHONE_NUMBER", "BLOCKED", ""))))
	p.poll()
	require.False(t, p.sends().Allowed)

	next := newPolled(t)
	next.lists(node(number, entities("AVAILABLE", entity("PHONE_NUMBER", "AVAILABLE", ""))))
	next.poller.Governor, next.poller.Clock = p.gov, p.clock
	p.clock.Advance(time.Minute)
	require.NoError(t, next.poller.Poll(t.Context()))
	assert.True(t, p.sends().Allowed)
}

func TestABadMeansOfPaymentIsAPaymentIssue(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED", unpaid))+`}`)
	p.poll()
	restrictions := p.waba().Restrictions
	require.Len(t, restrictions, 1)
	assert.Equal(t, quality.PaymentIssue, restrictions[0].Type)
	assert.Equal(t, "There is an error with the payment method.", p.waba().Payment)
	assert.False(t, p.sends().Allowed)

	p.says(waba, `{"id":"`+waba+`",`+entities("AVAILABLE", entity("WABA", "AVAILABLE", ""))+`}`)
	p.poll()
	assert.Empty(t, p.waba().Restrictions)
	assert.Equal(t, "OK", p.waba().Payment)
	assert.True(t, p.sends().Allowed)
}

func TestABadMeansOfPaymentThatBlocksNothingIsToldOnly(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("LIMITED", entity("WABA", "LIMITED", unpaid))+`}`)
	p.poll()
	assert.Empty(t, p.waba().Restrictions)
	assert.Equal(t, "There is an error with the payment method.", p.waba().Payment)
}

func TestBesideABadMeansOfPaymentOtherErrorsBlockToo(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED",
		`"errors":[{"error_code":131042},{"error_code":141010}]`))+`}`)
	p.poll()
	restrictions := p.waba().Restrictions
	require.Len(t, restrictions, 2)
	assert.Equal(t, quality.RestrictionType("HEALTH_STATUS_BLOCKED"), restrictions[0].Type)
	assert.Equal(t, quality.PaymentIssue, restrictions[1].Type)
	assert.Equal(t, "error 131042", p.waba().Payment)
}

// A send that was refused with 131042 is newer evidence than the poll's own.
func TestAPaymentIssueThatASendMetLaterIsNotLifted(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED", unpaid))+`}`)
	p.poll()
	p.clock.Advance(time.Second)
	p.observe(governor.SendRefused{Number: number, WABA: waba, Code: 131042, At: p.clock.Now()})
	p.says(waba, `{"id":"`+waba+`",`+entities("AVAILABLE", entity("WABA", "AVAILABLE", ""))+`}`)
	p.poll()
	assert.False(t, p.sends().Allowed)
	require.Len(t, p.waba().Restrictions, 1)
}

func TestABlockOutlivesItsPollerByTwoHoursAtMost(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED", ""))+`}`)
	p.poll()
	p.clock.Advance(59 * time.Minute)
	assert.False(t, p.sends().Allowed)
	p.clock.Advance(61 * time.Minute)
	assert.True(t, p.sends().Allowed)
}

func TestABlockHoldsFromRoundToRoundHoweverRareTheyAre(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Interval = 6 * time.Hour
	p.poller.Random = func() float64 { return 1 }
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED", ""))+`}`)
	require.Error(t, p.run(3*24*time.Hour))
	assert.Empty(t, p.told(governor.NoticeLifted))
	assert.False(t, p.sends().Allowed)
}

func TestABlockThatStaysIsToldOnceAnHour(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.says(waba, `{"id":"`+waba+`",`+entities("BLOCKED", entity("WABA", "BLOCKED", ""))+`}`)
	require.Error(t, p.run(3*time.Hour-time.Minute))
	assert.Len(t, p.told(governor.NoticeRestricted), 3)
	assert.False(t, p.sends().Allowed)
}
