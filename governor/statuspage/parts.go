package statuspage

import (
	"cmp"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
)

// A number is what a page says of a phone number.
type number struct {
	ID       string
	Badge    badge
	Rating   badge
	Flag     saying
	Facts    []fact
	Held     []held
	History  []heardWord
	Elder    []heardWord
	Restless bool
}

// A held is a restriction in force.
type held struct {
	Type, Text string
	Until      moment
}

// A heardWord is a word of the platform and since when it says so.
type heardWord struct {
	Word string
	At   moment
}

// shownHistory is how many words of a history are shown at once.
const shownHistory = 4

func numbers(s governor.Snapshot) []number {
	var all []number
	for _, n := range s.Numbers {
		v := number{ID: n.ID, Badge: healthBadge(n.Health), Rating: ratingBadge(n.Rating), Held: restrictions(n.Restrictions, s.At)}
		if !n.FlagEnds.IsZero() {
			v.Flag = flag(n, s.Ladder, s.At).said(s.At)
		}
		v.Facts = append(v.Facts, fact{Label: "Speed", Value: speed(n)})
		if n.Tier != s.Tier {
			v.Facts = append(v.Facts, fact{Label: "Own limit", Value: people(n.Tier)})
		}
		if n.RestsUntil.After(s.At) {
			v.Facts = append(v.Facts, fact{Label: "Rests", Value: "The platform asked it to wait,", At: at(n.RestsUntil, s.At)})
		}
		if n.UpgradesFrom.After(s.At) {
			v.Facts = append(v.Facts, fact{Label: "May rise", Value: "Not before", At: at(n.UpgradesFrom, s.At)})
		}
		if n.WABA != "" {
			v.Facts = append(v.Facts, fact{Label: "WABA", Value: n.WABA})
		}
		v.Facts = append(v.Facts, lastHeard(n.ReportedAt, s.At))
		words := history(n.History, s.At)
		v.History, v.Elder = words[:min(len(words), shownHistory)], words[min(len(words), shownHistory):]
		all = append(all, v)
	}
	return all
}

func lastHeard(t, now time.Time) fact {
	if t.IsZero() {
		return fact{Label: "Last heard", Value: "Nothing yet"}
	}
	m := at(t, now)
	return fact{Label: "Last heard", Value: upperFirst(m.Relative) + ",", At: moment{ISO: m.ISO, Text: m.Text}}
}

// speed is how fast a number may send.
func speed(n governor.NumberSnapshot) string {
	if n.SendsPerSecond > 0 && n.SendsPerSecond < n.PerSecond {
		return counted(n.SendsPerSecond, "message", "messages") + "/s of " + count(n.PerSecond) + ", since the platform found it too fast"
	}
	return counted(n.PerSecond, "message", "messages") + "/s"
}

func restrictions(all []quality.Restriction, now time.Time) []held {
	var rows []held
	for _, r := range all {
		rows = append(rows, held{Type: string(r.Type), Text: restriction(r.Type), Until: at(r.Until, now)})
	}
	return rows
}

// history is what was said, newest first, each word at the time from which it
// was repeated.
func history(reports []quality.Report, now time.Time) []heardWord {
	var words []heardWord
	last := map[bool]string{} // by whether it is a rating: the two interleave when polled
	for _, r := range reports {
		_, err := quality.ParseRating(r.Word)
		if rating := err == nil; last[rating] != r.Word {
			last[rating] = r.Word
			words = append(words, heardWord{report(r.Word), at(r.At, now)})
		}
	}
	slices.Reverse(words)
	return words
}

// A waba is what a page says of a WhatsApp Business Account.
type waba struct {
	ID        string
	Badge     badge
	Facts     []fact
	Held      []held
	Templates []templateRow
	Sendable  string
}

// A templateRow is one that may not be sent, or that people dislike.
type templateRow struct {
	Name, Language, Status string
	Rating                 badge
	Until                  moment
}

func wabas(s governor.Snapshot) []waba {
	var all []waba
	for _, w := range s.WABAs {
		v := waba{ID: w.ID, Badge: healthBadge(w.Health), Held: restrictions(w.Restrictions, s.At)}
		for _, f := range []fact{
			{Label: "Verification", Value: humane(w.Verification)},
			{Label: "Account status", Value: humane(w.Status)},
			{Label: "Payment", Value: humane(w.Payment)},
		} {
			if f.Value == "" {
				f.Value = "Not told"
			}
			v.Facts = append(v.Facts, f)
		}
		if w.Portfolio != "" {
			v.Facts = append(v.Facts, fact{Label: "Portfolio", Value: w.Portfolio})
		}
		v.Facts = append(v.Facts, lastHeard(w.ReportedAt, s.At))
		sendable := 0
		for _, t := range w.Templates {
			if !t.Held {
				sendable++
			}
			if !t.Held && t.Rating != quality.Low {
				continue
			}
			row := templateRow{Name: t.Name, Language: t.Language, Status: humane(t.Status), Rating: ratingBadge(t.Rating), Until: at(t.Until, s.At)}
			if !t.Held {
				row.Status = "Sendable, but disliked"
			}
			v.Templates = append(v.Templates, row)
		}
		if len(w.Templates) > 0 {
			v.Sendable = count(sendable) + " of " + counted(len(w.Templates), "template", "templates") + " can be sent"
		}
		all = append(all, v)
	}
	return all
}

// A week is how people and the business have been talking.
type week struct {
	Shown    bool
	Facts    []fact
	Days     []weekday
	Failures []failure
}

// A weekday is one day of it.
type weekday struct {
	Day                                                moment
	Incoming, Replies, Notifications, ReadRate, Failed string
	// IncomingBar and RepliesBar are parts of the busiest day, in percent.
	IncomingBar, RepliesBar string
}

// A failure is an error code of the platform and how often it came.
type failure struct {
	Code           int
	Title, Meaning string
	Count          string
}

// weekDays is how many days make a week.
const weekDays = 7

// lastWeek is the last seven days, today last, those on which nothing happened
// included.
func lastWeek(s governor.Snapshot) []governor.DaySnapshot {
	today := s.At.UTC().Truncate(day)
	days := make([]governor.DaySnapshot, weekDays)
	for i := range days {
		days[i].Day = today.AddDate(0, 0, i+1-weekDays)
		for _, d := range s.Days {
			if d.Day.Equal(days[i].Day) {
				days[i] = d
			}
		}
	}
	return days
}

func weekOf(s governor.Snapshot) week {
	var w week
	var total governor.DaySnapshot
	causes := map[int]int64{}
	days := lastWeek(s)
	most := int64(1)
	for _, d := range days {
		total.Incoming += d.Incoming
		total.Replies += d.Replies
		total.Notifications += d.Notifications
		total.Delivered += d.Delivered
		total.Read += d.Read
		total.Failed += d.Failed
		for code, n := range d.FailedBy {
			causes[code] += n
		}
		most = max(most, d.Incoming, d.Replies)
	}
	for _, d := range days {
		w.Days = append(w.Days, weekday{
			Day:      moment{ISO: d.Day.Format(time.DateOnly), Text: d.Day.Format("Mon 2")},
			Incoming: count(d.Incoming), Replies: count(d.Replies), Notifications: count(d.Notifications),
			ReadRate: percent(float64(d.Read), float64(d.Delivered)), Failed: count(d.Failed),
			IncomingBar: width(float64(d.Incoming) / float64(most)), RepliesBar: width(float64(d.Replies) / float64(most)),
		})
	}
	w.Shown = total.Incoming+total.Replies+total.Notifications+total.Delivered+total.Failed > 0
	w.Facts = []fact{
		{Label: "Incoming chats", Value: count(total.Incoming), Note: "messages and calls"},
		{Label: "Our replies", Value: count(total.Replies), Note: perIncoming(total)},
		{Label: "Read", Value: percent(float64(total.Read), float64(total.Delivered)), Note: "of " + count(total.Delivered) + " delivered"},
		{Label: "Failed", Value: count(total.Failed), Note: percent(float64(total.Failed), float64(total.Failed+total.Delivered)) + " of messages"},
	}
	for code, n := range causes {
		w.Failures = append(w.Failures, failureOf(code, n))
	}
	slices.SortFunc(w.Failures, func(a, b failure) int {
		return cmp.Or(cmp.Compare(causes[b.Code], causes[a.Code]), cmp.Compare(a.Code, b.Code))
	})
	return w
}

// failureOf names a code; zero stands for all that told none.
func failureOf(code int, n int64) failure {
	f := failure{Code: code, Title: titleOf(code), Meaning: cloudapi.Lookup(code).Meaning, Count: count(n)}
	switch {
	case code == 0:
		f.Meaning = "The platform gave no reason, or none that could be read."
	case f.Meaning == "":
		f.Meaning = "The platform documents no such code."
	}
	return f
}

func perIncoming(d governor.DaySnapshot) string {
	if d.Incoming == 0 {
		return "to customers who wrote"
	}
	return percent(float64(d.Replies), float64(d.Incoming)) + " of incoming"
}

// A refused is a reason and how often the governor gave it.
type refused struct{ Title, Advice, Today, Week string }

func refusals(s governor.Snapshot) []refused {
	sums := map[governor.Reason]int64{}
	days := lastWeek(s)
	for _, d := range days {
		for reason, n := range d.Refused {
			sums[reason] += n
		}
	}
	reasons := make([]governor.Reason, 0, len(sums))
	for r := range sums {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b governor.Reason) int {
		return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b))
	})
	var rows []refused
	for _, r := range reasons {
		title, advice := refusal(r)
		rows = append(rows, refused{title, advice, count(days[weekDays-1].Refused[r]), count(sums[r])})
	}
	return rows
}

// numberIDs are those that a campaign can be sent from.
func numberIDs(s governor.Snapshot) []string {
	var ids []string
	for _, n := range s.Numbers {
		ids = append(ids, n.ID)
	}
	return ids
}

// slowest is how long a throughput alone takes, where that is worth a word.
func slowest(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return "The number's speed alone takes " + span(d) + "."
}
