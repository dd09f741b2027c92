//go:build !race

package window_test

// duelSteps makes a million of ten histories.
const duelSteps = 100_000
