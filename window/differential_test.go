package window_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/window"
)

// duel plays one random history on the window and on the one it used to be, and
// compares every answer. It goes on for too long for the model.
type duel struct {
	t     *testing.T
	r     *rand.Rand
	seed  string
	names []string
	pace  time.Duration
	limit int
	quiet int // asks once in so many steps
	now   time.Time

	w    *window.Window
	ref  *refWindow
	mine []window.Ticket
	its  []refTicket
}

// ticketsKept is how many tickets are at hand: the latest.
const ticketsKept = 4096

func newDuel(t *testing.T, seed uint64) *duel {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	d := &duel{t: t, r: r, seed: fmt.Sprint("seed ", seed), quiet: 4, now: t0}
	d.names = phones([]int{3, 20, 300, 3000, 30_000}[seed%5])
	for i := range d.names {
		if r.IntN(3) == 0 {
			d.names[i] = "US." + d.names[i]
		}
	}
	d.pace = 2 * h24 / time.Duration(len(d.names)*(1+r.IntN(4)))
	d.limit = []int{math.MaxInt, len(d.names), 1 + r.IntN(len(d.names))}[r.IntN(3)]
	d.w, d.ref = mustNew(t, window.Period), newReference(window.Period)
	return d
}

func (d *duel) same(verb string, got, want any) {
	if got != want {
		d.t.Helper()
		require.FailNow(d.t, "the windows disagree", "%s\n%s at %v\n got %v\nwant %v", d.seed, verb, d.now, got, want)
	}
}

func (d *duel) name() string {
	if d.r.IntN(8) == 0 { // some get far more than others
		return d.names[d.r.IntN(3)]
	}
	return d.names[d.r.IntN(len(d.names))]
}

func (d *duel) ticket() int {
	n := len(d.mine)
	if d.r.IntN(2) == 0 {
		return max(0, n-1-d.r.IntN(8))
	}
	return d.r.IntN(n)
}

// stamp is mostly now or soon, and sometimes anything that holds a slot.
func (d *duel) stamp() time.Time {
	switch d.r.IntN(8) {
	case 0:
		return d.now.Add(time.Duration(d.r.Int64N(int64(2*h24))) - h24)
	case 1:
		return d.now
	default:
		return d.now.Add(time.Duration(d.r.Int64N(int64(4*d.pace) + 1)))
	}
}

func (d *duel) step() {
	switch d.r.IntN(2000) {
	case 0:
		d.now = d.now.Add(time.Duration(d.r.Int64N(int64(2 * h24))))
	case 1:
		d.now = d.now.Add(-time.Duration(d.r.Int64N(int64(h24))))
	default:
		d.now = d.now.Add(time.Duration(d.r.Int64N(int64(2*d.pace) + 1)))
	}
	op := d.r.IntN(100)
	if len(d.mine) == 0 {
		op = 0
	}
	switch {
	case op < 50:
		who, stamp := d.name(), d.now
		if d.r.IntN(10) == 0 {
			stamp = d.stamp()
		}
		mine, ok := d.w.Reserve(who, d.now, stamp, d.limit)
		its, itsOK := d.ref.Reserve(who, d.now, stamp, d.limit)
		d.same("reserve", ok, itsOK)
		if ok {
			d.mine, d.its = append(d.mine, mine), append(d.its, its)
			if over := len(d.mine) - ticketsKept; over > ticketsKept {
				d.mine, d.its = slices.Delete(d.mine, 0, over), slices.Delete(d.its, 0, over)
			}
		}
	case op < 60:
		i, at := d.ticket(), d.stamp()
		d.same("seal", d.w.Seal(d.mine[i], d.now, at), d.ref.Seal(d.its[i], d.now, at))
	case op < 75:
		i, at := d.ticket(), d.stamp()
		d.same("commit", d.w.Commit(d.mine[i], d.now, at), d.ref.Commit(d.its[i], d.now, at))
	case op < 83:
		i := d.ticket()
		d.same("cancel", d.w.Cancel(d.mine[i], d.now), d.ref.Cancel(d.its[i], d.now))
	case op < 88:
		i := d.ticket()
		d.same("release", d.w.Release(d.mine[i], d.now), d.ref.Release(d.its[i], d.now))
	case op < 93:
		who, stamp := d.name(), d.stamp()
		d.w.Renew(who, d.now, stamp)
		d.ref.Renew(who, d.now, stamp)
	case op < 95:
		from, into := d.name(), d.name()
		d.w.Merge(from, into, d.now)
		d.ref.Merge(from, into, d.now)
	default:
		i := d.ticket()
		d.same("known", d.w.Known(d.mine[i], d.now), d.ref.Known(d.its[i], d.now))
	}
	// Whoever asks makes the window count who has expired, so not always.
	if d.r.IntN(d.quiet) == 0 {
		d.ask()
	}
}

func (d *duel) ask() {
	held := d.ref.Count(d.now)
	d.same("count", d.w.Count(d.now), held)
	got, ok := d.w.NextFree(d.now)
	want, wantOK := d.ref.NextFree(d.now)
	d.same("is there a next", ok, wantOK)
	d.same("next free", got, want)
	k := 1 + d.r.IntN(held+1)
	got, ok = d.w.FreeAt(d.now, held, k)
	want, wantOK = d.ref.FreeAt(d.now, held, k)
	d.same("is it ever free", ok, wantOK)
	d.same("free at", got, want)
	who := d.name()
	got, ok = d.w.Stamp(who, d.now)
	want, wantOK = d.ref.Stamp(who, d.now)
	d.same("has it a stamp", ok, wantOK)
	d.same("stamp", got, want)
}

// look compares all there is, and the inside.
func (d *duel) look() {
	require.NoError(d.t, d.w.Check(), d.seed)
	var want []entry
	for who, at := range d.ref.All(d.now) {
		want = append(want, entry{who, at})
	}
	got := collect(d.w, d.now)
	sortEntries(got)
	sortEntries(want)
	require.Equal(d.t, want, got, d.seed)
	free := 0
	for at, n := range d.w.Curve(d.now) {
		for free < len(want) && want[free].at.Add(h24).Equal(at) {
			free++
		}
		require.Equal(d.t, free, n, d.seed)
	}
	require.Equal(d.t, len(want), free, d.seed)
}

func (d *duel) restart() {
	d.w = restart(d.t, d.w)
	for i, ticket := range d.mine {
		d.mine[i] = carry(d.t, ticket, d.w)
	}
}

// A million steps in all: ten histories, of three recipients to thirty thousand.
func TestAMillionStepsAgreeWithTheWindowAsItWas(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			d := newDuel(t, seed)
			for i := range duelSteps {
				d.step()
				switch {
				case i%5000 == 0 || i == duelSteps-1:
					d.look()
				case i%9973 == 0:
					d.restart()
				}
			}
		})
	}
}

// Leaves are let go of while nobody asks how many slots are held, or when the
// next frees, for a long time. The inside is in order all the while.
func TestRandomStepsAfterWhichNobodyAsksAgreeWithTheWindowAsItWas(t *testing.T) {
	t.Parallel()
	unknown := 0
	for seed := range uint64(5) {
		d := newDuel(t, 2+5*seed) // three hundred recipients
		d.quiet, d.limit = 500, math.MaxInt
		for i := range 20_000 {
			d.step()
			knows := d.w.KnowsWhatFreesNext()
			if !knows {
				unknown++
			}
			if !knows || i%100 == 0 {
				require.NoError(t, d.w.Check(), d.seed)
			}
		}
		d.look()
	}
	require.Greater(t, unknown, 1000)
}

// A leaf's place tells whether it is over, and places count on for ever.
func TestPlacesOfLeavesGoOnPastTheLargestNumber(t *testing.T) {
	t.Parallel()
	for seed, last := range []uint32{math.MaxUint32, math.MaxInt32} {
		d := newDuel(t, 2+5*uint64(seed)) // three hundred recipients
		d.quiet, d.limit = 20, math.MaxInt
		d.w.CountPlacesFrom(last - 30)
		for i := range 10_000 {
			d.step()
			if i%10 == 0 {
				require.NoError(t, d.w.Check(), d.seed)
			}
		}
		d.look()
		require.Less(t, d.w.FirstPlace()-last, uint32(1000), "%s: they have not got there", d.seed)
	}
}

// choices makes a source of randomness of a fuzzer's input.
type choices struct {
	in   []byte
	used uint64
}

// Uint64 implements [rand.Source]. No two in a row are the same, for there are
// users that ask again until they like what they get.
func (c *choices) Uint64() uint64 {
	c.used++
	v := c.used
	for range min(2, len(c.in)) {
		v, c.in = v<<8|uint64(c.in[0]), c.in[1:]
	}
	return v * 0x9e3779b97f4a7c15
}

// The input is the history: every two bytes are one choice.
func FuzzAgainstTheWindowAsItWas(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(randomHistory(rand.New(rand.NewPCG(seed, 11)), []byte{byte(seed)}, 4000))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		d := newDuel(t, uint64(in[0]%3))
		c := &choices{in: in[1:min(len(in), 8000)]}
		d.r = rand.New(c)
		for len(c.in) > 0 {
			d.step()
		}
		d.look()
		d.restart()
		d.look()
	})
}
