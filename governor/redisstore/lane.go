package redisstore

import (
	"context"
	"sync"
	"time"
)

const (
	// maxFlying is how many calls of one account are under way at once. One
	// that hangs, on a connection that died, holds up nobody else.
	maxFlying = 2
	// maxBatch is how many verbs one call carries: some two milliseconds of the
	// server's time at most.
	maxBatch = 128
)

// A lane leads the verbs of one account to the server. While as many calls are
// under way as may be, those who come wait, and whoever of them has the most
// time leads all of them in one call, when one has come back. There is no
// goroutine that does it: a caller leads, and whoever waits leaves when its own
// context ends.
type lane struct {
	account string
	keys    []string

	mu sync.Mutex

	// mu guards what follows. Nothing waits under it.
	flying  int
	queue   []*call
	epoch   int64 // see lua/fence.lua
	changes int64
}

// call is one verb on its way.
type call struct {
	op    message
	told  int64 // the caller's time; none: the verb tells none
	books bool  // whether it is an admission that has to reach replicas

	deadline time.Time
	bounded  bool

	answer []any
	err    error
	// woken gets the calls to lead, or nil when the answer is there. There is
	// room for one: whoever wakes does not wait.
	woken chan []*call
}

// send brings one verb to the server and its answer back.
func (s *Store) send(ctx context.Context, l *lane, c *call) ([]any, error) {
	l.mu.Lock()
	if l.flying < maxFlying {
		l.flying++
		l.mu.Unlock()
		return s.lead(ctx, l, []*call{c}, c)
	}
	c.deadline, c.bounded = ctx.Deadline()
	c.woken = make(chan []*call, 1)
	l.queue = append(l.queue, c)
	l.mu.Unlock()
	select {
	case batch := <-c.woken:
		if batch == nil {
			return c.answer, c.err
		}
		return s.lead(ctx, l, batch, c)
	case <-ctx.Done():
		l.leave(c)
		return nil, ctx.Err()
	}
}

// lead makes one call for several, the leader among them, and wakes the others.
func (s *Store) lead(ctx context.Context, l *lane, batch []*call, leader *call) ([]any, error) {
	finished := false
	defer func() {
		for _, c := range batch {
			if !finished {
				c.err = errUnfinished
			}
			if c != leader {
				c.woken <- nil
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.next()
	}()
	if len(batch) > 1 {
		// The leader has the most time of all, and is not in a hurry on behalf
		// of the others: that its caller goes away must not fail them.
		deadline, bounded := leader.deadline, leader.bounded
		ctx = context.WithoutCancel(ctx)
		if bounded {
			var stop context.CancelFunc
			ctx, stop = context.WithDeadline(ctx, deadline)
			defer stop()
		}
	}
	s.exchange(ctx, l, batch)
	finished = true
	return leader.answer, leader.err
}

// next lets those who wait go, led by the one with the most time. The caller
// holds mu, and gives up one of the calls under way.
func (l *lane) next() {
	n := min(len(l.queue), maxBatch)
	if n == 0 {
		l.flying--
		return
	}
	batch := append([]*call(nil), l.queue[:n]...)
	rest := copy(l.queue, l.queue[n:])
	clear(l.queue[rest:])
	l.queue = l.queue[:rest]
	wakeLeader(batch)
}

func wakeLeader(batch []*call) {
	leader := batch[0]
	for _, c := range batch[1:] {
		if leader.bounded && (!c.bounded || c.deadline.After(leader.deadline)) {
			leader = c
		}
	}
	leader.woken <- batch
}

// leave takes a call back whose caller has gone. Who is to lead by then hands
// that on.
func (l *lane) leave(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if without(&l.queue, c) {
		return
	}
	select {
	case batch := <-c.woken:
		if batch == nil {
			return
		}
		if without(&batch, c); len(batch) > 0 {
			wakeLeader(batch)
		} else {
			l.next()
		}
	default: // it is under way, led by another
	}
}

// without takes a call out of a list and reports whether it was there.
func without(list *[]*call, c *call) bool {
	for i, other := range *list {
		if other == c {
			rest := append((*list)[:i:i], (*list)[i+1:]...)
			*list = rest
			return true
		}
	}
	return false
}

// learn remembers up to which change the server has answered.
func (l *lane) learn(epoch, changes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if changes >= l.changes {
		l.epoch, l.changes = epoch, changes
	}
}

func (l *lane) seen() (epoch, changes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch, l.changes
}
