package governortest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sendgov/sendgov/governor/governortest"
)

func ExampleClock() {
	clock := governortest.NewClock()
	rings, _ := clock.NewTimer(24 * time.Hour)

	clock.Advance(24 * time.Hour)
	fmt.Println("rang at", <-rings)
	// Output: rang at 2026-01-02 00:00:00 +0000 UTC
}

func ExampleClock_BlockUntil() {
	clock := governortest.NewClock()
	done := make(chan time.Time)
	go func() { // the code under test, which sleeps some time
		rings, _ := clock.NewTimer(6 * time.Second)
		done <- <-rings
	}()

	if err := clock.BlockUntil(context.Background(), 1); err != nil {
		fmt.Println(err)
		return
	}
	next, _ := clock.NextTimer()
	clock.Set(next)
	fmt.Println("it slept", (<-done).Sub(governortest.Start))
	// Output: it slept 6s
}

func ExampleClock_WithTimeout() {
	clock := governortest.NewClock()
	ctx, cancel := clock.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	clock.Advance(time.Minute)
	fmt.Println(ctx.Err())
	// Output: context deadline exceeded
}

func ExampleStartPlatform() {
	api, err := governortest.StartPlatform(governortest.PlatformConfig{Limit: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer api.Close()

	client := &http.Client{Transport: api.Transport()}
	send := func(to string) string {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
			"https://graph.facebook.com/v25.0/106540352242922/messages",
			strings.NewReader(`{"messaging_product":"whatsapp","to":"`+to+`","type":"template",
				"template":{"name":"hello_world","language":{"code":"en_US"}}}`))
		if err != nil {
			return err.Error()
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		return res.Status
	}
	fmt.Println("Alice:", send("+1 650 555 0101"))
	fmt.Println("Bob:  ", send("+1 650 555 0102"))
	fmt.Println("Carol:", send("+1 650 555 0103"))
	fmt.Println("Alice:", send("+1 650 555 0101"))

	api.Clock().Advance(24 * time.Hour)
	fmt.Println("Carol:", send("+1 650 555 0103"), "a day later")

	fmt.Println("rejected:", len(api.Rejected()), "- with code", api.Rejected()[0].Code)
	fmt.Println("at most", api.MaxUsed(), "of", api.Unique(), "people in any day")
	// Output:
	// Alice: 200 OK
	// Bob:   200 OK
	// Carol: 400 Bad Request
	// Alice: 200 OK
	// Carol: 200 OK a day later
	// rejected: 1 - with code 131048
	// at most 2 of 3 people in any day
}

func ExampleNewPlatform() {
	var t governortest.TB = anyTest{} // in a test, its *testing.T
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})

	webhook := api.Inbound("106540352242922", "+1 650 555 0101") // opens a customer service window
	fmt.Println(strings.Contains(string(webhook), `"from":"16505550101"`))
	// Output: true
}

// anyTest stands for a *testing.T, which an example has not got.
type anyTest struct{}

func (anyTest) Helper()                           {}
func (anyTest) Cleanup(func())                    {}
func (anyTest) Fatalf(format string, args ...any) { fmt.Printf(format, args...) }
