// Quickstart sends a template to everybody in a customer list, through an
// http.Client that is governed, to a platform on this machine that counts for
// itself: a limit of 1,000 people in any 24 hours, and 1,136 people in the list.
//
//	go run ./examples/quickstart [-db file]
//
// Time passes on a fake clock, which moves when the client waits for its
// throughput of 80 messages a second, and by the day when the limit is used up.
//
// The ledger is in a file, by default sendgov/quickstart.db in the user's cache
// directory, and beside it is who of the list has been sent to. Kill the program
// and run it again: it goes on where it was, and holds those who were sent to in
// the last 24 hours against the limit. Once everybody has had theirs, the next
// run sends to all of them again, as far as the ledger lets it. Delete the files
// to begin anew.
//
// The program fails if the platform had to reject a single message.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

const (
	portfolio = "506914307656634"
	waba      = "102290129340398"
	number    = "106540352242922"
)

func main() {
	db := flag.String("db", defaultFile(), "file of the ledger")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *db); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func defaultFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "sendgov", "quickstart.db")
}

func run(ctx context.Context, out io.Writer, db string) (err error) {
	// The ledger, as the last run has left it, and what that run had done.
	if err := os.MkdirAll(filepath.Dir(db), 0o700); err != nil {
		return err
	}
	store, err := boltstore.Open(db, boltstore.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	done, err := openProgress(db + ".sent")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done.file.Close()) }()

	// The platform: here one on loopback, with a clock that we can move. It is
	// new each time and knows nothing of earlier runs.
	clock := governortest.NewClock()
	if !done.last.IsZero() {
		clock.Set(done.last)
	}
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
	gov, err := governor.New(store, governor.Config{
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
	line := sender{client: client, url: platform.URL() + "/v25.0/" + number + "/messages", clock: clock, done: done}

	list, err := readCustomers()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "recipients.csv: %d rows, %d of them unreadable\n", list.rows, len(list.faults))
	for _, fault := range list.faults {
		fmt.Fprintln(out, "  "+fault)
	}
	if err := resume(ctx, out, db, gov, done, list); err != nil {
		return err
	}

	waiting := done.left(list.phones)
	for day := 0; len(waiting) > 0; day++ {
		if day == 5 {
			return fmt.Errorf("%d messages were not sent in 5 days", len(waiting))
		}
		fmt.Fprintf(out, "\n%s: %d messages to send\n", clock.Now().Format(time.DateTime), len(waiting))
		report, err := line.sendAll(ctx, out, waiting)
		if err != nil {
			return err
		}
		report.print(out)
		if waiting = report.waiting; len(waiting) == 0 {
			break
		}
		if day == 0 {
			if err := restricted(ctx, out, clock, platform, gov, line, list.phones[0]); err != nil {
				return err
			}
		}
		// The first slot frees at the time that the refusals named, the others
		// one by one after it; a day from now all of them have.
		clock.Advance(24 * time.Hour)
	}
	if err := done.note(clock.Now(), ""); err != nil {
		return err
	}

	rejected := platform.Rejected()
	fmt.Fprintf(out, "\nThe platform reached %d people, never more than %d in 24 hours, and rejected %d messages.\n",
		platform.Unique(), platform.MaxUsed(), len(rejected))
	if len(rejected) > 0 {
		return fmt.Errorf("%d messages rejected by the platform", len(rejected))
	}
	return nil
}

// resume says what an earlier run has left, and where this one goes on.
func resume(ctx context.Context, out io.Writer, db string, gov *governor.Governor, done *progress, list customers) error {
	fmt.Fprintf(out, "\nthe ledger: %s\n", db)
	if done.last.IsZero() {
		fmt.Fprintln(out, "  is new: kill this program and run it again, and it goes on where it was")
		return nil
	}
	s, err := gov.Snapshot(ctx, portfolio)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  of an earlier run: %d of %d unique recipients used in the last 24 h\n", s.Used, s.Used+s.Free)
	left := len(done.left(list.phones))
	if left > 0 {
		fmt.Fprintf(out, "  %d of the list have had theirs: going on with the other %d\n", len(list.phones)-left, left)
		return nil
	}
	fmt.Fprintln(out, "  everybody on the list has had theirs: once more from the top")
	return done.startOver()
}

// restricted is what happens when a customer writes, and the platform restricts
// the account for half a day. A webhook would bring both; here we observe them
// by hand.
func restricted(
	ctx context.Context, out io.Writer, clock *governortest.Clock, platform *governortest.Platform, gov *governor.Governor, line sender, customer string,
) error {
	until := clock.Now().Add(12 * time.Hour)
	platform.Inbound(number, customer)
	platform.Restrict(waba, governortest.RestrictBusinessInitiated, until)
	err := gov.Observe(ctx,
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
	return nil
}
