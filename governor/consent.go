package governor

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Topics that every account has. What else a recipient can opt in to or out
// of, as "receipts" or "account-updates", is the caller's to name.
const (
	// TopicAll is everything: who revokes it gets no notification at all.
	TopicAll = "*"
	// TopicMarketing is what every notification of category [Marketing] is
	// about, and for safety one of an unknown category.
	TopicMarketing = "marketing"
	// TopicUtility is what every notification of category [Utility] is about.
	TopicUtility = "utility"
	// TopicAuthentication is what every notification of category
	// [Authentication] is about.
	TopicAuthentication = "authentication"
)

// A Consent is what is known of one person's wish about one topic.
type Consent struct {
	Topic string
	// Granted is the person's last word, given At. With a zero At there was
	// none.
	Granted bool
	At      time.Time
	// RestsUntil is the end of a cool-down, during which the topic is refused
	// whatever was granted. Zero: there is none.
	RestsUntil time.Time
}

// ConsentGiven is an [Event]: a person opted in to a topic. It lifts an earlier
// opt-out and a cool-down.
type ConsentGiven struct {
	// Account or Number says with whom; one is required.
	Account, Number string
	// Recipient is who, in any form that [CanonicalRecipient] reads.
	Recipient string
	// Topic is what for: one of the constants or a word of your own, of up to
	// 64 letters, digits and . _ - :. Required.
	Topic string
	// At is when they said so. Zero: now.
	At time.Time
}

// ConsentRevoked is an [Event]: a person opted out of a topic, or should be left
// alone with it for a while. Replies are not affected.
type ConsentRevoked struct {
	// Account, Number, Recipient and Topic are as in [ConsentGiven].
	Account, Number string
	Recipient       string
	Topic           string
	// At is when they said so. Zero: now.
	At time.Time
	// Until ends it by itself: a cool-down, after which what was granted
	// before holds again. Zero: an opt-out, until they opt in.
	Until time.Time
}

func (ConsentGiven) event()   {}
func (ConsentRevoked) event() {}

// Consents returns what is known of a person's wishes, by topic. Nothing known
// is an empty list and no error.
func (g *Governor) Consents(ctx context.Context, account, recipient string) ([]Consent, error) {
	if err := g.ready(); err != nil {
		return nil, err
	}
	key, err := recipientIn("recipient", recipient)
	if f := faultOfID(account); f != "" {
		err = joinInvalid(invalid("account", f), err)
	}
	if err != nil {
		return nil, err
	}
	ctx = g.patient(ctx)
	now := g.clock.Now()
	known, err := g.store.Consents(ctx, account, key, now)
	if err != nil {
		return nil, g.failed(ctx, account, now, err)
	}
	own := known[:0:0]
	for _, c := range known {
		if !strings.HasPrefix(c.Topic, PairTopic) {
			own = append(own, c)
		}
	}
	return own, nil
}

func (g *Governor) observeConsent(ctx context.Context, account, number string, mark ConsentMark) error {
	if account == "" {
		route, err := g.owner(ctx, number)
		if err != nil {
			return err
		}
		account = route.Account
	} else if f := faultOfID(account); f != "" {
		return invalid("Account", f)
	}
	recipient, err := recipientIn("Recipient", mark.Recipient)
	if err != nil {
		return err
	}
	if f := faultOfTopic(mark.Topic); f != "" {
		return invalid("Topic", f)
	}
	mark.Account, mark.Recipient = account, recipient
	return g.mark(ctx, mark)
}

func (g *Governor) mark(ctx context.Context, mark ConsentMark) error {
	if err := g.store.Consent(ctx, mark); err != nil {
		return g.failed(ctx, mark.Account, mark.Now, err)
	}
	if mark.Granted {
		g.lines.wake(mark.Account, mark.Now)
	}
	g.wished(ctx, mark)
	return nil
}

func faultOfTopic(topic string) string {
	const longest = 64
	switch {
	case topic == TopicAll:
		return ""
	case topic == "":
		return "is empty"
	case len(topic) > longest:
		return fmt.Sprintf("has %d characters, want at most %d", len(topic), longest)
	case !isID(topic):
		return "has a character other than letters, digits and . _ - :"
	}
	return ""
}

// topics are those that the recipient must not have revoked. A reply is about
// what the customer wrote, so it has none.
func (m *Message) topics(category Category) [3]string {
	if m.Kind != Notification {
		return [3]string{}
	}
	if category == CategoryUnknown {
		// It may be marketing: whoever does not want that is left alone.
		return [3]string{TopicAll, m.Topic, TopicMarketing}
	}
	return [3]string{TopicAll, m.Topic, category.String()}
}

// optIn is the topic that the recipient must have granted, empty for none.
func (m *Message) optIn(category Category, required bool) string {
	switch {
	case !required || m.Kind != Notification:
		return ""
	case m.Topic != "":
		return m.Topic
	case category == CategoryUnknown:
		return TopicMarketing
	}
	return category.String()
}
