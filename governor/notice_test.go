package governor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// recorder is an observer that remembers, but for how full a limit is: most
// fixtures have a limit of one. It trusts the governor to call it one notice at
// a time: the race detector sees when it does not.
type recorder struct{ notices []governor.Notice }

func (r *recorder) observe(n governor.Notice) {
	if n.Kind != governor.NoticeNearLimit {
		r.notices = append(r.notices, n)
	}
}

// notFull is an observer that is not told how full a limit is.
func notFull(observer func(governor.Notice)) func(governor.Notice) {
	return func(n governor.Notice) {
		if n.Kind != governor.NoticeNearLimit {
			observer(n)
		}
	}
}

// told returns the notices so far, one line each, and forgets them.
func (r *recorder) told() []string {
	var lines []string
	for _, n := range r.notices {
		line := n.Kind.String()
		for _, word := range []string{n.Account, n.WABA, n.Number, n.From, n.To} {
			if word == "" {
				word = "-"
			}
			line += " " + word
		}
		if !n.Until.IsZero() {
			line += " until " + n.Until.UTC().Format(time.RFC3339)
		}
		lines = append(lines, line)
	}
	r.notices = nil
	return lines
}

func recorded(r *recorder) func(*governor.Config) {
	return func(cfg *governor.Config) { cfg.Observer = r.observe }
}

func TestNoticesComeInTheOrderInWhichThingsHappened(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 1, recorded(&r))
	t0 := b.clock.Now()
	b.sent(template(n1, alice))
	b.sent(reply(n1, bob))
	assert.Empty(t, r.told(), "what passes is no news")
	b.refused(template(n1, bob), governor.ErrTierLimit)
	b.observe(governor.TierReported{Number: n1, Tier: 2, At: t0})
	b.observe(governor.HealthReported{Number: n2, Report: quality.StatusReported{Word: "FOO", At: t0}})
	b.refused(template(n2, bob), governor.ErrRestricted)
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: t0.Add(time.Hour), At: t0}})
	assert.Equal(t, []string{
		"denied portfolio - 106540352242922 - -",
		"limit portfolio - - Unknown 2",
		"health portfolio - 106540352242923 Unreported Restricted",
		"unknown_word portfolio - 106540352242923 status FOO",
		"denied portfolio - 106540352242923 - -",
		"restricted - waba - - RESTRICTED_BIZ_INITIATED_MESSAGING until 2026-01-01T01:00:00Z",
		"health - waba - Unreported Restricted",
	}, r.told())
}

func TestCheckTellsNobody(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 1, recorded(&r))
	b.sent(template(n1, alice))
	assert.False(t, b.check(template(n1, bob)).Allowed)
	assert.Empty(t, r.told())
}

func TestADenialsNoticeHasItsDecisionAndTime(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 1, recorded(&r))
	b.sent(template(n1, alice))
	b.at(b.clock.Now().Add(time.Minute))
	d := b.refused(template(n1, bob), governor.ErrTierLimit)
	require.Len(t, r.notices, 1)
	assert.Equal(t, governor.Notice{Kind: governor.NoticeDenied, At: b.clock.Now(), Account: account, Number: n1, Decision: d}, r.notices[0])
}

func TestAnObserverMayCallTheGovernor(t *testing.T) {
	t.Parallel()
	var b *fixture
	var kinds []governor.NoticeKind
	b = newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			kinds = append(kinds, n.Kind)
			if len(kinds) > 1 {
				return
			}
			// What these tell comes after this notice, not inside it.
			_, err := b.gov.Reserve(context.Background(), template(n1, carol))
			assert.ErrorIs(t, err, governor.ErrTierLimit)
			assert.NoError(t, b.gov.Observe(context.Background(), governor.TierReported{Number: n1, Tier: 2}))
			_, err = b.gov.Snapshot(context.Background(), account)
			assert.NoError(t, err)
			assert.Len(t, kinds, 1)
		})
	})
	b.sent(template(n1, alice))
	_, err := b.gov.Reserve(t.Context(), template(n1, bob))
	require.ErrorIs(t, err, governor.ErrTierLimit)
	assert.Equal(t, []governor.NoticeKind{governor.NoticeDenied, governor.NoticeDenied, governor.NoticeLimit}, kinds)
	b.sent(template(n1, bob))
}

func TestABlockedObserverHoldsUpNoOtherSend(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	var r recorder
	b := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			if len(r.notices) == 0 {
				close(entered)
				<-release
			}
			r.observe(n)
		})
	})
	b.sent(template(n1, alice))
	var unlucky sync.WaitGroup
	unlucky.Go(func() {
		_, err := b.gov.Reserve(context.Background(), template(n1, bob))
		assert.ErrorIs(t, err, governor.ErrTierLimit)
	})
	<-entered
	// All of this would wait for ever if the observer were waited for.
	b.sent(reply(n1, bob))
	_, err := b.gov.Reserve(t.Context(), template(n1, carol))
	require.ErrorIs(t, err, governor.ErrTierLimit)
	b.observe(governor.TierReported{Number: n1, Tier: 2})
	b.sent(template(n1, carol))
	close(release)
	unlucky.Wait()
	assert.Equal(t, []string{
		"denied portfolio - 106540352242922 - -",
		"denied portfolio - 106540352242922 - -",
		"limit portfolio - - Unknown 2",
	}, r.told(), "nothing is lost")
}

// A restriction must bind, and a raised limit free those who wait, before an
// observer has taken its time over it.
func TestWhatIsToldIsAlreadyInForce(t *testing.T) {
	t.Parallel()
	var b *fixture
	var seen []string
	b = newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			d, err := b.gov.Check(context.Background(), template(n1, bob))
			assert.NoError(t, err)
			seen = append(seen, fmt.Sprintf("%v: %v, limit %d", n.Kind, d.Reason, d.Limit))
		})
	})
	b.sent(template(n1, alice))
	b.observe(governor.TierReported{Number: n1, Tier: 5})
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.BanReported{State: "DISABLE"}})
	assert.Equal(t, []string{"limit: passed, limit 5", "health: inactive, limit 5"}, seen)
}

func TestABlockedObserverHoldsUpNobodyWhoWaits(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	b := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(governor.Notice) {
			close(entered)
			<-release
		})
	})
	b.sent(template(n1, alice))
	var waiter, reporter sync.WaitGroup
	waiter.Go(func() {
		_, err := b.gov.Wait(context.Background(), template(n1, bob))
		assert.NoError(t, err)
	})
	require.NoError(t, b.clock.BlockUntil(t.Context(), 1))
	reporter.Go(func() {
		assert.NoError(t, b.gov.Observe(context.Background(), governor.TierReported{Number: n1, Tier: 2}))
	})
	<-entered
	waiter.Wait() // would be for ever if it were woken after the observer
	close(release)
	reporter.Wait()
}

type odd struct{}

func TestAPanickingObserverHarmsNobody(t *testing.T) {
	t.Parallel()
	for _, thrown := range []any{"text", errors.New("error"), odd{}, nil} {
		t.Run(fmt.Sprintf("%T", thrown), func(t *testing.T) {
			t.Parallel()
			var r recorder
			b := newFixture(t, 1, func(cfg *governor.Config) {
				cfg.Observer = notFull(func(n governor.Notice) {
					r.observe(n)
					if n.Kind == governor.NoticeDenied {
						panic(thrown)
					}
				})
			})
			b.sent(template(n1, alice))
			b.refused(template(n1, bob), governor.ErrTierLimit)
			b.refused(template(n1, carol), governor.ErrTierLimit)
			kind := fmt.Sprintf("%T", thrown)
			if thrown == nil {
				kind = "*runtime.PanicNilError"
			}
			assert.Equal(t, []string{
				"denied portfolio - 106540352242922 - -", "panic portfolio - - - " + kind,
				"denied portfolio - 106540352242922 - -", "panic portfolio - - - " + kind,
			}, r.told())
			b.sent(reply(n1, bob))
		})
	}
}

func TestAnObserverThatAlwaysPanicsHarmsNobody(t *testing.T) {
	t.Parallel()
	var kinds []governor.NoticeKind
	b := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			kinds = append(kinds, n.Kind)
			panic("again")
		})
	})
	b.sent(template(n1, alice))
	b.refused(template(n1, bob), governor.ErrTierLimit)
	assert.Equal(t, []governor.NoticeKind{governor.NoticeDenied, governor.NoticePanic}, kinds)
	b.sent(reply(n1, bob))
}

// As a test does that fails inside an observer.
func TestAnObserverThatEndsItsGoroutineSilencesNobody(t *testing.T) {
	t.Parallel()
	var r recorder
	b := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			r.observe(n)
			if len(r.notices) == 1 {
				runtime.Goexit()
			}
		})
	})
	b.sent(template(n1, alice))
	var gone sync.WaitGroup
	gone.Go(func() {
		// Two notices at once, of which the first ends the goroutine.
		_ = b.gov.Observe(context.Background(), governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "FOO"}})
		assert.Fail(t, "the goroutine has ended")
	})
	gone.Wait()
	b.refused(template(n1, bob), governor.ErrRestricted)
	assert.Equal(t, []string{
		"health portfolio - 106540352242922 Unreported Restricted",
		"unknown_word portfolio - 106540352242922 status FOO",
		"denied portfolio - 106540352242922 - -",
	}, r.told())
	b.sent(reply(n1, bob))
}

func TestNoticesOfManyGoroutinesComeOneAtATimeAndAreNotLost(t *testing.T) {
	t.Parallel()
	const goroutines, each = 16, 50
	var r recorder
	b := newFixture(t, 1, recorded(&r))
	b.sent(template(n1, alice))
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range each {
				_, err := b.gov.Reserve(context.Background(), template([]string{n1, n2}[g%2], person(i)))
				assert.ErrorIs(t, err, governor.ErrTierLimit)
			}
		})
	}
	all.Wait()
	require.Len(t, r.notices, goroutines*each)
	assert.False(t, slices.ContainsFunc(r.notices, func(n governor.Notice) bool { return n.Kind != governor.NoticeDenied }))
}

func TestTheWordsOfNoticesAreStable(t *testing.T) {
	t.Parallel()
	for kind, word := range map[governor.NoticeKind]string{
		0: "unknown", governor.NoticeDenied: "denied", governor.NoticeHealth: "health", governor.NoticeRestricted: "restricted",
		governor.NoticeLifted: "lifted", governor.NoticeLimit: "limit", governor.NoticePrediction: "prediction", governor.NoticeTemplate: "template",
		governor.NoticeUnknownWord: "unknown_word", governor.NoticeStoreFailed: "store_failed", governor.NoticePanic: "panic",
		governor.NoticeDropped: "dropped", governor.NoticeAllowed: "allowed", governor.NoticeConsent: "consent", governor.NoticeStoreDown: "store_down",
		governor.NoticeStoreUp: "store_up", governor.NoticeDrift: "drift", governor.NoticeNearLimit: "near_limit", 200: "unknown",
	} {
		assert.Equal(t, word, kind.String())
	}
	assert.Equal(t, "unknown", (governor.NoticeNearLimit + 1).String(), "a kind is missing here")
}

func TestNobodyIsKeptForLongByWhatOthersHaveLeft(t *testing.T) {
	t.Parallel()
	var seen []governor.Notice
	var f *fixture
	f = newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			seen = append(seen, n)
			// Each notice brings another, as long as anybody listens.
			_, _ = f.gov.Reserve(context.Background(), template(n1, bob))
		})
	})
	f.sent(template(n1, alice))
	_, err := f.gov.Reserve(t.Context(), template(n1, bob))
	require.ErrorIs(t, err, governor.ErrTierLimit, "the call returns")
	first := len(seen)
	assert.Less(t, first, 100)
	_, _ = f.gov.Reserve(t.Context(), template(n1, bob))
	assert.Greater(t, len(seen), first, "the next goes on with what is left")
}

func TestABacklogIsBoundedAndWhatIsDroppedIsCounted(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var mu sync.Mutex
	dropped := ""
	f := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = notFull(func(n governor.Notice) {
			once.Do(func() {
				close(started)
				<-release
			})
			if n.Kind == governor.NoticeDropped {
				mu.Lock()
				dropped = n.To
				mu.Unlock()
			}
		})
	})
	f.sent(template(n1, alice))
	slow := make(chan struct{})
	go func() {
		_, _ = f.gov.Reserve(context.Background(), template(n1, bob))
		close(slow)
	}()
	<-started
	for range 5000 {
		_, err := f.gov.Reserve(t.Context(), template(n1, bob))
		require.ErrorIs(t, err, governor.ErrTierLimit)
	}
	close(release)
	<-slow
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, "904", dropped)
}
