package quality_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

// model is the rules once more, written to be read and not to be fast: it keeps
// every event and lives through the history hour by hour.
type model struct{ events []quality.Event }

// each calls f with the events of type T.
func each[T quality.Event](m model, f func(T)) {
	for _, e := range m.events {
		if e, ok := e.(T); ok {
			f(e)
		}
	}
}

type flagModel struct {
	heard      bool
	flagged    bool
	downgrades int
	from       time.Time // upgrades; zero: at once
}

// flag lives through the hours until now.
func (m model) flag(now time.Time) flagModel {
	var (
		out              flagModel
		rating           = quality.RatingUnknown
		predicted        bool
		since, ended     time.Time
		held             int // hours on the present side
		lastTier         time.Time
		good             = func() bool { return rating >= quality.Medium }
		hoursOfWeek      = int(week / hour)
		begin            = func(at time.Time) { out.flagged, predicted, since, held = true, false, at, 0 }
		end              = func(at time.Time) { out.flagged, ended = false, at }
		ratings          = map[time.Time]quality.Rating{}
		connected, flags = map[time.Time]bool{}, map[time.Time]string{}
		strict           = map[quality.Rating]int{quality.High: 0, quality.Medium: 1, quality.RatingUnknown: 2, quality.Low: 3}
	)
	each(m, func(e quality.TierReported) {
		if e.At.After(lastTier) {
			lastTier = e.At
		}
	})
	each(m, func(e quality.RatingReported) {
		if old, ok := ratings[e.At]; !ok || strict[e.Rating] > strict[old] {
			ratings[e.At] = e.Rating
		}
	})
	each(m, func(e quality.StatusReported) {
		switch e.Word {
		case "CONNECTED":
			connected[e.At] = true
		case "FLAGGED":
			flags[e.At] += "F"
		}
	})
	each(m, func(e quality.FlagReported) {
		if e.Flagged {
			flags[e.At] += "F"
		} else {
			flags[e.At] += "U"
		}
	})

	out.heard = len(flags) > 0
	for t := t0.Add(-day); !t.After(now); t = t.Add(hour) {
		held++
		if out.flagged && held == hoursOfWeek {
			if !good() && !lastTier.After(since) && out.downgrades < 6 {
				out.downgrades++
			}
			end(t)
		}
		if out.flagged && !predicted && connected[t] {
			end(t)
		}
		if out.flagged && slices.Contains([]byte(flags[t]), 'U') {
			end(t)
		}
		if to, ok := ratings[t]; ok {
			was, low := good(), rating == quality.Low
			rating = to
			out.heard = out.heard || rating != quality.RatingUnknown
			if rating == quality.Low && !low {
				if !out.flagged {
					begin(t)
				}
				predicted = true
			}
			if was != good() {
				held = 0
			}
		}
		if slices.Contains([]byte(flags[t]), 'F') && !out.flagged {
			begin(t)
		}
	}
	switch {
	case out.flagged:
		out.from = now.Add(-time.Duration(held) * hour).Add(2 * week)
	case !ended.IsZero() && now.Before(ended.Add(week)):
		out.from = ended.Add(week)
	}
	return out
}

// newest returns the words of a vocabulary that stand: of the known ones the
// strictest of the newest, and an unknown one unless a known one is newer.
func newest(at map[string]time.Time, strictness []string) (known string, unknown bool) {
	var knownAt time.Time
	for _, word := range strictness {
		if t, ok := at[word]; ok && !t.Before(knownAt) {
			known, knownAt = word, t
		}
	}
	for word, t := range at {
		if !slices.Contains(strictness, word) && !t.Before(knownAt) {
			unknown = true
		}
	}
	return known, unknown
}

func (m model) words(now time.Time) (blocked quality.Use, worst quality.Health) {
	everything := quality.Notifications | quality.Replies
	take := func(h quality.Health, u quality.Use) { blocked, worst = blocked|u, max(worst, h) }
	note := func(at map[string]time.Time, word string, t time.Time) {
		if !t.Before(at[word]) {
			at[word] = t
		}
	}
	status, bans, reviews := map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
	schedule := map[time.Time]time.Time{} // the earliest date of those said together
	each(m, func(e quality.StatusReported) { note(status, e.Word, e.At) })
	each(m, func(e quality.ReviewReported) { note(reviews, e.Decision, e.At) })
	each(m, func(e quality.BanReported) {
		if e.State == "SCHEDULE_FOR_DISABLE" {
			if e.Date.IsZero() {
				note(bans, "undated", e.At)
				return
			}
			if d, ok := schedule[e.At]; !ok || e.Date.Before(d) {
				schedule[e.At] = e.Date
			}
		}
		note(bans, e.State, e.At)
	})

	known, unknown := newest(status, []string{"CONNECTED", "FLAGGED", "RESTRICTED", "PENDING", "OFFLINE", "BANNED"})
	switch known {
	case "CONNECTED", "FLAGGED":
		take(quality.Connected, 0)
	case "RESTRICTED":
		take(quality.Restricted, quality.Notifications)
	case "PENDING":
		take(quality.Pending, everything)
	case "OFFLINE":
		take(quality.Offline, everything)
	case "BANNED":
		take(quality.Banned, everything)
	}
	decision, odd := newest(reviews, []string{"APPROVED", "DEFERRED", "PENDING", "REJECTED"})
	unknown = unknown || odd
	switch decision {
	case "APPROVED":
		take(quality.Connected, 0)
	case "PENDING", "DEFERRED":
		take(quality.Pending, everything)
	case "REJECTED":
		take(quality.Banned, everything)
	}
	ban, odd := newest(bans, []string{"REINSTATE", "SCHEDULE_FOR_DISABLE", "DISABLE"})
	unknown = unknown || odd
	switch {
	case ban == "DISABLE", ban == "SCHEDULE_FOR_DISABLE" && !now.Before(schedule[bans[ban]]):
		take(quality.Banned, everything)
	case ban != "":
		take(quality.Connected, 0)
	}
	if unknown {
		take(quality.Restricted, quality.Notifications)
	}
	return blocked, worst
}

func (m model) restrictions(now time.Time) (blocked quality.Use, worst quality.Health) {
	var lifted time.Time
	each(m, func(e quality.AllRestrictionsLifted) {
		if e.At.After(lifted) {
			lifted = e.At
		}
	})
	forever := t0.Add(1000 * week)
	last, until := map[quality.RestrictionType]time.Time{}, map[quality.RestrictionType]time.Time{}
	note := func(typ quality.RestrictionType, at, end time.Time) {
		worst = quality.Connected
		if at.After(last[typ]) || at.Equal(last[typ]) && end.After(until[typ]) {
			last[typ], until[typ] = at, end
		}
	}
	each(m, func(e quality.RestrictionLifted) { note(e.Type, e.At, e.At) })
	each(m, func(e quality.RestrictionReported) {
		if e.Until.IsZero() {
			e.Until = forever
		}
		note(e.Type, e.At, e.Until)
	})
	for typ, end := range until {
		if last[typ].Before(lifted) || !now.Before(end) {
			continue
		}
		switch typ {
		case quality.RestrictedUtility:
			blocked |= quality.Utility
		case quality.RestrictedDirectUtility:
			blocked |= quality.DirectUtility
		case quality.RestrictedCalling:
		case quality.RestrictedCustomerMessaging:
			blocked, worst = blocked|quality.Notifications|quality.Replies, quality.Restricted
		default:
			blocked, worst = blocked|quality.Notifications, quality.Restricted
		}
	}
	return blocked, worst
}

// requireAsModel compares every answer of s at now with the model's.
func requireAsModel(t *testing.T, m model, s quality.State, now time.Time) {
	t.Helper()
	byWords, worst := m.words(now)
	byRestrictions, restricted := m.restrictions(now)
	worst = max(worst, restricted)
	flag := m.flag(now)
	if flag.heard {
		worst = max(worst, quality.Connected)
	}
	if flag.flagged {
		worst = max(worst, quality.Flagged)
	}
	require.Equal(t, worst, s.Health(now), "health")
	for _, u := range uses[2:] { // the first two are of unknown purpose
		_, blocked := s.Blocked(u, now)
		require.Equal(t, u&(byWords|byRestrictions) != 0, blocked, "use %05b", u)
	}
	require.Equal(t, flag.downgrades, s.PredictedDowngrades(now), "downgrades")
	from, _ := s.UpgradesFrom(now)
	require.Equal(t, flag.from, from, "upgrades")
}

func TestAnswersAreThoseOfTheModelWhateverTheOrder(t *testing.T) {
	t.Parallel()
	eachSeed(t, 300, func(r *rand.Rand) {
		span := pick(r, 3*day, 2*week, 5*week)
		events := randomEvents(r, 1+r.IntN(40), span)
		now := t0.Add(span + time.Duration(r.IntN(400))*hour)
		if r.IntN(4) == 0 {
			now = t0.Add(span)
		}
		want := after(now, events...)
		requireAsModel(t, model{events}, want, now)
		for range 3 {
			r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			got := after(now, events...)
			got.Unknown = want.Unknown
			require.Equal(t, want, got)
		}
	})
}

func TestAnswersAreThoseOfTheModelAsTimeGoesOn(t *testing.T) {
	t.Parallel()
	eachSeed(t, 20, func(r *rand.Rand) {
		span := 60 * week
		events := inOrder(randomEvents(r, 600, span))
		var s quality.State
		for i, e := range events {
			now := at(e)
			if now.IsZero() {
				continue
			}
			s, _ = quality.Next(s, e, now)
			require.LessOrEqual(t, len(s.History), 48)
			if i%40 == 0 {
				requireAsModel(t, model{events[:i+1]}, s, now)
			}
		}
		requireAsModel(t, model{events}, s, t0.Add(span))
	})
}

// at returns when e says that it happened.
func at(e quality.Event) time.Time {
	switch e := e.(type) {
	case quality.RatingReported:
		return e.At
	case quality.StatusReported:
		return e.At
	case quality.FlagReported:
		return e.At
	case quality.RestrictionReported:
		return e.At
	case quality.RestrictionLifted:
		return e.At
	case quality.AllRestrictionsLifted:
		return e.At
	case quality.BanReported:
		return e.At
	case quality.ReviewReported:
		return e.At
	case quality.TierReported:
		return e.At
	default:
		return time.Time{}
	}
}

func inOrder(events []quality.Event) []quality.Event {
	slices.SortStableFunc(events, func(a, b quality.Event) int { return at(a).Compare(at(b)) })
	return events
}
