package governor

import (
	"cmp"
	"time"

	"github.com/sendgov/sendgov/tier"
)

// A sender is a number as one view knows it, looked up once for all that a
// decision asks of it.
type sender struct {
	id     string
	route  Route
	view   *view
	number *numberProfile // nil: nothing was said of it
	waba   *wabaProfile   // nil: nothing is known of its WABA, or which that is
}

func (v *view) sender(route Route, number string) sender {
	s := sender{id: number, route: route}
	s.see(v)
	return s
}

// see looks the number up in a view.
func (s *sender) see(v *view) {
	s.view, s.number, s.waba = v, v.profile.Numbers[s.id], nil
	if waba := s.wabaID(); waba != "" {
		s.waba = v.profile.WABAs[waba]
	}
}

// wabaID is the number's WABA as configured, else as seen, else empty.
func (s *sender) wabaID() string {
	if s.route.WABA == "" && s.number != nil {
		return s.number.WABA
	}
	return s.route.WABA
}

// limit is how many people the number may reach: the account's limit, a step
// lower for each downgrade that the number's flags lead one to expect, and no
// more than the number's own.
func (s *sender) limit(cfg *Config, now time.Time) tier.Tier {
	limit := s.view.profile.limit(&s.route, cfg)
	if s.number == nil {
		return limit
	}
	for range s.number.Quality.PredictedDowngrades(now) {
		limit = cfg.Ladder.Down(limit)
	}
	if own := s.number.Own.Tier; own.Known() {
		limit = min(limit, own)
	}
	return limit
}

// throughput is the number's as reported, else as configured, else the
// platform's default.
func (s *sender) throughput() int {
	reported := 0
	if s.number != nil {
		reported = s.number.PerSecond
	}
	return cmp.Or(reported, s.route.PerSecond, defaultPerSecond)
}

// perSecond is how fast the number sends: its throughput, or less while the
// platform finds it too fast.
func (s *sender) perSecond(now time.Time) int {
	if s.number == nil {
		return s.throughput()
	}
	return max(1, s.throughput()>>s.number.Slowed.steps(now))
}
