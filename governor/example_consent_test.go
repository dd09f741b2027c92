package governor_test

import (
	"context"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

func ExampleGovernor_Consents() {
	clock := governortest.NewClock()
	gov, err := governor.New(memstore.New(), governor.Config{RequireOptIn: true, Clock: clock})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	const number, ada = "106540352242922", "+1 650 555 0101"
	err = gov.Observe(ctx,
		governor.ConsentGiven{Number: number, Recipient: ada, Topic: "receipts"},
		governor.ConsentRevoked{Number: number, Recipient: ada, Topic: governor.TopicMarketing, Until: clock.Now().Add(24 * time.Hour)},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, topic := range []string{"receipts", "account-updates"} {
		m := governor.Message{From: number, To: ada, Template: "notice", Category: governor.Utility, Topic: topic}
		d, err := gov.Check(ctx, m)
		fmt.Println(topic, d, err)
	}
	// Without accounts in the config a number is its own account.
	known, err := gov.Consents(ctx, number, ada)
	for _, c := range known {
		fmt.Println(c.Topic, c.Granted, c.RestsUntil.Format(time.DateOnly))
	}
	fmt.Println(err)
	// Output:
	// receipts allowed, takes a slot: 0 of 250 unique recipients used in the last 24 h <nil>
	// account-updates refused (not_opted_in): the recipient has not opted in; no time to come back is known <nil>
	// marketing false 2026-01-02
	// receipts true 0001-01-01
	// <nil>
}
