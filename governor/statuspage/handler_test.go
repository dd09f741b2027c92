package statuspage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// targets are everything that can be asked for, what is refused included.
var targets = []string{
	"/", "/?account=" + healthy, "/?account=" + healthy + "&people=5000&from=" + n1, "/?format=fragment", "/?format=json", "/?format=schema",
	"/?account=no%20account", "/?format=xml", "/?asset=style.css", "/?asset=live.js", "/?asset=icon.svg", "/?asset=none",
	"/?asset=page.gohtml", "/?asset=..%2Fhandler.go",
}

func TestEveryAnswerCarriesTheHeadersThatKeepItPrivate(t *testing.T) {
	t.Parallel()
	for _, h := range []http.Handler{statuspage.NewHandler(newFake(everything()...), statuspage.Config{}), statuspage.Handler(nil, statuspage.Config{})} {
		for _, target := range targets {
			header := get(t, h, target).Header()
			assert.Equal(t, "no-store", header.Get("Cache-Control"), target)
			assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), target)
			assert.Equal(t, "no-referrer", header.Get("Referrer-Policy"), target)
			assert.Equal(t, "DENY", header.Get("X-Frame-Options"), target)
			assert.NotEmpty(t, header.Get("Content-Type"), target)
			policy := header.Get("Content-Security-Policy")
			for _, rule := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'", "style-src 'self'"} {
				assert.Contains(t, policy, rule, target)
			}
			assert.NotContains(t, policy, "unsafe")
		}
	}
}

func TestAssetsAreThoseOfThePageAndNoOtherFiles(t *testing.T) {
	t.Parallel()
	h := statuspage.NewHandler(newFake(), statuspage.Config{})
	for target, want := range map[string]int{
		"/?asset=style.css": 200, "/?asset=live.js": 200, "/?asset=icon.svg": 200, "/?asset=none": 404, "/?asset=page.gohtml": 404,
		"/?asset=..%2Fhandler.go": 404, "/?asset=schema.json": 404,
	} {
		assert.Equal(t, want, get(t, h, target).Code, target)
	}
}

func TestOnlyGetAndHeadAreAnswered(t *testing.T) {
	t.Parallel()
	src := newFake(aHealthy())
	h := statuspage.NewHandler(src, statuspage.Config{})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "QUERY"} {
		w := do(t, h, method, "/?account="+healthy, nil)
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}
	for _, target := range targets {
		asked, headed := get(t, h, target), do(t, h, http.MethodHead, target, nil)
		assert.Equal(t, asked.Code, headed.Code, target)
		if asked.Code == http.StatusOK {
			assert.Equal(t, asked.Header(), headed.Header(), target)
			assert.Empty(t, headed.Body.String(), target)
		}
	}
}

func TestWithoutAGovernorEveryAnswerSaysSo(t *testing.T) {
	t.Parallel()
	for _, gov := range []*governor.Governor{nil, {}} {
		h := statuspage.Handler(gov, statuspage.Config{})
		for _, target := range []string{"/?account=1", "/?account=1&format=json"} {
			w := get(t, h, target)
			assert.Equal(t, http.StatusInternalServerError, w.Code)
			assert.Contains(t, w.Body.String(), "Governor")
		}
	}
	assert.Equal(t, http.StatusInternalServerError, get(t, statuspage.Handler(nil, statuspage.Config{}), "/").Code)
}

func TestWhatCannotBeAskedIsABadRequest(t *testing.T) {
	t.Parallel()
	h := statuspage.NewHandler(newFake(aHealthy()), statuspage.Config{})
	for _, target := range []string{"/?account=no%20account", "/?format=xml", "/?account=no%20account&format=json"} {
		assert.Equal(t, http.StatusBadRequest, get(t, h, target).Code, target)
	}
}

func TestEveryPageIsWellMadeAndLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	src := newFake(everything()...)
	src.plan = governor.Plan{
		Decision: governor.Decision{Allowed: true, Reason: governor.Passed, Account: healthy}, Now: 10,
		Steps: []governor.Release{{At: t0, Free: 10}, {At: t0.Add(hour), Free: 20}}, Done: t0.Add(2 * hour), Slowest: time.Minute,
	}
	h := http.StripPrefix("/a/b", statuspage.NewHandler(src, statuspage.Config{Name: func(id string) string { return "<b>&amp;" + id }}))
	paths := []string{"/a/b/", "/a/b", "/a/b/?account=" + healthy + "&people=50&from=" + n1, "/a/b/?account=" + healthy + "&people=x", "/a/b/?account=unlisted"}
	for _, s := range everything() {
		paths = append(paths, "/a/b/?account="+s.Account)
	}
	down := newFake(everything()...)
	failing := http.StripPrefix("/a/b", statuspage.NewHandler(down, statuspage.Config{}))
	for _, path := range paths {
		w := get(t, h, path)
		require.Equal(t, http.StatusOK, w.Code, path)
		requireWellMade(t, w.Body.String())
		get(t, failing, path)
	}
	down.fail(errDown)
	for _, path := range paths {
		w := get(t, failing, path)
		require.Equal(t, http.StatusServiceUnavailable, w.Code, path)
		requireWellMade(t, w.Body.String())
	}
	requireWellMade(t, get(t, statuspage.NewHandler(newFake(), statuspage.Config{}), "/").Body.String())
}

func TestAFragmentThatHasNotChangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	src := newFake(aHealthy())
	h := statuspage.NewHandler(src, statuspage.Config{})
	page := get(t, h, "/?account="+healthy)
	tag := page.Header().Get("ETag")
	require.NotEmpty(t, tag)
	assert.Contains(t, page.Body.String(), `data-tag="`+strings.ReplaceAll(tag, `"`, "&#34;")+`"`)

	again := http.Header{"If-None-Match": {tag}}
	w := do(t, h, http.MethodGet, "/?account="+healthy+"&format=fragment", again)
	assert.Equal(t, http.StatusNotModified, w.Code)
	assert.Empty(t, w.Body.String())
	assert.Equal(t, "2026-11-25T14:05:00Z", w.Header().Get("Sendgov-At"))

	s := aHealthy()
	s.At, s.Used, s.Free = t0.Add(time.Second), 813, 1187
	src.set(s)
	w = do(t, h, http.MethodGet, "/?account="+healthy+"&format=fragment", again)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.True(t, strings.HasPrefix(w.Body.String(), "<main"))
	assert.Contains(t, w.Body.String(), "813 of 2,000 slots used")
	assert.NotEqual(t, tag, w.Header().Get("ETag"))
}

func TestARefreshIsAtLeastASecond(t *testing.T) {
	t.Parallel()
	for refresh, want := range map[time.Duration]string{0: "5", -time.Second: "5", time.Millisecond: "1", time.Minute: "60"} {
		page := get(t, statuspage.NewHandler(newFake(), statuspage.Config{Refresh: refresh}), "/").Body.String()
		assert.Contains(t, page, `data-seconds="`+want+`"`)
	}
}

func TestNothingThatIsShownIsAPhoneNumber(t *testing.T) {
	t.Parallel()
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{ID: healthy, Tier: tier.Tier250, Numbers: []governor.Number{{ID: n1, WABA: "102290129340398"}}}},
		Clock:    governortest.NewClock(),
	})
	require.NoError(t, err)
	var people []string
	for i := range 20 {
		person := fmt.Sprintf("1650555%04d", i)
		people = append(people, person)
		r, err := gov.Reserve(t.Context(), governor.Message{From: n1, To: "+" + person, Template: "x"})
		require.NoError(t, err)
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{MessageID: "wamid." + person, Recipient: person}))
		require.NoError(t, gov.Observe(t.Context(),
			governor.Inbound{Number: n1, Customer: person},
			governor.MessageStatus{Number: n1, MessageID: "wamid." + person, Recipient: person, Status: governor.Failed},
			governor.ConsentRevoked{Number: n1, Recipient: person, Topic: governor.TopicMarketing},
			governor.NumberSeen{Number: n1, WABA: "102290129340398", Display: "+1 555-078-3881"},
			governor.HealthReported{Number: n1, Report: quality.RatingReported{Rating: quality.Low}},
		))
	}
	h := statuspage.Handler(gov, statuspage.Config{})
	for _, target := range []string{"/", "/?account=" + healthy, "/?format=json", "/?account=" + healthy + "&people=50&from=" + n1} {
		w := get(t, h, target)
		require.Equal(t, http.StatusOK, w.Code)
		for _, person := range append(people, "15550783881", "5550783881", "555-078-3881") {
			assert.NotContains(t, w.Body.String(), person, target)
		}
	}
	assert.Contains(t, textOf(t, get(t, h, "/?account="+healthy).Body.String()), "Flagged, 7 days left")
}
