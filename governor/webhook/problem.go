package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sendgov/sendgov/governor"
)

// ProblemKind says what sort of [Problem] it is. The zero is none of them.
type ProblemKind uint8

// The kinds of problem.
const (
	// Unsigned: a POST without a signature of ours. It was answered with 403
	// and nothing of it was parsed. Anybody can cause these.
	Unsigned ProblemKind = iota + 1
	// Unreadable: a part of the webhook has not the shape that it should have.
	Unreadable
	// Unknown: a field, an event or a word that is not documented. Nothing was
	// learned from it.
	Unknown
	// Refused: the governor does not take the event, mostly because its number
	// belongs to none of the governor's accounts. Err says why.
	Refused
	// StoreFailed: the governor could not keep the event. The webhook was
	// answered with 503, so that the platform delivers it again.
	StoreFailed
	// Panicked: Config.OptOut panicked.
	Panicked
)

// String returns the kind in lower case, fit for a metric's label. The words
// are stable.
func (k ProblemKind) String() string {
	names := [...]string{"none", "unsigned", "unreadable", "unknown", "refused", "store_failed", "panicked"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("problem_%d", uint8(k))
}

// A Problem is something in a webhook that the governor learned nothing from.
// It can be logged as it is: it holds IDs of the business and words of the
// platform, and nothing of any person.
type Problem struct {
	// Kind is what sort of problem it is.
	Kind ProblemKind
	// WABA, Number and Field are the WhatsApp Business Account, the phone
	// number ID and the webhook field that it stood in, as far as known.
	WABA, Number, Field string
	// Detail is what is wrong, in a few words.
	Detail string
	// Err is the governor's error, nil unless Kind is Refused or StoreFailed.
	Err error
	// Count is how often the same came up in one webhook, at least 1.
	Count int
}

// String returns the problem in one line.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Kind.String())
	if p.Field != "" {
		b.WriteString(" in " + p.Field)
	}
	switch {
	case p.WABA != "" && p.Number != "":
		b.WriteString(" (WABA " + p.WABA + ", number " + p.Number + ")")
	case p.WABA != "":
		b.WriteString(" (WABA " + p.WABA + ")")
	case p.Number != "":
		b.WriteString(" (number " + p.Number + ")")
	}
	if p.Detail != "" {
		b.WriteString(": " + p.Detail)
	}
	if p.Err != nil {
		b.WriteString(": " + p.Err.Error())
	}
	if p.Count > 1 {
		fmt.Fprintf(&b, " (%d times)", p.Count)
	}
	return b.String()
}

// LogValue gives slog the problem's fields under stable names.
func (p Problem) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", p.Kind.String()), slog.Int("count", p.Count)}
	for _, part := range [...]struct{ name, value string }{{"field", p.Field}, {"waba", p.WABA}, {"number", p.Number}, {"detail", p.Detail}} {
		if part.value != "" {
			attrs = append(attrs, slog.String(part.name, part.value))
		}
	}
	if p.Err != nil {
		attrs = append(attrs, slog.Any("err", p.Err))
	}
	return slog.GroupValue(attrs...)
}

// maxProblems bounds how many different problems of one webhook are told.
const maxProblems = 64

// problems are those of one webhook, each different one once.
type problems []Problem

// add takes up a problem. Once there are too many different ones, the last is
// what the others are counted in.
func (ps *problems) add(p Problem) {
	p.Count = max(1, p.Count)
	for i := range *ps {
		if (*ps)[i].same(p) {
			(*ps)[i].Count += p.Count
			return
		}
	}
	switch len(*ps) {
	case maxProblems:
		(*ps)[maxProblems-1].Count += p.Count
	case maxProblems - 1:
		*ps = append(*ps, Problem{Kind: Unreadable, Detail: "more problems than are told", Count: p.Count})
	default:
		*ps = append(*ps, p)
	}
}

func (p Problem) same(other Problem) bool {
	if p.Kind != other.Kind || p.WABA != other.WABA || p.Number != other.Number || p.Field != other.Field || p.Detail != other.Detail {
		return false
	}
	return p.Err == nil && other.Err == nil || p.Err != nil && other.Err != nil && p.Err.Error() == other.Err.Error()
}

// tell hands problems to whoever wants them. A panic of theirs is their own
// loss: the webhook must not be.
func (ps problems) tell(ctx context.Context, listener func(context.Context, Problem)) {
	if listener == nil {
		return
	}
	for _, p := range ps {
		func() {
			defer func() { _ = recover() }()
			listener(ctx, p)
		}()
	}
}

// keyword returns a word of the platform as it may be told: as it is if it
// looks like a keyword, else its length. Whatever could be a phone number is
// no keyword.
func keyword(word string) string {
	const longest, fewestPhoneDigits = 64, 7
	digits := 0
	for _, r := range word {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == '-':
		default:
			digits = fewestPhoneDigits
		}
	}
	if word == "" || len(word) > longest || digits >= fewestPhoneDigits {
		return fmt.Sprintf("a word of %d bytes", len(word))
	}
	return word
}

// identifier returns an ID of the business as it may be told: nothing of one
// that is longer than any.
func identifier(id string) string {
	const longest = 64
	if len(id) > longest {
		return fmt.Sprintf("an ID of %d bytes", len(id))
	}
	return id
}

// about tells which account an event was about.
func about(event governor.Event, kind ProblemKind, err error) Problem {
	p := Problem{Kind: kind, Err: err}
	var waba, number string
	switch e := event.(type) {
	case governor.NumberSeen:
		waba, number = e.WABA, e.Number
	case governor.Inbound:
		number = e.Number
	case governor.MessageStatus:
		number = e.Number
	case governor.SendRefused:
		waba, number = e.WABA, e.Number
	case governor.AliasLearned:
		number = e.Number
	case governor.ConsentGiven:
		number = e.Number
	case governor.ConsentRevoked:
		number = e.Number
	case governor.TierReported:
		waba = e.WABA
	case governor.HealthReported:
		waba = e.WABA
	case governor.ThroughputReported:
		waba = e.WABA
	case governor.TemplateReported:
		waba = e.WABA
	}
	p.WABA, p.Number = identifier(waba), identifier(number)
	return p
}
