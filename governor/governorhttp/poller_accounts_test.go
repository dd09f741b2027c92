package governorhttp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

func TestAccountsGroupsTheNumbersOfAllWABAsByPortfolio(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Governor = nil
	p.poller.WABAs = []string{waba, "3", secondWABA, "4"}
	p.says(waba, `{"id":"`+waba+`","owner_business_info":{"id":"9"},"whatsapp_business_manager_messaging_limit":"TIER_10K"}`)
	p.does(waba+"/phone_numbers", pages(12, func(page int) string {
		return node("10000"+string(rune('a'+page)), `"throughput":{"level":"HIGH"},"whatsapp_business_manager_messaging_limit":"TIER_2K"`)
	}))
	p.says("3", `{"id":"3","owner_business_info":{"id":"8"},"whatsapp_business_manager_messaging_limit":"TIER_250"}`)
	p.says("3/phone_numbers", `{"data":[`+node("30000", `"messaging_limit_tier":"TIER_1K"`)+`]}`)
	p.says(secondWABA, `{"id":"`+secondWABA+`","owner_business_info":{"id":"9"},"whatsapp_business_manager_messaging_limit":"TIER_10K"}`)
	p.says(secondWABA+"/phone_numbers", `{"data":[`+node(secondNumber, "")+`]}`)
	p.says("4", `{"id":"4","owner_business_info":{"id":"7"}}`)
	p.says("4/phone_numbers", nothing)

	accounts, err := p.poller.Accounts(t.Context())
	require.NoError(t, err)
	require.Len(t, accounts, 2)
	assert.Equal(t, governor.Account{ID: "8", Tier: tier.Tier250, Numbers: []governor.Number{{ID: "30000", WABA: "3"}}}, accounts[0])
	assert.Equal(t, "9", accounts[1].ID)
	assert.Equal(t, tier.Tier2K, accounts[1].Tier, "of several limits the smallest")
	require.Len(t, accounts[1].Numbers, 13)
	assert.Equal(t, governor.Number{ID: "10000a", WABA: waba, PerSecond: 1000}, accounts[1].Numbers[0])
	assert.Equal(t, governor.Number{ID: secondNumber, WABA: secondWABA}, accounts[1].Numbers[12])
	_, err = governor.New(memstore.New(), governor.Config{Accounts: accounts})
	require.NoError(t, err)
}

// Two accounts for one portfolio would send twice its limit.
func TestAccountsIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(*polled){
		"a WABA":             func(p *polled) { p.fails(secondWABA, http.StatusForbidden, 200) },
		"its numbers":        func(p *polled) { p.fails(secondWABA+"/phone_numbers", http.StatusInternalServerError, 2) },
		"its portfolio":      func(p *polled) { p.says(secondWABA, `{"id":"`+secondWABA+`"}`) },
		"one of the numbers": func(p *polled) { p.says(secondWABA+"/phone_numbers", `{"data":[1]}`) },
		"an endless list":    func(p *polled) { p.does(secondWABA+"/phone_numbers", endless()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.poller.WABAs = []string{waba, secondWABA}
			p.lists(node(number, ""))
			p.says(secondWABA, `{"id":"`+secondWABA+`","owner_business_info":{"id":"9"}}`)
			p.says(secondWABA+"/phone_numbers", `{"data":[`+node(secondNumber, "")+`]}`)
			broken(p)
			accounts, err := p.poller.Accounts(t.Context())
			require.Error(t, err)
			assert.Empty(t, accounts)
			faults := pollErrors(err)
			require.Len(t, faults, 1)
			assert.Equal(t, secondWABA, faults[0].WABA)
			assert.LessOrEqual(t, busiestHour(p.requests(secondWABA+"/phone_numbers")), 100)
		})
	}
}

func TestPortfolioNamesTheOwnerOfAWABA(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller = &governorhttp.Poller{BaseURL: p.poller.BaseURL, Clock: p.clock}
	id, name, err := p.poller.Portfolio(t.Context(), waba)
	require.NoError(t, err)
	assert.Equal(t, account, id)
	assert.Equal(t, "Lucky Shrub", name)

	p.fails(waba, http.StatusUnauthorized, 190)
	_, _, err = p.poller.Portfolio(t.Context(), waba)
	var refusal *cloudapi.Error
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, 190, refusal.Code)
	var fault *governorhttp.PollError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "account", fault.Part)
}
