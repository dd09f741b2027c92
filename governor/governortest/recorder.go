package governortest

import (
	"slices"
	"sync"

	"github.com/sendgov/sendgov/governor"
)

// A Recorder keeps the notices that a governor gives, for a test to look at:
//
//	var seen governortest.Recorder
//	gov, err := governor.New(store, governor.Config{Observer: seen.Record})
//
// The zero Recorder is ready to use. It is safe for concurrent use and must
// not be copied.
type Recorder struct {
	// mu guards notices.
	mu      sync.Mutex
	notices []governor.Notice
}

// Record keeps a notice. It is a governor.Config.Observer.
func (r *Recorder) Record(n governor.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, n)
}

// Notices returns those kept so far, in the order in which they came; with
// kinds given, only those of these kinds.
func (r *Recorder) Notices(kinds ...governor.NoticeKind) []governor.Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(r.notices)
	if len(kinds) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(n governor.Notice) bool { return !slices.Contains(kinds, n.Kind) })
}

// Reset forgets them.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = nil
}
