package governorhttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/storetest"
)

// bodied returns a POST with that body, whose length is known to nobody.
func bodied(t *testing.T, path string, body io.ReadCloser) *http.Request {
	t.Helper()
	req := newPost(t, path, jsonType, "")
	req.Body, req.GetBody, req.ContentLength = body, nil, -1
	return req
}

func TestTheBodyIsClosedExactlyOnceOnEveryPath(t *testing.T) {
	t.Parallel()
	fault := errors.New("broken")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, row := range []struct {
		name    string
		path    string
		body    string
		prepare func(f *fixture)
		change  func(*http.Request) *http.Request
		fails   bool
	}{
		{name: "an accepted send"},
		{name: "a receipt", body: receipt},
		{name: "another product's send", body: messenger},
		{name: "no send", path: media},
		{name: "a batch that passes", path: "/", body: "{}"},
		{name: "a batch that is refused", path: "/", body: `{"batch":[{"relative_url":"` + number + `/messages"}]}`, fails: true},
		{name: "a denial", prepare: func(f *fixture) { f.passes(template(bob)) }, fails: true},
		{name: "a synthetic denial", prepare: func(f *fixture) {
			f.passes(template(bob))
			f.transport.Synthetic429 = true
		}},
		{name: "no governor", prepare: func(f *fixture) { f.transport.Governor = nil }, fails: true},
		{name: "an unreadable send", body: "{", fails: true},
		{name: "a query that cannot be told from the body", path: messages + "?to=1", fails: true},
		{name: "an encoded body", change: func(r *http.Request) *http.Request {
			r.Header.Set("Content-Encoding", "gzip")
			return r
		}, fails: true},
		{name: "a body that is too long", prepare: func(f *fixture) { f.transport.MaxBody = 10 }, fails: true},
		{name: "nobody to send to", body: template("12"), fails: true},
		{name: "a rejection", prepare: func(f *fixture) { f.api.FailNext(131026, 0) }},
		{name: "a Base that fails", prepare: func(f *fixture) { f.transport.Base = fails(fault) }, fails: true},
		{name: "a cancelled context", change: func(r *http.Request) *http.Request { return r.WithContext(cancelled) }, fails: true},
		{name: "a store that fails", prepare: func(f *fixture) {
			f.transport.Governor = newFixtureOn(f.t, 1, failing(fault, "Admit")).gov
		}, fails: true},
	} {
		for _, copies := range []bool{true, false} {
			t.Run(row.name+map[bool]string{true: ", with GetBody", false: ", without"}[copies], func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, 1)
				f.transport.Base = closing{f.api.Transport()}
				if row.prepare != nil {
					row.prepare(f)
				}
				path, content := row.path, row.body
				if path == "" {
					path = messages
				}
				if content == "" {
					content = template(alice)
				}
				body := countedBody(content)
				req := bodied(t, path, body)
				if copies {
					req.ContentLength = int64(len(content))
					req.GetBody = neverAsked(t)
				}
				if row.change != nil {
					req = row.change(req)
				}
				_, err := f.trip(req)
				require.Equal(t, row.fails, err != nil, "%v", err)
				require.Equal(t, 1, body.closed())
			})
		}
	}
}

// neverAsked is a GetBody that nobody may believe.
func neverAsked(t *testing.T) func() (io.ReadCloser, error) {
	t.Helper()
	return func() (io.ReadCloser, error) {
		assert.Fail(t, "the caller's GetBody was asked")
		return http.NoBody, nil
	}
}

// closing is a Base that reads the body to its end and closes it before it
// returns; net/http may do so later.
type closing struct{ base http.RoundTripper }

func (c closing) RoundTrip(req *http.Request) (*http.Response, error) {
	content, err := io.ReadAll(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	carried := req.Clone(req.Context())
	carried.Body, carried.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
	return c.base.RoundTrip(carried)
}

func TestAPanicBeforeBaseHasTheRequestClosesItsBody(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		body    io.Reader
		prepare func(*fixture)
	}{
		{"in Describe", strings.NewReader(template(alice)), func(f *fixture) {
			f.transport.Describe = func(*http.Request, *governor.Message) { panic("ours") }
		}},
		{"in the body", readerFunc(func([]byte) (int, error) { panic("ours") }), func(*fixture) {}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			row.prepare(f)
			body := &counted{Reader: row.body}
			require.PanicsWithValue(t, "ours", func() {
				_, _ = f.trip(bodied(t, messages, body))
			})
			require.Equal(t, 1, body.closed())
			require.Zero(t, f.used())
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAPanicInBaseKeepsTheSlot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.transport.Base = baseFunc(func(*http.Request) (*http.Response, error) { panic("theirs") })
	require.PanicsWithValue(t, "theirs", func() {
		_, _ = f.trip(newPost(t, messages, jsonType, template(alice)))
	})
	require.Equal(t, 1, f.used(), "nobody knows how far it got")
}

func TestTheRequestIsHandedOnUntouched(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	req := newPost(t, messages, jsonType, template(alice))
	before := req.Clone(req.Context())
	body := req.Body
	_, err := f.do(req)
	require.NoError(t, err)

	require.Equal(t, before.Header, req.Header)
	require.Equal(t, before.URL, req.URL)
	require.Equal(t, before.ContentLength, req.ContentLength)
	require.True(t, body == req.Body)

	streamed := bodied(t, messages, io.NopCloser(strings.NewReader(template(alice))))
	body = streamed.Body
	_, err = f.trip(streamed)
	require.NoError(t, err)
	require.NotSame(t, streamed, f.spy.last())
	require.True(t, body == streamed.Body, "the caller's request still has the caller's body")
}

func TestTheBytesOnTheWireAreThoseOfTheCaller(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*http.Request)
	}{
		{"a body that can be copied", func(*http.Request) {}},
		{"a body of known length", func(r *http.Request) { r.GetBody = nil }},
		{"a body of unknown length", func(r *http.Request) { r.GetBody, r.ContentLength = nil, -1 }},
		{"a body of unknown length that can be copied", func(r *http.Request) { r.ContentLength = -1 }},
		{"a body without any length", func(r *http.Request) { r.GetBody, r.ContentLength = nil, 0 }},
		{"a trailer", func(r *http.Request) {
			r.GetBody, r.ContentLength = nil, -1
			r.Trailer = http.Header{"X-Sum": {"1"}}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 10)
			wire := func(over func(http.RoundTripper) http.RoundTripper) string {
				var sent bytes.Buffer
				base := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go serveOnce(t, server, &sent)
					return client, nil
				}}
				defer base.CloseIdleConnections()
				req := newPost(t, messages, jsonType, template(alice))
				req.URL.Scheme = "http"
				row.change(req)
				got, err := take(over(base).RoundTrip(req))
				require.NoError(t, err)
				require.Equal(t, "{}", got.text)
				return sent.String()
			}
			bare := wire(func(base http.RoundTripper) http.RoundTripper { return base })
			require.Contains(t, bare, alice)
			require.Equal(t, bare, wire(func(base http.RoundTripper) http.RoundTripper {
				f.transport.Base = base
				return f.transport
			}))
			require.Equal(t, 1, f.used())
		})
	}
}

// serveOnce answers one request and keeps its bytes.
func serveOnce(t *testing.T, conn net.Conn, sent io.Writer) {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, sent)))
	if !assert.NoError(t, err) {
		return
	}
	_, err = io.Copy(io.Discard, req.Body)
	assert.NoError(t, err)
	_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
	assert.NoError(t, err)
}

func TestALongBodyIsRefused(t *testing.T) {
	t.Parallel()
	body := template(alice)
	for _, row := range []struct {
		name   string
		limit  int64
		known  bool
		passes bool
	}{
		{"of just the length, known", int64(len(body)), true, true},
		{"of just the length, unknown", int64(len(body)), false, true},
		{"too long, known", int64(len(body)) - 1, true, false},
		{"too long, unknown", int64(len(body)) - 1, false, false},
		{"no limit to speak of", 1<<63 - 1, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.transport.MaxBody = row.limit
			req := bodied(t, messages, io.NopCloser(strings.NewReader(body)))
			if row.known {
				req.ContentLength = int64(len(body))
			}
			_, err := f.do(req)
			if row.passes {
				require.NoError(t, err)
				require.Equal(t, body, string(f.api.Requests()[0].Body))
				return
			}
			require.ErrorIs(t, err, governor.ErrInvalid)
			require.ErrorIs(t, err, cloudapi.ErrUnreadable)
			require.Zero(t, f.spy.calls())
		})
	}
}

func TestABodyThatIsTooLongByItsOwnWordIsNotRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	req := bodied(t, messages, io.NopCloser(readerFunc(func([]byte) (int, error) {
		assert.Fail(t, "read")
		return 0, io.EOF
	})))
	req.ContentLength = 1<<20 + 1
	_, err := f.do(req)
	require.ErrorIs(t, err, cloudapi.ErrUnreadable)
}

func TestABodyThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	fault := errors.New("broken")
	f := newFixture(t, 1)
	_, err := f.do(bodied(t, messages, io.NopCloser(io.MultiReader(strings.NewReader("{"), readerFunc(func([]byte) (int, error) { return 0, fault })))))
	require.ErrorIs(t, err, fault)
	require.ErrorIs(t, err, cloudapi.ErrUnreadable)
	require.ErrorIs(t, err, governor.ErrInvalid)
	require.Zero(t, f.spy.calls())
}

func TestABodyOfAnotherLengthThanAnnouncedIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	for _, announced := range []int{len(template(alice)) - 1, len(template(alice)) + 1} {
		req := newPost(t, messages, jsonType, template(alice))
		req.ContentLength = int64(announced)
		_, err := f.do(req)
		require.ErrorIs(t, err, cloudapi.ErrUnreadable)
		require.ErrorIs(t, err, governor.ErrInvalid)
	}
	require.Zero(t, f.spy.calls())
}

func TestAForgottenGetBodyIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, forgotten := range []string{template(alice), text(alice)} { // of the same length, and not
		f := newFixture(t, 2)
		f.passes(template(alice))
		// A middleware has made another message of it.
		req := newPost(t, messages, jsonType, forgotten)
		req.Body = io.NopCloser(strings.NewReader(template(bob)))
		req.ContentLength = int64(len(template(bob)))
		_, err := f.trip(req)
		require.NoError(t, err)
		require.Equal(t, 2, f.used(), "what is sent is what counts")
		require.Equal(t, template(bob), string(f.api.Requests()[1].Body))
		for range 2 {
			again, err := f.spy.last().GetBody()
			require.NoError(t, err)
			body, err := io.ReadAll(again)
			require.NoError(t, err)
			require.Equal(t, template(bob), string(body), "Base must not send what was not asked for")
		}
	}
}

func TestBaseCanRepeatWhatItCouldRepeatBefore(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	_, err := f.trip(newPost(t, messages, jsonType, template(alice)))
	require.NoError(t, err)
	require.NotNil(t, f.spy.last().GetBody)
	_, err = f.trip(bodied(t, messages, io.NopCloser(strings.NewReader(template(alice)))))
	require.NoError(t, err)
	require.Nil(t, f.spy.last().GetBody)
}

func TestABodyThatNeverComesEndsWithTheContext(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	pipe, feed := io.Pipe()
	body := &counted{Reader: pipe}
	go func() {
		_, _ = io.WriteString(feed, "{")
		cancel()
	}()
	_, err := f.trip(bodied(t, messages, body).WithContext(ctx))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, body.closed())
	require.Zero(t, f.spy.calls())
}

func TestWhoeverHasGivenUpIsToldSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	store := &storetest.Faulty{Store: memstore.New()}
	store.Set(func(_ context.Context, verb string, apply func() error) error {
		err := apply()
		if verb == "Admit" {
			cancel()
		}
		return err
	})
	f := newFixtureOn(t, 1, store)
	req := newPost(t, messages, jsonType, template(alice)).WithContext(ctx)
	_, err := f.trip(req)
	require.Equal(t, context.Canceled, err)
	require.Zero(t, f.spy.calls())
	require.Zero(t, f.used(), "nothing was sent, so the slot is free again")

	f.passes(template(alice))
	f.transport.Synthetic429 = true
	_, err = f.trip(req)
	require.Equal(t, context.Canceled, err)
}

func TestTheZeroTransportPassesWhatIsNoSend(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	client := &http.Client{Transport: &governorhttp.Transport{}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.api.URL()+"/v25.0/"+number, http.NoBody)
	require.NoError(t, err)
	got, err := take(client.Do(req))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.status)

	_, err = take(client.Do(newPost(t, messages, jsonType, template(alice))))
	require.ErrorIs(t, err, governor.ErrInvalid)
}
