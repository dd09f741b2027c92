package governortest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestARestrictionStopsWhatItNamesUntilItLapses(t *testing.T) {
	t.Parallel()
	const business, customer = governortest.RestrictBusinessInitiated, governortest.RestrictCustomerInitiated
	directSend := `{"messaging_product":"whatsapp","to":"` + alice + `","category":"utility","text":{"body":"Shipped"}}`
	for _, row := range []struct {
		kind                       string
		template, direct, freeForm int
	}{
		{business, 131048, 131048, 0},
		{customer, 368, 368, 368},
		{governortest.RestrictDirectSendUtility, 0, 139200, 0},
		{"RESTRICTED_ADD_PHONE_NUMBER_ACTION", 0, 0, 0},
		{"RESTRICTED_SOMETHING_NEW", 0, 0, 0},
	} {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			api := governortest.NewPlatform(t, governortest.PlatformConfig{})
			api.Inbound(number, alice)
			until := t0.Add(time.Hour)
			api.Restrict(governortest.DefaultWABA, row.kind, until)
			walk(t, api, []step{
				{at: t0, body: template(alice), want: row.template},
				{at: t0, body: directSend, want: row.direct},
				{at: until.Add(-1), body: text(alice), want: row.freeForm},
				{at: until, body: template(alice)},
				{at: until, body: directSend},
				{at: until, body: text(alice)},
			})
		})
	}
}

func TestARestrictionIsOneAccountsUnlessItIsEverybodys(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Numbers: []governortest.PlatformNumber{
		{ID: number, WABA: "one"}, {ID: another, WABA: "two"},
	}})
	api.Restrict("one", governortest.RestrictBusinessInitiated, time.Time{})
	steps := []step{
		{at: t0.Add(365 * day), body: template(alice), want: 131048}, // for good
		{at: t0.Add(365 * day), from: another, body: template(alice)},
	}
	walk(t, api, steps)

	api.Unrestrict("one")
	require.Zero(t, send(t, api, number, template(alice)).code)

	api.Restrict("", governortest.RestrictBusinessInitiated, time.Time{})
	require.Equal(t, 131048, send(t, api, number, template(alice)).code)
	require.Equal(t, 131048, send(t, api, another, template(alice)).code)
	api.Unrestrict("one")
	require.Equal(t, 131048, send(t, api, number, template(alice)).code, "that was put on all")
	api.Unrestrict("")
	require.Zero(t, send(t, api, number, template(alice)).code)
}

func TestALockedAccountSendsNothing(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Numbers: []governortest.PlatformNumber{
		{ID: number, WABA: "one"}, {ID: another, WABA: "two"},
	}})
	api.Inbound(number, alice)
	api.Lock("one")
	r := send(t, api, number, text(alice))
	require.Equal(t, 131031, r.code)
	require.Equal(t, http.StatusForbidden, r.status)
	require.Zero(t, send(t, api, another, template(alice)).code)
	api.Unlock("one")
	require.Zero(t, send(t, api, number, text(alice)).code)
	api.Lock("")
	require.Equal(t, 131031, send(t, api, another, template(alice)).code)
}

func TestTheStatusOfANumberDecidesWhatItSends(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status             string
		template, freeForm int
	}{
		{"CONNECTED", 0, 0},
		{"FLAGGED", 0, 0},
		{"RESTRICTED", 131048, 0},
		{"RATE_LIMITED", 131048, 0},
		{"BANNED", 131031, 131031},
		{"PENDING", 133010, 133010},
		{"OFFLINE", 133010, 133010},
		{"SOMETHING_NEW", 133010, 133010},
		{"", 133010, 133010},
	} {
		t.Run(row.status, func(t *testing.T) {
			t.Parallel()
			api := governortest.NewPlatform(t, governortest.PlatformConfig{})
			api.Inbound(number, alice)
			api.SetStatus(number, row.status)
			require.Equal(t, row.template, send(t, api, number, template(alice)).code)
			require.Equal(t, row.freeForm, send(t, api, number, text(alice)).code)
			require.Zero(t, send(t, api, another, template(alice)).code, "it is one number's")
		})
	}
}

func TestSteeringAnUnknownNumberOrTemplateDoesNothing(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{
		Numbers:   []governortest.PlatformNumber{{ID: number}},
		Templates: []governortest.PlatformTemplate{{Name: "order_confirmation", Language: "en_US"}},
	})
	api.SetStatus(another, "BANNED")
	api.SetQuality(another, "RED")
	api.PauseTemplate("other")
	require.Zero(t, send(t, api, number, template(alice)).code)
}

func TestAPausedTemplateFailsUntilItIsResumed(t *testing.T) {
	t.Parallel()
	other := strings.ReplaceAll(template(alice), "order_confirmation", "other")
	for _, templates := range [][]governortest.PlatformTemplate{
		nil,
		{{Name: "order_confirmation", Language: "en_US"}, {Name: "order_confirmation", Language: "pt_BR"}, {Name: "other", Language: "en_US"}},
	} {
		api := governortest.NewPlatform(t, governortest.PlatformConfig{Templates: templates})
		api.PauseTemplate("order_confirmation")
		require.Equal(t, 132015, send(t, api, number, template(alice)).code)
		require.Equal(t, 132015, send(t, api, number, strings.ReplaceAll(template(alice), "en_US", "pt_BR")).code)
		require.Zero(t, send(t, api, number, other).code)
		api.DisableTemplate("order_confirmation")
		require.Equal(t, 132016, send(t, api, number, template(alice)).code)
		api.ResumeTemplate("order_confirmation")
		require.Zero(t, send(t, api, number, template(alice)).code)
		require.Equal(t, 1, api.Used(number), "attempts with a paused template do not count")
	}
}

func TestATemplateThatIsNotApprovedDoesNotExist(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{
		Templates: []governortest.PlatformTemplate{{Name: "order_confirmation", Language: "pt_BR"}},
	})
	r := send(t, api, number, template(alice))
	require.Equal(t, 132001, r.code)
	require.Equal(t, http.StatusNotFound, r.status)
	require.Equal(t, "template name (order_confirmation) does not exist in en_US", r.body.Error.Data.Details)
	require.Zero(t, send(t, api, number, strings.ReplaceAll(template(alice), "en_US", "pt_BR")).code)
}

func TestInjectedRejectionsComeInTheirOrder(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.FailNext(131049, 0)
	api.FailNext(131056, http.StatusTooManyRequests)
	api.FailNext(424242, 0)
	api.FailNext(0, 0)
	api.FailNext(0, http.StatusBadGateway)

	require.Equal(t, 100, send(t, api, number, `{`).code, "a malformed one is not what they wait for")
	for _, want := range []struct{ status, code int }{
		{http.StatusBadRequest, 131049},
		{http.StatusTooManyRequests, 131056},
		{http.StatusBadRequest, 424242},
		{http.StatusUnauthorized, 0},
	} {
		r := send(t, api, number, template(alice))
		require.Equal(t, want.status, r.status)
		require.Equal(t, want.code, r.code)
		require.NotEmpty(t, r.body.Error.Message)
	}
	r := send(t, api, number, template(alice))
	require.Equal(t, http.StatusBadGateway, r.status)
	require.Empty(t, r.raw, "something in between answered")
	require.Zero(t, api.Used(number))
	require.Len(t, api.Rejected(), 6)
	require.Equal(t, http.StatusBadGateway, api.Requests()[5].Status)

	require.Zero(t, send(t, api, number, template(alice)).code)
}

func TestAnInjectedRejectionLooksAsDocumented(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		code   int
		fields string
	}{
		{4, `"message":"(#4) Application request limit reached","is_transient":true`},
		{190, `"message":"Error validating access token: Session has expired.","error_subcode":463`},
		{130429, `"message":"(#130429) Rate limit hit","error_subcode":2494055,"error_data":{"messaging_product":"whatsapp","details":"Cloud API message throughput has been reached."}`},
		{131026, `"message":"(#131026) Message Undeliverable"`},
		{131057, `"message":"(#131057) Account in maintenance mode","error_data":{"messaging_product":"whatsapp","details":"Business Account is in maintenance mode"}`},
	} {
		api := governortest.NewPlatform(t, governortest.PlatformConfig{})
		api.FailNext(row.code, 0)
		r := send(t, api, number, template(alice))
		require.JSONEq(t, fmt.Sprintf(`{"error":{"type":"OAuthException","code":%d,"fbtrace_id":%q,%s}}`, row.code, r.body.Error.Trace, row.fields), r.raw)
	}
}

func TestADeliveryThatFailsDoesNotCount(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.FailNextDelivery(131026)
	require.Zero(t, send(t, api, number, template(alice)).code)
	require.Zero(t, api.Used(number))
	m := api.Accepted()[0]
	require.False(t, m.Counted)
	require.Equal(t, 131026, m.Code)
	require.Zero(t, send(t, api, number, template(alice)).code)
	require.Equal(t, 1, api.Used(number))
}

func TestADroppedAnswerLeavesTheMessageDelivered(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1})
	api.DropNext()
	require.Equal(t, 131047, send(t, api, number, text(alice)).code, "it waits for one that is accepted")

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api.URL()+"/v25.0/"+number+"/messages", strings.NewReader(template(alice)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		require.NoError(t, res.Body.Close())
	}
	require.Error(t, err)
	require.Len(t, api.Accepted(), 1)
	require.Equal(t, 1, api.Used(number))
	require.Equal(t, 131048, send(t, api, number, template(bob)).code)
	require.Zero(t, send(t, api, number, template(alice)).code, "only one is dropped")
}
