package storetest_test

import (
	"context"
	"math"
	"sync"

	"github.com/sendgov/sendgov/governor"
)

// hasty is a store that checks and then books.
type hasty struct {
	governor.Store

	// crowded is whether many race for the last slots. Whoever has checked then
	// waits until the next has asked, so that more check than there is room for
	// before the last of them books: left to the scheduler, one run in ten saw no
	// such race.
	crowded bool

	mu   sync.Mutex
	next map[string]chan struct{} // by account; closed when whoever waits there may book
}

func (s *hasty) Admit(ctx context.Context, a governor.Admission) (governor.Verdict, error) {
	probe := a
	probe.Probe = true
	v, next, err := s.check(ctx, probe)
	if err != nil || v.Outcome != governor.Admitted || a.Probe {
		return v, err
	}
	if next != nil {
		<-next
	}
	a.Limit = math.MaxInt
	return s.Store.Admit(ctx, a)
}

// check asks, and lets the one go on who asked before. It returns what to wait
// for, if anything.
func (s *hasty) check(ctx context.Context, probe governor.Admission) (governor.Verdict, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.Store.Admit(ctx, probe)
	if !s.crowded {
		return v, nil, err
	}
	if before := s.next[probe.Account]; before != nil {
		close(before)
		delete(s.next, probe.Account)
	}
	if err != nil || v.Outcome != governor.Admitted {
		return v, nil, err
	}
	next := make(chan struct{})
	if s.next == nil {
		s.next = map[string]chan struct{}{}
	}
	s.next[probe.Account] = next
	return v, next, nil
}
