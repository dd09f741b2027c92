package governorhttp_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
)

func TestARejectionGivesTheSlotBackAndIsLearnedFrom(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	f.api.FailNext(131026, 0)
	got := f.passes(template(alice))
	require.Equal(t, http.StatusBadRequest, got.status)
	require.Contains(t, got.text, `"code":131026`)
	require.Zero(t, f.used())

	f.api.FailNext(131048, 0)
	require.Equal(t, http.StatusBadRequest, f.passes(template(alice)).status)
	require.Zero(t, f.used())
	f.refused(template(bob), governor.ErrRestricted)

	f.opens(alice)
	f.api.FailNext(131047, 0)
	require.Equal(t, http.StatusBadRequest, f.passes(text(alice)).status)
	f.refused(text(alice), governor.ErrWindowClosed)
}

func TestOnlyWhatWasCertainlyNotSentGivesItsSlotBack(t *testing.T) {
	t.Parallel()
	refusal := func(code int) string { return fmt.Sprintf(`{"error":{"message":"x","code":%d}}`, code) }
	gzipped := http.Header{"Content-Encoding": {"gzip"}}
	for _, row := range []struct {
		name string
		base http.RoundTripper
		keep bool
	}{
		{"accepted", answers(200, nil, countedBody(payloadOK)), true},
		{"accepted without a word", answers(200, nil, http.NoBody), true},
		{"accepted without a body", answers(200, nil, nil), true},
		{"accepted, no JSON", answers(202, nil, countedBody("<html>")), true},
		{"accepted, encoded", answers(200, gzipped, countedBody("\x1f\x8b")), true},
		{"refused under 200", answers(200, nil, countedBody(refusal(131026))), false},
		{"refused under 400", answers(400, nil, countedBody(refusal(100))), false},
		{"refused under 429", answers(429, nil, countedBody(refusal(130429))), false},
		{"refused under 500", answers(500, nil, countedBody(refusal(131057))), false},
		{"something went wrong", answers(500, nil, countedBody(refusal(131000))), true},
		{"a code that nobody knows", answers(400, nil, countedBody(refusal(999999))), true},
		{"400 without a code", answers(400, nil, countedBody(`{"error":"no"}`)), true},
		{"403 of something in between", answers(403, nil, countedBody("<html>")), true},
		{"502 without a body", answers(502, nil, http.NoBody), true},
		{"refused, encoded", answers(400, gzipped, countedBody(refusal(100))), true},
		{"refused, identity", answers(400, http.Header{"Content-Encoding": {"identity"}}, countedBody(refusal(100))), false},
		{"a redirect", answers(308, http.Header{"Location": {"/"}}, http.NoBody), true},
		{"another protocol", answers(101, nil, countedBody("")), true},
		{"a denial of another transport", answers(429, http.Header{governorhttp.ReasonHeader: {"tier_limit"}}, countedBody(refusal(131048))), false},
		{"neither answer nor error", baseFunc(func(*http.Request) (*http.Response, error) { return nil, nil }), true},

		{"an error", fails(io.ErrUnexpectedEOF), true},
		{"a time-out", fails(context.DeadlineExceeded), true},
		{"a reset", fails(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), true},
		{"no connection", fails(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), false},
		{"no connection, wrapped", fails(fmt.Errorf("base: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})), false},
		{"no connection beyond a proxy", fails(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}), false},
		{"no connection beyond a SOCKS proxy", fails(&net.OpError{Op: "socks connect", Err: syscall.ECONNREFUSED}), false},
		{"a certificate that is not good", fails(&tls.CertificateVerificationError{Err: io.EOF}), false},
		{"a Base that knows better", fails(fmt.Errorf("breaker open: %w", governor.ErrNotSent)), false},
		{"another transport that denies", fails(&governor.DeniedError{}), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.transport.Base = row.base
			got, err := f.trip(newPost(t, messages, jsonType, template(alice)))
			want, wantErr := take(row.base.RoundTrip(newPost(t, messages, jsonType, "")))
			require.Equal(t, wantErr, err, "the very error of Base")
			require.Equal(t, want.status, got.status)
			require.Equal(t, row.keep, f.used() == 1)
		})
	}
}

const payloadOK = `{"messaging_product":"whatsapp","contacts":[{"input":"` + alice + `","wa_id":"` + alice + `"}],"messages":[{"id":"wamid.1"}]}`

func TestNothingIsLearnedFromAnotherTransportsDenial(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	full := newFixture(t, 1)
	full.passes(template(carol))
	full.transport.Synthetic429 = true
	f.transport.Base = full.transport
	require.Equal(t, http.StatusTooManyRequests, f.passes(template(alice)).status)
	f.transport.Base = f.spy
	require.Equal(t, http.StatusOK, f.passes(template(alice)).status)
}

func TestAReplayedRequestProvesNothingByItsLastError(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		f := newFixture(t, 1)
		f.transport.Base = fails(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
		req := newPost(t, messages, jsonType, template(alice))
		req.Header.Set(name, "1")
		_, err := f.do(req)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.Equal(t, 1, f.used(), "net/http sends it again when a connection breaks")
	}
}

func TestAServerThatDoesNotListenCostsNoSlot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.transport.Base = nil
	req := newPost(t, messages, jsonType, template(alice))
	req.URL.Scheme, req.URL.Host = "http", "127.0.0.1:1" // which no system gives to anybody who asks for a port
	_, err := f.do(req)
	var refused *net.OpError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "dial", refused.Op)
	require.Zero(t, f.used())
}

func TestALostAnswerKeepsTheSlot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.api.DropNext()
	_, err := f.post(messages, jsonType, template(alice))
	require.Error(t, err)
	require.NotErrorIs(t, err, governor.ErrNotSent)
	require.Equal(t, 1, f.used())
	require.Equal(t, 1, f.api.Used(number), "it was delivered")
	f.refused(template(bob), governor.ErrTierLimit)
}

func TestASentMessageIsNeverTurnedIntoAnError(t *testing.T) {
	t.Parallel()
	f := newFixtureOn(t, 1, failing(errors.New("down"), "Settle"))
	got := f.passes(template(alice))
	require.Equal(t, http.StatusOK, got.status)
	require.Contains(t, got.text, "wamid.")
	require.Equal(t, []governor.NoticeKind{governor.NoticeNearLimit, governor.NoticeStoreDown, governor.NoticeStoreFailed}, f.told())
	require.Equal(t, 1, f.used())

	f.opens(alice)
	f.transport.Governor = newFixtureOn(t, 1, failing(errors.New("down"), "Admit", "Usage")).gov
	require.Equal(t, http.StatusOK, f.passes(text(alice)).status, "a reply passes while the store is down")
}

func TestTheAnswerTellsTheMessageAndTheRecipient(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	said := func(contact, id string) baseFunc {
		return answers(http.StatusOK, nil, countedBody(`{"contacts":[{`+contact+`}],"messages":[{"id":"`+id+`"}]}`))
	}
	failed := func(id string) {
		f.observe(governor.MessageStatus{Number: number, MessageID: id, Status: governor.Failed})
	}
	const brazil, brazilKnownAs = "5511987654321", "551187654321"
	f.transport.Base = said(`"input":"`+brazil+`","wa_id":"`+brazilKnownAs+`"`, "wamid.1")
	f.passes(template(brazil))
	f.transport.Base = said(`"wa_id":"`+brazilKnownAs+`"`, "wamid.2")
	f.passes(template(brazilKnownAs))
	require.Equal(t, 1, f.used(), "the same person by another spelling")

	const userID = "US.13491208655302741918"
	f.transport.Base = said(`"user_id":"`+userID+`"`, "wamid.3")
	f.passes(template(carol))
	f.transport.Base = said(`"user_id":"`+userID+`"`, "wamid.4")
	f.passes(payload(t, "send_template_bsuid_recipient.json"))
	require.Equal(t, 2, f.used(), "the same person by user ID")

	for _, id := range []string{"wamid.1", "wamid.2", "wamid.3"} {
		failed(id)
	}
	require.Equal(t, 1, f.used(), "the ids are those that statuses name")
	failed("wamid.4")
	require.Zero(t, f.used())
}

func TestTheResponseStaysAsItWas(t *testing.T) {
	t.Parallel()
	long := `{"messages":[{"id":"wamid.L"}],"x":"` + strings.Repeat("x", 3<<20) + `"}`
	fault := errors.New("cut off")
	for _, row := range []struct {
		name string
		body string
		end  error
	}{
		{"accepted", payloadOK, io.EOF},
		{"empty", "", io.EOF},
		{"longer than is read ahead", long, io.EOF},
		{"just as long as is read ahead", long[:1<<20], io.EOF},
		{"one byte longer", long[:1<<20+1], io.EOF},
		{"cut off", payloadOK[:40], fault},
		{"cut off at once", "", fault},
		{"cut off far out", long[:2<<20], fault},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			body := &counted{Reader: io.MultiReader(strings.NewReader(row.body), readerFunc(func([]byte) (int, error) { return 0, row.end }))}
			header := http.Header{"X-Own": {"kept"}, "Content-Length": {"7"}}
			f.transport.Base = answers(http.StatusOK, header.Clone(), body)
			res, err := f.transport.RoundTrip(newPost(t, messages, jsonType, template(alice)))
			require.NoError(t, err)
			require.Equal(t, header, res.Header)
			require.EqualValues(t, -1, res.ContentLength)
			require.Equal(t, 1, f.used())

			got, err := io.ReadAll(res.Body)
			if errors.Is(row.end, io.EOF) {
				require.NoError(t, err)
			} else {
				require.Equal(t, row.end, err)
			}
			require.Equal(t, len(row.body), len(got))
			require.True(t, row.body == string(got))
			require.Zero(t, body.closed())
			require.NoError(t, res.Body.Close())
			require.NoError(t, res.Body.Close())
			require.Equal(t, 1, body.closed())
		})
	}
}

func TestAnAnswerThatNeverComesEndsWithTheContext(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	pipe, feed := io.Pipe()
	body := &counted{Reader: pipe}
	f.transport.Base = answers(http.StatusOK, nil, body)
	go func() {
		_, _ = io.WriteString(feed, `{"messages`)
		cancel()
	}()
	got, err := f.trip(newPost(t, messages, jsonType, template(alice)).WithContext(ctx))
	require.NoError(t, err)
	require.Equal(t, `{"messages`, got.text)
	require.Equal(t, context.Canceled, got.bodyErr)
	require.Equal(t, 1, body.closed())
	require.Equal(t, 1, f.used())
}

func TestABodyThatIsNoAnswerIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status int
		header http.Header
	}{
		{http.StatusSwitchingProtocols, nil},
		{http.StatusOK, http.Header{"Content-Encoding": {"br"}}},
	} {
		f := newFixture(t, 1)
		body := countedBody("raw")
		f.transport.Base = answers(row.status, row.header, body)
		res, err := f.transport.RoundTrip(newPost(t, messages, jsonType, template(alice)))
		require.NoError(t, err)
		require.Same(t, body, res.Body)
		require.NoError(t, res.Body.Close())
	}
}

func TestAnAnswerOfAnyClaimedLengthIsRead(t *testing.T) {
	t.Parallel()
	for _, length := range []int64{-1, 0, 1, int64(len(payloadOK)), 1 << 40, 1<<63 - 1} {
		f := newFixture(t, 1)
		f.transport.Base = baseFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: countedBody(payloadOK), ContentLength: length}, nil
		})
		require.Equal(t, payloadOK, f.passes(template(alice)).text)
		f.observe(governor.MessageStatus{Number: number, MessageID: "wamid.1", Status: governor.Failed})
		require.Zero(t, f.used(), "its id was read")
	}
}

func TestACompressedAnswerIsLearnedFromAndHandedOnAsItCame(t *testing.T) {
	t.Parallel()
	for _, accepts := range []string{"", "gzip"} { // net/http unpacks what it asked for itself
		f := newFixture(t, 1)
		answer, status := payloadOK, http.StatusOK
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			_, err := io.WriteString(w, packed(t, answer))
			assert.NoError(t, err)
		}))
		defer server.Close()
		f.transport.Base = server.Client().Transport
		post := func() {
			req := newPost(t, messages, jsonType, template(alice))
			req.URL.Scheme, req.URL.Host = "http", server.Listener.Addr().String()
			want := answer
			if accepts != "" {
				req.Header.Set("Accept-Encoding", accepts)
				want = packed(t, answer)
			}
			got, err := f.do(req)
			require.NoError(t, err)
			require.Equal(t, want, got.text)
		}
		post()
		require.Equal(t, 1, f.used())
		f.observe(governor.MessageStatus{Number: number, MessageID: "wamid.1", Status: governor.Failed})
		require.Zero(t, f.used(), "its id was read")

		answer, status = `{"error":{"message":"x","code":131026}}`, http.StatusBadRequest
		post()
		require.Zero(t, f.used(), "its code was read")
	}
}

func TestACompressedAnswerThatCannotBeReadTeachesNothing(t *testing.T) {
	t.Parallel()
	refusal := `{"error":{"message":"x","code":131026}}`
	whole := packed(t, refusal)
	for _, body := range []string{
		refusal, whole[:len(whole)-1], whole + "x", packed(t, refusal+strings.Repeat(" ", 1<<20)), // a bomb
	} {
		f := newFixture(t, 1)
		f.transport.Base = answers(http.StatusBadRequest, http.Header{"Content-Encoding": {"GZIP"}}, countedBody(body))
		require.Equal(t, body, f.passes(template(alice)).text)
		require.Equal(t, 1, f.used())
	}
}

func packed(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, s)
	assert.NoError(t, err)
	assert.NoError(t, w.Close())
	return b.String()
}

func TestARedirectedSendTakesOneSlot(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{2, 1} {
		f := newFixture(t, 2)
		if limit == 1 {
			f.passes(template(carol))
		}
		f.transport.Base = baseFunc(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == messages {
				return answers(http.StatusTemporaryRedirect, http.Header{"Location": {"/v26.0/" + number + "/messages"}}, http.NoBody)(req)
			}
			return f.spy.RoundTrip(req)
		})
		got, err := f.post(messages, jsonType, template(alice))
		if limit == 1 {
			require.ErrorIs(t, err, governor.ErrTierLimit, "the first try may have been sent")
			require.Equal(t, 2, f.used())
			continue
		}
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, template(alice), string(f.api.Requests()[0].Body))
		require.Equal(t, 1, f.used())
	}
}

func TestTheSlotCountsFromTheAnswer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{payloadOK, "<html>"} {
		f := newFixture(t, 1)
		f.transport.Base = baseFunc(func(req *http.Request) (*http.Response, error) {
			f.clock.Advance(time.Minute)
			return answers(http.StatusOK, nil, countedBody(answer))(req)
		})
		f.passes(template(alice))
		sent := f.clock.Now()
		f.transport.Base = f.spy
		f.clock.Set(sent.Add(24*time.Hour - 1))
		f.refused(template(bob), governor.ErrTierLimit)
		f.clock.Set(sent.Add(24 * time.Hour))
		require.Equal(t, http.StatusOK, f.passes(template(bob)).status)
	}
}

func TestAnAnswerIsNotReadWithoutEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	read := 0
	body := &counted{Reader: readerFunc(func(p []byte) (int, error) {
		read += len(p)
		return len(p), nil
	})}
	f.transport.Base = answers(http.StatusOK, nil, body)
	res, err := f.transport.RoundTrip(newPost(t, messages, jsonType, template(alice)))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.LessOrEqual(t, read, 1<<20+1)
	require.Equal(t, 1, f.used())
}
