package ledger

import "sync"

// Books are accounts by their ID, each with its lock. The zero Books are empty.
// They are safe for concurrent use.
type Books struct {
	// mu guards what follows, not what is in an account.
	mu       sync.RWMutex
	accounts map[string]*Held
}

// Held is an account that is held by whoever has opened it.
type Held struct {
	mu sync.Mutex
	Account
}

// Release lets the next one have the account.
func (h *Held) Release() { h.mu.Unlock() }

// Open returns the account, new if there is none, and holds it until Release.
// Nobody else's code may run meanwhile.
func (b *Books) Open(id string) *Held {
	b.mu.RLock()
	h := b.accounts[id]
	b.mu.RUnlock()
	if h == nil {
		h = b.create(id)
	}
	h.mu.Lock()
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
		h = &Held{}
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
