//go:build race

package window_test

// duelSteps is for the race detector, which makes each step ten times slower.
const duelSteps = 10_000
