package governor_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// model is the rules as one would write them down: it keeps everything that ever
// happened and works every answer out from that.
type model struct {
	atLimit governor.AtLimit
	grace   time.Duration
	latest  time.Time // what counts never goes back in time

	sends    []*send
	inbounds map[[2]string]time.Time // the last, by number and customer
	limits   []reported
	blocks   map[string]reported // the last restriction of a number
}

// send is a counted message, or a delivery that somebody told of.
type send struct {
	to     string
	asked  time.Time
	stamp  time.Time // when it last counted; zero: it does not
	id     string
	gone   bool // cancelled or failed
	landed bool // delivered
	folded bool // nothing can give it back any more
	r      *governor.Reservation
	from   string
	reply  bool
}

type reported struct {
	at    time.Time
	limit int
	until time.Time
}

// fold notes what a person's later messages have put beyond recall: all but the
// latest four that were accepted, and those that a delivery of which nobody
// remembers the message has overtaken.
func (m *model) fold(who string) {
	var kept []*send
	var floor time.Time
	for _, s := range m.sends {
		switch {
		case s.to != who || s.gone || m.latest.Sub(s.stamp) >= day:
		case s.folded, s.id == "" && s.r == nil:
			if s.stamp.After(floor) {
				floor = s.stamp
			}
		case s.id != "":
			kept = append(kept, s)
		}
	}
	slices.SortStableFunc(kept, func(a, b *send) int { return a.stamp.Compare(b.stamp) })
	for i, s := range kept {
		s.folded = i < len(kept)-4 || !s.stamp.After(floor)
	}
}

func (m *model) tell(now time.Time) {
	if now.After(m.latest) {
		m.latest = now
	}
}

// holders returns when each who holds a slot loses it.
func (m *model) holders() map[string]time.Time {
	ends := map[string]time.Time{}
	for _, s := range m.sends {
		end := s.stamp.Add(day)
		if !s.gone && end.After(m.latest) && end.After(ends[s.to]) {
			ends[s.to] = end
		}
	}
	return ends
}

func (m *model) limit() int {
	newest := m.limits[0]
	for _, r := range m.limits[1:] {
		if r.at.After(newest.at) || r.at.Equal(newest.at) && r.limit < newest.limit {
			newest = r
		}
	}
	return newest.limit
}

// free is when fewer than the limit hold a slot if nothing more happens.
func (m *model) free() time.Time {
	var ends []time.Time
	for _, end := range m.holders() {
		ends = append(ends, end)
	}
	slices.SortFunc(ends, time.Time.Compare)
	if len(ends) < m.limit() {
		return m.latest
	}
	return ends[len(ends)-m.limit()]
}

// windowed reports whether a notification to the person is inside a window.
func (m *model) windowed(number, who string, at time.Time) bool {
	in, known := m.inbounds[[2]string{number, who}]
	return known && !at.Before(in) && at.Add(governor.WindowMargin).Before(in.Add(day))
}

// decide is what a message is told, and until when.
func (m *model) decide(msg governor.Message, now time.Time) (reason governor.Reason, counted bool, retry time.Time) {
	m.tell(now)
	block := m.blocks[msg.From]
	blocked := msg.Kind == governor.Notification && now.Before(block.until)
	if msg.Kind == governor.Reply {
		in, known := m.inbounds[[2]string{msg.From, msg.To}]
		if known && !now.Before(in.Add(day)) {
			return governor.WindowClosed, false, time.Time{}
		}
		return governor.Passed, false, time.Time{}
	}
	// What counts is how things stand when nothing else holds it back.
	at := m.latest
	if blocked && block.until.After(at) {
		at = block.until
	}
	counted = !m.windowed(msg.From, msg.To, at)
	holders := m.holders()
	holds := holders[msg.To].After(at)
	full := counted && len(holders) >= m.limit() && (!holds || m.atLimit != governor.RefuseNew)
	switch {
	case full && m.free().After(at):
		return governor.TierLimit, false, m.free()
	case blocked:
		return governor.PlatformRestricted, false, block.until
	}
	return governor.Passed, counted, time.Time{}
}

// run plays one random history on a governor and on the model.
type run struct {
	*fixture
	m    *model
	r    *rand.Rand
	open []*send
	ids  int
}

func newRun(t *testing.T, seed uint64) *run {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	m := &model{
		atLimit: governor.AtLimit(r.IntN(2)), grace: []time.Duration{0, 0, 7 * time.Minute}[r.IntN(3)],
		inbounds: map[[2]string]time.Time{}, blocks: map[string]reported{}, limits: []reported{{limit: 1 + r.IntN(4)}},
	}
	f := newFixture(t, tier.Tier(m.limits[0].limit), func(cfg *governor.Config) { cfg.AtLimit, cfg.Grace = m.atLimit, m.grace })
	return &run{fixture: f, m: m, r: r}
}

func (h *run) number() string { return []string{n1, n2}[h.r.IntN(2)] }
func (h *run) person() string { return person(h.r.IntN(7)) }

// tick moves the clock, mostly on, sometimes to where something ends, sometimes back.
func (h *run) tick() {
	now := h.clock.Now()
	switch i := h.r.IntN(20); {
	case i < 12:
		h.at(now.Add(time.Duration(1 + h.r.Int64N(int64(2*time.Hour)))))
	case i < 14:
		h.at(now.Add(10 * time.Second))
	case i < 17:
		if free := h.m.free(); free.After(now) {
			h.at(free.Add(-time.Duration(h.r.IntN(2)) * time.Millisecond))
		}
	case i < 18:
		h.at(now.Add(-time.Duration(h.r.Int64N(int64(2 * time.Hour)))))
	}
	// The store keeps whole milliseconds; what it rounds is its own affair.
	h.at(h.clock.Now().Truncate(time.Millisecond))
}

func (h *run) step() (what string) {
	h.tick()
	now := h.clock.Now()
	switch op := h.r.IntN(30); {
	case op < 13:
		return h.reserve(now)
	case op < 19:
		return h.end(now)
	case op < 22:
		in := governor.Inbound{Number: h.number(), Customer: h.person(), At: now.Add(-time.Duration(h.r.Int64N(int64(30 * time.Hour)))).Truncate(time.Second)}
		h.observe(in)
		h.m.tell(now)
		if key := [2]string{in.Number, in.Customer}; in.At.After(h.m.inbounds[key]) {
			h.m.inbounds[key] = in.At
		}
		return fmt.Sprintf("inbound from %s to %s at %v", in.Customer, in.Number, in.At)
	case op < 26:
		return h.status(now)
	case op < 28:
		limit := 1 + h.r.IntN(5)
		h.observe(governor.TierReported{Account: account, Tier: tier.Tier(limit), At: now})
		h.m.limits = append(h.m.limits, reported{at: now, limit: limit})
		return fmt.Sprintf("limit %d", limit)
	default:
		number, until := h.number(), now.Add(time.Duration(h.r.Int64N(int64(12*time.Hour)))).Truncate(time.Millisecond)
		h.observe(governor.HealthReported{Number: number, Report: quality.RestrictionReported{
			Type: quality.RestrictedBusinessMessaging, Until: until, At: now,
		}})
		if last := h.m.blocks[number]; now.After(last.at) || now.Equal(last.at) && until.After(last.until) {
			h.m.blocks[number] = reported{at: now, until: until}
		}
		return fmt.Sprintf("%s restricted until %v", number, until)
	}
}

func (h *run) reserve(now time.Time) string {
	msg := template(h.number(), h.person())
	if h.r.IntN(5) == 0 {
		msg = reply(msg.From, msg.To)
	}
	what := fmt.Sprintf("%v from %s to %s", msg.Kind, msg.From, msg.To)
	reason, counted, retry := h.m.decide(msg, now)
	used, limit := len(h.m.holders()), h.m.limit()
	d := h.check(msg)
	r, err := h.gov.Reserve(h.t.Context(), msg)
	want := governor.Decision{
		Allowed: reason == governor.Passed, Reason: reason, Counted: counted, Used: used, Limit: limit,
		Account: account, Number: msg.From, Kind: msg.Kind, RetryAt: retry, At: now, Scope: d.Scope, Health: d.Health, Detail: d.Detail,
	}
	require.Equal(h.t, want, d, what)
	if reason != governor.Passed {
		require.ErrorIs(h.t, err, governor.ErrDenied, what)
		return what + ": " + reason.String()
	}
	require.NoError(h.t, err, what)
	s := &send{to: msg.To, asked: h.m.latest, r: r, from: msg.From, reply: msg.Kind == governor.Reply}
	if counted {
		s.stamp = h.m.latest
		if at := now.Add(h.m.grace); at.After(s.stamp) {
			s.stamp = at
		}
		h.m.sends = append(h.m.sends, s)
	}
	h.open = append(h.open, s)
	return what
}

// end commits or cancels one that is under way, or leaves it for good.
func (h *run) end(now time.Time) string {
	if len(h.open) == 0 {
		return "nothing under way"
	}
	i := h.r.IntN(len(h.open))
	s := h.open[i]
	h.open = slices.Delete(h.open, i, i+1)
	h.m.tell(now)
	// A booking is remembered for two days; one that old is of no interest.
	if h.m.latest.Sub(s.asked) > 40*time.Hour {
		return "too old"
	}
	switch h.r.IntN(4) {
	case 0:
		return "left open"
	case 1:
		require.NoError(h.t, s.r.Cancel(h.t.Context()))
		s.gone = true
		return "cancel to " + s.to
	}
	h.ids++
	s.id = fmt.Sprintf("wamid.%d", h.ids)
	at := now.Add(-time.Duration(h.r.Int64N(int64(time.Hour)))).Truncate(time.Millisecond)
	require.NoError(h.t, s.r.Commit(h.t.Context(), governor.Receipt{MessageID: s.id, At: at}))
	stamp := at.Add(h.m.grace)
	switch in, known := h.m.inbounds[[2]string{s.from, s.to}]; {
	case !s.stamp.IsZero():
		if stamp.After(s.stamp) {
			s.stamp = stamp
		}
	case !s.reply && (!known || !stamp.Before(in.Add(day))):
		// It was spared a slot by a window that has closed before it went.
		if s.stamp = stamp; h.m.latest.After(stamp) {
			s.stamp = h.m.latest
		}
		h.m.sends = append(h.m.sends, s)
	}
	return "commit to " + s.to
}

// status tells what became of a message, sent from here or by somebody else.
func (h *run) status(now time.Time) string {
	h.m.tell(now)
	status := governor.MessageStatus{Number: n1, Status: governor.Delivered, At: now.Add(-time.Duration(h.r.Int64N(int64(3 * time.Hour)))).Truncate(time.Second)}
	if h.r.IntN(6) == 0 || len(h.m.sends) == 0 {
		h.ids++
		status.MessageID, status.Recipient, status.Pricing = fmt.Sprintf("wamid.foreign.%d", h.ids), h.person(), "utility"
		h.observe(status)
		if !h.m.windowed(n1, status.Recipient, status.At) {
			h.m.sends = append(h.m.sends, &send{to: status.Recipient, stamp: status.At.Add(h.m.grace)})
		}
		return "foreign delivery to " + status.Recipient
	}
	s := h.m.sends[max(0, len(h.m.sends)-1-h.r.IntN(8))]
	if s.id == "" {
		return "no status"
	}
	// A message is remembered while its slot is held, unless it was folded.
	h.m.fold(s.to)
	remembered := !s.gone && !s.folded && !s.stamp.IsZero() && h.m.latest.Sub(s.stamp) < day
	status.MessageID, status.Recipient, status.Pricing = s.id, s.to, "marketing"
	if h.r.IntN(3) == 0 {
		status.Status = governor.Failed
		h.observe(status, status)
		if s.landed && remembered {
			return "failed, and yet it arrived, to " + s.to
		}
		s.gone = true
		return "failed to " + s.to
	}
	h.observe(status)
	stamp, spared := status.At.Add(h.m.grace), h.m.windowed(n1, s.to, status.At)
	switch {
	case !remembered && !spared:
		h.m.sends = append(h.m.sends, &send{to: s.to, stamp: stamp})
	case remembered && !s.landed && !spared && stamp.After(s.stamp):
		s.stamp = stamp
	}
	s.landed = s.landed || remembered
	return "delivered to " + s.to
}

func TestRandomHistoriesAgreeWithTheRulesAsWrittenDown(t *testing.T) {
	t.Parallel()
	base := rand.Uint64N(1 << 40)
	for i := range uint64(80) {
		h := newRun(t, base+i)
		var story []string
		h.t.Cleanup(func() {
			if h.t.Failed() && len(story) > 0 {
				h.t.Logf("seed %d:", base+i)
				for _, line := range story[max(0, len(story)-40):] {
					h.t.Log(line)
				}
			}
		})
		// After a week the store begins to forget whose window has closed.
		for end := h.clock.Now().Add(6 * day); h.clock.Now().Before(end); {
			story = append(story, "")
			what := h.step()
			story[len(story)-1] = fmt.Sprintf("%v %s: %d of %d", h.clock.Now().Format("02 15:04:05.000"), what, len(h.m.holders()), h.m.limit())
			h.m.tell(h.clock.Now())
			require.Equalf(t, len(h.m.holders()), h.used(), "seed %d after %s", base+i, what)
		}
		story = nil
	}
}
