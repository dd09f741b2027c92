package statuspage

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// maxPeople bounds what may be asked about: more than there are people.
const maxPeople = 10_000_000_000

// A whatIf is what the form asks: can so many people be written to, and when?
type whatIf struct {
	// Asked is false where the form was not sent.
	Asked bool
	// People is as it was typed, for the form to show it again.
	People                   string
	From, Category, Template string
	// Campaign is what it amounts to. Fault says what is wrong with it.
	Campaign governor.Campaign
	Fault    string
}

// readWhatIf reads the form. Only what is typed can be wrong.
func readWhatIf(q url.Values) whatIf {
	w := whatIf{
		Asked:    q.Has("people"),
		People:   strings.TrimSpace(q.Get("people")),
		From:     strings.TrimSpace(q.Get("from")),
		Category: q.Get("category"),
		Template: strings.TrimSpace(q.Get("template")),
	}
	if !w.Asked {
		return w
	}
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(w.People), 10, 64)
	switch {
	case err != nil || n < 1:
		w.Fault = "How many people? A whole number from 1 on."
	case n > maxPeople || n > int64(int(^uint(0)>>1)):
		w.Fault = "That is more than there are people."
	case w.From == "":
		w.Fault = "From which phone number ID?"
	default:
		w.Campaign = governor.Campaign{From: w.From, Template: w.Template, Category: governor.ParseCategory(w.Category), Recipients: int(n)}
	}
	return w
}

// A choice is one option of the form.
type choice struct {
	Value, Label string
	Chosen       bool
}

// A planned is the form and, if it was sent, its answer.
type planned struct {
	whatIf
	Numbers, Categories []choice
	Answered            bool
	Tone, Title, Text   string
	Steps               []curveRow
	// Misplaced is whether the number is another account's.
	Misplaced bool
	At        moment
}

// planOf is the form of an account, and the answer p to what w asked; a fault of
// w goes before it.
func planOf(w whatIf, s governor.Snapshot, p governor.Plan) planned {
	v := planned{whatIf: w}
	for _, id := range numberIDs(s) {
		v.Numbers = append(v.Numbers, choice{id, id, id == w.From})
	}
	if len(v.Numbers) == 0 && w.From == "" {
		v.From = s.Account
	}
	for _, c := range []governor.Category{governor.Marketing, governor.Utility, governor.Authentication} {
		v.Categories = append(v.Categories, choice{c.String(), upperFirst(c.String()), governor.ParseCategory(w.Category) == c})
	}
	v.Categories = append(v.Categories, choice{"", "Not known", w.Asked && governor.ParseCategory(w.Category) == governor.CategoryUnknown})
	switch {
	case !w.Asked:
	case w.Fault != "":
		v.Answered, v.Tone, v.Title = true, bad, w.Fault
	case p.Decision.Account != "" && p.Decision.Account != s.Account:
		v.Answered, v.Misplaced, v.Tone, v.Title = true, true, bad, "That number belongs to another account."
	default:
		v.answer(p, s.At)
	}
	return v
}

func (v *planned) answer(p governor.Plan, now time.Time) {
	v.Answered = true
	want := v.Campaign.Recipients
	var text []string
	switch {
	case p.Now >= want:
		v.Tone, v.Title = good, "Yes: all "+count(want)+" can be written to now."
	case p.Now > 0:
		v.Tone, v.Title = warn, count(p.Now)+" of "+count(want)+" can be written to now."
	case p.Decision.RetryAt.IsZero() && !p.Decision.Allowed:
		v.Tone, v.Title = bad, "No, and no time will help as things stand."
	case len(p.Steps) > 0:
		v.Tone, v.Title = warn, "Not now. The first "+count(p.Steps[0].Free)+" "+ahead(p.Steps[0].At, now)+"."
	default:
		v.Tone, v.Title = bad, "Not now."
	}
	if !p.Decision.Allowed {
		text = append(text, why(p.Decision))
	}
	switch {
	case p.Now >= want:
	case !p.Done.IsZero():
		v.At = at(p.Done, now)
	case len(p.Steps) > 0:
		last := p.Steps[len(p.Steps)-1]
		text = append(text, count(last.Free)+" "+ahead(last.At, now)+"; beyond that, what the campaign itself sends has to lapse first.")
	}
	if s := slowest(p.Slowest); s != "" {
		text = append(text, s)
	}
	v.Text = strings.Join(text, " ")
	if p.Now < want {
		for _, s := range thin(p.Steps, maxSteps) {
			v.Steps = append(v.Steps, curveRow{at(s.At, now), count(s.Free)})
		}
	}
}

// why says what stands in the way of a campaign.
func why(d governor.Decision) string {
	title, _ := refusal(d.Reason)
	if d.Reason == governor.Inactive && d.Health != quality.Unreported {
		title = d.Health.String()
	}
	if d.Detail != "" {
		title += " (" + d.Detail + ")"
	}
	return title + "."
}

// maxSteps is how many lines the table of a plan has at most.
const maxSteps = 12

// thin keeps at most n points, the last among them.
func thin(points []governor.Release, n int) []governor.Release {
	if len(points) <= n {
		return points
	}
	kept := make([]governor.Release, 0, n)
	for i := range n {
		kept = append(kept, points[(i+1)*len(points)/n-1])
	}
	return kept
}
