package governor

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// tallyAge is how old a bundle of counts grows before whoever comes by hands it
// to the store. Calls that a message waits for leave that to others for twice
// as long.
const tallyAge = 10 * time.Second

// A counter is one of the counts that have no error code.
type counter uint8

const (
	countIncoming counter = iota
	countReplies
	countNotifications
	countDelivered
	countRead
	countFailed
	countRefused // and by the reason further
	counters     = int(countRefused) + len(reasons)
)

// maxTallyCodes is how many error codes a bundle tells apart. The others are
// counted as 0.
const maxTallyCodes = 64

// tallies are the counts that the store has not been told yet, by account. To
// count allocates nothing once an account is known.
//
// They are approximate in three ways. A process that is killed loses what it
// has not handed over, some seconds' worth. What the store was told although the
// answer was lost is told again. And webhooks that come twice are recognised
// while there is room to remember them.
type tallies struct {
	// first is when the first bundle is due, in Unix nanoseconds. Zero: there is
	// none. It spares calls the lock.
	first atomic.Int64
	seed  maphash.Seed
	most  int // how many accounts are kept
	wake  chan struct{}
	// watched is whether there is anybody to tell of levels.
	watched bool

	// mu guards what follows and every tally. It is held for some additions, and
	// nothing else is called under it.
	mu        sync.Mutex
	byAccount map[string]*tally
	latest    *tally   // the one that was counted in last
	queue     []*tally // those that have counts, in the order of since
	recent    []drawer // hashes of what was counted lately
}

// A drawer holds the newest hashes of those that belong in it, oldest first. So
// what comes is found in one look, and as good as none of the newest events is
// forgotten for another.
type drawer [8]uint64

// drawers is how many there are: they remember some eight thousand events.
const drawers = 1 << 10

// A tally is one account's.
type tally struct {
	account string
	level   level
	since   time.Time // of the first count in bundles, or of the last failure
	bundles []bundle  // one for each day that has counts, oldest first
	// queued is whether it stands in the queue, busy whether somebody is handing
	// over sent, which out spells out.
	queued, busy bool
	sent         bundle
	out          map[string]int64
}

// A bundle is what was counted on one day.
type bundle struct {
	day    int64     // see dayOf
	at     time.Time // of the last count
	counts [counters]int64
	codes  map[int]int64
	peak   int
}

func newTallies(most int, wake chan struct{}, watched bool) tallies {
	return tallies{seed: maphash.MakeSeed(), most: most, wake: wake, watched: watched}
}

// count adds one.
func (ts *tallies) count(account string, what counter, now time.Time) {
	if account == "" {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.tally(account); t != nil {
		ts.bundle(t, now).counts[what]++
	}
}

// countDecision adds one, and notes how many people were seen to hold a slot: of
// those used, leased are nobody's. It returns the level that use has risen to, if
// it has.
func (ts *tallies) countDecision(what counter, d *Decision, leased int) level {
	if d.Account == "" {
		return 0
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.tally(d.Account)
	if t == nil {
		return 0
	}
	b := ts.bundle(t, d.At)
	b.counts[what]++
	b.peak = max(b.peak, d.Used-leased)
	if !ts.watched {
		return 0
	}
	return t.level.rise(d.Used, d.Limit)
}

// countFailed adds one message that the platform refused, by its error code,
// zero if it told none.
func (ts *tallies) countFailed(account string, code int, now time.Time) {
	if account == "" {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.tally(account)
	if t == nil {
		return
	}
	b := ts.bundle(t, now)
	b.counts[countFailed]++
	if _, known := b.codes[code]; !known && len(b.codes) >= maxTallyCodes {
		code = 0
	}
	if b.codes == nil {
		b.codes = map[int]int64{}
	}
	b.codes[code]++
}

// reach notes a level that use is at, and reports whether it was lower before.
func (ts *tallies) reach(account string, at level) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.tally(account)
	if t == nil || t.level >= at {
		return false
	}
	t.level = at
	return true
}

// isRepeat reports whether the same words were asked about lately, and
// remembers them.
func (ts *tallies) isRepeat(words ...string) bool {
	var h maphash.Hash
	h.SetSeed(ts.seed)
	for _, w := range words {
		_, _ = h.WriteString(w)
		_ = h.WriteByte(0)
	}
	sum := h.Sum64() | 1 // zero is an empty place
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.recent == nil {
		ts.recent = make([]drawer, drawers)
	}
	d := &ts.recent[sum>>1%drawers]
	if slices.Contains(d[:], sum) {
		return true
	}
	copy(d[:], d[1:])
	d[len(d)-1] = sum
	return false
}

// tally is the account's, nil if there is no room for more accounts because the
// store has not taken any for long.
func (ts *tallies) tally(account string) *tally {
	if t := ts.latest; t != nil && t.account == account {
		return t
	}
	t := ts.byAccount[account]
	if t == nil {
		t = ts.open(account)
	}
	ts.latest = t
	return t
}

// bundle is the tally's for the day, in the queue.
func (ts *tallies) bundle(t *tally, now time.Time) *bundle {
	if !t.queued && !t.busy {
		t.since = now
		ts.push(t)
	}
	if n := len(t.bundles); n > 0 && t.bundles[n-1].day == dayOf(now) {
		t.bundles[n-1].at = now
		return &t.bundles[n-1]
	}
	return t.bundleOf(now)
}

// dayOf is the day in UTC, in days since 1970.
func dayOf(now time.Time) int64 { return now.Unix() / (24 * 60 * 60) }

// bundleOf is bundle for a day that is not the newest.
func (t *tally) bundleOf(now time.Time) *bundle {
	day := dayOf(now)
	at, found := slices.BinarySearchFunc(t.bundles, day, func(b bundle, day int64) int { return cmp.Compare(b.day, day) })
	if !found {
		if len(t.bundles) == TallyDays { // the store would not keep the oldest
			t.bundles = slices.Delete(t.bundles, 0, 1)
			at = max(0, at-1)
		}
		t.bundles = slices.Insert(t.bundles, at, bundle{day: day})
	}
	t.bundles[at].at = now
	return &t.bundles[at]
}

func (ts *tallies) open(account string) *tally {
	if len(ts.byAccount) >= ts.most {
		for id, t := range ts.byAccount {
			if !t.queued && !t.busy {
				delete(ts.byAccount, id)
				ts.latest = nil
			}
		}
		if len(ts.byAccount) >= ts.most {
			return nil
		}
	}
	if ts.byAccount == nil {
		ts.byAccount = map[string]*tally{}
	}
	t := &tally{account: account}
	ts.byAccount[account] = t
	return t
}

func (ts *tallies) push(t *tally) {
	t.queued = true
	ts.queue = append(ts.queue, t)
	if len(ts.queue) == 1 {
		ts.first.Store(t.since.UnixNano())
		select {
		case ts.wake <- struct{}{}:
		default:
		}
	}
}

// due reports whether there is a bundle that old. One from a time to come, by a
// clock that has jumped back, is.
func (ts *tallies) due(age time.Duration, now time.Time) bool {
	first := ts.first.Load()
	since := now.UnixNano() - first
	return first != 0 && uint64(since) >= uint64(age) // below zero too
}

// take takes a bundle to hand over: one that old, or with an account that
// account's, however young. What it returns is the taker's alone until it is
// put back.
func (ts *tallies) take(account string, age time.Duration, now time.Time) (*tally, TallyMark) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	at := 0
	if account != "" {
		at = slices.Index(ts.queue, ts.byAccount[account])
	}
	if at < 0 || at >= len(ts.queue) || account == "" && !ts.due(age, now) {
		return nil, TallyMark{}
	}
	t := ts.queue[at]
	ts.queue = slices.Delete(ts.queue, at, at+1)
	t.queued, t.busy = false, true
	ts.reckon()
	t.sent = t.bundles[0]
	t.bundles = slices.Delete(t.bundles, 0, 1)
	if t.out == nil {
		t.out = map[string]int64{}
	}
	clear(t.out)
	t.sent.spell(t.out)
	return t, TallyMark{Account: t.account, At: t.sent.at, Now: now, Counts: t.out, Peak: t.sent.peak}
}

// reckon tells when the first bundle in the queue is due.
func (ts *tallies) reckon() {
	if len(ts.queue) == 0 {
		ts.first.Store(0)
		return
	}
	ts.first.Store(ts.queue[0].since.UnixNano())
}

// put ends what take began. What was not handed over is kept for another time.
func (ts *tallies) put(t *tally, handed bool, now time.Time) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t.busy = false
	if !handed {
		t.restore()
	}
	t.sent.codes = nil
	if len(t.bundles) > 0 {
		t.since = now
		ts.push(t)
	}
}

// restore adds what could not be handed over to what has been counted since.
func (t *tally) restore() {
	b := t.bundleOf(t.sent.at)
	for i, n := range t.sent.counts {
		b.counts[i] += n
	}
	for code, n := range t.sent.codes {
		if b.codes == nil {
			b.codes = map[int]int64{}
		}
		b.codes[code] += n
	}
	b.peak = max(b.peak, t.sent.peak)
}

// spell puts the counts under their names.
func (b *bundle) spell(out map[string]int64) {
	for i, n := range b.counts {
		if n != 0 {
			out[counterNames[i]] = n
		}
	}
	for code, n := range b.codes {
		out[tallyFailedBy+strconv.Itoa(code)] = n
	}
}

// passBy is hand for a call that has done what it was called for, or nearly so.
// Where Run is there it leaves that to Run.
func (g *Governor) passBy(ctx context.Context, age time.Duration, now time.Time) {
	if g.tallies.due(age, now) {
		g.passByDue(ctx, age, now)
	}
}

func (g *Governor) passByDue(ctx context.Context, age time.Duration, now time.Time) {
	if !g.notify.running.Load() && ctx.Err() == nil {
		g.hand(ctx, age, now)
	}
}

// hand gives one bundle that is so old to the store. Nobody waits for who is at
// it.
func (g *Governor) hand(ctx context.Context, age time.Duration, now time.Time) {
	if t, mark := g.tallies.take("", age, now); t != nil {
		_ = g.handOver(ctx, t, mark, now) // it is kept, and noticed
	}
}

func (g *Governor) handOver(ctx context.Context, t *tally, mark TallyMark, now time.Time) error {
	handed := false
	defer func() { g.tallies.put(t, handed, now) }()
	if err := g.store.Tally(ctx, mark); err != nil {
		return g.failed(ctx, mark.Account, now, err)
	}
	handed = true
	g.answered(ctx, mark.Account, now)
	return nil
}

// Flush hands to the store what has been counted and not been handed over yet.
// It is for the end of a program, which else loses the counts of its last
// seconds; nothing is decided by them. What fails is kept, all accounts are
// tried until ctx ends, and the error is the first one's.
func (g *Governor) Flush(ctx context.Context) error {
	if err := g.ready(); err != nil {
		return err
	}
	ctx = g.patient(ctx)
	var fault error
	for _, account := range g.tallies.accounts() {
		if err := g.flush(ctx, account); err != nil && fault == nil {
			fault = err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return fault
}

// flush hands over all of an account's bundles.
func (g *Governor) flush(ctx context.Context, account string) error {
	for range TallyDays {
		now := g.clock.Now()
		t, mark := g.tallies.take(account, 0, now)
		if t == nil {
			return nil
		}
		if err := g.handOver(ctx, t, mark, now); err != nil {
			return err
		}
	}
	return nil
}

// accounts are those that have something to hand over.
func (ts *tallies) accounts() []string {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ids := make([]string, 0, len(ts.queue))
	for _, t := range ts.queue {
		ids = append(ids, t.account)
	}
	return ids
}
