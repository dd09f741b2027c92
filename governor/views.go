package governor

import (
	"sync"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// views are the newest known of each account, of as many as there is room for.
// Of the accounts that were asked for longest ago the view is forgotten.
//
// Whoever sends goes on sending. So the view that was asked for last is the first
// to look at, without a lock: it is the newest in the order of forgetting already.
type views struct {
	last atomic.Pointer[view] // changed under mu alone

	// mu guards kept.
	mu   sync.Mutex
	kept *simplelru.LRU[string, *view]
}

// get is the account's view, nil if none is known.
func (vs *views) get(account string) *view {
	if v := vs.last.Load(); v != nil && v.account == account {
		return v
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v, known := vs.kept.Get(account)
	if known {
		vs.last.Store(v)
	}
	return v
}

// put keeps a view, unless a newer one is kept.
func (vs *views) put(v *view) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if kept, known := vs.kept.Peek(v.account); !known || kept.state.Version <= v.state.Version {
		vs.kept.Add(v.account, v)
		vs.last.Store(v)
	}
}

// remove forgets an account's view.
func (vs *views) remove(account string) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.kept.Remove(account)
	if v := vs.last.Load(); v != nil && v.account == account {
		vs.last.Store(nil)
	}
}

// all are the views that are kept.
func (vs *views) all() []*view {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	return vs.kept.Values()
}
