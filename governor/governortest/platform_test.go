package governortest_test

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestAnAcceptedTemplateIsAnsweredAsDocumented(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	r := send(t, api, number, template("+1 (650) 555-0101"))
	require.Equal(t, http.StatusOK, r.status)
	require.Len(t, r.body.Contacts, 1)
	require.Equal(t, "+1 (650) 555-0101", r.body.Contacts[0].Input, "as sent")
	require.Equal(t, alice, *r.body.Contacts[0].WaID)
	require.Nil(t, r.body.Contacts[0].UserID)
	require.Len(t, r.body.Messages, 1)
	require.Equal(t, "accepted", r.body.Messages[0].Status)
	require.Regexp(t, `^wamid\..+`, r.body.Messages[0].ID)

	require.Equal(t, []governortest.PlatformMessage{{
		At: t0, Number: number, To: alice, Kind: governortest.KindTemplate, Template: "order_confirmation",
		ID: r.body.Messages[0].ID, Accepted: true, Counted: true,
	}}, api.Messages())
	require.Equal(t, 1, api.Used(number))
}

func TestARefusalIsAnsweredAsDocumented(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.FailNext(131048, 0)
	r := send(t, api, number, template(alice))
	require.Equal(t, http.StatusBadRequest, r.status)
	require.NotEmpty(t, r.body.Error.Trace)
	require.JSONEq(t, `{"error":{
		"message": "(#131048) Spam rate limit hit",
		"type": "OAuthException",
		"code": 131048,
		"error_data": {
			"messaging_product": "whatsapp",
			"details": "Message failed to send because there are restrictions on how many messages can be sent from this phone number. This may be because too many previous messages were blocked or flagged as spam."
		},
		"fbtrace_id": "`+r.body.Error.Trace+`"
	}}`, r.raw)
}

func TestEveryMessageHasAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	a, b := send(t, api, number, template(alice)), send(t, api, number, template(alice))
	require.NotEqual(t, a.body.Messages[0].ID, b.body.Messages[0].ID)
}

func TestAPathMayHaveAVersionOrNot(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		path string
		kind governortest.PlatformKind
	}{
		{"/v25.0/" + number + "/messages", governortest.KindTemplate},
		{"/v9/" + number + "/messages", governortest.KindTemplate},
		{"/" + number + "/messages", governortest.KindTemplate},
		{"//v25.0//" + number + "//messages/", governortest.KindTemplate},
		{"/v25.0/" + number + "/messages?access_token=secret", governortest.KindTemplate},
		{"/v25.0/" + number + "/%6Dessages", governortest.KindTemplate},
		{"/v25.0/" + number + "/marketing_messages", governortest.KindMarketing},
		{"/v25.0/" + number + "/Messages", governortest.KindOther},
		{"/v25.0/" + number + "/messages/more", governortest.KindOther},
	} {
		t.Run(row.path, func(t *testing.T) {
			t.Parallel()
			api := governortest.NewPlatform(t, governortest.PlatformConfig{})
			r := do(t, api, http.MethodPost, row.path, "application/json", template(alice))
			require.Equal(t, http.StatusOK, r.status)
			require.Equal(t, row.kind, api.Requests()[0].Kind)
			require.Equal(t, row.path, api.Requests()[0].URI)
		})
	}
}

func TestASendToNowhereIsRefused(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Numbers: []governortest.PlatformNumber{{ID: number}}})
	for _, path := range []string{"/", "/messages", "/v25.0/messages", "/v25.0/a/b/messages", "/v25.0/" + another + "/messages"} {
		r := do(t, api, http.MethodPost, path, "application/json", template(alice))
		require.Equal(t, http.StatusBadRequest, r.status, path)
		require.Equal(t, 100, r.code, path)
		require.Equal(t, 33, r.body.Error.Subcode, path)
	}
	require.Equal(t, 100, do(t, api, http.MethodGet, "/v25.0/"+number+"/messages", "", "").code)
	require.Empty(t, api.Accepted())
	require.Zero(t, api.Used(another))
}

func TestOtherRequestsPassAndAreKeptByteForByte(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	body := "\x00\xff not { JSON \r\n"
	r := do(t, api, http.MethodPost, "/v25.0/"+number+"/media?x=1&y=%20", "image/png", body)
	require.Equal(t, http.StatusOK, r.status)
	require.True(t, r.body.Success)

	require.Len(t, api.Requests(), 1)
	got := api.Requests()[0]
	require.Equal(t, governortest.KindOther, got.Kind)
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, "/v25.0/"+number+"/media?x=1&y=%20", got.URI)
	require.Equal(t, "image/png", got.Header.Get("Content-Type"))
	require.Equal(t, body, string(got.Body))
	require.Equal(t, http.StatusOK, got.Status)
	require.Equal(t, t0, got.At)
	require.Empty(t, api.Messages())
}

func TestWhatIsHandedOutIsACopy(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	send(t, api, number, template(alice))
	api.Messages()[0].To = ""
	api.Requests()[0].Body[0] = 'X'
	api.Requests()[0].Header.Set("Content-Type", "none")
	require.Equal(t, alice, api.Messages()[0].To)
	require.Equal(t, template(alice), string(api.Requests()[0].Body))
	require.Equal(t, "application/json", api.Requests()[0].Header.Get("Content-Type"))
}

func TestATransportLeadsEveryHostHereAndLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	const address = "https://graph.facebook.com/v25.0/" + number + "/messages"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(template(alice)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := api.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Same(t, req, res.Request)
	require.Equal(t, address, req.URL.String())
	require.Equal(t, "graph.facebook.com", api.Requests()[0].Host)
	require.Len(t, api.Accepted(), 1)
}

func TestATransportKeepsAHostThatOnlyTheAddressNames(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	address, err := url.Parse("https://graph.facebook.com/" + number)
	require.NoError(t, err)
	req := (&http.Request{Method: http.MethodGet, URL: address, Header: http.Header{}}).WithContext(t.Context())
	res, err := api.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "graph.facebook.com", api.Requests()[0].Host)
}

func TestABodyThatBreaksOffSendsNothing(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	broken := io.MultiReader(strings.NewReader(template(alice)), iotest.ErrReader(io.ErrUnexpectedEOF))
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+number+"/messages", broken))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `"code":100`)
	require.Empty(t, api.Messages())
}

func TestAPlatformTakesTheClockItIsGiven(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	require.Same(t, clock, governortest.NewPlatform(t, governortest.PlatformConfig{Clock: clock}).Clock())

	foreign := standing{t0.Add(time.Hour)}
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Clock: foreign})
	require.Nil(t, api.Clock())
	send(t, api, number, template(alice))
	require.Equal(t, foreign.at, api.Messages()[0].At)
}

// standing is a clock of another kind.
type standing struct{ at time.Time }

func (s standing) Now() time.Time { return s.at }

func TestEveryFaultOfAConfigIsReported(t *testing.T) {
	t.Parallel()
	_, err := governortest.StartPlatform(governortest.PlatformConfig{
		Limit: -1, Throughput: -1,
		Numbers:   []governortest.PlatformNumber{{}, {ID: "a/b"}, {ID: "1"}, {ID: "1"}, {ID: "2", Throughput: -1}},
		Templates: []governortest.PlatformTemplate{{Name: "a"}, {Language: "en"}},
	})
	for _, want := range []string{
		"Limit: -1", "Throughput: -1", "Numbers[0].ID", "Numbers[1].ID", `Numbers[3].ID: "1" is there already`,
		"Numbers[4].Throughput", "Templates[0]", "Templates[1]",
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "Numbers[2]")
}

func TestAFaultyConfigFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	require.Nil(t, governortest.NewPlatform(tb, governortest.PlatformConfig{Limit: -1}))
	require.Equal(t, "governortest: Limit: -1, want 0 or more", tb.fatal)
	require.Empty(t, tb.cleanups)
}

func TestAPlatformClosesWithItsTestAndMayBeClosedTwice(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	api := governortest.NewPlatform(tb, governortest.PlatformConfig{})
	require.Len(t, tb.cleanups, 1)
	require.Equal(t, http.StatusOK, send(t, api, number, template(alice)).status)
	tb.cleanups[0]()
	api.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.URL()+"/"+number, http.NoBody)
	require.NoError(t, err)
	res, err := api.Transport().RoundTrip(req)
	if err == nil {
		require.NoError(t, res.Body.Close())
	}
	require.Error(t, err)
	require.Len(t, api.Accepted(), 1, "the books stay open to read")
}

// fakeTB is a test that notes what becomes of it.
type fakeTB struct {
	cleanups []func()
	fatal    string
}

func (f *fakeTB) Helper()                           {}
func (f *fakeTB) Cleanup(fn func())                 { f.cleanups = append(f.cleanups, fn) }
func (f *fakeTB) Fatalf(format string, args ...any) { f.fatal = fmt.Sprintf(format, args...) }

func TestThePlatformServesInABubbleWithoutANetwork(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	synctest.Test(t, func(t *testing.T) {
		serve := func() int {
			req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/v25.0/"+number+"/messages",
				strings.NewReader(template(alice)))
			w := httptest.NewRecorder()
			api.ServeHTTP(w, req)
			return w.Code
		}
		require.Equal(t, http.StatusOK, serve())
		api.DropNext()
		require.Equal(t, http.StatusGatewayTimeout, serve(), "no connection to cut")
	})
	require.Len(t, api.Accepted(), 2)
}

func TestManySendersAtOnceAreEachCountedOnce(t *testing.T) {
	t.Parallel()
	const senders, each, limit = 8, 25, 60
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: limit, Throughput: 10_000})
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				r := send(t, api, number, template(fmt.Sprintf("1650556%04d", s*each+i)))
				assert.Contains(t, []int{0, 131048}, r.code)
				api.Inbound(number, alice)
				assert.LessOrEqual(t, api.Used(number), limit)
			}
		})
	}
	wg.Wait()
	require.Len(t, api.Accepted(), limit)
	require.Len(t, api.Rejected(), senders*each-limit)
	require.Equal(t, limit, api.MaxUsed())
	require.Equal(t, limit, api.Unique())
}

func TestThePackageDependsOnNothingItTests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("platform*.go")
	require.NoError(t, err)
	read := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		read++
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range parsed.Imports {
			require.NotContains(t, imported.Path.Value, ".", "%s imports more than the standard library", file)
		}
	}
	require.Positive(t, read)
}
