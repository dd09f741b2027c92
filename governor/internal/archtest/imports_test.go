package archtest_test

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// layer is a floor of the house: what its shipped files may import of this
// module, beside the standard library.
type layer struct {
	name  string
	holds []string
	may   []string
}

var (
	ground   = []string{"tier", "quality", "window", "governor/cloudapi"}
	middle   = []string{"governor"}
	internal = []string{"governor/internal/..."}
	support  = []string{"governor/governortest", "governor/storetest"}
	top      = []string{
		"governor/memstore", "governor/boltstore", "governor/redisstore",
		"governor/governorhttp", "governor/webhook", "governor/statuspage", "governor/otelgovernor",
	}
)

// layers is the house from the ground up. A package that stands in none of
// them is a breach: find it a floor.
var layers = []layer{
	{"ground", ground, nil},
	{"middle", middle, slices.Concat(ground, internal)},
	{"internal", internal, slices.Concat(ground, middle, internal)},
	{"top", top, slices.Concat(ground, middle, internal)},
	{"test support", support, slices.Concat(ground, middle, internal, support)},
	{"examples", []string{"examples/..."}, slices.Concat(ground, middle, top, support)},
}

// impure is what the ground may not import of the standard library, because it
// reads a clock, a network, a disk or global state.
var impure = []string{
	"context", "crypto/rand", "database/...", "expvar", "log/...", "math/rand/...", "net", "net/http/...",
	"net/rpc/...", "net/smtp", "os/...", "plugin", "runtime/...", "syscall/...",
}

// never is what no shipped file may import, and why.
var never = map[string]string{
	"github.com/hashicorp/golang-lru/v2/expirable": "it leaks a goroutine and breaks testing/synctest",
}

func layerOf(dir string) (layer, bool) {
	for _, l := range layers {
		if withinAny(l.holds, dir) {
			return l, true
		}
	}
	return layer{}, false
}

// importBreaches finds imports against the flow of layers and requirements.
func importBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if s.isTest() || s.nested {
			continue
		}
		floor, ok := layerOf(s.dir())
		if !ok {
			breaches = append(breaches, s.at(s.tree.Package, s.dir()+" stands in no layer"))
			continue
		}
		specs := s.imported()
		for _, p := range slices.Sorted(maps.Keys(specs)) {
			if why := forbidden(floor, s.dir(), p); why != "" {
				breaches = append(breaches, s.at(specs[p].Pos(), why))
			}
		}
	}
	return breaches
}

// forbidden says why a package of a layer may not import a path, or nothing.
func forbidden(floor layer, dir, p string) string {
	if why, ok := never[p]; ok {
		return fmt.Sprintf("nobody imports %s: %s", p, why)
	}
	if own, ok := strings.CutPrefix(p, modulePath+"/"); ok {
		if !withinAny(floor.may, own) {
			return fmt.Sprintf("%s (%s) may not import %s", dir, floor.name, own)
		}
		return ""
	}
	if !strings.Contains(strings.Split(p, "/")[0], ".") { // The standard library has no dot there.
		return ""
	}
	for _, r := range requirements {
		if within(r.module+"/...", p) && withinAny(r.users, dir) {
			return ""
		}
	}
	return fmt.Sprintf("%s may not import %s: requirements has no row for it", dir, p)
}

// purityBreaches finds imports of impure packages and goroutines on the ground.
func purityBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if s.isTest() || !withinAny(ground, s.dir()) {
			continue
		}
		specs := s.imported()
		for _, p := range slices.Sorted(maps.Keys(specs)) {
			if withinAny(impure, p) {
				breaches = append(breaches, s.at(specs[p].Pos(), "the ground is pure, "+p+" is not"))
			}
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if stmt, ok := n.(*ast.GoStmt); ok {
				breaches = append(breaches, s.at(stmt.Pos(), "the ground starts no goroutine"))
			}
			return true
		})
	}
	return breaches
}

func TestImportsFlowOneWay(t *testing.T) {
	t.Parallel()
	assert.Empty(t, importBreaches(module(t)))
}

func TestTheGroundIsPure(t *testing.T) {
	t.Parallel()
	assert.Empty(t, purityBreaches(module(t)))
}

func TestAnImportAgainstTheFlowIsSeen(t *testing.T) {
	t.Parallel()
	file := func(p, imports string) map[string]string {
		return map[string]string{p: "package x\nimport " + strings.ReplaceAll(imports, "~", modulePath)}
	}
	judge(t, importBreaches, []sample{
		{
			"ground imports ground", file("quality/a.go", `"~/tier"`),
			[]string{"quality/a.go:2: quality (ground) may not import tier"},
		},
		{
			"cloudapi stands alone", file("governor/cloudapi/a.go", `"~/governor"`),
			[]string{"governor/cloudapi/a.go:2: governor/cloudapi (ground) may not import governor"},
		},
		{"governor imports the ground", file("governor/a.go", `"~/governor/cloudapi"`), nil},
		{
			"governor imports a store", file("governor/a.go", `"~/governor/memstore"`),
			[]string{"governor/a.go:2: governor (middle) may not import governor/memstore"},
		},
		{"an adapter imports governor and internal", file("governor/webhook/a.go", `("~/governor"; "~/governor/internal/body")`), nil},
		{
			"an adapter imports another", file("governor/webhook/a.go", `"~/governor/governorhttp"`),
			[]string{"governor/webhook/a.go:2: governor/webhook (top) may not import governor/governorhttp"},
		},
		{
			"a store imports test support", file("governor/memstore/a.go", `"~/governor/storetest"`),
			[]string{"governor/memstore/a.go:2: governor/memstore (top) may not import governor/storetest"},
		},
		{"test support imports test support", file("governor/storetest/a.go", `"~/governor/governortest"`), nil},
		{"a test imports what it likes", file("tier/a_test.go", `("~/governor/governortest"; "example.com/x")`), nil},
		{"an example imports what users can", file("examples/quickstart/main.go", `("~/governor/memstore"; "~/governor/governortest")`), nil},
		{
			"a stranger", file("governor/a.go", `"example.com/x"`),
			[]string{"governor/a.go:2: governor may not import example.com/x: requirements has no row for it"},
		},
		{
			"a requirement of someone else", file("tier/a.go", `"golang.org/x/time/rate"`),
			[]string{"tier/a.go:2: tier may not import golang.org/x/time/rate: requirements has no row for it"},
		},
		{"a requirement of its own", file("governor/a.go", `"github.com/hashicorp/golang-lru/v2"`), nil},
		{
			"the leaking cache", file("governor/a.go", `"github.com/hashicorp/golang-lru/v2/expirable"`),
			[]string{"governor/a.go:2: nobody imports github.com/hashicorp/golang-lru/v2/expirable: it leaks a goroutine and breaks testing/synctest"},
		},
		{
			"a package without a floor", file("util/a.go", `"fmt"`),
			[]string{"util/a.go:1: util stands in no layer"},
		},
	})
}

func TestImpurityIsSeen(t *testing.T) {
	t.Parallel()
	judge(t, purityBreaches, []sample{
		{"a disk and a network", map[string]string{
			"tier/a.go": "package tier\nimport \"os\"\nimport \"net/http\"\n",
		}, []string{
			"tier/a.go:3: the ground is pure, net/http is not",
			"tier/a.go:2: the ground is pure, os is not",
		}},
		{"a goroutine", map[string]string{
			"window/a.go": "package window\nfunc run(f func()) {\n\tgo f()\n}\n",
		}, []string{"window/a.go:3: the ground starts no goroutine"}},
		{"values without I/O", map[string]string{
			"tier/a.go": "package tier\nimport (\n\"net/netip\"\n\"net/url\"\n\"time\"\n)\n",
		}, nil},
		{"a floor above", map[string]string{"governor/a.go": "package governor\nimport \"context\"\n"}, nil},
		{"a test", map[string]string{"tier/a_test.go": "package tier\nimport \"os\"\n"}, nil},
	})
}
