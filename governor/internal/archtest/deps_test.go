package archtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requirement is a module that go.mod may require directly, and the packages
// whose shipped files may import it.
type requirement struct {
	module string
	users  []string
}

// requirements is the whole list. A new row needs a sentence in
// governor/DESIGN.md that names the module and says why it is worth having.
var requirements = []requirement{
	{"golang.org/x/time", nil},
	{"github.com/hashicorp/golang-lru/v2", slices.Concat(middle, []string{"governor/internal/ledger"})},
	{"github.com/redis/go-redis/v9", []string{"governor/redisstore", "governor/internal/redistest", "examples/replicas"}},
	{"github.com/stretchr/testify", support},
	{"go.etcd.io/bbolt", []string{"governor/boltstore"}},
	{"go.opentelemetry.io/otel", []string{"governor/otelgovernor"}},
	{"go.opentelemetry.io/otel/metric", []string{"governor/otelgovernor"}},
}

// testLibraries is what no user's program may be made to link.
var testLibraries = []string{"testing/...", "net/http/httptest", "github.com/stretchr/testify/..."}

// optional is what only those link who import the package that needs it.
var optional = map[string][]string{
	"go.etcd.io/bbolt/...": {"governor/boltstore", "examples/quickstart"},
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Deps       []string // all of them, also those of those
}

// linkBreaches finds shipped packages that link a test library.
func linkBreaches(packages []listed) []string {
	var breaches []string
	for _, p := range packages {
		dir := strings.TrimPrefix(p.ImportPath, modulePath+"/")
		if withinAny(support, dir) || within("examples/...", dir) {
			continue
		}
		for _, dep := range p.Deps {
			if withinAny(testLibraries, dep) {
				breaches = append(breaches, dir+" links "+dep)
			}
		}
	}
	return breaches
}

// burdenBreaches finds packages that link what they have no use for.
func burdenBreaches(packages []listed) []string {
	var breaches []string
	for _, p := range packages {
		dir := strings.TrimPrefix(p.ImportPath, modulePath+"/")
		for _, dep := range p.Deps {
			for pattern, users := range optional {
				if within(pattern, dep) && !withinAny(users, dir) {
					breaches = append(breaches, dir+" links "+dep)
				}
			}
		}
	}
	return breaches
}

// requirementBreaches finds direct requirements without a row in requirements
// or without a word in the design.
func requirementBreaches(direct []string, design string) []string {
	rows := make(map[string]bool)
	for _, r := range requirements {
		rows[r.module] = true
	}
	var breaches []string
	for _, path := range direct {
		if !rows[path] {
			breaches = append(breaches, path+" has no row in requirements")
		}
		if !strings.Contains(design, path) {
			breaches = append(breaches, path+" is not explained in governor/DESIGN.md")
		}
	}
	return breaches
}

// run runs the go command in the root and decodes the JSON values it prints.
func run[T any](t *testing.T, args ...string) []T {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly -buildvcs=false", "GOWORK=off")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	require.NoError(t, err)
	var values []T
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var value T
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return values
		} else if err != nil {
			require.NoError(t, err)
		}
		values = append(values, value)
	}
}

func TestNoTestLibraryIsLinkedIntoShippedCode(t *testing.T) {
	t.Parallel()
	packages := run[listed](t, "list", "-json=ImportPath,Deps", "./...")
	require.NotEmpty(t, packages)
	assert.Empty(t, linkBreaches(packages))
	assert.Empty(t, burdenBreaches(packages))
}

func TestEveryRequirementHasAReason(t *testing.T) {
	t.Parallel()
	type goMod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	files := run[goMod](t, "mod", "edit", "-json")
	require.Len(t, files, 1)
	var direct []string
	for _, r := range files[0].Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	require.NotEmpty(t, direct)
	design, err := os.ReadFile(root + "/governor/DESIGN.md")
	require.NoError(t, err)
	assert.Empty(t, requirementBreaches(direct, string(design)))
}

func TestALinkedTestLibraryIsSeen(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{
		"governor/memstore links testing",
		"governor/internal/body links github.com/stretchr/testify/assert",
		"governor/internal/body links net/http/httptest",
	}, linkBreaches([]listed{
		{modulePath + "/tier", []string{"fmt", "testing_not"}},
		{modulePath + "/governor/memstore", []string{"fmt", "testing"}},
		{modulePath + "/governor/internal/body", []string{"github.com/stretchr/testify/assert", "net/http/httptest"}},
		{modulePath + "/governor/storetest", []string{"testing", "testing/synctest"}},
		{modulePath + "/examples/quickstart", []string{"testing"}},
	}))
}

func TestADatabaseThatNobodyAskedForIsSeen(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"governor links go.etcd.io/bbolt", "governor/memstore links go.etcd.io/bbolt/errors"}, burdenBreaches([]listed{
		{modulePath + "/governor", []string{"fmt", "go.etcd.io/bbolt"}},
		{modulePath + "/governor/memstore", []string{"go.etcd.io/bbolt/errors", "go.etcd.io/bboltish"}},
		{modulePath + "/governor/boltstore", []string{"go.etcd.io/bbolt", "go.etcd.io/bbolt/errors"}},
		{modulePath + "/examples/quickstart", []string{"go.etcd.io/bbolt"}},
	}))
}

func TestARequirementWithoutAReasonIsSeen(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{
		"example.com/x has no row in requirements",
		"example.com/x is not explained in governor/DESIGN.md",
		"github.com/stretchr/testify is not explained in governor/DESIGN.md",
	}, requirementBreaches(
		[]string{"golang.org/x/time", "example.com/x", "github.com/stretchr/testify"},
		"`golang.org/x/time` has the token bucket.",
	))
}
