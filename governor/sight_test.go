package governor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/tier"
)

// watched is a fixture whose every notice is kept.
func watched(t *testing.T, limit tier.Tier, change func(*governor.Config)) (*fixture, *governortest.Recorder) {
	t.Helper()
	seen := &governortest.Recorder{}
	f := newFixture(t, limit, func(cfg *governor.Config) {
		cfg.Observer = seen.Record
		if change != nil {
			change(cfg)
		}
	})
	return f, seen
}

// taken returns the notices of a kind since it was called last.
func taken(seen *governortest.Recorder, kinds ...governor.NoticeKind) []governor.Notice {
	defer seen.Reset()
	return seen.Notices(kinds...)
}

func TestUseThatNearsTheLimitIsToldOncePerCrossing(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 20, nil)
	t0 := f.clock.Now()
	for i, step := range []struct {
		at   time.Duration
		used int // so many by sending
		want []string
	}{
		{0, 15, nil},
		{time.Hour, 16, []string{"80"}},
		{2 * time.Hour, 17, nil},
		{3 * time.Hour, 18, []string{"90"}},
		{4 * time.Hour, 20, []string{"100"}},
		{24 * time.Hour, 19, []string{"90"}}, // 15 have lapsed, and with them what was told
		{48 * time.Hour, 17, []string{"80"}},
		{48*time.Hour + 1, 20, []string{"90", "100"}},
	} {
		f.at(t0.Add(step.at))
		for i := f.used(); i < step.used; i++ {
			f.sent(of(governor.Utility, person(int(step.at/time.Second)*100+i)))
		}
		var told []string
		for _, n := range taken(seen, governor.NoticeNearLimit, governor.NoticeDrift) {
			assert.Equal(t, 20, n.Limit)
			assert.GreaterOrEqual(t, n.Used, 16)
			assert.Equal(t, account, n.Account)
			told = append(told, n.To)
		}
		if step.at == 24*time.Hour {
			told = told[len(told)-1:] // on the way up it passes 80 again
		}
		assert.Equalf(t, step.want, told, "step %d", i)
	}
	f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Empty(t, taken(seen, governor.NoticeNearLimit))
}

func TestUseThatWaversAtALevelIsToldOnce(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 100, nil)
	f.fill(79)
	for range 10 {
		require.NoError(t, f.reserved(of(governor.Authentication, alice)).Cancel(t.Context())) // 80 and back
	}
	assert.Len(t, taken(seen, governor.NoticeNearLimit), 1)
}

func TestOfSeveralLevelsReachedAtOnceTheHighestIsTold(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 2, nil)
	f.sent(template(n1, alice))
	assert.Empty(t, taken(seen))
	f.sent(template(n1, bob))
	told := taken(seen)
	require.Len(t, told, 1)
	assert.Equal(t, governor.Notice{Kind: governor.NoticeNearLimit, At: f.clock.Now(), Account: account, To: "100", Used: 2, Limit: 2}, told[0])
}

func TestWithoutALimitNothingIsNear(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, tier.Unlimited, nil)
	f.fill(50)
	assert.Empty(t, taken(seen))
}

func TestADeliveryPastTheLimitIsDrift(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 2, nil)
	t0 := f.clock.Now()
	f.committed(template(n1, alice), "wamid.a")
	f.committed(template(n1, bob), "wamid.b")
	f.at(t0.Add(25 * time.Hour))
	f.committed(template(n1, carol), "wamid.c")
	f.committed(template(n1, dave), "wamid.d")
	seen.Reset()
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.a", Recipient: alice, Status: governor.Delivered, At: f.clock.Now(), Pricing: "utility"})
	f.refused(template(n1, bob), governor.ErrTierLimit)
	f.refused(template(n1, bob), governor.ErrTierLimit)
	told := taken(seen, governor.NoticeDrift)
	require.Len(t, told, 1)
	assert.Equal(t, governor.Notice{Kind: governor.NoticeDrift, At: f.clock.Now(), Account: account, To: governor.DriftOverLimit, Used: 3, Limit: 2}, told[0])
}

func TestALimitBelowWhatIsUsedIsDrift(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 10, nil)
	f.fill(7)
	seen.Reset()
	f.observe(governor.TierReported{Number: n1, Tier: 8})
	assert.Empty(t, taken(seen, governor.NoticeDrift))
	f.clock.Advance(time.Second)
	f.observe(governor.TierReported{Number: n1, Tier: 5})
	f.refused(template(n1, alice), governor.ErrTierLimit)
	told := taken(seen, governor.NoticeDrift)
	require.Len(t, told, 1, "and not again as use past the limit")
	assert.Equal(t, governor.Notice{Kind: governor.NoticeDrift, At: f.clock.Now(), Account: account, To: governor.DriftLowered, Used: 7, Limit: 5}, told[0])
	f.clock.Advance(time.Second)
	f.observe(governor.TierReported{Number: n1, Tier: 50})
	assert.Empty(t, taken(seen, governor.NoticeDrift))
}

func TestARefusalWithSlotsFreeIsDrift(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 2, nil)
	f.sent(template(n1, alice))
	f.observe(governor.SendRefused{Number: n1, WABA: "waba", Code: 131048})
	want := governor.Notice{
		Kind: governor.NoticeDrift, At: f.clock.Now(), Account: account, WABA: "waba", Number: n1,
		From: "131048", To: governor.DriftRefused, Used: 1, Limit: 2,
	}
	assert.Equal(t, []governor.Notice{want}, taken(seen, governor.NoticeDrift))
	f.sent(template(n2, bob))
	f.observe(governor.SendRefused{Number: n2, Code: 131048})
	assert.Empty(t, taken(seen, governor.NoticeDrift), "with none free it was to be expected")
}

func TestWishesAreToldWithoutTheirPerson(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 2, nil)
	t0 := f.clock.Now()
	f.at(t0.Add(time.Hour))
	for range 2 { // as webhooks come
		f.observe(
			governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0},
			governor.ConsentGiven{Number: n1, Recipient: alice, Topic: "receipts", At: t0.Add(time.Minute)},
			governor.SendRefused{Number: n1, Recipient: bob, Code: 131049, At: t0.Add(time.Hour)},
			governor.SendRefused{Number: n1, Recipient: bob, Code: 131056, At: t0.Add(time.Hour)}, // a pair rests: no wish
		)
	}
	assert.Equal(t, []governor.Notice{
		{Kind: governor.NoticeConsent, At: t0, Account: account, From: "marketing", To: "revoked"},
		{Kind: governor.NoticeConsent, At: t0.Add(time.Minute), Account: account, From: "receipts", To: "granted"},
		{Kind: governor.NoticeConsent, At: t0.Add(time.Hour), Account: account, From: "marketing", To: "rests", Until: t0.Add(25 * time.Hour)},
	}, taken(seen))
}

func TestAnOutageIsToldAtItsBeginningAndItsEnd(t *testing.T) {
	t.Parallel()
	seen := &governortest.Recorder{}
	f, store := newHooked(t, func(cfg *governor.Config) { cfg.Observer = seen.Record })
	f.sent(reply(n1, alice))
	seen.Reset()
	store.Fail()
	for range 3 {
		f.clock.Advance(time.Second)
		f.sent(reply(n1, alice))
	}
	began := f.clock.Now().Add(-2 * time.Second)
	told := taken(seen, governor.NoticeStoreDown, governor.NoticeStoreUp)
	require.Len(t, told, 1)
	assert.Equal(t, began, told[0].At)
	require.ErrorIs(t, told[0].Err, errFault)
	f.sent(reply(n1, alice))
	assert.Len(t, taken(seen, governor.NoticeStoreFailed), 1, "each failure is told as such")
	store.Heal()
	f.clock.Advance(time.Second)
	f.sent(reply(n1, alice))
	f.sent(reply(n1, alice))
	assert.Equal(t, []governor.Notice{{Kind: governor.NoticeStoreUp, At: f.clock.Now(), Account: account, To: "3s"}},
		taken(seen, governor.NoticeStoreDown, governor.NoticeStoreUp))
}

// A cluster may have lost one of its parts.
func TestAnOutageOfOneAccountDoesNotComeAndGoWithTheOthers(t *testing.T) {
	t.Parallel()
	seen := &governortest.Recorder{}
	clock := governortest.NewClock()
	store := &partly{Store: memstore.New()}
	gov, err := governor.New(store, governor.Config{Clock: clock, Observer: seen.Record})
	require.NoError(t, err)
	both := func() {
		clock.Advance(time.Second)
		for _, number := range []string{"1", "2"} {
			_, err := gov.Reserve(t.Context(), reply(number, alice))
			require.NoError(t, err)
		}
	}
	store.broken = "1"
	for range 5 {
		both()
	}
	kinds := []governor.NoticeKind{governor.NoticeStoreDown, governor.NoticeStoreUp}
	assert.Len(t, taken(seen, kinds...), 1)
	store.broken = ""
	both()
	assert.Len(t, taken(seen, kinds...), 1)

	store.broken = "1"
	both()
	store.broken = "" // and nobody asks for that account again
	clock.Advance(time.Hour)
	_, err = gov.Reserve(t.Context(), reply("2", alice))
	require.NoError(t, err)
	assert.Len(t, taken(seen, kinds...), 2)
}

// partly is a store that fails for one account.
type partly struct {
	governor.Store
	broken string
}

func (s *partly) Admit(ctx context.Context, a governor.Admission) (governor.Verdict, error) {
	if a.Account == s.broken {
		return governor.Verdict{}, errors.New("down")
	}
	return s.Store.Admit(ctx, a)
}

func TestWhatPassesIsToldToThoseWhoAsk(t *testing.T) {
	t.Parallel()
	f, seen := watched(t, 9, func(cfg *governor.Config) { cfg.ObserveAllowed = true })
	r := f.reserved(template(n1, alice))
	w, err := f.gov.Wait(t.Context(), reply(n2, bob))
	require.NoError(t, err)
	f.check(template(n1, carol))
	assert.Equal(t, []governor.Notice{
		{Kind: governor.NoticeAllowed, At: f.clock.Now(), Account: account, Number: n1, Decision: r.Decision()},
		{Kind: governor.NoticeAllowed, At: f.clock.Now(), Account: account, Number: n2, Decision: w.Decision()},
	}, taken(seen))
}

func TestANoticeOfAllowedMessagesAllocatesNothing(t *testing.T) {
	f, _ := newEars(t, func(cfg *governor.Config) {
		cfg.ObserveAllowed = true
		cfg.Observer = func(governor.Notice) {}
	})
	m := reply(n1, alice)
	r, err := f.gov.Reserve(t.Context(), m)
	require.NoError(t, err)
	require.NoError(t, r.Cancel(t.Context()))
	assert.InDelta(t, 1, testing.AllocsPerRun(500, func() {
		f.clock.Advance(10 * time.Second)
		_, err = f.gov.Reserve(context.Background(), m)
	}), 0.99, "its Reservation, and a bundle now and then")
	require.NoError(t, err)
}
