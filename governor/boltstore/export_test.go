package boltstore

import "time"

// OpenTuned opens a ledger that makes a checkpoint whenever so many bytes have
// been written.
func OpenTuned(path string, relaxed time.Duration, checkpointAt int) (*Store, error) {
	return Open(path, Config{Relaxed: relaxed, checkpointAt: checkpointAt})
}
