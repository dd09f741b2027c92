package governorhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

// A program that knows nothing but the ID of its WABA.
func ExamplePoller() {
	api := httptest.NewServer(http.HandlerFunc(answerGraph)) // in place of https://graph.facebook.com
	defer api.Close()
	ctx := context.Background()
	poller := &governorhttp.Poller{
		WABAs:   []string{"102290129340398"},
		Token:   "EAAG", // from your settings
		BaseURL: api.URL + "/v24.0",
		Clock:   governortest.NewClock(), // nil in a real program
	}

	accounts, err := poller.Accounts(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	gov, err := governor.New(memstore.New(), governor.Config{Accounts: accounts, Clock: poller.Clock})
	if err != nil {
		fmt.Println(err)
		return
	}
	poller.Governor = gov

	// A program would now call go poller.Run(ctx), which does this in every
	// Interval.
	if err := poller.Poll(ctx); err != nil {
		fmt.Println(err)
	}
	s, err := gov.Snapshot(ctx, accounts[0].ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("portfolio", s.Account, "may reach", s.Tier, "as of", s.Reported.Format(time.DateTime))
	for _, n := range s.Numbers {
		fmt.Println("number", n.ID, "is", n.Health, "with rating", n.Rating, "and sends", n.PerSecond, "per second")
	}
	for _, w := range s.WABAs {
		fmt.Println("WABA", w.ID, "is", w.Status, "and", w.Verification)
	}
	// Output:
	// portfolio 506914307656634 may reach 2K as of 2026-01-01 00:00:00
	// number 106540352242922 is Connected with rating High and sends 80 per second
	// WABA 102290129340398 is ACTIVE and VERIFIED
}

// answerGraph answers as the platform does.
func answerGraph(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/message_templates"):
		_, _ = fmt.Fprint(w, `{"data":[{"name":"order_confirmation","language":"en_US","status":"APPROVED","category":"UTILITY","id":"1"}]}`)
	case strings.HasSuffix(r.URL.Path, "/phone_numbers"):
		_, _ = fmt.Fprint(w, `{"data":[{"id":"106540352242922","display_phone_number":"+1 555-078-3881","status":"CONNECTED",
			"quality_rating":"GREEN","throughput":{"level":"STANDARD"},"is_on_biz_app":false,"name_status":"APPROVED",
			"whatsapp_business_manager_messaging_limit":"TIER_2K"}]}`)
	default:
		_, _ = fmt.Fprint(w, `{"id":"102290129340398","name":"Lucky Shrub","status":"ACTIVE","account_review_status":"APPROVED",
			"business_verification_status":"verified","owner_business_info":{"id":"506914307656634","name":"Lucky Shrub"},
			"whatsapp_business_manager_messaging_limit":"TIER_2K"}`)
	}
}
