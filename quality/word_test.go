package quality_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

// passes says what a health lets through.
var passes = map[quality.Health]quality.Use{
	quality.Unreported: quality.Notifications | quality.Replies,
	quality.Connected:  quality.Notifications | quality.Replies,
	quality.Flagged:    quality.Notifications | quality.Replies,
	quality.Restricted: quality.Replies,
	quality.Pending:    0,
	quality.Offline:    0,
	quality.Banned:     0,
}

func requirePasses(t *testing.T, s quality.State, now time.Time) {
	t.Helper()
	for _, u := range []quality.Use{quality.Marketing, quality.Utility, quality.Authentication, quality.DirectUtility, quality.Replies} {
		_, blocked := s.Blocked(u, now)
		require.Equal(t, passes[s.Health(now)]&u == 0, blocked, "%v, use %05b", s.Health(now), u)
	}
}

func TestEachWordMeansWhatThePlatformSays(t *testing.T) {
	t.Parallel()
	ban := func(state string) quality.Event { return quality.BanReported{State: state} }
	review := func(decision string) quality.Event { return quality.ReviewReported{Decision: decision} }
	tests := []struct {
		name  string
		event func(string) quality.Event
		words []string
		want  quality.Health
	}{
		{"status", status, []string{"CONNECTED", " connected\t"}, quality.Connected},
		{"status", status, []string{"FLAGGED"}, quality.Flagged},
		{"status", status, []string{"RESTRICTED", "RATE_LIMITED", "PAUSED", "restricted"}, quality.Restricted},
		{"status", status, []string{"PENDING"}, quality.Pending},
		{"status", status, []string{"OFFLINE", "DISCONNECTED", "UNVERIFIED", "UNLINKED", "MIGRATED", "DELETED"}, quality.Offline},
		{"status", status, []string{"BANNED", "DISABLED"}, quality.Banned},
		{"status", status, append([]string{"UNKNOWN", "LINKED"}, garbageWords...), quality.Restricted}, // vector B19
		{"ban", ban, []string{"DISABLE", "disable"}, quality.Banned},
		{"ban", ban, []string{"REINSTATE"}, quality.Connected},
		{"ban", ban, append([]string{"SCHEDULE_FOR_DISABLE"}, garbageWords...), quality.Restricted},
		{"review", review, []string{"APPROVED"}, quality.Connected},
		{"review", review, []string{"PENDING", "DEFERRED"}, quality.Pending},
		{"review", review, []string{"REJECTED"}, quality.Banned},
		{"review", review, garbageWords, quality.Restricted},
	}
	for _, test := range tests {
		for _, word := range test.words {
			t.Run(test.name+" "+word, func(t *testing.T) {
				t.Parallel()
				s := after(t0, test.event(word))
				require.Equal(t, test.want.String(), s.Health(t0).String())
				requirePasses(t, s, t0)
				requirePasses(t, s, t0.Add(1000*week))
			})
		}
	}
}

func TestNothingReportedBlocksNothing(t *testing.T) {
	t.Parallel()
	var s quality.State
	require.Equal(t, quality.Unreported, s.Health(t0))
	requirePasses(t, s, t0)
	_, blocked := s.UpgradesFrom(t0)
	require.False(t, blocked)
	s = after(t0, quality.TierReported{}, quality.Tick{}, nil, rated(quality.RatingUnknown))
	require.Equal(t, quality.Unreported, s.Health(t0), "none of these says that it is connected")
}

func TestConnectedEndsWhatAWordBeganAndNothingElse(t *testing.T) {
	t.Parallel()
	now := t0.Add(hour)
	for _, word := range []string{"RESTRICTED", "PENDING", "OFFLINE", "BANNED", "FLAGGED", "FOO"} {
		s := after(t0, status(word))
		s, _ = quality.Next(s, status("CONNECTED"), now)
		require.Equal(t, quality.Connected, s.Health(now), word)
	}
	for _, event := range []quality.Event{
		rated(quality.Low),
		quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging},
		quality.BanReported{State: "DISABLE"},
		quality.ReviewReported{Decision: "PENDING"},
	} {
		s := after(t0, event)
		health := s.Health(t0)
		s, _ = quality.Next(s, status("CONNECTED"), now)
		require.Equal(t, health, s.Health(now), "%T", event)
	}
}

func TestAnOlderWordNeverUndoesANewerOne(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		older, newer quality.Event
		want         quality.Health
	}{
		{"ban lifted", quality.BanReported{State: "DISABLE", At: t0}, quality.BanReported{State: "REINSTATE", At: t0.Add(1)}, quality.Connected},
		{"banned again", quality.BanReported{State: "REINSTATE", At: t0}, quality.BanReported{State: "DISABLE", At: t0.Add(1)}, quality.Banned},
		{"tie is strict", quality.BanReported{State: "REINSTATE", At: t0}, quality.BanReported{State: "DISABLE", At: t0}, quality.Banned},
		{"unknown on top of a ban", quality.StatusReported{Word: "BANNED", At: t0}, quality.StatusReported{Word: "FOO", At: t0.Add(1)}, quality.Banned},
		{"unknown replaced", quality.StatusReported{Word: "FOO", At: t0}, quality.StatusReported{Word: "CONNECTED", At: t0.Add(1)}, quality.Connected},
		{"unknown ties", quality.StatusReported{Word: "FOO", At: t0}, quality.StatusReported{Word: "CONNECTED", At: t0}, quality.Restricted},
		{"offline ties", quality.StatusReported{Word: "OFFLINE", At: t0}, quality.StatusReported{Word: "CONNECTED", At: t0}, quality.Offline},
		{"low ties", quality.RatingReported{Rating: quality.Low, At: t0}, quality.RatingReported{Rating: quality.High, At: t0}, quality.Flagged},
		{"flag ties", quality.FlagReported{Flagged: true, At: t0}, quality.FlagReported{At: t0}, quality.Flagged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := t0.Add(hour)
			s := after(now, test.older, test.newer)
			require.Equal(t, test.want, s.Health(now))
			require.Equal(t, s, after(now, test.newer, test.older))
		})
	}
}

func TestAScheduledBanBeginsByItself(t *testing.T) {
	t.Parallel()
	date := t0.Add(3 * day)
	s := walk(t, []step{
		{t0, quality.BanReported{State: "SCHEDULE_FOR_DISABLE", Date: date}, quality.Connected, changed(quality.Unreported, quality.Connected, t0)},
		{date.Add(-shortly), quality.Tick{}, quality.Connected, nil},
		{date.Add(day), quality.Tick{}, quality.Banned, changed(quality.Connected, quality.Banned, date)},
	})
	requirePasses(t, s, date.Add(-shortly))
	requirePasses(t, s, date)
	next, ok := s.NextChange(t0)
	require.True(t, ok)
	require.Equal(t, date, next)

	s, _ = quality.Next(s, quality.BanReported{State: "REINSTATE"}, date.Add(2*day))
	require.Equal(t, quality.Connected, s.Health(date.Add(2*day)))

	past := after(t0, quality.BanReported{State: "SCHEDULE_FOR_DISABLE", Date: t0.Add(-day)})
	require.Equal(t, quality.Banned, past.Health(t0))
}

func TestReinstatementGivesBackOnlyWhatTheBanTook(t *testing.T) {
	t.Parallel()
	until := t0.Add(week)
	s := after(t0,
		quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: until},
		quality.BanReported{State: "DISABLE"},
	)
	s, _ = quality.Next(s, quality.BanReported{State: "REINSTATE"}, t0.Add(day))
	require.Equal(t, quality.Restricted, s.Health(t0.Add(day)))
	require.Equal(t, quality.Connected, s.Health(until))
}
