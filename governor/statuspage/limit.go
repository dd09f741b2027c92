package statuspage

import (
	"fmt"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/tier"
)

// A gauge is how much of the limit is used, in percent of its width.
type gauge struct {
	// Shown is false where there is no limit to measure against.
	Shown        bool
	Used, Leased string
	Marks        []string
	Tone         string
	// Alt is what it shows in words.
	Alt string
}

func gaugeOf(s governor.Snapshot) gauge {
	limit := s.Tier.Limit()
	if s.Tier == tier.Unlimited || limit == 0 {
		return gauge{Alt: use(s)}
	}
	part := usedShare(s)
	g := gauge{Shown: true, Used: width(part), Tone: good, Alt: use(s)}
	switch {
	case part >= 1:
		g.Tone = bad
	case part >= 0.8:
		g.Tone = warn
	}
	if s.Leased > 0 {
		g.Leased = width(float64(min(s.Leased, s.Used)) / float64(limit))
		g.Alt += ", " + count(s.Leased) + " of them set aside"
	}
	for _, share := range s.Shares {
		if share.Share > 0 && share.Share < 1 {
			g.Marks = append(g.Marks, width(share.Share))
		}
	}
	return g
}

// width is a part of one as a percentage that SVG reads.
func width(part float64) string { return fmt.Sprintf("%.2f%%", 100*max(0, min(1, part))) }

// A share is what one category may fill.
type share struct{ Category, Share, Room string }

func shares(s governor.Snapshot) []share {
	var all []share
	for _, sh := range s.Shares {
		row := share{Category: upperFirst(sh.Category.String()), Share: percent(sh.Share, 1)}
		switch {
		case sh.Share <= 0 || sh.Limit <= 0:
			row.Share, row.Room = "None", "held back"
		case s.Tier == tier.Unlimited:
			row.Room = "no limit"
		case s.Used >= sh.Limit:
			row.Room = "held back: " + count(s.Used) + " used, " + count(sh.Limit) + " is its share"
		default:
			row.Room = count(sh.Limit-s.Used) + " left of " + count(sh.Limit)
		}
		all = append(all, row)
	}
	return all
}

// A step is one limit of the ladder.
type step struct {
	Label, Note   string
	Current, Past bool
}

// ladder is the steps with the account's own among them, also where the
// platform gave it a limit between two.
func ladder(s governor.Snapshot) []step {
	var steps []step
	placed := false
	next := s.Progress.To
	for _, t := range s.Ladder {
		if !placed && s.Tier.Known() && t > s.Tier {
			steps = append(steps, step{Label: limitLabel(s.Tier), Note: "now", Current: true})
			placed = true
		}
		st := step{Label: limitLabel(t), Past: t < s.Tier}
		switch {
		case t == s.Tier:
			st.Current, st.Note, placed = true, "now", true
		case t == next && next > s.Tier:
			st.Note = "next"
		}
		steps = append(steps, st)
	}
	return steps
}

func limitLabel(t tier.Tier) string {
	if t == tier.Unlimited {
		return "Unlimited"
	}
	return people(t)
}

// progress is how far the account has come towards the next step.
type progress struct {
	// Shown is false where there is nothing to reach.
	Shown bool
	Title string
	Width string
	Have  string
	Text  string
	// Not is why it does not rise, if something stands in the way.
	Not saying
}

func progressOf(s governor.Snapshot) progress {
	p := s.Progress
	if p.Need <= 0 {
		text := "There is no higher step."
		if s.Tier != tier.Unlimited {
			text = "What the next step takes is not known."
		}
		return progress{Text: text}
	}
	view := progress{
		Shown: true, Width: width(p.Share()), Title: "Towards " + limitLabel(p.To),
		Have: count(p.Have) + " of " + counted(p.Need, "person", "people") + " in " + span(p.Span),
	}
	switch {
	case p.Done() && p.Lag > 0:
		view.Text = "Enough: if quality holds, the platform raises the limit within " + span(p.Lag) + "."
	case p.Done():
		view.Text = "Enough: the platform now looks at the quality before it raises the limit."
	default:
		view.Text = "At most " + count(p.Need-p.Have) + " more: of the days so far the busiest is counted, and others reach other people."
		if p.From < tier.Tier2K && p.To == tier.Tier2K {
			view.Text += " Verifying the business does it too."
		}
	}
	for _, n := range s.Numbers {
		if n.UpgradesFrom.After(s.At) {
			view.Not = saying{"Number " + n.ID + " was flagged, so it does not rise before", at(n.UpgradesFrom, s.At)}
		}
	}
	return view
}

// horizon is how far ahead the curve looks.
const horizon = day

// The curve's drawing is so wide and high; a stylesheet stretches it.
const (
	curveWidth  = 1440
	curveHeight = 400
)

// A curve is how slots free over the next 24 hours.
type curve struct {
	// Shown is false where there is nothing to draw; Text says why.
	Shown bool
	Text  string
	// Line and Area are SVG paths.
	Line, Area string
	Top        string
	Hours      []moment
	Rows       []curveRow
}

// A curveRow is one line of the table that says the same as the curve.
type curveRow struct {
	At   moment
	Free string
}

func curveOf(s governor.Snapshot) curve {
	limit := s.Tier.Limit()
	switch {
	case s.Tier == tier.Unlimited:
		return curve{Text: "There is no limit, so no slot has to free."}
	case s.Used == 0:
		return curve{Text: "No slot is held: all " + count(limit) + " are free."}
	case len(s.Curve) == 0:
		return curve{Text: "When slots free is not known."}
	case limit == 0:
		return curve{Text: "The limit is not known, so no slot is free."}
	}
	free := func(freed int) int { return max(0, min(limit, limit-s.Used+freed)) }
	c := curve{Shown: true, Top: count(limit)}
	x := func(t time.Time) int { return int(curveWidth * t.Sub(s.At) / horizon) }
	y := func(n int) int { return curveHeight - curveHeight*n/limit }
	c.Line = fmt.Sprintf("M0 %d", y(free(0)))
	last := 0
	for _, r := range s.Curve {
		if r.At.Sub(s.At) > horizon {
			break
		}
		c.Line += fmt.Sprintf("H%dV%d", max(0, x(r.At)), y(free(r.Free)))
		last = r.Free
	}
	c.Line += fmt.Sprintf("H%d", curveWidth)
	c.Area = c.Line + fmt.Sprintf("V%dH0Z", curveHeight)
	for h := 0; h <= 24; h += 6 {
		t := s.At.Add(time.Duration(h) * time.Hour)
		c.Hours = append(c.Hours, moment{ISO: t.UTC().Format(time.RFC3339), Text: t.UTC().Format("15:04")})
	}
	for _, h := range []int{0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24} {
		t := s.At.Add(time.Duration(h) * time.Hour)
		c.Rows = append(c.Rows, curveRow{at(t, s.At), count(free(freedBy(s.Curve, t)))})
	}
	c.Text = count(free(0)) + " of " + count(limit) + " slots are free now; if nothing more is sent, " +
		count(free(freedBy(s.Curve, s.At.Add(horizon/2)))) + " in 12 h and " + count(free(last)) + " in 24 h."
	return c
}

// freedBy is how many slots have freed by t.
func freedBy(points []governor.Release, t time.Time) int {
	n := 0
	for _, p := range points {
		if p.At.After(t) {
			break
		}
		n = p.Free
	}
	return n
}
