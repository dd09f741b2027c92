package boltstore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

// fill books and settles sends to so many people, evenly over a day.
func fill(t testing.TB, s *boltstore.Store, first, people int, day time.Time) {
	t.Helper()
	for i := range people {
		now := day.Add(24 * time.Hour / time.Duration(people) * time.Duration(i))
		who, token := fmt.Sprintf("1650%07d", first+i), governor.Token{Hi: uint64(first+i) * 0x9E3779B97F4A7C15, Lo: uint64(i)}
		v, err := s.Admit(t.Context(), governor.Admission{
			Account: "portfolio", Token: token, Now: now, Stamp: now, Number: "106540352242922", Recipient: who, Limit: people,
			NumberRate: governor.Rate{Every: time.Second / 80, Burst: 80}, PairRate: governor.Rate{Every: 6 * time.Second, Burst: 45},
		})
		require.NoError(t, err)
		require.Equal(t, governor.Admitted, v.Outcome)
		require.NoError(t, s.Settle(t.Context(), governor.Settlement{
			Account: "portfolio", Token: token, Now: now, Stamp: now, Sent: true, Recipient: who, Canonical: who, MessageID: "wamid." + who,
		}))
	}
}

func TestAFileIsAsLargeAsADayAndNotAsItsHistory(t *testing.T) {
	t.Parallel()
	const people, days = 1000, 60
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := boltstore.OpenTuned(path, time.Hour, 64<<10)
	require.NoError(t, err)
	used := make([]int64, days)
	for day := range days {
		fill(t, s, day*people, people, t0.Add(time.Duration(day)*24*time.Hour))
		used[day], _, _ = s.Bytes()
	}
	_, _, snapshots := s.Bytes()
	t.Logf("%d of snapshots; bytes after each day: %d", snapshots, used)
	// The old snapshot, the new one, as much of journal, and gaps.
	require.LessOrEqual(t, used[days-1], int64(5*snapshots))
	require.NoError(t, s.Close())
	require.NoError(t, open(t, path).Close())
}
