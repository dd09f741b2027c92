package storetest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShrinkingLeavesWhatAFailureNeeds(t *testing.T) {
	t.Parallel()
	all := make([]int, historySteps)
	for i := range all {
		all[i] = i
	}
	for _, needed := range [][]int{{0}, {299}, {7, 8}, {3, 150, 298}, {}} {
		got := shrink(all, func(steps []int) bool {
			for _, n := range needed {
				if !slices.Contains(steps, n) {
					return false
				}
			}
			return true
		})
		assert.ElementsMatch(t, needed, got)
	}
}
