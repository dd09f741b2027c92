package page_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

const day = 24 * time.Hour

// The accounts, each with one number and one WABA of the same name.
const (
	healthy    = "acme-shop"
	flagged    = "bakery-nord"
	restricted = "citywide-clinics"
	full       = "dune-travel"
	unlimited  = "everyday-bank"
	fresh      = "fjord-ferries"
)

var errDown = errors.New("the store is down")

// store is one that can be taken down.
type store struct {
	governor.Store
	down atomic.Bool
}

func (s *store) LoadState(ctx context.Context, account string) (governor.State, error) {
	if s.down.Load() {
		return governor.State{}, errDown
	}
	return s.Store.LoadState(ctx, account)
}

// world is a governor with an account in each state, on a clock that stands
// still, and its page.
type world struct {
	t      *testing.T
	held   atomic.Pointer[answer] // the next to a question of the script; nil: none is held up
	clock  *governortest.Clock
	store  *store
	gov    *governor.Governor
	server *httptest.Server
	people int
}

// answer is one on its way.
type answer struct {
	asked chan struct{} // is closed when the question is there
	leave chan struct{} // is closed for the answer to leave
}

// hold holds the answer to the script's next question up, and returns when that
// has been asked.
func (w *world) hold() (release func()) {
	a := &answer{make(chan struct{}), make(chan struct{})}
	w.held.Store(a)
	<-a.asked
	return sync.OnceFunc(func() { close(a.leave) })
}

// pace keeps a number within its throughput, also half of it.
const pace = 50 * time.Millisecond

// mount is where the page is.
const mount = "/debug/sendgov/"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: governortest.NewClock(), store: &store{Store: memstore.New()}}
	cfg := governor.Config{Clock: w.clock, Shares: governor.CautiousShares()}
	for id, limit := range map[string]tier.Tier{healthy: tier.Tier2K, flagged: tier.Tier10K, restricted: tier.Tier2K, full: tier.Tier250, unlimited: tier.Unlimited, fresh: tier.Tier250} {
		cfg.Accounts = append(cfg.Accounts, governor.Account{ID: id, Tier: limit, Numbers: []governor.Number{{ID: number(id), WABA: waba(id)}}})
	}
	gov, err := governor.New(w.store, cfg)
	require.NoError(t, err)
	w.gov = gov
	w.live()
	names := map[string]string{healthy: "Acme Shop", flagged: "Bakery Nord", restricted: "Citywide Clinics", full: "Dune Travel", unlimited: "Everyday Bank"}
	mux := http.NewServeMux()
	pages := statuspage.Handler(gov, statuspage.Config{Refresh: time.Second, Name: func(id string) string { return names[id] }})
	mux.HandleFunc(mount, func(rw http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("format") == "fragment" {
			if a := w.held.Swap(nil); a != nil {
				close(a.asked)
				<-a.leave
			}
		}
		pages.ServeHTTP(rw, req)
	})
	mux.Handle("/empty", statuspage.Handler(newEmpty(t), statuspage.Config{}))
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)
	return w
}

func newEmpty(t *testing.T) *governor.Governor {
	t.Helper()
	gov, err := governor.New(memstore.New(), governor.Config{})
	require.NoError(t, err)
	return gov
}

func number(account string) string { return "number-of-" + account }
func waba(account string) string   { return "waba-of-" + account }

// live is five days in which everything happens that a page tells of.
func (w *world) live() {
	w.t.Helper()
	for _, id := range []string{healthy, flagged, restricted, full, unlimited} {
		w.observe(
			governor.WABAReported{WABA: waba(id), Portfolio: id, Verification: "verified", Status: "APPROVED", Payment: "AVAILABLE"},
			governor.HealthReported{Number: number(id), Report: quality.StatusReported{Word: "CONNECTED"}},
			governor.HealthReported{Number: number(id), Report: quality.RatingReported{Rating: quality.High}},
			governor.TemplateReported{WABA: waba(id), Name: "order_update", Language: "en_US", Category: governor.Utility, Status: "APPROVED"},
		)
	}
	for range 4 {
		for _, id := range []string{healthy, flagged, restricted, unlimited} {
			w.talk(id, 30)
			w.send(id, 40)
		}
		w.clock.Advance(day)
	}
	w.observe(
		governor.HealthReported{Number: number(flagged), Report: quality.RatingReported{Rating: quality.Low}},
		governor.HealthReported{Number: number(unlimited), Report: quality.RatingReported{Rating: quality.Medium}},
	)
	for range 6 {
		w.clock.Advance(2 * time.Hour)
		w.send(healthy, 130)
		w.send(flagged, 200)
		w.send(restricted, 60)
		w.send(full, 50)
		w.send(unlimited, 300)
	}
	for range 30 {
		_, err := w.gov.Reserve(w.t.Context(), w.notification(full))
		require.ErrorIs(w.t, err, governor.ErrTierLimit)
	}
	until := w.clock.Now().Add(2*day + 19*time.Hour)
	w.observe(
		governor.HealthReported{Number: number(flagged), Report: quality.RatingReported{Rating: quality.Medium}},
		governor.HealthReported{WABA: waba(restricted), Report: quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: until}},
		governor.TemplateReported{WABA: waba(healthy), Name: "black_friday", Language: "en_US", Category: governor.Marketing, Rating: quality.Low, Status: "PAUSED", Until: w.clock.Now().Add(3 * time.Hour)},
		governor.SendRefused{Number: number(healthy), Code: 130429},
	)
	w.clock.Advance(2 * time.Hour)
}

func (w *world) observe(events ...governor.Event) {
	w.t.Helper()
	require.NoError(w.t, w.gov.Observe(w.t.Context(), events...))
}

// notification is to somebody new.
func (w *world) notification(account string) governor.Message {
	w.people++
	m := governor.Message{From: number(account), To: fmt.Sprintf("1650%07d", w.people), Template: "order_update", Language: "en_US", Category: governor.Utility}
	if account == full { // whose category may fill all of the limit
		m.Template, m.Category = "password", governor.Authentication
	}
	return m
}

// send reaches so many new people, of whom some read and some fail.
func (w *world) send(account string, people int) {
	w.t.Helper()
	for i := range people {
		w.clock.Advance(pace)
		m := w.notification(account)
		r, err := w.gov.Reserve(w.t.Context(), m)
		if errors.Is(err, governor.ErrTierLimit) {
			return
		}
		require.NoError(w.t, err)
		id := fmt.Sprintf("wamid.%d", w.people)
		require.NoError(w.t, r.Commit(w.t.Context(), governor.Receipt{MessageID: id}))
		status := governor.MessageStatus{Number: number(account), MessageID: id, Status: governor.Delivered, Pricing: "utility"}
		w.observe(status)
		if i%3 > 0 {
			status.Status = governor.Read
			w.observe(status)
		}
	}
}

// talk has so many customers write, most of whom are answered.
func (w *world) talk(account string, people int) {
	w.t.Helper()
	for i := range people {
		w.clock.Advance(pace)
		m := w.notification(account)
		w.observe(governor.Inbound{Number: m.From, Customer: m.To})
		if i%5 == 4 {
			w.observe(governor.MessageStatus{Number: m.From, MessageID: "wamid." + m.To, Recipient: m.To, Status: governor.Failed, Code: []int{131026, 131049}[i%2]})
			continue
		}
		r, err := w.gov.Reserve(w.t.Context(), governor.Message{From: m.From, To: m.To, Kind: governor.Reply})
		require.NoError(w.t, err)
		require.NoError(w.t, r.Commit(w.t.Context(), governor.Receipt{}))
	}
}

// state is a page to look at.
type state struct {
	name, path string
	// down takes the store down once the page has been seen.
	down bool
	want string
}

var states = []state{
	{name: "index", path: mount, want: "need attention"},
	{name: "healthy", path: mount + "?account=" + healthy, want: "Healthy"},
	{name: "flagged", path: mount + "?account=" + flagged, want: "recovers if the rating holds Medium or better"},
	{name: "restricted", path: mount + "?account=" + restricted, want: "The platform holds back notifications"},
	{name: "full", path: mount + "?account=" + full, want: "The limit is used up"},
	{name: "unlimited", path: mount + "?account=" + unlimited, want: "There is no limit"},
	{name: "fresh", path: mount + "?account=" + fresh, want: "Nothing has been heard of its health or limit"},
	{name: "what-if", path: mount + "?account=" + healthy + "&people=5,000&category=utility&template=&from=" + number(healthy), want: "can be written to"},
	{name: "what-if-wrong", path: mount + "?account=" + healthy + "&people=many&from=" + number(healthy), want: "How many people?"},
	{name: "empty", path: "/empty", want: "No account is known yet"},
	{name: "store-down", path: mount + "?account=" + healthy, down: true, want: "The store does not answer"},
	{name: "store-down-index", path: mount, down: true, want: "The store does not answer"},
}
