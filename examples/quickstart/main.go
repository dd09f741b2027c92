// Quickstart sends a template to everybody in a customer list, through an
// http.Client that is governed, to a platform on this machine that counts for
// itself: a limit of 1,000 people in any 24 hours, and 1,136 people in the list.
//
//	go run ./examples/quickstart
//
// Time passes on a fake clock, which moves when the client waits for its
// throughput of 80 messages a second, and by the day between the two halves.
// The program fails if the platform had to reject a single message.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

const (
	portfolio = "506914307656634"
	waba      = "102290129340398"
	number    = "106540352242922"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	// The platform: here one on loopback, with a clock that we can move.
	clock := governortest.NewClock()
	platform, err := governortest.StartPlatform(governortest.PlatformConfig{
		Clock:   clock,
		Limit:   1000,
		Numbers: []governortest.PlatformNumber{{ID: number, WABA: waba, Portfolio: portfolio}},
	})
	if err != nil {
		return err
	}
	defer platform.Close()

	// The governor, and a client that cannot send without asking it.
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{
			ID:      portfolio,
			Tier:    tier.Tier1K,
			Numbers: []governor.Number{{ID: number, WABA: waba}},
		}},
		Clock: clock,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { _ = clock.Run(ctx) }() // ends with ctx

	client := &http.Client{Transport: &governorhttp.Transport{Governor: gov}}
	line := sender{client: client, url: platform.URL() + "/v25.0/" + number + "/messages"}

	list, err := readCustomers()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "recipients.csv: %d rows, %d of them unreadable\n", list.rows, len(list.faults))
	for _, fault := range list.faults {
		fmt.Fprintln(out, "  "+fault)
	}

	fmt.Fprintf(out, "\n%s: sending to the other %d\n", clock.Now().Format(time.DateTime), len(list.phones))
	first, err := line.sendAll(ctx, out, list.phones)
	if err != nil {
		return err
	}
	first.print(out)
	if len(first.waiting) == 0 {
		return fmt.Errorf("the limit was never reached: nothing was shown")
	}

	// A customer writes, and the platform restricts the account for half a day.
	// A webhook would bring both; here we observe them by hand.
	customer, until := list.phones[0], clock.Now().Add(12*time.Hour)
	platform.Inbound(number, customer)
	platform.Restrict(waba, governortest.RestrictBusinessInitiated, until)
	err = gov.Observe(ctx,
		governor.Inbound{Number: number, Customer: customer, At: clock.Now()},
		governor.HealthReported{WABA: waba, Report: quality.RestrictionReported{
			Type: quality.RestrictedBusinessMessaging, Until: until, At: clock.Now(),
		}},
	)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s: restricted by the platform until %s\n", clock.Now().Format(time.DateTime), until.Format(time.DateTime))
	if err := line.template(ctx, customer); err == nil {
		return fmt.Errorf("a notification passed while the account was restricted")
	}
	fmt.Fprintln(out, "  a notification: refused")
	if err := line.text(ctx, customer, "Thanks for writing! We are on it."); err != nil {
		return fmt.Errorf("a reply did not pass while the account was restricted: %w", err)
	}
	fmt.Fprintln(out, "  a reply to a customer who wrote: passed")

	// The first slot frees at the time that the refusals named, the others one
	// by one after it; a day from now all of them have.
	clock.Advance(24 * time.Hour)
	fmt.Fprintf(out, "\n%s: sending to the %d that were refused\n", clock.Now().Format(time.DateTime), len(first.waiting))
	second, err := line.sendAll(ctx, out, first.waiting)
	if err != nil {
		return err
	}
	second.print(out)

	rejected := platform.Rejected()
	fmt.Fprintf(out, "\nThe platform reached %d people, never more than %d in 24 hours, and rejected %d messages.\n",
		platform.Unique(), platform.MaxUsed(), len(rejected))
	if len(rejected) > 0 || len(second.waiting) > 0 {
		return fmt.Errorf("%d messages rejected by the platform, %d never sent", len(rejected), len(second.waiting))
	}
	return nil
}
