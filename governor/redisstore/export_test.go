package redisstore

// What tests outside look at inside.
var (
	KeysOf   = keysOf
	Assemble = assemble
)

const (
	MaxFlying = maxFlying
	MaxBatch  = maxBatch
)

// Waiting is how many verbs of an account wait for a call.
func (s *Store) Waiting(account string) int {
	l := s.lane(account)
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}
