package governor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func TestASnapshotTellsTheClocksOfAFlag(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	t0 := f.clock.Now()
	improved := t0.Add(3 * day)
	type clocks struct {
		since, ends, upgrades time.Time
		recovering            bool
	}
	for i, step := range []struct {
		at   time.Time
		say  governor.Event
		want clocks
	}{
		{t0, rated(n1, quality.High, t0), clocks{}},
		{t0.Add(time.Hour), rated(n1, quality.Low, t0.Add(time.Hour)), clocks{t0.Add(time.Hour), t0.Add(time.Hour + 7*day), t0.Add(time.Hour + 14*day), false}},
		{improved, rated(n1, quality.Medium, improved), clocks{t0.Add(time.Hour), improved.Add(7 * day), improved.Add(14 * day), true}},
		{improved.Add(7 * day), nil, clocks{time.Time{}, time.Time{}, improved.Add(14 * day), false}},
		{improved.Add(14 * day), nil, clocks{}},
	} {
		f.at(step.at)
		if step.say != nil {
			f.observe(step.say)
		}
		n := f.snapshot().Numbers[0]
		assert.Equalf(t, step.want, clocks{n.FlaggedSince, n.FlagEnds, n.UpgradesFrom, n.Recovering}, "step %d", i)
	}
	words := f.snapshot().Numbers[0].History
	require.Len(t, words, 3)
	assert.Equal(t, quality.Report{Word: "MEDIUM", At: improved}, words[2])
}

func TestASnapshotTellsWordsThatNobodyKnows(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "foo"}})
	assert.Equal(t, quality.UnknownWords{Count: 1, Field: "status", Word: "FOO"}, f.snapshot().Numbers[0].Unknown)
}

func TestASnapshotTellsHowFastANumberSendsNow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.observe(governor.ThroughputReported{Number: n1, PerSecond: 80}, governor.SendRefused{Number: n1, Code: 130429})
	n := f.snapshot().Numbers[0]
	assert.Equal(t, 80, n.PerSecond)
	assert.Equal(t, 40, n.SendsPerSecond)
}

func TestASnapshotsCurveTellsWhenSlotsFree(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1000, nil)
	t0 := f.clock.Now()
	assert.Empty(t, f.snapshot().Curve)
	for i := range 3 {
		f.at(t0.Add(time.Duration(i) * time.Minute))
		f.sent(template(n1, person(i)))
	}
	assert.Equal(t, []governor.Release{
		{At: t0.Add(day), Free: 1}, {At: t0.Add(day + time.Minute), Free: 2}, {At: t0.Add(day + 2*time.Minute), Free: 3},
	}, f.snapshot().Curve)
	for i := range 500 {
		f.clock.Advance(time.Second)
		f.sent(template(n1, person(i)))
	}
	curve := f.snapshot().Curve
	require.Len(t, curve, governor.CurvePoints)
	assert.Equal(t, governor.Release{At: f.clock.Now().Add(day), Free: 500}, curve[len(curve)-1])
}

// tallied is a store with a day's tally of its own.
func tallied(t *testing.T, f *fixture, at time.Time, peak int, counts map[string]int64) {
	t.Helper()
	require.NoError(t, f.store.Tally(t.Context(), governor.TallyMark{Account: account, At: at, Now: f.clock.Now(), Counts: counts, Peak: peak}))
}

func TestProgressIsAtLeastTheHighestPeakWithinItsSpan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		ladder tier.Ladder
		limit  tier.Tier
		ago    time.Duration
		want   tier.Progress
	}{
		{"half of the limit in a week", tier.Current(), 2000, 3 * day, tier.Progress{Goal: tier.Goal{From: 2000, To: 10_000, Need: 1000, Span: 7 * day, Lag: 6 * time.Hour}, Have: 700}},
		{"the last day that counts", tier.Current(), 2000, 6 * day, tier.Progress{Goal: tier.Goal{From: 2000, To: 10_000, Need: 1000, Span: 7 * day, Lag: 6 * time.Hour}, Have: 700}},
		{"a day whose holders were perhaps reached before", tier.Current(), 2000, 7 * day, tier.Progress{Goal: tier.Goal{From: 2000, To: 10_000, Need: 1000, Span: 7 * day, Lag: 6 * time.Hour}, Have: 1}},
		{"the first step", tier.Current(), 250, 20 * day, tier.Progress{Goal: tier.Goal{From: 250, To: 2000, Need: 2000, Span: 30 * day}, Have: 700}},
		{"the old ladder", tier.Legacy(), 1000, day, tier.Progress{Goal: tier.Goal{From: 1000, To: 10_000, Need: 500, Span: 7 * day, Lag: 24 * time.Hour}, Have: 700}},
		{"nothing to reach", tier.Current(), tier.Unlimited, day, tier.Progress{Goal: tier.Goal{From: tier.Unlimited, To: tier.Unlimited}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.limit, func(cfg *governor.Config) { cfg.Ladder = c.ladder })
			t0 := f.clock.Now()
			tallied(t, f, t0, 700, nil)
			f.at(t0.Add(c.ago))
			tallied(t, f, f.clock.Now(), 0, map[string]int64{"incoming": 1})
			f.sent(template(n1, alice))
			s := f.snapshot()
			assert.Equal(t, c.want, s.Progress)
			assert.Contains(t, s.Ladder, tier.Unlimited)
			assert.Equal(t, c.ladder == tier.Current(), s.Ladder[0] == tier.Tier250)
		})
	}
}

func TestASnapshotReadsTheDaysCountsThatItKnows(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	tallied(t, f, t0, 3, map[string]int64{
		"incoming": 1, "replies": 2, "notifications": 3, "delivered": 4, "read": 5, "failed": 6, "failed/131047": 4, "failed/0": 2,
		"refused/tier_limit": 7, "refused/opted_out": 1,
		"refused/of_a_later_version": 9, "failed/x": 9, "failed/007": 9, "later": 9, "refused/": 9, "": 9,
	})
	f.at(t0.Add(day))
	tallied(t, f, f.clock.Now(), 4, map[string]int64{"replies": 1})
	assert.Equal(t, []governor.DaySnapshot{
		{
			Day: t0, Incoming: 1, Replies: 2, Notifications: 3, Delivered: 4, Read: 5, Failed: 6, Peak: 3,
			FailedBy: map[int]int64{131047: 4, 0: 2}, Refused: map[governor.Reason]int64{governor.TierLimit: 7, governor.OptedOut: 1},
		},
		{Day: t0.Add(day), Replies: 1, Peak: 4},
	}, f.snapshot().Days)
}

func TestASnapshotTellsHowTheStoreAnswers(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	assert.Equal(t, governor.StoreSnapshot{}, f.snapshot().Store)
	store.Set(func(_ context.Context, _ string, apply func() error) error {
		f.clock.Advance(time.Second)
		return apply()
	})
	assert.Positive(t, f.snapshot().Store.Latency)
	store.Fail()
	failedAt := f.clock.Now()
	for range 3 {
		_, err := f.gov.Snapshot(t.Context(), account)
		require.ErrorIs(t, err, errFault)
	}
	store.Heal()
	f.clock.Advance(time.Minute)
	assert.Equal(t, governor.StoreSnapshot{Failures: 3, LastFailure: failedAt}, f.snapshot().Store)
}

func TestASnapshotAsksTheStoreAFewQuestionsHoweverMuchThereIs(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	f, store := newHooked(t, func(cfg *governor.Config) {
		cfg.Accounts[0].Tier = 1000
		for i := range 100 {
			cfg.Accounts[0].Numbers = append(cfg.Accounts[0].Numbers, governor.Number{ID: person(i), WABA: "waba"})
		}
	})
	for i := range 300 {
		f.sent(template(n1, person(i)))
	}
	f.snapshot() // takes up the WABA
	store.Set(func(_ context.Context, _ string, apply func() error) error {
		calls.Add(1)
		return apply()
	})
	assert.Len(t, f.snapshot().Numbers, 102)
	assert.LessOrEqual(t, calls.Load(), int64(4))
}

func TestAccountsAreThoseListedAndThoseSeen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	assert.Equal(t, []string{account}, f.gov.Accounts())
	_, err := f.gov.Snapshot(t.Context(), "unheard-of")
	require.NoError(t, err)
	assert.Equal(t, []string{account}, f.gov.Accounts(), "to be asked about makes no account")
	assert.Nil(t, (*governor.Governor)(nil).Accounts())

	each, err := governor.New(memstore.New(), governor.Config{Clock: f.clock})
	require.NoError(t, err)
	assert.Empty(t, each.Accounts())
	for _, number := range []string{"2", "1", "2"} {
		_, err := each.Reserve(t.Context(), template(number, alice))
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"1", "2"}, each.Accounts())
	require.NoError(t, each.Observe(t.Context(), governor.TierReported{Number: "0", Tier: 5}))
	assert.Equal(t, []string{"0", "1", "2"}, each.Accounts())
}
