package governor_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// Check tells what Reserve would, and takes nothing.
func ExampleGovernor_Check() {
	ctx := context.Background()
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1, Clock: governortest.NewClock()})
	if err != nil {
		log.Fatal(err)
	}
	offer := governor.Message{From: "106540352242922", To: "+16505550001", Template: "offer"}
	for range 2 {
		d, err := gov.Check(ctx, offer)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Allowed, d.Counted, d.Used)
	}
	if _, err := gov.Reserve(ctx, offer); err != nil {
		log.Fatal(err)
	}
	d, err := gov.Check(ctx, offer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Allowed, d.Reason, d.RetryAt)
	// Output:
	// true true 0
	// true true 0
	// false tier_limit 2026-01-02 00:00:00 +0000 UTC
}

// What the platform tells goes to Observe, in any order and as often as it
// comes.
func ExampleGovernor_Observe() {
	ctx := context.Background()
	clock := governortest.NewClock()
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{ID: "portfolio", Numbers: []governor.Number{{ID: "106540352242922", WABA: "102290129340398"}}}},
		Clock:    clock,
	})
	if err != nil {
		log.Fatal(err)
	}
	now := clock.Now()
	err = gov.Observe(ctx,
		governor.Inbound{Number: "106540352242922", Customer: "16505550001", At: now},
		governor.TierReported{WABA: "102290129340398", Tier: tier.Tier2K, At: now},
		governor.HealthReported{WABA: "102290129340398", Report: quality.RestrictionReported{
			Type: quality.RestrictedBusinessMessaging, Until: now.Add(3 * 24 * time.Hour), At: now,
		}},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range []governor.Message{
		{From: "106540352242922", To: "+16505550001", Template: "offer"},
		{From: "106540352242922", To: "+16505550001", Kind: governor.Reply},
	} {
		d, err := gov.Check(ctx, m)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d)
	}
	// Output:
	// refused (restricted): the platform restricts the waba (RESTRICTED_BIZ_INITIATED_MESSAGING); try again at 2026-01-04T00:00:00Z
	// allowed: 0 of 2000 unique recipients used in the last 24 h
}

func ExampleGovernor_Snapshot() {
	ctx := context.Background()
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{ID: "portfolio", Tier: tier.Tier2K, Numbers: []governor.Number{{ID: "106540352242922"}}}},
		Clock:    governortest.NewClock(),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, to := range []string{"+16505550001", "+16505550002", "16505550001"} {
		if _, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: to, Template: "offer"}); err != nil {
			log.Fatal(err)
		}
	}
	err = gov.Observe(ctx, governor.HealthReported{Number: "106540352242922", Report: quality.RatingReported{Rating: quality.Medium}})
	if err != nil {
		log.Fatal(err)
	}
	s, err := gov.Snapshot(ctx, "portfolio")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Tier, s.Health, s.Used, s.Free, s.NextFree)
	for _, n := range s.Numbers {
		fmt.Println(n.ID, n.Rating, n.PerSecond)
	}
	// Output:
	// 2K Connected 2 1998 2026-01-02 00:00:00 +0000 UTC
	// 106540352242922 Medium 80
}

// A decision prints as one sentence, with its evidence and without the
// recipient.
func ExampleDecision_String() {
	var d governor.Decision
	fmt.Println(d)
	d = governor.Decision{
		Reason: governor.TierLimit, Scope: governor.ScopeAccount, Used: 250, Limit: 250,
		RetryAt: time.Date(2026, time.January, 2, 9, 30, 0, 0, time.UTC),
	}
	fmt.Println(d)
	fmt.Println(governor.Decision{Allowed: true, Reason: governor.Passed, Counted: true, Used: 12, Limit: 250})
	// Output:
	// refused (undecided): nothing was asked
	// refused (tier_limit): 250 of 250 unique recipients used in the last 24 h; try again at 2026-01-02T09:30:00Z
	// allowed, takes a slot: 12 of 250 unique recipients used in the last 24 h
}

func ExampleCanonicalRecipient() {
	for _, to := range []string{
		"+1 (650) 555-1234", "whatsapp:+16505551234", "0044 (0)20 7946 0958", "US.13491208655302741918",
		"group:120363404", "020 7946 0958", "650-555-1234 ext. 5",
	} {
		key, err := governor.CanonicalRecipient(to)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(key)
	}
	// Output:
	// 16505551234
	// 16505551234
	// 442079460958
	// US.13491208655302741918
	// group:120363404
	// governor: To begins with 0, want a country code
	// governor: To has a character that no phone number has, after 10 digits
}
