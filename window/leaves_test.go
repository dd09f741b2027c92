package window

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each then begins a leaf of its own, since a leaf spans less than that, and the
// one before it is over.
func TestSendsThatLieFiftyDaysApartAreForgottenAsFastAsTheyCome(t *testing.T) {
	t.Parallel()
	w, err := New(Period)
	require.NoError(t, err)
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	for i := range 1000 {
		now = now.Add(50 * Period)
		w.Renew(fmt.Sprint(15550100+i), now, now)
	}
	require.NoError(t, w.Check())
	assert.LessOrEqual(t, int(w.slab.next), 2*blockLeaves)
}
