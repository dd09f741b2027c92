package cloudapi

import "time"

// AccountUpdate is a change to a WABA (webhooks/reference/account_update,
// 2026-09-11). Which fields are set depends on the event.
type AccountUpdate struct {
	Origin
	// Event is ACCOUNT_RESTRICTION, DISABLED_UPDATE, ACCOUNT_DELETED and the
	// like, in upper case.
	Event string
	// Subject is the WABA that the event is about: the one that partner
	// events name in their content, else [Origin].WABA.
	Subject string
	// PhoneNumber is the number an older event names, as written.
	PhoneNumber string

	// Restrictions are what the WABA may not do. An ACCOUNT_RESTRICTION
	// without any is a warning, or says that a restriction is lifted, and
	// must not restrict (templates/template-categorization, 2026-09-11).
	Restrictions []Restriction
	// Violation is the violation_type, in upper case: a policy (ADULT), or
	// UTILITY_TEMPLATE_ABUSE and its like.
	Violation string

	// BanState is DISABLE, REINSTATE or SCHEDULE_FOR_DISABLE, in upper case,
	// and BanDate when it takes effect. The platform writes a date in prose,
	// without zone: BanDate is the start of that day in UTC, zero if it
	// cannot be read, and BanDateText is what was written.
	BanState    string
	BanDate     time.Time
	BanDateText string

	// DisconnectReason and DisconnectedBy tell of PARTNER_REMOVED why and by
	// whom, in upper case.
	DisconnectReason, DisconnectedBy string
}

// Restriction is one thing a WABA may not do.
type Restriction struct {
	// Type is RESTRICTED_BIZ_INITIATED_MESSAGING,
	// RESTRICTED_CUSTOMER_INITIATED_MESSAGING or another word, in upper
	// case.
	Type string
	// Expires is when it lapses by itself, zero if the platform gave no time
	// or none that can be read.
	Expires time.Time
	// Remediation is the platform's advice, empty where absent.
	Remediation string
}

// AccountAlert tells why a limit was not raised, and similar (webhooks/
// reference/account_alerts, 2026-09-11).
type AccountAlert struct {
	Origin
	// EntityType is BUSINESS, PHONE_NUMBER or another word, in upper case,
	// and EntityID the ID of it.
	EntityType, EntityID string
	// Severity is CRITICAL, WARNING or INFORMATIONAL, and Active whether
	// alert_status says ACTIVE.
	Severity string
	Active   bool
	// Type is INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED and the like, in
	// upper case.
	Type string
	// Description is the platform's text, scrubbed.
	Description string
}

// AccountReview is the outcome of a WABA's review (webhooks/reference/
// account_review_update, 2026-09-11).
type AccountReview struct {
	Origin
	// Decision is APPROVED, REJECTED, PENDING or DEFERRED, in upper case.
	// With any but the first the WABA cannot be used.
	Decision string
}

func (r *reader) readAccountUpdate(origin Origin, v value) AccountUpdate {
	ban := v.get("ban_info")
	left := v.get("disconnection_info")
	a := AccountUpdate{
		Origin:           origin,
		Event:            upper(v.get("event")),
		Subject:          v.get("waba_info", "waba_id").word(),
		PhoneNumber:      v.get("phone_number").word(),
		Violation:        upper(v.get("violation_info", "violation_type")),
		BanState:         upper(ban.get("waba_ban_state")),
		BanDate:          date(ban.get("waba_ban_date")),
		BanDateText:      ban.get("waba_ban_date").word(),
		DisconnectReason: upper(left.get("reason")),
		DisconnectedBy:   upper(left.get("initiated_by")),
	}
	if a.Subject == "" {
		a.Subject = origin.WABA
	}
	if a.Event == "" {
		r.fault("", 0, "account_update without an event")
	}
	for i, restriction := range v.get("restriction_info").each() {
		kind := upper(restriction.get("restriction_type"))
		if restriction.isString() {
			kind = upper(restriction)
		}
		expiration := restriction.get("expiration")
		if kind == "" {
			r.fault("restriction_info", i, "restriction_type missing")
		}
		expires := date(expiration)
		if expires.IsZero() && !expiration.absent() {
			r.fault("restriction_info", i, "expiration absurd")
		}
		a.Restrictions = append(a.Restrictions, Restriction{
			Type: kind, Expires: expires, Remediation: restriction.get("remediation").word(),
		})
	}
	return a
}

// readAccountAlert reads an alert, whose details stand under alert_info or,
// as one library reads them, beside the entity.
func readAccountAlert(origin Origin, v value) AccountAlert {
	info := v.get("alert_info")
	if info.absent() {
		info = v
	}
	return AccountAlert{
		Origin:      origin,
		EntityType:  upper(v.get("entity_type")),
		EntityID:    v.get("entity_id").word(),
		Severity:    upper(info.get("alert_severity")),
		Active:      upper(info.get("alert_status")) == "ACTIVE",
		Type:        upper(info.get("alert_type")),
		Description: scrub(info.get("alert_description").word()),
	}
}
