package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
)

// restriction is what the platform posts when it restricts an account until
// 4 January 2026.
const restriction = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","time":1767225600,
	"changes":[{"field":"account_update","value":{"event":"ACCOUNT_RESTRICTION","restriction_info":[
		{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":1767484800}]}}]}]}`

func Example() {
	ctx := context.Background()
	clock := governortest.NewClock()
	gov, err := governor.New(memstore.New(), governor.Config{Clock: clock, Accounts: []governor.Account{
		{ID: "506914307656634", Numbers: []governor.Number{{ID: "106540352242922", WABA: "102290129340398"}}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	hooks, err := webhook.New(gov, webhook.Config{
		AppSecret:   "secret", // from the environment, in life
		VerifyToken: "token",
		OptOut:      webhook.StopWords(governor.TopicMarketing, "stop", "unsubscribe"),
		OnProblem:   func(_ context.Context, p webhook.Problem) { fmt.Println("webhook:", p) },
	}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		fmt.Println("the bot sees it too")
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/webhook", hooks)

	// The platform posts.
	req, err := webhook.NewRequest(ctx, "/webhook", "secret", []byte(restriction))
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.ServeHTTP(httptest.NewRecorder(), req)

	message := governor.Message{From: "106540352242922", To: "+1 650 555 0101", Template: "offer"}
	d, err := gov.Check(ctx, message)
	fmt.Println(d, err)
	clock.Advance(72 * time.Hour)
	d, err = gov.Check(ctx, message)
	fmt.Println(d, err)
	// Output:
	// the bot sees it too
	// refused (restricted): the platform restricts the waba (RESTRICTED_BIZ_INITIATED_MESSAGING); try again at 2026-01-04T00:00:00Z <nil>
	// allowed, takes a slot: 0 of 250 unique recipients used in the last 24 h <nil>
}

func ExampleNew_withoutASecret() {
	_, err := webhook.New(nil, webhook.Config{VerifyToken: "token"}, nil)
	fmt.Println(err)
	// Output:
	// governor: webhook.New: gov is nil, want a Governor
	// governor: webhook.Config.AppSecret is empty, want the app's secret: without it anybody could report anything
}

func ExampleEvents() {
	hook, err := cloudapi.ParseWebhook([]byte(restriction)) // from a queue, say
	if err != nil {
		fmt.Println(err)
		return
	}
	events, problems := webhook.Events(hook)
	for _, event := range events {
		if e, ok := event.(governor.HealthReported); ok {
			fmt.Printf("%T of WABA %s\n", e.Report, e.WABA)
		}
	}
	fmt.Println(len(problems), "problems")
	// Then: err = gov.Observe(ctx, events...)

	// Output:
	// quality.RestrictionReported of WABA 102290129340398
	// 0 problems
}

func ExampleStopWords() {
	optOut := webhook.StopWords(governor.TopicMarketing, "stop", "unsubscribe")
	for _, text := range []string{"STOP!", "Please stop by tomorrow"} {
		topic, ok := optOut(cloudapi.Inbound{Text: text})
		fmt.Printf("%q: %t %s\n", text, ok, topic)
	}
	// Output:
	// "STOP!": true marketing
	// "Please stop by tomorrow": false
}

func ExampleNewRequest() {
	req, err := webhook.NewRequest(context.Background(), "https://example.com/webhook", "test_app_secret", []byte(`{"object":"whatsapp_business_account","entry":[]}`))
	fmt.Println(req.Method, req.URL, err)
	fmt.Println(req.Header.Get(cloudapi.SignatureHeader))
	// Output:
	// POST https://example.com/webhook <nil>
	// sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756
}
