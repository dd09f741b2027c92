package governorhttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

func Example() {
	gov, err := governor.New(memstore.New(), governor.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Every SDK that takes this client is governed.
	client := &http.Client{Transport: &governorhttp.Transport{Governor: gov}}

	// It lacks a recipient, so that it does not even leave this program.
	err = order(client, "")
	fmt.Println(errors.Is(err, governor.ErrInvalid))
	// Output: true
}

func ExampleTransport() {
	gov, base, stop := startPlatform(1) // a messaging limit of one person
	defer stop()
	client := &http.Client{Transport: &governorhttp.Transport{Governor: gov, Base: base}}

	for _, phone := range []string{"16505550101", "16505550102"} {
		var denied *governor.DeniedError
		if err := order(client, phone); errors.As(err, &denied) {
			fmt.Println(denied.Decision.Reason, "until", denied.Decision.RetryAt.Format(time.DateTime))
		}
	}
	// Output:
	// 200 OK
	// tier_limit until 2026-01-02 00:00:00
}

func ExampleTransport_synthetic429() {
	gov, base, stop := startPlatform(1)
	defer stop()
	client := &http.Client{Transport: &governorhttp.Transport{Governor: gov, Base: base, Synthetic429: true}}

	for _, phone := range []string{"16505550101", "16505550102"} {
		if err := order(client, phone); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// 200 OK
	// 429 Too Many Requests, tier_limit, retry after 86400 s
}

func ExampleTransport_describe() {
	gov, base, stop := startPlatform(250)
	defer stop()
	categories := map[string]governor.Category{"order_confirmation": governor.Utility}
	client := &http.Client{Transport: &governorhttp.Transport{
		Governor: gov,
		Base:     base,
		Describe: func(_ *http.Request, m *governor.Message) {
			m.Category = categories[m.Template]
			fmt.Println(m.Kind, m.Template, m.Category)
		},
	}}
	if err := order(client, "16505550101"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// notification order_confirmation utility
	// 200 OK
}

// order sends a template and prints the answer.
func order(client *http.Client, to string) error {
	const address = "https://graph.facebook.com/v25.0/106540352242922/messages"
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(template(to)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	fmt.Print(res.Status)
	if reason := res.Header.Get(governorhttp.ReasonHeader); reason != "" {
		fmt.Printf(", %s, retry after %s s", reason, res.Header.Get("Retry-After"))
	}
	fmt.Println()
	return nil
}

// startPlatform returns a governor on a clock that stands still, and what
// takes the platform's place.
func startPlatform(limit int) (gov *governor.Governor, base http.RoundTripper, stop func()) {
	api, err := governortest.StartPlatform(governortest.PlatformConfig{Limit: limit})
	if err != nil {
		panic(err)
	}
	gov, err = governor.New(memstore.New(), governor.Config{Clock: api.Clock(), DefaultTier: tier.Tier(limit)})
	if err != nil {
		panic(err)
	}
	return gov, api.Transport(), api.Close
}
