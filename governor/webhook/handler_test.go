package webhook_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
)

// heard is what a request brought to the handler behind.
type heard struct {
	method, uri string
	header      http.Header
	length      int64
	body        string
}

// listener keeps what it hears and answers with a status.
type listener struct {
	status int
	heard  []heard
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	l.heard = append(l.heard, heard{r.Method, r.URL.RequestURI(), r.Header.Clone(), r.ContentLength, string(body)})
	w.Header().Set("X-Answer", "mine")
	w.WriteHeader(l.status)
	_, _ = io.WriteString(w, "heard")
}

func TestTheHandshakeEchoesTheChallenge(t *testing.T) {
	t.Parallel()
	var vector struct {
		Request    string
		ResponseOK struct {
			Status int
			Body   string
		} `json:"response_ok"`
		ResponseBad struct{ Status int } `json:"response_bad_token"`
	}
	require.NoError(t, json.Unmarshal([]byte(payload(t, "wh_get_handshake")), &vector))
	next := &listener{status: http.StatusTeapot}
	f := newFixture(t, 1, func(f *fixture) { f.next = next })
	path := strings.TrimPrefix(vector.Request, "GET ")
	const challenge = "hub.challenge=1158201444"

	for _, c := range []struct {
		name, path, want string
		status           int
	}{
		{"as printed", path, vector.ResponseOK.Body, vector.ResponseOK.Status},
		{"markup is text", strings.Replace(path, "1158201444", "%3Cb%3E", 1), "<b>", http.StatusOK},
		{"another token", strings.Replace(path, token, "another", 1), "", vector.ResponseBad.Status},
		{"no token", "/webhook?hub.mode=subscribe&" + challenge, "", http.StatusForbidden},
		{"a longer token", path + "2", "", http.StatusForbidden},
		{"another mode", strings.Replace(path, "subscribe", "unsubscribe", 1), "", http.StatusForbidden},
		{"no challenge", strings.Replace(path, challenge, "", 1), "", http.StatusForbidden},
		{"nothing", "/webhook", "", http.StatusForbidden},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url+c.path, http.NoBody)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		answer, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, c.status, res.StatusCode, c.name)
		assert.Equal(t, "text/plain; charset=utf-8", res.Header.Get("Content-Type"), c.name)
		assert.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"), c.name)
		if c.status == http.StatusOK {
			assert.Equal(t, c.want, string(answer), c.name)
		} else {
			assert.NotContains(t, string(answer), "1158201444", c.name)
		}
	}
	assert.Empty(t, next.heard, "a handshake is no webhook")
}

func TestSignaturesAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			AppSecret string `json:"app_secret"`
			RawBody   string `json:"raw_body"`
			Signature string `json:"x_hub_signature_256"`
			Note      string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(payload(t, "wh_signature_vectors")), &file))
	require.NotEmpty(t, file.Vectors)
	f := newFixture(t, 1, nil)
	for _, v := range file.Vectors {
		require.Equal(t, secret, v.AppSecret)
		req, err := webhook.NewRequest(t.Context(), f.url, v.AppSecret, []byte(v.RawBody))
		require.NoError(t, err)
		assert.Equal(t, v.Signature, req.Header.Get("X-Hub-Signature-256"), v.Note)
		got, _ := f.do(req)
		assert.Equal(t, http.StatusOK, got, v.Note)
	}
}

func TestAWebhookThatIsNotSignedTeachesNothingAndGoesNoFurther(t *testing.T) {
	t.Parallel()
	text := body(about(waba, "account_update", newest(t, ""), `{"event":"ACCOUNT_DELETED"}`))
	good := cloudapi.Sign(secret, []byte(text))
	for name, signature := range map[string]string{
		"none":           "",
		"of another":     cloudapi.Sign("another", []byte(text)),
		"of nobody":      cloudapi.Sign("", []byte(text)),
		"of other bytes": cloudapi.Sign(secret, []byte(text+"\n")),
		"cut off":        good[:len(good)-2],
		"no prefix":      strings.TrimPrefix(good, "sha256="),
		"SHA-1":          strings.Replace(good, "sha256", "sha1", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := &listener{status: http.StatusOK}
			f := newFixture(t, 1, func(f *fixture) { f.next = next })
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url, strings.NewReader(text))
			require.NoError(t, err)
			if signature != "" {
				req.Header.Set("X-Hub-Signature-256", signature)
			}
			got, _ := f.do(req)
			assert.Equal(t, http.StatusForbidden, got)
			assert.Empty(t, next.heard)
			assert.True(t, f.check(marketing(sheena)).Allowed)
			require.Len(t, f.problems, 1)
			assert.Equal(t, webhook.Unsigned, f.problems[0].Kind)
		})
	}
}

func TestSeveralSecretsAreAcceptedWhileOneIsChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, func(f *fixture) { f.cfg.OtherSecrets = []string{"former", "next"} })
	for key, want := range map[string]int{
		secret: http.StatusOK, "former": http.StatusOK, "next": http.StatusOK, "last year's": http.StatusForbidden,
	} {
		req, err := webhook.NewRequest(t.Context(), f.url, key, []byte(body()))
		require.NoError(t, err)
		got, _ := f.do(req)
		assert.Equal(t, want, got, key)
	}
}

func TestNextGetsTheWebhookAsItCame(t *testing.T) {
	t.Parallel()
	const text = `{"object":"whatsapp_business_account", "entry":[ ],"x":"caf\u00e9 https:\/\/fb.me\/x"}` + "\n"
	for _, c := range []struct {
		name, contentType string
		chunked           bool
	}{
		{"with its length", "application/json", false},
		{"in chunks", "application/json", true},
		{"of no known type", "application/x-of-tomorrow; v=2", false},
		{"of no type", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			next := &listener{status: http.StatusAccepted}
			f := newFixture(t, 1, func(f *fixture) { f.next = next })
			req, err := webhook.NewRequest(t.Context(), f.url+"/hooks/whatsapp?tenant=7", secret, []byte(text))
			require.NoError(t, err)
			length := int64(len(text))
			if c.chunked {
				req.ContentLength, length = -1, -1
			}
			req.Header["Content-Type"] = []string{c.contentType}
			req.Header.Set("X-Trace", "abc")
			got, answer := f.do(req)
			assert.Equal(t, http.StatusAccepted, got, "next answers")
			assert.Equal(t, "heard", answer)
			require.Len(t, next.heard, 1)
			assert.Equal(t, http.MethodPost, next.heard[0].method)
			assert.Equal(t, "/hooks/whatsapp?tenant=7", next.heard[0].uri)
			assert.Equal(t, text, next.heard[0].body)
			assert.Equal(t, length, next.heard[0].length)
			for name := range req.Header {
				assert.Equal(t, req.Header[name], next.heard[0].header[name], name)
			}
			assert.Empty(t, f.told())
		})
	}
}

func TestTheGovernorKnowsBeforeNextAnswers(t *testing.T) {
	t.Parallel()
	var f *fixture
	var allowed, counted bool
	f = newFixture(t, 1, func(f *fixture) {
		f.next = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			d, err := f.gov.Check(r.Context(), marketing(sheena))
			allowed, counted = err == nil && d.Allowed, d.Counted
		})
	})
	f.sent(marketing(pablo), "wamid.1")
	require.False(t, f.check(marketing(sheena)).Allowed, "the limit is full")
	f.delivered(body(wrote(sheena, f.clock.Now(), "Hello")))
	assert.True(t, allowed)
	assert.False(t, counted, "in the window that the webhook opened")
}

func TestABodyIsReadUpToItsLimit(t *testing.T) {
	t.Parallel()
	next := &listener{status: http.StatusOK}
	f := newFixture(t, 1, func(f *fixture) { f.cfg.MaxBody, f.next = 100, next })
	for _, c := range []struct {
		bytes   int
		chunked bool
		want    int
	}{
		{100, false, http.StatusOK},
		{101, false, http.StatusRequestEntityTooLarge},
		{100, true, http.StatusOK},
		{101, true, http.StatusRequestEntityTooLarge},
		{1 << 20, true, http.StatusRequestEntityTooLarge},
	} {
		text := body()
		text += strings.Repeat(" ", c.bytes-len(text))
		req, err := webhook.NewRequest(t.Context(), f.url, secret, []byte(text))
		require.NoError(t, err)
		if c.chunked {
			req.ContentLength = -1
		}
		got, _ := f.do(req)
		assert.Equal(t, c.want, got, "%d bytes, in chunks: %t", c.bytes, c.chunked)
	}
	assert.Len(t, next.heard, 2)
}

func TestThePlatformsLongestWebhookPasses(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	text := body()
	f.delivered(text + strings.Repeat(" ", 3<<20-len(text)))
}

func TestABodyThatBreaksOffIsABadRequest(t *testing.T) {
	t.Parallel()
	gov, err := governor.New(memstore.New(), governor.Config{})
	require.NoError(t, err)
	handler, err := webhook.New(gov, webhook.Config{AppSecret: secret, VerifyToken: token}, nil)
	require.NoError(t, err)
	req, err := webhook.NewRequest(t.Context(), "/webhook", secret, []byte(body()))
	require.NoError(t, err)
	req.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"object":`), broken{}))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, req)
	assert.Equal(t, http.StatusBadRequest, answer.Code)

	req.Header.Del(cloudapi.SignatureHeader)
	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, req)
	assert.Equal(t, http.StatusForbidden, answer.Code, "not read as far as to the break")

	req, err = webhook.NewRequest(t.Context(), "/webhook", secret, nil)
	require.NoError(t, err)
	req.Body = nil
	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, req)
	assert.Equal(t, http.StatusOK, answer.Code, "nothing, but signed")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestOtherMethodsAreToldWhichThereAre(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, "SUBSCRIBE"} {
		req, err := http.NewRequestWithContext(t.Context(), method, f.url+"/webhook?"+url.Values{
			"hub.mode": {"subscribe"}, "hub.verify_token": {token}, "hub.challenge": {"1"},
		}.Encode(), http.NoBody)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, http.StatusMethodNotAllowed, res.StatusCode, method)
		assert.Equal(t, "GET, POST", res.Header.Get("Allow"), method)
	}
}

func TestASignedBodyThatIsNoWebhookIsPassedOn(t *testing.T) {
	t.Parallel()
	for text, problem := range map[string]string{
		"":                                       "unreadable: no JSON object",
		"not JSON":                               "unreadable: no JSON object",
		"[]":                                     "unreadable: no JSON object",
		`{"object":"page"}`:                      "", // another product's
		`{"object":"whatsapp_business_account"}`: "unreadable: entry: missing",
	} {
		next := &listener{status: http.StatusOK}
		f := newFixture(t, 1, func(f *fixture) { f.next = next })
		assert.Equal(t, http.StatusOK, f.post(text))
		require.Len(t, next.heard, 1)
		assert.Equal(t, text, next.heard[0].body)
		assert.Equal(t, problem, strings.Join(f.told(), "\n"))
	}
}

func TestNewTellsAllFaultsAtOnceAndNoSecret(t *testing.T) {
	t.Parallel()
	handler, err := webhook.New(nil, webhook.Config{OtherSecrets: []string{"hidden", ""}, MaxBody: -1}, nil)
	assert.Nil(t, handler)
	require.ErrorIs(t, err, governor.ErrInvalid)
	for _, field := range []string{"New: gov", "Config.AppSecret", "Config.OtherSecrets[1]", "Config.VerifyToken", "Config.MaxBody"} {
		assert.ErrorContains(t, err, "webhook."+field)
	}
	assert.NotContains(t, err.Error(), "hidden")
	assert.NoError(t, webhook.Config{AppSecret: secret, VerifyToken: token}.Validate())
}

func TestANewRequestIsWhatThePlatformPosts(t *testing.T) {
	t.Parallel()
	req, err := webhook.NewRequest(t.Context(), "http://localhost/webhook", secret, []byte("{}"))
	require.NoError(t, err)
	assert.Equal(t, http.MethodPost, req.Method)
	assert.Equal(t, "application/json", req.Header.Get("Content-Type"))
	assert.NoError(t, cloudapi.Verify(secret, req.Header.Get(cloudapi.SignatureHeader), []byte("{}")))
	read, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	assert.True(t, bytes.Equal([]byte("{}"), read))

	_, err = webhook.NewRequest(t.Context(), "http://[", secret, nil)
	assert.Error(t, err)
}
