package governor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

// longEnough is after how much real time a goroutine hangs that should have gone
// on at once, on a machine however busy.
const longEnough = time.Minute

// fixture is a governor with a clock of its own over two numbers of one
// portfolio and one WABA.
type fixture struct {
	t     *testing.T
	clock *governortest.Clock
	store governor.Store
	gov   *governor.Governor
}

func newFixture(t *testing.T, limit tier.Tier, change func(*governor.Config)) *fixture {
	t.Helper()
	return newFixtureOn(t, memstore.New(), governortest.NewClock(), limit, change)
}

func newFixtureOn(t *testing.T, store governor.Store, clock *governortest.Clock, limit tier.Tier, change func(*governor.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clock, store: store}
	cfg := governor.Config{
		Accounts: []governor.Account{{ID: account, Tier: limit, Numbers: []governor.Number{
			{ID: n1, WABA: "waba", PerSecond: 100_000}, {ID: n2, WABA: "waba", PerSecond: 100_000},
		}}},
		Clock: f.clock,
	}
	if change != nil {
		change(&cfg)
	}
	gov, err := governor.New(f.store, cfg)
	require.NoError(t, err)
	f.gov = gov
	return f
}

func (f *fixture) at(t time.Time) { f.clock.Set(t) }

// sent reserves and commits a message that must pass.
func (f *fixture) sent(m governor.Message) governor.Decision {
	f.t.Helper()
	return f.committed(m, "")
}

func (f *fixture) committed(m governor.Message, id string) governor.Decision {
	f.t.Helper()
	r := f.reserved(m)
	require.NoError(f.t, r.Commit(f.t.Context(), governor.Receipt{MessageID: id}))
	return r.Decision()
}

func (f *fixture) reserved(m governor.Message) *governor.Reservation {
	f.t.Helper()
	r, err := f.gov.Reserve(f.t.Context(), m)
	require.NoError(f.t, err)
	return r
}

// refused asks for a message that must not pass, and checks that Check says the
// same.
func (f *fixture) refused(m governor.Message, want error) governor.Decision {
	f.t.Helper()
	r, err := f.gov.Reserve(f.t.Context(), m)
	require.ErrorIs(f.t, err, want)
	require.ErrorIs(f.t, err, governor.ErrDenied)
	require.Nil(f.t, r)
	var denied *governor.DeniedError
	require.ErrorAs(f.t, err, &denied)
	require.False(f.t, denied.Decision.Allowed)
	if denied.Cause == nil {
		assert.Equal(f.t, denied.Decision, f.check(m))
	}
	return denied.Decision
}

func (f *fixture) check(m governor.Message) governor.Decision {
	f.t.Helper()
	d, err := f.gov.Check(f.t.Context(), m)
	require.NoError(f.t, err)
	return d
}

func (f *fixture) observe(events ...governor.Event) {
	f.t.Helper()
	require.NoError(f.t, f.gov.Observe(f.t.Context(), events...))
}

func (f *fixture) used() int {
	f.t.Helper()
	s, err := f.gov.Snapshot(f.t.Context(), account)
	require.NoError(f.t, err)
	return s.Used
}

func template(from, to string) governor.Message {
	return governor.Message{From: from, To: to, Template: "hello_world", Category: governor.Marketing}
}

func reply(from, to string) governor.Message {
	return governor.Message{From: from, To: to, Kind: governor.Reply}
}

// person is one of many people, as a canonical phone number.
func person(i int) string { return fmt.Sprintf("1650%07d", i) }

// answer is a send that ends with err.
func answer(err error) func(context.Context) (governor.Receipt, error) {
	return func(context.Context) (governor.Receipt, error) {
		if err != nil {
			return governor.Receipt{}, err
		}
		return governor.Receipt{MessageID: "wamid.answer"}, nil
	}
}

var errFault = errors.New("fault for a test")
