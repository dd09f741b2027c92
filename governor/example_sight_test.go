package governor_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

func ExampleGovernor_Plan() {
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 250, Clock: governortest.NewClock()})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := gov.Plan(context.Background(), governor.Campaign{
		From: "106540352242922", Template: "spring_sale", Category: governor.Marketing, Recipients: 600,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Now, "now, all by", plan.Done.Format(time.RFC3339))
	// Output:
	// 250 now, all by 2026-01-03T00:00:00Z
}

func ExampleCautiousShares() {
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: 10, Clock: governortest.NewClock(), Shares: governor.CautiousShares(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range 6 { // a number without a rating yet goes half-speed
		_, err = gov.Reserve(context.Background(), governor.Message{
			From: "106540352242922", To: fmt.Sprintf("+1 650 555 010%d", i), Template: "spring_sale", Category: governor.Marketing,
		})
	}
	fmt.Println(err)
	_, err = gov.Reserve(context.Background(), governor.Message{
		From: "106540352242922", To: "+1 650 555 0109", Template: "login_code", Category: governor.Authentication,
	})
	fmt.Println(err)
	// Output:
	// governor: refused (tier_limit): 5 of 10 unique recipients used in the last 24 h; marketing may fill 0.5 of the limit while the rating is Unknown; try again at 2026-01-02T00:00:00Z
	// <nil>
}

func ExampleLogTo() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || len(groups) > 0 {
				return slog.Attr{} // for a line that is the same each time and fits
			}
			return a
		},
	}))
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: 1, Clock: governortest.NewClock(), Observer: governor.Observers(governor.LogTo(logger)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"+1 650 555 0101", "+1 650 555 0102"} {
		_, _ = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: to, Template: "hello_world"})
	}
	// Output:
	// level=WARN msg="sendgov: near_limit" at=2026-01-01T00:00:00.000Z account=106540352242922 to=100 used=1 limit=1
	// level=INFO msg="sendgov: denied" at=2026-01-01T00:00:00.000Z account=106540352242922 number=106540352242922
}

func ExampleGovernor_Accounts() {
	gov, err := governor.New(memstore.New(), governor.Config{Clock: governortest.NewClock()})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: "+1 650 555 0101", Template: "hello_world"})
	for _, account := range gov.Accounts() {
		s, err := gov.Snapshot(context.Background(), account)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Account, s.Used, "of", s.Tier)
	}
	fmt.Println(gov.Flush(context.Background()))
	// Output:
	// 106540352242922 1 of 250
	// <nil>
}
