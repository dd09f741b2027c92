package statuspage

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// version changes when a field is taken away or comes to mean something else.
// New fields may come at any time.
const version = 1

// The types below are the JSON, as assets/schema.json describes it. A time that
// is not there is a zero one; a limit that is not there is none.
type (
	jsonDocument struct {
		Version  int           `json:"version"`
		At       time.Time     `json:"at,omitzero"`
		Accounts []jsonAccount `json:"accounts"`
		More     int           `json:"more,omitempty"`
		Plan     *jsonPlan     `json:"plan,omitempty"`
	}
	jsonAccount struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Known   bool   `json:"known"`
		Failed  bool   `json:"store_failed"`
		Health  string `json:"health,omitempty"`
		Summary string `json:"summary"`
		*jsonStanding
	}
	jsonStanding struct {
		At        time.Time     `json:"at"`
		Heard     time.Time     `json:"heard_at,omitzero"`
		Limit     *int          `json:"limit,omitempty"`
		Unlimited bool          `json:"unlimited"`
		Reported  time.Time     `json:"limit_reported_at,omitzero"`
		Used      int           `json:"used"`
		Free      *int          `json:"free,omitempty"`
		NextFree  time.Time     `json:"next_free_at,omitzero"`
		SlotFree  time.Time     `json:"slot_free_at,omitzero"`
		Leased    int           `json:"leased"`
		ColdUntil time.Time     `json:"cold_until,omitzero"`
		Ladder    []string      `json:"ladder"`
		Progress  *jsonProgress `json:"progress,omitempty"`
		Curve     []jsonRelease `json:"curve"`
		Shares    []jsonShare   `json:"shares"`
		Numbers   []jsonNumber  `json:"numbers"`
		WABAs     []jsonWABA    `json:"wabas"`
		Days      []jsonDay     `json:"days"`
		Store     jsonStore     `json:"store"`
	}
	jsonProgress struct {
		To   string `json:"to"`
		Need int    `json:"need"`
		Have int    `json:"have"`
		Span int64  `json:"span_seconds"`
		Done bool   `json:"done"`
	}
	jsonRelease struct {
		At   time.Time `json:"at"`
		Free int       `json:"free"`
	}
	jsonShare struct {
		Category string  `json:"category"`
		Share    float64 `json:"share"`
		Limit    int     `json:"limit"`
	}
	jsonNumber struct {
		ID           string            `json:"id"`
		WABA         string            `json:"waba,omitempty"`
		Health       string            `json:"health"`
		Rating       string            `json:"rating"`
		Limit        *int              `json:"limit,omitempty"`
		PerSecond    int               `json:"per_second"`
		Sends        int               `json:"sends_per_second"`
		Restrictions []jsonRestriction `json:"restrictions"`
		Flagged      time.Time         `json:"flagged_since,omitzero"`
		FlagEnds     time.Time         `json:"flag_ends_at,omitzero"`
		Recovering   bool              `json:"recovering"`
		UpgradesFrom time.Time         `json:"upgrades_from,omitzero"`
		RestsUntil   time.Time         `json:"rests_until,omitzero"`
		Heard        time.Time         `json:"heard_at,omitzero"`
		History      []jsonWord        `json:"history"`
		UnknownWords int               `json:"unknown_words"`
	}
	jsonRestriction struct {
		Type     string    `json:"type"`
		Until    time.Time `json:"until,omitzero"`
		Reported time.Time `json:"reported_at,omitzero"`
	}
	jsonWord struct {
		Word string    `json:"word"`
		At   time.Time `json:"at"`
	}
	jsonWABA struct {
		ID           string            `json:"id"`
		Health       string            `json:"health"`
		Portfolio    string            `json:"portfolio,omitempty"`
		Verification string            `json:"verification,omitempty"`
		Status       string            `json:"status,omitempty"`
		Payment      string            `json:"payment,omitempty"`
		Heard        time.Time         `json:"heard_at,omitzero"`
		Restrictions []jsonRestriction `json:"restrictions"`
		Templates    []jsonTemplate    `json:"templates"`
	}
	jsonTemplate struct {
		Name     string    `json:"name"`
		Language string    `json:"language,omitempty"`
		Category string    `json:"category"`
		Rating   string    `json:"rating"`
		Status   string    `json:"status,omitempty"`
		Held     bool      `json:"held"`
		Until    time.Time `json:"held_until,omitzero"`
	}
	jsonDay struct {
		Day           string           `json:"day"`
		Incoming      int64            `json:"incoming"`
		Replies       int64            `json:"replies"`
		Notifications int64            `json:"notifications"`
		Delivered     int64            `json:"delivered"`
		Read          int64            `json:"read"`
		Failed        int64            `json:"failed"`
		FailedBy      []jsonFailure    `json:"failed_by"`
		Refused       map[string]int64 `json:"refused"`
		Peak          int              `json:"peak"`
	}
	jsonFailure struct {
		Code  int    `json:"code"`
		Title string `json:"title"`
		Count int64  `json:"count"`
	}
	jsonStore struct {
		Latency     float64   `json:"latency_seconds"`
		Failures    int64     `json:"failures"`
		LastFailure time.Time `json:"last_failure_at,omitzero"`
	}
	jsonPlan struct {
		From    string        `json:"from"`
		People  int           `json:"people"`
		Fault   string        `json:"fault,omitempty"`
		Allowed bool          `json:"allowed"`
		Reason  string        `json:"reason"`
		RetryAt time.Time     `json:"retry_at,omitzero"`
		Now     int           `json:"now"`
		Steps   []jsonRelease `json:"steps"`
		Done    time.Time     `json:"done_at,omitzero"`
		Slowest float64       `json:"slowest_seconds"`
	}
)

// document writes an answer as JSON.
func document(a answer) ([]byte, error) {
	d := jsonDocument{Version: version, At: utc(newest(a.readings)), Accounts: []jsonAccount{}, More: a.more}
	for _, r := range a.readings {
		d.Accounts = append(d.Accounts, jsonOf(r))
	}
	if a.whatIf.Asked {
		d.Plan = jsonPlanOf(a)
	}
	body, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(body, '\n'), nil
}

func jsonPlanOf(a answer) *jsonPlan {
	p := planOf(a.whatIf, snapshotOf(a.readings[0]), a.plan)
	j := &jsonPlan{
		From: p.From, People: p.Campaign.Recipients, Fault: p.Fault, Allowed: a.plan.Decision.Allowed, Reason: a.plan.Decision.Reason.String(),
		RetryAt: utc(a.plan.Decision.RetryAt), Now: a.plan.Now, Steps: releases(a.plan.Steps), Done: utc(a.plan.Done), Slowest: a.plan.Slowest.Seconds(),
	}
	if p.Misplaced {
		*j = jsonPlan{From: p.From, People: p.Campaign.Recipients, Fault: p.Title, Reason: governor.Undecided.String(), Steps: []jsonRelease{}}
	}
	return j
}

func jsonOf(r reading) jsonAccount {
	a := jsonAccount{ID: r.ID, Name: r.Name, Known: r.Known, Failed: r.Failed, Summary: unknown}
	if !r.Known {
		return a
	}
	s := r.Snapshot
	a.Health, a.Summary = s.Health.String(), headlineOf(r).Text
	a.jsonStanding = &jsonStanding{
		At: utc(s.At), Heard: utc(heard(s)), Limit: limitOf(s.Tier), Unlimited: s.Tier == tier.Unlimited, Reported: utc(s.Reported),
		Used: s.Used, NextFree: utc(s.NextFree), SlotFree: utc(s.SlotFree), Leased: s.Leased, ColdUntil: utc(s.ColdUntil),
		Ladder: []string{}, Curve: releases(s.Curve), Shares: []jsonShare{}, Numbers: []jsonNumber{}, WABAs: []jsonWABA{}, Days: []jsonDay{},
		Store: jsonStore{s.Store.Latency.Seconds(), s.Store.Failures, utc(s.Store.LastFailure)},
	}
	if s.Tier != tier.Unlimited {
		a.Free = &s.Free
	}
	for _, t := range s.Ladder {
		a.Ladder = append(a.Ladder, t.String())
	}
	if p := s.Progress; p.Need > 0 {
		a.Progress = &jsonProgress{p.To.String(), p.Need, p.Have, int64(p.Span / time.Second), p.Done()}
	}
	for _, sh := range s.Shares {
		a.Shares = append(a.Shares, jsonShare{sh.Category.String(), sh.Share, sh.Limit})
	}
	for _, n := range s.Numbers {
		a.Numbers = append(a.Numbers, jsonNumberOf(n))
	}
	for _, w := range s.WABAs {
		a.WABAs = append(a.WABAs, jsonWABAOf(w))
	}
	for _, d := range s.Days {
		a.Days = append(a.Days, jsonDayOf(d))
	}
	return a
}

func jsonNumberOf(n governor.NumberSnapshot) jsonNumber {
	j := jsonNumber{
		ID: n.ID, WABA: n.WABA, Health: n.Health.String(), Rating: n.Rating.String(), Limit: limitOf(n.Tier),
		PerSecond: n.PerSecond, Sends: n.SendsPerSecond, Restrictions: jsonRestrictions(n.Restrictions),
		Flagged: utc(n.FlaggedSince), FlagEnds: utc(n.FlagEnds), Recovering: n.Recovering, UpgradesFrom: utc(n.UpgradesFrom),
		RestsUntil: utc(n.RestsUntil), Heard: utc(n.ReportedAt), History: []jsonWord{}, UnknownWords: n.Unknown.Count,
	}
	for _, w := range n.History {
		j.History = append(j.History, jsonWord{w.Word, utc(w.At)})
	}
	return j
}

func jsonWABAOf(w governor.WABASnapshot) jsonWABA {
	j := jsonWABA{
		ID: w.ID, Health: w.Health.String(), Portfolio: w.Portfolio, Verification: w.Verification, Status: w.Status, Payment: w.Payment,
		Heard: utc(w.ReportedAt), Restrictions: jsonRestrictions(w.Restrictions), Templates: []jsonTemplate{},
	}
	for _, t := range w.Templates {
		j.Templates = append(j.Templates, jsonTemplate{t.Name, t.Language, t.Category.String(), t.Rating.String(), t.Status, t.Held, utc(t.Until)})
	}
	return j
}

func jsonDayOf(d governor.DaySnapshot) jsonDay {
	j := jsonDay{
		Day: d.Day.UTC().Format(time.DateOnly), Incoming: d.Incoming, Replies: d.Replies, Notifications: d.Notifications,
		Delivered: d.Delivered, Read: d.Read, Failed: d.Failed, FailedBy: []jsonFailure{}, Refused: map[string]int64{}, Peak: d.Peak,
	}
	for _, code := range slices.Sorted(maps.Keys(d.FailedBy)) {
		j.FailedBy = append(j.FailedBy, jsonFailure{code, titleOf(code), d.FailedBy[code]})
	}
	for reason, n := range d.Refused {
		j.Refused[reason.String()] = n
	}
	return j
}

func jsonRestrictions(all []quality.Restriction) []jsonRestriction {
	rows := []jsonRestriction{}
	for _, r := range all {
		rows = append(rows, jsonRestriction{string(r.Type), utc(r.Until), utc(r.Reported)})
	}
	return rows
}

func releases(points []governor.Release) []jsonRelease {
	rows := []jsonRelease{}
	for _, p := range points {
		rows = append(rows, jsonRelease{utc(p.At), p.Free})
	}
	return rows
}

// limitOf is nil for what is no number: no limit, and one that is not known.
func limitOf(t tier.Tier) *int {
	if t == tier.Unlimited || !t.Known() {
		return nil
	}
	limit := t.Limit()
	return &limit
}

// titleOf is the platform's title of an error code.
func titleOf(code int) string {
	if code == 0 {
		return "No code told"
	}
	if info := cloudapi.Lookup(code); info.Known() {
		return info.Title
	}
	return "Unknown code"
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// query is the address of a page's JSON, below the page's own.
func query(a answer) string {
	q := url.Values{"account": {a.Account}, "format": {"json"}}
	if a.whatIf.Asked {
		q.Set("people", a.whatIf.People)
		q.Set("from", a.whatIf.From)
		q.Set("category", a.whatIf.Category)
		q.Set("template", a.whatIf.Template)
	}
	return q.Encode()
}
