package webhook_test

// example is a webhook as the platform's pages print it, and what comes of it.
type example struct {
	name    string
	want    []string // what changes
	problem string   // what is told
	early   bool     // delivered an hour before its own time
	stopped bool     // the person had stopped marketing before
}

// The sends that the examples change together.
var (
	toSheena      = []string{"authentication", "direct utility", "marketing", "utility"}
	utilities     = []string{"direct utility", "order", "utility", "welcome"}
	notifications = []string{"authentication", "by user ID", "direct utility", "marketing", "order", "utility", "welcome"}
)

// now is what became of notifications that would have been counted before.
func now(judged string, names ...string) []string {
	var lines []string
	for _, name := range names {
		lines = append(lines, name+": passed, counted → "+judged)
	}
	return lines
}

// stopped is what becomes of everything when the whole number stops.
func stopped(judged string) []string {
	return append(now(judged, notifications...), "reply: passed → "+judged, "reply to user: passed → "+judged,
		"welcome unknown: opted_out → "+judged)
}

// renewed is a slot that was taken by the delivery, later than by the send.
var renewed = []string{"next free: in 23h0m0s → in 23h59m59s"}

// released is a slot given back, and what the error said beside.
func released(more ...string) []string { return append(more, "used: 1 → 0") }

var examples = []example{
	{name: "wh_account_alerts_flat_legacy_shape"},
	{name: "wh_account_alerts_limit_increase_deferred"},
	{name: "wh_account_alerts_limit_increase_failed"},
	{name: "wh_account_review_update_approved"},
	{name: "wh_account_update_ad_account_linked"},
	{name: "wh_account_update_auth_intl_eligibility"},
	{name: "wh_account_update_deleted", want: stopped("inactive by DELETED")},
	{name: "wh_account_update_disabled", want: stopped("inactive by DISABLE")},
	{name: "wh_account_update_disabled_update_reinstate"},
	{name: "wh_account_update_mm_lite_terms_signed"},
	{name: "wh_account_update_offboarded", want: append(now("restricted by ACCOUNT_OFFBOARDED", notifications...), "welcome unknown: opted_out → restricted by ACCOUNT_OFFBOARDED")},
	{name: "wh_account_update_partner_added"},
	{name: "wh_account_update_partner_app_installed_MALFORMED_IN_DOCS"},
	{name: "wh_account_update_partner_app_uninstalled_MALFORMED_IN_DOCS"},
	{name: "wh_account_update_partner_client_certification"},
	{name: "wh_account_update_partner_removed_disconnection", want: now("restricted by PARTNER_REMOVED", "partner")},
	{name: "wh_account_update_primary_country"},
	{name: "wh_account_update_reconnected"},
	{name: "wh_account_update_restriction_all_incl_customer_initiated", want: append(now("restricted by RESTRICTED_BIZ_INITIATED_MESSAGING for 59m59s", notifications...),
		"reply: passed → restricted by RESTRICTED_CUSTOMER_INITIATED_MESSAGING for 59m59s",
		"reply to user: passed → restricted by RESTRICTED_CUSTOMER_INITIATED_MESSAGING for 59m59s"), early: true},
	{name: "wh_account_update_restriction_biz_initiated", want: now("restricted by RESTRICTED_BIZ_INITIATED_MESSAGING for 59m59s", notifications...), early: true},
	{name: "wh_account_update_restriction_expiration_string_legacy", want: now("restricted by RESTRICTED_BIZ_INITIATED_MESSAGING for 59m59s", notifications...), early: true},
	{name: "wh_account_update_restriction_with_remediation", want: now("restricted by RESTRICTED_BIZ_INITIATED_MESSAGING for 59m59s", notifications...), early: true},
	{name: "wh_account_update_scheduled_for_disable", want: stopped("inactive by SCHEDULE_FOR_DISABLE")},
	{name: "wh_account_update_utility_abuse_suspension", want: now("restricted by RESTRICTED_UTILITY_TEMPLATES for 41297h5m1s", utilities...)},
	{name: "wh_account_update_utility_abuse_unban"},
	{name: "wh_account_update_utility_abuse_warning"},
	{name: "wh_account_update_utility_rate_limit", want: now("restricted by RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING for 41297h5m1s", utilities...)},
	{name: "wh_account_update_utility_rate_limit_recovery"},
	{name: "wh_account_update_verified_account_legacy"},
	{name: "wh_account_update_violation"},
	{name: "wh_account_update_volume_pricing_tier"},
	{name: "wh_batch_multiple_entries_changes_statuses", want: []string{
		"next free: in 23h0m0s → in 23h59m32s", "second: passed, counted → inactive by DELETED", "second reply: passed → inactive by DELETED",
	}},
	{name: "wh_business_capability_update_2000", want: []string{"tier: 500 → 2K"}},
	{name: "wh_business_capability_update_250_business_phones", want: []string{"tier: 500 → 250"}},
	{name: "wh_business_capability_update_decrease", want: []string{"tier: 500 → 250"}},
	{name: "wh_business_capability_update_tier_string", want: []string{"tier: 500 → 10K"}},
	{name: "wh_business_capability_update_unlimited_minus1", want: []string{"tier: 500 → Unlimited"}},
	{name: "wh_message_template_components_update"},
	{name: "wh_message_template_quality_update"},
	{name: "wh_message_template_quality_update_DOCFIELD_BUG"},
	{name: "wh_message_template_status_update_approved"},
	{name: "wh_message_template_status_update_disabled", want: now("template_held by DISABLED", "order")},
	{name: "wh_message_template_status_update_flagged_legacy"},
	{name: "wh_message_template_status_update_paused_first", want: now("template_held by PAUSED for 2h59m59s", "order")},
	{name: "wh_message_template_status_update_paused_second", want: now("template_held by PAUSED for 5h59m59s", "order")},
	{name: "wh_message_template_status_update_pending_deletion", want: now("template_held by PENDING_DELETION", "order")},
	{name: "wh_message_template_status_update_rate_limiting_pause", want: now("template_held by PAUSED", "order")},
	{name: "wh_message_template_status_update_reinstated"},
	{name: "wh_message_template_status_update_rejected_invalid_format", want: now("template_held by REJECTED", "order")},
	{name: "wh_message_template_status_update_unpause"},
	{name: "wh_messages_audio", want: now("passed", toSheena...)},
	{name: "wh_messages_button_quick_reply", want: now("passed", toSheena...)},
	{name: "wh_messages_contacts", want: now("passed", toSheena...)},
	{name: "wh_messages_document", want: now("passed", toSheena...)},
	{name: "wh_messages_group_text"},
	{name: "wh_messages_image", want: now("passed", toSheena...)},
	{name: "wh_messages_interactive_button_reply", want: now("passed", toSheena...)},
	{name: "wh_messages_interactive_list_reply", want: now("passed", toSheena...)},
	{name: "wh_messages_interactive_nfm_reply", want: now("passed", toSheena...)},
	{name: "wh_messages_location", want: now("passed", toSheena...)},
	{name: "wh_messages_order", want: now("passed", toSheena...)},
	{name: "wh_messages_reaction"},
	{name: "wh_messages_reaction_removed"},
	{name: "wh_messages_sticker", want: now("passed", toSheena...)},
	{name: "wh_messages_system_user_changed_number"},
	{name: "wh_messages_system_user_changed_user_id"},
	{name: "wh_messages_text", want: now("passed", toSheena...)},
	{name: "wh_messages_text_bsuid_no_phone", want: now("passed", "by user ID")},
	{name: "wh_messages_text_bsuid_with_phone", want: now("passed", append(toSheena, "by user ID")...)},
	{name: "wh_messages_text_message_business_button", want: now("passed", toSheena...)},
	{name: "wh_messages_text_referral_ctwa", want: now("passed", toSheena...)},
	{name: "wh_messages_unsupported_131051"},
	{name: "wh_messages_value_errors_130429", want: append(now("platform_busy by error 130429 for 1s", notifications...), "per second: 80 → 40",
		"reply: passed → platform_busy by error 130429 for 1s", "reply to user: passed → platform_busy by error 130429 for 1s")},
	{name: "wh_messages_video", want: now("passed", toSheena...)},
	{name: "wh_phone_number_name_update"},
	{name: "wh_phone_number_quality_update_downgrade_legacy", want: []string{"tier: 500 → 1K"}},
	{name: "wh_phone_number_quality_update_flagged_legacy", want: []string{"health: Unreported → Flagged"}},
	{name: "wh_phone_number_quality_update_onboarding"},
	{name: "wh_phone_number_quality_update_throughput_upgrade", want: []string{"per second: 80 → 1000"}},
	{name: "wh_phone_number_quality_update_throughput_upgrade_2026", want: []string{"per second: 80 → 1000"}},
	{name: "wh_phone_number_quality_update_unflagged_legacy", want: []string{"health: Unreported → Connected"}},
	{name: "wh_phone_number_quality_update_upgrade_legacy", want: []string{"tier: 500 → 10K"}},
	{name: "wh_security_pin_reset_request"},
	{name: "wh_status_delivered_bsuid_and_phone", want: renewed},
	{name: "wh_status_delivered_bsuid_only_no_phone", want: renewed},
	{name: "wh_status_delivered_free_customer_service_utility", want: renewed},
	{name: "wh_status_delivered_regular_marketing", want: renewed},
	{name: "wh_status_failed_130472_experiment", want: released(now("opted_out for 23h59m59s", "marketing", "second")...)},
	{name: "wh_status_failed_131026_undeliverable", want: released()},
	{name: "wh_status_failed_131042_payment", want: released(now("restricted by PAYMENT_ISSUE for 59m59s", notifications...)...)},
	{name: "wh_status_failed_131047_reengagement", want: released("reply: passed → window_closed")},
	{name: "wh_status_failed_131048_spam_rate_limit", want: released(append(now("restricted by SPAM_RATE_LIMIT for 23h59m59s", notifications...), "health: Unreported → Restricted")...)},
	{name: "wh_status_failed_131049", want: released(now("opted_out for 23h59m59s", "marketing", "second")...)},
	{name: "wh_status_failed_131050_user_stopped_marketing", want: released(now("opted_out", "marketing", "second")...)},
	{name: "wh_status_failed_131064_template_classification_limit", want: released(now("restricted by TEMPLATE_CLASSIFICATION_LIMIT for 167h59m59s", utilities...)...)},
	{name: "wh_status_failed_132015_template_paused_after_hold", want: released()},
	{name: "wh_status_group_read", want: renewed},
	{name: "wh_status_played", want: renewed},
	{name: "wh_status_read_v24_no_conversation_AS_PRINTED", want: renewed},
	{name: "wh_status_read_without_prior_delivered", want: renewed},
	{name: "wh_status_sent_free_entry_point", want: renewed},
	{name: "wh_status_sent_pricing_conversation_v23", want: renewed},
	{name: "wh_status_sent_with_biz_opaque_callback_data", want: renewed},
	{name: "wh_template_category_update_completed", want: now("opted_out", "welcome")},
	{name: "wh_template_category_update_impending", want: []string{"welcome unknown: opted_out → passed, counted"}},
	{name: "wh_user_preferences_resume", want: []string{"marketing: opted_out → passed, counted", "second: opted_out → passed, counted"}, stopped: true},
	{name: "wh_user_preferences_signup", want: []string{"marketing: opted_out → passed, counted", "second: opted_out → passed, counted"}, stopped: true},
	{name: "wh_user_preferences_stop", want: now("opted_out", "marketing", "second")},
}
