package ledger

import "time"

// maxSkew is how far the clocks of those who share a store are apart at most.
const maxSkew = 5 * time.Minute

// A pace is the time that rates go by. It never goes back: so no bucket is of a
// time to come, and one that has once been full can be forgotten. A clock that
// goes back by more than clocks differ had jumped ahead, and is followed from
// where it is: the pace stands still, and goes on as that clock does, or else
// conversations would have to wait until the jump comes true. Should that clock
// be found where the pace has got to, it was the way back that was false, and
// what lies between has been gone through once.
type pace struct {
	told   time.Time // by the clock that is followed
	gained int64     // by how many microseconds the pace is ahead of it
}

// at is the pace in microseconds.
func (p pace) at() int64 { return micros(p.told) + p.gained }

// skew is maxSkew in microseconds.
const skew = int64(maxSkew / time.Microsecond)

// follow is the pace once a time has been told.
func (p pace) follow(now time.Time) pace {
	at, was, is := p.at(), micros(p.told), micros(now)
	switch {
	case is > at:
		return pace{told: now}
	case is >= at-skew && p.gained > 0:
		return pace{told: time.UnixMicro(at).UTC()}
	case is < at-skew && is > was:
		return pace{now, p.gained}
	case is < was-skew:
		return pace{now, at - is}
	}
	return p
}

// when is the time, by the clock that is followed, at which so much has passed if
// nobody tells another before. Where that clock has come too near by then to be
// told from one that differs, it has to come past the pace first.
func (p pace) when(wait time.Duration) time.Time {
	at, then := p.at(), micros(p.told)+wait.Microseconds()
	if then >= at-skew {
		then = at + wait.Microseconds()
	}
	return time.UnixMicro(then).UTC()
}
