package webhook

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// Events returns what a webhook tells a governor, in the order of the webhook,
// and what of it could not be understood. It is what a [Handler] observes, for
// those who receive their webhooks in another way, such as from a queue:
//
//	hook, err := cloudapi.ParseWebhook(body)
//	events, problems := webhook.Events(hook)
//	err = gov.Observe(ctx, events...)
//
// An event's time is that of the message or status, else the entry's, else
// zero, which is the time at which it is observed. What does not bear on sends
// is neither an event nor a problem. The result refers to nothing of hook.
func Events(hook cloudapi.Webhook) ([]governor.Event, []Problem) {
	t := translation{events: make([]governor.Event, 0, len(hook.Changes)+1)}
	for _, p := range hook.Problems {
		t.problems.add(Problem{Kind: Unreadable, Detail: p.Path + ": " + p.Reason})
	}
	if hook.MoreProblems > 0 {
		t.problems.add(Problem{Kind: Unreadable, Detail: "more problems than are told", Count: hook.MoreProblems})
	}
	for _, change := range hook.Changes {
		t.take(change)
	}
	return t.events, t.problems
}

// A translation puts one webhook into the governor's words.
type translation struct {
	events   []governor.Event
	problems problems
	seen     map[governor.NumberSeen]struct{}
	refusals map[refusal]int // where in events one is that others are folded into
}

func (t *translation) event(e governor.Event) { t.events = append(t.events, e) }

// unknown notes a word that nobody knows.
func (t *translation) unknown(o cloudapi.Origin, what, word string) {
	t.problem(o, Unknown, what+": "+keyword(word))
}

func (t *translation) problem(o cloudapi.Origin, kind ProblemKind, detail string) {
	p := Problem{Kind: kind, WABA: identifier(o.WABA), Number: identifier(o.Number), Detail: detail}
	if o.Field != "" {
		p.Field = keyword(o.Field)
	}
	t.problems.add(p)
}

func (t *translation) take(change cloudapi.Change) {
	t.see(change.Source())
	switch c := change.(type) {
	case cloudapi.Inbound:
		t.inbound(c)
	case cloudapi.Call:
		t.call(c)
	case cloudapi.Status:
		t.status(c)
	case cloudapi.ValueErrors:
		t.valueErrors(c)
	case cloudapi.Identity:
		t.identity(c)
	case cloudapi.UserPreference:
		t.preference(c)
	case cloudapi.NumberQuality:
		t.numberQuality(c)
	case cloudapi.Capability:
		t.capability(c)
	case cloudapi.AccountUpdate:
		t.accountUpdate(c)
	case cloudapi.AccountReview:
		t.accountReview(c)
	case cloudapi.TemplateStatus:
		t.templateStatus(c)
	case cloudapi.TemplateCategory:
		t.templateCategory(c)
	case cloudapi.NumberChanged, cloudapi.UserIDChanged:
		// A new phone number is a new recipient to the messaging limit, which
		// counts phone numbers (messaging-limits, 2026-09-11), and a user ID is
		// made anew only together with the number (business-scoped-user-ids,
		// 2026-05-07). To take old and new for one would count too few.
	case cloudapi.TemplateQuality:
		t.templateQuality(c)
	case cloudapi.NumberName, cloudapi.AccountAlert, cloudapi.TemplateComponents:
		// They say what became of a request or what may come, and change
		// nothing that may be sent now.
	case cloudapi.Unknown:
		if !idle(c.Field) {
			t.problem(c.Origin, Unknown, "field")
		}
	default:
		t.problem(change.Source(), Unknown, fmt.Sprintf("change of type %T", change))
	}
}

// see notes which number is in which WABA, once: some webhooks name a number
// only as people see it.
func (t *translation) see(o cloudapi.Origin) {
	if o.Number == "" || o.WABA == "" {
		return
	}
	seen := governor.NumberSeen{Number: o.Number, WABA: o.WABA, Display: o.DisplayNumber}
	if _, told := t.seen[seen]; told {
		return
	}
	if t.seen == nil {
		t.seen = map[governor.NumberSeen]struct{}{}
	}
	t.seen[seen] = struct{}{}
	t.event(seen)
}

// idle reports whether a field is documented and has no bearing on what may be
// sent. Source: webhooks/overview, 2026-09-11. Statuses of calls come as field
// calls.
func idle(field string) bool {
	switch field {
	case "account_settings_update", "business_status_update", "business_username_update", "calls", "flows",
		"group_lifecycle_update", "group_participants_update", "group_settings_update", "group_status_update",
		"history", "partner_solutions", "payment_configuration_update", "security", "smb_app_state_sync",
		"smb_message_echoes", "template_correct_category_detection", "tracking_events":
		return true
	}
	return false
}

// person names somebody: by phone number where it is known, since that is what
// the messaging limit counts, else by user ID.
func person(phone, userID string) string { return cmp.Or(phone, userID) }

// inbound opens a window only for what certainly opens one: a notification in
// it takes no slot. What may have opened one keeps replies from being refused.
func (t *translation) inbound(c cloudapi.Inbound) {
	t.wrote(c.Number, person(c.From, c.FromUserID), c.At, c.OpensWindow, c.MayOpenWindow)
}

func (t *translation) call(c cloudapi.Call) {
	t.wrote(c.Number, person(c.From, c.FromUserID), c.At, c.OpensWindow, c.MayOpenWindow)
}

func (t *translation) wrote(number, customer string, at time.Time, certain, possible bool) {
	if certain || possible {
		t.event(governor.Inbound{Number: number, Customer: customer, At: at, Uncertain: !certain})
	}
}

// identity makes the phone number the one that counts.
func (t *translation) identity(c cloudapi.Identity) {
	t.event(governor.AliasLearned{Number: c.Number, Alias: c.UserID, Canonical: c.WaID})
	if c.ParentUserID != "" {
		t.event(governor.AliasLearned{Number: c.Number, Alias: c.ParentUserID, Canonical: c.WaID})
	}
}

// preference is somebody's word on marketing messages. A stop counts whatever
// category it names: no other is documented, and none would be looser.
func (t *translation) preference(c cloudapi.UserPreference) {
	const marketing = "marketing_messages"
	if c.Category != marketing {
		t.unknown(c.Origin, "category", c.Category)
	}
	who := person(c.WaID, c.UserID)
	switch {
	case c.Value == "stop":
		t.event(governor.ConsentRevoked{Number: c.Number, Recipient: who, Topic: governor.TopicMarketing, At: c.At})
	case c.Value != "resume" && c.Value != "signup":
		t.unknown(c.Origin, "value", c.Value)
	case c.Category == marketing:
		t.event(governor.ConsentGiven{Number: c.Number, Recipient: who, Topic: governor.TopicMarketing, At: c.At})
	}
}

// status tells what became of a message, and why.
func (t *translation) status(c cloudapi.Status) {
	who := person(c.RecipientID, c.RecipientUserID)
	if c.Group != "" {
		who = "group:" + c.Group
	}
	word, code := governor.ParseDeliveryStatus(c.Word), 0
	switch word {
	case governor.StatusUnknown:
		t.unknown(c.Origin, "status", c.Word)
		return
	case governor.Failed:
		// Before the slot comes back, so that whoever gets it is told of this too.
		t.refused(c.Origin, who, c.At, c.Errors)
		if len(c.Errors) > 0 && c.Errors[0].Coded {
			code = c.Errors[0].Code
		}
	}
	t.event(governor.MessageStatus{
		Number: c.Number, MessageID: c.MessageID, Recipient: who, Status: word, At: c.At, Code: code,
		Pricing: cmp.Or(c.Pricing.Category, c.Conversation.Origin),
	})
}

// valueErrors are refusals that belong to no message. They have no time of
// their own.
func (t *translation) valueErrors(c cloudapi.ValueErrors) {
	t.refused(c.Origin, "", c.Reported, c.Errors)
}

// refusal is what refusals that teach the same have in common.
type refusal struct {
	number string
	code   int
}

// refused takes up error codes. What a code says of a whole number or WABA is
// said once per webhook, by the newest, so that a batch of a thousand failures
// does not change the account's state a thousand times.
func (t *translation) refused(o cloudapi.Origin, recipient string, at time.Time, errs []cloudapi.Error) {
	for _, e := range errs {
		if !e.Coded {
			t.problem(o, Unreadable, "an error without a code")
			continue
		}
		event := governor.SendRefused{Number: o.Number, WABA: o.WABA, Recipient: recipient, Code: e.Code, At: at}
		switch cloudapi.Lookup(e.Code).Scope {
		case cloudapi.ScopeNumber, cloudapi.ScopeWABA, cloudapi.ScopeAccount, cloudapi.ScopeApp:
		default:
			t.event(event)
			continue
		}
		event.Recipient = ""
		same := refusal{number: o.Number, code: e.Code}
		if i, ok := t.refusals[same]; ok {
			if told, ok := t.events[i].(governor.SendRefused); ok && newer(at, told.At) {
				t.events[i] = event
			}
			continue
		}
		if t.refusals == nil {
			t.refusals = map[refusal]int{}
		}
		t.refusals[same] = len(t.events)
		t.event(event)
	}
}

// newer compares two times of which zero is now.
func newer(a, b time.Time) bool { return !b.IsZero() && (a.IsZero() || a.After(b)) }
