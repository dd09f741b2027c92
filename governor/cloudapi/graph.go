package cloudapi

import "time"

// Score is a quality score with its time. Its zero value means that the
// object did not hold one.
type Score struct {
	// Word is GREEN, YELLOW, RED, UNKNOWN or NA, in upper case.
	Word string
	// At is when it was set, zero if unknown.
	At time.Time
}

// PhoneNumber is the phone-number node of the Graph API. Words are as sent,
// in upper case, and empty where absent: a node holds what was asked for, and
// neither status nor limit unless it was (about-the-platform, 2025-11).
type PhoneNumber struct {
	// ID is the phone number ID.
	ID string
	// Display is the phone number as written, differently here than in
	// webhooks.
	Display string
	// VerifiedName is the display name, as written, and NameStatus its
	// status: APPROVED, PENDING_REVIEW and the like.
	VerifiedName, NameStatus string
	// Status is CONNECTED, FLAGGED, RESTRICTED, BANNED and the like.
	Status string
	// QualityRating is GREEN, YELLOW, RED, NA or UNKNOWN, and QualityScore
	// the same with its time, where it was asked for.
	QualityRating string
	QualityScore  Score
	// Limit is whatsapp_business_manager_messaging_limit, the portfolio's
	// messaging limit, and LegacyLimit is messaging_limit_tier, deprecated
	// and before Oct 7 2025 the number's own. As written: TIER_….
	Limit, LegacyLimit string
	// Throughput is STANDARD, HIGH or NOT_APPLICABLE.
	Throughput string
	// Platform is CLOUD_API, ON_PREMISE or NOT_APPLICABLE, Mode is LIVE or
	// SANDBOX, and CodeVerification VERIFIED, NOT_VERIFIED or EXPIRED.
	Platform, Mode, CodeVerification string
	// OnBizApp tells a coexistence number, which sends 20 messages per
	// second at most. Nil where absent.
	OnBizApp *bool
	// Official tells an official business account, PinEnabled two-step
	// verification. Nil where absent.
	Official, PinEnabled *bool
	// LastOnboarded is when the number was last registered, zero if unknown.
	LastOnboarded time.Time
	// WebhookURL is where the app gets its webhooks.
	WebhookURL string
	// Health is health_status.
	Health Health
}

// String names the phone number ID and its status.
func (p PhoneNumber) String() string { return "number " + p.ID + " " + p.Status }

// WABA is the WhatsApp Business Account node of the Graph API.
type WABA struct {
	// ID is the WABA's ID, Name its name.
	ID, Name string
	// Status, AccountReview and BusinessVerification are words in upper
	// case, empty where absent.
	Status, AccountReview, BusinessVerification string
	// Portfolio is the ID of the business portfolio that owns the WABA
	// (owner_business_info.id). Its WABAs share one messaging limit, and no
	// webhook names it.
	Portfolio string
	// PortfolioName is the portfolio's name.
	PortfolioName string
	// Limit is the portfolio's messaging limit as written.
	Limit string
	// MarketingElsewhere tells that marketing templates are refused on
	// /messages and go to /marketing_messages. Nil where absent.
	MarketingElsewhere *bool
	// Health is health_status.
	Health Health
}

// TemplateNode is the message-template node of the Graph API.
type TemplateNode struct {
	TemplateRef
	// Status is APPROVED, PAUSED and the like, in upper case. Only APPROVED
	// may be sent.
	Status string
	// Category is MARKETING, UTILITY or AUTHENTICATION, in upper case, and
	// PreviousCategory what it was. CorrectCategory is what it is about to
	// become, empty where absent.
	Category, PreviousCategory, CorrectCategory string
	// Quality is the quality score.
	Quality Score
	// Rejection is why it was rejected, NONE or empty if it was not.
	Rejection string
	// Health is health_status.
	Health Health
}

// ParsePhoneNumber reads a phone-number node. An error object is returned as
// an [*Error] without HTTP status, and a body that is no JSON object is an
// error that wraps [ErrMalformed]. Fields of an unexpected type are empty.
func ParsePhoneNumber(body []byte) (PhoneNumber, error) {
	doc, err := parseNode(body)
	if err != nil {
		return PhoneNumber{}, err
	}
	return readPhoneNumber(doc), nil
}

// ParseWABA reads a WhatsApp Business Account node, with the errors of
// [ParsePhoneNumber].
func ParseWABA(body []byte) (WABA, error) {
	doc, err := parseNode(body)
	if err != nil {
		return WABA{}, err
	}
	owner := doc.get("owner_business_info")
	return WABA{
		ID:                   doc.get("id").word(),
		Name:                 doc.get("name").word(),
		Status:               upper(doc.get("status")),
		AccountReview:        upper(doc.get("account_review_status")),
		BusinessVerification: upper(doc.get("business_verification_status")),
		Portfolio:            owner.get("id").word(),
		PortfolioName:        owner.get("name").word(),
		Limit:                doc.get("whatsapp_business_manager_messaging_limit").word(),
		MarketingElsewhere:   doc.get("disable_marketing_messages_on_cloud_api").yes(),
		Health:               readHealth(doc.get("health_status")),
	}, nil
}

// ParseTemplate reads a message-template node, with the errors of
// [ParsePhoneNumber].
func ParseTemplate(body []byte) (TemplateNode, error) {
	doc, err := parseNode(body)
	if err != nil {
		return TemplateNode{}, err
	}
	return readTemplate(doc), nil
}

// parseNode returns the object that a body holds, or the error in it.
func parseNode(body []byte) (value, error) {
	doc, err := parseJSON(body)
	if err != nil || !doc.isObject() {
		return nil, ErrMalformed
	}
	if failure := doc.get("error"); !failure.absent() {
		e := readError(failure)
		return nil, &e
	}
	return doc, nil
}

func readPhoneNumber(v value) PhoneNumber {
	return PhoneNumber{
		ID:               v.get("id").word(),
		Display:          v.get("display_phone_number").word(),
		VerifiedName:     v.get("verified_name").word(),
		NameStatus:       upper(v.get("name_status")),
		Status:           upper(v.get("status")),
		QualityRating:    upper(v.get("quality_rating")),
		QualityScore:     readScore(v.get("quality_score")),
		Limit:            v.get("whatsapp_business_manager_messaging_limit").word(),
		LegacyLimit:      v.get("messaging_limit_tier").word(),
		Throughput:       upper(v.get("throughput", "level")),
		Platform:         upper(v.get("platform_type")),
		Mode:             upper(v.get("account_mode")),
		CodeVerification: upper(v.get("code_verification_status")),
		OnBizApp:         v.get("is_on_biz_app").yes(),
		Official:         v.get("is_official_business_account").yes(),
		PinEnabled:       v.get("is_pin_enabled").yes(),
		LastOnboarded:    date(v.get("last_onboarded_time")),
		WebhookURL:       v.get("webhook_configuration", "application").word(),
		Health:           readHealth(v.get("health_status")),
	}
}

func readTemplate(v value) TemplateNode {
	return TemplateNode{
		TemplateRef: TemplateRef{
			ID:       v.get("id").word(),
			Name:     v.get("name").word(),
			Language: languageCode(v.get("language").word()),
		},
		Status:           upper(v.get("status")),
		Category:         upper(v.get("category")),
		PreviousCategory: upper(v.get("previous_category")),
		CorrectCategory:  upper(v.get("correct_category")),
		Quality:          readScore(v.get("quality_score")),
		Rejection:        upper(v.get("rejected_reason")),
		Health:           readHealth(v.get("health_status")),
	}
}

// readScore reads a score, which stands in an object or by itself.
func readScore(v value) Score {
	if !v.isObject() {
		return Score{Word: upper(v)}
	}
	return Score{Word: upper(v.get("score")), At: unixTime(v.get("date"))}
}
