package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sendgov/sendgov/governor"
)

const (
	defaultSteps = 10_000
	// historySteps is how many steps one history has. With coming back at its
	// end it takes less than the seven days after which a store begins to forget
	// whose window has closed.
	historySteps = 300
	historyTime  = 4*day + 12*time.Hour
)

// runHistories plays random histories of every verb on the store and on the
// model, which must answer the same.
func runHistories(t *testing.T, h Harness) {
	t.Helper()
	steps, seed := h.Steps, h.Seed
	if steps <= 0 {
		steps = defaultSteps
	}
	if seed == 0 {
		seed = rand.Uint64N(1<<40) + 1
	}
	for i := range max(1, steps/historySteps) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			tellHistory(t, h, seed+uint64(i))
		})
	}
}

// tellHistory plays one, and if it fails the shortest that still does.
func tellHistory(t *testing.T, h Harness, seed uint64) {
	t.Helper()
	all := make([]int, historySteps)
	for i := range all {
		all[i] = i
	}
	failure, story, needed := play(t, h, seed, all)
	if failure == "" {
		return
	}
	steps := shrink(needed, func(steps []int) bool {
		failure, _, _ := play(t, h, seed, steps)
		return failure != ""
	})
	shrunk, brief, _ := play(t, h, seed, steps)
	if shrunk == "" { // it depends on more than the seed
		shrunk, brief, steps = failure, story, needed
	}
	t.Errorf("seed %d: %s\nafter the shortest history found, of %d steps:\n%s", seed, shrunk, len(steps), strings.Join(brief, "\n"))
}

// shrink leaves out what a failure does not need, in ever smaller pieces.
func shrink(steps []int, fails func([]int) bool) []int {
	tries := 200
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at < len(steps) && tries > 0; tries-- {
			fewer := slices.Concat(steps[:at], steps[min(at+size, len(steps)):])
			if fails(fewer) {
				steps = fewer
			} else {
				at += size
			}
		}
	}
	return steps
}

// history plays one random history on a store and on the model. What a step
// does comes from the seed and its number alone, so that others can be left out.
type history struct {
	t     testing.TB
	h     Harness
	store governor.Store
	now   time.Time
	r     *rand.Rand // of the step
	step  int
	parts map[string]*part
	ids   []string // of the accounts

	story   []string
	failure string
}

// part is one account's.
type part struct {
	*books
	id    string
	limit int
	grace time.Duration
	pair  governor.Rate
	open  []underWay
	sent  []string // message IDs, the newest last
}

// underWay is an admission that has not been settled.
type underWay struct {
	governor.Admission
	id     string
	booked time.Time
}

// play returns what went wrong, or nothing, what was done until then, and the
// steps that were.
func play(t testing.TB, h Harness, seed uint64, steps []int) (failure string, story []string, played []int) {
	t.Helper()
	p := &history{t: t, h: h, store: h.New(t), now: t0, ids: []string{account, "other"}, parts: map[string]*part{}}
	defer func() { p.check("Close", "", p.store.Close(), nil); failure = p.failure }()
	for i, id := range p.ids {
		r := rand.New(rand.NewPCG(seed, uint64(1<<32+i)))
		p.parts[id] = &part{
			books: newBooks(), id: id, limit: 1 + r.IntN(4), grace: []time.Duration{0, 0, 7 * time.Minute}[r.IntN(3)],
			pair: []governor.Rate{{Every: time.Hour, Burst: 2}, {Every: 90 * time.Second, Burst: 3}, {}}[r.IntN(3)],
		}
	}
	p.now = p.now.Add(time.Duration(rand.New(rand.NewPCG(seed, 1<<33)).Int64N(int64(14 * day)))).Truncate(ms)
	end := p.now.Add(historyTime)
	for i, step := range steps {
		p.step, p.r = step, rand.New(rand.NewPCG(seed, uint64(step)))
		if p.chance(15) && h.Reopen != nil {
			p.tell("closed and opened again")
			p.store = h.Reopen(t, p.store)
		}
		part := p.parts[p.ids[p.r.IntN(len(p.ids))]]
		p.tick(part, end)
		p.act(part)
		p.look(part)
		if p.failure != "" {
			return p.failure, p.story, steps[:i+1]
		}
	}
	p.step, p.r = historySteps, rand.New(rand.NewPCG(seed, historySteps))
	for _, id := range p.ids {
		p.comeBack(p.parts[id])
	}
	return p.failure, p.story, steps
}

func (p *history) chance(of int) bool { return p.r.IntN(of) == 0 }

func (p *history) upTo(d time.Duration) time.Duration {
	return time.Duration(p.r.Int64N(int64(d))).Truncate(ms)
}

func (p *history) tell(format string, args ...any) {
	p.story = append(p.story, fmt.Sprintf("%3d %s ", p.step, p.now.Format("01-02 15:04:05.000"))+fmt.Sprintf(format, args...))
}

// check compares an answer.
func (p *history) check(verb string, got any, err error, want any) {
	p.t.Helper()
	switch {
	case p.failure != "":
	case err != nil:
		p.failure = fmt.Sprintf("%s: %v", verb, err)
	case want != nil && !reflect.DeepEqual(got, want):
		p.failure = fmt.Sprintf("%s: the store says\n\t%+v\nand the contract\n\t%+v", verb, got, want)
	}
}

// call calls a verb, sometimes with its first answer lost.
func (p *history) call(verb string, once bool, call func() error) {
	p.t.Helper()
	if !once && p.chance(10) {
		p.tell("  whose first answer was lost")
		_ = call() // the lost one
	}
	p.check(verb, nil, call(), nil)
}

// tick moves the clock, mostly on, sometimes to where something ends,
// sometimes back.
func (p *history) tick(part *part, end time.Time) {
	switch i := p.r.IntN(20); {
	case i < 7 || p.now.After(end):
		p.now = p.now.Add(p.upTo(3 * time.Second))
	case i < 11:
		p.now = p.now.Add(p.upTo(10 * time.Minute))
	case i < 15:
		p.now = p.now.Add(p.upTo(3 * time.Hour))
	case i < 17:
		if at := p.interesting(part); at.After(p.now) && at.Before(p.now.Add(26*time.Hour)) && at.Before(end) {
			p.now = at.Add(-time.Duration(p.r.IntN(2)) * ms)
		}
	case i == 17:
		p.back(p.upTo(4 * time.Minute))
	case i == 18 && p.chance(3):
		p.back(p.upTo(3 * time.Hour))
	}
}

// interesting is when something ends.
func (p *history) interesting(part *part) time.Time {
	var ends []time.Time
	for _, s := range part.sends {
		ends = append(ends, s.at.Add(day))
	}
	for _, h := range part.heard {
		ends = append(ends, h.at.Add(day), h.at.Add(day-governor.WindowMargin))
	}
	for _, w := range part.wishes {
		ends = append(ends, w.rests)
	}
	ends = slices.DeleteFunc(ends, func(at time.Time) bool { return !at.After(p.now) })
	slices.SortFunc(ends, time.Time.Compare)
	if len(ends) == 0 {
		return time.Time{}
	}
	return ends[p.r.IntN(min(3, len(ends)))]
}

// back moves the clock back. Whether a verb that changes nothing moves a
// store's time is its own affair, so before and after it one does that changes
// something.
func (p *history) back(d time.Duration) {
	for range 2 {
		for i, id := range p.ids {
			for j, number := range []string{n1, n2} {
				a := governor.Admission{
					Account: id, Version: 1 << 40, Now: p.now, Stamp: p.now, Kind: governor.Reply, Number: number, Recipient: "anchor",
					Token: governor.Token{Hi: uint64(p.step) + 1, Lo: uint64(1000 + 10*i + j + int(d/ms)*100)},
				}
				got, err := p.store.Admit(p.t.Context(), a)
				p.check("Admit", plainVerdict(got), err, plainVerdict(p.parts[id].admit(a)))
			}
		}
		p.now = p.now.Add(-d)
		d = 0
	}
	p.tell("the clock has gone back")
}

// plainVerdict makes answers comparable that say the same.
func plainVerdict(v governor.Verdict) governor.Verdict {
	v.RetryAt, v.State = utc(v.RetryAt), plainState(v.State)
	return v
}
