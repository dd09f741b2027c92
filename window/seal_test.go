package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

func TestASealedSendCannotBeGivenBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, h24)
	ticket := reserve(t, w, "A", t0)
	at := t0.Add(2 * time.Second)
	require.True(t, w.Seal(ticket, at, at))
	wantStamp(t, w, "A", at, at)

	assert.False(t, w.Known(ticket, at))
	assert.False(t, w.Release(ticket, at))
	assert.False(t, w.Cancel(ticket, at))
	assert.False(t, w.Commit(ticket, at, at.Add(time.Second)))
	assert.False(t, w.Seal(ticket, at, at.Add(time.Second)))
	wantStamp(t, w, "A", at, at)
	assert.Zero(t, w.Count(at.Add(h24)))
}

func TestSealLeavesALaterSendToBeGivenBack(t *testing.T) {
	t.Parallel()
	w := mustNew(t, h24)
	first, second := reserve(t, w, "A", t0), reserve(t, w, "A", t0.Add(time.Second))
	require.True(t, w.Commit(second, t0.Add(3*time.Second), t0.Add(3*time.Second)))
	require.True(t, w.Seal(first, t0.Add(3*time.Second), t0.Add(2*time.Second)))
	now := t0.Add(time.Minute)
	wantStamp(t, w, "A", now, t0.Add(3*time.Second))
	require.True(t, w.Release(second, now))
	wantStamp(t, w, "A", now, t0.Add(2*time.Second))
}

func TestSealOfAnExpiredReservationTakesTheSlotAgain(t *testing.T) {
	t.Parallel()
	w := mustNew(t, h24)
	ticket := reserve(t, w, "A", t0)
	late := t0.Add(h24 + time.Minute)
	require.Zero(t, w.Count(late))
	require.True(t, w.Seal(ticket, late, late))
	wantStamp(t, w, "A", late, late)
	assert.False(t, w.Release(ticket, late))
}

func TestSealOfOneOfVeryManySendsToOnePersonCounts(t *testing.T) {
	t.Parallel()
	w := mustNew(t, h24)
	first := reserve(t, w, "A", t0)
	others := make([]window.Ticket, 100)
	for i := range others {
		others[i] = reserve(t, w, "A", t0)
	}
	at := t0.Add(time.Minute)
	require.True(t, w.Seal(first, at, at))
	assert.False(t, w.Known(first, at))
	for _, other := range others {
		require.True(t, w.Cancel(other, at))
	}
	wantStamp(t, w, "A", at, at)
}
