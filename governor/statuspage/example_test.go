package statuspage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/tier"
)

// newGovernor makes one with an account that has sent once.
func newGovernor() (*governor.Governor, error) {
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{ID: "acme", Tier: tier.Tier2K, Numbers: []governor.Number{{ID: "106540352242922"}}}},
		Clock:    governortest.NewClock(),
	})
	if err != nil {
		return nil, err
	}
	_, err = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: "+1 650 555 0101", Template: "order_update"})
	return gov, err
}

func ExampleHandler() {
	gov, err := newGovernor()
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/sendgov/", statuspage.Handler(gov, statuspage.Config{}))

	// A person opens the page, a program asks for the same as JSON.
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/debug/sendgov/?format=json", nil))
	var page struct {
		Accounts []struct {
			ID          string
			Used, Limit int
			Summary     string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range page.Accounts {
		fmt.Printf("%s: %d of %d. %s\n", a.ID, a.Used, a.Limit, a.Summary)
	}
	// Output: acme: 1 of 2000. The platform has said nothing of it yet. Notifications pass within the limit, replies always.
}

func ExampleConfig() {
	gov, err := newGovernor()
	if err != nil {
		fmt.Println(err)
		return
	}
	names := map[string]string{"acme": "Acme Shop"}
	page := statuspage.Handler(gov, statuspage.Config{Name: func(account string) string { return names[account] }})

	// It is as private as what you put in front of it.
	guarded := func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ops" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		page.ServeHTTP(w, r)
	}
	for _, password := range []string{"guess", "secret"} {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/?account=acme", nil)
		r.SetBasicAuth("ops", password)
		w := httptest.NewRecorder()
		guarded(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 401
	// 200
}
