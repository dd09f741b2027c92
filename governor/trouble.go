package governor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// trouble is what a governor remembers of its store's failures. An outage begins
// with a failure and ends with an answer about the account that failed last, so
// that a store of which one part fails does not come and go; or with any answer
// when nothing has failed for a while.
type trouble struct {
	down atomic.Bool // spares answers the lock

	// mu guards what follows. Nothing else is called under it.
	mu       sync.Mutex
	failures int64
	last     time.Time
	account  string // whose call failed last
	began    time.Time
}

// calm is how long nothing has failed when an answer about any account ends an
// outage.
const calm = time.Minute

// fail takes a failure and reports whether an outage begins with it.
func (t *trouble) fail(account string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures++
	t.last, t.account = now, account
	if t.down.Load() {
		return false
	}
	t.began = now
	t.down.Store(true)
	return true
}

// answer takes an answer and reports whether an outage ends with it, and how
// long it was.
func (t *trouble) answer(account string, now time.Time) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.down.Load() || t.account != "" && t.account != account && now.Sub(t.last) < calm {
		return 0, false
	}
	t.down.Store(false)
	return max(0, now.Sub(t.began)), true
}

func (t *trouble) snapshot(latency time.Duration) StoreSnapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return StoreSnapshot{Latency: latency, Failures: t.failures, LastFailure: t.last}
}

// failed tells of a store's fault and returns it. That a caller has given up is
// no fault of the store's.
func (g *Governor) failed(ctx context.Context, account string, now time.Time, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if g.trouble.fail(account, now) {
		g.notify.post(ctx, Notice{Kind: NoticeStoreDown, At: now, Account: account, Err: err})
	}
	g.notify.post(ctx, Notice{Kind: NoticeStoreFailed, At: now, Account: account, Err: err})
	return err
}

// answered notes that the store has answered.
func (g *Governor) answered(ctx context.Context, account string, now time.Time) {
	if !g.trouble.down.Load() {
		return
	}
	if lasted, ended := g.trouble.answer(account, now); ended {
		g.notify.post(ctx, Notice{Kind: NoticeStoreUp, At: now, Account: account, To: lasted.String()})
	}
}
