package governor_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// Shares, cold starts, leases, flags, restrictions and who holds a slot: however
// they meet, Check says what Reserve does, and RetryAt is when the message passes.
func TestHoweverRulesMeetCheckAgreesAndRetryAtIsTrue(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 5))
	ratings := []quality.Rating{quality.High, quality.Medium, quality.Low}
	for round := range 150 {
		limit := 1 + r.IntN(12)
		f := newFixture(t, tier.Tier(limit), func(cfg *governor.Config) {
			cfg.AtLimit = governor.AtLimit(r.IntN(2))
			cfg.ColdStart = governor.ColdStart(r.IntN(2))
			cfg.LocalBudget = max(0, r.IntN(6)-2)
			cfg.Grace = time.Duration(r.IntN(2)) * time.Hour
			if r.IntN(2) == 0 {
				cfg.Shares = governor.CautiousShares()
			}
		})
		message := func() governor.Message {
			m := template([]string{n1, n2}[r.IntN(2)], person(r.IntN(2*limit+2)))
			m.Category = governor.Category(r.IntN(4))
			return m
		}
		for range 30 {
			f.clock.Advance(time.Duration(r.IntN(4*3600)) * time.Second)
			switch r.IntN(8) {
			case 0:
				f.observe(rated(n1, ratings[r.IntN(3)], f.clock.Now()))
			case 1:
				if r.IntN(4) == 0 {
					f.observe(restrict("waba", f.clock.Now().Add(time.Duration(r.IntN(40))*time.Hour)))
				}
			case 2:
				f.observe(governor.Inbound{Number: n1, Customer: person(r.IntN(2*limit + 2))})
			case 3:
				if r.IntN(4) == 0 {
					f.observe(governor.TierReported{Number: n1, Tier: tier.Tier(1 + r.IntN(limit))})
				}
			case 4:
				if r.IntN(6) == 0 {
					_, err := f.gov.Import(t.Context(), account, logged(past{person(r.IntN(2 * limit)), f.clock.Now().Add(-time.Hour)}))
					require.NoError(t, err)
				}
			default:
				m := message()
				d := f.check(m)
				res, err := f.gov.Reserve(t.Context(), m)
				var denied *governor.DeniedError
				switch {
				case err == nil && r.IntN(4) == 0:
					require.NoError(t, res.Cancel(t.Context()))
				case err == nil:
					require.NoError(t, res.Commit(t.Context(), governor.Receipt{}))
				case errors.As(err, &denied):
					require.Equal(t, d, denied.Decision, "seed %d, round %d: %v", seed, round, m)
				}
				require.Equal(t, d.Allowed, err == nil, "seed %d, round %d: %v: %v", seed, round, m, d)
			}
		}
		f.tend() // a lease that nobody renewed may lapse before what it is reckoned with
		m := message()
		d := f.check(m)
		if d.Allowed {
			continue
		}
		if d.RetryAt.IsZero() {
			for _, days := range []int{1, 2, 8, 16} {
				f.clock.Advance(time.Duration(days) * day)
				assert.False(t, f.check(m).Allowed, "seed %d, round %d: %v, which never passes, %d days on: %v", seed, round, m, days, d)
			}
			continue
		}
		at := f.clock.Now()
		f.at(d.RetryAt.Add(-2 * time.Millisecond))
		if f.clock.Now().After(at) {
			assert.False(t, f.check(m).Allowed, "seed %d, round %d: %v passes before %v", seed, round, m, d)
		}
		f.at(d.RetryAt)
		assert.True(t, f.check(m).Allowed, "seed %d, round %d: %v is then told %v", seed, round, d, f.check(m))
	}
}
