package governor_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

// The zero Config governs at once. The clock here makes the output the same
// each time; leave it out to use the system's.
func ExampleNew() {
	ctx := context.Background()
	gov, err := governor.New(memstore.New(), governor.Config{Clock: governortest.NewClock()})
	if err != nil {
		log.Fatal(err)
	}
	r, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+1 (650) 555-1234", Template: "hello_world"})
	if err != nil {
		log.Fatal(err)
	}
	// Here the message is sent. Then:
	if err := r.Commit(ctx, governor.Receipt{MessageID: "wamid.HBgLMTY1MDU1NTEyMzQ"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Decision())
	// Output:
	// allowed, takes a slot: 1 of 250 unique recipients used in the last 24 h
}

// Everything that is wrong is told at once, each fault with the path of its
// field.
func ExampleNew_invalid() {
	_, err := governor.New(nil, governor.Config{
		Accounts: []governor.Account{
			{ID: "portfolio", Numbers: []governor.Number{{ID: "106540352242922", PerSecond: -1}}},
			{ID: "portfolio"},
		},
		DefaultTier: -250,
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, governor.ErrInvalid))
	// Output:
	// governor: New: store is nil
	// governor: Config.DefaultTier is -250, want 1 to 2147483646 recipients, tier.Unlimited, or zero if not known
	// governor: Config.Accounts[0].Numbers[0].PerSecond is -1, want 1 to 100000, or zero for 80
	// governor: Config.Accounts[1].ID is "portfolio", as Accounts[0].ID is; want each account once
	// governor: Config.Accounts[1].Numbers is empty, want at least one
	// true
}

// Two numbers of one business portfolio draw on one limit.
func ExampleConfig() {
	ctx := context.Background()
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{
			ID:   "portfolio",
			Tier: tier.Tier(2), // for the example; the smallest of the platform's is 50
			Numbers: []governor.Number{
				{ID: "106540352242922", WABA: "102290129340398", PerSecond: 1000},
				{ID: "106540352242923", WABA: "102290129340398"},
			},
		}},
		AtLimit: governor.RefuseNew, // whoever holds a slot may get more
		Clock:   governortest.NewClock(),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range []governor.Message{
		{From: "106540352242922", To: "+16505550001", Template: "offer"},
		{From: "106540352242923", To: "+16505550002", Template: "offer"},
		{From: "106540352242922", To: "+16505550003", Template: "offer"},
		{From: "106540352242922", To: "+16505550002", Template: "offer"},
		{From: "106540352242924", To: "+16505550001", Template: "offer"},
	} {
		if _, err := gov.Reserve(ctx, m); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println("send")
	}
	// Output:
	// send
	// send
	// governor: refused (tier_limit): 2 of 2 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z
	// send
	// governor: From is a number that no account has
}

// A backend with too many tenants to list looks them up.
func ExampleConfig_resolve() {
	tenants := map[string]string{"106540352242922": "acme", "106540352242923": "acme", "106540352242999": "globex"}
	gov, err := governor.New(memstore.New(), governor.Config{
		Resolve: func(_ context.Context, number string) (governor.Route, error) {
			return governor.Route{Account: tenants[number], Tier: tier.Tier2K}, nil // an empty account is nobody's
		},
		Clock: governortest.NewClock(),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, from := range []string{"106540352242923", "106540352242999", "1"} {
		d, err := gov.Check(context.Background(), governor.Message{From: from, To: "+16505550001", Template: "offer"})
		fmt.Println(d.Account, d.Limit, errors.Is(err, governor.ErrUnknownNumber))
	}
	// Output:
	// acme 2000 false
	// globex 2000 false
	//  0 true
}
