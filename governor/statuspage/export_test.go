package statuspage

import "net/http"

var (
	Span      = span
	Left      = left
	Relative  = relative
	ClockTime = clock
	Percent   = percent
	List      = list
	Humane    = humane
)

func Count(n int) string                     { return count(n) }
func Counted(n int, one, many string) string { return counted(n, one, many) }

// A Source is what a page asks.
type Source = source

// NewHandler is Handler for a source that is no governor.
func NewHandler(src Source, cfg Config) http.Handler { return newHandler(src, cfg) }

var (
	Restriction = restriction
	Refusal     = refusal
)
