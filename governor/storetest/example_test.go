package storetest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

// What does a program do while its store is down?
func ExampleFaulty() {
	store := &storetest.Faulty{Store: memstore.New()}
	gov, err := governor.New(store, governor.Config{Clock: governortest.NewClock()})
	if err != nil {
		fmt.Println(err)
		return
	}
	store.Fail()
	_, err = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: "+1 650 555 0001", Template: "hello_world"})
	fmt.Println("template:", errors.Is(err, governor.ErrStore))
	_, err = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: "+1 650 555 0001", Kind: governor.Reply})
	fmt.Println("reply:", err)
	// Output:
	// template: true
	// reply: <nil>
}
