package governor_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// someState is a governor in a random state: slots held and lapsing, buckets in
// use, people who wrote lately or not so lately, cool-downs, restrictions.
type someState struct {
	*fixture
	r *rand.Rand
}

func newSomeState(t *testing.T, seed uint64) someState {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	// What the platform says of a number shuts a gate that only the governor sees.
	// Windows that close and slots that lapse before it opens are seen by the
	// store alone, so states have either.
	gates := r.IntN(2) == 0
	f := newFixture(t, tier.Tier(1+r.IntN(6)), func(cfg *governor.Config) {
		if !gates {
			cfg.AtLimit = governor.AtLimit(r.IntN(2))
		}
		cfg.Grace = []time.Duration{0, 10 * time.Minute}[r.IntN(2)]
		for i := range cfg.Accounts[0].Numbers {
			cfg.Accounts[0].Numbers[i].PerSecond = 1 + r.IntN(60)
		}
	})
	s := someState{f, r}
	for range 10 + r.IntN(60) {
		f.clock.Advance([]time.Duration{0, time.Millisecond, time.Second, time.Minute, time.Hour, 5 * time.Hour}[r.IntN(6)] * time.Duration(r.IntN(4)))
		s.step(gates)
	}
	return s
}

func (s someState) step(gates bool) {
	now := s.clock.Now()
	number, who := []string{n1, n2}[s.r.IntN(2)], person(s.r.IntN(8))
	switch op := s.r.IntN(20); {
	case op < 7:
		if r, err := s.gov.Reserve(s.t.Context(), s.message()); err == nil && s.r.IntN(4) > 0 {
			require.NoError(s.t, r.Commit(s.t.Context(), governor.Receipt{}))
		}
	case op < 8:
		for range s.r.IntN(100) {
			_, _ = s.gov.Reserve(s.t.Context(), reply(number, who))
		}
	case op < 12 && !gates:
		s.observe(governor.Inbound{Number: number, Customer: who, At: now.Add(-time.Duration(s.r.Int64N(int64(day))))})
	case op < 13:
		// The limit of the account goes down below what is used, and up.
		s.observe(governor.TierReported{Account: account, Tier: tier.Tier(1 + s.r.IntN(6)), At: now})
	case op < 16:
		s.observe(governor.ConsentRevoked{
			Number: number, Recipient: who, Topic: governor.TopicMarketing, Until: now.Add(time.Duration(s.r.Int64N(int64(2 * day)))),
		})
	case op < 17:
		s.observe(governor.SendRefused{Number: number, Recipient: who, Code: 131056})
	case op < 20 && gates:
		kind := []quality.RestrictionType{
			quality.RestrictedBusinessMessaging, quality.RestrictedUtility, quality.RestrictedCustomerMessaging,
		}[s.r.IntN(3)]
		s.observe(governor.HealthReported{Number: number, Report: quality.RestrictionReported{
			Type: kind, Until: now.Add(time.Duration(s.r.Int64N(int64(2 * day)))), At: now,
		}})
	}
}

func (s someState) message() governor.Message {
	m := template([]string{n1, n2}[s.r.IntN(2)], person(s.r.IntN(12)))
	m.Category = governor.Category(s.r.IntN(4))
	if s.r.IntN(4) == 0 {
		m = reply(m.From, m.To)
	}
	return m
}

func TestTheSameMessagePassesAtRetryAt(t *testing.T) {
	t.Parallel()
	const states = 300
	base := rand.Uint64N(1 << 40)
	seen := map[governor.Reason]int{}
	for i := range uint64(states) {
		seed := base + i
		s := newSomeState(t, seed)
		busy := s.message()
		for range 60 * int(seed%3) { // two of three states are in the middle of a burst
			_, _ = s.gov.Reserve(t.Context(), reply(busy.From, busy.To))
			s.clock.Advance(20 * time.Millisecond)
		}
		for range 20 {
			m := s.message()
			if seed%3 > 0 {
				m.From, m.To = busy.From, busy.To
			}
			d := s.check(m)
			if d.Allowed {
				continue
			}
			seen[d.Reason]++
			s.passesAtRetryAt(m, d, fmt.Sprintf("seed %d: %v", seed, d))
			break
		}
	}
	for _, reason := range []governor.Reason{
		governor.TierLimit, governor.NumberRate, governor.PairRate, governor.WindowClosed, governor.OptedOut, governor.PlatformRestricted,
	} {
		assert.Positivef(t, seen[reason], "%v of %v", reason, seen)
	}
}

func (s someState) passesAtRetryAt(m governor.Message, d governor.Decision, about string) {
	s.t.Helper()
	now := s.clock.Now()
	if d.RetryAt.IsZero() {
		for _, later := range []time.Duration{time.Second, time.Minute, time.Hour, 12 * time.Hour, day, 3 * day} {
			if d.Reason == governor.WindowClosed && later > time.Minute {
				return // a week after it closed it is forgotten, and the platform decides
			}
			s.at(now.Add(later))
			require.Falsef(s.t, s.check(m).Allowed, "%s: %v later", about, later)
		}
		return
	}
	wait := d.RetryAt.Sub(now)
	require.Positivef(s.t, wait, about)
	earlier := []time.Duration{wait - time.Microsecond, max(0, wait-time.Millisecond)}
	for range 5 {
		earlier = append(earlier, time.Duration(s.r.Int64N(int64(wait))))
	}
	for i := len(earlier) - 1; i >= 0; i-- {
		if at := now.Add(earlier[i]); !at.Before(s.clock.Now()) {
			s.at(at)
			require.Falsef(s.t, s.check(m).Allowed, "%s: %v before", about, wait-earlier[i])
		}
	}
	s.at(d.RetryAt)
	require.Truef(s.t, s.check(m).Allowed, "%s: then %v", about, s.check(m))
	s.sent(m)
}

func TestAWindowThatClosesBeforeARateOpensIsReckonedWith(t *testing.T) {
	t.Parallel()
	busy := func(t *testing.T) (f *fixture, closes time.Time) {
		t.Helper()
		f = newFixture(t, 1, nil)
		t0 := f.clock.Now()
		f.observe(governor.Inbound{Number: n1, Customer: alice, At: t0})
		closes = t0.Add(day)
		f.at(closes.Add(-governor.WindowMargin - 3*time.Second))
		return f, closes
	}
	t.Run("a reply comes too late", func(t *testing.T) {
		t.Parallel()
		f, closes := busy(t)
		f.at(closes.Add(-3 * time.Second))
		for range 45 {
			f.sent(reply(n1, alice))
		}
		denied := f.refused(reply(n1, alice), governor.ErrWindowClosed)
		assert.Zero(t, denied.RetryAt)
	})
	t.Run("a notification will need a slot", func(t *testing.T) {
		t.Parallel()
		f, _ := busy(t)
		r := f.reserved(template(n2, bob))
		free := f.clock.Now().Add(day)
		for range 45 {
			assert.False(t, f.sent(template(n1, alice)).Counted)
		}
		denied := f.refused(template(n1, alice), governor.ErrTierLimit)
		assert.Equal(t, free, denied.RetryAt)
		require.NoError(t, r.Cancel(t.Context()))
		denied = f.refused(template(n1, alice), governor.ErrPairRate)
		f.at(denied.RetryAt)
		assert.True(t, f.sent(template(n1, alice)).Counted)
	})
}

func TestASlotThatLapsesBeforeARateOpensIsReckonedWith(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, func(cfg *governor.Config) { cfg.AtLimit = governor.RefuseNew })
	t0 := f.clock.Now()
	f.sent(template(n1, alice))
	f.at(t0.Add(time.Hour))
	// Past the limit, so that alice's slot, once lapsed, is nobody's.
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: bob, Status: governor.Delivered, Pricing: "marketing"})
	f.at(t0.Add(day - 3*time.Second))
	for range 45 {
		f.sent(reply(n1, alice))
	}
	denied := f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(25*time.Hour), denied.RetryAt)
	f.at(denied.RetryAt)
	f.sent(template(n1, alice))
}
