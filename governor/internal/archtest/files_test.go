package archtest_test

import (
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maxLines keeps one idea in one file.
const maxLines = 500

// rootEntries is all that may stand in the root.
var rootEntries = []string{
	".ci", ".github", ".gitignore", ".golangci.yml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md",
	"SECURITY.md", "examples", "go.mod", "go.sum", "governor", "quality", "tier", "window",
}

// rootBreaches finds entries of the root that are missing or too many. Git's
// own entry is neither.
func rootBreaches(fsys fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var breaches []string
	found := make(map[string]bool)
	for _, entry := range entries {
		found[entry.Name()] = true
		if entry.Name() != ".git" && !slices.Contains(rootEntries, entry.Name()) {
			breaches = append(breaches, entry.Name()+" does not belong in the root")
		}
	}
	for _, name := range rootEntries {
		if !found[name] {
			breaches = append(breaches, name+" is missing")
		}
	}
	return breaches, nil
}

// lengthBreaches finds files with two ideas in one room.
func lengthBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if n := strings.Count(s.text, "\n"); n > maxLines {
			breaches = append(breaches, fmt.Sprintf("%s: %d lines, want at most %d", s.path, n, maxLines))
		}
	}
	return breaches
}

// testNameBreaches finds files that import a test library and whose name does
// not end in _test.go, so that users would compile them.
func testNameBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if s.isTest() || s.nested || withinAny(support, s.dir()) {
			continue
		}
		specs := s.imported()
		for _, p := range slices.Sorted(maps.Keys(specs)) {
			if withinAny(testLibraries, p) {
				breaches = append(breaches, s.at(specs[p].Pos(), "imports "+p+", but its name does not end in _test.go"))
			}
		}
	}
	return breaches
}

// skipBreaches finds tests that can be passed over. What a test needs and does
// not find is a failure, or has a fall-back.
func skipBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if _, ok := s.imported()["testing"]; !ok {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
					breaches = append(breaches, s.at(call.Pos(), "a test that skips proves nothing"))
				}
			}
			return true
		})
	}
	return breaches
}

func TestTheRootHoldsOnlyWhatIsListed(t *testing.T) {
	t.Parallel()
	breaches, err := rootBreaches(os.DirFS(root))
	require.NoError(t, err)
	assert.Empty(t, breaches)
}

func TestNoFileIsTooLong(t *testing.T) {
	t.Parallel()
	assert.Empty(t, lengthBreaches(module(t)))
}

func TestTestFilesAreNamedAsSuch(t *testing.T) {
	t.Parallel()
	assert.Empty(t, testNameBreaches(module(t)))
}

func TestNoTestIsSkipped(t *testing.T) {
	t.Parallel()
	assert.Empty(t, skipBreaches(module(t)))
}

func TestAStrangeOrMissingRootEntryIsSeen(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{".git/HEAD": {}, "util/a.go": {}}
	for _, name := range rootEntries {
		if name != "LICENSE" {
			fsys[name] = &fstest.MapFile{}
		}
	}
	breaches, err := rootBreaches(fsys)
	require.NoError(t, err)
	assert.Equal(t, []string{"util does not belong in the root", "LICENSE is missing"}, breaches)
}

func TestALongFileIsSeen(t *testing.T) {
	t.Parallel()
	judge(t, lengthBreaches, []sample{
		{"500 lines", map[string]string{"tier/a.go": "package tier" + strings.Repeat("\n", 500)}, nil},
		{
			"501 lines",
			map[string]string{"tier/a_test.go": "package tier" + strings.Repeat("\n", 501)},
			[]string{"tier/a_test.go: 501 lines, want at most 500"},
		},
	})
}

func TestATestFileUnderAnotherNameIsSeen(t *testing.T) {
	t.Parallel()
	const tests = "package x\nimport \"testing\"\nimport \"github.com/stretchr/testify/assert\"\n"
	judge(t, testNameBreaches, []sample{
		{"a version at the end", map[string]string{"tier/a_test_1.26.go": tests}, []string{
			"tier/a_test_1.26.go:3: imports github.com/stretchr/testify/assert, but its name does not end in _test.go",
			"tier/a_test_1.26.go:2: imports testing, but its name does not end in _test.go",
		}},
		{"a test file", map[string]string{"tier/a_1.26_test.go": tests}, nil},
		{"test support", map[string]string{"governor/storetest/a.go": tests, "governor/governortest/a.go": tests}, nil},
	})
}

func TestASkippedTestIsSeen(t *testing.T) {
	t.Parallel()
	judge(t, skipBreaches, []sample{
		{"in a test", map[string]string{
			"tier/a_test.go": "package tier\nimport \"testing\"\nfunc TestA(t *testing.T) {\n\tt.Skip()\n}\nfunc FuzzA(f *testing.F) {\n\tf.Skipf(\"%d\", 1)\n}\n",
		}, []string{
			"tier/a_test.go:4: a test that skips proves nothing",
			"tier/a_test.go:7: a test that skips proves nothing",
		}},
		{"of something else", map[string]string{"tier/a.go": "package tier\nfunc f(d decoder) { d.Skip() }\n"}, nil},
	})
}
