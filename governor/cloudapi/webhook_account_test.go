package cloudapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// waba is where the platform's examples of account changes come from.
func waba(field string, reported int64) cloudapi.Origin {
	return cloudapi.Origin{WABA: "102290129340398", Field: field, Reported: at(reported)}
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// account is an account_update of the platform's examples, with changes.
func account(reported int64, event string, change func(*cloudapi.AccountUpdate)) cloudapi.AccountUpdate {
	a := cloudapi.AccountUpdate{Origin: waba("account_update", reported), Event: event, Subject: "102290129340398"}
	if change != nil {
		change(&a)
	}
	return a
}

func restricted(violation string, restrictions ...cloudapi.Restriction) cloudapi.AccountUpdate {
	return account(1641330498, "ACCOUNT_RESTRICTION", func(a *cloudapi.AccountUpdate) {
		a.Violation, a.Restrictions = violation, restrictions
	})
}

func banned(reported int64, state, text string, when time.Time) cloudapi.AccountUpdate {
	return account(reported, "DISABLED_UPDATE", func(a *cloudapi.AccountUpdate) {
		a.BanState, a.BanDateText, a.BanDate = state, text, when
	})
}

// partner is an event in which the entry names the partner's business and the
// content the WABA.
func partner(reported int64, event, subject string) cloudapi.AccountUpdate {
	return account(reported, event, func(a *cloudapi.AccountUpdate) { a.WABA, a.Subject = "2949482758682047", subject })
}

func TestEveryAccountUpdatePayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	const (
		initiated = "RESTRICTED_BIZ_INITIATED_MESSAGING"
		replies   = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"
		numbers   = "RESTRICTED_ADD_PHONE_NUMBER_ACTION"
	)
	until := func(kind string, expires int64) cloudapi.Restriction {
		return cloudapi.Restriction{Type: kind, Expires: at(expires)}
	}
	const then = 1641330498
	withNumber := func(a cloudapi.AccountUpdate, number string) cloudapi.AccountUpdate {
		a.PhoneNumber = number
		return a
	}
	uninstalled := partner(1748477359, "PARTNER_APP_UNINSTALLED", "184943124712545")
	want := map[string]cloudapi.AccountUpdate{
		"deleted":                      account(1743451903, "ACCOUNT_DELETED", nil),
		"offboarded":                   account(1743451903, "ACCOUNT_OFFBOARDED", nil),
		"reconnected":                  account(1743451903, "ACCOUNT_RECONNECTED", nil),
		"auth_intl_eligibility":        account(1743451903, "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", nil),
		"primary_country":              account(1743138982, "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", nil),
		"volume_pricing_tier":          account(1743451903, "VOLUME_BASED_PRICING_TIER_UPDATE", nil),
		"partner_client_certification": account(1743138982, "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", nil),
		"verified_account_legacy":      withNumber(account(1604703058, "VERIFIED_ACCOUNT", nil), "1111111111111"),
		"violation": account(1743451903, "ACCOUNT_VIOLATION", func(a *cloudapi.AccountUpdate) {
			a.Violation = "ADULT"
		}),

		"ad_account_linked":    partner(1744823932, "AD_ACCOUNT_LINKED", "980198427658004"),
		"mm_lite_terms_signed": partner(1744823932, "MM_LITE_TERMS_SIGNED", "980198427658004"),
		"partner_added":        partner(1744823932, "PARTNER_ADDED", "980198427658004"),
		"partner_removed_disconnection": account(1748477359, "PARTNER_REMOVED", func(a *cloudapi.AccountUpdate) {
			a.Subject, a.DisconnectReason, a.DisconnectedBy = "980198427658004", "PRIMARY_INACTIVITY", "SYSTEM"
		}),
		"partner_app_installed_MALFORMED_IN_DOCS": partner(
			1745337174, "PARTNER_APP_INSTALLED", "1191624265890717"),
		"partner_app_uninstalled_MALFORMED_IN_DOCS": uninstalled,

		"disabled":                  banned(then, "DISABLE", "April 17, 2025", day(2025, time.April, 17)),
		"scheduled_for_disable":     banned(then, "SCHEDULE_FOR_DISABLE", "January 31, 2021", day(2021, time.January, 31)),
		"disabled_update_reinstate": banned(1743451903, "REINSTATE", "April 17, 2025", day(2025, time.April, 17)),

		"restriction_biz_initiated": restricted("", until(initiated, then), until(numbers, then)),
		"restriction_all_incl_customer_initiated": restricted("",
			until(numbers, then), until(initiated, then), until(replies, then)),
		"restriction_expiration_string_legacy": withNumber(restricted("", until(initiated, then)), "15550783881"),
		"restriction_with_remediation": restricted("", cloudapi.Restriction{
			Type: initiated, Expires: at(then),
			Remediation: "Review your messaging practices and ensure compliance with WhatsApp policies.",
		}),
		"utility_abuse_warning":    restricted("UTILITY_TEMPLATE_ABUSE"),
		"utility_abuse_unban":      restricted("UTILITY_TEMPLATE_ABUSE_UNBAN"),
		"utility_abuse_suspension": restricted("UTILITY_TEMPLATE_ABUSE", until("RESTRICTED_UTILITY_TEMPLATES", 1790000000)),
		"utility_rate_limit": restricted("UTILITY_TEMPLATE_ABUSE_RATE_LIMIT",
			until("RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING", 1790000000)),
		"utility_rate_limit_recovery": restricted("UTILITY_TEMPLATE_ABUSE_RATE_LIMIT_RECOVERY"),
	}
	names := payloads(t, "wh_account_update_")
	require.Len(t, want, len(names))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			short := name[len("wh_account_update_"):]
			require.Contains(t, want, short)
			assert.Equal(t, []cloudapi.Change{want[short]}, changesOf(t, name))
		})
	}
}

func TestAlertsReviewsNamesAndSecurityAreRead(t *testing.T) {
	t.Parallel()
	alert := func(severity, kind, description string) cloudapi.AccountAlert {
		return cloudapi.AccountAlert{
			Origin: waba("account_alerts", 1745612159), EntityType: "BUSINESS", EntityID: "506914307656634",
			Severity: severity, Active: true, Type: kind, Description: description,
		}
	}
	const (
		deferred = "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED"
		refused  = "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED"
	)
	name := waba("phone_number_name_update", 1739321024)
	name.DisplayNumber = "15550783881"
	security := waba("security", 1748811473)
	security.DisplayNumber = "15550783881"
	for payloadName, want := range map[string]cloudapi.Change{
		"wh_account_alerts_flat_legacy_shape": alert("WARNING", deferred, "..."),
		"wh_account_alerts_limit_increase_deferred": alert("WARNING", deferred, "Limits cannot be increased for your business "+
			"<BUSINESS_PORTFOLIO_NAME>. Use WhatsApp Business platform actively for several days and follow our messaging "+
			"policies."),
		"wh_account_alerts_limit_increase_failed": alert("CRITICAL", refused, "Based on your activity, limits cannot be "+
			"increased for your business. Contact support for more information."),
		"wh_account_review_update_approved": cloudapi.AccountReview{
			Origin: waba("account_review_update", 1739321024), Decision: "APPROVED",
		},
		"wh_phone_number_name_update":   cloudapi.NumberName{Origin: name, Decision: "APPROVED"},
		"wh_security_pin_reset_request": cloudapi.Unknown{Origin: security, Keys: []string{"display_phone_number", "event", "requester"}},
	} {
		assert.Equal(t, []cloudapi.Change{want}, changesOf(t, payloadName), payloadName)
	}
}

func TestARestrictionThatCannotBeReadIsKept(t *testing.T) {
	t.Parallel()
	body := []byte(`{"entry":[{"id":"1","changes":[{"field":"account_update","value":{"event":"account_restriction",
		"restriction_info":["RESTRICTED_BIZ_INITIATED_MESSAGING",{"restriction_type":"restricted_new","expiration":"whenever"},
		{"expiration":1641330498000},{"restriction_type":"X","expiration":null}]}}]}]}`)
	hook := parse(t, body)
	require.Len(t, hook.Changes, 1)
	got, ok := hook.Changes[0].(cloudapi.AccountUpdate)
	require.True(t, ok)
	assert.Equal(t, "ACCOUNT_RESTRICTION", got.Event)
	assert.Equal(t, []cloudapi.Restriction{
		{Type: "RESTRICTED_BIZ_INITIATED_MESSAGING"}, {Type: "RESTRICTED_NEW"}, {Expires: at(1641330498)}, {Type: "X"},
	}, got.Restrictions)
	assert.Equal(t, []cloudapi.Problem{
		{Path: "entry[0].changes[0].value.restriction_info[1]", Reason: "expiration absurd"},
		{Path: "entry[0].changes[0].value.restriction_info[2]", Reason: "restriction_type missing"},
	}, hook.Problems)
}

func TestABanDateIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]time.Time{
		`"April 17, 2025"`: day(2025, time.April, 17), `"Apr 7, 2025"`: day(2025, time.April, 7), `"2025-04-17"`: day(2025, time.April, 17),
		`1744848000`: day(2025, time.April, 17), `"1744848000"`: day(2025, time.April, 17), `1744848000000`: day(2025, time.April, 17),
		`"2025-08-22T19:05:53+0000"`:  time.Date(2025, time.August, 22, 19, 5, 53, 0, time.UTC),
		`"2025-08-22T21:05:53+02:00"`: time.Date(2025, time.August, 22, 19, 5, 53, 0, time.UTC),
		`"soon"`:                      {}, `""`: {}, `0`: {}, `-5`: {}, `1.5`: {}, `true`: {}, `7258118400000000`: {},
	} {
		hook := parse(t, []byte(`{"entry":{"changes":{"field":"account_update","value":{"event":"DISABLED_UPDATE",`+
			`"ban_info":{"waba_ban_date":`+written+`}}}}}`))
		require.Len(t, hook.Changes, 1)
		got, ok := hook.Changes[0].(cloudapi.AccountUpdate)
		require.True(t, ok)
		assert.Equal(t, want, got.BanDate, written)
	}
}
