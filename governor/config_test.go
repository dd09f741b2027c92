package governor_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

// unwell is a Config in which everything is wrong that can be at once.
func unwell() (governor.Config, []string) {
	long := strings.Repeat("a", 129)
	tooHigh := tier.Unlimited
	tooHigh++ // not a constant, which would not fit into 32 bits
	cfg := governor.Config{
		Accounts: []governor.Account{
			{ID: "", Numbers: []governor.Number{{ID: "1"}}},
			{ID: "same", Tier: -1},
			{ID: "same", Numbers: []governor.Number{{ID: "1"}, {ID: ""}, {ID: "a/b", WABA: "w w", PerSecond: -1}, {ID: "2", WABA: long, PerSecond: 100_001}, {ID: "2"}}},
			{ID: long, Tier: tooHigh, Numbers: []governor.Number{{ID: long}}},
		},
		Resolve:      func(context.Context, string) (governor.Route, error) { return governor.Route{}, nil },
		DefaultTier:  -250,
		AtLimit:      2,
		Grace:        -1,
		RateWait:     -1,
		Clock:        (*governortest.Clock)(nil),
		Handles:      -1,
		StoreTimeout: -1,
	}
	return cfg, []string{
		"Config.Resolve",
		"Config.DefaultTier",
		"Config.AtLimit",
		"Config.Grace",
		"Config.RateWait",
		"Config.Clock",
		"Config.StoreTimeout",
		"Config.Handles",
		"Config.Accounts[0].ID",
		"Config.Accounts[1].Tier",
		"Config.Accounts[1].Numbers",
		"Config.Accounts[2].ID",
		"Config.Accounts[2].Numbers[0].ID",
		"Config.Accounts[2].Numbers[1].ID",
		"Config.Accounts[2].Numbers[2].ID",
		"Config.Accounts[2].Numbers[2].WABA",
		"Config.Accounts[2].Numbers[2].PerSecond",
		"Config.Accounts[2].Numbers[3].WABA",
		"Config.Accounts[2].Numbers[3].PerSecond",
		"Config.Accounts[2].Numbers[4].ID",
		"Config.Accounts[3].ID",
		"Config.Accounts[3].Tier",
		"Config.Accounts[3].Numbers[0].ID",
	}
}

func TestEveryFaultOfAConfigIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	cfg, want := unwell()
	err := cfg.Validate()
	require.ErrorIs(t, err, governor.ErrInvalid)
	assert.ElementsMatch(t, want, fields(t, err))

	gov, err := governor.New(nil, cfg)
	assert.Nil(t, gov)
	require.ErrorIs(t, err, governor.ErrInvalid)
	assert.Len(t, fields(t, err), 1+len(want), "the store's too")
}

func TestAFaultOfAConfigSaysWhatIsWanted(t *testing.T) {
	t.Parallel()
	one := []governor.Number{{ID: "1"}}
	for _, c := range []struct {
		cfg  governor.Config
		want string
	}{
		{governor.Config{DefaultTier: -1}, "governor: Config.DefaultTier is -1, want 1 to 2147483646 recipients, tier.Unlimited, or zero if not known"},
		{governor.Config{AtLimit: 7}, "governor: Config.AtLimit is 7, want RefuseAll or RefuseNew"},
		{governor.Config{Grace: 25 * time.Hour}, "governor: Config.Grace is 25h0m0s, want 0 to 24h"},
		{governor.Config{RateWait: -time.Second}, "governor: Config.RateWait is -1s, want a positive time, or zero for the default"},
		{governor.Config{Handles: -5}, "governor: Config.Handles is -5, want a positive number, or zero for the default"},
		{governor.Config{Clock: (*governortest.Clock)(nil)}, "governor: Config.Clock is a nil *governortest.Clock, want a clock, or nil itself for the system's"},
		{governor.Config{Accounts: []governor.Account{{ID: "a"}}}, "governor: Config.Accounts[0].Numbers is empty, want at least one"},
		{governor.Config{Accounts: []governor.Account{{Numbers: one}}}, "governor: Config.Accounts[0].ID is empty"},
		{governor.Config{Accounts: []governor.Account{{ID: "a b", Numbers: one}}}, "governor: Config.Accounts[0].ID has a character other than letters, digits and . _ - :"},
		{
			governor.Config{Accounts: []governor.Account{{ID: "a", Numbers: one}, {ID: "a", Numbers: []governor.Number{{ID: "2"}}}}},
			`governor: Config.Accounts[1].ID is "a", as Accounts[0].ID is; want each account once`,
		},
		{
			governor.Config{Accounts: []governor.Account{{ID: "a", Numbers: one}, {ID: "b", Numbers: one}}},
			`governor: Config.Accounts[1].Numbers[0].ID is "1", as Accounts[0].Numbers[0].ID is; want each number once`,
		},
		{
			governor.Config{Accounts: []governor.Account{{ID: "a", Numbers: []governor.Number{{ID: "1", PerSecond: -80}}}}},
			"governor: Config.Accounts[0].Numbers[0].PerSecond is -80, want 1 to 100000, or zero for 80",
		},
		{
			governor.Config{Accounts: []governor.Account{{ID: "a", Numbers: one}}, Resolve: func(context.Context, string) (governor.Route, error) { return governor.Route{}, nil }},
			"governor: Config.Resolve is set and Accounts too; want one of them",
		},
	} {
		require.EqualError(t, c.cfg.Validate(), c.want)
		gov, err := governor.New(memstore.New(), c.cfg)
		require.EqualError(t, err, c.want)
		assert.Nil(t, gov)
	}
}

func TestANilStoreIsRefusedHoweverItIsNil(t *testing.T) {
	t.Parallel()
	for _, store := range []governor.Store{nil, (*memstore.Store)(nil)} {
		gov, err := governor.New(store, governor.Config{})
		require.ErrorIs(t, err, governor.ErrInvalid)
		require.ErrorContains(t, err, "store is nil")
		assert.Nil(t, gov)
	}
}

func TestTheZeroConfigGovernsEachNumberAsAnAccountOfItsOwn(t *testing.T) {
	t.Parallel()
	gov, err := governor.New(memstore.New(), governor.Config{})
	require.NoError(t, err)
	for _, from := range []string{n1, n2} {
		r, err := gov.Reserve(t.Context(), governor.Message{From: from, To: alice})
		require.NoError(t, err)
		d := r.Decision()
		assert.Equal(t, from, d.Account)
		assert.Equal(t, from, d.Number)
		assert.Equal(t, 250, d.Limit, "the platform's for a new portfolio")
		assert.Equal(t, 1, d.Used)
		s, err := gov.Snapshot(t.Context(), from)
		require.NoError(t, err)
		assert.Equal(t, tier.Tier250, s.Tier)
		assert.Equal(t, 249, s.Free)
	}
}

func TestAtTheEdgesAConfigIsGood(t *testing.T) {
	t.Parallel()
	for _, cfg := range []governor.Config{
		{DefaultTier: 1, Grace: 24 * time.Hour, RateWait: 1, Handles: 1, AtLimit: governor.RefuseNew},
		{DefaultTier: tier.Unlimited, RateWait: math.MaxInt64, Handles: 1 << 20, Ladder: tier.Legacy()},
		{Accounts: []governor.Account{{ID: "waba", Tier: tier.Unlimited, Numbers: []governor.Number{{ID: "waba", WABA: "waba", PerSecond: 100_000}}}}},
		{Accounts: []governor.Account{{ID: strings.Repeat("a", 128), Numbers: []governor.Number{{ID: "A.b_c-d:9"}}}}},
	} {
		require.NoError(t, cfg.Validate())
		_, err := governor.New(memstore.New(), cfg)
		require.NoError(t, err)
	}
}

func TestWhatACallerDoesToItsConfigAfterwardsChangesNothing(t *testing.T) {
	t.Parallel()
	var accounts []governor.Account
	b := newFixture(t, 2, func(cfg *governor.Config) { accounts = cfg.Accounts })
	accounts[0].Numbers[0].ID = "99"
	accounts[0] = governor.Account{ID: "another", Tier: 9, Numbers: []governor.Number{{ID: n2}}}
	s, err := b.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, tier.Tier(2), s.Tier)
	require.Len(t, s.Numbers, 2)
	assert.Equal(t, n1, s.Numbers[0].ID)
	b.sent(template(n1, alice))
}

func TestAResolverDecidesWhoseANumberIs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, func(cfg *governor.Config) {
		cfg.Accounts = nil
		cfg.Resolve = func(_ context.Context, number string) (governor.Route, error) {
			if number == n1 || number == n2 {
				return governor.Route{Account: account, WABA: "waba", Tier: 2, PerSecond: 1}, nil
			}
			return governor.Route{Account: "tenant:" + number}, nil
		}
	})
	assert.Equal(t, account, f.sent(template(n1, alice)).Account)
	f.refused(template(n1, bob), governor.ErrNumberRate)
	assert.Equal(t, 2, f.sent(template(n2, bob)).Used)
	f.at(f.clock.Now().Add(time.Second))
	f.refused(template(n1, carol), governor.ErrTierLimit)
	d := f.sent(template("7", carol))
	assert.Equal(t, "tenant:7", d.Account)
	assert.Equal(t, 250, d.Limit)
}

func TestWhatAResolverGetsWrongNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		route governor.Route
		err   error
		want  string
		is    error
	}{
		{"nobody's", governor.Route{}, nil, "governor: From is a number that no account has", governor.ErrUnknownNumber},
		{"unknown", governor.Route{}, governor.ErrUnknownNumber, "governor: From is a number that no account has", governor.ErrUnknownNumber},
		{"its own fault", governor.Route{}, errFault, "governor: Config.Resolve: fault for a test", errFault},
		{"a fault beside a route", governor.Route{Account: "a"}, errFault, "governor: Config.Resolve: fault for a test", errFault},
		{"a slash", governor.Route{Account: "waba/1"}, nil, "governor: Config.Resolve: Route.Account has a character other than letters, digits and . _ - :", governor.ErrInvalid},
		{"a long WABA", governor.Route{Account: "a", WABA: strings.Repeat("1", 129)}, nil, "governor: Config.Resolve: Route.WABA has 129 characters, want at most 128", governor.ErrInvalid},
		{"a negative tier", governor.Route{Account: "a", Tier: -1}, nil, "governor: Config.Resolve: Route.Tier is -1, want 1 to 2147483646 recipients, tier.Unlimited, or zero if not known", governor.ErrInvalid},
		{"a negative rate", governor.Route{Account: "a", PerSecond: -1}, nil, "governor: Config.Resolve: Route.PerSecond is -1, want 1 to 100000, or zero for 80", governor.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			gov, err := governor.New(memstore.New(), governor.Config{
				Resolve: func(context.Context, string) (governor.Route, error) { return c.route, c.err },
			})
			require.NoError(t, err)
			r, err := gov.Reserve(t.Context(), template(n1, alice))
			require.EqualError(t, err, c.want)
			require.ErrorIs(t, err, c.is)
			assert.Nil(t, r)
			d, err := gov.Check(t.Context(), template(n1, alice))
			require.ErrorIs(t, err, c.is)
			assert.Equal(t, governor.Decision{}, d)
			err = gov.Observe(t.Context(), governor.Inbound{Number: n1, Customer: alice})
			require.ErrorIs(t, err, c.is)
			if c.is == governor.ErrUnknownNumber { //nolint:errorlint // A table's own value.
				assert.Equal(t, []string{"Number"}, fields(t, err))
			}
		})
	}
}

func TestAResolversOwnWordForAnUnknownNumberCanBeMatched(t *testing.T) {
	t.Parallel()
	gov, err := governor.New(memstore.New(), governor.Config{
		Resolve: func(context.Context, string) (governor.Route, error) {
			return governor.Route{}, &tenantError{governor.ErrUnknownNumber}
		},
	})
	require.NoError(t, err)
	_, err = gov.Reserve(t.Context(), template(n1, alice))
	var own *tenantError
	require.ErrorAs(t, err, &own)
	assert.ErrorIs(t, err, governor.ErrUnknownNumber)
}

type tenantError struct{ error }

func (e *tenantError) Unwrap() error { return e.error }

func TestWhileTheResolverFailsRepliesPass(t *testing.T) {
	t.Parallel()
	gov, err := governor.New(memstore.New(), governor.Config{
		Resolve: func(context.Context, string) (governor.Route, error) { return governor.Route{}, errFault },
	})
	require.NoError(t, err)
	for _, reserve := range []func(context.Context, governor.Message) (*governor.Reservation, error){gov.Reserve, gov.Wait} {
		r, err := reserve(t.Context(), reply(n1, alice))
		require.NoError(t, err)
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1"}))
		_, err = reserve(t.Context(), governor.Message{From: n1, Kind: governor.ReadReceipt})
		require.NoError(t, err)
		_, err = reserve(t.Context(), template(n1, alice))
		require.ErrorIs(t, err, errFault)
	}
}
