package governor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// queue is a line whose store is the test.
type queue struct {
	t   *testing.T
	now time.Time
	l   *line
}

func newQueue(t *testing.T) *queue {
	t.Helper()
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	return &queue{t: t, now: now, l: &line{epoch: now}}
}

func (q *queue) join(r rank) *waiter { return q.l.join(r, q.now) }

// turn takes the turn of w, which must have it.
func (q *queue) turn(w *waiter) *waiter {
	q.t.Helper()
	select {
	case <-w.turn:
	default:
		assert.Fail(q.t, "it is not its turn")
	}
	return w
}

// sleeps checks that w has no turn and no reason to ask before so long.
func (q *queue) sleeps(w *waiter, left time.Duration) {
	q.t.Helper()
	assert.Equal(q.t, left, q.l.left(w, q.now))
	select {
	case <-w.turn:
		assert.Fail(q.t, "it is its turn")
	default:
	}
}

// refuse ends w's turn with a refusal.
func (q *queue) refuse(w *waiter, reason Reason, wait time.Duration) {
	q.l.rest(w, Decision{Reason: reason, Number: "1", RetryAt: q.now.Add(wait)}, q.now)
}

// tick moves the clock on and lets those whose timers ring know.
func (q *queue) tick(d time.Duration, ring ...*waiter) {
	q.now = q.now.Add(d)
	for _, w := range ring {
		q.l.left(w, q.now)
	}
}

func TestATimeThatIsAHairLaterDoesNotCostTheFirstItsTurn(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	bulk := q.turn(q.join(rankBulk))
	q.refuse(bulk, NumberRate, time.Second)
	reply := q.turn(q.join(rankReply))
	q.refuse(reply, NumberRate, time.Second+time.Microsecond)
	q.tick(time.Second, bulk)
	q.turn(reply)
	q.sleeps(bulk, 0)
}

func TestATimeThatIsEarlierIsTheNewOne(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	first := q.turn(q.join(rankBulk))
	q.refuse(first, TierLimit, 30*time.Second)
	second := q.turn(q.join(rankBulk))
	q.refuse(second, TierLimit, 10*time.Second)
	q.sleeps(second, 10*time.Second)
	q.tick(10*time.Second, second)
	q.turn(second)
	q.sleeps(first, 20*time.Second)
}

func TestOnlyTheSameRuleHoldsBack(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	sleeper := q.turn(q.join(rankReply))
	q.refuse(sleeper, NumberRate, time.Second)
	same, pair := q.turn(q.join(rankReply)), q.join(rankReply)
	q.refuse(same, NumberRate, time.Second)
	q.turn(pair)
	q.refuse(pair, PairRate, time.Second)
	q.tick(time.Second, sleeper, same, pair)
	q.turn(sleeper)
	q.refuse(sleeper, NumberRate, time.Second)
	q.sleeps(same, 0)
	q.turn(pair)
}

func TestWhoIsRefusedBySomethingElseHoldsNobodyBackAnyMore(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	first := q.turn(q.join(rankReply))
	q.refuse(first, NumberRate, time.Second)
	second := q.turn(q.join(rankReply))
	q.refuse(second, NumberRate, time.Second)
	q.tick(time.Second, first, second)
	q.turn(first)
	q.refuse(first, PairRate, 50*time.Second)
	q.turn(second)
}

func TestWhoIsHeldBackForLongLooksForItself(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	first := q.turn(q.join(rankBulk))
	q.refuse(first, TierLimit, 40*time.Second)
	second := q.turn(q.join(rankBulk))
	q.refuse(second, TierLimit, 40*time.Second)
	q.tick(40*time.Second, first, second)
	q.turn(first)
	q.refuse(first, TierLimit, 20*time.Second)
	q.sleeps(second, 0)
	q.tick(20*time.Second, first)
	q.turn(first)
	q.refuse(first, TierLimit, 20*time.Second)
	q.turn(second) // a minute after it last asked
}

func TestNewsReachesWhoIsHeldBack(t *testing.T) {
	t.Parallel()
	for _, room := range []bool{true, false} {
		q := newQueue(t)
		first := q.turn(q.join(rankBulk))
		q.refuse(first, TierLimit, time.Second)
		second := q.turn(q.join(rankBulk))
		q.refuse(second, TierLimit, time.Second)
		q.tick(time.Second, first, second)
		q.turn(first)
		q.refuse(first, TierLimit, time.Second)
		q.sleeps(second, 0)
		if room {
			q.l.room(q.now)
		} else {
			q.l.wake(q.now)
		}
		q.turn(first)
		q.refuse(first, TierLimit, time.Second)
		if room {
			q.sleeps(second, 0) // there was room for none
			q.l.leave(first, q.now)
		}
		q.turn(second)
	}
}

func TestRoomIsNoNewsToWhoWaitsForSomethingElse(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	w := q.turn(q.join(rankBulk))
	q.refuse(w, PairRate, 6*time.Second)
	q.l.room(q.now)
	q.sleeps(w, 6*time.Second)
	q.l.wake(q.now)
	q.turn(w)
}

func TestNewsDuringATurnMakesAnother(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	w := q.turn(q.join(rankBulk))
	q.l.room(q.now)
	q.refuse(w, TierLimit, time.Hour)
	q.turn(w)
	q.refuse(w, TierLimit, time.Hour)
	q.sleeps(w, nap)
}

func TestAllLookAtTheSameInstants(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	q.tick(90 * time.Second)
	w := q.turn(q.join(rankBulk))
	q.refuse(w, TierLimit, time.Hour)
	q.sleeps(w, 30*time.Second)
	q.tick(-time.Hour) // the clock jumps back
	assert.Zero(t, q.l.left(w, q.now))
	q.turn(w)
	q.refuse(w, TierLimit, 2*time.Hour)
	q.sleeps(w, nap)
	q.tick(nap, w)
	q.turn(w)
}

func TestWhoWasDueStaysDueWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	first, second := q.turn(q.join(rankBulk)), q.join(rankBulk)
	q.tick(-time.Hour, second)
	q.l.leave(first, q.now)
	q.turn(second)
}
