package governor

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Notice tells a Config.Observer what happened. It holds no recipient.
type Notice struct {
	// Kind says what happened, and which of the fields below are set.
	Kind NoticeKind
	// At is when it took effect: the platform's time of what it told, the very
	// instant of what time alone has brought, else the governor's clock.
	At time.Time
	// Account, WABA and Number are whom it is about, as far as that goes.
	Account, WABA, Number string
	// From and To are the old and the new word of what changed: a health, a
	// limit, a restriction's type.
	From, To string
	// Until is when it ends by itself. Zero: not known.
	Until time.Time
	// Decision is set with NoticeDenied.
	Decision Decision
	// Err is set with NoticeStoreFailed.
	Err error
}

// NoticeKind is what a [Notice] is about.
type NoticeKind uint8

// The kinds of notice.
const (
	// NoticeDenied: a message was refused; see Decision.
	NoticeDenied NoticeKind = iota + 1
	// NoticeHealth: a number's or WABA's health went From one To another.
	NoticeHealth
	// NoticeRestricted: the platform restricts; To is the type.
	NoticeRestricted
	// NoticeLifted: a restriction of type From ended.
	NoticeLifted
	// NoticeLimit: the messaging limit went From one tier To another.
	NoticeLimit
	// NoticePrediction: a number was Flagged for seven days without improving,
	// so its limit is expected, To be, one step lower; or, with From set, that is
	// no longer expected.
	NoticePrediction
	// NoticeTemplate: the template From, as "name/language", came to be held or
	// sendable; To is the platform's word.
	NoticeTemplate
	// NoticeUnknownWord: the platform used a word, To, in its field From, that
	// nobody knows. It was taken as unsafe.
	NoticeUnknownWord
	// NoticeStoreFailed: the store failed; see Err.
	NoticeStoreFailed
	// NoticeDropped: To notices were dropped, because the observer did not keep
	// up.
	NoticeDropped
	// NoticePanic: the observer itself panicked; To is the panic's type.
	NoticePanic
)

// String returns the kind's name in lower case.
func (k NoticeKind) String() string {
	names := [...]string{
		NoticeDenied: "denied", NoticeHealth: "health", NoticeRestricted: "restricted", NoticeLifted: "lifted",
		NoticeLimit: "limit", NoticePrediction: "prediction", NoticeTemplate: "template", NoticeUnknownWord: "unknown_word", NoticeStoreFailed: "store_failed", NoticeDropped: "dropped", NoticePanic: "panic",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return "unknown"
}

// A bulletin hands notices to the observer one at a time and in order, on
// whichever goroutine finds nobody doing so. The others leave theirs and go
// on, so an observer may be slow, or call the Governor, without holding up a
// send other than the one it is called on.
type bulletin struct {
	observer func(Notice)

	// mu guards what follows. It is never held while the observer runs.
	mu      sync.Mutex
	pending []Notice
	dropped int // of those that were pending
	busy    bool
}

const (
	// share is how many notices one call delivers beyond its own, so that
	// nobody is kept for long by what others have left.
	share = 64
	// backlog is how many may be pending. Beyond it the oldest are dropped.
	backlog = 4096
)

func (b *bulletin) post(notices ...Notice) {
	if b.observer == nil || len(notices) == 0 {
		return
	}
	b.mu.Lock()
	b.pending = append(b.pending, notices...)
	if over := len(b.pending) - backlog; over > 0 {
		b.pending = slices.Delete(b.pending, 0, over)
		b.dropped += over
	}
	if b.busy {
		b.mu.Unlock()
		return
	}
	b.busy = true
	b.mu.Unlock()
	b.deliver(share + len(notices))
}

// deliver tells up to most notices. What is then pending is the next post's.
func (b *bulletin) deliver(most int) {
	done := false
	// An observer that ends the goroutine, as a failing test does, must not
	// leave the bulletin waiting for it.
	defer func() {
		if !done {
			b.mu.Lock()
			b.busy = false
			b.mu.Unlock()
		}
	}()
	for range most {
		b.mu.Lock()
		next, ok := b.next()
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
	if len(b.pending) == 0 {
		return Notice{}, false
	}
	if b.dropped > 0 {
		n := Notice{Kind: NoticeDropped, At: b.pending[0].At, To: strconv.Itoa(b.dropped)}
		b.dropped = 0
		return n, true
	}
	n := b.pending[0]
	b.pending = b.pending[1:]
	return n, true
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
