package governor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// newSteady is a fixture that has sent to a hundred people for three days.
func newSteady(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t, 101, nil)
	for i := range 3 * 24 * 60 / 2 {
		f.clock.Advance(2 * time.Minute)
		f.committed(template(n1, person(i%100)), wamid)
		f.reserved(template(n1, person((i+50)%100))) // never ended
		f.committed(reply(n1, person(i%100)), wamid)
	}
	return f
}

const wamid = "wamid.HBgLMTY1MDU1NTAxMDAVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"

func TestAllocationsOfASteadyGovernor(t *testing.T) {
	f := newSteady(t)
	ctx := context.Background()
	repeat, fresh, chat := template(n1, person(7)), template(n1, alice), reply(n1, person(7))
	reserve := func(m governor.Message) *governor.Reservation {
		f.clock.Advance(2 * time.Minute)
		r, err := f.gov.Reserve(ctx, m)
		require.NoError(t, err)
		return r
	}
	for _, c := range []struct {
		name string
		want float64
		do   func()
	}{
		{"Reserve of one who holds a slot, its Reservation alone", 1, func() { reserve(repeat) }},
		{"Reserve and Commit", 1, func() { require.NoError(t, reserve(repeat).Commit(ctx, governor.Receipt{})) }},
		{"Reserve and Commit with an id", 1, func() { require.NoError(t, reserve(repeat).Commit(ctx, governor.Receipt{MessageID: wamid})) }},
		{"Reserve and Cancel", 1, func() { require.NoError(t, reserve(repeat).Cancel(ctx)) }},
		{"Reserve of one who holds none, and Cancel", 1, func() { require.NoError(t, reserve(fresh).Cancel(ctx)) }},
		{"a reply", 1, func() { require.NoError(t, reserve(chat).Commit(ctx, governor.Receipt{})) }},
		{"Check", 0, func() {
			d, err := f.gov.Check(ctx, repeat)
			require.NoError(t, err)
			require.True(t, d.Allowed)
		}},
	} {
		for range 2000 {
			c.do() // what grows has grown
		}
		assert.InDeltaf(t, c.want, testing.AllocsPerRun(500, c.do), 0, "%s", c.name)
	}
}

// A refusal is an error, and that is what it allocates.
func TestAllocationsOfARefusal(t *testing.T) {
	f := newFixture(t, 1, nil)
	f.sent(template(n1, alice))
	m := template(n1, bob)
	refuse := func() {
		_, err := f.gov.Reserve(context.Background(), m)
		require.ErrorIs(t, err, governor.ErrTierLimit)
	}
	assert.InDelta(t, 1, testing.AllocsPerRun(500, refuse), 0)
	check := func() {
		d, err := f.gov.Check(context.Background(), m)
		require.NoError(t, err)
		require.Equal(t, governor.TierLimit, d.Reason)
	}
	assert.InDelta(t, 0, testing.AllocsPerRun(500, check), 0)
}

// A hashed recipient takes the text of its hash, and a budget that is as it
// should be nothing.
func TestAllocationsWithAHashKeyAndALocalBudget(t *testing.T) {
	f := newFixture(t, 101, func(cfg *governor.Config) { cfg.HashKey, cfg.LocalBudget = key1, 5 })
	ctx := context.Background()
	m := template(n1, alice)
	reserve := func() *governor.Reservation {
		r, err := f.gov.Reserve(ctx, m)
		require.NoError(t, err)
		f.clock.Advance(6 * time.Second)
		return r
	}
	for range 2000 {
		require.NoError(t, reserve().Commit(ctx, governor.Receipt{}))
	}
	f.tend()
	both := func() { require.NoError(t, reserve().Commit(ctx, governor.Receipt{})) }
	assert.InDelta(t, 3, testing.AllocsPerRun(500, both), 0, "the Reservation, and a hash for each of two calls; now and then the lease")
	assert.InDelta(t, 1, testing.AllocsPerRun(100, func() {
		_, err := f.gov.Check(ctx, m)
		require.NoError(t, err)
	}), 0)
}
