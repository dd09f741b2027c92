package governorhttp

import (
	"slices"
	"time"
)

// What a Poller remembers from round to round. All of it may be lost: it spares
// requests and tells what the Poller itself has reported.

// cursorOf is where a list goes on, empty at its beginning.
func (p *Poller) cursorOf(q question) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cursor[q.path]
}

func (p *Poller) keepCursor(q question, after string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(&p.cursor, q.path, after)
}

// found notes that a WABA's list has a number.
func (p *Poller) found(number, waba string) {
	if !slices.Contains(p.Numbers, number) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(&p.homes, number, waba)
	keep(&p.listed, number, waba)
}

// lost forgets what a WABA's list has, since it cannot be read.
func (p *Poller) lost(waba string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for number, at := range p.listed {
		if at == waba {
			delete(p.listed, number)
		}
	}
}

// lives notes a number's WABA, so that its requests count against that alone.
func (p *Poller) lives(number, waba string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(&p.homes, number, waba)
}

// asked notes when a number was asked for by itself.
func (p *Poller) asked(number string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(&p.tried, number, at)
}

// A single is one of Numbers that no list has.
type single struct {
	id, waba string
	tried    time.Time
}

// singles are those to be asked for one by one, the one that has waited
// longest first.
func (p *Poller) singles() []single {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []single
	for _, id := range p.Numbers {
		if _, listed := p.listed[id]; !listed {
			all = append(all, single{id: id, waba: p.homes[id], tried: p.tried[id]})
		}
	}
	slices.SortStableFunc(all, func(a, b single) int { return a.tried.Compare(b.tried) })
	return all
}

// owed is when this Poller last reported a payment issue of a node that it has
// not lifted since. Zero: there is none.
func (p *Poller) owed(node string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.owing[node]
}

// owe notes what was reported of a node.
func (p *Poller) owe(node string, h health, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case h.unpaid:
		keep(&p.owing, node, at)
	case h.told:
		delete(p.owing, node)
	}
}

// lease is how long a block that a health status tells outlasts the last round
// that told so, at least: if nobody polls any more it must not hold for ever.
func (p *Poller) lease() time.Duration { return max(time.Hour, 2*p.interval()) }
