package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// measures are the values of each benchmark and unit, in the order in which
// they came.
type measures map[measure][]float64

type measure struct{ name, unit string }

func read(in io.Reader) (measures, error) {
	m := measures{}
	for r := benchfmt.NewReader(in, "standard input"); r.Scan(); {
		result, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue // a line that only looks like a result
		}
		name, _ := strings.CutPrefix(string(result.Name.Full()), "Goal/")
		if i := strings.LastIndexByte(name, '-'); i > 0 && strings.Trim(name[i+1:], "0123456789") == "" {
			name = name[:i] // how many processors there were
		}
		for _, v := range result.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" {
				value, unit = v.OrigValue, v.OrigUnit // ns/op, which it would make seconds of
			}
			key := measure{name, unit}
			m[key] = append(m[key], value)
		}
	}
	if len(m) == 0 {
		return nil, fmt.Errorf("there is no result of a benchmark in the input")
	}
	return m, nil
}

// median is that of all runs, and how many there were.
func (m measures) median(name, unit string) (value float64, runs int) {
	values := slices.Sorted(slices.Values(m[measure{name, unit}]))
	n := len(values)
	if n == 0 {
		return 0, 0
	}
	return (values[(n-1)/2] + values[n/2]) / 2, n
}
