package page_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// call sends the browser a command.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	_, err := chromedp.Call(ctx, command, params)
	require.NoError(b.t, err)
}

// fetch gets a page as a program does.
func (w *world) fetch(path string) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.server.URL+path, nil)
	require.NoError(w.t, err)
	res, err := w.server.Client().Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return string(body)
}

func TestEveryPageIsCleanInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range states {
		w.store.down.Store(false)
		w.fetch(s.path)
		w.store.down.Store(s.down)
		page := w.fetch(s.path)
		require.Contains(t, page, s.want, s.name)
		for name, pattern := range map[string]string{"h1": `<h1>`, "main": `<main `} {
			require.Len(t, regexp.MustCompile(pattern).FindAllString(page, -1), 1, "%s: %s", s.name, name)
		}
		require.NotRegexp(t, `<[^>]+ (style|on[a-z]+)=`, page, s.name)
		require.NotContains(t, page, "//", s.name, "an address elsewhere")
	}

	b := newTab(t, w.server.URL)
	if b == nil {
		return
	}
	source, dir := axe(t), pictures(t)
	for _, s := range states {
		w.store.down.Store(s.down)
		for _, v := range views {
			b.show(v)
			b.do(chromedp.Navigate(w.server.URL+s.path), chromedp.WaitVisible("h1"))
			b.shoot(dir, s.name+"-"+v.name)
			assert.LessOrEqual(t, look[int64](b, "document.documentElement.scrollWidth"), v.width, "%s on %s scrolls sideways", s.name, v.name)
			b.requireAccessible(source)
			b.requireClean()
		}
	}
}

func TestAPageFreshensWithoutTakingFocusOrInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Contains(t, w.fetch(mount+"?account="+healthy+"&format=fragment"), "<main")
	b := newTab(t, w.server.URL)
	if b == nil {
		return
	}
	b.do(chromedp.Navigate(w.server.URL+mount+"?account="+healthy), chromedp.WaitVisible("h1"),
		chromedp.Click("summary"), chromedp.SendKeys("#people", "12"))

	w.send(healthy, 7)
	b.await(`document.querySelector("main").innerText.includes("787 of 2,000 slots used")`)
	assert.Equal(t, "people", look[string](b, "document.activeElement.id"))
	assert.Equal(t, "12", look[string](b, `document.getElementById("people").value`))
	assert.True(t, look[bool](b, `document.querySelector("details").open`))
	assert.Empty(t, look[string](b, `document.getElementById("say").textContent`), "a screen reader is not told every figure")
	assert.Contains(t, look[string](b, `document.querySelector(".live").innerText`), "Live, as of")

	w.observe(governor.HealthReported{Number: number(healthy), Report: quality.RatingReported{Rating: quality.Low}})
	b.await(`document.getElementById("say").textContent === "Acme Shop: Flagged"`)
	assert.Contains(t, look[string](b, "document.title"), "Flagged")
	assert.Equal(t, "people", look[string](b, "document.activeElement.id"))

	// Paused, nothing changes for longer than it is between two questions.
	b.do(chromedp.Click("#pause"))
	w.send(healthy, 1)
	look[bool](b, "new Promise((done) => setTimeout(() => done(true), 2500))", chromedp.EvalAwaitPromise)
	assert.Contains(t, look[string](b, "document.body.innerText"), "787 of 2,000 slots used")
	assert.Contains(t, look[string](b, `document.querySelector(".live").innerText`), "Paused, as of")
	b.do(chromedp.Click("#pause"))
	b.await(`document.querySelector("main").innerText.includes("788 of 2,000 slots used")`)

	w.store.down.Store(true)
	b.await(`document.querySelector("main").innerText.includes("The store does not answer")`)
	w.store.down.Store(false)
	b.await(`!document.querySelector("main").innerText.includes("The store does not answer")`)
	b.requireClean()

	w.server.CloseClientConnections()
	w.server.Close()
	b.await(`document.getElementById("state").textContent === "No answer since"`)
	assert.Contains(t, look[string](b, "document.body.innerText"), "788 of 2,000 slots used")
}

// The answer to what was asked before may come after the click.
func TestAPausedPageShowsNoAnswerThatWasOnItsWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Contains(t, w.fetch(mount+"?account="+healthy+"&format=fragment"), "780 of 2,000 slots used")
	b := newTab(t, w.server.URL)
	if b == nil {
		return
	}
	b.do(chromedp.Navigate(w.server.URL+mount+"?account="+healthy), chromedp.WaitVisible("h1"))
	const answered = `performance.getEntriesByType("resource").filter((e) => e.initiatorType === "fetch").length`
	release := w.hold()
	t.Cleanup(release)
	before := look[int64](b, answered)
	b.do(chromedp.Click("#pause"))
	w.send(healthy, 7)
	release()
	b.await(fmt.Sprint(answered, " > ", before))
	look[bool](b, "new Promise((done) => setTimeout(() => done(true), 200))", chromedp.EvalAwaitPromise) // for what it might do with it
	assert.Contains(t, look[string](b, `document.querySelector(".live").innerText`), "Paused, as of")
	assert.Contains(t, look[string](b, "document.body.innerText"), "780 of 2,000 slots used")
	b.do(chromedp.Click("#pause"))
	b.await(`document.querySelector("main").innerText.includes("787 of 2,000 slots used")`)
	b.requireClean()
}

func TestTheListFreshensInItsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Contains(t, w.fetch(mount), "Acme Shop")
	b := newTab(t, w.server.URL)
	if b == nil {
		return
	}
	const firstName = `document.querySelector("h2").innerText`
	b.do(chromedp.Navigate(w.server.URL+mount), chromedp.WaitVisible("h1"), chromedp.Focus(`[data-key="`+healthy+`"] a`))
	assert.Equal(t, "Citywide Clinics", look[string](b, firstName))
	w.observe(governor.HealthReported{Number: number(healthy), Report: quality.StatusReported{Word: "BANNED"}})
	b.await(firstName + ` === "Acme Shop"`)
	assert.Equal(t, "Acme Shop", look[string](b, "document.activeElement.innerText"), "focus moves with what it is on")
	assert.EqualValues(t, 6, look[int64](b, `document.querySelectorAll("h2").length`))
	b.requireClean()
}

func TestAPageWithoutScriptsIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Contains(t, w.fetch(mount+"?account="+healthy), "780 of 2,000 slots used")
	b := newTab(t, w.server.URL)
	if b == nil {
		return
	}
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(chromedp.Navigate(w.server.URL+mount), chromedp.Click(`[data-key="`+healthy+`"] a`), chromedp.WaitVisible("#people"))
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	text, err := chromedp.Run(ctx, chromedp.Text("body"))
	require.NoError(t, err)
	for _, want := range []string{"As of", "780 of 2,000 slots used", "Engagement, last seven days", "black_friday"} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "Pause updates")

	b.do(chromedp.SendKeys("#people", "5000"), chromedp.KeyEvent("\r"), chromedp.WaitVisible(".answer"))
	text, err = chromedp.Run(ctx, chromedp.Text(".answer"))
	require.NoError(t, err)
	assert.Contains(t, text, "of 5,000 can be written to now.")
	b.requireClean()
}

func TestAPageIsReachedByKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Contains(t, w.fetch(mount), `class="skip" href="#main"`)
	b := newTab(t, w.server.URL)
	if b == nil {
		return
	}
	b.do(chromedp.Navigate(w.server.URL+mount+"?account="+healthy), chromedp.WaitVisible("h1"), chromedp.KeyEvent("\t"))
	assert.Equal(t, "Skip to content", look[string](b, "document.activeElement.innerText"))
	assert.GreaterOrEqual(t, look[float64](b, "document.activeElement.getBoundingClientRect().top"), 0.0, "it shows when it is on")
	b.do(chromedp.KeyEvent("\r"))
	assert.Equal(t, "main", look[string](b, "document.activeElement.id"))
	b.do(chromedp.KeyEvent("\t"))
	assert.Equal(t, "SUMMARY", look[string](b, "document.activeElement.nodeName"))
	assert.NotEqual(t, "none", look[string](b, "getComputedStyle(document.activeElement).outlineStyle"), "focus can be seen")
	b.requireClean()
}

func TestTheJSONOfARealGovernorIsAsItsSchemaSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	described, err := jsonschema.UnmarshalJSON(strings.NewReader(w.fetch(mount + "?format=schema")))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("schema.json", described))
	schema, err := compiler.Compile("schema.json")
	require.NoError(t, err)
	for _, s := range states {
		w.store.down.Store(s.down)
		join := "?"
		if strings.Contains(s.path, "?") {
			join = "&"
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(w.fetch(s.path + join + "format=json")))
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(value), s.name)
	}
}
