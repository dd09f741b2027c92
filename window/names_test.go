package window

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Under one hash, which no names in the wild ever share.
func TestNamesOfOneHashAreToldApart(t *testing.T) {
	t.Parallel()
	var ix index
	var texts []string
	same := hashed(func(uint32) uint64 { return 42 })
	for i := range uint32(20) {
		texts = append(texts, fmt.Sprint("US.", i))
		ix.insert(42, i, same)
	}
	for i, text := range texts {
		found := -1
		for position := range ix.filed(42) {
			if texts[position] == text {
				found = int(position)
			}
		}
		assert.Equal(t, i, found)
	}
	for i := range uint32(20) {
		ix.remove(42, i, same)
	}
	for range ix.filed(42) {
		assert.Fail(t, "something is left")
	}
}

type hashed func(uint32) uint64

func (f hashed) hash(position uint32) uint64 { return f(position) }

func TestNamesAreForgottenWithTheirSlots(t *testing.T) {
	t.Parallel()
	w, err := New(Period)
	require.NoError(t, err)
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	for day := range 3 {
		for i := range 1000 {
			_, ok := w.Reserve(fmt.Sprint("US.", day, ".", i), now, now, math.MaxInt)
			require.True(t, ok)
		}
		_, ok := w.Reserve("US.refused", now, now, 0)
		require.False(t, ok)
		require.Zero(t, w.names.find("US.refused"))
		require.NoError(t, w.Check())
		now = now.Add(Period)
	}
	assert.LessOrEqual(t, int(w.names.next), 2000, "the room of the first day's is used again")
	for i := range 1000 { // others, whose bookings clear the names away
		w.Renew(fmt.Sprint(15550100+i), now, now)
	}
	require.NoError(t, w.Check())
	assert.Len(t, w.names.free, int(w.names.next))
}
