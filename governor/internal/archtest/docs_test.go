package archtest_test

import (
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// packageDocBreaches finds packages without exactly one package comment, and
// comments that stand elsewhere than in doc.go (a program's may be in main.go).
func packageDocBreaches(sources []source) []string {
	type pkg struct{ name, dir string }
	documented := make(map[pkg]int)
	var breaches []string
	for _, s := range sources {
		if s.isTest() || s.nested {
			continue
		}
		p := pkg{s.tree.Name.Name, s.dir()}
		if s.tree.Doc.Text() == "" {
			documented[p] += 0
			continue
		}
		documented[p]++
		if base := path.Base(s.path); base != "doc.go" && (p.name != "main" || base != "main.go") {
			breaches = append(breaches, s.at(s.tree.Doc.Pos(), "a package comment belongs in doc.go; put a blank line below a comment on the file"))
		}
		if p.name != "main" && !begins(s.tree.Doc, "Package", p.name) {
			breaches = append(breaches, s.at(s.tree.Doc.Pos(), "want a comment that begins with Package "+p.name))
		}
	}
	for p, n := range documented {
		if n == 0 {
			breaches = append(breaches, p.dir+": no package comment")
		}
		if n > 1 {
			breaches = append(breaches, p.dir+": more than one package comment")
		}
	}
	slices.Sort(breaches)
	return breaches
}

// nameDocBreaches finds exported names of shipped packages without a comment
// that begins with them.
func nameDocBreaches(sources []source) []string {
	var breaches []string
	for _, s := range sources {
		if !s.shipped() || s.tree.Name.Name == "main" || withinAny(internal, s.dir()) {
			continue
		}
		for _, decl := range s.tree.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Name.IsExported() && (decl.Recv == nil || ast.IsExported(receiver(decl))) {
					breaches = append(breaches, undocumented(s, decl.Name, decl.Doc)...)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					breaches = append(breaches, specBreaches(s, decl, spec)...)
				}
			}
		}
	}
	return breaches
}

// specBreaches looks at one type, or at one line of constants or variables.
func specBreaches(s source, decl *ast.GenDecl, spec ast.Spec) []string {
	alone := func(doc *ast.CommentGroup) *ast.CommentGroup {
		if doc == nil && !decl.Lparen.IsValid() {
			return decl.Doc // Without parentheses the comment belongs to the declaration.
		}
		return doc
	}
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return nil
		}
		return append(undocumented(s, spec.Name, alone(spec.Doc)), methodBreaches(s, spec.Type)...)
	case *ast.ValueSpec:
		// A comment on several names begins with the first of them.
		if name := spec.Names[0]; name.IsExported() {
			return undocumented(s, name, alone(spec.Doc), spec.Comment)
		}
	}
	return nil
}

// methodBreaches looks at the methods of an interface. A struct's fields are
// its author's affair: some are told by their type's comment.
func methodBreaches(s source, typ ast.Expr) []string {
	face, ok := typ.(*ast.InterfaceType)
	if !ok {
		return nil
	}
	var breaches []string
	for _, method := range face.Methods.List {
		if len(method.Names) > 0 && method.Names[0].IsExported() {
			breaches = append(breaches, undocumented(s, method.Names[0], method.Doc, method.Comment)...)
		}
	}
	return breaches
}

// receiver names the type that a method hangs on.
func receiver(method *ast.FuncDecl) string {
	typ := method.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// undocumented is a breach unless one of the comments begins with the name,
// or with an article and the name.
func undocumented(s source, name *ast.Ident, comments ...*ast.CommentGroup) []string {
	for _, c := range comments {
		if begins(c, name.Name) || begins(c, "A", name.Name) || begins(c, "An", name.Name) || begins(c, "The", name.Name) {
			return nil
		}
	}
	return []string{s.at(name.Pos(), name.Name+" wants a comment that begins with it")}
}

// begins says whether a comment's first words are those, whatever punctuation
// follows the last.
func begins(comment *ast.CommentGroup, words ...string) bool {
	text := strings.Fields(comment.Text())
	if len(text) < len(words) {
		return false
	}
	for i, word := range words {
		rest, ok := strings.CutPrefix(text[i], word)
		if !ok || rest != "" && token.IsIdentifier(word+rest) {
			return false
		}
	}
	return true
}

// testName is a test as a comment names it.
var testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark|Example)[A-Z]\w+`)

// promiseBreaches finds comments in shipped code that name a test which does
// not exist in the module or in one nested in it.
func promiseBreaches(sources []source) []string {
	declared := make(map[string]bool)
	for _, s := range sources {
		for _, decl := range s.tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				declared[f.Name.Name] = true
			}
		}
	}
	missing := make(map[string]bool)
	for _, s := range sources {
		if !s.shipped() {
			continue
		}
		for _, comment := range s.tree.Comments {
			for _, name := range testName.FindAllString(comment.Text(), -1) {
				if !declared[name] {
					missing[s.path+": no test is called "+name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(missing))
}

func TestEveryPackageIsDocumentedOnce(t *testing.T) {
	t.Parallel()
	assert.Empty(t, packageDocBreaches(module(t)))
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	t.Parallel()
	assert.Empty(t, nameDocBreaches(module(t)))
}

func TestEveryPromisedTestExists(t *testing.T) {
	t.Parallel()
	assert.Empty(t, promiseBreaches(module(t)))
}
