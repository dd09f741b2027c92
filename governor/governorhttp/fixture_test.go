package governorhttp_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
	"github.com/sendgov/sendgov/tier"
)

// The cast of the tests. None of the phone numbers is anybody's.
const (
	account = "506914307656634"
	waba    = "102290129340398"
	number  = "106540352242922"
	alice   = "16505550101"
	bob     = "16505550102"
	carol   = "16505550103"

	host      = "https://graph.facebook.com"
	messages  = "/v25.0/" + number + "/messages"
	marketing = "/v25.0/" + number + "/marketing_messages"
	media     = "/v25.0/" + number + "/media"
	jsonType  = "application/json"
	formType  = "application/x-www-form-urlencoded"
)

func template(to string) string {
	return `{"messaging_product":"whatsapp","to":"` + to + `","type":"template",` +
		`"template":{"name":"order_confirmation","language":{"code":"en_US"}}}`
}

func text(to string) string {
	return `{"messaging_product":"whatsapp","to":"` + to + `","type":"text","text":{"body":"Hello"}}`
}

const (
	receipt = `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN"}`
	// messenger is a send of another product on the same path.
	messenger = `{"recipient":{"id":"2468"},"messaging_type":"RESPONSE","message":{"text":"Hello"}}`
)

// fixture is a client that is governed, before a platform that keeps its own
// books.
type fixture struct {
	t         *testing.T
	clock     *governortest.Clock
	api       *governortest.Platform
	gov       *governor.Governor
	transport *governorhttp.Transport
	spy       *spy

	// mu guards what follows.
	mu      sync.Mutex
	notices []governor.Notice
	heard   func(governor.Notice) // called with each, if not nil
}

func newFixture(t *testing.T, limit tier.Tier) *fixture {
	t.Helper()
	return newFixtureOn(t, limit, memstore.New())
}

func newFixtureOn(t *testing.T, limit tier.Tier, store governor.Store) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: governortest.NewClock()}
	f.api = governortest.NewPlatform(t, governortest.PlatformConfig{Clock: f.clock, Limit: int(limit), Throughput: 100_000})
	gov, err := governor.New(store, governor.Config{
		Accounts: []governor.Account{{ID: account, Tier: limit, Numbers: []governor.Number{
			{ID: number, WABA: waba, PerSecond: 100_000},
		}}},
		RateWait: time.Nanosecond, // the clock stands still
		Clock:    f.clock,
		Observer: func(n governor.Notice) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.notices = append(f.notices, n)
			if f.heard != nil {
				f.heard(n)
			}
		},
	})
	require.NoError(t, err)
	f.gov = gov
	f.spy = &spy{base: f.api.Transport()}
	f.transport = &governorhttp.Transport{Governor: gov, Base: f.spy}
	return f
}

// do sends a request through the transport and a client around it.
func (f *fixture) do(req *http.Request) (answer, error) {
	f.t.Helper()
	return take((&http.Client{Transport: f.transport}).Do(req))
}

// trip sends a request through the transport alone.
func (f *fixture) trip(req *http.Request) (answer, error) {
	f.t.Helper()
	return take(f.transport.RoundTrip(req))
}

func (f *fixture) post(path, contentType, body string) (answer, error) {
	f.t.Helper()
	return f.do(newPost(f.t, path, contentType, body))
}

// passes posts to the messages endpoint what must reach the platform.
func (f *fixture) passes(body string) answer {
	f.t.Helper()
	before := f.spy.calls()
	got, err := f.post(messages, jsonType, body)
	require.NoError(f.t, err)
	if f.transport.Base == f.spy {
		require.Equal(f.t, before+1, f.spy.calls())
	}
	return got
}

// refused posts what must be denied for that reason and reach nobody.
func (f *fixture) refused(body string, want error) {
	f.t.Helper()
	before := f.spy.calls()
	_, err := f.post(messages, jsonType, body)
	require.ErrorIs(f.t, err, want)
	require.ErrorIs(f.t, err, governor.ErrDenied)
	require.Equal(f.t, before, f.spy.calls())
}

func (f *fixture) used() int {
	f.t.Helper()
	s, err := f.gov.Snapshot(context.WithoutCancel(f.t.Context()), account)
	require.NoError(f.t, err)
	return s.Used
}

// opens has a customer write, to the platform and to the governor.
func (f *fixture) opens(customer string) {
	f.t.Helper()
	f.api.Inbound(number, customer)
	f.observe(governor.Inbound{Number: number, Customer: customer})
}

func (f *fixture) observe(events ...governor.Event) {
	f.t.Helper()
	require.NoError(f.t, f.gov.Observe(f.t.Context(), events...))
}

func (f *fixture) told() []governor.NoticeKind {
	f.mu.Lock()
	defer f.mu.Unlock()
	var kinds []governor.NoticeKind
	for _, n := range f.notices {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

// newPost has a GetBody, as every request made of a string.
func newPost(t testing.TB, path, contentType, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host+path, strings.NewReader(body))
	require.NoError(t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// answer is a response that has been read and closed.
type answer struct {
	status  int
	text    string
	header  http.Header
	length  int64 // as announced
	bodyErr error
}

func take(res *http.Response, err error) (answer, error) {
	if res == nil {
		return answer{}, err
	}
	got := answer{status: res.StatusCode, header: res.Header, length: res.ContentLength}
	if res.Body != nil {
		var text []byte
		text, got.bodyErr = io.ReadAll(res.Body)
		got.text = string(text)
		_ = res.Body.Close()
	}
	return got, err
}

// payload returns a body that the platform's pages print.
func payload(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "cloudapi", "testdata", "payloads", name))
	require.NoError(t, err)
	return string(body)
}

// spy is a Base that notes the requests it gets.
type spy struct {
	base http.RoundTripper

	// mu guards seen.
	mu   sync.Mutex
	seen []*http.Request
}

func (s *spy) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.seen = append(s.seen, req)
	s.mu.Unlock()
	return s.base.RoundTrip(req)
}

func (s *spy) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *spy) last() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[len(s.seen)-1]
}

// baseFunc is a Base made of a function.
type baseFunc func(*http.Request) (*http.Response, error)

func (f baseFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answers is a Base that reads and closes what it gets, as it should, and
// answers with that.
func answers(status int, header http.Header, body io.ReadCloser) baseFunc {
	return func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
			_ = req.Body.Close()
		}
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{StatusCode: status, Header: header, Body: body, ContentLength: -1, Request: req}, nil
	}
}

// fails is a Base that has read and closed the request when it fails.
func fails(err error) baseFunc {
	return func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
		return nil, err
	}
}

// counted is a body that counts how often it was closed.
type counted struct {
	io.Reader

	// mu guards closes.
	mu     sync.Mutex
	closes int
}

func countedBody(s string) *counted { return &counted{Reader: strings.NewReader(s)} }

func (c *counted) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closes++
	if closer, ok := c.Reader.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

func (c *counted) closed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closes
}

// failing is a store some of whose verbs fail without being applied.
func failing(err error, verbs ...string) *storetest.Faulty {
	store := &storetest.Faulty{Store: memstore.New()}
	store.Set(func(_ context.Context, verb string, apply func() error) error {
		if slices.Contains(verbs, verb) {
			return err
		}
		return apply()
	})
	return store
}
