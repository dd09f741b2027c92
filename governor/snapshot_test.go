package governor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func (f *fixture) snapshot() governor.Snapshot {
	f.t.Helper()
	s, err := f.gov.Snapshot(f.t.Context(), account)
	require.NoError(f.t, err)
	return s
}

func TestANewAccountStandsAtItsConfig(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	s := b.snapshot()
	assert.Equal(t, account, s.Account)
	assert.Equal(t, b.clock.Now(), s.At)
	assert.Equal(t, tier.Tier(2), s.Tier)
	assert.Zero(t, s.Reported)
	assert.Equal(t, 0, s.Used)
	assert.Equal(t, 2, s.Free)
	assert.Zero(t, s.NextFree)
	assert.Equal(t, quality.Unreported, s.Health)
	require.Len(t, s.Numbers, 2)
	for i, id := range []string{n1, n2} {
		assert.Equal(t, governor.NumberSnapshot{ID: id, WABA: "waba", Tier: 2, PerSecond: 100_000, SendsPerSecond: 100_000}, s.Numbers[i])
	}
	require.Len(t, s.WABAs, 1)
	assert.Equal(t, "waba", s.WABAs[0].ID)
	assert.Equal(t, quality.Unreported, s.WABAs[0].Health)
}

func TestASnapshotCountsSlotsAndTellsWhenTheNextFrees(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 3, nil)
	t0 := b.clock.Now()
	for i, step := range []struct {
		at         time.Duration
		act        func()
		used, free int
		next       time.Duration // after t0; zero: none
		health     quality.Health
	}{
		{0, func() { b.sent(template(n1, alice)) }, 1, 2, day, quality.Unreported},
		{time.Hour, func() { b.sent(template(n2, bob)) }, 2, 1, day, quality.Unreported},
		{2 * time.Hour, func() { b.sent(template(n1, alice)) }, 2, 1, 25 * time.Hour, quality.Unreported},
		{3 * time.Hour, func() { b.sent(reply(n1, carol)) }, 2, 1, 25 * time.Hour, quality.Unreported},
		{4 * time.Hour, func() { b.sent(template(n1, carol)) }, 3, 0, 25 * time.Hour, quality.Restricted},
		{5 * time.Hour, func() { b.observe(governor.TierReported{Number: n1, Tier: 1}) }, 3, 0, 25 * time.Hour, quality.Restricted},
		{6 * time.Hour, func() { b.observe(governor.TierReported{Number: n1, Tier: 10}) }, 3, 7, 25 * time.Hour, quality.Unreported},
		{25 * time.Hour, func() {}, 2, 8, 26 * time.Hour, quality.Unreported},
		{28 * time.Hour, func() {}, 0, 10, 0, quality.Unreported},
	} {
		b.at(t0.Add(step.at))
		step.act()
		s := b.snapshot()
		assert.Equalf(t, step.used, s.Used, "step %d", i)
		assert.Equalf(t, step.free, s.Free, "step %d", i)
		assert.Equalf(t, step.health, s.Health, "step %d", i)
		if step.next == 0 {
			assert.Zerof(t, s.NextFree, "step %d", i)
		} else {
			assert.Equalf(t, t0.Add(step.next), s.NextFree.UTC(), "step %d", i)
		}
	}
}

func TestAnAccountWithoutALimitIsNeverFull(t *testing.T) {
	t.Parallel()
	b := newFixture(t, tier.Unlimited, nil)
	b.sent(template(n1, alice))
	s := b.snapshot()
	assert.Equal(t, tier.Unlimited, s.Tier)
	assert.Equal(t, tier.Unlimited.Limit()-1, s.Free)
	assert.Equal(t, quality.Unreported, s.Health)
}

func TestASnapshotTellsWhatIsInForceAndSinceWhen(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.at(t0.Add(time.Hour))
	b.observe(
		governor.TierReported{Account: account, Tier: tier.Tier2K, At: t0.Add(time.Minute)},
		governor.TierReported{Number: n2, Tier: tier.Tier250, OwnLimit: true, At: t0.Add(2 * time.Minute)},
		governor.ThroughputReported{Number: n1, PerSecond: 1000, At: t0.Add(3 * time.Minute)},
		rated(n1, quality.Medium, t0.Add(4*time.Minute)),
		governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{Type: quality.RestrictedUtility, Until: t0.Add(3 * time.Hour), At: t0.Add(5 * time.Minute)}},
		governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{Type: "BAR", Until: t0.Add(2 * time.Hour), At: t0}},
	)
	s := b.snapshot()
	assert.Equal(t, tier.Tier2K, s.Tier)
	assert.Equal(t, t0.Add(time.Minute), s.Reported)
	assert.Equal(t, quality.Restricted, s.Health)
	assert.Equal(t, []governor.NumberSnapshot{
		{
			ID: n1, WABA: "waba", Health: quality.Connected, Rating: quality.Medium, Tier: tier.Tier2K, PerSecond: 1000, SendsPerSecond: 1000,
			ReportedAt: t0.Add(4 * time.Minute), History: []quality.Report{{Word: "MEDIUM", At: t0.Add(4 * time.Minute)}},
		},
		{ID: n2, WABA: "waba", Tier: tier.Tier250, PerSecond: 100_000, SendsPerSecond: 100_000, ReportedAt: t0.Add(2 * time.Minute)},
	}, s.Numbers)
	require.Len(t, s.WABAs, 1)
	assert.Equal(t, quality.Restricted, s.WABAs[0].Health)
	assert.Equal(t, t0.Add(5*time.Minute), s.WABAs[0].ReportedAt)
	assert.Len(t, s.WABAs[0].Restrictions, 2)

	b.at(t0.Add(2 * time.Hour))
	b.sent(template(n1, alice)) // tells of what time has done
	s = b.snapshot()
	assert.Equal(t, quality.Connected, s.Health)
	require.Len(t, s.WABAs[0].Restrictions, 1)
	assert.Equal(t, quality.RestrictedUtility, s.WABAs[0].Restrictions[0].Type)
	assert.Equal(t, t0.Add(5*time.Minute), s.WABAs[0].ReportedAt, "the platform has said nothing since")
}

func ids(s governor.Snapshot) []string {
	var all []string
	for _, n := range s.Numbers {
		all = append(all, n.ID)
	}
	return all
}

func TestASnapshotNamesTheWorstHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n1, n2 string
		waba   string
		want   quality.Health
	}{
		{"CONNECTED", "CONNECTED", "APPROVED", quality.Connected},
		{"CONNECTED", "RESTRICTED", "APPROVED", quality.Restricted},
		{"CONNECTED", "RESTRICTED", "PENDING", quality.Pending},
		{"BANNED", "RESTRICTED", "PENDING", quality.Banned},
	} {
		b := newFixture(t, 2, nil)
		b.observe(
			governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: c.n1}},
			governor.HealthReported{Number: n2, Report: quality.StatusReported{Word: c.n2}},
			governor.HealthReported{WABA: "waba", Report: quality.ReviewReported{Decision: c.waba}},
		)
		assert.Equal(t, c.want, b.snapshot().Health)
	}
}

// A number that has been taken out of the Config keeps what the store knows of
// it, and the account's limit.
func TestANumberNoLongerListedIsStillShown(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	b.observe(rated(n2, quality.Low, time.Time{}))
	later := b.also(func(cfg *governor.Config) { cfg.Accounts[0].Numbers = cfg.Accounts[0].Numbers[:1] })
	s := later.snapshot()
	require.Equal(t, []string{n1, n2}, ids(s))
	assert.Equal(t, tier.Tier(2), s.Numbers[1].Tier)
	assert.Equal(t, quality.Low, s.Numbers[1].Rating)
}

func TestASnapshotOfNoAccountIsRefused(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, recorded(&r))
	for _, id := range []string{"", "port folio", "waba/waba"} {
		s, err := b.gov.Snapshot(t.Context(), id)
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.Equal(t, []string{"account"}, fields(t, err))
		assert.Equal(t, governor.Snapshot{}, s)
	}
	s, err := b.gov.Snapshot(t.Context(), "unheard-of")
	require.NoError(t, err)
	assert.Equal(t, tier.Tier250, s.Tier)
	assert.Empty(t, s.Numbers)
	assert.Empty(t, r.told())
}

func TestASnapshotIsTheStoresWhileItAnswers(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, recorded(&r))
	b.sent(template(n1, alice))
	other := b.also(nil)
	other.observe(governor.TierReported{Number: n1, Tier: 7})
	assert.Equal(t, tier.Tier(7), b.snapshot().Tier, "also before this governor has sent again")
	require.NoError(t, b.store.Close())
	s, err := b.gov.Snapshot(t.Context(), account)
	require.Error(t, err)
	assert.NotErrorIs(t, err, governor.ErrInvalid)
	assert.Equal(t, governor.Snapshot{Account: account, At: b.clock.Now()}, s, "when it was asked, and no more")
	assert.Equal(t, []string{"store_down portfolio - - - -", "store_failed portfolio - - - -"}, r.told())
}

func TestASnapshotHoldsNoRecipient(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 9, nil)
	b.committed(template(n1, alice), "wamid.1")
	b.sent(template(n2, bsuid))
	b.observe(governor.Inbound{Number: n1, Customer: bob}, governor.AliasLearned{Number: n1, Alias: carol, Canonical: dave})
	printed := fmt.Sprintf("%+v", b.snapshot())
	for _, who := range []string{alice, bob, carol, dave, bsuid} {
		assert.NotContains(t, printed, who)
	}
}
