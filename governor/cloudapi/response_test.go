package cloudapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestEveryAcceptancePayloadIsUnderstood(t *testing.T) {
	t.Parallel()
	const id = "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA"
	want := map[string]cloudapi.Response{
		"resp_send_ok_text":              {MessageID: id, Input: phone, WaID: "16505551234"},
		"resp_send_ok_template_accepted": {MessageID: id, Input: phone, WaID: "16505551234", Status: "accepted"},
		"resp_send_ok_template_held":     {MessageID: id, Input: phone, WaID: "16505551234", Status: "held_for_quality_assessment"},
		"resp_send_ok_bsuid":             {MessageID: id, Input: bsuid, UserID: bsuid, Status: "accepted"},
		"resp_send_ok_no_contacts_group": {MessageID: "wamid.G2", Input: group, GroupID: group},
		"resp_send_ok_input_differs_from_wa_id_brazil": {
			MessageID: id, Input: "+5541988887777", WaID: "554188887777", Status: "accepted",
		},
		"resp_success_true": {Success: true},
	}
	for _, name := range payloads(t, "resp_") {
		require.Contains(t, want, name)
		got, err := cloudapi.ParseResponse(http.StatusOK, payload(t, name))
		require.NoError(t, err, name)
		assert.Equal(t, want[name], got, name)
		assert.NotRegexp(t, phoneLike, cloudapi.Response{Input: phone, WaID: "16505551234"}.String())
	}
}

func TestEveryErrorPayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	type meaning struct {
		status  int
		code    int
		scope   cloudapi.Scope
		affects cloudapi.Affects
		wait    time.Duration
		details string
	}
	const (
		request, number, waba = cloudapi.ScopeRequest, cloudapi.ScopeNumber, cloudapi.ScopeWABA
		recipient, pair       = cloudapi.ScopeRecipient, cloudapi.ScopePair
		template, app         = cloudapi.ScopeTemplate, cloudapi.ScopeApp
		all, nothing          = cloudapi.AffectsAll, cloudapi.AffectsNothing
		initiated             = cloudapi.AffectsBusinessInitiated
	)
	want := map[string]meaning{
		"err_100_direct_send_category":             {400, 100, request, nothing, 0, ""},
		"err_130429_throughput_http400_or_429":     {429, 130429, number, all, time.Second, "throughput has been reached"},
		"err_130497_country_restricted":            {403, 130497, recipient, all, 0, "in certain countries"},
		"err_131030_recipient_not_in_allowed_list": {400, 131030, recipient, all, 0, "not in allowed list"},
		"err_131031_account_locked":                {403, 131031, waba, initiated, 0, "restricted or disabled"},
		"err_131048_spam_rate_limit":               {400, 131048, number, initiated, 24 * time.Hour, "from this phone number"},
		"err_131056_pair_rate_limit":               {400, 131056, pair, all, time.Second, "same recipient phone number"},
		"err_131057_maintenance":                   {500, 131057, number, all, time.Minute, "maintenance mode"},
		"err_131062_bsuid_not_supported":           {400, 131062, request, nothing, 0, "(BSUID) recipients"},
		"err_131064_template_classification_limit": {400, 131064, waba, cloudapi.AffectsUtility, 0, "classification violations"},
		"err_132001_template_missing_http404":      {404, 132001, template, cloudapi.AffectsTemplate, 0, "does not exist in en_US"},
		"err_132015_template_paused":               {400, 132015, template, cloudapi.AffectsTemplate, 0, "paused due to low quality"},
		"err_132016_template_disabled":             {400, 132016, template, cloudapi.AffectsTemplate, 0, "permanently disabled"},
		"err_190_token_expired":                    {401, 190, app, all, 0, ""},
		"err_368_policy_block":                     {403, 368, waba, initiated, 0, "violating a platform policy"},
		"err_4_app_rate_limit":                     {400, 4, app, all, 0, ""},
		"err_80007_waba_rate_limit":                {400, 80007, waba, all, 0, "reached its rate limit"},
	}
	for _, name := range payloads(t, "err_") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, want, name)
			meant := want[name]
			_, err := cloudapi.ParseResponse(meant.status, payload(t, name))
			var got *cloudapi.Error
			require.ErrorAs(t, err, &got)
			info := got.Info()
			assert.True(t, got.Coded)
			assert.True(t, got.NotSent())
			assert.NotEmpty(t, got.Message)
			assert.NotEmpty(t, got.TraceID)
			assert.Equal(t, "OAuthException", got.Type)
			assert.Contains(t, got.Details, meant.details)
			assert.Equal(t, meant.details == "", got.Details == "")
			assert.Equal(t, meant, meaning{got.HTTPStatus, got.Code, info.Scope, info.Affects, info.Wait, meant.details})
			assert.Equal(t, got.Code == 4, got.Transient)
			assert.Equal(t, map[int]int{130429: 2494055, 190: 463}[got.Code], got.Subcode)
		})
	}
}

func TestAnAnswerWithoutACodeIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	for _, step := range []struct {
		status int
		body   string
	}{
		{503, ""},
		{500, "<html>"},
		{502, "{}"},
		{404, "not found"},
		{429, ""},
		{400, "{}"},
		{302, ""},
		{0, ""},
		{400, `{"error":{"message":"no code"}}`},
		{400, `{"error":{"code":"many"}}`},
		{400, `{"error":{"code":1.5}}`},
		{400, `{"error":"text"}`},
		{200, `{"error":{"message":"m"}}`},
		{500, `{"success":true}`},
		{400, `{"error":{"code":99999999999999999999}}`},
	} {
		_, err := cloudapi.ParseResponse(step.status, []byte(step.body))
		var got *cloudapi.Error
		require.ErrorAs(t, err, &got, step.body)
		assert.False(t, got.Coded, step.body)
		assert.False(t, got.NotSent(), step.body)
		assert.Zero(t, got.Info(), step.body)
		assert.Equal(t, step.status, got.HTTPStatus)
		assert.Contains(t, got.Error(), "without a code")
	}
}

func TestACodeOfZeroIsACode(t *testing.T) {
	t.Parallel()
	_, err := cloudapi.ParseResponse(http.StatusUnauthorized, []byte(`{"error":{"code":0,"message":"AuthException"}}`))
	var got *cloudapi.Error
	require.ErrorAs(t, err, &got)
	assert.True(t, got.NotSent())
	assert.EqualError(t, got, "cloudapi: error 0 AuthException (HTTP 401)")
}

func TestAnErrorObjectCountsWhateverTheStatus(t *testing.T) {
	t.Parallel()
	_, err := cloudapi.ParseResponse(http.StatusOK, []byte(`{"error":{"code":"131026","error_data":"{\"details\":\"d\"}"}}`))
	var got *cloudapi.Error
	require.ErrorAs(t, err, &got)
	assert.Equal(t, 131026, got.Code)
	assert.Equal(t, "d", got.Details)
	assert.EqualError(t, got, "cloudapi: error 131026 Message undeliverable (HTTP 200)")

	_, err = cloudapi.ParseResponse(http.StatusBadRequest, []byte(`{"error":{"code":987654}}`))
	require.EqualError(t, err, "cloudapi: error 987654 (HTTP 400)")
}

func TestAnAcceptanceThatCannotBeReadIsNoRejection(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "ok", "[]", "null", `"x"`, "{"} {
		_, err := cloudapi.ParseResponse(http.StatusOK, []byte(body))
		require.ErrorIs(t, err, cloudapi.ErrMalformed, body)
		var rejected *cloudapi.Error
		require.False(t, errors.As(err, &rejected), body)
	}
	for _, body := range []string{"{}", `{"messages":[]}`, `{"messages":null,"contacts":7}`, `{"error":null}`} {
		got, err := cloudapi.ParseResponse(http.StatusOK, []byte(body))
		require.NoError(t, err, body)
		assert.Zero(t, got, body)
	}
	got, err := cloudapi.ParseResponse(http.StatusOK, []byte(`{"messages":{"id":"wamid.1"},"contacts":{"wa_id":"US.1349"}}`))
	require.NoError(t, err)
	assert.Equal(t, cloudapi.Response{MessageID: "wamid.1", UserID: "US.1349"}, got)
}

func TestAnErrorNeverShowsAPhoneNumber(t *testing.T) {
	t.Parallel()
	body := `{"error":{"code":100,"message":"bad +1 (650) 555-1234","title":"16505551234","type":"16505551234",` +
		`"error_data":{"details":"to US.13491208655302741918, US.ENT.ab12cd34 or 650.555.1234 from 1650 555 1234."}}}`
	_, err := cloudapi.ParseResponse(http.StatusBadRequest, []byte(body))
	var got *cloudapi.Error
	require.ErrorAs(t, err, &got)
	for _, text := range []string{got.Message, got.Title, got.Type, got.Details, got.Error()} {
		assert.NotRegexp(t, phoneLike, text)
		assert.NotContains(t, text, "US.")
	}
	for in, want := range map[string]string{
		"bad +1 (650) 555-1234":            "bad +[…]",
		"(#131026) after 24 hours":         "(#131026) after 24 hours",
		"to US.13491208655302741918.":      "to […].",
		"in en_US":                         "in en_US",
		"a16505551234b":                    "a[…]b",
		"٠١٢٣٤٥٦٧":                         "[…]",
		"see us.whatsapp.com for 24 hours": "see us.whatsapp.com for 24 hours",
		"":                                 "",
	} {
		assert.Equal(t, want, cloudapi.Scrub(in))
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("bad +1 (650) 555-1234, US.13491208655302741918")
	f.Add("1 2 3 4 5 6 ٧")
	f.Add("0000000AA.0000")
	f.Fuzz(func(t *testing.T, text string) {
		got := cloudapi.Scrub(text)
		require.NotRegexp(t, phoneLike, got)
		if !strings.Contains(text, "[…]") {
			require.Equal(t, got != text, strings.Contains(got, "[…]"))
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	for _, name := range append(payloads(f, "resp_"), payloads(f, "err_")...) {
		f.Add(200, payload(f, name))
		f.Add(400, payload(f, name))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		_, err := cloudapi.ParseResponse(status, body)
		require.False(t, err == nil && (status < 200 || status > 299))
		var got *cloudapi.Error
		if errors.As(err, &got) {
			require.NotRegexp(t, phoneLike, got.Message+"\n"+got.Title+"\n"+got.Details)
			require.Equal(t, got.NotSent(), got.Coded && cloudapi.Lookup(got.Code).NotSent)
		}
	})
}
