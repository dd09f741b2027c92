package tier_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/tier"
)

func ExampleParse() {
	for _, text := range []string{"TIER_2K", "2000", "100 K", "Tier 1", "-1", "TIER_NOT_SET"} {
		limit, err := tier.Parse(text)
		fmt.Println(limit, err)
	}
	// Output:
	// 2K <nil>
	// 2K <nil>
	// 100K <nil>
	// 1K <nil>
	// Unlimited <nil>
	// Unknown <nil>
}

func ExampleParse_unknown() {
	limit, err := tier.Parse("UNTIERED")

	fmt.Println(limit.Known(), errors.Is(err, tier.ErrUnknown))
	// Output: false true
}

func ExampleTier_UnmarshalJSON() {
	var update struct {
		Limit tier.Tier `json:"max_daily_conversations_per_business"`
	}
	for _, value := range []string{
		`{"max_daily_conversations_per_business":2000}`,
		`{"max_daily_conversations_per_business":"TIER_10K"}`,
		`{"max_daily_conversations_per_business":-1}`,
		`{"max_daily_conversations_per_business":null}`,
	} {
		if err := json.Unmarshal([]byte(value), &update); err != nil {
			fmt.Println(err)
		}
		fmt.Println(update.Limit)
	}
	// Output:
	// 2K
	// 10K
	// Unlimited
	// Unknown
}

func ExampleTier_MarshalText() {
	document, err := json.Marshal([]tier.Tier{tier.Tier2K, 1500, tier.Unlimited, tier.Unknown})

	fmt.Println(string(document), err)
	// Output: ["TIER_2K","1500","TIER_UNLIMITED","TIER_NOT_SET"] <nil>
}

func ExampleTier_Limit() {
	used := 1_999
	for _, limit := range []tier.Tier{tier.Tier250, tier.Tier2K, tier.Unlimited, tier.Unknown} {
		fmt.Println(limit, used < limit.Limit())
	}
	// Output:
	// 250 false
	// 2K true
	// Unlimited true
	// Unknown false
}

func ExampleTier_Name() {
	for step := range tier.Legacy().Steps() {
		fmt.Printf("%s %q\n", step, step.Name())
	}
	// Output:
	// 1K "Tier 1"
	// 10K "Tier 2"
	// 100K "Tier 3"
	// Unlimited ""
}

func ExampleLadder() {
	today := tier.Current()

	fmt.Println(today.Up(tier.Tier250), today.Up(tier.Unlimited), today.Up(tier.Unknown))
	fmt.Println(today.Down(tier.Tier10K), today.Down(tier.Tier250))
	fmt.Println(tier.Legacy().Up(tier.Tier1K), tier.Legacy().Down(tier.Tier1K))
	// Output:
	// 2K Unlimited Unknown
	// 2K 250
	// 10K 1K
}

func ExampleRule_Goal() {
	for step := range tier.Current().Steps() {
		goal := tier.Since2025().Goal(step)
		fmt.Printf("%v to %v: %d recipients in %.0f days\n", goal.From, goal.To, goal.Need, goal.Span.Hours()/24)
	}
	// Output:
	// 250 to 2K: 2000 recipients in 30 days
	// 2K to 10K: 1000 recipients in 7 days
	// 10K to 100K: 5000 recipients in 7 days
	// 100K to Unlimited: 50000 recipients in 7 days
	// Unlimited to Unlimited: 0 recipients in 0 days
}

func ExampleRule_Progress() {
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	sends := func(yield func(string, time.Time) bool) {
		for i := range 400 {
			if !yield(fmt.Sprint("customer ", i), monday) {
				return
			}
		}
		for i := range 640 { // the same 400 and 240 others
			if !yield(fmt.Sprint("customer ", i), monday.Add(24*time.Hour)) {
				return
			}
		}
	}

	p := tier.Since2025().Progress(tier.Tier2K, sends, monday.Add(48*time.Hour))

	fmt.Printf("%d of %d towards %v (%.0f%%), done: %t\n", p.Have, p.Need, p.To, 100*p.Share(), p.Done())
	fmt.Println("falls from", p.FallsAt.Format(time.RFC3339))
	// Output:
	// 640 of 1000 towards 10K (64%), done: false
	// falls from 2026-03-10T09:00:00Z
}

func ExampleProgress_Share() {
	// A ledger that counts for itself needs only the goal.
	p := tier.Progress{Goal: tier.Since2025().Goal(tier.Tier10K), Have: 1250}

	fmt.Println(p.Share(), p.Done())
	// Output: 0.25 false
}
