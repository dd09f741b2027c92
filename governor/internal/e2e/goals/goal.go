package main

import (
	"fmt"
	"math"
	"strconv"
)

// A goal is one measure and its bound. With a base it is a ratio of medians of
// one run, else a value in a unit.
type goal struct {
	id, group, what string
	// of is the benchmark measured, less what is no part of it and over what it
	// is divided by, without "BenchmarkGoal/". Of several the sum counts.
	of, less, over []string
	unit           string // "ns/op" if empty
	// bound is the most that is allowed, or with atLeast the least.
	bound   float64
	atLeast bool
	// scale turns the unit into the one that is shown.
	scale float64
	show  string
}

type row struct {
	id, what, goal, measured, verdict string
	met                               bool
}

func (g goal) judge(m measures) row {
	r := row{id: g.id, what: g.what, goal: g.words(g.bound), measured: "–", verdict: "not measured"}
	value, runs := g.sum(m, g.of)
	if runs == 0 {
		return r
	}
	if len(g.less) > 0 {
		part, partRuns := g.sum(m, g.less)
		if partRuns == 0 {
			return r
		}
		value, runs = value-part, min(runs, partRuns)
	}
	if len(g.over) > 0 {
		base, baseRuns := g.sum(m, g.over)
		if baseRuns == 0 || base == 0 {
			return r
		}
		value, runs = value/base, min(runs, baseRuns)
		if g.atLeast {
			value = 1 / value // a rate: more per second is fewer nanoseconds
		}
	}
	if g.scale != 0 {
		value *= g.scale
	}
	r.measured = number(value) + g.suffix()
	r.met = value <= g.bound
	if g.atLeast {
		r.met = value >= g.bound
	}
	r.verdict = "missed"
	if r.met {
		r.verdict = "met"
	}
	if runs < 6 {
		r.verdict += fmt.Sprintf(" (%d runs)", runs)
	}
	return r
}

// sum adds the medians of several benchmarks. Runs are those of the fewest.
func (g goal) sum(m measures, names []string) (value float64, runs int) {
	unit := g.unit
	if unit == "" {
		unit = "ns/op"
	}
	for i, name := range names {
		v, n := m.median(name, unit)
		if i == 0 || n < runs {
			runs = n
		}
		value += v
	}
	return value, runs
}

func (g goal) words(bound float64) string {
	sign := "<= "
	if g.atLeast {
		sign = ">= "
	}
	return sign + number(bound) + g.suffix()
}

func (g goal) suffix() string {
	if len(g.over) > 0 {
		return "x"
	}
	if g.show != "" {
		return " " + g.show
	}
	return ""
}

// number prints what is whole as it is, and else three digits.
func number(v float64) string {
	switch {
	case v >= 100, v == math.Trunc(v):
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}
