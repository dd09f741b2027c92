package archtest_test

import (
	"go/ast"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// clockFile is the only shipped file that may read the clock or set a timer.
const clockFile = "governor/clock.go"

// ticking is what asks the machine's clock in package time.
var ticking = []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}

// clockBreaches finds shipped files that read the clock past [clockFile].
func clockBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if s.shipped() && s.path != clockFile {
			breaches = append(breaches, usesOfTime(s, ticking)...)
		}
	}
	return breaches
}

// sleepBreaches finds time.Sleep, in tests, examples and nested modules too.
func sleepBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		breaches = append(breaches, usesOfTime(s, []string{"Sleep"})...)
	}
	return breaches
}

// usesOfTime finds names of package time, called or passed on as values.
func usesOfTime(s source, names []string) []string {
	spec, ok := s.imported()["time"]
	if !ok {
		return nil
	}
	local := "time"
	if spec.Name != nil {
		local = spec.Name.Name
	}
	if local == "." {
		return []string{s.at(spec.Pos(), "a dot import hides who asks for the time")}
	}
	var uses []string
	ast.Inspect(s.tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, sel.Sel.Name) {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
			uses = append(uses, s.at(sel.Pos(), "time."+sel.Sel.Name))
		}
		return true
	})
	return uses
}

func TestOnlyOneFileReadsTheClock(t *testing.T) {
	t.Parallel()
	assert.Empty(t, clockBreaches(module(t)))
}

func TestNothingSleeps(t *testing.T) {
	t.Parallel()
	assert.Empty(t, sleepBreaches(module(t)))
}

func TestAReadOfTheClockIsSeen(t *testing.T) {
	t.Parallel()
	const reads = "package x\nimport \"time\"\nvar now = time.Now\nvar late = time.Since(now())\n"
	judge(t, clockBreaches, []sample{
		{"in shipped code", map[string]string{"governor/memstore/a.go": reads}, []string{
			"governor/memstore/a.go:3: time.Now", "governor/memstore/a.go:4: time.Since",
		}},
		{"under another name", map[string]string{
			"governor/a.go": "package governor\nimport clock \"time\"\nvar t = clock.NewTimer(0)\n",
		}, []string{"governor/a.go:3: time.NewTimer"}},
		{"under no name", map[string]string{
			"governor/a.go": "package governor\nimport . \"time\"\nvar t = Now()\n",
		}, []string{"governor/a.go:2: a dot import hides who asks for the time"}},
		{"in the clock", map[string]string{clockFile: reads}, nil},
		{"in a test, an example and a nested module", map[string]string{
			"tier/a_test.go":                 reads,
			"examples/quickstart/main.go":    reads,
			"governor/internal/e2e/go.mod":   "module e2e",
			"governor/internal/e2e/clock.go": reads,
		}, nil},
		{"of something else", map[string]string{"tier/a.go": "package tier\nfunc f(c clock) { c.Now() }\n"}, nil},
		{"an instant is no clock", map[string]string{
			"tier/a.go": "package tier\nimport \"time\"\nfunc f(now time.Time) time.Time { return now.Add(time.Hour) }\n",
		}, nil},
	})
}

func TestASleepIsSeen(t *testing.T) {
	t.Parallel()
	const sleeps = "package x\nimport \"time\"\nfunc f() {\n\ttime.Sleep(1)\n}\n"
	judge(t, sleepBreaches, []sample{
		{"in the clock", map[string]string{clockFile: sleeps}, []string{"governor/clock.go:4: time.Sleep"}},
		{"in a test", map[string]string{"tier/a_test.go": sleeps}, []string{"tier/a_test.go:4: time.Sleep"}},
		{"in a nested module", map[string]string{
			"governor/internal/e2e/go.mod":    "module e2e",
			"governor/internal/e2e/a_test.go": sleeps,
		}, []string{"governor/internal/e2e/a_test.go:4: time.Sleep"}},
	})
}
