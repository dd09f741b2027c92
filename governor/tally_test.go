package governor_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/memstore"
)

// ears is a store that remembers what it was told of, and may not take it.
type ears struct {
	governor.Store
	mu    sync.Mutex
	marks []governor.TallyMark
	fail  func(context.Context) error
}

func (s *ears) Tally(ctx context.Context, t governor.TallyMark) error {
	s.mu.Lock()
	fail := s.fail
	t.Counts = maps.Clone(t.Counts)
	s.marks = append(s.marks, t)
	s.mu.Unlock()
	if fail != nil {
		if err := fail(ctx); err != nil {
			return err
		}
	}
	return s.Store.Tally(ctx, t)
}

func (s *ears) told() []governor.TallyMark {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := s.marks
	s.marks = nil
	return told
}

func (s *ears) failing(with func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = with
}

func newEars(t *testing.T, change func(*governor.Config)) (*fixture, *ears) {
	t.Helper()
	f := newFixture(t, 2, nil)
	store := &ears{Store: memstore.New()}
	return newFixtureOn(t, store, f.clock, 2, change), store
}

func TestWhatHappensIsCountedOnce(t *testing.T) {
	t.Parallel()
	f, _ := newEars(t, nil)
	t0 := f.clock.Now()
	status := func(id string, status governor.DeliveryStatus, code int) governor.Event {
		return governor.MessageStatus{Number: n1, MessageID: id, Status: status, Code: code, At: t0}
	}
	f.committed(template(n1, alice), "wamid.1")
	f.committed(template(n1, alice), "wamid.2")
	require.NoError(t, f.reserved(reply(n1, bob)).Cancel(t.Context()))
	f.sent(governor.Message{From: n1, Kind: governor.ReadReceipt})
	f.check(template(n1, carol))
	f.sent(template(n1, carol))
	for range 2 {
		_, err := f.gov.Reserve(t.Context(), template(n1, dave))
		require.ErrorIs(t, err, governor.ErrTierLimit)
	}
	_, err := f.gov.Reserve(t.Context(), template(n1, "1"))
	require.ErrorIs(t, err, governor.ErrInvalid)
	for range 3 { // webhooks come again
		f.observe(
			governor.Inbound{Number: n1, Customer: bob, At: t0}, governor.Inbound{Number: n2, Customer: bob, At: t0, Uncertain: true},
			status("wamid.1", governor.Sent, 0), status("wamid.1", governor.Delivered, 0), status("wamid.1", governor.Read, 0),
			governor.SendRefused{Number: n1, Recipient: alice, Code: 131026}, status("wamid.2", governor.Failed, 131026),
			status("wamid.3", governor.Failed, 0),
		)
	}
	err = f.gov.Do(t.Context(), reply(n2, alice), answer(&cloudapi.Error{Code: 131026, Coded: true}))
	require.Error(t, err)
	require.Error(t, f.gov.Do(t.Context(), reply(n2, alice), answer(governor.ErrNotSent)))
	assert.Equal(t, []governor.DaySnapshot{{
		Day: t0, Incoming: 2, Replies: 3, Notifications: 3, Delivered: 1, Read: 1, Failed: 3, Peak: 2,
		FailedBy: map[int]int64{131026: 2, 0: 1}, Refused: map[governor.Reason]int64{governor.TierLimit: 2},
	}}, f.snapshot().Days)
}

func TestOneWhoWaitsIsRefusedOnceOrNotAtAll(t *testing.T) {
	t.Parallel()
	f, _ := newEars(t, nil)
	f.fill(2)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = f.clock.Run(ctx) }()                   // until the wait is over
	r, err := f.gov.Wait(t.Context(), template(n1, alice)) // asks some thousand times
	require.NoError(t, err)
	require.NoError(t, r.Cancel(t.Context()))
	stop()
	f.fill(2)
	short, cancel := f.clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	_, err = f.gov.Wait(short, template(n1, alice))
	require.ErrorIs(t, err, governor.ErrTierLimit)
	var refused, passed int64
	for _, d := range f.snapshot().Days {
		refused += d.Refused[governor.TierLimit]
		passed += d.Notifications
	}
	assert.Equal(t, int64(1), refused)
	assert.Equal(t, int64(5), passed)
}

func TestCountsAreHandedOverInBundles(t *testing.T) {
	t.Parallel()
	f, store := newEars(t, nil)
	for range 9 {
		f.clock.Advance(time.Second)
		f.sent(reply(n1, alice))
	}
	assert.Empty(t, store.told())
	f.clock.Advance(2 * time.Second)
	f.sent(reply(n1, alice)) // by its Commit, when the message has left
	at := f.clock.Now()
	assert.Equal(t, []governor.TallyMark{{Account: account, At: at, Now: at, Counts: map[string]int64{"replies": 10}}}, store.told())
	f.sent(reply(n1, alice))
	f.clock.Advance(11 * time.Second)
	assert.Empty(t, store.told(), "nothing runs by itself")
	f.observe(governor.Inbound{Number: n1, Customer: alice})
	require.Len(t, store.told(), 1)
	f.sent(reply(n1, alice))
	f.clock.Advance(11 * time.Second)
	f.reserved(reply(n1, alice))
	assert.Empty(t, store.told(), "a message that is on its way leaves it to others")
	f.clock.Advance(11 * time.Second)
	f.reserved(reply(n1, alice))
	assert.Len(t, store.told(), 1, "but not for ever")
	f.snapshot()
	assert.Empty(t, store.told())
	f.reserved(reply(n1, alice))
	f.snapshot()
	assert.Len(t, store.told(), 1)
	f.reserved(reply(n1, alice))
	require.NoError(t, f.gov.Flush(t.Context()))
	assert.Len(t, store.told(), 1)
	require.NoError(t, f.gov.Flush(t.Context()))
	assert.Empty(t, store.told())
	require.ErrorIs(t, (*governor.Governor)(nil).Flush(t.Context()), governor.ErrInvalid)
}

func TestADayEndsAtMidnight(t *testing.T) {
	t.Parallel()
	f, _ := newEars(t, nil)
	t0 := f.clock.Now() // a midnight
	f.at(t0.Add(day - time.Second))
	f.sent(reply(n1, alice))
	f.at(t0.Add(day))
	f.sent(reply(n1, alice))
	f.sent(reply(n1, alice))
	days := f.snapshot().Days
	require.Len(t, days, 2)
	assert.Equal(t, governor.DaySnapshot{Day: t0, Replies: 1}, days[0])
	assert.Equal(t, governor.DaySnapshot{Day: t0.Add(day), Replies: 2}, days[1])
}

func TestWhatTheStoreDoesNotTakeIsKept(t *testing.T) {
	t.Parallel()
	f, store := newEars(t, nil)
	store.failing(func(context.Context) error { return errFault })
	for i := range 60 {
		f.clock.Advance(30 * time.Minute)
		f.committed(reply(n1, alice), fmt.Sprint(i))
		f.observe(governor.MessageStatus{Number: n1, MessageID: fmt.Sprint(i), Status: governor.Failed, Code: 131026})
	}
	assert.Less(t, len(store.told()), 60*2, "it is asked once for each bundle")
	s := f.snapshot()
	assert.Empty(t, s.Days)
	assert.Positive(t, s.Store.Failures)
	require.ErrorIs(t, f.gov.Flush(t.Context()), errFault)
	store.failing(nil)
	require.NoError(t, f.gov.Flush(t.Context()))
	var replies, failed int64
	for _, d := range f.snapshot().Days {
		replies += d.Replies
		failed += d.FailedBy[131026]
	}
	assert.Equal(t, int64(60), replies)
	assert.Equal(t, int64(60), failed)
}

func TestACountThatIsMadeWhileABundleIsHandedOverIsNotLost(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errFault} {
		f, store := newEars(t, nil)
		f.sent(reply(n1, alice))
		var once sync.Once
		store.failing(func(context.Context) error {
			once.Do(func() { f.sent(reply(n1, alice)) })
			return err
		})
		_ = f.gov.Flush(t.Context())
		store.failing(nil)
		assert.Equal(t, int64(2), f.snapshot().Days[0].Replies)
	}
}

func TestAHungTallyCostsASendItsTimeoutOncePerBundle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &ears{Store: memstore.New()}
		gov, err := governor.New(store, governor.Config{StoreTimeout: 300 * time.Millisecond})
		require.NoError(t, err)
		store.failing(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		start, slow := time.Now(), 0
		for time.Since(start) < time.Minute {
			before := time.Now()
			r, err := gov.Reserve(t.Context(), reply(n1, person(int(time.Since(start)/time.Millisecond))))
			require.NoError(t, err)
			assert.Zero(t, time.Since(before), "it never waits before the message has left")
			require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
			if took := time.Since(before); took > 0 {
				assert.Equal(t, 300*time.Millisecond, took)
				slow++
			}
			<-time.After(time.Second)
		}
		assert.LessOrEqual(t, slow, 6)
		assert.Positive(t, slow)
	})
}

func TestOnlyOneHandsOverABundle(t *testing.T) {
	t.Parallel()
	f, store := newEars(t, nil)
	f.sent(reply(n1, alice))
	f.clock.Advance(time.Minute)
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	store.failing(func(context.Context) error {
		once.Do(func() { close(entered) })
		<-release
		return nil
	})
	var first sync.WaitGroup
	first.Go(func() { f.sent(reply(n1, alice)) })
	<-entered
	for range 100 {
		f.clock.Advance(time.Minute)
		f.sent(reply(n1, alice)) // would wait for ever if it took part
	}
	close(release)
	first.Wait()
	store.failing(nil)
	assert.Equal(t, int64(102), f.snapshot().Days[0].Replies)
}

func TestReplicasCountTogether(t *testing.T) {
	t.Parallel()
	f, _ := newEars(t, nil)
	other := f.also(nil)
	f.sent(reply(n1, alice))
	other.sent(reply(n1, alice))
	require.NoError(t, other.gov.Flush(t.Context()))
	assert.Equal(t, int64(2), f.snapshot().Days[0].Replies)
}

func TestCountsOfManyAccountsAreAllHandedOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	store := &ears{Store: memstore.New()}
	gov, err := governor.New(store, governor.Config{Clock: f.clock, Handles: 8})
	require.NoError(t, err)
	send := func(number string) {
		r, err := gov.Reserve(t.Context(), reply(number, alice))
		require.NoError(t, err)
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
	}
	for i := range 8 {
		send(fmt.Sprint(i))
	}
	f.clock.Advance(time.Minute)
	for range 8 {
		send("0")
	}
	seen := map[string]int64{}
	for _, m := range store.told() {
		seen[m.Account] += m.Counts["replies"]
	}
	assert.Len(t, seen, 8)
	for i := range 1000 { // more than there is room for, none of which is due
		send(fmt.Sprint(i))
	}
	require.NoError(t, gov.Flush(t.Context()))
	assert.LessOrEqual(t, len(store.told()), 8)
	send("1000")
	require.NoError(t, gov.Flush(t.Context()))
	assert.Len(t, store.told(), 1, "there is room again")
}

func TestAClockThatJumpsBackStillHandsOver(t *testing.T) {
	t.Parallel()
	f, store := newEars(t, nil)
	f.at(f.clock.Now().Add(365 * day))
	f.sent(reply(n1, alice))
	f.at(f.clock.Now().Add(-300 * day))
	f.sent(reply(n1, alice))
	assert.NotEmpty(t, store.told())
}

func TestConcurrentCountsAddUp(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 200
	f, _ := newEars(t, nil)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range each {
				r, err := f.gov.Reserve(context.Background(), reply(n1, person(g*each+i)))
				if assert.NoError(t, err) {
					assert.NoError(t, r.Commit(context.Background(), governor.Receipt{}))
				}
				if i%10 == 0 {
					f.clock.Advance(11 * time.Second)
				}
			}
		})
	}
	all.Wait()
	assert.Equal(t, int64(goroutines*each), f.snapshot().Days[0].Replies)
}
