package cloudapi

import "strconv"

// Health is the health status of a node (support/health-status, 2025-11). Its
// zero value means that it was not asked for.
type Health struct {
	// Overall is can_send_message of the whole: AVAILABLE, LIMITED or
	// BLOCKED, in upper case. It may say BLOCKED although only calls are:
	// ask [Health.CanSend].
	Overall string
	// Entities are the node and what it depends on.
	Entities []HealthEntity
}

// HealthEntity is the health of one thing that a message needs.
type HealthEntity struct {
	// Type is PHONE_NUMBER, MESSAGE_TEMPLATE, WABA, BUSINESS or APP, in
	// upper case, and ID the ID of it. The ID of the BUSINESS is that of the
	// portfolio.
	Type, ID string
	// CanSend is AVAILABLE, LIMITED or BLOCKED, in upper case, CanCallSIP
	// the same for calls by SIP. Both may be empty.
	CanSend, CanCallSIP string
	// Errors say why it is blocked, and may be about calls alone.
	Errors []HealthError
	// Info says why it is limited.
	Info []string
}

// HealthError is why an entity is blocked.
type HealthError struct {
	// Code is an error code as [Lookup] knows it, 0 where absent.
	Code int
	// Description and Solution are the platform's text.
	Description, Solution string
}

// The words of can_send_message.
const (
	available = "AVAILABLE"
	limited   = "LIMITED"
	blocked   = "BLOCKED"
)

// CanSend returns the worst word that an entity has for messages. Where an
// entity has none, or there are no entities, Overall is one of the words. The
// worst is BLOCKED, then any word that is not documented, then LIMITED. It is
// empty if nothing is known.
func (h Health) CanSend() string {
	worst := ""
	if len(h.Entities) == 0 {
		worst = h.Overall
	}
	for _, entity := range h.Entities {
		word := entity.CanSend
		if word == "" {
			word = h.Overall
		}
		if severity(word) > severity(worst) {
			worst = word
		}
	}
	return worst
}

func severity(word string) int {
	switch word {
	case "":
		return 0
	case available:
		return 1
	case limited:
		return 2
	case blocked:
		return 4
	default:
		return 3
	}
}

// Entity returns the first entity of a type, and false if there is none.
func (h Health) Entity(kind string) (HealthEntity, bool) {
	for _, entity := range h.Entities {
		if entity.Type == kind {
			return entity, true
		}
	}
	return HealthEntity{}, false
}

// ParseHealth reads the health status of any node, with the errors of
// [ParsePhoneNumber].
func ParseHealth(body []byte) (Health, error) {
	doc, err := parseNode(body)
	if err != nil {
		return Health{}, err
	}
	return readHealth(doc.get("health_status")), nil
}

func readHealth(v value) Health {
	h := Health{Overall: upper(v.get("can_send_message"))}
	for _, part := range v.get("entities").each() {
		if !part.isObject() {
			continue
		}
		entity := HealthEntity{
			Type:       upper(part.get("entity_type")),
			ID:         part.get("id").word(),
			CanSend:    upper(part.get("can_send_message")),
			CanCallSIP: upper(part.get("can_receive_call_sip")),
		}
		for _, fault := range part.get("errors").each() {
			code, err := strconv.Atoi(fault.get("error_code").word())
			if err != nil {
				code = 0
			}
			entity.Errors = append(entity.Errors, HealthError{
				Code: code, Description: scrub(fault.get("error_description").word()), Solution: scrub(fault.get("possible_solution").word()),
			})
		}
		for _, info := range part.get("additional_info").each() {
			entity.Info = append(entity.Info, scrub(info.word()))
		}
		h.Entities = append(h.Entities, entity)
	}
	return h
}
