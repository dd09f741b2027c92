package page_test

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// required says whether what is not found is a failure.
func required() bool { return os.Getenv("SENDGOV_CI") != "" }

// patience is how long anything in a browser may take.
const patience = time.Minute

// tab is a browser with one page open.
type tab struct {
	t   *testing.T
	ctx context.Context
	// host is the only one that may be asked for anything.
	host string

	// mu guards what follows.
	mu     sync.Mutex
	faults []string
}

// newTab opens a browser, or returns nil where there is none and need not be.
func newTab(t *testing.T, server string) *tab {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		require.False(t, required(), "no chromium in PATH")
		t.Log("no chromium in PATH: the HTML alone is looked at")
		return nil
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	for _, flag := range []string{"disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser has ended, so that its files can go
		quit()
	})
	u, err := url.Parse(server)
	require.NoError(t, err)
	b := &tab{t: t, ctx: ctx, host: u.Host}
	require.NoError(t, chromedp.Listen(ctx, b.hear))
	call(b, network.Enable, network.EnableParams{})
	return b
}

// hear notes what a page must not do.
func (b *tab) hear(event any) {
	fault := ""
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Host != b.host {
			fault = "asks elsewhere: " + e.Request.URL
		}
	case *runtime.EventExceptionThrown:
		fault = "throws: " + e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		fault = "says something: " + string(e.Type)
	case *log.EventEntryAdded:
		if !strings.Contains(e.Entry.Text, "the server responded with a status of 503") {
			fault = "is complained about: " + e.Entry.Text
		}
	}
	if fault != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.faults = append(b.faults, fault)
	}
}

// requireClean sees to it that no page has done what none may.
func (b *tab) requireClean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.faults)
}

// do has the browser do something.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// look has the browser evaluate something.
func look[T any](b *tab, expression string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	require.NoError(b.t, err, expression)
	return v
}

// await waits until an expression is true.
func (b *tab) await(expression string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression))
	require.NoError(b.t, err, expression)
}

// show sets the window and the colours that the reader prefers.
func (b *tab) show(v view) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.colours}},
	})
	b.do(chromedp.EmulateViewport(v.width, v.height))
}

// view is a way to look at a page.
type view struct {
	name          string
	width, height int64
	colours       string
}

var views = []view{
	{"phone-light", 390, 844, "light"},
	{"phone-dark", 390, 844, "dark"},
	{"desktop-light", 1280, 900, "light"},
	{"desktop-dark", 1280, 900, "dark"},
}

// violation is what axe finds.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// axe is the source of axe-core, empty where it is not installed and need not
// be.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil && !required() {
		t.Log("no axe-core: npm ci installs it")
		return ""
	}
	require.NoError(t, err, "npm ci installs it")
	return string(source)
}

// requireAccessible has axe look at all of a page, what is folded up included.
func (b *tab) requireAccessible(source string) {
	b.t.Helper()
	if source == "" {
		return
	}
	look[chromedp.Void](b, source)
	look[chromedp.Void](b, `document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
	found := look[string](b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise)
	var violations []violation
	require.NoError(b.t, json.Unmarshal([]byte(found), &violations))
	require.Empty(b.t, violations)
}

// pictures is where screenshots go.
func pictures(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SENDGOV_SCREENSHOTS")
	if dir == "" {
		var err error
		dir, err = os.MkdirTemp("", "sendgov-page-")
		require.NoError(t, err)
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	t.Log("screenshots are in", dir)
	return dir
}

// shoot leaves a picture of the whole page.
func (b *tab) shoot(dir, name string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}
