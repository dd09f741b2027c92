package governor_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// past is one send of a log.
type past struct {
	to string
	at time.Time
}

func logged(sends ...past) iter.Seq2[string, time.Time] {
	return func(yield func(string, time.Time) bool) {
		for _, s := range sends {
			if !yield(s.to, s.at) {
				return
			}
		}
	}
}

func (f *fixture) imported(sends ...past) int {
	f.t.Helper()
	n, err := f.gov.Import(f.t.Context(), account, logged(sends...))
	require.NoError(f.t, err)
	return n
}

func TestAnImportFillsTheLedger(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	t0 := f.clock.Now()
	sends := []past{
		{"+1 (650) 555-0101", t0.Add(-3 * time.Hour)},
		{"16505550101", t0.Add(-2 * time.Hour)},
		{"16505550101", t0.Add(-20 * time.Hour)},
		{bob, t0.Add(-23 * time.Hour)},
		{carol, t0.Add(-day)},
		{dave, t0.Add(time.Minute)},
	}
	assert.Equal(t, 5, f.imported(sends...), "carol's has lapsed")
	assert.Equal(t, 3, f.used(), "past the limit")
	d := f.refused(template(n1, carol), governor.ErrTierLimit)
	assert.Equal(t, t0.Add(22*time.Hour), d.RetryAt)
	assert.Equal(t, 5, f.imported(sends...))
	assert.Equal(t, d, f.refused(template(n1, carol), governor.ErrTierLimit), "a second import changes nothing")
	f.at(t0.Add(time.Hour))
	f.imported(past{"16505550101", t0.Add(-10 * time.Hour)})
	f.at(t0.Add(22*time.Hour - time.Millisecond))
	f.refused(template(n1, carol), governor.ErrTierLimit)
	f.at(t0.Add(22 * time.Hour))
	f.sent(template(n1, carol))
}

func TestAnImportIsNotSparedByAServiceWindow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.observe(governor.Inbound{Number: n1, Customer: alice, At: f.clock.Now().Add(-5 * time.Hour)})
	f.imported(past{alice, f.clock.Now().Add(-time.Hour)})
	assert.Equal(t, 1, f.used(), "who imports says that it counted")
}

func TestAnImportCountsWithGrace(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, func(cfg *governor.Config) { cfg.Grace = time.Hour })
	assert.Equal(t, 1, f.imported(past{alice, f.clock.Now().Add(-day)}))
	f.refused(template(n1, bob), governor.ErrTierLimit)
	f.clock.Advance(time.Hour)
	f.sent(template(n1, bob))
}

func TestAnImportThatIsWholeEndsAColdStart(t *testing.T) {
	t.Parallel()
	t.Run("whole", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, 2, assumeUsed)
		f.refused(template(n1, alice), governor.ErrTierLimit)
		f.imported(past{bob, f.clock.Now().Add(-time.Hour)})
		f.sent(template(n1, alice))
		f.refused(template(n1, carol), governor.ErrTierLimit)
	})
	t.Run("before anything was asked", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, 2, assumeUsed)
		f.imported()
		f.sent(template(n1, alice))
	})
	t.Run("before the config says so", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, 2, nil)
		f.imported()
		newFixtureOn(t, f.store, f.clock, 2, assumeUsed).sent(template(n1, alice))
	})
	t.Run("with a fault", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, 2, assumeUsed)
		n, err := f.gov.Import(t.Context(), account, logged(past{bob, f.clock.Now()}, past{"0", f.clock.Now()}))
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.Equal(t, 1, n)
		f.refused(template(n1, alice), governor.ErrTierLimit)
	})
	t.Run("cut short by the store", func(t *testing.T) {
		t.Parallel()
		f, store := newHooked(t, assumeUsed)
		sends := logged(past{bob, f.clock.Now()}, past{carol, f.clock.Now()}, past{dave, f.clock.Now()})
		store.FailNth(2, true)
		n, err := f.gov.Import(t.Context(), account, sends)
		require.ErrorIs(t, err, errFault)
		assert.Equal(t, 1, n)
		store.Heal()
		f.refused(template(n1, alice), governor.ErrTierLimit)
		n, err = f.gov.Import(t.Context(), account, sends)
		require.NoError(t, err)
		assert.Equal(t, 3, n)
		assert.Equal(t, 3, f.used())
	})
	t.Run("given up", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, 2, assumeUsed)
		ctx, cancel := context.WithCancel(t.Context())
		n, err := f.gov.Import(ctx, account, func(yield func(string, time.Time) bool) {
			yield(bob, f.clock.Now())
			cancel()
			yield(carol, f.clock.Now())
		})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 1, n)
		f.refused(template(n1, alice), governor.ErrTierLimit)
	})
}

func TestAnImportTellsEachFaultByItsIndexAndNeverItsValue(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 100, nil)
	now := f.clock.Now()
	n, err := f.gov.Import(t.Context(), account, logged(past{alice, now}, past{"12345", now}, past{bob, time.Time{}}, past{carol, now.Add(time.Hour)}))
	assert.Equal(t, 1, n)
	require.ErrorIs(t, err, governor.ErrInvalid)
	assert.EqualError(t, err, "governor: send 1: governor: recipient has 5 digits, want 7 to 15\n"+
		"governor: send 2: governor: time is zero\ngovernor: send 3: governor: time is still to come")
	many := func(yield func(string, time.Time) bool) {
		for range 1000 {
			yield("99999", now)
		}
	}
	_, err = f.gov.Import(t.Context(), account, many)
	var joined interface{ Unwrap() []error }
	require.True(t, errors.As(err, &joined))
	assert.Len(t, joined.Unwrap(), 21)
	assert.ErrorContains(t, err, "sends have 980 more faults")
	assert.NotContains(t, err.Error(), "99999")
	for _, bad := range []func() (int, error){
		func() (int, error) { return f.gov.Import(t.Context(), "", logged()) },
		func() (int, error) { return f.gov.Import(t.Context(), account, nil) },
		func() (int, error) { return (*governor.Governor)(nil).Import(t.Context(), account, logged()) },
	} {
		_, err := bad()
		require.ErrorIs(t, err, governor.ErrInvalid)
	}
}

// A new ledger that was told the past must decide as the old one does.
func TestAnImportedLedgerDecidesAsTheOneThatWasThere(t *testing.T) {
	t.Parallel()
	for range 20 {
		seed := rand.Uint64N(1 << 40)
		r := rand.New(rand.NewPCG(seed, 0))
		old := newFixture(t, 5, nil)
		last := map[string]time.Time{}
		for range 60 {
			old.clock.Advance(time.Duration(r.Int64N(int64(3 * time.Hour))).Truncate(time.Millisecond))
			to := person(r.IntN(9))
			if _, err := old.gov.Reserve(t.Context(), template(n1, to)); err == nil {
				last[to] = old.clock.Now()
			}
		}
		fresh := newFixture(t, 5, nil)
		fresh.at(old.clock.Now())
		_, err := fresh.gov.Import(t.Context(), account, maps.All(last))
		require.NoError(t, err)
		for range 30 {
			assert.Equal(t, old.used(), fresh.used(), "seed %d", seed)
			assert.Equal(t, old.check(template(n1, alice)).Allowed, fresh.check(template(n1, alice)).Allowed, "seed %d", seed)
			old.clock.Advance(time.Hour)
			fresh.clock.Advance(time.Hour)
		}
	}
}
