package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

func newGovernor(t *testing.T, store governor.Store, clock governor.Clock, limit int) *governor.Governor {
	t.Helper()
	gov, err := governor.New(store, governor.Config{Clock: clock, Accounts: []governor.Account{{
		ID: account, Tier: tier.Tier(limit), Numbers: []governor.Number{{ID: n1, PerSecond: 1000}, {ID: n2, PerSecond: 1000}},
	}}})
	require.NoError(t, err)
	return gov
}

func template(to string) governor.Message {
	return governor.Message{From: n1, To: to, Template: "hello_world"}
}

func TestTwoGovernorsOnOneStoreShareTheLimit(t *testing.T) {
	t.Parallel()
	const limit, each = 20, 100
	store, clock := memstore.New(), governortest.NewClock()
	var admitted atomic.Int64
	var all sync.WaitGroup
	for g := range 2 {
		gov := newGovernor(t, store, clock, limit)
		for i := range each {
			all.Go(func() {
				r, err := gov.Reserve(context.Background(), template(person(g*each+i)))
				if err != nil {
					assert.ErrorIs(t, err, governor.ErrTierLimit)
					return
				}
				admitted.Add(1)
				assert.NoError(t, r.Commit(context.Background(), governor.Receipt{}))
			})
		}
	}
	all.Wait()
	assert.EqualValues(t, limit, admitted.Load())
}

func TestWhatOneGovernorHearsBindsTheOther(t *testing.T) {
	t.Parallel()
	ctx, store, clock := t.Context(), memstore.New(), governortest.NewClock()
	one, two := newGovernor(t, store, clock, 1), newGovernor(t, store, clock, 1)
	send := func(gov *governor.Governor, to string) error {
		_, err := gov.Reserve(ctx, template(to))
		return err
	}
	require.NoError(t, send(one, alice))
	require.ErrorIs(t, send(two, bob), governor.ErrTierLimit)
	require.NoError(t, one.Observe(ctx, governor.TierReported{Account: account, Tier: 2}))
	require.NoError(t, send(two, bob))
	require.NoError(t, two.Observe(ctx, governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "BANNED"}}))
	require.ErrorIs(t, send(one, alice), governor.ErrInactive)
}

func TestARestartOnTheSameStoreForgetsNothing(t *testing.T) {
	t.Parallel()
	ctx, store, clock := t.Context(), memstore.New(), governortest.NewClock()
	one := newGovernor(t, store, clock, 1)
	r, err := one.Reserve(ctx, template(alice))
	require.NoError(t, err)
	require.NoError(t, r.Commit(ctx, governor.Receipt{}))
	two := newGovernor(t, store, clock, 1)
	_, err = two.Reserve(ctx, template(bob))
	require.ErrorIs(t, err, governor.ErrTierLimit)
	clock.Advance(day)
	_, err = two.Reserve(ctx, template(bob))
	require.NoError(t, err)
}

func TestClosingTheStoreLeavesRepliesToTheGovernor(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), memstore.New()
	gov := newGovernor(t, store, governortest.NewClock(), 1)
	require.NoError(t, store.Close())
	_, err := gov.Reserve(ctx, template(alice))
	require.ErrorIs(t, err, governor.ErrStore)
	require.ErrorIs(t, err, memstore.ErrClosed)
	_, err = gov.Reserve(ctx, governor.Message{From: n1, To: alice, Kind: governor.Reply})
	require.NoError(t, err)
}

func ExampleNew() {
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1, Clock: governortest.NewClock()})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	r, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+1 650 555 0001", Template: "hello_world"})
	fmt.Println(r.Decision().Counted, err)
	_, err = gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+1 650 555 0002", Template: "hello_world"})
	fmt.Println(errors.Is(err, governor.ErrTierLimit))
	// Output:
	// true <nil>
	// true
}
