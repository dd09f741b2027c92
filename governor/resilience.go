package governor

import (
	"bytes"
	"time"
)

// ColdStart says what an account's ledger stands for that has never been saved.
type ColdStart uint8

const (
	// AssumeUnused takes an empty ledger at its word: nobody has been written to.
	AssumeUnused ColdStart = iota
	// AssumeUsed takes the limit as used up until 24 h, and Config.Grace, have
	// passed since the account was first asked about, or until
	// [Governor.Import] has told who was written to. Notifications that take no
	// slot, and replies, pass meanwhile. The moment is kept in the store, for all
	// replicas and restarts. It is for stores that may lose everything, and for
	// accounts that something else has sent from until now.
	AssumeUsed
)

const (
	defaultLeaseTime = 15 * time.Minute
	minLeaseTime     = time.Minute
	maxLeaseTime     = 12 * time.Hour
	maxLocalBudget   = 10_000
)

// faultsOfResilience validates what is for bad days.
func (c Config) faultsOfResilience(fault func(field, format string, args ...any)) {
	if c.ColdStart > AssumeUsed {
		fault("ColdStart", "is %d, want AssumeUnused or AssumeUsed", uint8(c.ColdStart))
	}
	if c.LocalBudget < 0 || c.LocalBudget > maxLocalBudget {
		fault("LocalBudget", "is %d, want 0 to %d", c.LocalBudget, maxLocalBudget)
	}
	if c.LeaseTime != 0 && (c.LeaseTime < minLeaseTime || c.LeaseTime > maxLeaseTime) {
		fault("LeaseTime", "is %v, want %v to %v, or zero for %v", c.LeaseTime, minLeaseTime, maxLeaseTime, defaultLeaseTime)
	}
	if c.HashKey != nil && len(c.HashKey) < minHashKey {
		fault("HashKey", "has %d bytes, want at least %d, or nil for no hashing", len(c.HashKey), minHashKey)
	}
	for i, old := range c.OldHashKeys {
		switch {
		case len(c.HashKey) == 0:
			fault("OldHashKeys", "is set and HashKey is not; want the key that replaces them")
			return
		case len(old) < minHashKey:
			fault("OldHashKeys", "has a key of %d bytes at %d, want at least %d", len(old), i, minHashKey)
		case bytes.Equal(old, c.HashKey):
			fault("OldHashKeys", "has HashKey itself at %d, want the keys that it replaced", i)
		}
	}
}

// resilience tells what a snapshot says of bad days.
func (g *Governor) resilience(s *Snapshot, v *view, now time.Time) {
	s.ColdUntil = v.profile.cold(now)
	if v.state.Version == 0 && g.cfg.ColdStart == AssumeUsed {
		s.ColdUntil = g.coldEnd(now) // should it send
	}
	if !s.SlotFree.IsZero() {
		s.SlotFree = latest(s.SlotFree, s.ColdUntil)
	}
}
