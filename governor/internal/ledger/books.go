package ledger

import (
	"sync"
	"sync/atomic"
)

// Books are accounts by their ID, each with its lock. The zero Books are empty.
// They are safe for concurrent use.
type Books struct {
	// last is the account that was opened last, and is the first to look at:
	// whoever sends goes on sending.
	last atomic.Pointer[Held]

	// mu guards what follows, not what is in an account.
	mu       sync.RWMutex
	accounts map[string]*Held
}

// Held is an account that is held by whoever has opened it.
type Held struct {
	id string
	mu sync.Mutex
	Account
}

// Release lets the next one have the account.
func (h *Held) Release() { h.mu.Unlock() }

// Open returns the account, new if there is none, and holds it until Release.
// Nobody else's code may run meanwhile.
func (b *Books) Open(id string) *Held {
	h := b.last.Load()
	if h == nil || h.id != id {
		h = b.find(id)
		b.last.Store(h)
	}
	h.mu.Lock()
	return h
}

func (b *Books) find(id string) *Held {
	b.mu.RLock()
	h := b.accounts[id]
	b.mu.RUnlock()
	if h == nil {
		h = b.create(id)
	}
	return h
}

func (b *Books) create(id string) *Held {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.accounts[id]
	if h == nil {
		if b.accounts == nil {
			b.accounts = map[string]*Held{}
		}
		h = &Held{id: id}
		b.accounts[id] = h
	}
	return h
}

// IDs returns the accounts there are, in no order.
func (b *Books) IDs() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	ids := make([]string, 0, len(b.accounts))
	for id := range b.accounts {
		ids = append(ids, id)
	}
	return ids
}
