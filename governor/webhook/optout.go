package webhook

import (
	"fmt"
	"strings"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// StopWords returns a function for Config.OptOut that takes a message for an
// opt-out from topic if it is one of the words and nothing else: as text, or as
// the text or payload of the button that was tapped. Case, white space around
// it and a full stop or exclamation mark at its end do not matter. Without
// words it takes none.
//
//	webhook.StopWords(governor.TopicMarketing, "stop", "unsubscribe", "arrêt")
func StopWords(topic string, words ...string) func(cloudapi.Inbound) (string, bool) {
	known := make(map[string]bool, len(words))
	for _, word := range words {
		known[plain(word)] = true
	}
	delete(known, "")
	return func(in cloudapi.Inbound) (string, bool) {
		if known[plain(in.Text)] || known[plain(in.ButtonText)] || known[plain(in.ButtonPayload)] {
			return topic, true
		}
		return "", false
	}
}

// plain returns a word as it is compared. What is longer than any word is
// none.
func plain(word string) string {
	const longest = 256
	if len(word) > longest {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(strings.TrimRight(strings.TrimSpace(word), ".!")))
}

// optOuts asks Config.OptOut about each message in which somebody said
// something.
func (h *Handler) optOuts(hook cloudapi.Webhook, found *problems) []governor.Event {
	var events []governor.Event
	for _, change := range hook.Changes {
		in, ok := change.(cloudapi.Inbound)
		if !ok || in.Text == "" && in.ButtonText == "" && in.ButtonPayload == "" {
			continue
		}
		if topic, ok := h.askOptOut(in, found); ok {
			events = append(events, governor.ConsentRevoked{
				Number: in.Number, Recipient: person(in.From, in.FromUserID), Topic: topic, At: in.At,
			})
		}
	}
	return events
}

func (h *Handler) askOptOut(in cloudapi.Inbound, found *problems) (topic string, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			found.add(Problem{
				Kind: Panicked, WABA: identifier(in.WABA), Number: identifier(in.Number),
				Detail: fmt.Sprintf("Config.OptOut panicked with a %T", v),
			})
		}
	}()
	return h.cfg.OptOut(in)
}
