package boltstore

import (
	"sync"

	"github.com/sendgov/sendgov/governor/internal/ledger"
)

// An account is its books, and where the journal stands with them.
type account struct {
	id string

	// mu guards what follows. The journal's lock may be taken under it; the
	// disk is never waited for, and no user's code runs.
	mu sync.Mutex

	ledger.Account
	told    ledger.Clocks // the clocks as the journal's reader would have them
	written position      // of the account's latest record
	latest  *batch        // the same; nil: none since the file was opened
	first   uint64        // batch of the first record that no snapshot on disk has; 0: none
	next    uint64        // batch of the first record since the snapshot under way; 0: none
	stored  snapshotHead  // the snapshot on disk; zero: none
}

// position is a place in the journal: so many of the account's records in the
// batch, and all of those before it.
type position struct {
	batch   uint64
	records int
}

// note takes down that the batch has one more record of the account.
func (a *account) note(batch uint64) {
	if a.written.batch != batch {
		a.written = position{batch: batch}
	}
	a.written.records++
	if a.first == 0 {
		a.first = batch
	}
	if a.next == 0 {
		a.next = batch
	}
}

// accounts are all there are, by ID.
type accounts struct {
	mu   sync.RWMutex
	byID map[string]*account
}

// open returns the account, new if there is none, locked.
func (as *accounts) open(id string) *account {
	as.mu.RLock()
	a := as.byID[id]
	as.mu.RUnlock()
	if a == nil {
		a = as.create(id)
	}
	a.mu.Lock()
	return a
}

func (as *accounts) create(id string) *account {
	as.mu.Lock()
	defer as.mu.Unlock()
	a := as.byID[id]
	if a == nil {
		if as.byID == nil {
			as.byID = map[string]*account{}
		}
		a = &account{id: id}
		as.byID[id] = a
	}
	return a
}

// all returns the accounts, in no order.
func (as *accounts) all() []*account {
	as.mu.RLock()
	defer as.mu.RUnlock()
	list := make([]*account, 0, len(as.byID))
	for _, a := range as.byID {
		list = append(list, a)
	}
	return list
}
