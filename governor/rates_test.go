package governor_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// newSlow is a fixture whose numbers have the given throughput, and whose limit
// is far away.
func newSlow(t *testing.T, perSecond int) *fixture {
	t.Helper()
	return newFixture(t, 100_000, func(cfg *governor.Config) {
		for i := range cfg.Accounts[0].Numbers {
			cfg.Accounts[0].Numbers[i].PerSecond = perSecond
		}
	})
}

func TestANumberSendsItsThroughputAtOnceAndThenAtItsRate(t *testing.T) {
	t.Parallel()
	for _, perSecond := range []int{0, 1, 7, 20, 80, 999, 1000} {
		f := newSlow(t, perSecond)
		if perSecond == 0 {
			perSecond = 80
		}
		every := time.Second / time.Duration(perSecond)
		for i := range perSecond {
			f.sent(template(n1, person(i)))
		}
		// It goes on for as long as one likes without losing a step.
		for i := range 200 {
			before := f.clock.Now()
			m := template(n1, person(perSecond+i))
			denied := f.refused(m, governor.ErrNumberRate)
			assert.Equal(t, governor.ScopeNumber, denied.Scope)
			require.InDelta(t, every, denied.RetryAt.Sub(before), float64(time.Microsecond), "%d per second, message %d", perSecond, i)
			f.sent(template(n2, person(i))) // another number's is another bucket
			f.at(denied.RetryAt.Add(-time.Microsecond))
			f.refused(m, governor.ErrNumberRate)
			f.at(denied.RetryAt)
			f.sent(m)
		}
	}
}

func TestThe81stMessageOfAnInstantPassesWhenItIsTold(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 80)
	t0 := f.clock.Now()
	for i := range 80 {
		f.sent(template(n1, person(i)))
	}
	denied := f.refused(template(n1, person(80)), governor.ErrNumberRate)
	assert.Equal(t, t0.Add(time.Second/80), denied.RetryAt)
	f.at(denied.RetryAt)
	f.sent(template(n1, person(80)))
}

func TestAPairSends45AtOnceAndThenOnePer6Seconds(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 1000)
	for range 45 {
		f.sent(template(n1, alice))
	}
	for range 100 {
		before := f.clock.Now()
		denied := f.refused(template(n1, alice), governor.ErrPairRate)
		assert.Equal(t, governor.ScopePair, denied.Scope)
		require.Equal(t, before.Add(6*time.Second), denied.RetryAt)
		f.sent(template(n1, bob))
		f.sent(template(n2, alice))
		f.at(denied.RetryAt.Add(-time.Millisecond))
		f.refused(template(n1, alice), governor.ErrPairRate)
		f.at(denied.RetryAt)
		f.sent(template(n1, alice))
	}
	f.clock.Advance(270 * time.Second)
	for range 45 {
		f.sent(template(n1, alice))
	}
	f.refused(template(n1, alice), governor.ErrPairRate)
}

func TestAReplyObeysBothRates(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 50)
	f.observe(governor.Inbound{Number: n1, Customer: alice, At: f.clock.Now().Add(-time.Minute)})
	for range 45 {
		f.sent(reply(n1, alice))
	}
	f.refused(reply(n1, alice), governor.ErrPairRate)
	for i := range 5 {
		f.sent(reply(n1, person(i)))
	}
	f.refused(reply(n1, bob), governor.ErrNumberRate)
	f.clock.Advance(time.Second)
	f.sent(reply(n1, bob))
	f.refused(reply(n1, alice), governor.ErrPairRate)
}

func TestWhatCustomersWriteUsesTheNumbersThroughput(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 10)
	for i := range 6 {
		in := governor.Inbound{Number: n1, Customer: person(i), At: f.clock.Now()}
		f.observe(in, in) // a webhook that comes twice is one message
	}
	f.observe(governor.Inbound{Number: n1, Customer: person(6), At: f.clock.Now().Add(-2 * time.Second)}) // long made up for
	for i := range 4 {
		f.sent(template(n1, person(i)))
	}
	f.refused(template(n1, alice), governor.ErrNumberRate)
	f.sent(template(n2, alice))

	// However many write, they are answered a second later.
	for i := range 1000 {
		f.observe(governor.Inbound{Number: n1, Customer: person(i), At: f.clock.Now()})
	}
	f.refused(reply(n1, alice), governor.ErrNumberRate)
	f.clock.Advance(1100 * time.Millisecond)
	f.sent(reply(n1, alice))
}

func TestARefusedMessageUsesNothingUp(t *testing.T) {
	t.Parallel()
	const many = 200
	newBusy := func(change func(*governor.Config)) *fixture {
		return newFixture(t, 1, func(cfg *governor.Config) {
			cfg.Accounts[0].Numbers[0].PerSecond = 50
			if change != nil {
				change(cfg)
			}
		})
	}
	t.Run("by the limit", func(t *testing.T) {
		t.Parallel()
		f := newBusy(nil)
		f.sent(template(n1, alice))
		for range many {
			f.refused(template(n1, bob), governor.ErrTierLimit)
		}
		for range 45 { // no token of bob's, and none of the number's
			f.sent(reply(n1, bob))
		}
		for i := range 4 {
			f.sent(reply(n1, person(i)))
		}
		f.refused(reply(n1, carol), governor.ErrNumberRate)
	})
	t.Run("by the number's rate", func(t *testing.T) {
		t.Parallel()
		f := newBusy(nil)
		for i := range 50 {
			f.sent(reply(n1, person(i)))
		}
		for range many {
			f.refused(template(n1, alice), governor.ErrNumberRate)
		}
		assert.Zero(t, f.used(), "no slot")
		f.clock.Advance(900 * time.Millisecond)
		for range 45 {
			f.sent(reply(n1, alice))
		}
		f.clock.Advance(time.Second)
		f.refused(reply(n1, alice), governor.ErrPairRate)
	})
	t.Run("by the pair's rate", func(t *testing.T) {
		t.Parallel()
		f := newBusy(nil)
		for range 45 {
			f.sent(reply(n1, alice))
		}
		for range many {
			f.refused(template(n1, alice), governor.ErrPairRate)
		}
		assert.Zero(t, f.used(), "no slot")
		for i := range 5 {
			f.sent(reply(n1, person(i)))
		}
		f.refused(reply(n1, bob), governor.ErrNumberRate)
	})
	t.Run("by the platform", func(t *testing.T) {
		t.Parallel()
		f := newBusy(nil)
		f.observe(governor.HealthReported{Number: n1, Report: quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging}})
		for range many {
			f.refused(template(n1, alice), governor.ErrRestricted)
		}
		assert.Zero(t, f.used(), "no slot")
		for range 45 {
			f.sent(reply(n1, alice))
		}
		for i := range 5 {
			f.sent(reply(n1, person(i)))
		}
	})
	t.Run("by a closed window", func(t *testing.T) {
		t.Parallel()
		f := newBusy(nil)
		f.observe(governor.Inbound{Number: n1, Customer: alice})
		f.clock.Advance(day)
		for range many {
			f.refused(reply(n1, alice), governor.ErrWindowClosed)
		}
		for range 45 {
			f.sent(template(n1, alice))
			f.at(f.clock.Now())
			if f.used() == 1 {
				break
			}
		}
		assert.Equal(t, 1, f.used())
		for i := range 49 {
			f.sent(reply(n1, person(i)))
		}
	})
	t.Run("only asked for", func(t *testing.T) {
		t.Parallel()
		f := newBusy(nil)
		for range many {
			assert.True(t, f.check(template(n1, alice)).Allowed)
			assert.True(t, f.check(reply(n1, alice)).Allowed)
		}
		assert.Zero(t, f.used())
		for range 45 {
			f.sent(reply(n1, alice))
		}
	})
}

func TestATokenThatWasUsedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 1)
	require.NoError(t, f.reserved(template(n1, alice)).Cancel(t.Context()))
	assert.Zero(t, f.used())
	f.refused(template(n1, bob), governor.ErrNumberRate)
}

func TestANewThroughputHoldsFromTheNextMessageOn(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 10)
	for i := range 10 {
		f.sent(template(n1, person(i)))
	}
	f.observe(governor.ThroughputReported{Number: n1, PerSecond: 1000})
	f.refused(template(n1, alice), governor.ErrNumberRate)
	f.clock.Advance(100 * time.Millisecond)
	for i := range 100 {
		f.sent(template(n1, person(i)))
	}
	f.refused(template(n1, alice), governor.ErrNumberRate)
	f.observe(governor.ThroughputReported{Number: n1, PerSecond: 20})
	denied := f.refused(template(n1, alice), governor.ErrNumberRate)
	assert.Equal(t, 50*time.Millisecond, denied.RetryAt.Sub(f.clock.Now()))
}

func TestAFalseJumpOfTheClockHoldsNoConversationBack(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 10)
	t0 := f.clock.Now()
	f.observe(governor.Inbound{Number: n1, Customer: alice})
	f.at(t0.Add(3 * day))
	f.sent(reply(n1, bob))
	f.at(t0.Add(time.Second))
	f.sent(reply(n1, bob))
	for range 10 {
		f.clock.Advance(time.Second)
		for range 4 {
			f.sent(reply(n1, alice))
		}
		for i := range 6 {
			f.sent(reply(n1, person(i)))
		}
		f.refused(reply(n1, carol), governor.ErrNumberRate)
	}
	f.clock.Advance(time.Second)
	f.observe(governor.Inbound{Number: n1, Customer: dave, At: f.clock.Now().Add(-time.Minute)})
	f.sent(reply(n1, dave))
	assert.True(t, f.check(template(n1, alice)).Counted, "what counts goes by the latest time")
}

func TestTwoClocksThatDifferDoNotAddUpToMoreThanTheRate(t *testing.T) {
	t.Parallel()
	f := newSlow(t, 10)
	t0 := f.clock.Now()
	passed := 0
	for i := range 2000 {
		// One of the two is four minutes behind.
		f.at(t0.Add(time.Duration(i)*10*time.Millisecond - time.Duration(i%2)*4*time.Minute))
		if _, err := f.gov.Reserve(t.Context(), reply(n1, person(i))); err == nil {
			passed++
		} else {
			require.ErrorIs(t, err, governor.ErrNumberRate)
		}
	}
	assert.LessOrEqual(t, passed, 10+20*10)
}

// pairs is the rule of pairs by brute force: how much of the burst is in use,
// in whole seconds' sixths.
type pairs map[string]time.Time

func (p pairs) take(to string, now time.Time) bool {
	const every, burst = 6 * time.Second, 45
	debt := p[to] // when all that was used has been made up for
	if debt.Before(now) {
		debt = now
	}
	if debt.Sub(now) > (burst-1)*every {
		return false
	}
	p[to] = debt.Add(every)
	return true
}

func TestNoPairThatMattersIsForgotten(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	const perSecond, busy = 20, 15
	f := newSlow(t, perSecond)
	model, refusals, strangers := pairs{}, 0, 0
	for range 40 * 60 * perSecond / 2 {
		f.clock.Advance(time.Second / perSecond)
		to := person(r.IntN(busy))
		if r.IntN(3) > 0 {
			strangers++
			to = person(busy + strangers)
		}
		_, err := f.gov.Reserve(t.Context(), reply(n1, to))
		passes := model.take(to, f.clock.Now())
		if passes {
			require.NoErrorf(t, err, "seed %d, after %d strangers", seed, strangers)
		} else {
			refusals++
			require.ErrorIsf(t, err, governor.ErrPairRate, "seed %d, after %d strangers", seed, strangers)
		}
	}
	require.Greater(t, strangers, 2*(270*perSecond+perSecond), "far more than the room")
	require.Greater(t, refusals, 1000)
}
