package boltstore

import (
	"fmt"
	"time"
)

// Config is how a [Store] behaves. The zero Config is safe: nothing is answered
// before it is on the disk.
type Config struct {
	// Relaxed lets verbs answer before what they changed is on the disk. It
	// gets there with the first verb that is told a time as much later, or with
	// [Store.Flush] or [Store.Close]. If the process ends before, by a crash or
	// by kill -9 too, all that was answered since is lost: up to as long of
	// sends, by the times that the verbs were told, are then not counted, and
	// what they took of the limit may be given to others within 24 hours. It is
	// for those who would rather send a few too many after a crash than wait
	// for a disk. Negative is an error. Defaults to 0, which waits for the disk.
	Relaxed time.Duration

	checkpointAt int // how many bytes of journal call for a checkpoint; for tests
}

func (c *Config) complete() error {
	if c.Relaxed < 0 {
		return fmt.Errorf("boltstore: Config.Relaxed: %v, want 0 or more", c.Relaxed)
	}
	if c.checkpointAt == 0 {
		c.checkpointAt = 4 << 20
	}
	return nil
}
