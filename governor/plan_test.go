package governor_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func campaign(people int) governor.Campaign {
	return governor.Campaign{From: n1, Template: "hello_world", Category: governor.Marketing, Recipients: people}
}

func (f *fixture) plan(c governor.Campaign) governor.Plan {
	f.t.Helper()
	p, err := f.gov.Plan(f.t.Context(), c)
	require.NoError(f.t, err)
	return p
}

func TestAPlanSaysWhenACampaignCanBeSent(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration
		total int
	}
	restricted := func(until time.Duration) func(f *fixture) {
		return func(f *fixture) { f.observe(restrict("waba", f.clock.Now().Add(until))) }
	}
	sent := func(n int) func(f *fixture) {
		return func(f *fixture) {
			for i := range n { // one each hour, the last now
				f.at(f.clock.Now().Add(time.Hour))
				f.sent(template(n1, person(i)))
			}
		}
	}
	all := func(do ...func(*fixture)) func(*fixture) {
		return func(f *fixture) {
			for _, d := range do {
				d(f)
			}
		}
	}
	const never = time.Duration(-1)
	for _, c := range []struct {
		name   string
		limit  tier.Tier
		before func(*fixture)
		people int
		reason governor.Reason
		retry  time.Duration // zero: none
		now    int
		steps  []step
		done   time.Duration
	}{
		{"everybody fits", 10, nil, 10, governor.Passed, 0, 10, []step{{0, 10}}, 0},
		{"fewer than fit", 10, nil, 3, governor.Passed, 0, 3, []step{{0, 3}}, 0},
		{"some slots are held", 10, sent(4), 8, governor.Passed, 0, 6, []step{{0, 6}, {21 * time.Hour, 7}, {22 * time.Hour, 8}}, 22 * time.Hour},
		{"all slots are held", 3, sent(3), 2, governor.TierLimit, 22 * time.Hour, 0, []step{{22 * time.Hour, 1}, {23 * time.Hour, 2}}, 23 * time.Hour},
		{"more people than the limit", 2, nil, 7, governor.Passed, 0, 2, []step{{0, 2}}, 3 * day},
		{"more people than the limit, one slot held", 2, sent(1), 4, governor.Passed, 0, 1, []step{{0, 1}, {day, 2}}, 2 * day},
		{"more people than the limit, an odd wave", 2, sent(1), 3, governor.Passed, 0, 1, []step{{0, 1}, {day, 2}}, day},
		{"more are held than a lowered limit allows", 5, all(sent(4), func(f *fixture) {
			f.observe(governor.TierReported{Number: n1, Tier: 2})
		}), 3, governor.TierLimit, 23 * time.Hour, 0, []step{{23 * time.Hour, 1}, {day, 2}}, 47 * time.Hour},
		{"no limit", tier.Unlimited, sent(3), 100_000, governor.Passed, 0, 100_000, []step{{0, 100_000}}, 0},
		{"restricted for two hours", 10, restricted(2 * time.Hour), 15, governor.PlatformRestricted, 2 * time.Hour, 0, []step{{2 * time.Hour, 10}}, 26 * time.Hour},
		{"restricted until some slots have freed", 4, all(sent(4), restricted(22*time.Hour)), 4, governor.PlatformRestricted, 22 * time.Hour, 0, []step{{22 * time.Hour, 2}, {23 * time.Hour, 3}, {day, 4}}, day},
		{"restricted without an end", 10, func(f *fixture) {
			f.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "BANNED"}})
		}, 1, governor.Inactive, 0, 0, nil, never},
		{"a template that is held", 10, func(f *fixture) {
			f.observe(governor.TemplateReported{WABA: "waba", Name: "hello_world", Status: "PAUSED", Until: f.clock.Now().Add(3 * time.Hour)})
		}, 1, governor.TemplateHeld, 3 * time.Hour, 0, []step{{3 * time.Hour, 1}}, 3 * time.Hour},
		{"a number that sends one each second", 1000, func(f *fixture) {
			f.observe(governor.ThroughputReported{Number: n1, PerSecond: 1})
		}, 61, governor.Passed, 0, 61, []step{{0, 61}}, time.Minute},
		{"slower than slots free", 3, all(sent(3), func(f *fixture) {
			f.observe(governor.ThroughputReported{Number: n1, PerSecond: 1})
		}), 4, governor.TierLimit, 22 * time.Hour, 0, []step{{22 * time.Hour, 1}, {23 * time.Hour, 2}, {day, 3}}, 46 * time.Hour},
		{"longer than a century", 1, nil, 40_000, governor.Passed, 0, 1, []step{{0, 1}}, never},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.limit, nil)
			if c.before != nil {
				c.before(f)
			}
			now := f.clock.Now()
			p := f.plan(campaign(c.people))
			assert.Equal(t, c.reason, p.Decision.Reason)
			assert.Equal(t, c.reason == governor.Passed, p.Decision.Allowed)
			if c.retry == 0 {
				assert.Zero(t, p.Decision.RetryAt)
			} else {
				assert.Equal(t, now.Add(c.retry), p.Decision.RetryAt.UTC())
			}
			assert.Equal(t, c.now, p.Now)
			var steps []step
			for _, s := range p.Steps {
				steps = append(steps, step{s.At.Sub(now), s.Free})
			}
			assert.Equal(t, c.steps, steps)
			if c.done == never {
				assert.Zero(t, p.Done)
			} else {
				assert.Equal(t, now.Add(c.done), p.Done.UTC())
			}
			assert.Equal(t, p, f.plan(campaign(c.people)), "a plan books nothing")
		})
	}
}

func TestAPlansDecisionIsThatOfASendToSomebodyNew(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	for _, do := range []func(){
		func() {},
		func() { f.sent(template(n1, alice)) },
		func() { f.sent(template(n1, bob)) },
		func() { f.observe(restrict("waba", f.clock.Now().Add(time.Hour))) },
		func() { f.clock.Advance(2 * time.Hour) },
		func() { f.observe(governor.TierReported{Number: n1, Tier: tier.Unlimited}) },
	} {
		do()
		want := f.check(template(n1, carol))
		got := f.plan(campaign(1)).Decision
		assert.Equal(t, want, got)
	}
}

func TestAPlanOfAColdStartBeginsWhenThatIsOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, assumeUsed)
	t0 := f.clock.Now()
	p := f.plan(campaign(3))
	assert.Equal(t, governor.TierLimit, p.Decision.Reason)
	assert.Zero(t, p.Now)
	assert.Equal(t, []governor.Release{{At: t0.Add(day), Free: 2}}, p.Steps)
	assert.Equal(t, t0.Add(2*day), p.Done)
	assert.Contains(t, p.Decision.Explain(), "Import what was sent")
	f.refused(template(n1, alice), governor.ErrTierLimit)
	f.at(t0.Add(time.Hour))
	assert.Equal(t, f.check(template(n1, alice)), f.plan(campaign(1)).Decision)
	f.at(t0.Add(day))
	assert.Equal(t, 2, f.plan(campaign(3)).Now)
}

func TestACampaignThatIsNotWellFormedIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	for _, c := range []struct {
		campaign governor.Campaign
		want     []string
	}{
		{governor.Campaign{}, []string{"Campaign.From", "Campaign.Recipients"}},
		{governor.Campaign{From: n1, Recipients: -1, Category: 9}, []string{"Campaign.Category", "Campaign.Recipients"}},
		{governor.Campaign{From: "a b", Recipients: 1}, []string{"Campaign.From"}},
		{governor.Campaign{From: "1", Recipients: 1}, []string{"From"}},
	} {
		p, err := f.gov.Plan(t.Context(), c.campaign)
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.Equal(t, c.want, fields(t, err))
		assert.Equal(t, governor.Plan{}, p)
	}
	_, err := (*governor.Governor)(nil).Plan(t.Context(), campaign(1))
	require.ErrorIs(t, err, governor.ErrInvalid)
}

func TestAPlanFailsWithTheStore(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	store.Fail()
	p, err := f.gov.Plan(t.Context(), campaign(1))
	require.ErrorIs(t, err, errFault)
	assert.Equal(t, governor.Plan{}, p)
}

func TestAPlanAsksTheStoreTwiceWhateverTheCampaignsSize(t *testing.T) {
	t.Parallel()
	f, store := newHooked(t, nil)
	f.sent(template(n1, alice))
	for _, people := range []int{1, 1000, 1 << 30} {
		calls := 0
		store.Set(func(_ context.Context, _ string, apply func() error) error {
			calls++
			return apply()
		})
		f.plan(campaign(people))
		assert.Equal(t, 2, calls)
	}
}

// What a plan says is what comes of sending as fast as it is allowed.
func TestAPlanAgreesWithSending(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	for round := range 60 {
		limit := 1 + r.IntN(30)
		grace := time.Duration(r.IntN(3)) * time.Hour
		f := newFixture(t, tier.Tier(limit), func(cfg *governor.Config) {
			cfg.Grace = grace
			if r.IntN(2) == 0 {
				cfg.Shares = governor.CautiousShares()
			}
			if r.IntN(3) == 0 {
				cfg.Accounts[0].Numbers[0].PerSecond = 1 + r.IntN(3)
			}
			if r.IntN(3) == 0 {
				cfg.LocalBudget = 1 + r.IntN(5)
			}
		})
		f.observe(rated(n1, quality.High, f.clock.Now()))
		for range r.IntN(40) {
			f.clock.Advance(time.Duration(r.IntN(7200)) * time.Second)
			m := template(n2, person(1000+r.IntN(50)))
			m.Category = governor.Authentication
			_, _ = f.gov.Reserve(t.Context(), m)
		}
		switch r.IntN(6) {
		case 0:
			f.observe(restrict("waba", f.clock.Now().Add(time.Duration(r.IntN(60))*time.Hour)))
		case 1:
			f.observe(governor.TierReported{Number: n1, Tier: tier.Tier(1 + r.IntN(10))})
		case 2:
			f.observe(rated(n1, quality.Low, f.clock.Now())) // flagged for a week
			f.clock.Advance(time.Hour)
			f.observe(rated(n1, quality.Medium, f.clock.Now()))
		}
		f.clock.Advance(time.Minute) // so that every bucket is full
		people := 1 + r.IntN(70)
		plan := f.plan(campaign(people))
		now := f.clock.Now()
		assert.Equal(t, f.check(template(n1, person(5000))), plan.Decision, "seed %d, round %d", seed, round)
		sent, steps := 0, plan.Steps
		for sent < people {
			res, err := f.gov.Reserve(t.Context(), template(n1, person(5000+sent)))
			if err == nil {
				require.NoError(t, res.Commit(t.Context(), governor.Receipt{}))
				sent++
				continue
			}
			d := f.check(template(n1, person(5000+sent)))
			if d.Reason == governor.TierLimit {
				for len(steps) > 0 && !steps[0].At.After(f.clock.Now()) {
					require.GreaterOrEqual(t, sent, steps[0].Free, "seed %d, round %d, step %v: %+v", seed, round, steps[0].At.Sub(now), plan)
					steps = steps[1:]
				}
			}
			if d.RetryAt.IsZero() {
				break
			}
			require.True(t, d.RetryAt.After(f.clock.Now()), "seed %d, round %d: %+v", seed, round, d)
			f.at(d.RetryAt)
		}
		if sent < people {
			require.Zero(t, plan.Done, "seed %d, round %d", seed, round)
			continue
		}
		require.WithinDuration(t, f.clock.Now(), plan.Done, 10*time.Millisecond, "seed %d, round %d: limit %d, %d people: %+v", seed, round, limit, people, plan)
	}
}
