package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

const (
	ada   = "+1 650 555 0101"
	grace = "+1 650 555 0102"
)

// outbox is what the code under test did.
type outbox struct {
	sent  []string
	later map[string]time.Time
}

func newReminders(t *testing.T, cfg governor.Config) (*reminders, *outbox) {
	t.Helper()
	gov, err := governor.New(memstore.New(), cfg)
	require.NoError(t, err)
	out := &outbox{later: map[string]time.Time{}}
	return &reminders{
		gov:  gov,
		from: "106540352242922",
		post: func(_ context.Context, to string) (string, error) {
			out.sent = append(out.sent, to)
			return "wamid." + to, nil
		},
		later: func(at time.Time, to string) { out.later[to] = at },
	}, out
}

// With the fake clock a test walks through days without waiting, and can check
// the very instant at which things change.
func TestAReminderOverTheLimitIsQueuedForWhenTheSlotFrees(t *testing.T) {
	t.Parallel()
	clock := governortest.NewClock()
	r, out := newReminders(t, governor.Config{DefaultTier: 1, Clock: clock})

	require.NoError(t, r.remind(t.Context(), ada))
	require.NoError(t, r.remind(t.Context(), grace))
	assert.Equal(t, []string{ada}, out.sent)
	assert.Equal(t, governortest.Start.Add(24*time.Hour), out.later[grace])

	clock.Set(out.later[grace])
	require.NoError(t, r.remind(t.Context(), grace))
	assert.Equal(t, []string{ada, grace}, out.sent)
}

// Inside a testing/synctest bubble the system clock is fake already: a Wait of
// a day is over at once, and the governor needs no clock of its own.
func TestAReminderThatCanWaitGoesOutADayLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, out := newReminders(t, governor.Config{DefaultTier: 1})
		start := time.Now()
		require.NoError(t, r.remindNow(t.Context(), ada))
		require.NoError(t, r.remindNow(t.Context(), grace))
		assert.Equal(t, 24*time.Hour, time.Since(start))
		assert.Equal(t, []string{ada, grace}, out.sent)
	})
}
