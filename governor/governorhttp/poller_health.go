package governorhttp

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
)

// health is what a health status says of the messages of a number or a WABA.
type health struct {
	// told: it says anything at all.
	told bool
	// blocked: messages are refused for another reason than unpaid, that no
	// means of payment is good.
	blocked, unpaid bool
	// trouble is what is wrong with the means of payment.
	trouble string
}

// isNumber and isAccount tell whose an entity of a health status is. The app's
// is nobody's: another app may send. What is not documented is the account's.
func isNumber(kind string) bool { return kind == "PHONE_NUMBER" }

func isAccount(kind string) bool {
	return kind != "PHONE_NUMBER" && kind != "MESSAGE_TEMPLATE" && kind != "APP"
}

// judge reads a health status by its entities, since the whole may say BLOCKED
// of calls alone. A word other than AVAILABLE and LIMITED blocks. Source:
// support/health-status, 2025-11.
func judge(h cloudapi.Health, concerns func(kind string) bool) health {
	if len(h.Entities) == 0 && h.Overall != "" {
		var v health
		v.take(cloudapi.HealthEntity{CanSend: h.Overall})
		return v
	}
	var v health
	for _, entity := range h.Entities {
		entity.CanSend = cmp.Or(entity.CanSend, h.Overall)
		if concerns(entity.Type) && entity.CanSend != "" {
			v.take(entity)
		}
	}
	return v
}

func (v *health) take(entity cloudapi.HealthEntity) {
	v.told = true
	bad := entity.CanSend != "AVAILABLE" && entity.CanSend != "LIMITED"
	other := len(entity.Errors) == 0
	for _, e := range entity.Errors {
		if !aboutPayment(e.Code) {
			other = true
			continue
		}
		v.trouble = cmp.Or(e.Description, fmt.Sprintf("error %d", e.Code))
		v.unpaid = v.unpaid || bad
	}
	v.blocked = v.blocked || bad && other
}

// aboutPayment tells the codes of bad means of payment: that of a send, and
// that of a health status (support/error-codes, 2026-09-11, and
// support/health-status as printed in 2024).
func aboutPayment(code int) bool { return code == 131042 || code == 141006 }

// payment is the word for the means of payment, empty if nothing is told.
func (v health) payment() string {
	if !v.told {
		return ""
	}
	return cmp.Or(v.trouble, "OK")
}

// events put a health into reports about a number or WABA. A block holds for
// one to two leases, to the end of one, so that it is not a new one each round.
// owed is when this poller last reported a payment issue. Sends report these
// too: its own is lifted as of right after it, which lifts no later one.
func (v health) events(about governor.HealthReported, at time.Time, lease time.Duration, owed time.Time) []governor.Event {
	if !v.told {
		return nil
	}
	until := at.Truncate(lease).Add(2 * lease)
	var events []governor.Event
	report := func(e quality.Event) {
		about.Report = e
		events = append(events, about)
	}
	if v.blocked {
		report(quality.RestrictionReported{Type: quality.HealthBlocked, Until: until, At: at})
	} else {
		report(quality.RestrictionLifted{Type: quality.HealthBlocked, At: at})
	}
	switch {
	case v.unpaid:
		report(quality.RestrictionReported{Type: quality.PaymentIssue, Until: until, At: at})
	case !owed.IsZero():
		report(quality.RestrictionLifted{Type: quality.PaymentIssue, At: owed.Add(time.Nanosecond)})
	}
	return events
}
