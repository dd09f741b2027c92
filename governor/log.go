package governor

import (
	"context"
	"log/slog"

	"github.com/sendgov/sendgov/quality"
)

// Observers returns an observer that calls all of them, in order. One that
// panics keeps none from being called. Nil ones are left out; of none at all it
// is nil, which observes nothing.
func Observers(all ...func(Notice)) func(Notice) {
	var some []func(Notice)
	for _, observer := range all {
		if observer != nil {
			some = append(some, observer)
		}
	}
	switch len(some) {
	case 0:
		return nil
	case 1:
		return some[0]
	}
	return func(n Notice) { callAll(some, n) }
}

// callAll calls the others even when the first does not return.
func callAll(observers []func(Notice), n Notice) {
	if len(observers) > 1 {
		defer callAll(observers[1:], n)
	}
	observers[0](n)
}

// LogTo returns an observer that logs each notice with its fields, none of which
// is a recipient. What holds everything up is an error, what somebody should
// look at a warning, what changes or refuses is info, and what comes with every
// message is debug: refusals by a rate, which pass by themselves, messages
// allowed, failures of the store between the first and the last. A nil logger
// gives a nil observer.
func LogTo(logger *slog.Logger) func(Notice) {
	if logger == nil {
		return nil
	}
	return func(n Notice) {
		ctx := context.Background()
		level := n.level()
		if !logger.Enabled(ctx, level) {
			return
		}
		attrs := n.LogValue().Group()
		logger.LogAttrs(ctx, level, "sendgov: "+n.Kind.String(), attrs[1:]...) // the first is the kind
	}
}

// level is how much a notice matters.
func (n Notice) level() slog.Level {
	switch n.Kind {
	case NoticeStoreDown, NoticePanic:
		return slog.LevelError
	case NoticeRestricted, NoticeUnknownWord, NoticeDropped, NoticeDrift:
		return slog.LevelWarn
	case NoticeAllowed, NoticeStoreFailed, NoticeConsent:
		return slog.LevelDebug
	case NoticeDenied:
		if n.Decision.soon() {
			return slog.LevelDebug
		}
	case NoticeNearLimit:
		if n.Used >= n.Limit {
			return slog.LevelWarn
		}
	case NoticePrediction:
		if n.To != "" {
			return slog.LevelWarn
		}
	case NoticeTemplate:
		if !sendable(n.To) {
			return slog.LevelWarn
		}
	case NoticeHealth:
		switch n.To {
		case quality.Banned.String(), quality.Offline.String():
			return slog.LevelError
		case quality.Pending.String(), quality.Restricted.String(), quality.Flagged.String():
			return slog.LevelWarn
		}
	}
	return slog.LevelInfo
}
