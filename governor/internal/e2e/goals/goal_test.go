package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const output = `goos: linux
BenchmarkGoal/01-reserve-100K/window-2    100   100 ns/op   0 B/op   0 allocs/op
BenchmarkGoal/01-reserve-100K/map-set-2   100   50 ns/op    0 B/op   0 allocs/op
BenchmarkGoal/01-reserve-100K/window-2    100   300 ns/op   0 B/op   0 allocs/op
BenchmarkGoal/01-reserve-100K/window-2    100   120 ns/op   0 B/op   0 allocs/op
BenchmarkGoal/07-next-free-100K           100   12 ns/op
BenchmarkGoal/18-durable-1/boltstore-2    100   400 ns/op
BenchmarkGoal/18-durable-1/fdatasync-2    100   300 ns/op
BenchmarkGoal/T-transport/governed-2      100   5000 ns/op  100 B/op  14 allocs/op
BenchmarkGoal/T-transport/apart-2         100   4000 ns/op  100 B/op  9 allocs/op
BenchmarkGoal/T-transport/loopback-2      100   40000 ns/op
BenchmarkGoal/16-scaling-64x10K/window-1cpu-2    100   200 ns/op
BenchmarkGoal/16-scaling-64x10K/window-2cpu-2    100   150 ns/op
BenchmarkGoal/16-scaling-64x10K/map-set-1cpu-2   100   100 ns/op
BenchmarkGoal/16-scaling-64x10K/map-set-2cpu-2   100   60 ns/op
BenchmarkGoal/19-durable-16/boltstore-2   100   400 ns/op
PASS
`

func judged(t *testing.T, id string) row {
	t.Helper()
	m, err := read(strings.NewReader(output))
	require.NoError(t, err)
	for _, g := range goals {
		if g.id == id {
			return g.judge(m)
		}
	}
	require.Fail(t, "no goal", id)
	return row{}
}

func TestARatioIsOfMediansAndARateIsTheOtherWayRound(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]row{
		"1":   {goal: "<= 2x", measured: "2.4x", verdict: "missed (1 runs)"},
		"7a":  {goal: "<= 10 ns", measured: "12 ns", verdict: "missed (1 runs)"},
		"8":   {goal: "<= 0", measured: "0", verdict: "met (3 runs)", met: true},
		"18a": {goal: ">= 0.5x", measured: "0.75x", verdict: "met (1 runs)", met: true},
		"Ta":  {goal: "<= 1.5 us", measured: "1 us", verdict: "met (1 runs)", met: true},
		"Tb":  {goal: "<= 5", measured: "5", verdict: "met (1 runs)", met: true},
		"Tc":  {goal: "<= 5 %", measured: "2.5 %", verdict: "met (1 runs)", met: true},
		"16":  {goal: "<= 1.3x", measured: "1.25x", verdict: "met (1 runs)", met: true},
		"19a": {goal: ">= 1x", measured: "–", verdict: "not measured"},
		"3":   {goal: "<= 0.4x", measured: "–", verdict: "not measured"},
	} {
		got := judged(t, id)
		want.id, want.what = got.id, got.what
		assert.Equal(t, want, got)
	}
}

func TestARatioThatLacksAPartOrIsOverNothingIsNotMeasured(t *testing.T) {
	t.Parallel()
	scaling := goal{of: []string{"a"}, over: []string{"b"}, theirs: []string{"c"}, theirsOver: []string{"d"}, bound: 9}
	for _, name := range []string{"a", "b", "c", "d"} {
		m := measures{}
		for _, other := range []string{"a", "b", "c", "d"} {
			m[measure{other, "ns/op"}] = []float64{3}
		}
		require.Equal(t, "1x", scaling.judge(m).measured)
		delete(m, measure{name, "ns/op"})
		assert.Equal(t, "not measured", scaling.judge(m).verdict, name)
	}
	for _, g := range []goal{{of: []string{"a"}, over: []string{"b"}}, {of: []string{"b"}, over: []string{"b"}}} {
		nothing := measures{{"a", "ns/op"}: {3}, {"b", "ns/op"}: {0}}
		assert.Equal(t, "not measured", g.judge(nothing).verdict)
	}
}

func TestTheTableEndsWithHowManyAreMet(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(strings.NewReader(output), &out, "decision", false))
	assert.True(t, strings.HasSuffix(out.String(), "\n3 of 6 goals met\n"), out.String())
	require.Error(t, run(strings.NewReader(output), &out, "nobody's", false))
	require.Error(t, run(strings.NewReader("PASS\n"), &out, "", false), "nothing was measured")
}

func TestEveryGoalIsNamedOnceAndInAGroup(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, g := range goals {
		assert.False(t, seen[g.id], g.id)
		seen[g.id] = true
		assert.Contains(t, []string{"window", "decision", "stores"}, g.group)
		assert.NotEmpty(t, g.of, g.id)
	}
}
