package archtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goBlocks returns the Go code of a Markdown page.
func goBlocks(page string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// A reader copies from the README: what stands there as a program must run and
// say what the page says it does, and every piece must compile with no more
// around it than the page explains.
func TestWhatTheReadmeShowsCompiles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	blocks := goBlocks(string(page))
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		_, err := compile(t, block)
		assert.NoErrorf(t, err, "in the README:\n%s", block)
	}
	out, err := compile(t, blocks[0])
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 3)
	assert.Equal(t, []string{"<nil>", "<nil>"}, lines[:2])
	assert.Contains(t, lines[2], "2 of 2 unique recipients used in the last 24 h; try again at")
}

func TestCodeThatDoesNotCompileIsNoticed(t *testing.T) {
	t.Parallel()
	_, err := compile(t, "err := gov.Observe(ctx, governor.Nothing{})\n")
	require.Error(t, err)
}

// around is what the README's pieces take for granted.
const around = `package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/otelgovernor"
	"github.com/sendgov/sendgov/governor/redisstore"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/governor/webhook"
	"github.com/sendgov/sendgov/tier"
)

var (
	_ webhook.Config
	_ boltstore.Config
	_ redisstore.Config
	_ statuspage.Config
	_ = errors.As
	_ governorhttp.Transport
	_ = governortest.NewClock
	_ = memstore.New
	_ = tier.Tier10K
	_ testing.T
	_ time.Time
	_ http.Client
	_ = require.NoError
	_ io.Reader
)

var (
	ctx                   = context.Background()
	gov                   *governor.Governor
	m                     governor.Message
	body                  io.Reader
	url, number, from, id string
	secret, token, waba   string
	next                  http.Handler
	client                *http.Client
	server                redis.UniversalClient
	at                    time.Time
	queue                 func(governor.Message, time.Time)
	account               string
	logger                *slog.Logger
	file                  io.Writer
	metrics               *otelgovernor.Metrics
)

func main() {}
`

// compile runs a block of code, or builds it if it is not a whole program, and
// returns what it printed.
func compile(t *testing.T, block string) (string, error) {
	t.Helper()
	source, verb := block, "run"
	if !strings.HasPrefix(block, "package main") {
		verb = "vet"
		if strings.HasPrefix(block, "func ") {
			source = around + block
		} else {
			declared := regexp.MustCompile(`(?m)^\w+(, err)? :?= |^if errors|^http\.Handle`)
			if !declared.MatchString(block) {
				t.Fatalf("a block of a new kind: %s", block)
			}
			uses := ""
			for _, name := range []string{"store", "client", "resp", "handler", "poller", "snapshot", "plan", "observer", "err"} {
				if regexp.MustCompile(`(?m)^(.*, )?` + name + `(, .*)? := `).MatchString(block) {
					uses += "_ = " + name + "\n"
				}
			}
			source = around + "var err error\nfunc piece() {\n" + block + uses + "}\n"
		}
	}
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	cmd := exec.CommandContext(t.Context(), "go", verb, file)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}
