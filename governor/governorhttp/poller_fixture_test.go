package governorhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

// More of the cast.
const (
	secondWABA   = "102290129340399"
	secondNumber = "106540352242923"
	token        = "EAAG0123456789abcdef"

	good    = `{"can_send_message":"AVAILABLE","entities":[{"entity_type":"PHONE_NUMBER","can_send_message":"AVAILABLE"}]}`
	wabaOK  = `{"id":"` + waba + `","status":"ACTIVE","account_review_status":"APPROVED","owner_business_info":{"id":"` + account + `","name":"Lucky Shrub"}}`
	nothing = `{"data":[]}`
)

// graph is a Graph API on the loopback interface that answers as it is told
// and notes what it was asked for and when.
type graph struct {
	server *httptest.Server
	clock  *governortest.Clock

	// mu guards what follows.
	mu      sync.Mutex
	answers map[string]http.HandlerFunc // by path without the version
	asked   []asked
}

// asked is one request that came in.
type asked struct {
	path   string
	at     time.Time
	query  url.Values
	header http.Header
}

func newGraph(t testing.TB) *graph {
	t.Helper()
	g := &graph{clock: governortest.NewClock(), answers: map[string]http.HandlerFunc{}}
	g.server = httptest.NewServer(g)
	t.Cleanup(g.server.Close)
	g.says(waba, wabaOK)
	g.says(waba+"/phone_numbers", nothing)
	g.says(waba+"/message_templates", nothing)
	return g
}

func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v24.0/")
	g.mu.Lock()
	g.asked = append(g.asked, asked{path: path, at: g.clock.Now(), query: r.URL.Query(), header: r.Header.Clone()})
	answer := g.answers[path]
	g.mu.Unlock()
	if answer == nil {
		refuse(w, http.StatusBadRequest, 100, 33)
		return
	}
	answer(w, r)
}

// does says how a path is answered.
func (g *graph) does(path string, answer http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers[path] = answer
}

// says has a path answered with a body.
func (g *graph) says(path, body string) {
	g.does(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
}

// fails has a path answered with an error.
func (g *graph) fails(path string, status, code int) {
	g.does(path, func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, code, 0) })
}

// lists has the WABA list numbers.
func (g *graph) lists(numbers ...string) {
	g.says(waba+"/phone_numbers", `{"data":[`+strings.Join(numbers, ",")+`]}`)
}

func refuse(w http.ResponseWriter, status, code, subcode int) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":{"message":"(#%d) No","type":"OAuthException","code":%d,"error_subcode":%d}}`, code, code, subcode)
}

// requests are those for a path, for all with an empty one.
func (g *graph) requests(path string) []asked {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []asked
	for _, a := range g.asked {
		if path == "" || a.path == path {
			found = append(found, a)
		}
	}
	return found
}

// polled is a poller, the platform that it asks and the governor that it tells.
type polled struct {
	*graph
	t      testing.TB
	gov    *governor.Governor
	poller *governorhttp.Poller

	// noticesMu guards notices.
	noticesMu sync.Mutex
	notices   []governor.Notice
}

func newPolled(t testing.TB) *polled {
	t.Helper()
	return newPolledWith(t, governor.Config{Accounts: []governor.Account{{ID: account, Numbers: []governor.Number{
		{ID: number, WABA: waba}, {ID: secondNumber, WABA: waba},
	}}}})
}

func newPolledWith(t testing.TB, cfg governor.Config) *polled {
	t.Helper()
	p := &polled{graph: newGraph(t), t: t}
	cfg.Clock = p.clock
	cfg.Observer = func(n governor.Notice) {
		p.noticesMu.Lock()
		defer p.noticesMu.Unlock()
		p.notices = append(p.notices, n)
	}
	gov, err := governor.New(memstore.New(), cfg)
	require.NoError(t, err)
	p.gov = gov
	p.poller = &governorhttp.Poller{
		Governor: gov, Token: token, WABAs: []string{waba}, Clock: p.clock,
		BaseURL: p.server.URL + "/v24.0", Random: func() float64 { return 0 },
	}
	return p
}

// poll makes a round that nothing goes wrong in, a minute after what was
// before.
func (p *polled) poll() {
	p.t.Helper()
	require.NoError(p.t, p.tryPoll())
}

func (p *polled) tryPoll() error {
	p.clock.Advance(time.Minute)
	return p.poller.Poll(context.Background())
}

func (p *polled) observe(events ...governor.Event) {
	p.t.Helper()
	require.NoError(p.t, p.gov.Observe(context.Background(), events...))
}

func (p *polled) snapshot() governor.Snapshot {
	p.t.Helper()
	s, err := p.gov.Snapshot(context.Background(), account)
	require.NoError(p.t, err)
	return s
}

// number is where one of the account's numbers stands.
func (p *polled) number(id string) governor.NumberSnapshot {
	p.t.Helper()
	for _, n := range p.snapshot().Numbers {
		if n.ID == id {
			return n
		}
	}
	require.FailNow(p.t, "no such number")
	return governor.NumberSnapshot{}
}

func (p *polled) waba() governor.WABASnapshot {
	p.t.Helper()
	for _, w := range p.snapshot().WABAs {
		if w.ID == waba {
			return w
		}
	}
	require.FailNow(p.t, "no such WABA")
	return governor.WABASnapshot{}
}

// sends asks whether a notification would pass.
func (p *polled) sends() governor.Decision {
	p.t.Helper()
	d, err := p.gov.Check(context.Background(), governor.Message{From: number, To: alice, Template: "order_confirmation", Language: "en_US"})
	require.NoError(p.t, err)
	return d
}

func (p *polled) told(kind governor.NoticeKind) []governor.Notice {
	p.noticesMu.Lock()
	defer p.noticesMu.Unlock()
	var found []governor.Notice
	for _, n := range p.notices {
		if n.Kind == kind {
			found = append(found, n)
		}
	}
	return found
}

// run runs the poller for so long on its clock, timer by timer, and returns
// what Run returned.
func (p *polled) run(d time.Duration) error {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p.poller.Run(ctx) }()
	for end := p.clock.Now().Add(d); ; {
		require.NoError(p.t, p.clock.BlockUntil(ctx, 1))
		next, ok := p.clock.NextTimer()
		require.True(p.t, ok)
		if next.After(end) {
			cancel()
			return <-ended
		}
		p.clock.Set(next)
	}
}

// node is a number as a list has it.
func node(id, fields string) string {
	if fields != "" {
		fields = "," + fields
	}
	return `{"id":"` + id + `","display_phone_number":"+1 555-078-` + id[len(id)-4:] + `"` + fields + `}`
}
