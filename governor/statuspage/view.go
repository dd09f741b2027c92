package statuspage

import (
	"cmp"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// A reading is what is known of one account: what everything on a page, and in
// the JSON, is made of.
type reading struct {
	ID, Name string
	// Snapshot is the newest there is; Known is false if there never was one.
	Snapshot governor.Snapshot
	Known    bool
	// Failed is whether the store did not answer this time. Now is when it was
	// asked, zero if nobody knows.
	Failed bool
	Now    time.Time
	// Strange is whether the governor does not list the account.
	Strange bool
}

// A badge is a health for people: a word, a shape, and a colour last.
type badge struct{ Word, Tone, Icon string }

// The tones that things have on a page.
const (
	good = "good"
	warn = "warn"
	bad  = "bad"
	idle = "idle"
)

func badgeOf(r reading) badge {
	if !r.Known {
		return badge{"Not known", bad, "unknown"}
	}
	return healthBadge(r.Snapshot.Health)
}

func healthBadge(h quality.Health) badge {
	switch h {
	case quality.Unreported:
		return badge{"Unreported", idle, "unknown"}
	case quality.Connected:
		return badge{"Connected", good, "check"}
	case quality.Flagged:
		return badge{"Flagged", warn, "flag"}
	case quality.Restricted:
		return badge{"Restricted", bad, "bar"}
	case quality.Pending:
		return badge{"Pending", idle, "wait"}
	case quality.Offline:
		return badge{"Offline", idle, "off"}
	case quality.Banned:
		return badge{"Banned", bad, "cross"}
	}
	return badge{h.String(), bad, "unknown"}
}

func ratingBadge(r quality.Rating) badge {
	switch r {
	case quality.High:
		return badge{"High", good, "check"}
	case quality.Medium:
		return badge{"Medium", warn, "half"}
	case quality.Low:
		return badge{"Low", bad, "flag"}
	case quality.RatingUnknown:
	}
	return badge{"Not rated", idle, "unknown"}
}

// A saying is a sentence with its time as a moment.
type saying struct {
	Text  string
	Until moment
}

func (s sentence) said(now time.Time) saying { return saying{s.Text, at(s.Until, now)} }

// A fact is one figure: what it is of, what it is, and a note below.
type fact struct {
	Label, Value, Unit, Note string
	At                       moment
}

// A notice is something that a reader should not miss.
type notice struct{ Tone, Title, Text string }

// An entry is one account in the list of all.
type entry struct {
	ID, Name string
	Badge    badge
	Headline saying
	Gauge    gauge
	Use      string
	Rating   string
	Heard    moment
	// Old is whether it was read before, since the store does not answer now.
	Old bool
}

// entryOf is what the list says of an account.
func entryOf(r reading) entry {
	e := entry{ID: r.ID, Name: r.Name, Badge: badgeOf(r), Old: r.Known && r.Failed}
	if !r.Known {
		e.Headline = saying{Text: unknown}
		return e
	}
	s := r.Snapshot
	e.Headline = headline(s).said(s.At)
	e.Gauge = gaugeOf(s)
	e.Use = use(s)
	e.Rating = worstRating(s.Numbers)
	e.Heard = at(heard(s), s.At)
	return e
}

// unknown is the headline of an account that could never be read.
const unknown = "The store did not answer, so nothing is known of it here."

// headlineOf says that a headline is old where it is.
func headlineOf(r reading) saying {
	h := headline(r.Snapshot).said(r.Snapshot.At)
	if r.Failed {
		h.Text = "As last read: " + lowerFirst(h.Text)
	}
	return h
}

// use is how much of the limit is used, in words.
func use(s governor.Snapshot) string {
	if s.Tier == tier.Unlimited {
		return counted(s.Used, "person", "people") + " in 24 h, no limit"
	}
	return count(s.Used) + " of " + people(s.Tier) + " slots used"
}

// worstRating is the worst of the numbers' ratings, in words.
func worstRating(numbers []governor.NumberSnapshot) string {
	worst := quality.RatingUnknown
	for _, n := range numbers {
		if n.Rating != quality.RatingUnknown && (worst == quality.RatingUnknown || n.Rating < worst) {
			worst = n.Rating
		}
	}
	switch {
	case worst == quality.RatingUnknown:
		return "Not rated"
	case len(numbers) > 1:
		return "Rated " + worst.String() + " or better"
	}
	return "Rated " + worst.String()
}

// heard is when the platform last told anything of the account's health or
// limit. Messages and their statuses are not among it.
func heard(s governor.Snapshot) time.Time {
	last := s.Reported
	for _, n := range s.Numbers {
		last = later(last, n.ReportedAt)
	}
	for _, w := range s.WABAs {
		last = later(last, w.ReportedAt)
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// worstFirst puts those that need somebody before those that do not.
func worstFirst(readings []reading) []reading {
	sorted := slices.Clone(readings)
	slices.SortStableFunc(sorted, func(a, b reading) int {
		if a.Known != b.Known {
			if a.Known {
				return 1
			}
			return -1
		}
		return cmp.Or(
			cmp.Compare(b.Snapshot.Health, a.Snapshot.Health),
			cmp.Compare(spoken(b.Snapshot), spoken(a.Snapshot)),
			cmp.Compare(usedShare(b.Snapshot), usedShare(a.Snapshot)),
			cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return sorted
}

// usedShare is how much of the limit is used, from 0.
func usedShare(s governor.Snapshot) float64 {
	if limit := s.Tier.Limit(); limit > 0 && s.Tier != tier.Unlimited {
		return float64(s.Used) / float64(limit)
	}
	return 0
}

// An account is all that a page says of one account.
type account struct {
	ID, Name string
	Badge    badge
	Headline saying
	Facts    []fact
	Notices  []notice
	Known    bool
	Gauge    gauge
	Shares   []share
	Ladder   []step
	Progress progress
	Curve    curve
	Numbers  []number
	WABAs    []waba
	Week     week
	Refusals []refused
	Store    []fact
	Plan     planned
}

// accountOf is the page of one account.
func accountOf(r reading, p planned) account {
	a := account{ID: r.ID, Name: r.Name, Badge: badgeOf(r), Known: r.Known, Notices: notices(r), Plan: p}
	if !r.Known {
		a.Headline = saying{Text: unknown}
		return a
	}
	s := r.Snapshot
	a.Headline = headlineOf(r)
	a.Facts = facts(s)
	a.Gauge, a.Shares = gaugeOf(s), shares(s)
	a.Ladder, a.Progress = ladder(s), progressOf(s)
	a.Curve = curveOf(s)
	a.Numbers, a.WABAs = numbers(s), wabas(s)
	a.Week, a.Refusals = weekOf(s), refusals(s)
	a.Store = storeFacts(s)
	return a
}

// facts are the figures that everybody looks for first.
func facts(s governor.Snapshot) []fact {
	if s.Tier == tier.Unlimited {
		return []fact{
			{Label: "Reached in 24 h", Value: count(s.Used), Note: "different people"},
			{Label: "Slots free", Value: "All", Note: room(s)},
			{Label: "Messaging limit", Value: "Unlimited", Note: reported(s)},
			heardFact(s),
		}
	}
	free := fact{Label: "Slots free", Value: count(s.Free), Note: room(s)}
	switch {
	case s.Free > 0:
	case s.SlotFree.IsZero():
		free.Note = "no time is known at which one frees"
	default:
		free.Note, free.At = "the next frees", at(s.SlotFree, s.At)
	}
	return []fact{
		{Label: "Slots used", Value: count(s.Used), Unit: "of " + people(s.Tier), Note: percent(float64(s.Used), float64(s.Tier.Limit())) + " of the limit"},
		free,
		{Label: "Messaging limit", Value: people(s.Tier), Unit: "people in 24 h", Note: reported(s)},
		heardFact(s),
	}
}

// room is what free slots are good for.
func room(s governor.Snapshot) string {
	if spoken(s) >= quality.Restricted {
		return "but notifications are held back"
	}
	return "new people can be written to now"
}

func reported(s governor.Snapshot) string {
	if s.Reported.IsZero() {
		return "assumed: the platform has not told it"
	}
	return "told by the platform " + ago(s.Reported, s.At)
}

func heardFact(s governor.Snapshot) fact {
	f := fact{Label: "Last heard", Value: "Never", Note: "of its health or limit"}
	if last := heard(s); !last.IsZero() {
		m := at(last, s.At)
		f.Value, f.Note = upperFirst(m.Relative), "of its health or limit,"
		f.At = moment{ISO: m.ISO, Text: m.Text}
	}
	return f
}

// storeless is what a store that does not answer means.
const storeless = "Replies pass; notifications are refused, but for those that slots were set aside for. The governor’s observer was told why."

// silence is after how long without a word a page asks whether anybody listens.
const silence = day

// notices are what a reader should not miss, worst first.
func notices(r reading) []notice {
	var all []notice
	add := func(tone, title, text string) { all = append(all, notice{tone, title, text}) }
	s := r.Snapshot
	switch {
	case r.Failed && r.Known:
		add(bad, "The store does not answer.", storeless+" What follows was read "+seen(r)+".")
	case r.Failed:
		add(bad, "The store does not answer.", storeless)
	}
	if !r.Known {
		return all
	}
	if r.Strange {
		add(idle, "Nobody has told this governor of the account.", "What follows is where a new one stands.")
	}
	if s.ColdUntil.After(s.At) {
		add(warn, "The ledger began empty.", "The limit is taken as used up until "+clock(s.ColdUntil, s.At)+", "+ahead(s.ColdUntil, s.At)+": nobody knows what was sent before.")
	}
	if s.Leased > 0 {
		add(idle, counted(s.Leased, "slot is", "slots are")+" set aside.", "They let notifications pass while the store does not answer, and count as used.")
	}
	if s.Tier != tier.Unlimited && s.Used > s.Tier.Limit() {
		add(warn, "More is used than the limit allows.", "The limit was lowered, or messages were delivered late. Notifications wait until use has fallen below it.")
	}
	switch last := heard(s); {
	case last.IsZero():
		add(idle, "Nothing has been heard of its health or limit.", "Are webhooks and the poller wired up? Until then both are assumed.")
	case s.At.Sub(last) >= silence:
		add(warn, "Nothing has been heard of its health or limit for "+span(s.At.Sub(last))+".", "The poller, or the platform’s webhooks, may have stopped.")
	}
	for _, n := range s.Numbers {
		if n.Unknown.Count > 0 {
			add(warn, "The platform used a word that nobody knows.", "In "+n.Unknown.Field+" of number "+n.ID+": “"+n.Unknown.Word+"”. It was taken as unsafe.")
		}
	}
	return all
}

// seen is when a reading was taken, as far as it can be told.
func seen(r reading) string {
	if r.Now.IsZero() {
		return "at " + r.Snapshot.At.UTC().Format("15:04:05 UTC on 2 Jan")
	}
	return ago(r.Snapshot.At, r.Now) + ", at " + clock(r.Snapshot.At, r.Now)
}

func storeFacts(s governor.Snapshot) []fact {
	latency := "Under 1 ms"
	if s.Store.Latency >= time.Millisecond {
		latency = count(s.Store.Latency.Milliseconds()) + " ms"
	}
	f := []fact{
		{Label: "Answers in", Value: latency, Note: "on average, for this page"},
		{Label: "Failures", Value: count(s.Store.Failures), Note: "since the governor was made"},
	}
	if !s.Store.LastFailure.IsZero() {
		f[1].Value += ","
		f[1].Note, f[1].At = "the last", at(s.Store.LastFailure, s.At)
	}
	return f
}
