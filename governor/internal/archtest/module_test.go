package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root       = "../../.."
	modulePath = "github.com/sendgov/sendgov"
)

// source is one Go file of the module or of a module nested in it.
type source struct {
	path   string // slash-separated, seen from the root
	text   string
	nested bool // belongs to a module below the root
	tree   *ast.File
	lines  *token.FileSet
}

func (s source) dir() string     { return path.Dir(s.path) }
func (s source) isTest() bool    { return strings.HasSuffix(s.path, "_test.go") }
func (s source) isExample() bool { return within("examples/...", s.dir()) }

// shipped says whether the file may end up in a user's program.
func (s source) shipped() bool { return !s.isTest() && !s.isExample() && !s.nested }

// at words a breach at a place in the file.
func (s source) at(pos token.Pos, breach string) string {
	return s.path + ":" + strconv.Itoa(s.lines.Position(pos).Line) + ": " + breach
}

// imported returns the import specs by the path they import.
func (s source) imported() map[string]*ast.ImportSpec {
	specs := make(map[string]*ast.ImportSpec)
	for _, spec := range s.tree.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			specs[p] = spec
		}
	}
	return specs
}

// within says whether a path matches a pattern as the go command has it:
// "a" is a alone, "a/..." is a and all below it.
func within(pattern, p string) bool {
	below, deep := strings.CutSuffix(pattern, "/...")
	return p == below || deep && strings.HasPrefix(p, below+"/")
}

func withinAny(patterns []string, p string) bool {
	for _, pattern := range patterns {
		if within(pattern, p) {
			return true
		}
	}
	return false
}

// readSources parses the Go files below the root of a file system. Like the go
// command it passes over testdata and over names that begin with a dot or an
// underscore; unlike it, it goes into nested modules and ignores build tags.
func readSources(fsys fs.FS) ([]source, error) {
	var sources []source
	lines := token.NewFileSet()
	nested := ""
	err := fs.WalkDir(fsys, ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil || p == "." {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") || entry.Name() == "testdata" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			if _, err := fs.Stat(fsys, p+"/go.mod"); err == nil {
				nested = p
			}
			return nil
		}
		if path.Ext(p) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(lines, p, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		sources = append(sources, source{
			path:   p,
			text:   string(text),
			nested: nested != "" && within(nested+"/...", p),
			tree:   tree,
			lines:  lines,
		})
		return nil
	})
	return sources, err
}

var readModule = sync.OnceValues(func() ([]source, error) { return readSources(os.DirFS(root)) })

// module returns the files under test.
func module(t *testing.T) []source {
	t.Helper()
	sources, err := readModule()
	require.NoError(t, err)
	require.NotEmpty(t, sources)
	return sources
}

// sample is a small module and the breaches that a rule must find in it.
type sample struct {
	name  string
	files map[string]string // text by path
	want  []string
}

// judge runs one rule over samples.
func judge(t *testing.T, rule func([]source) []string, samples []sample) {
	t.Helper()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for p, text := range s.files {
				fsys[p] = &fstest.MapFile{Data: []byte(text)}
			}
			sources, err := readSources(fsys)
			require.NoError(t, err)
			assert.Equal(t, s.want, rule(sources))
		})
	}
}

func TestEveryGoFileIsRead(t *testing.T) {
	t.Parallel()
	sources, err := readSources(fstest.MapFS{
		"tier/tier.go":                      {Data: []byte("package tier")},
		"tier/tier_windows.go":              {Data: []byte("//go:build windows\n\npackage tier")},
		"tier/testdata/bad.go":              {Data: []byte("not Go")},
		"tier/README.md":                    {Data: []byte("not Go")},
		".ci/tools/main.go":                 {Data: []byte("not ours")},
		"governor/internal/e2e/go.mod":      {Data: []byte("module e2e")},
		"governor/internal/e2e/a/a_test.go": {Data: []byte("package a")},
		"governor/internal/e2etwo/b.go":     {Data: []byte("package b")},
	})
	require.NoError(t, err)
	nested := make(map[string]bool)
	for _, s := range sources {
		nested[s.path] = s.nested
	}
	assert.Equal(t, map[string]bool{
		"tier/tier.go":                      false,
		"tier/tier_windows.go":              false,
		"governor/internal/e2e/a/a_test.go": true,
		"governor/internal/e2etwo/b.go":     false,
	}, nested)
}

func TestAFileThatIsNotGoIsAnError(t *testing.T) {
	t.Parallel()
	_, err := readSources(fstest.MapFS{"tier/tier.go": {Data: []byte("packag tier")}})
	require.Error(t, err)
}
