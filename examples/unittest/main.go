// Unittest is a backend's own send logic, a reminder service, written so that
// it can be tested: main_test.go beside it shows how, once with the fake clock
// and once with testing/synctest.
//
//	go test ./examples/unittest
//	go run ./examples/unittest
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
)

// reminders sends reminders, and puts off those that may not leave yet.
type reminders struct {
	gov  *governor.Governor
	from string
	// post sends the template and returns the message's ID.
	post func(ctx context.Context, to string) (id string, err error)
	// later is the backend's job queue.
	later func(at time.Time, to string)
}

// remind sends one reminder, or queues it for when the governor says.
func (r *reminders) remind(ctx context.Context, to string) error {
	m := governor.Message{From: r.from, To: to, Template: "reminder", Category: governor.Utility}
	err := r.gov.Do(ctx, m, func(ctx context.Context) (governor.Receipt, error) {
		id, err := r.post(ctx, to)
		return governor.Receipt{MessageID: id}, err
	})
	var denied *governor.DeniedError
	if errors.As(err, &denied) && !denied.Decision.RetryAt.IsZero() {
		r.later(denied.Decision.RetryAt, to)
		return nil
	}
	return err
}

// remindNow sends one reminder as soon as there is room, within ctx.
func (r *reminders) remindNow(ctx context.Context, to string) error {
	reservation, err := r.gov.Wait(ctx, governor.Message{From: r.from, To: to, Template: "reminder", Category: governor.Utility})
	if err != nil {
		return err
	}
	id, err := r.post(ctx, to)
	if err != nil {
		return err // unknown outcome: the slot stays taken
	}
	return reservation.Commit(ctx, governor.Receipt{MessageID: id})
}

func main() {
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1})
	if err != nil {
		fmt.Fprintln(os.Stderr, "unittest:", err)
		os.Exit(1)
	}
	r := &reminders{
		gov:  gov,
		from: "106540352242922",
		post: func(context.Context, string) (string, error) {
			fmt.Println("sent")
			return "wamid.1", nil
		},
		later: func(at time.Time, _ string) { fmt.Println("queued for", at.UTC().Format(time.RFC3339)) },
	}
	for _, to := range []string{"+1 650 555 0101", "+1 650 555 0102"} {
		if err := r.remind(context.Background(), to); err != nil {
			fmt.Fprintln(os.Stderr, "unittest:", err)
			os.Exit(1)
		}
	}
}
