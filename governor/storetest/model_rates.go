package storetest

import (
	"time"

	"github.com/sendgov/sendgov/governor"
)

// bucket holds tokens, told by how many microseconds it took to earn them. Below
// zero it is in debt. A bucket without a rate is full.
type bucket struct {
	held, every, burst int64
	at                 int64
}

// bring is the bucket at a time and a rate.
func (k *bucket) bring(r governor.Rate, now time.Time) {
	at, every, burst := now.UnixMicro(), int64((r.Every+time.Microsecond-1)/time.Microsecond), int64(r.Burst)
	if k.every == 0 {
		*k = bucket{held: burst * every, every: every, burst: burst, at: at}
		return
	}
	k.held = min(k.burst*k.every, k.held+max(0, at-k.at))
	k.at = at
	if k.every == every && k.burst == burst {
		return
	}
	tokens := k.held * every // of the old rate, times both
	held := tokens / k.every
	if tokens%k.every < 0 {
		held--
	}
	k.held, k.every, k.burst = min(burst*every, held), every, burst
}

// full says whether the bucket has as many tokens as its rate has room for.
func (k bucket) full(now time.Time) bool {
	return k.held+max(0, now.UnixMicro()-k.at) >= k.burst*k.every
}

// wait is how long until there is a token.
func (k bucket) wait(r governor.Rate, now time.Time) time.Duration {
	k.bring(r, now)
	return time.Duration(max(0, k.every-k.held)) * time.Microsecond
}

func (k *bucket) take(r governor.Rate, now time.Time) {
	k.bring(r, now)
	k.held -= k.every
}

// use takes a token that is gone already, into debt of one more bucketful.
func (k *bucket) use(r governor.Rate, now time.Time) {
	k.bring(r, now)
	if k.held > -k.burst*k.every {
		k.held -= k.every
	}
}

// pace is the time that rates go by, and what the clock showed then that it goes
// along with.
type pace struct{ at, clock time.Time }

// differ is by how much clocks do.
const differ = 5 * time.Minute

// told is the pace once a clock has shown a time. Of clocks that differ by no
// more than five minutes it is the latest. It never goes back: with a clock that
// is further behind it goes on by as much as that clock does.
func (p pace) told(now time.Time) pace {
	if !now.Before(p.at.Add(-differ)) {
		latest := last(p.at, now)
		return pace{latest, latest}
	}
	passed := now.Sub(p.clock)
	switch {
	case passed < -differ:
		return pace{p.at, now}
	case passed > 0:
		return pace{p.at.Add(passed), now}
	}
	return p
}

// until is when so much has passed, if that clock alone is told.
func (p pace) until(wait time.Duration) time.Time {
	if then := p.clock.Add(wait); p.told(then).at.Sub(p.at) >= wait {
		return then
	}
	return p.at.Add(wait)
}

// keepPace moves the pace.
func (b *books) keepPace(now time.Time) pace {
	b.pace = b.pace.told(now)
	return b.pace
}

func (b *books) number(number string) *bucket {
	if b.numbers[number] == nil {
		b.numbers[number] = &bucket{}
	}
	return b.numbers[number]
}

func (b *books) pair(number, who string) *bucket {
	key := [2]string{number, who}
	if b.pairs[key] == nil {
		b.pairs[key] = &bucket{}
	}
	return b.pairs[key]
}

// busy returns how the rates refuse an admission. One that is no probe makes a
// new rate the number's. A pair's bucket that is full has no rate any more.
func (b *books) busy(a governor.Admission, who string, now pace) []refusal {
	var all []refusal
	if a.NumberRate.Every > 0 {
		k := b.number(a.Number)
		if !a.Probe {
			k.bring(a.NumberRate, now.at)
		}
		if wait := k.wait(a.NumberRate, now.at); wait > 0 {
			all = append(all, refusal{governor.NumberBusy, now.until(wait)})
		}
	}
	if a.PairRate.Every > 0 {
		k := *b.pair(a.Number, who)
		if k.full(now.at) {
			k = bucket{}
		}
		if !a.Probe { // whose clock may be one that is not followed
			*b.pair(a.Number, who) = k
		}
		if wait := k.wait(a.PairRate, now.at); wait > 0 {
			all = append(all, refusal{governor.PairBusy, now.until(wait)})
		}
	}
	return all
}

func (b *books) pay(a governor.Admission, who string, now time.Time) {
	if a.NumberRate.Every > 0 {
		b.number(a.Number).take(a.NumberRate, now)
	}
	if a.PairRate.Every > 0 {
		b.pair(a.Number, who).take(a.PairRate, now)
	}
}

// mergePairs makes one bucket of two of the same rate: what was used of either
// was used of it.
func (b *books) mergePairs(number, from, into string, now time.Time) {
	k := b.pairs[[2]string{number, from}]
	delete(b.pairs, [2]string{number, from})
	if k == nil || k.every == 0 {
		return
	}
	r := governor.Rate{Every: time.Duration(k.every) * time.Microsecond, Burst: int(k.burst)}
	if k.bring(r, now); k.held == k.burst*k.every {
		return
	}
	kept := b.pair(number, into)
	kept.bring(r, now)
	kept.held -= k.burst*k.every - k.held
}
