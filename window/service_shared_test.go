package window_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// Customers come, are merged back and forth and are forgotten, tables grow and
// are replaced. One customer has an open window all the time, under one spelling
// or the other.
func TestUntilNeedsNoLockBesideAWriter(t *testing.T) {
	t.Parallel()
	const n = 600
	var s window.Service
	open := func(customer string, at time.Time) { s.Open("1", customer, at, at) }
	open("15550100", t0)
	open("US.1349", t0)
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				for _, customer := range []string{"15550100", "US.1349"} {
					until, known := s.Until("1", customer, t0)
					if assert.True(t, known, customer) {
						assert.Equal(t, t0.Add(h24), until)
					}
				}
				until, known := s.Until("1", "15550101", t0)
				assert.True(t, !known || until.Equal(t0.Add(h24)))
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range n {
		now := t0.Add(time.Duration(i))
		open(fmt.Sprint("1666", i), now)
		s.Open(fmt.Sprint(2+i/100), fmt.Sprint("US.", i), now, now)
		s.Open("1", "15550101", t0, t0)
		s.Merge("1", "15550101", "15550102")
		s.Merge("1", "15550102", "15550101")
		s.Close("1", "15550103", now, now)
	}
	close(done)
	readers.Wait()
	assert.Equal(t, 2*n+4, s.Len())
}

// Whoever is not found under the old spelling is under the new, and who is found
// under the new is not under the old.
func TestAServiceMergeShowsAtOnceBesideAWriter(t *testing.T) {
	t.Parallel()
	var s window.Service
	var turn atomic.Int64
	names := func(i int64) (from, into string) { return fmt.Sprint("1555", i), fmt.Sprint("US.", i) }
	known := func(customer string) bool {
		_, known := s.Until("1", customer, t0)
		return known
	}
	var readers sync.WaitGroup
	done := make(chan struct{})
	for r := range 2 {
		readers.Go(func() {
			for ok := true; ok; {
				from, into := names(turn.Load())
				if r == 0 {
					ok = assert.True(t, known(from) || known(into), "nobody is known")
				} else {
					ok = assert.False(t, known(into) && known(from), "two are known")
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range int64(1000) {
		from, into := names(i)
		s.Open("1", from, t0, t0)
		turn.Store(i)
		s.Merge("1", from, into)
	}
	close(done)
	readers.Wait()
}

// What the platform said is always older than what the customer wrote, so that
// the window is open all the time: also if both change while it is read.
func TestAServiceWindowIsNeverReadInPartsBesideAWriter(t *testing.T) {
	t.Parallel()
	var s window.Service
	renew := func(i int) {
		at := t0.Add(time.Duration(i) * 10 * time.Millisecond)
		s.Open("1", "15550100", at, at)
		s.Close("1", "15550100", at, at.Add(-5*time.Millisecond))
	}
	renew(0)
	now := t0.Add(time.Hour)
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				until, known := s.Until("1", "15550100", now)
				if !assert.True(t, known && until.After(now), "closed") {
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 100_000 {
		renew(i)
	}
	close(done)
	readers.Wait()
}

// Just after 1970, when a time that is not written yet would not look long gone.
func TestAServiceCustomerIsSeenWithItsTimeOrNotAtAllBesideAWriter(t *testing.T) {
	t.Parallel()
	var s window.Service
	names, now := phones(50_000), time.Unix(1000, 0)
	var turn atomic.Int64
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				until, known := s.Until("1", names[turn.Load()], now)
				if known && !assert.Equal(t, now.Add(h24).UTC(), until) {
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i, name := range names {
		turn.Store(int64(i))
		s.Open("1", name, now, now)
	}
	close(done)
	readers.Wait()
}

// The window of one customer opens and is said to be closed, each time a
// millisecond later. What is known of others grows, so that it all moves.
func TestWhatIsKnownOfACustomerOnlyMovesForwardBesideAWriter(t *testing.T) {
	t.Parallel()
	var s window.Service
	s.Open("1", "15550100", t0, t0)
	now := t0.Add(time.Hour)
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			var last time.Time
			for {
				at, known := s.Until("1", "15550100", now)
				if at.After(now) {
					at = at.Add(-h24)
				}
				if !assert.True(t, known) || !assert.False(t, at.Before(last), "%v after %v", at, last) {
					return
				}
				last = at
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	last := t0
	for i := range 2000 {
		last = t0.Add(time.Duration(i) * time.Millisecond)
		s.Open("1", "15550100", last, last)
		s.Doubt("1", fmt.Sprint("1666", i), last, last)
		s.Close("1", "15550100", last, last)
		s.Close("1", fmt.Sprint("US.", i%300), last, last)
	}
	close(done)
	readers.Wait()
	until, known := s.Until("1", "15550100", now)
	assert.True(t, known)
	assert.Equal(t, last, until)
}

func TestServiceWindowsSurviveARestart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 8))
		var s, s2 window.Service
		names := []string{"15550100", "US.1349", "007", "7", ""}
		now := t0
		for range r.IntN(200) {
			now = now.Add(time.Duration(r.Int64N(int64(time.Hour))))
			number, customer := fmt.Sprint(r.IntN(20)), names[r.IntN(len(names))]
			switch r.IntN(4) {
			case 0:
				s.Close(number, customer, now, now)
			case 1:
				s.Doubt(number, customer, now, now)
			default:
				s.Open(number, customer, now, now)
			}
		}
		data, err := s.AppendBinary(nil)
		require.NoError(t, err)
		s2.Open("0", "15550100", now, now) // is replaced
		require.NoError(t, s2.UnmarshalBinary(data))
		require.Equal(t, s.Len(), s2.Len(), "seed %d", seed)
		for i := range 20 {
			for _, customer := range names {
				for _, at := range []time.Time{t0, now, now.Add(h24), now.Add(8 * h24)} {
					want, wantKnown := s.Until(fmt.Sprint(i), customer, at)
					got, known := s2.Until(fmt.Sprint(i), customer, at)
					require.Equal(t, wantKnown, known, "seed %d", seed)
					require.Equal(t, want, got, "seed %d", seed)
				}
			}
		}
		for i := range data {
			var s3 window.Service
			if err := s3.UnmarshalBinary(data[:i]); err != nil {
				require.ErrorIs(t, err, window.ErrCorrupt)
				require.Zero(t, s3.Len(), "seed %d", seed)
			}
		}
	}
}

func TestManyNumbersAreToldApart(t *testing.T) {
	t.Parallel()
	var s window.Service
	const n = 300
	for i := range n {
		s.Open(fmt.Sprint(i), "15550100", t0, t0.Add(-time.Duration(i)*time.Minute))
	}
	for i := range n {
		until, known := s.Until(fmt.Sprint(i), "15550100", t0)
		assert.True(t, known)
		assert.Equal(t, t0.Add(h24-time.Duration(i)*time.Minute), until)
	}
}

func FuzzServiceSnapshot(f *testing.F) {
	var s window.Service
	s.Open("1", "15550100", t0, t0)
	s.Close("2", "US.1349", t0, t0)
	s.Doubt("1", "US.1349", t0, t0)
	data, err := s.AppendBinary(nil)
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var s, again window.Service
		if err := s.UnmarshalBinary(data); err != nil {
			require.ErrorIs(t, err, window.ErrCorrupt)
			require.Zero(t, s.Len())
			return
		}
		data, err := s.AppendBinary(nil)
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalBinary(data))
		require.Equal(t, s.Len(), again.Len())
	})
}
