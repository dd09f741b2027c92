package quality_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sendgov/sendgov/quality"
)

const (
	hour = time.Hour
	day  = 24 * hour
	week = 7 * day
)

// t0 is when every story of these tests begins.
var t0 = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// uses are all sets of uses, the empty one and one with a stray bit included.
var uses = func() []quality.Use {
	all := []quality.Use{1 << 7}
	for u := range quality.Notifications + quality.Replies + 1 {
		all = append(all, u)
	}
	return all
}()

// eachSeed runs f with n generators, and prints the seed of the one that fails.
func eachSeed(t *testing.T, n uint64, f func(r *rand.Rand)) {
	t.Helper()
	var seed uint64
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	for seed = range n {
		f(rand.New(rand.NewPCG(seed, 0)))
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// randomEvent draws from few words and whole hours of span, so that ties,
// repeats and exact ends are common.
func randomEvent(r *rand.Rand, span time.Duration) quality.Event {
	at := t0.Add(time.Duration(r.IntN(int(span/hour))) * hour)
	if r.IntN(2) == 0 {
		at = at.Truncate(day)
	}
	until := pick(r, time.Time{}, at, at.Add(-hour), at.Add(5*hour), at.Add(3*day), t0.Add(span/2))
	types := []quality.RestrictionType{
		quality.RestrictedBusinessMessaging, quality.RestrictedCustomerMessaging, quality.RestrictedUtility,
		quality.RestrictedDirectUtility, quality.RestrictedCalling, quality.SpamRateLimit, "FOO", "BAR",
	}
	switch r.IntN(14) {
	case 0, 1, 2, 3, 4:
		return quality.RatingReported{Rating: pick(r, quality.RatingUnknown, quality.Low, quality.Low, quality.Medium, quality.High), At: at}
	case 5, 6:
		return quality.StatusReported{Word: pick(r, "CONNECTED", "CONNECTED", "FLAGGED", "RESTRICTED", "PENDING", "OFFLINE", "BANNED", "FOO", "BAR"), At: at}
	case 7:
		return quality.FlagReported{Flagged: r.IntN(2) == 0, At: at}
	case 8, 9:
		return quality.RestrictionReported{Type: pick(r, types...), Until: until, At: at}
	case 10:
		return quality.RestrictionLifted{Type: pick(r, types...), At: at}
	case 11:
		return pick[quality.Event](r, quality.AllRestrictionsLifted{At: at}, quality.TierReported{At: at}, quality.Tick{})
	case 12:
		return quality.BanReported{State: pick(r, "DISABLE", "REINSTATE", "SCHEDULE_FOR_DISABLE", "FOO"), Date: until, At: at}
	default:
		return quality.ReviewReported{Decision: pick(r, "APPROVED", "PENDING", "DEFERRED", "REJECTED", "FOO"), At: at}
	}
}

func randomEvents(r *rand.Rand, n int, span time.Duration) []quality.Event {
	events := make([]quality.Event, n)
	for i := range events {
		events[i] = randomEvent(r, span)
	}
	return events
}

// garbageWords are what a platform might say one day.
var garbageWords = []string{
	"FOO", "", " ", "\x00", "\xff\xfe", "connected!", "CONNECTEÐ", "REıNſTATE", "<script>", "null", "0", "-1",
	"A_VERY_LONG_WORD_A_VERY_LONG_WORD_A_VERY_LONG_WORD_A_VERY_LONG_é_WORD_A_VERY_LONG_WORD", "CONNECTED CONNECTED",
}

// wildTimes are instants that no clock should give.
var wildTimes = []time.Time{
	{},
	t0, t0.Add(week), time.Unix(0, 0), time.Unix(-1, 0), time.Unix(1<<60, 0), time.Unix(-1<<60, 0), t0.Add(1),
	time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC), t0.In(time.FixedZone("far", 14*3600)),
}

// wildEvent draws garbage at wild times.
func wildEvent(r *rand.Rand) quality.Event {
	word, at, until := pick(r, garbageWords...), pick(r, wildTimes...), pick(r, wildTimes...)
	switch r.IntN(10) {
	case 0:
		return quality.RatingReported{Rating: quality.Rating(r.IntN(256)), Word: word, At: at}
	case 1:
		return quality.StatusReported{Word: word, At: at}
	case 2:
		return quality.FlagReported{Flagged: r.IntN(2) == 0, At: at}
	case 3:
		return quality.RestrictionReported{Type: quality.RestrictionType(word + string(rune(r.IntN(40)))), Until: until, At: at}
	case 4:
		return quality.RestrictionLifted{Type: quality.RestrictionType(word), At: at}
	case 5:
		return quality.BanReported{State: pick(r, word, "SCHEDULE_FOR_DISABLE"), Date: until, At: at}
	case 6:
		return quality.ReviewReported{Decision: word, At: at}
	case 7:
		return quality.TierReported{At: at}
	case 8:
		return quality.AllRestrictionsLifted{At: at}
	default:
		return nil
	}
}

// after feeds events to a new state, all of them at now.
func after(now time.Time, events ...quality.Event) quality.State {
	var s quality.State
	for _, e := range events {
		s, _ = quality.Next(s, e, now)
	}
	return s
}
