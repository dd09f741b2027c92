package governorhttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/quality"
)

// pollErrors takes a joined error apart.
func pollErrors(err error) []*governorhttp.PollError {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return nil
	}
	var found []*governorhttp.PollError
	for _, e := range joined.Unwrap() {
		var fault *governorhttp.PollError
		if errors.As(e, &fault) {
			found = append(found, fault)
		}
	}
	return found
}

func TestAPollerSaysAllThatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	err := (&governorhttp.Poller{}).Validate()
	require.ErrorIs(t, err, governor.ErrInvalid)
	require.ErrorContains(t, err, "Poller.Governor is nil")
	require.ErrorContains(t, err, "Poller.WABAs is empty")

	p := newPolled(t).poller
	p.WABAs, p.Numbers = []string{"1", "..", "1"}, []string{"", "a/b", strings.Repeat("1", 65), "?x"}
	p.Token, p.BaseURL, p.Budget, p.Interval = "two words", "graph.facebook.com", 5001, 25*time.Hour
	err = p.Validate()
	for _, want := range []string{
		"WABAs[1] has a character", `WABAs[2] is "1", as WABAs[0] is`, "Numbers[0] is empty", "Numbers[1] has a character",
		"Numbers[2] has 65", "Numbers[3] has a character", "Token has 9 characters", "BaseURL has 18", "Budget is 5001",
	} {
		require.ErrorContains(t, err, want)
	}
	assert.NotContains(t, err.Error(), "two words")
	assert.Equal(t, err, p.Poll(t.Context()))
	assert.Equal(t, err, p.Run(t.Context()))
	_, err = p.Accounts(t.Context())
	require.ErrorIs(t, err, governor.ErrInvalid)
	_, _, err = p.Portfolio(t.Context(), "..")
	require.ErrorIs(t, err, governor.ErrInvalid)
}

func TestAnIntervalLeavesARoundThreeRequestsPerWABA(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		budget   int
		interval time.Duration
		ok       bool
	}{
		{0, 108 * time.Second, true},
		{0, 108*time.Second - 1, false},
		{200, 54 * time.Second, true},
		{200, 54*time.Second - 1, false},
		{3, time.Hour, true},
		{3, 0, false},
		{2, time.Hour, false},
		{-1, time.Hour, false},
		{0, -time.Hour, false},
		{5000, 24 * time.Hour, true},
		{5000, 24*time.Hour + 1, false},
	} {
		p := newPolled(t).poller
		p.Budget, p.Interval = row.budget, row.interval
		assert.Equal(t, row.ok, p.Validate() == nil, "%d %v", row.budget, row.interval)
	}
}

func TestABaseURLIsAPlainAddress(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"":                                    true,
		"https://graph.facebook.com/v25.0/":   true,
		"http://127.0.0.1:8080":               true,
		"ftp://graph.facebook.com":            false,
		"https://":                            false,
		"https://me:secret@graph.example":     false,
		"https://graph.example?access_token=": false,
		"https://graph.example/#v24.0":        false,
		"https://graph.example/%":             false,
	} {
		p := newPolled(t).poller
		p.BaseURL = url
		assert.Equal(t, ok, p.Validate() == nil, url)
	}
}

func TestEachRequestAsksForNamedFieldsWithTheToken(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.BaseURL += "/"
	p.poll()
	require.Len(t, p.requests(""), 3)
	for _, a := range p.requests("") {
		assert.Equal(t, "Bearer "+token, a.header.Get("Authorization"))
		assert.NotEmpty(t, a.query.Get("fields"))
		assert.NotContains(t, a.query, "access_token")
	}
	assert.Contains(t, p.requests(waba)[0].query.Get("fields"), "owner_business_info")
	assert.Contains(t, p.requests(waba + "/phone_numbers")[0].query.Get("fields"), "whatsapp_business_manager_messaging_limit")
}

func TestAClientMayAddTheTokenItself(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Token = ""
	p.poller.Client = &http.Client{Transport: baseFunc(func(req *http.Request) (*http.Response, error) {
		assert.Empty(t, req.Header.Get("Authorization"))
		req = req.Clone(req.Context())
		req.Header.Set("Authorization", "Bearer other")
		return http.DefaultTransport.RoundTrip(req)
	})}
	p.poll()
	assert.Equal(t, "Bearer other", p.requests(waba)[0].header.Get("Authorization"))
}

func TestNoErrorHoldsTheToken(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(*polled){
		"the platform quotes it": func(p *polled) {
			p.does(waba, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":{"message":"Malformed access token ` + token + `","code":190}}`))
			})
		},
		"in another error": func(p *polled) {
			p.does(waba, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"error":{"message":"No right for EAAG-x","error_data":{"details":"Token ` + token + `"},"code":10}}`))
			})
		},
		"the network quotes it": func(p *polled) {
			p.poller.Client = &http.Client{Transport: baseFunc(func(req *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("sending %v", req.Header)
			})}
		},
		"the address is nobody's affair": func(p *polled) {
			p.poller.Client = &http.Client{Transport: fails(errors.New("refused"))}
		},
		"the address holds it": func(p *polled) {
			p.poller.Client = &http.Client{Transport: baseFunc(func(req *http.Request) (*http.Response, error) {
				req.URL.RawQuery += "&access_token=" + token
				return nil, errors.New("refused")
			})}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			broken(p)
			err := p.tryPoll()
			require.Error(t, err)
			assert.NotContains(t, err.Error(), p.server.URL)
			for _, fault := range pollErrors(err) {
				for e := error(fault); e != nil; e = errors.Unwrap(e) {
					assert.NotContains(t, fmt.Sprintf("%+v %#v", e, e), token)
				}
				var refusal *cloudapi.Error
				if errors.As(fault, &refusal) {
					assert.NotContains(t, fmt.Sprintf("%+v", *refusal), "0123456789")
					assert.NotContains(t, fmt.Sprintf("%+v", *refusal), "abcdef")
				}
			}
		})
	}
}

func TestAnotherHostIsNeverAsked(t *testing.T) {
	t.Parallel()
	var strangers atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		strangers.Add(1)
		_, _ = w.Write([]byte(nothing))
	}))
	t.Cleanup(stranger.Close)
	p := newPolled(t)
	p.does(waba, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, stranger.URL, http.StatusFound) })
	p.says(waba+"/phone_numbers", `{"data":[],"paging":{"cursors":{"after":"c2"},"next":"`+stranger.URL+`/v24.0/x?after=c2"}}`)
	err := p.tryPoll()
	require.ErrorContains(t, err, "HTTP 302")
	assert.Zero(t, strangers.Load())
	requests := p.requests(waba + "/phone_numbers")
	require.Len(t, requests, 2)
	assert.Equal(t, "c2", requests[1].query.Get("after"))
}

func TestOneFailingThingNeverStopsTheOthers(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]http.HandlerFunc{
		"500":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"not there":  func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusBadRequest, 100, 33) },
		"its token":  func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusUnauthorized, 190, 0) },
		"its budget": func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusBadRequest, 80007, 0) },
		"no JSON":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no end": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(nothing + strings.Repeat(" ", 5<<20)))
		},
		"an error in a 200": func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusOK, 1, 0) },
		"a cut line": func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); assert.NoError(t, err) {
				_ = conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.poller.WABAs = []string{secondWABA, waba}
			for _, path := range []string{secondWABA, secondWABA + "/phone_numbers", secondWABA + "/message_templates"} {
				p.does(path, failing)
			}
			p.lists(node(number, `"status":"BANNED"`))
			err := p.tryPoll()
			require.Error(t, err)
			for _, fault := range pollErrors(err) {
				assert.Equal(t, secondWABA, fault.WABA)
			}
			assert.Equal(t, quality.Banned, p.number(number).Health)
			assert.Equal(t, account, p.waba().Portfolio)
		})
	}
}

// An answer that does not come would else stop Run for good.
func TestAClientWithoutATimeoutGetsOne(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	client := &http.Client{Transport: baseFunc(func(req *http.Request) (*http.Response, error) {
		_, ok := req.Context().Deadline()
		assert.True(t, ok)
		return http.DefaultTransport.RoundTrip(req)
	})}
	p.poller.Client = client
	p.poll()
	assert.Zero(t, client.Timeout, "the caller's stays as it is")
	assert.Nil(t, client.CheckRedirect)
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.poller.OnError = func(context.Context, *governorhttp.PollError) { assert.Fail(t, "the end is no error") }
	p.does(waba, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	require.ErrorIs(t, p.poller.Run(ctx), context.Canceled)
	assert.Len(t, p.requests(""), 1)
	require.ErrorIs(t, p.poller.Poll(ctx), context.Canceled)
	assert.Len(t, p.requests(""), 1)
	p.says(waba, wabaOK)
	require.ErrorIs(t, p.run(time.Hour), context.Canceled)
}

func TestWhatFailsIsToldAndAPanicOfTheListenerStopsNothing(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.fails(waba, http.StatusInternalServerError, 2)
	told := 0
	p.poller.OnError = func(_ context.Context, err *governorhttp.PollError) {
		told++
		assert.Equal(t, "governorhttp: polling account of WABA "+waba+": cloudapi: error 2 API Service (HTTP 500)", err.Error())
		panic("mine")
	}
	require.Error(t, p.run(time.Hour))
	assert.Equal(t, len(p.requests(waba)), told, "what was not asked for is not told again")
	assert.Len(t, p.requests(waba+"/phone_numbers"), 13)
}

func TestPollSaysWhatItDidNotAskFor(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.fails(waba, http.StatusInternalServerError, 2)
	err := p.tryPoll()
	require.Error(t, err)
	require.NotErrorIs(t, err, governorhttp.ErrNotAsked)

	p.says(waba, wabaOK)
	err = p.tryPoll()
	require.ErrorIs(t, err, governorhttp.ErrNotAsked)
	var refusal *cloudapi.Error
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, 2, refusal.Code)
	assert.Contains(t, err.Error(), "until 2026-01-01T00:06:00Z")
	assert.Len(t, p.requests(waba), 1)

	p.clock.Advance(3 * time.Minute)
	p.poll()
	assert.Len(t, p.requests(waba), 2)
}

func TestAStoreThatFailsIsTold(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.lists(node(number, `"status":"CONNECTED"`))
	gov, err := governor.New(&down{}, governor.Config{Clock: p.clock})
	require.NoError(t, err)
	p.poller.Governor = gov
	err = p.tryPoll()
	require.ErrorIs(t, err, errDown)
	assert.NotEmpty(t, pollErrors(err))
	assert.Len(t, p.requests(""), 3, "the platform is not to blame")
	require.NotErrorIs(t, p.tryPoll(), governorhttp.ErrNotAsked)
}

var errDown = errors.New("down")

// down is a store that keeps nothing.
type down struct{ governor.Store }

func (*down) LoadState(context.Context, string) (governor.State, error) {
	return governor.State{}, errDown
}

func TestSeveralGoroutinesMayPoll(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Numbers = []string{number, secondNumber}
	p.lists(payload(t, "graph_phone_governor_poll.json"))
	done := make(chan error, 4)
	for range cap(done) {
		go func() { done <- p.poller.Poll(context.Background()) }()
	}
	for range cap(done) {
		err := <-done
		var refusal *cloudapi.Error
		if errors.As(err, &refusal) { // there is no second number
			assert.Equal(t, 100, refusal.Code)
		}
	}
	assert.Equal(t, quality.High, p.number(number).Rating)
}
