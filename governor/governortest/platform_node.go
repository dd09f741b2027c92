package governortest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// silentFields exist on a phone number but say nothing here, as fields without a value do.
var silentFields = []string{
	"is_official_business_account", "is_pin_enabled", "last_onboarded_time", "owner_business_info", "webhook_configuration",
}

// defaultFields come when a request names none. The limit and the status are not among them
// (about-the-platform, December 2025).
const defaultFields = "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput"

// describeLocked answers a request for a phone number object.
func (p *Platform) describeLocked(id string, query url.Values) answer {
	n := p.numberLocked(id)
	if n == nil {
		return nowhere(http.MethodGet).answer(p.traceLocked())
	}
	known := p.fieldsLocked(n)
	body := map[string]any{"id": n.ID}
	asked := query.Get("fields")
	if asked == "" {
		asked = defaultFields
	}
	for _, name := range splitFields(asked) {
		value, ok := known[name]
		switch {
		case ok:
			body[name] = value
		case !slices.Contains(silentFields, name):
			return invalid("Tried accessing nonexisting field (%s)", name).answer(p.traceLocked())
		}
	}
	return answer{status: http.StatusOK, body: encode(body)}
}

// fieldsLocked are the fields of a phone number that have a value.
func (p *Platform) fieldsLocked(n *number) map[string]any {
	level := "STANDARD"
	if n.Throughput >= 1000 {
		level = "HIGH"
	}
	tier := tierWord(p.limit)
	return map[string]any{
		"id":                       n.ID,
		"account_mode":             "LIVE",
		"code_verification_status": "VERIFIED",
		"display_phone_number":     n.Phone,
		"health_status":            p.healthLocked(n),
		"is_on_biz_app":            false,
		"messaging_limit_tier":     tier,
		"name_status":              "APPROVED",
		"platform_type":            "CLOUD_API",
		"quality_rating":           n.rating,
		"quality_score":            map[string]any{"score": n.rating},
		"status":                   n.status,
		"throughput":               map[string]any{"level": level},
		"verified_name":            "A business",
		"whatsapp_business_manager_messaging_limit": tier,
	}
}

// healthLocked is the health status of a number: each entity's, and the worst of them.
func (p *Platform) healthLocked(n *number) map[string]any {
	now := p.clock.Now()
	account, phone := "AVAILABLE", "AVAILABLE"
	if slices.Contains(p.locked, "") || slices.Contains(p.locked, n.WABA) || p.restrictedLocked(n.WABA, RestrictBusinessInitiated, now) {
		account = "BLOCKED"
	}
	if n.status != "CONNECTED" && n.status != "FLAGGED" {
		phone = "BLOCKED"
	}
	worst := account
	if phone == "BLOCKED" {
		worst = phone
	}
	return map[string]any{
		"can_send_message": worst,
		"entities": []any{
			map[string]any{"entity_type": "PHONE_NUMBER", "id": n.ID, "can_send_message": phone},
			map[string]any{"entity_type": "WABA", "id": n.WABA, "can_send_message": account},
		},
	}
}

// tierWord is how a limit is written. A number of people that is no tier is written as if it were one.
func tierWord(limit int) string {
	switch {
	case limit == Unlimited:
		return "TIER_UNLIMITED"
	case limit >= 1000 && limit%1000 == 0:
		return fmt.Sprintf("TIER_%dK", limit/1000)
	default:
		return fmt.Sprintf("TIER_%d", limit)
	}
}

// splitFields takes a list of fields apart at the commas outside braces, and leaves out what is in these.
func splitFields(list string) []string {
	var names []string
	var name strings.Builder
	depth := 0
	for _, c := range list + "," {
		switch {
		case c == '{' || c == '(':
			depth++
		case c == '}' || c == ')':
			depth--
		case depth > 0:
		case c == ',':
			if trimmed := strings.TrimSpace(name.String()); trimmed != "" {
				names = append(names, trimmed)
			}
			name.Reset()
		default:
			name.WriteRune(c)
		}
	}
	return names
}
