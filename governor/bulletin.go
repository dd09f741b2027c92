package governor

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
)

// A bulletin hands notices to the observer one at a time and in order: on the
// goroutine that runs [Governor.Run], else on whichever finds nobody doing so.
// The others leave theirs and go on, so an observer may be slow, or call the
// Governor, without holding up a send other than the one it is called on, and
// none at all while Run does it.
type bulletin struct {
	observer func(Notice)
	wake     chan struct{} // holds one: there is something for Run to do

	// mu guards what follows. It is never held while the observer runs.
	mu      sync.Mutex
	pending ring
	dropped int  // of those that were pending
	busy    bool // somebody delivers

	running atomic.Bool // Run is there to do it; set under mu
}

const (
	// share is how many notices one call delivers beyond its own, so that nobody
	// is kept for long by what others have left.
	share = 64
	// backlog is how many may be pending. Beyond it the oldest are dropped.
	backlog = 4096
)

// post tells notices. Those of a call whose turn it is in a line are left until
// that is over: an observer may wait in the same line, or be slow.
func (b *bulletin) post(ctx context.Context, notices ...Notice) {
	if b.observer == nil || len(notices) == 0 {
		return
	}
	left := ctx.Value(turnKey{}) != nil
	b.mu.Lock()
	for _, n := range notices {
		if b.pending.push(n) {
			b.dropped++
		}
	}
	if left || b.busy || b.running.Load() {
		b.mu.Unlock()
		b.ring()
		return
	}
	b.busy = true
	b.mu.Unlock()
	b.deliver(share+len(notices), false)
}

// catchUp tells what a turn has left.
func (b *bulletin) catchUp() {
	b.mu.Lock()
	if b.pending.n == 0 || b.busy || b.running.Load() {
		b.mu.Unlock()
		return
	}
	b.busy = true
	b.mu.Unlock()
	b.deliver(share, false)
}

// ring lets Run look, if it is there.
func (b *bulletin) ring() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// employ makes the caller the one who delivers, and reports whether nobody was.
func (b *bulletin) employ() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.running.CompareAndSwap(false, true)
}

func (b *bulletin) dismiss() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running.Store(false)
}

// run delivers for Run, unless somebody is still at it, who rings when done.
func (b *bulletin) run() {
	b.mu.Lock()
	if b.busy {
		b.mu.Unlock()
		return
	}
	b.busy = true
	b.mu.Unlock()
	b.deliver(backlog, true)
}

// deliver tells up to most notices. What is then pending is the next post's, or
// Run's.
func (b *bulletin) deliver(most int, runs bool) {
	done := false
	// An observer that ends the goroutine, as a failing test does, must not
	// leave the bulletin waiting for it.
	defer func() {
		b.mu.Lock()
		if !done {
			b.busy = false
		}
		left := b.running.Load() && b.pending.n > 0
		b.mu.Unlock()
		if left {
			b.ring()
		}
	}()
	for range most {
		b.mu.Lock()
		next, ok := Notice{}, false
		if runs || !b.running.Load() {
			next, ok = b.next()
		}
		if !ok {
			// Under the same lock: who posts from here on delivers.
			b.busy, done = false, true
		}
		b.mu.Unlock()
		if !ok {
			return
		}
		b.tell(next)
	}
}

// next takes the oldest notice, or one that says how many were dropped.
func (b *bulletin) next() (Notice, bool) {
	oldest, ok := b.pending.first()
	if !ok {
		return Notice{}, false
	}
	if b.dropped > 0 {
		n := Notice{Kind: NoticeDropped, At: oldest.At, To: strconv.Itoa(b.dropped)}
		b.dropped = 0
		return n, true
	}
	return b.pending.pop(), true
}

// tell calls the observer and survives it. A panic is told once, by its type,
// unless telling that panics too.
func (b *bulletin) tell(n Notice) {
	defer func() {
		if v := recover(); v != nil && n.Kind != NoticePanic {
			b.tell(Notice{Kind: NoticePanic, At: n.At, Account: n.Account, To: fmt.Sprintf("%T", v)})
		}
	}()
	b.observer(n)
}

// A ring holds up to backlog notices, and takes no longer for the last of them
// than for the first.
type ring struct {
	buf     []Notice
	head, n int
}

// push adds a notice, and reports whether the oldest had to go for it.
func (r *ring) push(n Notice) (dropped bool) {
	if r.n == backlog {
		r.pop()
		dropped = true
	}
	if r.n == len(r.buf) {
		grown := make([]Notice, min(backlog, max(8, 2*len(r.buf))))
		for i := range r.n {
			grown[i] = r.buf[(r.head+i)%len(r.buf)]
		}
		r.buf, r.head = grown, 0
	}
	r.buf[(r.head+r.n)%len(r.buf)] = n
	r.n++
	return dropped
}

func (r *ring) first() (Notice, bool) {
	if r.n == 0 {
		return Notice{}, false
	}
	return r.buf[r.head], true
}

func (r *ring) pop() Notice {
	n := r.buf[r.head]
	r.buf[r.head] = Notice{} // it may hold an error, and that anything
	r.head, r.n = (r.head+1)%len(r.buf), r.n-1
	return n
}
