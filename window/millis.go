package window

import (
	"math"
	"time"
)

// Instants are kept as whole milliseconds since 1970. They saturate some
// seventy million years away from it, so that the difference of any two, or one
// plus any period, cannot overflow.
const (
	latest   = int64(1) << 61
	earliest = -latest

	// never lies further before earliest than the longest period, so that
	// nothing stamped with it is ever inside the window.
	never = earliest - 1<<44

	// maxPeriod is the longest that a period can be.
	maxPeriod = math.MaxInt64/int64(time.Millisecond) + 1

	// forever is after every instant.
	forever = latest << 1
)

// roundDown is for readings of the clock: a slot then frees late, never early.
func roundDown(t time.Time) int64 {
	ms, _ := roundBoth(t)
	return ms
}

// roundUp is for stamps and periods' ends: a slot is then held longer, never
// shorter.
func roundUp(t time.Time) int64 {
	_, ms := roundBoth(t)
	return ms
}

// roundBoth is both in one, for every call begins with it.
func roundBoth(t time.Time) (down, up int64) {
	sec, nsec := t.Unix(), uint32(t.Nanosecond())
	ms := nsec / 1e6
	if sec < latest/1000 && sec > earliest/1000 {
		down = sec*1000 + int64(ms)
	} else {
		down = latest
		if sec < 0 {
			down = earliest
		}
	}
	up = down
	if ms*1e6 != nsec {
		up++
	}
	return down, up
}

func wholeMillis(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d%time.Millisecond != 0 {
		ms++
	}
	return ms
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
