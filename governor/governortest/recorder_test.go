package governortest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

func TestARecorderKeepsNoticesInOrderAndByKind(t *testing.T) {
	t.Parallel()
	var seen governortest.Recorder
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 1, Observer: seen.Record, Clock: governortest.NewClock()})
	require.NoError(t, err)
	for _, to := range []string{alice, bob} {
		_, _ = gov.Reserve(t.Context(), governor.Message{From: number, To: to, Template: "hello_world"})
	}
	require.NoError(t, gov.Observe(t.Context(), governor.TierReported{Number: number, Tier: 2}))

	var kinds []governor.NoticeKind
	for _, n := range seen.Notices() {
		kinds = append(kinds, n.Kind)
	}
	assert.Equal(t, []governor.NoticeKind{governor.NoticeNearLimit, governor.NoticeDenied, governor.NoticeLimit}, kinds)
	denied := seen.Notices(governor.NoticeDenied)
	require.Len(t, denied, 1)
	assert.Equal(t, governor.TierLimit, denied[0].Decision.Reason)
	seen.Reset()
	assert.Empty(t, seen.Notices())
}

func ExampleRecorder() {
	var seen governortest.Recorder
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: 1, Clock: governortest.NewClock(), Observer: seen.Record,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"+1 650 555 0101", "+1 650 555 0102"} {
		_, _ = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: to, Template: "hello_world"})
	}
	for _, n := range seen.Notices(governor.NoticeDenied) {
		fmt.Println(n.Kind, n.Decision)
	}
	// Output:
	// denied refused (tier_limit): 1 of 1 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z
}
