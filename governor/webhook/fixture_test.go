package webhook_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
	"github.com/sendgov/sendgov/tier"
)

// The cast of the tests: one portfolio with the numbers and WhatsApp Business
// Accounts that the platform's examples name. Nobody's phone numbers.
const (
	portfolio = "506914307656634"

	waba   = "102290129340398"
	number = "106540352242922"

	secondWABA, secondNumber   = "102290129340399", "106540352242923"
	thirdWABA, thirdNumber     = "524126980791429", "106540352242924"
	partnerWABA, partnerNumber = "980198427658004", "106540352242925"

	sheena       = "16505551234"
	sheenaUserID = "US.13491208655302741918"
	pablo        = "16505550102"

	secret = "test_app_secret"
	token  = "vibecoding"

	day = 24 * time.Hour
)

// fixture is a governor behind a handler behind a server.
type fixture struct {
	t     *testing.T
	clock *governortest.Clock
	store governor.Store
	gov   *governor.Governor
	cfg   webhook.Config
	next  http.Handler
	url   string

	// mu guards problems.
	mu       sync.Mutex
	problems []webhook.Problem
}

// newFixture returns a fixture with a limit of so many people. change may set
// up store, cfg and next.
func newFixture(t *testing.T, limit tier.Tier, change func(*fixture)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: governortest.NewClock(), store: memstore.New()}
	f.cfg = webhook.Config{AppSecret: secret, VerifyToken: token, OnProblem: f.problem}
	if change != nil {
		change(f)
	}
	var err error
	f.gov, err = governor.New(f.store, governor.Config{Clock: f.clock, Accounts: []governor.Account{{
		ID: portfolio, Tier: limit, Numbers: []governor.Number{
			{ID: number, WABA: waba},
			{ID: secondNumber, WABA: secondWABA},
			{ID: thirdNumber, WABA: thirdWABA},
			{ID: partnerNumber, WABA: partnerWABA},
		},
	}}})
	require.NoError(t, err)
	handler, err := webhook.New(f.gov, f.cfg, f.next)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fixture) problem(_ context.Context, p webhook.Problem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.problems = append(f.problems, p)
}

// told returns the problems so far, one line each.
func (f *fixture) told() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for _, p := range f.problems {
		lines = append(lines, p.String())
	}
	return lines
}

// post delivers a signed webhook and returns the status of the answer.
func (f *fixture) post(body string) int {
	f.t.Helper()
	req, err := webhook.NewRequest(f.t.Context(), f.url, secret, []byte(body))
	require.NoError(f.t, err)
	status, _ := f.do(req)
	return status
}

// delivered posts a webhook that must be taken in without a problem.
func (f *fixture) delivered(body string) {
	f.t.Helper()
	before := len(f.told())
	require.Equal(f.t, http.StatusOK, f.post(body))
	require.Empty(f.t, f.told()[before:])
}

func (f *fixture) do(req *http.Request) (status int, body string) {
	f.t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(f.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(f.t, err)
	return res.StatusCode, string(answer)
}

func (f *fixture) check(m governor.Message) governor.Decision {
	f.t.Helper()
	d, err := f.gov.Check(f.t.Context(), m)
	require.NoError(f.t, err)
	return d
}

// sent sends a message that must pass and whose ID the platform answers.
func (f *fixture) sent(m governor.Message, id string) {
	f.t.Helper()
	r, err := f.gov.Reserve(f.t.Context(), m)
	require.NoError(f.t, err)
	require.NoError(f.t, r.Commit(f.t.Context(), governor.Receipt{MessageID: id}))
}

func (f *fixture) snapshot() governor.Snapshot {
	f.t.Helper()
	s, err := f.gov.Snapshot(f.t.Context(), portfolio)
	require.NoError(f.t, err)
	return s
}

func (f *fixture) used() int {
	f.t.Helper()
	return f.snapshot().Used
}

func marketing(to string) governor.Message {
	return governor.Message{From: number, To: to, Template: "offer", Category: governor.Marketing}
}

func reply(to string) governor.Message {
	return governor.Message{From: number, To: to, Kind: governor.Reply}
}

// payload returns an example of the platform's, kept by package cloudapi.
func payload(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "cloudapi", "testdata", "payloads", name+".json"))
	require.NoError(t, err)
	return string(body)
}

// payloads returns the names of all examples of webhooks, those that are about
// something else left out.
func payloads(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "cloudapi", "testdata", "payloads", "wh_*.json"))
	require.NoError(t, err)
	var names []string
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if name != "wh_get_handshake" && name != "wh_signature_vectors" {
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

// body wraps changes, as JSON, into one webhook about the first WABA.
func body(changes ...string) string {
	return `{"object":"whatsapp_business_account","entry":[` + strings.Join(changes, ",") + `]}`
}

// about is an entry with a change of a WABA.
func about(id, field string, at time.Time, value string) string {
	return fmt.Sprintf(`{"id":%q,"time":%d,"changes":[{"field":%q,"value":%s}]}`, id, at.Unix(), field, value)
}

// messages is an entry about people, of the first number.
func messages(value string) string {
	return fmt.Sprintf(`{"id":%q,"changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"15550783881","phone_number_id":%q},%s}}]}`, waba, number, value)
}

func wrote(from string, at time.Time, text string) string {
	return messages(fmt.Sprintf(`"messages":[{"from":%q,"id":"wamid.in%d","timestamp":"%d","type":"text","text":{"body":%q}}]`,
		from, at.UnixNano(), at.Unix(), text))
}

// status is news of a message; a failed one has a code.
func status(id, word, to string, at time.Time, code int) string {
	errors := ""
	if code != 0 {
		errors = fmt.Sprintf(`,"errors":[{"code":%d,"title":"an error"}]`, code)
	}
	return fmt.Sprintf(`{"id":%q,"status":%q,"timestamp":"%d","recipient_id":%q%s}`, id, word, at.Unix(), to, errors)
}

func statuses(list ...string) string {
	return messages(`"statuses":[` + strings.Join(list, ",") + `]`)
}

// store is a store whose verbs fail as often as told, and that counts.
type store struct {
	governor.Store

	// mu guards what follows.
	mu     sync.Mutex
	broken int // how many of the next verbs that take in an event fail
	asked  int // verbs that take in an event
	saves  int
}

func (s *store) fail(verbs int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken, s.asked = verbs, 0
}

// counts returns how many verbs took in an event, and how many states were
// saved, since the last fail.
func (s *store) counts() (asked, saves int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.saves
}

func (s *store) ask() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.broken > 0 {
		s.broken--
		return errFault
	}
	return nil
}

func (s *store) Inbound(ctx context.Context, in governor.InboundMark) error {
	if err := s.ask(); err != nil {
		return err
	}
	return s.Store.Inbound(ctx, in)
}

func (s *store) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	if err := s.ask(); err != nil {
		return err
	}
	return s.Store.Delivery(ctx, d)
}

func (s *store) SaveState(ctx context.Context, account string, next governor.State) (governor.State, bool, error) {
	s.mu.Lock()
	s.saves++
	s.mu.Unlock()
	return s.Store.SaveState(ctx, account, next)
}

var errFault = fmt.Errorf("fault for a test")

// events reads a webhook as Events does.
func events(t *testing.T, body string) ([]governor.Event, []webhook.Problem) {
	t.Helper()
	hook, err := cloudapi.ParseWebhook([]byte(body))
	require.NoError(t, err)
	return webhook.Events(hook)
}
