package archtest_test

import "testing"

func TestABadPackageCommentIsSeen(t *testing.T) {
	t.Parallel()
	judge(t, packageDocBreaches, []sample{
		{"none", map[string]string{"tier/a.go": "package tier", "tier/a_test.go": "// Package tier is tested.\npackage tier"}, []string{
			"tier: no package comment",
		}},
		{"one", map[string]string{"tier/doc.go": "// Package tier counts.\npackage tier", "tier/a.go": "// About this file.\n\npackage tier"}, nil},
		{"two", map[string]string{"tier/doc.go": "// Package tier counts.\npackage tier", "tier/a.go": "// Package tier counts.\npackage tier"}, []string{
			"tier/a.go:1: a package comment belongs in doc.go; put a blank line below a comment on the file",
			"tier: more than one package comment",
		}},
		{"of another form", map[string]string{"tier/doc.go": "// Package tiers counts.\npackage tier"}, []string{
			"tier/doc.go:1: want a comment that begins with Package tier",
		}},
		{"a directive is no comment", map[string]string{"tier/doc.go": "//go:generate true\npackage tier"}, []string{
			"tier: no package comment",
		}},
		{"a program's", map[string]string{"examples/a/main.go": "// Command a sends.\npackage main", "examples/a/b.go": "package main"}, nil},
	})
}

func TestABadCommentOnANameIsSeen(t *testing.T) {
	t.Parallel()
	one := func(text string) map[string]string {
		return map[string]string{"tier/a.go": "package tier\n" + text}
	}
	wants := func(line, name string) []string {
		return []string{"tier/a.go:" + line + ": " + name + " wants a comment that begins with it"}
	}
	judge(t, nameDocBreaches, []sample{
		{"a bare function", one("func Of() {}"), wants("2", "Of")},
		{"a function with another's comment", one("// Offer it.\nfunc Of() {}"), wants("3", "Of")},
		{"a function", one("// Of is it.\nfunc Of() {}"), nil},
		{"a function with a comma", one("// Of, or so.\nfunc Of() {}"), nil},
		{"an article", one("// A Tier is it.\ntype Tier int"), nil},
		{"a bare type", one("type Tier int"), wants("2", "Tier")},
		{"a bare method", one("// Tier is it.\ntype Tier int\n\nfunc (t *Tier) Up() {}"), wants("5", "Up")},
		{"a generic receiver", one("// Set is it.\ntype Set[K any] struct{}\n\nfunc (s Set[K]) Up() {}"), wants("5", "Up")},
		{"a hidden type's method", one("type tier int\n\nfunc (t tier) Up() {}"), nil},
		{"a constant in a group", one("// The tiers.\nconst (\n\t// Low is it.\n\tLow = 1\n\tHigh = 2 // High is it.\n\tMid = 3\n)"), wants("7", "Mid")},
		{"a lone variable", one("// Err is it.\nvar Err = 1\n\nvar Bad = 2"), wants("5", "Bad")},
		{"an interface's method", one("// Clock is it.\ntype Clock interface {\n\t// Now is it.\n\tNow()\n\tThen()\n}"), wants("6", "Then")},
		{"hidden from users", map[string]string{
			"tier/a_test.go":              "package tier\nfunc Of() {}",
			"examples/a/main.go":          "package main\nfunc Of() {}",
			"governor/internal/body/a.go": "package body\nfunc Of() {}",
		}, nil},
	})
}

func TestAPromiseWithoutATestIsSeen(t *testing.T) {
	t.Parallel()
	judge(t, promiseBreaches, []sample{
		{"kept", map[string]string{
			"tier/doc.go":    "// Package tier never sinks: TestTierNeverSinks/at_zero.\npackage tier",
			"tier/a_test.go": "package tier\nfunc TestTierNeverSinks() {}",
		}, nil},
		{"broken", map[string]string{
			"tier/doc.go":    "// Package tier never sinks: TestTierSinks, FuzzTier.\npackage tier",
			"tier/a_test.go": "package tier\nfunc TestTierNeverSinks() {}",
		}, []string{"tier/doc.go: no test is called FuzzTier", "tier/doc.go: no test is called TestTierSinks"}},
	})
}
