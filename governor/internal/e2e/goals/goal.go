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
	// theirs over theirsOver is the same ratio of a baseline, by which ours is
	// divided.
	theirs, theirsOver []string
	unit               string // "ns/op" if empty
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
	value, runs := g.value(m)
	if runs == 0 {
		return r
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

// value is what the goal is about. Runs are those of the benchmark that has the
// fewest, and none if one is missing.
func (g goal) value(m measures) (value float64, runs int) {
	value, runs = g.sum(m, g.of)
	// with has a part in the value, if the goal has that part.
	with := func(names []string, join func(value, part float64) float64) {
		if len(names) > 0 {
			part, partRuns := g.sum(m, names)
			value, runs = join(value, part), min(runs, partRuns)
		}
	}
	with(g.less, func(value, part float64) float64 { return value - part })
	with(g.over, func(value, part float64) float64 { return value / part })
	with(g.theirs, func(value, part float64) float64 { return value / part })
	with(g.theirsOver, func(value, part float64) float64 { return value * part })
	if g.atLeast && len(g.over) > 0 {
		value = 1 / value // a rate: more per second is fewer nanoseconds
	}
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, 0 // over a benchmark that took no time
	}
	if g.scale != 0 {
		value *= g.scale
	}
	return value, runs
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
	if g.show != "" {
		return " " + g.show
	}
	if len(g.over) > 0 {
		return "x"
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
