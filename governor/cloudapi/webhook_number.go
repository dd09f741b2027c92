package cloudapi

// NumberQuality is a change to a business phone number (webhooks/reference/
// phone_number_quality_update, 2025-11-14). It names the number by
// [Origin].DisplayNumber alone.
type NumberQuality struct {
	Origin
	// Event is ONBOARDING or THROUGHPUT_UPGRADE; before Oct 7 2025 also
	// UPGRADE, DOWNGRADE, FLAGGED and UNFLAGGED. In upper case.
	Event string
	// OldLimit, CurrentLimit and MaxDaily are limits as written (TIER_…),
	// empty where absent. MaxDaily takes the place of the other two. For
	// THROUGHPUT_UPGRADE they mean throughput and no messaging limit: see
	// [NumberQuality.IsThroughput].
	OldLimit, CurrentLimit, MaxDaily string
}

// IsThroughput reports that the change is one of throughput, so that
// TIER_UNLIMITED in it is no messaging limit.
func (q NumberQuality) IsThroughput() bool { return q.Event == "THROUGHPUT_UPGRADE" }

// NumberName is the decision about a number's display name
// (webhooks/reference/phone_number_name_update, 2025-11).
type NumberName struct {
	Origin
	// Decision is APPROVED, DECLINED and the like, in upper case.
	Decision string
	// Reason says why it was rejected, empty where absent.
	Reason string
}

// Capability is what the business may do now (webhooks/reference/
// business_capability_update, 2025-11-14). The limit is the portfolio's, and
// the same change comes once for each of its WABAs. It may also be about
// something else and carry no limit.
type Capability struct {
	Origin
	// PerBusiness is the messaging limit as written since v24.0: a number,
	// TIER_… or UNLIMITED. PerPhone is the one before, where -1 means
	// unlimited. Both may be empty.
	PerBusiness, PerPhone string
	// MaxNumbers is how many numbers may be registered, as written, empty
	// where absent.
	MaxNumbers string
}

// Limit returns the messaging limit as written, the newer field before the
// older, and "" if the change carries none.
func (c Capability) Limit() string {
	if c.PerBusiness != "" {
		return c.PerBusiness
	}
	return c.PerPhone
}

func readNumberQuality(origin Origin, v value) NumberQuality {
	return NumberQuality{
		Origin:       origin,
		Event:        upper(v.get("event")),
		OldLimit:     v.get("old_limit").word(),
		CurrentLimit: v.get("current_limit").word(),
		MaxDaily:     v.get("max_daily_conversations_per_business").word(),
	}
}

func readNumberName(origin Origin, v value) NumberName {
	return NumberName{
		Origin: origin, Decision: upper(v.get("decision")), Reason: v.get("rejection_reason").word(),
	}
}

func readCapability(origin Origin, v value) Capability {
	c := Capability{
		Origin:      origin,
		PerBusiness: v.get("max_daily_conversations_per_business").word(),
		PerPhone:    v.get("max_daily_conversation_per_phone").word(),
		MaxNumbers:  v.get("max_phone_numbers_per_waba").word(),
	}
	if c.MaxNumbers == "" {
		c.MaxNumbers = v.get("max_phone_numbers_per_business").word()
	}
	return c
}
