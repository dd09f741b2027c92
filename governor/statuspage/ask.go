package statuspage

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// A source is what a page asks: a [*governor.Governor].
type source interface {
	Accounts() []string
	Snapshot(ctx context.Context, account string) (governor.Snapshot, error)
	Plan(ctx context.Context, c governor.Campaign) (governor.Plan, error)
}

const (
	// maxListed is how many accounts are asked about for the list of all.
	maxListed = 200
	// maxFailures in a row mean that the store is down: each more would only
	// make the reader wait.
	maxFailures = 3
	// maxRemembered bounds what is kept for when the store is down.
	maxRemembered = 1024
)

// A memory keeps the last snapshot of each account, so that a page has
// something to show when the store does not answer. It is safe for concurrent
// use.
type memory struct {
	// mu guards last. Nothing that is not ours runs under it.
	mu   sync.Mutex
	last map[string]governor.Snapshot
}

func (m *memory) keep(s governor.Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, known := m.last[s.Account]
	if known && s.At.Before(old.At) {
		return // a slow answer, overtaken
	}
	if !known && len(m.last) >= maxRemembered {
		return
	}
	if m.last == nil {
		m.last = map[string]governor.Snapshot{}
	}
	m.last[s.Account] = s
}

func (m *memory) recall(account string) (governor.Snapshot, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.last[account]
	return s, ok
}

// read asks about one account. The error is of what was asked, as an ID that
// cannot be one; that the store fails is told by the reading.
func (h *handler) read(ctx context.Context, id string, listed []string) (reading, error) {
	r := reading{ID: id, Name: h.name(id), Strange: !slices.Contains(listed, id)}
	s, err := h.gov.Snapshot(ctx, id)
	switch {
	case err == nil:
		r.Snapshot, r.Known, r.Now = s, true, s.At
		if !r.Strange {
			h.memory.keep(s)
		}
		return r, nil
	case errors.Is(err, governor.ErrInvalid):
		return r, err
	}
	r.Failed, r.Now = true, s.At
	r.Snapshot, r.Known = h.memory.recall(id)
	return r, nil
}

// readAll asks about the accounts that there are, up to maxListed, and returns
// how many were left out.
func (h *handler) readAll(ctx context.Context, ids []string) (readings []reading, more int, err error) {
	shown := ids[:min(len(ids), maxListed)]
	failures := 0
	for _, id := range shown {
		if failures >= maxFailures {
			r := reading{ID: id, Name: h.name(id), Failed: true}
			r.Snapshot, r.Known = h.memory.recall(id)
			readings = append(readings, r)
			continue
		}
		r, err := h.read(ctx, id, ids)
		if err != nil {
			return nil, 0, err
		}
		failures++
		if !r.Failed {
			failures = 0
		}
		readings = append(readings, r)
	}
	return worstFirst(readings), len(ids) - len(shown), nil
}

// failedAll reports whether the store answered nothing.
func failedAll(readings []reading) bool {
	return len(readings) > 0 && !slices.ContainsFunc(readings, func(r reading) bool { return !r.Failed })
}

// newest is the time of the newest answer.
func newest(readings []reading) time.Time {
	var t time.Time
	for _, r := range readings {
		t = later(t, r.Snapshot.At)
	}
	return t
}
