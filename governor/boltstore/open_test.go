package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

// book sends to somebody at a time.
func book(ctx context.Context, s governor.Store, who string, now time.Time) error {
	v, err := s.Admit(ctx, governor.Admission{Account: "a", Now: now, Stamp: now, Number: "1", Recipient: who, Limit: 1 << 30})
	if err == nil && v.Outcome != governor.Admitted {
		err = fmt.Errorf("outcome %d", v.Outcome)
	}
	return err
}

// usedOf opens the ledger and returns how many recipients hold a slot.
func usedOf(t *testing.T, path string, now time.Time) int {
	t.Helper()
	s := open(t, path)
	u, err := s.Usage(t.Context(), governor.UsageAsk{Account: "a", Now: now})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return u.Used
}

func TestAFileThatIsOpenElsewhereIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) { // where whoever waits for a lock takes time, and nothing else does
		s := open(t, path)
		start := time.Now()
		_, err := boltstore.Open(path, boltstore.Config{})
		require.ErrorIs(t, err, boltstore.ErrLocked)
		require.Zero(t, time.Since(start))
		require.NoError(t, book(t.Context(), s, "1", t0))
		require.NoError(t, s.Close())
		require.Equal(t, 1, usedOf(t, path, t0))
	})
}

func TestOfManyWhoMakeTheFileAtOnceOneHasIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	var wg sync.WaitGroup
	opened := make(chan *boltstore.Store, 16)
	for range 16 {
		wg.Go(func() {
			s, err := boltstore.Open(path, boltstore.Config{})
			if err == nil {
				opened <- s
			} else if !errors.Is(err, boltstore.ErrLocked) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, len(opened), 1)
	if len(opened) == 1 {
		require.NoError(t, (<-opened).Close())
	}
	require.NoError(t, open(t, path).Close())
}

func TestTheFileIsForItsOwnerAloneAndTheOnlyOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, path)
	require.NoError(t, book(t.Context(), s, "1", t0))
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

func TestAfterCloseEverythingIsRefusedWithErrClosed(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.ErrorIs(t, book(t.Context(), s, "1", t0), boltstore.ErrClosed)
	require.ErrorIs(t, s.Flush(t.Context()), boltstore.ErrClosed)
	_, err := s.LoadState(t.Context(), "a")
	require.ErrorIs(t, err, boltstore.ErrClosed)

	var zero boltstore.Store
	require.ErrorIs(t, book(t.Context(), &zero, "1", t0), boltstore.ErrClosed)
	require.NoError(t, zero.Close())
}

func TestANegativeConfigIsRefused(t *testing.T) {
	t.Parallel()
	_, err := boltstore.Open(filepath.Join(t.TempDir(), "x.db"), boltstore.Config{Relaxed: -1})
	require.ErrorContains(t, err, "Config.Relaxed: -1ns, want 0 or more")
}

func TestWhatGathersIsWrittenInOneTransaction(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		release := s.HoldDisk()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() { assert.NoError(t, book(t.Context(), s, fmt.Sprint(i), t0)) })
		}
		synctest.Wait()
		release()
		wg.Wait()
		assert.EqualValues(t, 1, s.Transactions())
		require.NoError(t, s.Close())
		require.Equal(t, 100, usedOf(t, path, t0))
	})
}

func TestWhoGivesUpWaitingLeavesTheirBatchToTheNext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		release := s.HoldDisk()
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() { gaveUp <- book(ctx, s, "1", t0) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		release()
		assert.Zero(t, s.Transactions(), "there is nobody who would write")

		require.NoError(t, book(t.Context(), s, "2", t0))
		assert.EqualValues(t, 1, s.Transactions())
		require.NoError(t, s.Close())
		require.Equal(t, 2, usedOf(t, path, t0), "both, in their order")
	})
}

func TestAVerbThatRepeatsAnotherWaitsUntilThatIsOnTheDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		token := governor.Token{Lo: 1}
		_, err := s.Admit(t.Context(), governor.Admission{Account: "a", Token: token, Now: t0, Stamp: t0, Number: "1", Recipient: "1", Limit: 1})
		require.NoError(t, err)
		release := s.HoldDisk()
		cancelled := make(chan error, 2)
		for range 2 {
			go func() { cancelled <- s.Settle(t.Context(), governor.Settlement{Account: "a", Token: token, Now: t0}) }()
			synctest.Wait()
		}
		assert.Empty(t, cancelled)
		release()
		require.NoError(t, <-cancelled)
		require.NoError(t, <-cancelled)
		require.NoError(t, s.Close())
		require.Zero(t, usedOf(t, path, t0))
	})
}

func TestCloseWaitsForThoseUnderWay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		release := s.HoldDisk()
		booked, closed := make(chan error, 1), make(chan error, 1)
		go func() { booked <- book(t.Context(), s, "1", t0) }()
		synctest.Wait()
		go func() { closed <- s.Close() }()
		release()
		require.NoError(t, <-closed)
		synctest.Wait()
		require.Len(t, booked, 1, "it has its answer")
		require.NoError(t, <-booked)
		require.Equal(t, 1, usedOf(t, path, t0))
	})
}

func TestARelaxedStoreWritesWithTheFirstVerbThatIsLateEnough(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := boltstore.Open(path, boltstore.Config{Relaxed: time.Second})
	require.NoError(t, err)
	for i := range 10 {
		require.NoError(t, book(t.Context(), s, fmt.Sprint(i), t0.Add(time.Duration(i)*time.Second/10)))
	}
	assert.Zero(t, s.Transactions())
	require.NoError(t, book(t.Context(), s, "late", t0.Add(time.Second)))
	assert.EqualValues(t, 1, s.Transactions())
	require.NoError(t, book(t.Context(), s, "later", t0.Add(time.Second)))
	assert.EqualValues(t, 1, s.Transactions())
	require.NoError(t, s.Flush(t.Context()))
	assert.EqualValues(t, 2, s.Transactions())
	require.NoError(t, book(t.Context(), s, "last", t0.Add(time.Second)))
	require.NoError(t, s.Close())
	require.Equal(t, 13, usedOf(t, path, t0.Add(time.Second)))
}

// A message's ID has the recipient's phone number in it, and so has nobody to
// see it.
func TestMessageIDsAreNotOnTheDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, path)
	token := governor.Token{Lo: 1}
	_, err := s.Admit(t.Context(), governor.Admission{Account: "a", Token: token, Now: t0, Stamp: t0, Number: "1", Recipient: "h:1", Limit: 1})
	require.NoError(t, err)
	require.NoError(t, s.Settle(t.Context(), governor.Settlement{Account: "a", Token: token, Now: t0, Stamp: t0, Sent: true, MessageID: "wamid.HBgLMTY1MDU1NTAxMDE"}))
	require.NoError(t, s.Delivery(t.Context(), governor.DeliveryMark{Account: "a", Number: "1", At: t0, Stamp: t0, Now: t0, MessageID: "wamid.HBgLMTY1MDU1NTAxMDE"}))
	require.NoError(t, s.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, string(content), "HBgL")
	assert.True(t, strings.Contains(string(content), "h:1"), "what the governor calls the recipient is")
}
