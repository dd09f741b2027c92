package governor

import (
	"strings"
	"time"
)

// Explain returns a short paragraph for whoever has to do something about it:
// what [Decision.String] says, the rule behind it, where the platform writes it,
// and what can be done. Times are UTC. It holds no recipient.
func (d Decision) Explain() string {
	var b strings.Builder
	b.WriteString(strings.ToUpper(d.String()[:1]))
	b.WriteString(d.String()[1:])
	b.WriteString(".")
	if !d.Allowed && !d.At.IsZero() && d.RetryAt.After(d.At) {
		b.WriteString(" That is ")
		b.WriteString(d.RetryAt.Sub(d.At).Round(time.Second).String())
		b.WriteString(" after it was decided.")
	}
	why := explanations[Undecided]
	if int(d.Reason) < len(explanations) {
		why = explanations[d.Reason]
	}
	switch {
	case d.Reason != TierLimit || d.Detail == "":
	case d.Detail == coldDetail:
		why = explanationOfCold
	default:
		why = explanationOfShares
	}
	for _, part := range [...]string{why.rule, why.source, why.do} {
		if part != "" {
			b.WriteString(" ")
			b.WriteString(part)
		}
	}
	return b.String()
}

// explanation is what there is to say about a reason beside the evidence.
type explanation struct{ rule, source, do string }

var explanations = [...]explanation{
	Undecided: {"No rule was asked: the message is not well formed, or the caller gave up.", "", "Look at the error that came with it."},
	Passed:    {"No rule stands against it.", "", ""},
	TierLimit: {
		"An account may reach so many people in any moving 24 hours with messages that it begins; one who was written to counts until 24 hours after the last such message.",
		"(Platform: messaging-limits, 2026-09-11.)",
		"Send it at the time named, which Wait does by itself, or reply where the customer has written. The limit rises with use and quality.",
	},
	PlatformRestricted: {
		"The platform blocks notifications for a while after violations, or a kind of them; replies to customers who wrote pass unless the restriction names them.",
		"(Platform: policy-enforcement, 2025-11-04; account_update webhook, 2026-09-11.)",
		"Look in the platform's manager for the reason and an appeal; it ends by itself at the time named, if one is.",
	},
	Inactive: {
		"A number that is banned, offline or under review sends nothing.",
		"(Platform: business-phone-numbers, 2025-12-05; account_update webhook, 2026-09-11.)",
		"Register the number, wait for the review, or appeal in the platform's manager; no time alone helps.",
	},
	WindowClosed: {
		"Free-form messages are accepted only within 24 hours of the customer's last message or call.",
		"(Platform: send-messages, 2026-09-11; error 131047.)",
		"Send a template instead, or wait until the customer writes.",
	},
	NumberRate: {
		"A number sends so many messages each second, incoming ones included: 80, 1,000 after an upgrade, 20 when it is shared with the app; fewer for a while after the platform found it too fast.",
		"(Platform: throughput, 2026-09; error 130429.)",
		"Come back at the time named, which Do and Wait do by themselves, or spread the messages over more numbers.",
	},
	PairRate: {
		"One number may send one person a message each six seconds, and some 45 at once if it has been quiet.",
		"(Platform: about-the-platform, 2025-12; error 131056.)",
		"Put what there is to say into fewer messages, or come back at the time named.",
	},
	StoreFailed: {
		"Whether there is room is written in the store, which did not answer; what cannot be counted is not sent, and replies pass.",
		"", "Look after the store. It is asked again at each send.",
	},
	OptedOut: {
		"The recipient revoked one of the message's topics, or the platform asked to leave them alone with it for a while.",
		"(Platform: user_preferences webhook, 2026-09-11; errors 131049 and 131050.)",
		"Do not send it. A reply is not affected, and who opts in again is written to.",
	},
	NotOptedIn: {
		"Config.RequireOptIn is set, and nobody has told that the recipient opted in to the message's topic.",
		"(Platform: its business messaging policy requires an opt-in.)",
		"Ask for it, and tell the governor with a ConsentGiven.",
	},
	TemplateHeld: {
		"A template that is paused, disabled, rejected or not approved yet is not sent.",
		"(Platform: template-pausing, 2025-10; template status webhook, 2026-09-11; errors 132015 and 132016.)",
		"Wait for the end of the pause, or send another template: a paused one has been blocked or reported.",
	},
	LocalBudget: {
		"Config.LocalBudget sets slots aside while the store answers, for notifications while it does not.",
		"", "Look after the store: when these slots are used up, notifications wait for it.",
	},
	PlatformBusy: {
		"The platform refused an earlier message because there were too many calls, and asked to wait.",
		"(Platform: error-codes, 2026-09-11; errors 4, 80007, 130429 and 131057.)",
		"Come back at the time named.",
	},
}

var explanationOfCold = explanation{
	"Nothing was known of the account when this began, and Config.ColdStart takes its limit as used up until whatever was sent before has lapsed.",
	"(The limit is the platform's: messaging-limits, 2026-09-11; the caution is your own.)",
	"Import what was sent, or wait for a day.",
}

var explanationOfShares = explanation{
	"Config.Shares leave the rest of the account's limit to messages of other categories.",
	"(The limit is the platform's: messaging-limits, 2026-09-11; the share is your own.)",
	"Send it at the time named, raise the share, or improve the number's rating.",
}
