package governor

import (
	"sync"
	"time"
)

// trouble is what a governor remembers of its store's failures.
type trouble struct {
	// mu guards what follows. Nothing else is called under it.
	mu       sync.Mutex
	failures int64
	last     time.Time
}

func (t *trouble) fail(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures++
	t.last = now
}

func (t *trouble) snapshot(latency time.Duration) StoreSnapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return StoreSnapshot{Latency: latency, Failures: t.failures, LastFailure: t.last}
}
