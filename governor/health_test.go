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

const week = 7 * day

func rated(number string, rating quality.Rating, at time.Time) governor.HealthReported {
	return governor.HealthReported{Number: number, Report: quality.RatingReported{Rating: rating, At: at}}
}

func (f *fixture) limits() [2]int {
	f.t.Helper()
	return [2]int{f.check(template(n1, alice)).Limit, f.check(template(n2, alice)).Limit}
}

func TestANumberFlaggedForAWeekIsExpectedOneTierLower(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ladder tier.Ladder
		want   int
	}{{tier.Current(), 2000}, {tier.Legacy(), 1000}} {
		var r recorder
		b := newFixture(t, tier.Tier10K, func(cfg *governor.Config) { cfg.Ladder = c.ladder; recorded(&r)(cfg) })
		t0 := b.clock.Now()
		b.observe(rated(n1, quality.High, t0.Add(-time.Hour)), rated(n1, quality.Low, t0))
		r.told()
		assert.True(t, b.sent(template(n1, alice)).Allowed, "Flagged sends as before")
		assert.Equal(t, quality.Flagged, b.check(template(n1, bob)).Health)
		b.at(t0.Add(week - time.Nanosecond))
		assert.Equal(t, [2]int{10_000, 10_000}, b.limits())
		assert.Empty(t, r.told())
		b.at(t0.Add(week))
		assert.Equal(t, [2]int{c.want, 10_000}, b.limits(), "of that number alone")
		assert.Equal(t, quality.Connected, b.check(template(n1, bob)).Health)
		assert.Equal(t, []string{
			"prediction portfolio - 106540352242922 - one step lower",
			"health portfolio - 106540352242922 Flagged Connected",
		}, r.told())
	}
}

func TestANumberThatImprovesKeepsItsTier(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, tier.Tier10K, recorded(&r))
	t0 := b.clock.Now()
	b.observe(rated(n1, quality.Low, t0))
	b.at(t0.Add(6 * day))
	b.observe(rated(n1, quality.Medium, b.clock.Now()))
	r.told()
	b.at(t0.Add(13*day - time.Nanosecond))
	assert.Equal(t, quality.Flagged, b.check(template(n1, alice)).Health, "it has to last for a week")
	b.at(t0.Add(13 * day))
	assert.Equal(t, quality.Connected, b.check(template(n1, alice)).Health)
	assert.Equal(t, [2]int{10_000, 10_000}, b.limits())
	assert.Equal(t, []string{"health portfolio - 106540352242922 Flagged Connected"}, r.told())
}

// The platform's report wins over what was predicted, in whichever order it and
// the reports of quality arrive.
func TestAReportedLimitWithdrawsThePrediction(t *testing.T) {
	t.Parallel()
	type report func(b *fixture, t0 time.Time)
	low := func(b *fixture, t0 time.Time) { b.observe(rated(n1, quality.Low, t0)) }
	wait := func(b *fixture, t0 time.Time) {
		b.at(t0.Add(week + time.Hour))
		b.check(template(n1, alice))
	}
	for name, order := range map[string][]report{
		"flag, report, week":           {low, func(b *fixture, t0 time.Time) { b.at(t0.Add(2 * day)); b.tier(t0.Add(day)) }, wait},
		"flag, week, report":           {low, wait, func(b *fixture, t0 time.Time) { b.tier(t0.Add(day)) }},
		"flag, week, newer report":     {low, wait, func(b *fixture, t0 time.Time) { b.tier(t0.Add(week)) }},
		"report, late flag, week":      {func(b *fixture, t0 time.Time) { b.at(t0.Add(2 * day)); b.tier(t0.Add(day)) }, low, wait},
		"report, week, late flag":      {func(b *fixture, t0 time.Time) { b.at(t0.Add(2 * day)); b.tier(t0.Add(day)) }, wait, low},
		"report by WABA, late flag":    {func(b *fixture, t0 time.Time) { b.at(t0.Add(2 * day)); b.wabaTier(t0.Add(day)) }, wait, low},
		"report by WABA, send, flag":   {func(b *fixture, t0 time.Time) { b.at(t0.Add(2 * day)); b.wabaTier(t0.Add(day)); b.limits() }, low, wait},
		"flag, week, report by WABA":   {low, wait, func(b *fixture, t0 time.Time) { b.wabaTier(t0.Add(day)) }},
		"own limit, report, late flag": {func(b *fixture, t0 time.Time) { b.at(t0.Add(2 * day)); b.own(t0); b.tier(t0.Add(day)) }, low, wait},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, tier.Tier2K, nil)
			t0 := b.clock.Now()
			for _, act := range order {
				act(b, t0)
			}
			b.at(t0.Add(3 * week))
			assert.Equal(t, [2]int{10_000, 10_000}, b.limits())
		})
	}
	b := newFixture(t, tier.Tier2K, nil)
	t0 := b.clock.Now()
	b.at(t0.Add(2 * day))
	b.tier(t0)
	low(b, t0.Add(day))
	wait(b, t0.Add(day))
	assert.Equal(t, [2]int{2_000, 10_000}, b.limits(), "an older report does not")
}

func (f *fixture) tier(at time.Time) {
	f.observe(governor.TierReported{Account: account, Tier: tier.Tier10K, At: at})
}

func (f *fixture) wabaTier(at time.Time) {
	f.observe(governor.TierReported{WABA: "waba", Tier: tier.Tier10K, At: at})
}

func (f *fixture) own(at time.Time) {
	f.observe(governor.TierReported{Number: n1, Tier: tier.Unlimited, OwnLimit: true, At: at})
}

func TestTheWithdrawalOfAPredictionIsTold(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, tier.Tier2K, recorded(&r))
	t0 := b.clock.Now()
	b.observe(rated(n1, quality.Low, t0))
	b.at(t0.Add(week))
	b.limits()
	r.told()
	b.at(t0.Add(week + time.Hour))
	b.observe(governor.TierReported{Number: n2, Tier: tier.Tier2K})
	assert.Equal(t, []string{
		"prediction portfolio - 106540352242922 one step lower -",
		"limit portfolio - - Unknown 2K",
	}, r.told())
	assert.Equal(t, [2]int{2_000, 2_000}, b.limits())
}

// B9: no event says that it is over.
func TestARestrictionLapsesByItselfExactlyAtItsEnd(t *testing.T) {
	t.Parallel()
	for _, subject := range []governor.HealthReported{{Number: n1}, {WABA: "waba"}} {
		for _, handles := range []int{1, 100} {
			t.Run(fmt.Sprintf("%s%s with %d handles", subject.Number, subject.WABA, handles), func(t *testing.T) {
				t.Parallel()
				var r recorder
				b := newFixture(t, 2, func(cfg *governor.Config) {
					recorded(&r)(cfg)
					cfg.Handles = handles
					cfg.Accounts = append(cfg.Accounts, governor.Account{ID: "another", Numbers: []governor.Number{{ID: "3"}}})
				})
				t0 := b.clock.Now()
				until := t0.Add(36 * time.Hour)
				event := subject
				event.Report = quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: until, At: t0}
				b.sent(template(n1, alice))
				b.observe(event)
				b.at(until.Add(-time.Nanosecond))
				d := b.refused(template(n1, alice), governor.ErrRestricted)
				assert.Equal(t, until, d.RetryAt.UTC())
				b.sent(reply(n1, alice))
				r.told()
				b.sent(template("3", alice)) // with one handle this forgets the other account
				b.at(until)
				b.sent(template(n1, alice))
				require.Len(t, r.notices, 2)
				for _, n := range r.notices {
					assert.Equal(t, until, n.At)
				}
				about := fmt.Sprintf("portfolio %s %s", dash(subject.WABA), dash(subject.Number))
				assert.Equal(t, []string{
					"lifted " + about + " RESTRICTED_BIZ_INITIATED_MESSAGING -",
					"health " + about + " Restricted Connected",
				}, r.told())
				b.at(until.Add(time.Hour))
				b.sent(template(n1, bob))
				assert.Empty(t, r.told(), "once")
			})
		}
	}
}

func dash(word string) string {
	if word == "" {
		return "-"
	}
	return word
}

func TestWhatTimeHasBroughtIsToldInItsOrderEvenIfNobodyAskedMeanwhile(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 2, recorded(&r))
	t0 := b.clock.Now()
	b.observe(
		governor.HealthReported{Number: n1, Report: quality.RestrictionReported{Type: "BAR", Until: t0.Add(3 * time.Hour), At: t0}},
		governor.HealthReported{Number: n2, Report: quality.RestrictionReported{Type: "BAZ", Until: t0.Add(2 * time.Hour), At: t0}},
		governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{Type: "QUX", Until: t0.Add(time.Hour), At: t0}},
	)
	b.refused(template(n1, alice), governor.ErrRestricted)
	r.told()
	b.at(t0.Add(day))
	// Another process, which has none of it in memory, is the first to be asked.
	other := b.also(recorded(&r))
	other.sent(template(n1, alice))
	assert.Equal(t, []string{
		"lifted portfolio waba - QUX -", "health portfolio waba - Restricted Connected",
		"lifted portfolio - 106540352242923 BAZ -", "health portfolio - 106540352242923 Restricted Connected",
		"lifted portfolio - 106540352242922 BAR -", "health portfolio - 106540352242922 Restricted Connected",
	}, r.told())
	b.sent(template(n2, alice))
	assert.Empty(t, r.told(), "not by both")
}

func TestALateWordFromThePlatformDoesNotUndoANewerOne(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 2, nil)
	t0 := b.clock.Now()
	b.at(t0.Add(time.Hour))
	status := func(word string, at time.Time) governor.HealthReported {
		return governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: word, At: at}}
	}
	b.observe(status("CONNECTED", t0.Add(30*time.Minute)), status("BANNED", t0))
	b.sent(template(n1, alice))
	b.observe(status("BANNED", t0.Add(40*time.Minute)), status("CONNECTED", t0.Add(35*time.Minute)))
	b.refused(reply(n1, alice), governor.ErrInactive)
	b.observe(status("CONNECTED", t0.AddDate(5000, 0, 0))) // counts as now
	b.sent(template(n1, alice))
	b.at(t0.Add(2 * time.Hour))
	b.observe(status("RATE_LIMITED", time.Time{}))
	b.refused(template(n1, alice), governor.ErrRestricted)
}

func TestWhatAHealthLetsPass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word                string
		notification, reply error
	}{
		{"CONNECTED", nil, nil},
		{"FLAGGED", nil, nil},
		{"RESTRICTED", governor.ErrRestricted, nil},
		{"RATE_LIMITED", governor.ErrRestricted, nil},
		{"PENDING", governor.ErrInactive, governor.ErrInactive},
		{"OFFLINE", governor.ErrInactive, governor.ErrInactive},
		{"BANNED", governor.ErrInactive, governor.ErrInactive},
		{"never heard of", governor.ErrRestricted, nil},
		{"", governor.ErrRestricted, nil},
	} {
		b := newFixture(t, 2, nil)
		b.observe(governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: c.word}})
		for m, want := range map[governor.Message]error{template(n1, alice): c.notification, reply(n1, alice): c.reply, {From: n1, Kind: governor.ReadReceipt}: nil} {
			if want == nil {
				b.sent(m)
			} else {
				b.refused(m, want)
			}
		}
		b.sent(template(n2, bob))
	}
}

// After a clock that jumped back, what was told before it did is not looked
// for at every send.
func TestAClockThatJumpedBackCostsNoSendAnAllocation(t *testing.T) {
	b := newFixture(t, 2, nil)
	until := b.clock.Now().Add(day)
	cost := func(f *fixture) float64 {
		return testing.AllocsPerRun(100, func() { f.check(template(n1, alice)) })
	}
	b.observe(restrict("waba", until))
	b.at(until)
	require.True(t, b.check(template(n1, alice)).Allowed)
	b.at(until.Add(-time.Hour))
	other := b.also(nil)
	require.False(t, other.check(template(n1, alice)).Allowed)
	b.at(until.Add(time.Hour))
	assert.InDelta(t, cost(b), cost(other), 1)
}

func TestASnapshotTellsWhenASlotCanBeTaken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	t0 := f.clock.Now()
	snapshot := func() governor.Snapshot {
		s, err := f.gov.Snapshot(t.Context(), account)
		require.NoError(t, err)
		return s
	}
	assert.Equal(t, t0, snapshot().SlotFree.UTC())
	f.sent(template(n1, alice))
	f.at(t0.Add(time.Hour))
	f.sent(template(n1, bob))
	assert.Equal(t, t0.Add(day), snapshot().SlotFree.UTC())
	f.observe(governor.TierReported{Number: n1, Tier: 1, At: f.clock.Now()})
	assert.Equal(t, t0.Add(day), snapshot().NextFree.UTC())
	assert.Equal(t, t0.Add(day+time.Hour), snapshot().SlotFree.UTC())
}
