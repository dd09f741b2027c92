package governor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

func ExampleGovernor_Reserve() {
	gov, clock := exampleGovernor()
	ctx := context.Background()
	r, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+1 650 555 0001", Template: "hello_world"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Decision())
	clock.Advance(time.Hour)

	// The limit is one person: nobody else is written to until the slot is free.
	_, err = gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+1 650 555 0002", Template: "hello_world"})
	fmt.Println(err)
	fmt.Println(errors.Is(err, governor.ErrTierLimit))

	// A customer who wrote is answered all the same.
	_, err = gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+1 650 555 0003", Kind: governor.Reply})
	fmt.Println(err)
	// Output:
	// allowed, takes a slot: 1 of 1 unique recipients used in the last 24 h
	// governor: refused (tier_limit): 1 of 1 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z
	// true
	// <nil>
}

func ExampleGovernor_Wait() {
	gov, clock := exampleGovernor()
	ctx := context.Background()
	first, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "16505550001", Template: "hello_world"})
	if err != nil {
		fmt.Println(err)
		return
	}
	waited := make(chan error)
	go func() {
		_, err := gov.Wait(ctx, governor.Message{From: "106540352242922", To: "16505550002", Template: "hello_world"})
		waited <- err
	}()
	if err := clock.BlockUntil(ctx, 1); err != nil {
		fmt.Println(err)
		return
	}

	// It turns out that the first message was not sent: its slot goes to the next.
	if err := first.Cancel(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-waited)

	// What cannot be in time is not waited for.
	hour, stop := clock.WithTimeout(ctx, time.Hour)
	defer stop()
	_, err = gov.Wait(hour, governor.Message{From: "106540352242922", To: "16505550003", Template: "hello_world"})
	fmt.Println(errors.Is(err, context.DeadlineExceeded), errors.Is(err, governor.ErrTierLimit))
	// Output:
	// <nil>
	// true true
}

func ExampleGovernor_Do() {
	gov, _ := exampleGovernor()
	ctx := context.Background()
	post := func(to string, status error) error {
		m := governor.Message{From: "106540352242922", To: to, Template: "hello_world"}
		return gov.Do(ctx, m, func(context.Context) (governor.Receipt, error) {
			// Here the message goes to the platform.
			return governor.Receipt{MessageID: "wamid.1"}, status
		})
	}
	fmt.Println(post("16505550001", fmt.Errorf("no connection: %w", governor.ErrNotSent)))
	fmt.Println(post("16505550002", nil))
	fmt.Println(errors.Is(post("16505550003", nil), governor.ErrTierLimit))
	// Output:
	// no connection: governor: not sent
	// <nil>
	// true
}

func ExampleReservation_Commit() {
	gov, clock := exampleGovernor()
	ctx := context.Background()
	r, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "16505550001", Template: "hello_world"})
	if err != nil {
		fmt.Println(err)
		return
	}
	clock.Advance(2 * time.Second) // the request and its answer
	fmt.Println(r.Commit(ctx, governor.Receipt{MessageID: "wamid.1"}))

	// The 24 hours count from the answer.
	d, err := gov.Check(ctx, governor.Message{From: "106540352242922", To: "16505550002", Template: "hello_world"})
	fmt.Println(d.RetryAt, err)
	// Output:
	// <nil>
	// 2026-01-02 00:00:02 +0000 UTC <nil>
}

func ExampleReservation_Cancel() {
	gov, _ := exampleGovernor()
	ctx := context.Background()
	r, err := gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "16505550001", Template: "hello_world"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Cancel(ctx))

	// The slot is free again, and what was cancelled cannot be committed.
	d, err := gov.Check(ctx, governor.Message{From: "106540352242922", To: "16505550002", Template: "hello_world"})
	fmt.Println(d.Allowed, d.Used, err)
	fmt.Println(errors.Is(r.Commit(ctx, governor.Receipt{}), governor.ErrSettled))
	// Output:
	// <nil>
	// true 0 <nil>
	// true
}

// exampleGovernor is one whose accounts may reach one person, on a clock that
// stands at the beginning of 2026.
func exampleGovernor() (*governor.Governor, *governortest.Clock) {
	clock := governortest.NewClock()
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1, Clock: clock})
	if err != nil {
		panic(err) // the config above is a good one
	}
	return gov, clock
}
