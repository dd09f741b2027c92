package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// A Harness makes the stores under test.
type Harness struct {
	// New returns an empty store. Stores that it has returned are in use at the
	// same time and must not see each other's accounts. The suite closes each.
	// Required.
	New func(t testing.TB) governor.Store
	// Reopen closes the store, which nobody is calling, and returns another on
	// the same data. Nil: the store forgets its data when it is closed.
	Reopen func(t testing.TB, s governor.Store) governor.Store
	// Steps is how many steps the random histories have together; each makes
	// some three calls. Zero and less: 10,000.
	Steps int
	// Seed is the first history's; a failure prints it. Zero: a random one.
	Seed uint64
}

// test is one rule that a store must hold.
type test struct {
	name string
	run  func(l *ledger)
	// once is whether the test makes calls that may not be repeated.
	once bool
}

type group struct {
	name  string
	tests []test
}

// contract is every rule that one caller can see, by verb.
var contract = []group{
	{"Admit", admitTests},
	{"Token", tokenTests},
	{"Number rate", numberRateTests},
	{"Pair rate", pairRateTests},
	{"Clock", clockTests},
	{"Pace", paceTests},
	{"Settle", settleTests},
	{"Inbound", inboundTests},
	{"Delivery", deliveryTests},
	{"Consent", consentTests},
	{"Alias", aliasTests},
	{"Usage", usageTests},
	{"Tally", tallyTests},
	{"State", stateTests},
	{"Strings", stringTests},
	{"Close", closeTests},
	{"People", peopleTests},
}

// Run tests a store against the contract of [governor.Store]. It takes some
// 50,000 calls, most of them one after the other.
func Run(t *testing.T, h Harness) {
	t.Helper()
	require.NotNil(t, h.New, "storetest: Harness.New is required")
	for name, wrap := range ways(h) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, g := range contract {
				t.Run(g.name, func(t *testing.T) {
					t.Parallel()
					for _, rule := range g.tests {
						if rule.once && name == "Repeated" {
							continue
						}
						t.Run(rule.name, func(t *testing.T) {
							t.Parallel()
							rule.run(&ledger{t: t, store: wrap(t), now: t0, limit: 2})
						})
					}
				})
			}
		})
	}
	t.Run("Histories", func(t *testing.T) {
		t.Parallel()
		runHistories(t, h)
	})
	t.Run("Concurrency", func(t *testing.T) {
		t.Parallel()
		for _, rule := range concurrencyTests {
			t.Run(rule.name, func(t *testing.T) {
				t.Parallel()
				rule.run(&ledger{t: t, store: plain(h)(t), now: t0, limit: 2})
			})
		}
	})
}

// ways are those in which the contract is put to the store: as it is, with
// every call made twice as if the first one's answer had been lost, and with
// the store closed and opened again before every call.
func ways(h Harness) map[string]func(t *testing.T) governor.Store {
	all := map[string]func(t *testing.T) governor.Store{
		"Contract": plain(h),
		"Repeated": func(t *testing.T) governor.Store {
			t.Helper()
			f := &Faulty{Store: plain(h)(t)}
			f.Set(func(_ context.Context, verb string, apply func() error) error {
				if verb != "Tally" && verb != "SaveState" { // which may count twice, or say so
					_ = apply() // Its answer is lost.
				}
				return apply()
			})
			return f
		},
	}
	if h.Reopen != nil {
		all["Reopened"] = func(t *testing.T) governor.Store {
			t.Helper()
			return newRestless(t, h)
		}
	}
	return all
}

func plain(h Harness) func(t *testing.T) governor.Store {
	return func(t *testing.T) governor.Store {
		t.Helper()
		s := h.New(t)
		t.Cleanup(func() { assert.NoError(t, s.Close(), "Close") })
		return s
	}
}

// restless is a store that is closed and opened again before every call. Only
// one goroutine may call it.
type restless struct {
	Faulty
	closed bool
}

func newRestless(t *testing.T, h Harness) *restless {
	t.Helper()
	r := &restless{Faulty: Faulty{Store: h.New(t)}}
	r.Set(func(_ context.Context, _ string, apply func() error) error {
		if !r.closed {
			r.Store = h.Reopen(t, r.Store)
		}
		return apply()
	})
	t.Cleanup(func() { assert.NoError(t, r.Close(), "Close") })
	return r
}

// Close implements [governor.Store].
func (r *restless) Close() error {
	r.closed = true
	return r.Store.Close()
}
