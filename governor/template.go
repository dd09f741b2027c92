package governor

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sendgov/sendgov/quality"
)

// TemplateReported is an [Event]: the platform told of a message template, by
// webhook, poll or the refusal of a send.
type TemplateReported struct {
	// WABA is whose it is. Required.
	WABA string
	// Name is the template's. Required. Language is its code, "en_US" or
	// "en-US"; empty: all languages of that name.
	Name, Language string
	// Category is what it now counts as. Zero: not told.
	Category Category
	// CategoryFrom is when Category begins to hold, as with a change that is
	// announced. Zero: it does already.
	CategoryFrom time.Time
	// Rating is its quality. Unknown: not told. It decides nothing; Low says
	// that the template is about to be paused.
	Rating quality.Rating
	// Status is the platform's word for it, as "APPROVED" or "PAUSED". Only
	// APPROVED, REINSTATED, UNARCHIVED and FLAGGED may be sent; an unknown word
	// may not. Empty: not told.
	Status string
	// Until is when a pause ends by itself. Zero: when the platform says so.
	Until time.Time
	// Polled says that the status was asked for, and may have been so for long:
	// while it is what was told before, an end told with it stands.
	Polled bool
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (TemplateReported) event() {}

// A templateProfile is what the platform said of a template.
type templateProfile struct {
	Category   Category       `json:"category,omitempty"`
	CategoryAt time.Time      `json:"category_at,omitzero"`
	Next       Category       `json:"next,omitempty"`
	NextFrom   time.Time      `json:"next_from,omitzero"`
	NextAt     time.Time      `json:"next_at,omitzero"`
	Rating     quality.Rating `json:"rating,omitempty"`
	RatingAt   time.Time      `json:"rating_at,omitzero"`
	Status     string         `json:"status,omitempty"`
	StatusAt   time.Time      `json:"status_at,omitzero"`
	Until      time.Time      `json:"until,omitzero"`
}

// sendable reports whether a status lets the template be sent. Source: the
// template pages, 2025-10 and 2026-09: APPROVED, whatever its quality; FLAGGED
// warns that it may be disabled, and it is sent until then.
func sendable(status string) bool {
	switch status {
	case "", "APPROVED", "REINSTATED", "UNARCHIVED", "FLAGGED":
		return true
	}
	return false
}

// category is what the template counts as at now: what was announced, once its
// time has come, unless something newer than that has been told.
func (t templateProfile) category(now time.Time) Category {
	if t.NextFrom.After(t.CategoryAt) && !now.Before(t.NextFrom) {
		return t.Next
	}
	return t.Category
}

// held reports whether the template may not be sent at now, and until when.
func (t templateProfile) held(now time.Time) (until time.Time, held bool) {
	if sendable(t.Status) || !t.Until.IsZero() && !now.Before(t.Until) {
		return time.Time{}, false
	}
	return t.Until, true
}

// report takes up what is news. Of two words at the same time the one that
// holds the template counts, so that their order does not matter.
func (t *templateProfile) report(e TemplateReported, at time.Time) {
	switch {
	case e.Category == CategoryUnknown:
	case e.CategoryFrom.After(at):
		if !at.Before(t.NextAt) {
			t.Next, t.NextFrom, t.NextAt = e.Category, e.CategoryFrom, at
		}
	case !at.Before(t.CategoryAt):
		t.Category, t.CategoryAt = e.Category, at
	}
	if e.Rating != quality.RatingUnknown && (at.After(t.RatingAt) || at.Equal(t.RatingAt) && e.Rating < t.Rating) {
		t.Rating, t.RatingAt = e.Rating, at
	}
	status := strings.ToUpper(strings.TrimSpace(e.Status))
	if status == "" || at.Before(t.StatusAt) || at.Equal(t.StatusAt) && sendable(status) && !sendable(t.Status) {
		return
	}
	if e.Polled && status == t.Status && (t.Until.IsZero() || at.Before(t.Until)) {
		t.StatusAt = at
		return // as it was, and a poll knows no end
	}
	t.Status, t.StatusAt, t.Until = status, at, time.Time{}
	if !sendable(status) {
		t.Until = e.Until
	}
}

// templateKey joins name and language. A webhook writes "en-US", a send
// "en_US".
func templateKey(name, language string) string {
	return name + "/" + strings.ReplaceAll(language, "-", "_")
}

// templates are those of a WABA by templateKey.
type templates map[string]templateProfile

// find returns what is known of a message's template: its own language, or what
// was said of all of them. A message that does not say its language is held to
// the strictest of them.
func (ts templates) find(m *Message, now time.Time) (known templateProfile, until time.Time, held bool) {
	consider := func(t templateProfile) {
		if category := t.category(now); category != CategoryUnknown {
			known.Category = category
		}
		if end, isHeld := t.held(now); isHeld && (!held || (gate{until: end}).outlasts(until)) {
			known.Status, until, held = t.Status, end, true
		}
	}
	consider(ts[templateKey(m.Template, "")])
	if m.Language != "" {
		consider(ts[templateKey(m.Template, m.Language)])
		return known, until, held
	}
	for key, t := range ts {
		if name, _, _ := strings.Cut(key, "/"); name == m.Template {
			consider(t)
		}
	}
	return known, until, held
}

// list tells what is known of each, by name and language.
func (ts templates) list(now time.Time) []TemplateSnapshot {
	var list []TemplateSnapshot
	for key, t := range ts {
		name, language, _ := strings.Cut(key, "/")
		until, held := t.held(now)
		list = append(list, TemplateSnapshot{
			Name: name, Language: language, Category: t.category(now), Rating: t.Rating, Status: t.Status, Held: held, Until: until,
		})
	}
	slices.SortFunc(list, func(a, b TemplateSnapshot) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Language, b.Language))
	})
	return list
}

// report takes up an event and tells whether it held the template or let it go.
func (ts *templates) report(e TemplateReported, at, now time.Time) []Notice {
	key := templateKey(e.Name, e.Language)
	t := (*ts)[key]
	_, was := t.held(now)
	t.report(e, at)
	_, is := t.held(now)
	if *ts == nil {
		*ts = templates{}
	}
	(*ts)[key] = t
	if was == is {
		return nil
	}
	return []Notice{{Kind: NoticeTemplate, At: at, WABA: e.WABA, From: key, To: t.Status, Until: t.Until}}
}

// validate reports what is wrong with the event in itself.
func (e TemplateReported) validate() error {
	if e.Name == "" || len(e.Name) > 512 || strings.Contains(e.Name, "/") {
		return invalid("Name", "is not a template's: want 1 to 512 characters and no slash")
	}
	if e.Category > Authentication {
		return invalid("Category", "is none of the platform's")
	}
	return nil
}

// observeTemplates takes up reports of one WABA in one go, for a poll brings
// hundreds of them.
func (g *Governor) observeTemplates(ctx context.Context, reports ...TemplateReported) error {
	if len(reports) == 0 {
		return nil
	}
	now := g.clock.Now()
	return g.reviseWABA(ctx, reports[0].WABA, now, func(r *wabaRecord) []Notice {
		var told []Notice
		for _, e := range reports {
			told = append(told, r.Templates.report(e, notAfter(e.At, now), now)...)
		}
		return told
	})
}

// templateRun returns the template reports of one WABA that events begin with.
func templateRun(events []Event) []TemplateReported {
	var run []TemplateReported
	for _, e := range events {
		t, ok := e.(TemplateReported)
		if !ok || len(run) > 0 && t.WABA != run[0].WABA {
			break
		}
		run = append(run, t)
	}
	return run
}
