package governor_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func shared(shares governor.Shares) func(*governor.Config) {
	return func(cfg *governor.Config) { cfg.Shares = shares }
}

func of(category governor.Category, to string) governor.Message {
	m := template(n1, to)
	m.Category = category
	return m
}

// fill sends one-time passwords until so many slots are used.
func (f *fixture) fill(used int) {
	f.t.Helper()
	for i := f.used(); i < used; i++ {
		f.sent(of(governor.Authentication, person(i)))
	}
}

func TestACategoryFillsNoMoreThanItsShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		category governor.Category
		report   []governor.Event
		limit    tier.Tier
		room     int
		detail   string
	}{
		{"marketing at High", governor.Marketing, []governor.Event{rated(n1, quality.High, time.Time{})}, 10, 8, "marketing may fill 0.8 of the limit while the rating is High"},
		{"marketing at Medium, rounded down", governor.Marketing, []governor.Event{rated(n1, quality.Medium, time.Time{})}, 25, 12, "marketing may fill 0.5 of the limit while the rating is Medium"},
		{"marketing without a rating", governor.Marketing, nil, 10, 5, "marketing may fill 0.5 of the limit while the rating is Unknown"},
		{"utility", governor.Utility, nil, 10, 9, "utility may fill 0.9 of the limit while the rating is Unknown"},
		{"a category that is not listed", governor.Authentication, nil, 10, 10, ""},
		{"a category that nobody told", governor.CategoryUnknown, nil, 10, 5, "an unknown category may fill 0.5 of the limit while the rating is Unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.limit, shared(governor.CautiousShares()))
			t0 := f.clock.Now()
			f.observe(c.report...)
			f.fill(c.room - 1)
			f.at(t0.Add(time.Minute))
			d := f.sent(of(c.category, alice))
			assert.Equal(t, c.limit.Limit(), d.Limit)
			d = f.refused(of(c.category, bob), governor.ErrTierLimit)
			assert.Equal(t, c.room, d.Used)
			assert.Equal(t, c.limit.Limit(), d.Limit)
			assert.Equal(t, c.detail, d.Detail)
			assert.Equal(t, t0.Add(day), d.RetryAt)
			assert.Contains(t, d.String(), d.Detail)
			if c.room < c.limit.Limit() {
				f.sent(of(governor.Authentication, carol))
			}
			f.sent(reply(n1, dave))
		})
	}
}

func TestASharePassesAtItsRetryAtAndNotBefore(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, shared(governor.CautiousShares()))
	f.observe(rated(n1, quality.High, time.Time{}))
	for i := range 10 {
		f.clock.Advance(time.Minute)
		f.sent(of(governor.Authentication, person(i)))
	}
	d := f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
	assert.Equal(t, f.clock.Now().Add(day-7*time.Minute), d.RetryAt, "three have to lapse")
	f.at(d.RetryAt.Add(-1))
	f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
	f.at(d.RetryAt)
	f.sent(of(governor.Marketing, alice))
}

func TestWhileANumberIsFlaggedMarketingRests(t *testing.T) {
	t.Parallel()
	for _, at := range []governor.AtLimit{governor.RefuseAll, governor.RefuseNew} {
		f := newFixture(t, 10, func(cfg *governor.Config) { cfg.Shares, cfg.AtLimit = governor.CautiousShares(), at })
		t0 := f.clock.Now()
		f.observe(rated(n1, quality.High, t0))
		f.sent(of(governor.Marketing, alice))
		f.observe(rated(n1, quality.Low, t0.Add(time.Second)))
		f.at(t0.Add(time.Second))
		d := f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
		assert.Zero(t, d.RetryAt, "Low when the flag ends is still Low")
		assert.Equal(t, "marketing may fill 0 of the limit while the number is flagged", d.Detail)
		f.sent(of(governor.Utility, bob))

		f.at(t0.Add(day))
		f.observe(rated(n1, quality.Medium, t0.Add(day)))
		d = f.refused(of(governor.Marketing, carol), governor.ErrTierLimit)
		assert.Equal(t, t0.Add(8*day), d.RetryAt, "improved, it is flagged for seven days more")
		assert.Equal(t, d, f.plan(campaign(1)).Decision)
		f.at(d.RetryAt.Add(-1))
		f.refused(of(governor.Marketing, carol), governor.ErrTierLimit)
		f.at(d.RetryAt)
		f.sent(of(governor.Marketing, carol))
	}
}

func TestAShareThatIsPartlyOpenSaysWhichComesFirst(t *testing.T) {
	t.Parallel()
	shares := governor.Shares{governor.Marketing: {quality.High: 0.8, quality.Medium: 0.6, quality.Low: 0.2}}
	f := newFixture(t, 10, shared(shares))
	t0 := f.clock.Now()
	f.at(t0.Add(time.Second))
	f.observe(rated(n1, quality.Low, t0), rated(n1, quality.High, t0.Add(time.Second)))
	flagEnds := t0.Add(7*day + time.Second)
	f.at(flagEnds.Add(-2 * time.Hour))
	f.fill(4)
	assert.Equal(t, flagEnds, f.refused(of(governor.Marketing, alice), governor.ErrTierLimit).RetryAt, "then eight may be used")
	f.fill(9)
	d := f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
	assert.Equal(t, f.clock.Now().Add(day), d.RetryAt, "nine are more than eight")
	f.at(d.RetryAt.Add(-1))
	f.refused(of(governor.Marketing, alice), governor.ErrTierLimit)
	f.at(d.RetryAt)
	f.sent(of(governor.Marketing, alice))
}

func TestASlotHolderPassesAFullShareButNotAClosedOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, func(cfg *governor.Config) {
		cfg.AtLimit = governor.RefuseNew
		cfg.Shares = governor.Shares{governor.Marketing: {quality.High: 0.1, quality.Medium: 0, quality.Low: 0}}
	})
	f.observe(rated(n1, quality.High, f.clock.Now()))
	f.sent(of(governor.Marketing, alice))
	f.refused(of(governor.Marketing, bob), governor.ErrTierLimit)
	f.sent(of(governor.Marketing, alice))
	f.clock.Advance(time.Second)
	f.observe(rated(n1, quality.Medium, f.clock.Now()))
	assert.Zero(t, f.refused(of(governor.Marketing, alice), governor.ErrTierLimit).RetryAt)
	f.observe(governor.Inbound{Number: n1, Customer: alice})
	f.sent(of(governor.Marketing, alice)) // it takes no slot
}

func TestATemplatesCategoryDecidesItsShare(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, shared(governor.CautiousShares()))
	f.observe(governor.TemplateReported{WABA: "waba", Name: "hello_world", Category: governor.Marketing, Status: "APPROVED"})
	f.fill(5)
	assert.Contains(t, f.refused(of(governor.Utility, alice), governor.ErrTierLimit).Detail, "marketing")
}

func TestWithoutALimitAShareIsAllOrNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, tier.Unlimited, shared(governor.CautiousShares()))
	f.observe(rated(n1, quality.High, f.clock.Now()))
	f.sent(of(governor.Marketing, alice))
	f.clock.Advance(time.Second)
	f.observe(rated(n1, quality.Low, f.clock.Now()))
	f.refused(of(governor.Marketing, bob), governor.ErrTierLimit)
}

func TestWhoWaitsForAnotherShareIsNotHeldBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, shared(governor.CautiousShares()))
	f.fill(9)
	f.clock.Advance(time.Minute)
	f.fill(10)
	passed := make(chan governor.Category, 2)
	for _, c := range []governor.Category{governor.Marketing, governor.Utility} {
		go func() {
			if _, err := f.gov.Wait(t.Context(), of(c, alice+"0"[:c%2])); err == nil {
				passed <- c
			}
		}()
	}
	require.NoError(t, f.clock.BlockUntil(t.Context(), 2))
	f.observe(governor.TierReported{Number: n1, Tier: 13}) // ten are less than nine tenths of thirteen, and more than half
	assert.Equal(t, governor.Utility, <-passed)
	f.clock.Advance(time.Second)
	f.observe(governor.TierReported{Number: n1, Tier: 100})
	assert.Equal(t, governor.Marketing, <-passed)
}

func TestSharesThatMakeNoSenseAreAllRefused(t *testing.T) {
	t.Parallel()
	whole := func(share float64) map[quality.Rating]float64 {
		return map[quality.Rating]float64{quality.High: share, quality.Medium: share, quality.Low: share}
	}
	for _, c := range []struct {
		shares governor.Shares
		want   string
	}{
		{governor.Shares{governor.CategoryUnknown: whole(1)}, "Config.Shares[0] is of no category"},
		{governor.Shares{9: whole(1)}, "Config.Shares[9] is of no category"},
		{governor.Shares{governor.Marketing: {quality.High: 1, quality.Low: 1}}, "Config.Shares[marketing] has no share for Medium"},
		{governor.Shares{governor.Marketing: nil}, "Config.Shares[marketing] has no share for High"},
		{governor.Shares{governor.Utility: whole(1.01)}, "Config.Shares[utility][Low] is 1.01, want 0 to 1"},
		{governor.Shares{governor.Utility: whole(-0.01)}, "Config.Shares[utility][High] is -0.01, want 0 to 1"},
		{governor.Shares{governor.Utility: whole(math.NaN())}, "Config.Shares[utility][Medium] is NaN, want 0 to 1"},
		{governor.Shares{governor.Utility: {quality.High: 1, quality.Medium: 1, quality.Low: 1, 77: 1}}, "Config.Shares[utility] has a share for Rating(77)"},
	} {
		err := governor.Config{Shares: c.shares}.Validate()
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.Contains(t, err.Error(), c.want)
	}
	require.NoError(t, governor.Config{Shares: governor.CautiousShares()}.Validate())
	require.NoError(t, governor.Config{Shares: governor.Shares{governor.Marketing: whole(0)}}.Validate())
	two := governor.Shares{9: nil, governor.Utility: nil}
	require.Equal(t, 4, strings.Count(governor.Config{Shares: two}.Validate().Error(), "governor: Config."))
}

func TestASnapshotTellsSharesOfTheNumberThatMayFillLeast(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, shared(governor.CautiousShares()))
	t0 := f.clock.Now()
	f.observe(rated(n1, quality.High, t0), rated(n2, quality.Medium, t0))
	assert.Equal(t, []governor.ShareSnapshot{
		{Category: governor.Marketing, Share: 0.5, Limit: 5}, {Category: governor.Utility, Share: 0.9, Limit: 9},
	}, f.snapshot().Shares)
	f.clock.Advance(time.Second)
	f.observe(rated(n1, quality.Low, f.clock.Now()))
	assert.Equal(t, governor.ShareSnapshot{Category: governor.Marketing}, f.snapshot().Shares[0])
	assert.Nil(t, newFixture(t, 10, nil).snapshot().Shares)
	s, err := f.gov.Snapshot(t.Context(), "unheard-of")
	require.NoError(t, err)
	assert.Equal(t, 125, s.Shares[0].Limit)
}

func TestSharesAreExactInDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		share float64
		limit tier.Tier
		want  int
	}{{0.29, 100, 29}, {0.1, 30, 3}, {0.7, 10, 7}, {1.0 / 3, 3, 0}, {0.999, 100, 99}, {0.5, 1, 0}} {
		f := newFixture(t, c.limit, shared(governor.Shares{
			governor.Marketing: {quality.High: c.share, quality.Medium: c.share, quality.Low: c.share},
		}))
		assert.Equal(t, c.want, f.snapshot().Shares[0].Limit, "%v of %v", c.share, c.limit)
	}
}
