package governor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
)

// A refusal is followed by one short try to take back what may be booked.
const aftertaste = 250 * time.Millisecond

func TestAHungStoreCostsACallNoMoreThanItsTimeout(t *testing.T) {
	t.Parallel()
	type call func(*governor.Governor, *governor.Reservation) error
	ctx := context.Background()
	reserve := func(m governor.Message) call {
		return func(g *governor.Governor, _ *governor.Reservation) error { _, err := g.Reserve(ctx, m); return err }
	}
	wait := func(m governor.Message) call {
		return func(g *governor.Governor, _ *governor.Reservation) error { _, err := g.Wait(ctx, m); return err }
	}
	observe := func(events ...governor.Event) call {
		return func(g *governor.Governor, _ *governor.Reservation) error { return g.Observe(ctx, events...) }
	}
	many := make([]governor.Event, 0, 200)
	for i := range 50 {
		many = append(
			many, governor.Inbound{Number: n1, Customer: person(i)}, governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Failed},
			governor.TemplateReported{WABA: "waba", Name: "x", Status: "PAUSED"}, governor.TierReported{Number: n1, Tier: 3},
		)
	}
	for name, c := range map[string]struct {
		call  call
		most  time.Duration
		fails bool
	}{
		"Check": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			_, err := g.Check(ctx, utility(n1, bob))
			return err
		}, fails: true},
		"Reserve":                   {call: reserve(utility(n1, bob)), most: time.Second + aftertaste, fails: true},
		"Reserve a reply":           {call: reserve(reply(n1, bob))},
		"Reserve another account's": {call: reserve(utility("n9", bob)), most: time.Second + aftertaste, fails: true},
		"Wait with a reply":         {call: wait(reply(n1, bob))},
		"Wait with a deadline": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			ctx, stop := context.WithTimeout(ctx, 1500*time.Millisecond)
			defer stop()
			_, err := g.Wait(ctx, utility("n9", bob))
			return err
		}, most: time.Second + aftertaste, fails: true},
		"Do": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			return g.Do(ctx, utility(n1, bob), answer(nil))
		}, most: time.Second + aftertaste, fails: true},
		"Do with a reply": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			return g.Do(ctx, reply(n1, bob), answer(nil))
		}},
		"Observe one":                          {call: observe(governor.Inbound{Number: n1, Customer: bob}), fails: true},
		"Observe many":                         {call: observe(many...), fails: true},
		"Observe of a WABA with many accounts": {call: observe(governor.HealthReported{WABA: "waba", Report: quality.StatusReported{Word: "BANNED"}}), fails: true},
		"Commit":                               {call: func(_ *governor.Governor, r *governor.Reservation) error { return r.Commit(ctx, governor.Receipt{}) }, fails: true},
		"Cancel":                               {call: func(_ *governor.Governor, r *governor.Reservation) error { return r.Cancel(ctx) }, fails: true},
		"Snapshot": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			_, err := g.Snapshot(ctx, account)
			return err
		}, fails: true},
		"Consents": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			_, err := g.Consents(ctx, account, bob)
			return err
		}, fails: true},
		"ReturnLeases": {call: func(g *governor.Governor, _ *governor.Reservation) error { return g.ReturnLeases(ctx) }, fails: true},
		"Import": {call: func(g *governor.Governor, _ *governor.Reservation) error {
			_, err := g.Import(ctx, account, logged(past{alice, time.Now()}, past{bob, time.Now()}))
			return err
		}, fails: true},
	} {
		for _, budget := range []int{0, 3} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					store := &hooked{Store: memstore.New()}
					cfg := governor.Config{StoreTimeout: time.Second, LocalBudget: budget, Accounts: []governor.Account{
						{ID: account, Tier: 50, Numbers: []governor.Number{{ID: n1, WABA: "waba"}}},
						{ID: "other", Numbers: []governor.Number{{ID: "n9", WABA: "waba9"}}},
						{ID: "third", Numbers: []governor.Number{{ID: "n8", WABA: "waba"}}},
					}}
					gov, err := governor.New(store, cfg)
					require.NoError(t, err)
					r, err := gov.Reserve(ctx, utility(n1, alice))
					require.NoError(t, err)
					_, err = gov.Reserve(ctx, reply("n8", alice))
					require.NoError(t, err)
					// Somebody waits already, and holds the account's line.
					held, leave := context.WithCancel(ctx)
					done := make(chan error, 1)
					store.Hang()
					go func() {
						_, err := gov.Wait(held, template(n1, carol))
						done <- err
					}()
					synctest.Wait()
					began := time.Now()
					err = c.call(gov, r)
					took := time.Since(began)
					leave()
					require.ErrorIs(t, <-done, context.Canceled)
					// With a budget some pass that would fail else, and without one there
					// is nothing to return.
					if c.fails && (budget == 0) != (name == "ReturnLeases") {
						require.Error(t, err)
					}
					most := c.most
					if most == 0 {
						most = time.Second
					}
					assert.LessOrEqual(t, took, most)
				})
			})
		}
	}
}

func TestAStoreThatIsSlowButAnswersMayTakeItsTimeForEachOfManyEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &hooked{Store: memstore.New()}
		gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second})
		require.NoError(t, err)
		store.Set(func(_ context.Context, _ string, apply func() error) error {
			<-time.NewTimer(900 * time.Millisecond).C
			return apply()
		})
		var events []governor.Event
		for i := range 20 {
			events = append(events, governor.Inbound{Number: n1, Customer: person(i)})
		}
		require.NoError(t, gov.Observe(t.Context(), events...))
	})
}

func TestAfterTheSendAHungStoreCostsOneMoreTimeout(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]error{
		"accepted": nil, "not sent": governor.ErrNotSent, "unknown": errors.New("timed out"),
		"refused": &cloudapi.Error{Code: 131026, Coded: true}, "restricted": &cloudapi.Error{Code: 131031, Coded: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &hooked{Store: memstore.New()}
				gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second})
				require.NoError(t, err)
				began := time.Now()
				err = gov.Do(t.Context(), utility(n1, alice), func(context.Context) (governor.Receipt, error) {
					store.Hang()
					return governor.Receipt{MessageID: "wamid.1"}, outcome
				})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.LessOrEqual(t, time.Since(began), time.Second+aftertaste)
			})
		})
	}
}

func TestALeaseThatHangsCostsASendAQuarterOfASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &hooked{Store: memstore.New()}
		gov, err := governor.New(store, governor.Config{StoreTimeout: time.Second, LocalBudget: 5})
		require.NoError(t, err)
		admissions := 0
		store.Set(func(ctx context.Context, verb string, apply func() error) error {
			if verb == "Admit" {
				if admissions++; admissions > 1 {
					<-ctx.Done()
					return ctx.Err()
				}
			}
			return apply()
		})
		began := time.Now()
		_, err = gov.Reserve(t.Context(), utility(n1, alice))
		require.NoError(t, err)
		assert.Equal(t, aftertaste, time.Since(began))
	})
}
