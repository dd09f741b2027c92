package redisstore

import (
	"embed"
	"regexp"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// The script, an idea a file. It holds no values of a caller's: the server
// compiles it once.
//
//go:embed lua/*.lua
var sources embed.FS

// pieces are its files in order. Behind more stands what a common call does not
// need.
var pieces = []string{
	"head", "clock", "admit", "settle",
	"more", "lead", "slots", "rates", "people", "names", "rules", "answer", "hear", "report", "fence", "sweep",
	"main",
}

// script is what the server runs.
var script = sync.OnceValue(func() *redis.Script { return redis.NewScript(assemble()) })

// assemble puts the files together and names in their places.
func assemble() string {
	values := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+) = (\S+)`).FindAllStringSubmatch(source("const"), -1) {
		values[m[1]] = m[2]
	}
	var b strings.Builder
	for _, name := range pieces {
		compact(&b, source(name))
	}
	return regexp.MustCompile(`'[^'\n]*'|\b[A-Z][A-Z_]+\b`).ReplaceAllStringFunc(b.String(), func(word string) string {
		if value, ok := values[word]; ok {
			return value
		}
		return word
	})
}

// compact drops lines that hold nothing but a comment, and indentation, which
// the server would keep.
func compact(b *strings.Builder, text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--") {
			b.WriteString(line + "\n")
		}
	}
}

func source(name string) string {
	text, _ := sources.ReadFile("lua/" + name + ".lua") // embedded, so that it is there
	return string(text)
}
