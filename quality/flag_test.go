package quality_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

// flaggedAt are the effects of a flag raised on a connected number.
func flaggedAt(at time.Time) []quality.Effect {
	return []quality.Effect{
		quality.HealthChanged{From: quality.Connected, To: quality.Flagged, At: at},
		quality.UpgradesBlocked{Until: at.Add(2 * week), At: at},
	}
}

func TestAFlagEndsAfterSevenImprovedDaysAtTheSameTier(t *testing.T) {
	t.Parallel()
	for _, better := range []quality.Rating{quality.Medium, quality.High} {
		improved := t0.Add(3 * day)
		s := walk(t, []step{
			{t0.Add(-hour), rated(quality.High), quality.Connected, changed(quality.Unreported, quality.Connected, t0.Add(-hour))},
			{t0, rated(quality.Low), quality.Flagged, flaggedAt(t0)},
			{improved, rated(better), quality.Flagged, []quality.Effect{
				quality.UpgradesBlocked{Until: improved.Add(2 * week), At: improved},
			}},
			{improved.Add(5 * day), rated(quality.Medium), quality.Flagged, nil},
			{improved.Add(week - shortly), quality.Tick{}, quality.Flagged, nil},
			{improved.Add(week), quality.Tick{}, quality.Connected, changed(quality.Flagged, quality.Connected, improved.Add(week))},
			{improved.Add(2*week - shortly), quality.Tick{}, quality.Connected, nil},
			{improved.Add(2 * week), quality.Tick{}, quality.Connected, []quality.Effect{
				quality.UpgradesAllowed{At: improved.Add(2 * week)},
			}},
		})
		require.Zero(t, s.PredictedDowngrades(improved.Add(2*week)))
	}
}

func TestAFlagWithoutImprovementLowersTheTierAfterSevenDays(t *testing.T) {
	t.Parallel()
	s := walk(t, []step{
		{t0.Add(-hour), rated(quality.High), quality.Connected, changed(quality.Unreported, quality.Connected, t0.Add(-hour))},
		{t0, rated(quality.Low), quality.Flagged, flaggedAt(t0)},
		{t0.Add(2 * day), rated(quality.Low), quality.Flagged, nil},
		{t0.Add(4 * day), rated(quality.RatingUnknown), quality.Flagged, nil},
		{t0.Add(5 * day), rated(quality.Low), quality.Flagged, nil},
		{t0.Add(week - shortly), quality.Tick{}, quality.Flagged, nil},
		{t0.Add(week), quality.Tick{}, quality.Connected, []quality.Effect{
			quality.TierLowered{Flagged: t0, At: t0.Add(week)},
			quality.HealthChanged{From: quality.Flagged, To: quality.Connected, At: t0.Add(week)},
		}},
		{t0.Add(8 * day), rated(quality.Low), quality.Connected, nil},
		{t0.Add(9 * day), rated(quality.Low), quality.Connected, nil},
		{t0.Add(10 * day), rated(quality.High), quality.Connected, nil},
		{t0.Add(11 * day), rated(quality.Low), quality.Flagged, []quality.Effect{
			quality.HealthChanged{From: quality.Connected, To: quality.Flagged, At: t0.Add(11 * day)},
			quality.UpgradesBlocked{Until: t0.Add(25 * day), At: t0.Add(11 * day)},
		}},
	})
	require.Equal(t, 1, s.PredictedDowngrades(t0.Add(12*day)))
	require.Equal(t, 2, s.PredictedDowngrades(t0.Add(18*day)), "time alone lowers again")
}

func TestAnImprovementThatDoesNotHoldRestartsTheClock(t *testing.T) {
	t.Parallel()
	for _, worse := range []quality.Rating{quality.Low, quality.RatingUnknown} {
		fell := t0.Add(6 * day)
		walk(t, []step{
			{t0.Add(-hour), rated(quality.High), quality.Connected, changed(quality.Unreported, quality.Connected, t0.Add(-hour))},
			{t0, rated(quality.Low), quality.Flagged, flaggedAt(t0)},
			{t0.Add(day), rated(quality.High), quality.Flagged, []quality.Effect{
				quality.UpgradesBlocked{Until: t0.Add(15 * day), At: t0.Add(day)},
			}},
			{fell, rated(worse), quality.Flagged, []quality.Effect{
				quality.UpgradesBlocked{Until: fell.Add(2 * week), At: fell},
			}},
			{fell.Add(week - shortly), quality.Tick{}, quality.Flagged, nil},
			{fell.Add(week), quality.Tick{}, quality.Connected, []quality.Effect{
				quality.TierLowered{Flagged: t0, At: fell.Add(week)},
				quality.HealthChanged{From: quality.Flagged, To: quality.Connected, At: fell.Add(week)},
			}},
		})
	}
}

func TestAReportedTierOverrulesThePrediction(t *testing.T) {
	t.Parallel()
	over, tick := t0.Add(week), t0.Add(8*day)
	tests := []struct {
		name       string
		tier       time.Time
		told       time.Time
		atEnd      int
		now        int
		withdrawal []quality.Effect
	}{
		{"before the flag", t0.Add(-hour), t0, 1, 1, nil},
		{"with the flag", t0, t0, 1, 1, nil},
		{"during the flag", t0.Add(hour), t0.Add(hour), 0, 0, nil},
		{"at its end", over, over, 0, 0, []quality.Effect{
			quality.HealthChanged{From: quality.Flagged, To: quality.Connected, At: over},
		}},
		{"after its end", tick, tick, 1, 0, []quality.Effect{quality.PredictionWithdrawn{Flagged: t0, At: tick}}},
		{"during the flag, told after its end", t0.Add(hour), tick, 1, 0, []quality.Effect{
			quality.PredictionWithdrawn{Flagged: t0, At: t0.Add(hour)},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := quality.Next(quality.State{}, rated(quality.Low), t0)
			if !test.told.Before(tick) {
				s, _ = quality.Next(s, quality.Tick{}, over)
				require.Equal(t, test.atEnd, s.PredictedDowngrades(over))
			}
			s, effects := quality.Next(s, quality.TierReported{At: test.tier}, test.told)
			require.Equal(t, test.withdrawal, effects)
			require.Equal(t, test.now, s.PredictedDowngrades(tick))
		})
	}
}

func TestALateTierReportSparesThePredictionIfNobodyHasSeenIt(t *testing.T) {
	t.Parallel()
	s, _ := quality.Next(quality.State{}, rated(quality.Low), t0)
	_, effects := quality.Next(s, quality.TierReported{At: t0.Add(3 * day)}, t0.Add(8*day))
	require.Equal(t, changed(quality.Flagged, quality.Connected, t0.Add(week)), effects)
}

func TestThePlatformsOwnFlagEndsByItsOwnWords(t *testing.T) {
	t.Parallel()
	for _, raise := range []quality.Event{status("FLAGGED"), quality.FlagReported{Flagged: true}} {
		for _, end := range []quality.Event{status("CONNECTED"), quality.FlagReported{}} {
			ended := t0.Add(2 * day)
			walk(t, []step{
				{t0.Add(-hour), status("CONNECTED"), quality.Connected, changed(quality.Unreported, quality.Connected, t0.Add(-hour))},
				{t0, raise, quality.Flagged, flaggedAt(t0)},
				{ended, end, quality.Connected, []quality.Effect{
					quality.HealthChanged{From: quality.Flagged, To: quality.Connected, At: ended},
					quality.UpgradesBlocked{Until: ended.Add(week), At: ended},
				}},
				{ended.Add(week), quality.Tick{}, quality.Connected, []quality.Effect{quality.UpgradesAllowed{At: ended.Add(week)}}},
			})
		}
	}
}

func TestThePlatformsOwnFlagEndsByTheClockToo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rating  quality.Rating
		lowered int
	}{{quality.High, 0}, {quality.RatingUnknown, 1}} {
		s := after(t0, rated(tt.rating), quality.FlagReported{Flagged: true})
		require.Equal(t, quality.Flagged, s.Health(t0.Add(week-shortly)))
		require.Equal(t, quality.Connected, s.Health(t0.Add(week)))
		require.Equal(t, tt.lowered, s.PredictedDowngrades(t0.Add(week)))
	}
}

func TestConnectedDoesNotEndAFlagOfALowRating(t *testing.T) {
	t.Parallel()
	s := after(t0, status("FLAGGED"), rated(quality.Low))
	s, effects := quality.Next(s, status("CONNECTED"), t0.Add(hour))
	require.Empty(t, effects)
	require.Equal(t, quality.Flagged, s.Health(t0.Add(hour)))

	s, _ = quality.Next(s, quality.FlagReported{}, t0.Add(2*hour))
	require.Equal(t, quality.Connected, s.Health(t0.Add(2*hour)), "UNFLAGGED ends any flag")
	s, _ = quality.Next(s, rated(quality.Low), t0.Add(3*hour))
	require.Equal(t, quality.Connected, s.Health(t0.Add(3*hour)), "a rating that stays Low raises none")
}

func TestTimeTakesEffectAtItsOwnInstantHoweverLateTheTick(t *testing.T) {
	t.Parallel()
	now := t0.Add(30 * day)
	s, _ := quality.Next(quality.State{}, rated(quality.Low), t0)
	s, effects := quality.Next(s, quality.Tick{}, now)
	require.Equal(t, []quality.Effect{
		quality.TierLowered{Flagged: t0, At: t0.Add(week)},
		quality.HealthChanged{From: quality.Flagged, To: quality.Connected, At: t0.Add(week)},
		quality.UpgradesAllowed{At: t0.Add(2 * week)},
	}, effects)
	_, effects = quality.Next(s, quality.Tick{}, now.Add(day))
	require.Empty(t, effects)
}

func TestNextChangeNamesEveryInstantAtWhichTimeActs(t *testing.T) {
	t.Parallel()
	s := after(t0,
		rated(quality.Low),
		quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: t0.Add(day)},
		quality.RestrictionReported{Type: quality.RestrictedUtility, Until: t0.Add(10 * day)},
		quality.BanReported{State: "SCHEDULE_FOR_DISABLE", Date: t0.Add(20 * day)},
	)
	var instants []time.Duration
	for at, ok := s.NextChange(t0); ok; at, ok = s.NextChange(at) {
		instants = append(instants, at.Sub(t0))
	}
	require.Equal(t, []time.Duration{day, week, 10 * day, 2 * week, 20 * day}, instants)
	_, ok := quality.State{}.NextChange(t0)
	require.False(t, ok)
}

func TestForgettingOldReportsChangesNothing(t *testing.T) {
	t.Parallel()
	eachSeed(t, 12, func(r *rand.Rand) {
		span := pick(r, 30*week, 150*week)
		var s quality.State
		var told []quality.Event
		for _, e := range inOrder(randomEvents(r, 900, span)) {
			switch e.(type) {
			case quality.RatingReported, quality.FlagReported, quality.StatusReported:
				if r.IntN(4) != 0 {
					continue
				}
				told = append(told, e)
				s, _ = quality.Next(s, e, at(e))
				require.LessOrEqual(t, len(s.History), 48)
			}
		}
		require.Greater(t, len(told), 96, "enough to forget most")
		requireAsModel(t, model{told}, s, t0.Add(span))
	})
}

func TestAPolledNumberStaysSmallAndStillTakesLateReports(t *testing.T) {
	t.Parallel()
	var s quality.State
	now := t0
	for range 30 * 24 {
		now = now.Add(hour)
		s, _ = quality.Next(s, rated(quality.High), now)
		s, _ = quality.Next(s, status("CONNECTED"), now)
		s, _ = quality.Next(s, quality.TierReported{}, now)
	}
	require.Len(t, s.History, 48)
	s, _ = quality.Next(s, quality.RatingReported{Rating: quality.Low, At: now.Add(-hour / 2)}, now)
	require.Equal(t, quality.Flagged, s.Health(now))
	require.Equal(t, now.Add(-hour/2), s.Flag.Since)
	require.Equal(t, now, s.Flag.Clock, "improved since the last poll")
}

func TestAFlagTellsItsClocks(t *testing.T) {
	t.Parallel()
	type clocks struct {
		since, ends time.Time
		recovering  bool
	}
	improved := t0.Add(3 * day)
	var s quality.State
	for i, step := range []struct {
		at   time.Time
		say  quality.Event
		want clocks
	}{
		{t0, rated(quality.High), clocks{}},
		{t0.Add(hour), rated(quality.Low), clocks{t0.Add(hour), t0.Add(hour + week), false}},
		{improved, rated(quality.Medium), clocks{t0.Add(hour), improved.Add(week), true}},
		{improved.Add(day), rated(quality.High), clocks{t0.Add(hour), improved.Add(week), true}},
		{improved.Add(2 * day), rated(quality.RatingUnknown), clocks{t0.Add(hour), improved.Add(2*day + week), false}},
		{improved.Add(3 * day), status("CONNECTED"), clocks{t0.Add(hour), improved.Add(2*day + week), false}},
	} {
		s, _ = quality.Next(s, step.say, step.at)
		since, ends, recovering := s.Flagged(step.at)
		require.Equal(t, step.want, clocks{since, ends, recovering}, "step %d", i)
	}
	// Time alone ends it, whether anybody has said so or not.
	since, ends, recovering := s.Flagged(improved.Add(2*day + week))
	require.Equal(t, clocks{}, clocks{since, ends, recovering})
	_, _, recovering = s.Flagged(improved.Add(2*day + week - shortly))
	require.False(t, recovering)
}
