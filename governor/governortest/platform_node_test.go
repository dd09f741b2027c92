package governortest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestAPhoneNumberIsDescribedByTheFieldsAskedFor(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 2000})
	path := "/v25.0/" + number
	describe := func(query string) string {
		r := do(t, api, http.MethodGet, path+query, "", "")
		require.Equal(t, http.StatusOK, r.status, r.raw)
		return r.raw
	}
	require.JSONEq(t, `{"status":"CONNECTED","id":"`+number+`"}`, describe("?fields=status"))
	require.JSONEq(t, `{"id":"`+number+`","status":"CONNECTED","quality_rating":"GREEN","quality_score":{"score":"GREEN"},
		"whatsapp_business_manager_messaging_limit":"TIER_2K","throughput":{"level":"STANDARD"}}`,
		describe("?fields=id,status,quality_rating,quality_score{score,date},whatsapp_business_manager_messaging_limit,%20throughput"))
	require.JSONEq(t, `{"id":"`+number+`","verified_name":"A business","code_verification_status":"VERIFIED",
		"display_phone_number":"15550783881","quality_rating":"GREEN","platform_type":"CLOUD_API","throughput":{"level":"STANDARD"}}`,
		describe(""), "the limit and the status are not among the default fields")
	require.JSONEq(t, `{"id":"`+number+`"}`, describe("?fields=last_onboarded_time,webhook_configuration"), "no value, no field")

	api.SetStatus(number, "RESTRICTED")
	api.SetQuality(number, "RED")
	require.JSONEq(t, `{"id":"`+number+`","status":"RESTRICTED","quality_rating":"RED","is_on_biz_app":false,"name_status":"APPROVED","account_mode":"LIVE"}`,
		describe("?fields=status,quality_rating,is_on_biz_app,name_status,account_mode"))
}

func TestALimitIsWrittenAsATier(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		limit int
		tier  string
	}{
		{0, "TIER_0"},
		{3, "TIER_3"},
		{50, "TIER_50"},
		{250, "TIER_250"},
		{1000, "TIER_1K"},
		{2000, "TIER_2K"},
		{10_000, "TIER_10K"},
		{100_000, "TIER_100K"},
		{governortest.Unlimited, "TIER_UNLIMITED"},
	} {
		api := governortest.NewPlatform(t, governortest.PlatformConfig{})
		api.SetLimit(row.limit)
		r := do(t, api, http.MethodGet, "/"+number+"?fields=whatsapp_business_manager_messaging_limit,messaging_limit_tier", "", "")
		require.JSONEq(t, `{"id":"`+number+`","whatsapp_business_manager_messaging_limit":"`+row.tier+`","messaging_limit_tier":"`+row.tier+`"}`, r.raw)
	}
}

func TestAHealthStatusIsTheWorstOfItsEntities(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name                  string
		steer                 func(*governortest.Platform)
		overall, phone, whole string
	}{
		{"well", func(*governortest.Platform) {}, "AVAILABLE", "AVAILABLE", "AVAILABLE"},
		{"locked", func(p *governortest.Platform) { p.Lock("") }, "BLOCKED", "AVAILABLE", "BLOCKED"},
		{"banned", func(p *governortest.Platform) { p.SetStatus(number, "BANNED") }, "BLOCKED", "BLOCKED", "AVAILABLE"},
		{"restricted", func(p *governortest.Platform) {
			p.Restrict(governortest.DefaultWABA, governortest.RestrictBusinessInitiated, t0.Add(day))
		}, "BLOCKED", "AVAILABLE", "BLOCKED"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			api := governortest.NewPlatform(t, governortest.PlatformConfig{})
			row.steer(api)
			r := do(t, api, http.MethodGet, "/"+number+"?fields=health_status", "", "")
			require.JSONEq(t, `{"id":"`+number+`","health_status":{"can_send_message":"`+row.overall+`","entities":[
				{"entity_type":"PHONE_NUMBER","id":"`+number+`","can_send_message":"`+row.phone+`"},
				{"entity_type":"WABA","id":"`+governortest.DefaultWABA+`","can_send_message":"`+row.whole+`"}]}}`, r.raw)
		})
	}
}

func TestAskingForWhatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Numbers: []governortest.PlatformNumber{{ID: number, Throughput: 1000}}})
	for _, path := range []string{"/", "/v25.0", "/v25.0/" + another, "/v25.0/" + number + "/nothing"} {
		r := do(t, api, http.MethodGet, path, "", "")
		require.Equal(t, http.StatusBadRequest, r.status, path)
		require.Equal(t, 100, r.code, path)
		require.Equal(t, 33, r.body.Error.Subcode, path)
		require.NotEmpty(t, r.body.Error.Trace)
	}
	r := do(t, api, http.MethodGet, "/"+number+"?fields=status,message_limits", "", "")
	require.Equal(t, 100, r.code)
	require.Equal(t, "(#100) Tried accessing nonexisting field (message_limits)", r.body.Error.Message)
	require.JSONEq(t, `{"id":"`+number+`","throughput":{"level":"HIGH"}}`,
		do(t, api, http.MethodGet, "/"+number+"?fields=throughput", "", "").raw)
}
