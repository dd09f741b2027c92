package governor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
)

// A crowd is some accounts of three numbers each: account 1 has 10 to 12.
const (
	crowd      = 5
	crowdLimit = 4
)

func crowdListed() (list []governor.Account) {
	for a := range crowd {
		account := governor.Account{ID: fmt.Sprint("account", a), Tier: crowdLimit}
		for n := range 3 {
			account.Numbers = append(account.Numbers, governor.Number{ID: fmt.Sprint(10*a + n), WABA: fmt.Sprint("waba", a), PerSecond: 1000})
		}
		list = append(list, account)
	}
	return list
}

func crowdResolved(_ context.Context, number string) (governor.Route, error) {
	var n int
	_, err := fmt.Sscan(number, &n)
	return governor.Route{Account: fmt.Sprint("account", n/10), WABA: fmt.Sprint("waba", n/10), Tier: crowdLimit, PerSecond: 1000}, err
}

// Who came last is looked at first. However many come at once, and whatever is
// forgotten meanwhile, nobody is taken for somebody else.
func TestManyAccountsAtOnceAreNeverTakenForEachOther(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]governor.Config{
		"listed":   {Accounts: crowdListed()},
		"resolved": {Resolve: crowdResolved},
	} {
		for _, handles := range []int{1, 2, 100} {
			cfg.Handles, cfg.Clock, cfg.Observer = handles, governortest.NewClock(), func(governor.Notice) {}
			gov, err := governor.New(memstore.New(), cfg)
			require.NoError(t, err)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 100 {
						oneOfTheCrowd(t, gov, rand.IntN(crowd))
					}
				})
			}
			all.Wait()
			for a := range crowd {
				s, err := gov.Snapshot(t.Context(), fmt.Sprint("account", a))
				require.NoError(t, err)
				require.LessOrEqual(t, s.Used, crowdLimit, name)
				require.Positive(t, s.Used, name)
			}
		}
	}
}

// oneOfTheCrowd does something of an account's.
func oneOfTheCrowd(t *testing.T, gov *governor.Governor, a int) {
	t.Helper()
	ctx, account, number := t.Context(), fmt.Sprint("account", a), fmt.Sprint(10*a+rand.IntN(3))
	switch rand.IntN(12) {
	case 0:
		assert.NoError(t, gov.Observe(ctx, governor.HealthReported{Number: number, Report: quality.RatingReported{Rating: quality.High}}))
	case 1:
		assert.NoError(t, gov.Observe(ctx, governor.TierReported{Number: number, Tier: crowdLimit}))
	case 2:
		s, err := gov.Snapshot(ctx, account)
		assert.NoError(t, err)
		assert.Equal(t, account, s.Account)
	default:
		r, err := gov.Reserve(ctx, template(number, fmt.Sprintf("1650%d%06d", a, rand.IntN(9))))
		if err != nil {
			assert.ErrorIs(t, err, governor.ErrDenied)
			return
		}
		d := r.Decision()
		assert.Equal(t, []any{account, number, crowdLimit}, []any{d.Account, d.Number, d.Limit})
		if rand.IntN(4) == 0 {
			assert.NoError(t, r.Cancel(ctx))
			return
		}
		assert.NoError(t, r.Commit(ctx, governor.Receipt{MessageID: fmt.Sprint("wamid.", rand.Uint64())}))
	}
}
