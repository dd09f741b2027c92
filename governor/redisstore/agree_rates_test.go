package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// rush is a random history of few pairs that use up their rates, by a clock that
// jumps. What a step does comes from the seed and its number alone, so that
// others can be left out.
type rush struct {
	seed   uint64
	now    time.Time
	latest time.Time
	booked map[int]time.Time // by the step that made the token
	stores [2]governor.Store
	story  []string
}

// tick moves the clock, mostly on by as much as buckets notice.
func (h *rush) tick(r *rand.Rand) {
	upTo := func(d time.Duration) time.Duration {
		return time.Duration(r.Int64N(int64(d))).Truncate(time.Microsecond)
	}
	switch r.IntN(24) {
	case 0, 1, 2, 3, 4, 5:
		h.now = h.now.Add(upTo(2 * time.Second))
	case 6, 7:
		h.now = h.now.Add(upTo(time.Minute))
	case 8:
		h.now = h.now.Add(upTo(6 * time.Minute))
	case 9:
		h.now = h.now.Add(upTo(time.Hour))
	case 10:
		h.now = h.now.Add(-upTo(time.Hour))
	case 11:
		h.now = h.now.Add(-upTo(6 * time.Minute))
	}
	if h.now.After(h.latest) {
		h.latest = h.now
	}
}

// ask is the admission of a step.
func (h *rush) ask(step int) governor.Admission {
	r := rand.New(rand.NewPCG(h.seed, uint64(step)<<1|1))
	return governor.Admission{
		Account: account, Kind: governor.Reply, Token: governor.Token{Hi: 5, Lo: uint64(step) + 1},
		Number: fmt.Sprint("10654035224292", r.IntN(2)), Recipient: fmt.Sprint("1650555000", r.IntN(3)),
		NumberRate: []governor.Rate{{}, {}, {Every: 2 * time.Second, Burst: 4}, {Every: 2 * time.Second, Burst: 4}, {Every: time.Second, Burst: 9}}[r.IntN(5)],
		PairRate: []governor.Rate{
			{},
			{Every: 7 * time.Second, Burst: 2},
			{Every: 6 * time.Second, Burst: 5},
			{Every: 6 * time.Second, Burst: 5},
			{Every: 6 * time.Second, Burst: 5},
			{Every: 6 * time.Second, Burst: 5},
		}[r.IntN(6)],
	}
}

// act makes up what a step does. Nothing is a step that no two stores need
// answer alike.
func (h *rush) act(t *testing.T, step int, r *rand.Rand) (string, func(governor.Store) (any, error)) {
	t.Helper()
	ctx := t.Context()
	h.tick(r)
	switch op := r.IntN(40); {
	case op < 34:
		asked := step
		if op < 3 {
			asked = max(0, step-1-r.IntN(4))
			if h.latest.Sub(h.booked[asked]) > 50*time.Minute {
				return "", nil // a reply's booking is remembered for an hour
			}
		}
		a := h.ask(asked)
		a.Now, a.Stamp, a.Probe = h.now, h.now, op > 30
		if _, ever := h.booked[asked]; !ever && !a.Probe {
			h.booked[asked] = h.latest
		}
		return fmt.Sprintf("step %d's from %s to %s, number %v, pair %v, probe %t", asked, a.Number, a.Recipient, a.NumberRate, a.PairRate, a.Probe),
			func(s governor.Store) (any, error) { return s.Admit(ctx, a) }
	case op < 38:
		a := h.ask(step)
		in := governor.InboundMark{Account: account, Number: a.Number, Customer: a.Recipient, At: h.now, Now: h.now, NumberRate: a.NumberRate}
		return fmt.Sprintf("%s writes to %s, number %v", in.Customer, in.Number, in.NumberRate),
			func(s governor.Store) (any, error) { return nil, s.Inbound(ctx, in) }
	case op < 39:
		who, is := h.ask(step).Recipient, fmt.Sprint("US.", r.IntN(2))
		if r.IntN(2) == 0 {
			who, is = is, who
		}
		return who + " is " + is, func(s governor.Store) (any, error) { return nil, s.Alias(ctx, account, who, is, h.now) }
	default:
		return "usage", func(s governor.Store) (any, error) {
			return s.Usage(ctx, governor.UsageAsk{Account: account, Limit: 3, Now: h.now})
		}
	}
}

// play returns how the answers differ, or nothing.
func (h *rush) play(t *testing.T, steps []int) string {
	t.Helper()
	h.now = time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC)
	h.latest, h.booked, h.story = h.now, map[int]time.Time{}, nil
	for _, step := range steps {
		what, verb := h.act(t, step, rand.New(rand.NewPCG(h.seed, uint64(step)<<1)))
		if verb == nil {
			continue
		}
		want, err := verb(h.stores[0])
		require.NoError(t, err)
		h.story = append(h.story, fmt.Sprintf("%3d %s %s: %+v", step, h.now.Format("15:04:05.000000"), what, want))
		got, err := verb(h.stores[1])
		require.NoError(t, err, what)
		if !reflect.DeepEqual(want, got) {
			return fmt.Sprintf("the server says %+v, the ledger in memory %+v", got, want)
		}
	}
	return ""
}

// Rates are paced alike wherever the clock jumps to, however often, and whatever
// either store has forgotten meanwhile. A history that fails is told as short as
// it can be made.
func TestRatesAreHeldAsInMemoryWhereverTheClockJumps(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	base := rand.Uint64N(1 << 40)
	for i := range uint64(30) {
		t.Run(fmt.Sprint("seed ", base+i), func(t *testing.T) {
			t.Parallel()
			plays := 0
			play := func(steps []int) (string, []string) {
				plays++
				h := &rush{seed: base + i}
				h.stores = [2]governor.Store{memstore.New(), storeOn(t, server, redisstore.Config{Prefix: fmt.Sprintf("%d-%d:", i, plays)})}
				return h.play(t, steps), h.story
			}
			steps := make([]int, 300)
			for n := range steps {
				steps[n] = n
			}
			if failure, _ := play(steps); failure == "" {
				return
			}
			for size := len(steps) / 2; size > 0; size /= 2 {
				for at := 0; at < len(steps); {
					fewer := slices.Concat(steps[:at], steps[min(at+size, len(steps)):])
					if failure, _ := play(fewer); failure != "" {
						steps = fewer
					} else {
						at += size
					}
				}
			}
			failure, story := play(steps)
			require.Empty(t, failure, strings.Join(story, "\n"))
		})
	}
}
