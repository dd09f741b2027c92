package window_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// history plays one history of operations, decoded from bytes, on a window and
// on the model, and compares every answer.
type history struct {
	t      testing.TB
	in     []byte
	seed   string
	period time.Duration
	names  []string
	calm   bool // the clock mostly creeps, so that many hold a slot at once
	limit  int
	now    time.Time

	w       *window.Window
	m       model
	tickets []window.Ticket
	sends   []*modelSend
}

// play reads the shape of the history from the first bytes and then one
// operation after the other. Bytes that run out read as zero.
func play(t testing.TB, in []byte, seed string) {
	t.Helper()
	h := &history{t: t, in: in, seed: seed}
	h.period = []time.Duration{window.Period, time.Second, 3 * time.Millisecond}[h.pick(3)]
	h.names = phones([]int{2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 600}[h.pick(12)])
	h.calm = h.pick(2) == 1
	h.limit = h.pick(len(h.names) + 2)
	h.now = []time.Time{t0, time.Unix(0, -1), time.Unix(-1e9, 999_999_999)}[h.pick(3)]
	h.m.period = h.period
	h.w = mustNew(t, h.period)

	foreign, _ := mustNew(t, h.period).Reserve("0", h.now, h.now, 1)
	h.tickets = append(h.tickets, window.Ticket{}, foreign)
	h.sends = append(h.sends, nil, nil)
	for len(h.in) > 0 {
		h.step()
	}
}

func (h *history) pick(n int) int {
	if len(h.in) == 0 {
		return 0
	}
	b := int(h.in[0])
	h.in = h.in[1:]
	if n > 256 && len(h.in) > 0 {
		b, h.in = b<<8|int(h.in[0]), h.in[1:]
	}
	return b % n
}

func (h *history) name() string { return h.names[h.pick(len(h.names))] }

// ticket prefers the latest few.
func (h *history) ticket() int {
	n := len(h.tickets)
	if back := h.pick(64); back < 40 {
		return max(0, n-1-back%8)
	}
	return h.pick(n)
}

// tick moves the clock: mostly a little, sometimes to the edge of the window,
// sometimes back.
func (h *history) tick() {
	p := h.period
	steps := []time.Duration{
		0, 0, 0, 1, time.Millisecond, 300 * time.Microsecond, p / 100, p / 50, p / 20, p / 10, p / 5, p / 2,
		p - time.Millisecond, p - 1, p, p + 1, 3 * p, -1, -time.Millisecond, -p / 3, -p, -5 * p, 0, 0,
	}
	i := h.pick(len(steps) + 8)
	var next time.Time
	held := false
	if i >= len(steps) {
		h.m.tell(h.now)
		next, held = h.w.NextFree(h.now)
	}
	switch {
	case h.calm && h.pick(200) > 0:
		h.now = h.now.Add(p / 20000 * time.Duration(i))
	case i < len(steps):
		h.now = h.now.Add(steps[i])
	case held && i < len(steps)+2:
		h.now = next
	case held && i == len(steps)+3:
		h.now = next.Add(-1)
	default:
		h.now = h.now.Add(p / 200)
	}
}

func (h *history) stamp() time.Time {
	p := h.period
	off := []time.Duration{
		0, 0, 0, 0, 0, 1, 400 * time.Microsecond, time.Millisecond, p / 30, p / 7, p, 2 * p,
		-1, -p / 4, -p / 2, -p + 1, -p + time.Millisecond, -p,
	}
	return h.now.Add(off[h.pick(len(off))])
}

func (h *history) step() {
	h.tick()
	var verb string
	var got, want any
	switch op := h.pick(64); {
	case op < 26:
		who, stamp := h.name(), h.stamp()
		verb = fmt.Sprintf("reserve %s", who)
		ticket, ok := h.w.Reserve(who, h.now, stamp, h.limit)
		s, wantOK := h.m.reserve(who, h.now, stamp, h.limit)
		if ok {
			h.tickets, h.sends = append(h.tickets, ticket), append(h.sends, s)
		} else {
			require.Zero(h.t, ticket)
		}
		got, want = ok, wantOK
	case op < 35:
		i, at := h.ticket(), h.stamp()
		verb = fmt.Sprintf("commit %d", i)
		got, want = h.w.Commit(h.tickets[i], h.now, at), h.m.commit(h.sends[i], h.now, at)
	case op < 38:
		i, at := h.ticket(), h.stamp()
		verb = fmt.Sprintf("seal %d", i)
		got, want = h.w.Seal(h.tickets[i], h.now, at), h.m.seal(h.sends[i], h.now, at)
	case op < 44:
		i := h.ticket()
		verb = fmt.Sprintf("cancel %d", i)
		got, want = h.w.Cancel(h.tickets[i], h.now), h.m.cancel(h.sends[i], h.now)
	case op < 50:
		i := h.ticket()
		verb = fmt.Sprintf("release %d", i)
		got, want = h.w.Release(h.tickets[i], h.now), h.m.release(h.sends[i], h.now)
	case op < 55:
		who, stamp := h.name(), h.stamp()
		verb = fmt.Sprintf("renew %s", who)
		h.w.Renew(who, h.now, stamp)
		h.m.renew(who, h.now, stamp)
	case op < 58:
		from, into := h.name(), h.name()
		verb = fmt.Sprintf("merge %s into %s", from, into)
		h.w.Merge(from, into, h.now)
		h.m.merge(from, into, h.now)
	case op < 61:
		h.limit = h.pick(len(h.names) + 2)
		verb = fmt.Sprintf("limit %d", h.limit)
	case op == 61:
		verb = "restart"
		h.restart()
	default:
		verb = "look"
	}
	if got != want {
		h.fail(verb, got, want)
	}
	if err := h.w.Check(); err != nil {
		h.fail(verb+": inside", err, nil)
	}
	// Whoever asks makes the window count who has expired, so not always.
	if h.pick(3) > 0 {
		h.compare(verb)
	}
}

// restart goes on with what is left of the window in its snapshot.
func (h *history) restart() {
	h.w = restart(h.t, h.w)
	for i := 2; i < len(h.tickets); i++ { // but for none and the foreign one
		h.tickets[i] = carry(h.t, h.tickets[i], h.w)
	}
}

// compare asks the window every question there is.
func (h *history) compare(verb string) {
	held := h.m.all(h.now)
	if got := h.w.Count(h.now); got != len(held) {
		h.fail(verb+": count", got, len(held))
	}
	all := collect(h.w, h.now)
	if !slices.IsSortedFunc(all, func(a, b entry) int { return a.at.Compare(b.at) }) {
		h.fail(verb+": order", all, held)
	}
	sortEntries(all)
	if !slices.EqualFunc(all, held, func(a, b entry) bool { return a.who == b.who && a.at.Equal(b.at) }) {
		h.fail(verb+": all", all, held)
	}
	stamps := h.m.stamps()
	for _, who := range h.names {
		want, wantOK := stamps[who]
		if got, ok := h.w.Stamp(who, h.now); ok != wantOK || !got.Equal(want) {
			h.fail(verb+": stamp of "+who, got, want)
		}
	}
	next, ok := h.w.NextFree(h.now)
	if ok != (len(held) > 0) || ok && !next.Equal(held[0].at.Add(h.period)) {
		h.fail(verb+": next free", next, held)
	}
	for _, limit := range []int{-1, 0, 1, h.limit, len(held), len(held) + 2, len(held) - 3} {
		for _, k := range []int{-1, 0, 1, 2, limit / 2, limit - 1, limit, limit + 1} {
			got, ok := h.w.FreeAt(h.now, limit, k)
			want, wantOK := freeAt(held, h.period, h.now, limit, k)
			if ok != wantOK || !got.Equal(want) {
				h.fail(fmt.Sprintf("%s: %d of %d free at", verb, k, limit), got, want)
			}
		}
	}
}

func (h *history) fail(what string, got, want any) {
	h.t.Helper()
	require.FailNow(h.t, "the window and the model disagree",
		"%s\n%s at %v (clock %v)\n got %v\nwant %v", h.seed, what, h.now.UTC(), h.m.told.UTC(), got, want)
}

func randomHistory(r *rand.Rand, shape []byte, n int) []byte {
	in := slices.Clone(shape)
	for range n {
		in = append(in, byte(r.UintN(256)))
	}
	return in
}

func TestRandomHistoriesAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		play(t, randomHistory(r, nil, 20+r.IntN(300)), fmt.Sprintf("seed %d", seed))
	}
}

func TestLongHistoriesOfManyRecipientsAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 2))
		shape := []byte{byte(seed % 2), 11, 1, 2, byte(r.UintN(88))} // a limit of 512 or more
		play(t, randomHistory(r, shape, 10000), fmt.Sprintf("seed %d", seed))
	}
}

func FuzzHistory(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomHistory(rand.New(rand.NewPCG(seed, 3)), nil, 100))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		play(t, in[:min(len(in), 1000)], "fuzzed")
	})
}

// mustNew is for tests that have a good period.
func mustNew(t testing.TB, period time.Duration) *window.Window {
	t.Helper()
	w, err := window.New(period)
	require.NoError(t, err)
	return w
}

var t0 = time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
