package governortest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// post hands webhooks over, without any lock held.
func (p *Platform) post(bodies [][]byte) {
	if p.hooks == nil {
		return
	}
	for _, body := range bodies {
		p.hooks(body)
	}
}

// event puts the value of one change into its envelope. Events about messages carry no time of their own.
func event(waba, field string, at time.Time, value map[string]any) []byte {
	entry := map[string]any{
		"id":      waba,
		"changes": []any{map[string]any{"field": field, "value": value}},
	}
	if field != "messages" {
		entry["time"] = at.Unix()
	}
	return encode(map[string]any{"object": "whatsapp_business_account", "entry": []any{entry}})
}

// messagesEvent is an event of the field messages of one number.
func (n *number) messagesEvent(now time.Time, value map[string]any) []byte {
	value["messaging_product"] = "whatsapp"
	value["metadata"] = map[string]any{
		"display_phone_number": digitsOf(n.Phone),
		"phone_number_id":      n.ID,
	}
	return event(n.WABA, "messages", now, value)
}

// inboundLocked is the webhook of a text from a customer.
func (p *Platform) inboundLocked(id string, who, group person, now time.Time) []byte {
	n := p.numberLocked(id)
	if n == nil {
		n = &number{PlatformNumber: PlatformNumber{ID: id, Phone: DefaultPhone, WABA: DefaultWABA}}
	}
	contact := map[string]any{"profile": map[string]any{"name": "A customer"}}
	text := map[string]any{
		"id":        p.wamidLocked(),
		"timestamp": strconv.FormatInt(now.Unix(), 10),
		"type":      "text",
		"text":      map[string]any{"body": "Hello"},
	}
	if who.waID != "" && !who.byUser {
		contact["wa_id"], text["from"] = who.waID, who.waID
	}
	if who.userID != "" {
		contact["user_id"], text["from_user_id"] = who.userID, who.userID
	}
	if group.group != "" {
		text["group_id"] = group.group
	}
	return n.messagesEvent(now, map[string]any{"contacts": []any{contact}, "messages": []any{text}})
}

// statusesLocked are the webhooks of an accepted message: sent, and then delivered or failed.
func (p *Platform) statusesLocked(n *number, m message, record PlatformMessage, inWindow bool) [][]byte {
	if p.hooks == nil {
		return nil
	}
	status := func(word string) map[string]any {
		s := map[string]any{
			"id":        record.ID,
			"status":    word,
			"timestamp": strconv.FormatInt(record.At.Unix(), 10),
		}
		if m.to.group != "" {
			s["recipient_id"], s["recipient_type"] = m.to.group, "group"
		}
		if m.to.waID != "" && !m.to.byUser {
			s["recipient_id"] = m.to.waID
		}
		if m.to.userID != "" {
			s["recipient_user_id"] = m.to.userID
		}
		if m.callback != "" {
			s["biz_opaque_callback_data"] = m.callback
		}
		return s
	}
	price := map[string]any{
		"billable": !inWindow, "pricing_model": "PMP", "type": "regular", "category": p.categoryLocked(m),
	}
	if inWindow {
		price["type"] = "free_customer_service"
	}
	sent, last := status("sent"), status("delivered")
	sent["pricing"], last["pricing"] = price, price
	if record.Code != 0 {
		r := refuse(record.Code)
		last = status("failed")
		last["errors"] = []any{map[string]any{
			"code": r.code, "title": r.title, "message": r.title,
			"error_data": map[string]any{"details": r.details},
			"href":       "/documentation/business-messaging/whatsapp/support/error-codes",
		}}
	}
	var bodies [][]byte
	for _, s := range []map[string]any{sent, last} {
		bodies = append(bodies, n.messagesEvent(record.At, map[string]any{"statuses": []any{s}}))
	}
	return bodies
}

// accountsLocked are the accounts that a waba stands for: itself, or if it is empty all there are.
func (p *Platform) accountsLocked(waba string) []string {
	if waba != "" {
		return []string{waba}
	}
	var all []string
	for _, n := range p.numbers {
		if !slices.Contains(all, n.WABA) {
			all = append(all, n.WABA)
		}
	}
	if p.anyNumber && !slices.Contains(all, DefaultWABA) {
		all = append(all, DefaultWABA)
	}
	return all
}

// capabilityLocked announces the limit: once per account, although it is the portfolio's. No limit is minus one
// there.
func (p *Platform) capabilityLocked() [][]byte {
	limit := p.limit
	if limit == Unlimited {
		limit = -1
	}
	var bodies [][]byte
	for _, waba := range p.accountsLocked("") {
		bodies = append(bodies, event(waba, "business_capability_update", p.clock.Now(), map[string]any{
			"max_daily_conversations_per_business": limit, "max_phone_numbers_per_waba": 25,
		}))
	}
	return bodies
}

func (p *Platform) restrictionLocked(waba, kind string, until time.Time) [][]byte {
	info := map[string]any{"restriction_type": kind}
	if !until.IsZero() {
		info["expiration"] = until.Unix()
	}
	var bodies [][]byte
	for _, account := range p.accountsLocked(waba) {
		bodies = append(bodies, event(account, "account_update", p.clock.Now(), map[string]any{
			"event": "ACCOUNT_RESTRICTION", "restriction_info": []any{info},
		}))
	}
	return bodies
}

func (p *Platform) banLocked(waba, state string) [][]byte {
	now := p.clock.Now()
	var bodies [][]byte
	for _, account := range p.accountsLocked(waba) {
		bodies = append(bodies, event(account, "account_update", now, map[string]any{
			"event": "DISABLED_UPDATE",
			"ban_info": map[string]any{
				"waba_ban_state": state, "waba_ban_date": now.UTC().Format("January 2, 2006"),
			},
		}))
	}
	return bodies
}

// templateStateLocked announces the state of the i-th template to all accounts. Its language has a dash there,
// where sends have an underscore.
func (p *Platform) templateStateLocked(i int, t *template) [][]byte {
	language := t.Language
	if language == "" {
		language = "en_US"
	}
	value := map[string]any{
		"event":                     t.state,
		"message_template_id":       int64(1_000_000_000_000_000) + int64(i),
		"message_template_name":     t.Name,
		"message_template_language": strings.ReplaceAll(language, "_", "-"),
		"message_template_category": t.Category,
		"reason":                    "NONE",
	}
	switch t.state {
	case "PAUSED":
		value["other_info"] = map[string]any{"title": "FIRST_PAUSE", "description": "Your WhatsApp message template has been paused."}
	case "DISABLED":
		value["other_info"] = map[string]any{"title": "DISABLED", "description": "Your WhatsApp message template has been disabled."}
	default:
		value["other_info"] = map[string]any{"title": "UNPAUSE", "description": "Your WhatsApp message template has been unpaused."}
	}
	var bodies [][]byte
	for _, waba := range p.accountsLocked("") {
		bodies = append(bodies, event(waba, "message_template_status_update", p.clock.Now(), value))
	}
	return bodies
}
