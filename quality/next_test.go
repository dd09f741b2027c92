package quality_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

func TestAnEventFromTheFutureHappensNow(t *testing.T) {
	t.Parallel()
	s := after(t0, quality.StatusReported{Word: "OFFLINE", At: t0.Add(1000 * week)})
	s, _ = quality.Next(s, status("CONNECTED"), t0.Add(1))
	require.Equal(t, quality.Connected, s.Health(t0.Add(1)))
	require.Equal(t, t0, after(t0, quality.RatingReported{Rating: quality.Low}).Flag.Since, "no time is now")
}

func TestARepeatChangesNothing(t *testing.T) {
	t.Parallel()
	eachSeed(t, 100, func(r *rand.Rand) {
		now := t0.Add(5 * week)
		events := randomEvents(r, 20, 5*week)
		want := after(now, events...)
		for i, e := range events {
			got, effects := quality.Next(want, e, now)
			require.Equal(t, want, got, "event %d", i)
			require.Empty(t, effects)
		}
	})
}

func TestARepeatThatComesLaterChangesNothing(t *testing.T) {
	t.Parallel()
	e := quality.StatusReported{Word: "FOO", At: t0}
	s, effects := quality.Next(quality.State{}, e, t0)
	require.Equal(t, []quality.Effect{
		quality.HealthChanged{From: quality.Unreported, To: quality.Restricted, At: t0},
		quality.UnknownWord{Field: "status", Word: "FOO", At: t0},
	}, effects)
	require.Equal(t, quality.UnknownWords{Count: 1, Field: "status", Word: "FOO"}, s.Unknown)
	again, effects := quality.Next(s, e, t0.Add(day))
	require.Equal(t, s, again)
	require.Empty(t, effects)
	s, _ = quality.Next(s, quality.StatusReported{Word: "FOO"}, t0.Add(day))
	require.Equal(t, 2, s.Unknown.Count)
}

func TestUnknownWordsAreCountedInEveryField(t *testing.T) {
	t.Parallel()
	for field, e := range map[string]quality.Event{
		"status":           status("foo "),
		"quality_rating":   quality.RatingReported{Rating: quality.High, Word: "foo "},
		"restriction_type": quality.RestrictionReported{Type: "foo "},
		"waba_ban_state":   quality.BanReported{State: "foo "},
		"decision":         quality.ReviewReported{Decision: "foo "},
	} {
		s := after(t0, e)
		require.Equal(t, quality.UnknownWords{Count: 1, Field: field, Word: "FOO"}, s.Unknown)
		require.NotEqual(t, quality.Connected, s.Health(t0), field)
	}
	s := after(t0, quality.RatingReported{Rating: 200})
	require.Equal(t, "quality_rating", s.Unknown.Field)
	require.Equal(t, quality.RatingUnknown, s.Rating())
	s = after(t0, quality.BanReported{State: "SCHEDULE_FOR_DISABLE"})
	require.Equal(t, "waba_ban_date", s.Unknown.Field)
}

func TestAnUnknownWordNeverLoosensABlock(t *testing.T) {
	t.Parallel()
	eachSeed(t, 400, func(r *rand.Rand) {
		now := t0.Add(5 * week)
		before := after(now, randomEvents(r, r.IntN(15), 5*week)...)
		at := t0.Add(time.Duration(r.IntN(int(5*week/hour))) * hour)
		for _, e := range []quality.Event{
			quality.StatusReported{Word: pick(r, garbageWords...), At: at},
			quality.RatingReported{Word: "PURPLE", At: at},
			quality.BanReported{State: pick(r, garbageWords...), At: at},
			quality.BanReported{State: "SCHEDULE_FOR_DISABLE", At: at},
			quality.ReviewReported{Decision: pick(r, garbageWords...), At: at},
			quality.RestrictionReported{Type: "NEVER_SEEN", Until: pick(r, wildTimes...), At: at},
		} {
			s, _ := quality.Next(before, e, now)
			for _, u := range uses {
				_, was := before.Blocked(u, now)
				_, is := s.Blocked(u, now)
				require.True(t, is || !was, "%#v, use %05b", e, u)
			}
		}
	})
}

func TestAClockThatJumpsBackRepeatsNoEffect(t *testing.T) {
	t.Parallel()
	s := after(t0, rated(quality.Low))
	s, effects := quality.Next(s, quality.Tick{}, t0.Add(week))
	require.Len(t, effects, 2)
	s, effects = quality.Next(s, quality.RestrictionReported{Type: quality.RestrictedUtility, Until: t0.Add(8 * day)}, t0.Add(6*day))
	require.Len(t, effects, 1)
	require.Equal(t, quality.Flagged, s.Health(t0.Add(6*day)), "answers are for the instant that is asked about")
	_, effects = quality.Next(s, quality.Tick{}, t0.Add(week))
	require.Empty(t, effects)
}

// account follows a state by its effects alone.
type account struct {
	health   quality.Health
	inForce  map[quality.RestrictionType]quality.Restriction
	lowered  int
	upgrades time.Time
}

func newAccount() *account {
	return &account{inForce: map[quality.RestrictionType]quality.Restriction{}}
}

func (a *account) take(t *testing.T, effects []quality.Effect) {
	t.Helper()
	for _, effect := range effects {
		switch e := effect.(type) {
		case quality.HealthChanged:
			require.Equal(t, a.health, e.From)
			a.health = e.To
		case quality.RestrictionAdded:
			a.inForce[e.Restriction.Type] = e.Restriction
		case quality.RestrictionLapsed:
			require.Contains(t, a.inForce, e.Restriction.Type)
			delete(a.inForce, e.Restriction.Type)
		case quality.RestrictionRemoved:
			require.Contains(t, a.inForce, e.Restriction.Type)
			delete(a.inForce, e.Restriction.Type)
		case quality.TierLowered:
			a.lowered++
		case quality.PredictionWithdrawn:
			a.lowered--
		case quality.UpgradesBlocked:
			a.upgrades = e.Until
		case quality.UpgradesAllowed:
			a.upgrades = time.Time{}
		case quality.UnknownWord:
		default:
			require.Fail(t, "no such effect", "%T", e)
		}
	}
}

// requireFollows compares what the effects have led to with what s answers.
func (a *account) requireFollows(t *testing.T, s quality.State, now time.Time) {
	t.Helper()
	require.Equal(t, s.Health(now), a.health)
	require.Equal(t, s.PredictedDowngrades(now), a.lowered)
	from, _ := s.UpgradesFrom(now)
	require.Equal(t, from, a.upgrades)
	inForce := map[quality.RestrictionType]time.Time{}
	for _, r := range s.InForce(now) {
		inForce[r.Type] = r.Until
	}
	followed := map[quality.RestrictionType]time.Time{}
	for typ, r := range a.inForce {
		followed[typ] = r.Until
	}
	require.Equal(t, inForce, followed)
}

func TestEffectsAloneSufficeToFollowAState(t *testing.T) {
	t.Parallel()
	eachSeed(t, 200, func(r *rand.Rand) {
		span := pick(r, 2*week, 8*week)
		now := t0
		var s quality.State
		a := newAccount()
		for _, e := range randomEvents(r, 60, span) {
			now = now.Add(time.Duration(r.IntN(int(span/hour)/20)) * hour)
			var effects []quality.Effect
			s, effects = quality.Next(s, e, now)
			a.take(t, effects)
			a.requireFollows(t, s, now)
		}
	})
}

func TestNothingHappensBeforeNextChange(t *testing.T) {
	t.Parallel()
	eachSeed(t, 200, func(r *rand.Rand) {
		now := t0.Add(2 * week)
		s := after(now, randomEvents(r, 20, 2*week)...)
		for {
			next, ok := s.NextChange(now)
			if !ok {
				next = now.Add(100 * week)
			}
			_, effects := quality.Next(s, quality.Tick{}, next.Add(-shortly))
			require.Empty(t, effects)
			require.Equal(t, s.Health(now), s.Health(next.Add(-shortly)))
			if !ok {
				break
			}
			s, _ = quality.Next(s, quality.Tick{}, next)
			require.True(t, next.After(now))
			now = next
		}
	})
}

func roundTrip(t *testing.T, s quality.State) quality.State {
	t.Helper()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var back quality.State
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

func TestNextIsTotalAndAStateSurvivesJSON(t *testing.T) {
	t.Parallel()
	eachSeed(t, 60, func(r *rand.Rand) {
		var s quality.State
		for range 60 {
			e := wildEvent(r)
			if r.IntN(2) == 0 {
				e = randomEvent(r, 5*week)
			}
			now := pick(r, wildTimes...)
			s, _ = quality.Next(s, e, now)
			require.LessOrEqual(t, s.Health(now), quality.Banned)
			require.Equal(t, s, roundTrip(t, s))
		}
	})
}

func TestNextNeverChangesTheStateItIsGiven(t *testing.T) {
	t.Parallel()
	eachSeed(t, 60, func(r *rand.Rand) {
		now := t0.Add(5 * week)
		events := randomEvents(r, 60, 5*week)
		s := after(now, events[:40]...)
		before := roundTrip(t, s)
		var branches, want []quality.State
		for _, e := range events[40:] { // all from the same state, so that shared slices would show
			next, _ := quality.Next(s, e, now)
			branches = append(branches, next)
			want = append(want, roundTrip(t, next))
		}
		require.Equal(t, before, s)
		require.Equal(t, want, branches)
	})
}

func TestAWordOfALaterVersionBlocksNotifications(t *testing.T) {
	t.Parallel()
	s := quality.State{Status: quality.Words{Known: quality.Report{Word: "NEW", At: t0}}}
	block, blocked := s.Blocked(quality.Marketing, t0)
	require.True(t, blocked)
	require.Equal(t, quality.Block{Health: quality.Restricted, Word: "NEW"}, block)
}

func TestAnswersDoNotAllocate(t *testing.T) { // not parallel: it counts allocations
	r := rand.New(rand.NewPCG(1, 0))
	now := t0.Add(5 * week)
	s := after(now, randomEvents(r, 60, 5*week)...)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s.Health(now)
		s.Blocked(quality.Marketing, now)
		s.NextChange(now)
		s.UpgradesFrom(now)
	}))
}
