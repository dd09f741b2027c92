package cloudapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestEveryTemplatePayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	order := cloudapi.TemplateRef{ID: "1689556908129832", Name: "order_confirmation", Language: "en_US"}
	welcome := cloudapi.TemplateRef{ID: "278077987957091", Name: "welcome_template", Language: "en_US"}
	status := func(event, title string, change func(*cloudapi.TemplateStatus)) cloudapi.Change {
		s := cloudapi.TemplateStatus{
			Origin: waba("message_template_status_update", 1751247548), TemplateRef: order,
			Event: event, Category: "MARKETING", Reason: "NONE", Title: title,
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	quality := func(field string) cloudapi.Change {
		return cloudapi.TemplateQuality{
			Origin:      waba(field, 1674864290),
			TemplateRef: cloudapi.TemplateRef{ID: "806312974732579", Name: "welcome_template", Language: "en_US"},
			Previous:    "GREEN", New: "YELLOW",
		}
	}
	want := map[string]cloudapi.Change{
		"wh_message_template_status_update_approved": status("APPROVED", "", func(s *cloudapi.TemplateStatus) {
			s.Category = "UTILITY"
		}),
		"wh_message_template_status_update_paused_first":        status("PAUSED", "FIRST_PAUSE", nil),
		"wh_message_template_status_update_paused_second":       status("PAUSED", "SECOND_PAUSE", nil),
		"wh_message_template_status_update_rate_limiting_pause": status("PAUSED", "RATE_LIMITING_PAUSE", nil),
		"wh_message_template_status_update_unpause":             status("APPROVED", "UNPAUSE", nil),
		"wh_message_template_status_update_reinstated":          status("REINSTATED", "", nil),
		"wh_message_template_status_update_disabled": status("DISABLED", "DISABLED", func(s *cloudapi.TemplateStatus) {
			s.DisableDate, s.DisableDateText = at(1751234563), "1751234563"
		}),
		"wh_message_template_status_update_flagged_legacy": status("FLAGGED", "", func(s *cloudapi.TemplateStatus) {
			s.Category, s.Reason = "", ""
			s.DisableDate, s.DisableDateText = day(2021, time.January, 31), "January 31, 2021"
		}),
		"wh_message_template_status_update_pending_deletion": status("PENDING_DELETION", "", func(s *cloudapi.TemplateStatus) {
			s.Reason = ""
		}),
		"wh_message_template_status_update_rejected_invalid_format": status("REJECTED", "", func(s *cloudapi.TemplateStatus) {
			s.Reason = "INVALID_FORMAT"
		}),
		"wh_message_template_quality_update":              quality("message_template_quality_update"),
		"wh_message_template_quality_update_DOCFIELD_BUG": quality("message_template_status_update"),
		"wh_message_template_components_update": cloudapi.TemplateComponents{
			Origin:      waba("message_template_components_update", 1751250234),
			TemplateRef: cloudapi.TemplateRef{ID: "1315502779341834", Name: "order_confirmation", Language: "en_US"},
		},
		"wh_template_category_update_impending": cloudapi.TemplateCategory{
			Origin: waba("template_category_update", 1746082800), TemplateRef: welcome,
			From: "UTILITY", To: "MARKETING", Impending: true, Effective: at(1746169200),
		},
		"wh_template_category_update_completed": cloudapi.TemplateCategory{
			Origin: waba("template_category_update", 1746169200), TemplateRef: welcome,
			From: "UTILITY", To: "MARKETING", Effective: at(1746169200),
		},
	}
	names := append(payloads(t, "wh_message_template_"), payloads(t, "wh_template_")...)
	require.Len(t, want, len(names))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, want, name)
			assert.Equal(t, []cloudapi.Change{want[name]}, changesOf(t, name))
		})
	}
}

func TestTemplateWordsAreReadInAnyCase(t *testing.T) {
	t.Parallel()
	hook := parse(t, []byte(`{"entry":[{"changes":[{"field":"message_template_status_update","value":{"event":"paused",
		"message_template_id":"12","message_template_name":"a","message_template_language":"pt_BR",
		"other_info":{"title":"first_pause"}}}]}]}`))
	assert.Equal(t, []cloudapi.Change{cloudapi.TemplateStatus{
		Origin:      cloudapi.Origin{Field: "message_template_status_update"},
		TemplateRef: cloudapi.TemplateRef{ID: "12", Name: "a", Language: "pt_BR"},
		Event:       "PAUSED", Title: "FIRST_PAUSE",
	}}, hook.Changes)
}

func TestEveryNumberAndCapabilityPayloadMeansWhatItSays(t *testing.T) {
	t.Parallel()
	number := func(event, old, current, daily string) cloudapi.Change {
		origin := waba("phone_number_quality_update", 1748454394)
		origin.DisplayNumber = "15550783881"
		return cloudapi.NumberQuality{Origin: origin, Event: event, OldLimit: old, CurrentLimit: current, MaxDaily: daily}
	}
	capability := func(account, business, phone, numbers string) cloudapi.Change {
		origin := waba("business_capability_update", 1739321024)
		origin.WABA = account
		return cloudapi.Capability{Origin: origin, PerBusiness: business, PerPhone: phone, MaxNumbers: numbers}
	}
	const own = "102290129340398"
	want := map[string]cloudapi.Change{
		"wh_phone_number_quality_update_onboarding":              number("ONBOARDING", "", "TIER_NOT_SET", "TIER_NOT_SET"),
		"wh_phone_number_quality_update_throughput_upgrade":      number("THROUGHPUT_UPGRADE", "", "TIER_UNLIMITED", ""),
		"wh_phone_number_quality_update_throughput_upgrade_2026": number("THROUGHPUT_UPGRADE", "", "", "TIER_UNLIMITED"),
		"wh_phone_number_quality_update_upgrade_legacy":          number("UPGRADE", "TIER_1K", "TIER_10K", ""),
		"wh_phone_number_quality_update_downgrade_legacy":        number("DOWNGRADE", "TIER_10K", "TIER_1K", ""),
		"wh_phone_number_quality_update_flagged_legacy":          number("FLAGGED", "", "TIER_10K", ""),
		"wh_phone_number_quality_update_unflagged_legacy":        number("UNFLAGGED", "", "TIER_10K", ""),
		"wh_business_capability_update_2000":                     capability("524126980791429", "2000", "", "25"),
		"wh_business_capability_update_250_business_phones":      capability(own, "", "250", "2"),
		"wh_business_capability_update_decrease":                 capability(own, "250", "", "2"),
		"wh_business_capability_update_tier_string":              capability(own, "TIER_10K", "", "25"),
		"wh_business_capability_update_unlimited_minus1":         capability(own, "", "-1", "25"),
	}
	names := append(payloads(t, "wh_phone_number_quality_"), payloads(t, "wh_business_")...)
	require.Len(t, want, len(names))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, want, name)
			assert.Equal(t, []cloudapi.Change{want[name]}, changesOf(t, name))
		})
	}
}

func TestAThroughputUpgradeIsNoMessagingLimit(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"wh_phone_number_quality_update_throughput_upgrade": true,
		"wh_phone_number_quality_update_upgrade_legacy":     false,
	} {
		quality, ok := changesOf(t, name)[0].(cloudapi.NumberQuality)
		require.True(t, ok)
		assert.Equal(t, want, quality.IsThroughput(), name)
	}
}

func TestALimitIsReadFromTheNewerFieldFirst(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "2000", cloudapi.Capability{PerBusiness: "2000", PerPhone: "250"}.Limit())
	assert.Equal(t, "-1", cloudapi.Capability{PerPhone: "-1"}.Limit())
	assert.Empty(t, cloudapi.Capability{MaxNumbers: "20"}.Limit())
}
