package governor

import (
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// A profile is what the platform has said of an account: what the store keeps
// as its state, in JSON. What is derived from it and the time is not in it.
type profile struct {
	Tier    reportedTier              `json:"tier,omitzero"`
	Numbers map[string]*numberProfile `json:"numbers,omitempty"`
	WABAs   map[string]*wabaProfile   `json:"wabas,omitempty"`
	// Templates are those of a WABA that is not known.
	Templates templates `json:"templates,omitempty"`
	// ColdUntil is the end of a cold start, Imported when the ledger was last
	// filled from what was known outside.
	ColdUntil time.Time `json:"cold_until,omitzero"`
	Imported  time.Time `json:"imported,omitzero"`
}

type numberProfile struct {
	Quality quality.State `json:"quality,omitzero"`
	// Own is a limit that the platform reported for this number alone.
	Own reportedTier `json:"own,omitzero"`
	// PerSecond is the throughput as reported at PerSecondAt.
	PerSecond   int       `json:"per_second,omitempty"`
	PerSecondAt time.Time `json:"per_second_at,omitzero"`
	// Slowed is by how much the number sends slower than that, RestsUntil
	// until when it sends nothing at all, because of RestCode.
	Slowed     slowdown  `json:"slowed,omitzero"`
	RestsUntil time.Time `json:"rests_until,omitzero"`
	RestCode   int       `json:"rest_code,omitempty"`
	// WABA and Display are what was seen together with the number.
	WABA    string `json:"waba,omitempty"`
	Display string `json:"display,omitempty"`
}

// wabaProfile is a copy of a WABA's record; see link.
type wabaProfile struct {
	Version   uint64        `json:"version"`
	Quality   quality.State `json:"quality,omitzero"`
	Templates templates     `json:"templates,omitempty"`
	Details   wabaDetails   `json:"details,omitzero"`
}

// version is that of the record it is a copy of, zero where there is none.
func (w *wabaProfile) version() uint64 {
	if w == nil {
		return 0
	}
	return w.Version
}

type reportedTier struct {
	Tier tier.Tier `json:"tier"`
	At   time.Time `json:"at"`
}

// report takes a newer tier. Of two at the same time the smaller counts, so
// that the order in which they arrive does not matter.
func (r *reportedTier) report(t tier.Tier, at time.Time) {
	if !t.Known() || at.Before(r.At) || at.Equal(r.At) && r.Tier.Known() && t > r.Tier {
		return
	}
	*r = reportedTier{Tier: t, At: at.UTC()}
}

// limit is the account's as reported, else as configured, else the fallback.
func (p *profile) limit(route *Route, cfg *Config) tier.Tier {
	switch {
	case p.Tier.Tier.Known():
		return p.Tier.Tier
	case route.Tier.Known():
		return route.Tier
	}
	return cfg.DefaultTier
}

// due is when there is next something to tell that time alone has brought: now
// where nobody has told it yet, as of an account that was not asked about
// meanwhile. Zero: never.
func (p *profile) due(now time.Time) time.Time {
	var due time.Time
	consider := func(s quality.State) {
		at, ok := s.NextChange(latest(now, s.Seen)) // a clock that jumped back brings nothing twice
		if _, untold := quality.Next(s, quality.Tick{}, now); len(untold) > 0 {
			at, ok = now, true
		}
		if ok && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	for _, n := range p.Numbers {
		consider(n.Quality)
	}
	for _, w := range p.WABAs {
		consider(w.Quality)
	}
	return due
}

// setNumber changes one number's part. A number that is new here has missed
// that the account's limit was reported, which what is late to come about it
// may be older than.
func (p *profile) setNumber(number string, change func(*numberProfile)) {
	n := p.Numbers[number]
	if n == nil {
		n = &numberProfile{Quality: quality.State{TierAt: p.Tier.At}}
		if p.Numbers == nil {
			p.Numbers = map[string]*numberProfile{}
		}
		p.Numbers[number] = n
	}
	change(n)
}
