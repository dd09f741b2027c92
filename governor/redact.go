package governor

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"time"
)

// Whatever holds a recipient prints and logs itself without: in their place
// stands what they look like, which is what one needs to know to find out why
// they are not understood. That holds for every verb of fmt and for slog;
// encoding/json writes data, and all of it.

// secrets are the fields that hold somebody.
var secrets = map[string]bool{"To": true, "Recipient": true, "Customer": true, "Alias": true, "Canonical": true}

// shape is what a recipient looks like.
func shape(s string) string {
	key, fault := readRecipient(s)
	switch {
	case fault != "":
		return fmt.Sprintf("%d bytes that name nobody", len(s))
	case isPhoneKey(key):
		return fmt.Sprintf("phone number of %d digits", len(key))
	case isUserID(key):
		return "user ID"
	}
	return "group"
}

// shown calls yield with the fields of a struct that are not zero, secrets by
// their shape.
func shown(v any, yield func(name string, value any)) {
	fields := reflect.ValueOf(v)
	for i := range fields.NumField() {
		field, name := fields.Field(i), fields.Type().Field(i).Name
		switch {
		case field.IsZero():
		case secrets[name]:
			yield(name, shape(field.String()))
		default:
			yield(name, field.Interface())
		}
	}
}

// format prints a struct on one line.
func format(w io.Writer, v any) {
	text := []byte(reflect.TypeOf(v).Name() + "{")
	first := true
	shown(v, func(name string, value any) {
		if !first {
			text = append(text, ", "...)
		}
		first = false
		if at, ok := value.(time.Time); ok {
			value = at.UTC().Format(time.RFC3339Nano)
		}
		text = fmt.Appendf(text, "%s: %v", name, value)
	})
	_, _ = w.Write(append(text, '}')) // fmt's writer takes everything
}

// logged is a struct as a group.
func logged(v any) slog.Value {
	var attrs []slog.Attr
	shown(v, func(name string, value any) {
		if word, ok := value.(fmt.Stringer); ok && !isTime(value) {
			value = word.String()
		}
		attrs = append(attrs, slog.Any(name, value))
	})
	return slog.GroupValue(attrs...)
}

func isTime(v any) bool {
	switch v.(type) {
	case time.Time, time.Duration:
		return true
	}
	return false
}

// Format implements [fmt.Formatter]: it shows nobody.
func (m Message) Format(s fmt.State, _ rune) { format(s, m) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (m Message) LogValue() slog.Value { return logged(m) }

// Format implements [fmt.Formatter]: it shows nobody.
func (r Receipt) Format(s fmt.State, _ rune) { format(s, r) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (r Receipt) LogValue() slog.Value { return logged(r) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e Inbound) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e Inbound) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e WindowShut) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e WindowShut) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e MessageStatus) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e MessageStatus) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e AliasLearned) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e AliasLearned) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e ConsentGiven) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e ConsentGiven) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e ConsentRevoked) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e ConsentRevoked) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (e SendRefused) Format(s fmt.State, _ rune) { format(s, e) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (e SendRefused) LogValue() slog.Value { return logged(e) }

// Format implements [fmt.Formatter]: it shows nobody.
func (a Admission) Format(s fmt.State, _ rune) { format(s, a) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (a Admission) LogValue() slog.Value { return logged(a) }

// Format implements [fmt.Formatter]: it shows nobody.
func (s Settlement) Format(w fmt.State, _ rune) { format(w, s) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (s Settlement) LogValue() slog.Value { return logged(s) }

// Format implements [fmt.Formatter]: it shows nobody.
func (in InboundMark) Format(s fmt.State, _ rune) { format(s, in) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (in InboundMark) LogValue() slog.Value { return logged(in) }

// Format implements [fmt.Formatter]: it shows nobody.
func (d DeliveryMark) Format(s fmt.State, _ rune) { format(s, d) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (d DeliveryMark) LogValue() slog.Value { return logged(d) }

// Format implements [fmt.Formatter]: it shows nobody.
func (c ConsentMark) Format(s fmt.State, _ rune) { format(s, c) }

// LogValue implements [slog.LogValuer]: it shows nobody.
func (c ConsentMark) LogValue() slog.Value { return logged(c) }

// Format implements [fmt.Formatter]: it prints the decision, and nobody.
func (r *Reservation) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.Decision().String()) }

// LogValue implements [slog.LogValuer]: it logs the decision, and nobody.
func (r *Reservation) LogValue() slog.Value { return r.Decision().LogValue() }

// LogValue gives slog what is set of the notice, under stable names.
func (n Notice) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", n.Kind.String()), slog.Time("at", n.At)}
	for _, a := range [...]struct{ name, value string }{
		{"account", n.Account}, {"waba", n.WABA}, {"number", n.Number}, {"from", n.From}, {"to", n.To},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.name, a.value))
		}
	}
	if !n.Until.IsZero() {
		attrs = append(attrs, slog.Time("until", n.Until))
	}
	if n.Kind == NoticeNearLimit || n.Kind == NoticeDrift {
		attrs = append(attrs, slog.Int("used", n.Used), slog.Int("limit", n.Limit))
	}
	if n.Kind == NoticeDenied || n.Kind == NoticeAllowed {
		attrs = append(attrs, slog.Any("decision", n.Decision))
	}
	if n.Err != nil {
		attrs = append(attrs, slog.String("error", n.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// LogValue gives slog a summary of the snapshot.
func (s Snapshot) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("account", s.Account), slog.Time("at", s.At), slog.String("tier", s.Tier.String()),
		slog.Int("used", s.Used), slog.Int("free", s.Free), slog.String("health", s.Health.String()),
		slog.Int("numbers", len(s.Numbers)), slog.Int("wabas", len(s.WABAs)), slog.Int64("store_failures", s.Store.Failures),
	}
	if !s.NextFree.IsZero() {
		attrs = append(attrs, slog.Time("next_free", s.NextFree))
	}
	return slog.GroupValue(attrs...)
}
