// Webhook is a backend that sends reminders and answers customers, fed by the
// platform's webhooks and by polls, before a platform on this machine. The
// platform restricts its account: reminders stop with the reason and the time,
// customers who write are answered all the same, and when the time has come
// reminders go out again, though nobody said so.
//
//	go run ./examples/webhook
//
// The days pass on a fake clock. The program fails if the platform had to reject
// a single message.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
)

const (
	portfolio = "506914307656634"
	waba      = "102290129340398"
	number    = "106540352242922"
)

// customers are nobody's phone numbers. The output names them by their place.
var customers = []string{"+1 650 555 0101", "+1 650 555 0102", "+1 650 555 0103"}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "webhook:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	say := log.New(out, "", 0)
	clock := governortest.NewClock()

	// The platform posts its webhooks to an address that it was given before.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mail := &postman{url: "http://" + listener.Addr().String() + "/webhook"}
	platform, err := governortest.StartPlatform(governortest.PlatformConfig{
		Clock:    clock,
		Limit:    2000,
		Numbers:  []governortest.PlatformNumber{{ID: number, WABA: waba, Portfolio: portfolio}},
		Webhooks: func(body []byte) { mail.deliver(ctx, body) },
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer platform.Close()
	shop, err := newBackend(clock, platform.URL(), say)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	stop := shop.serve(listener)

	err = errors.Join(tell(ctx, say, clock, platform, shop), stop(ctx), mail.err())
	rejected := platform.Rejected()
	say.Printf("\nThe platform took %d messages and rejected %d.", len(platform.Accepted()), len(rejected))
	if err == nil && len(rejected) > 0 {
		err = fmt.Errorf("%d messages rejected by the platform", len(rejected))
	}
	return err
}

// tell is what happens in three days.
func tell(ctx context.Context, say *log.Logger, clock *governortest.Clock, platform *governortest.Platform, shop *backend) error {
	chapter := func(title string) { say.Printf("\n%s  %s", clock.Now().Format("2 Jan 15:04"), title) }

	chapter("A poll asks what no webhook has told.")
	if err := shop.poll(ctx); err != nil {
		return err
	}

	chapter("Reminders go out.")
	if _, err := shop.remindAll(ctx); err != nil {
		return err
	}

	clock.Advance(9 * time.Hour)
	until := clock.Now().Add(48 * time.Hour)
	chapter("The platform restricts the account and says so by webhook.")
	platform.Restrict(waba, governortest.RestrictBusinessInitiated, until)
	refused, err := shop.remindAll(ctx)
	if err != nil {
		return err
	}
	if len(refused) != len(customers) {
		return fmt.Errorf("%d of %d reminders were refused, want all", len(refused), len(customers))
	}

	clock.Advance(time.Hour)
	chapter("Two customers write.")
	platform.Inbound(number, customers[0])
	platform.Inbound(number, customers[2])
	if shop.answered() != 2 {
		return fmt.Errorf("%d of 2 customers were answered", shop.answered())
	}

	clock.Set(refused[0].RetryAt)
	chapter("It is as late as the refusal said, and no webhook has come.")
	refused, err = shop.remindAll(ctx)
	if err == nil && len(refused) > 0 {
		err = fmt.Errorf("%d reminders are refused still: %w", len(refused), &governor.DeniedError{Decision: refused[0]})
	}
	return err
}
