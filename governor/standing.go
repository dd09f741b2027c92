package governor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// Accounts returns the IDs of the accounts that Config.Accounts lists and of
// those that this governor has lately decided for or heard of, sorted. What it
// has heard of is forgotten with Config.Handles, and none of it is known after a
// restart.
func (g *Governor) Accounts() []string {
	if g.ready() != nil {
		return nil
	}
	var ids []string
	for _, v := range g.views.all() {
		ids = append(ids, v.account)
	}
	for _, a := range g.cfg.Accounts {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Snapshot reports where an account stands. An account that nothing is known
// of stands where a new one does. The error wraps [ErrInvalid] if account is
// no account's ID, else it is the store's; then the Snapshot has its Account and
// At, by which a caller can tell how old the last one is, and no more.
//
// It asks the store three questions, hands over the counts that are due, and
// once for each WABA that Config.Accounts names and that has not sent takes up
// what is known of that.
func (g *Governor) Snapshot(ctx context.Context, account string) (Snapshot, error) {
	if err := g.ready(); err != nil {
		return Snapshot{}, err
	}
	if f := faultOfID(account); f != "" {
		return Snapshot{}, invalid("account", f)
	}
	ctx = g.patient(ctx)
	s := Snapshot{Account: account, At: g.clock.Now()}
	if err := g.look(ctx, &s); err != nil {
		return Snapshot{Account: account, At: s.At}, g.failed(ctx, account, s.At, err)
	}
	return s, nil
}

func (g *Governor) look(ctx context.Context, s *Snapshot) error {
	watch := stopwatch{clock: g.clock}
	v, route, numbers, err := g.lookAt(ctx, s, &watch)
	if err != nil {
		return err
	}
	s.Tier, s.Reported = v.profile.limit(&route, &g.cfg), v.profile.Tier.At
	usage, err := timeOf(&watch, func() (Usage, error) {
		return g.store.Usage(ctx, UsageAsk{Account: s.Account, Limit: s.Tier.Limit(), Now: s.At, Points: CurvePoints})
	})
	if err != nil {
		return err
	}
	s.Used, s.Free = usage.Used, max(0, s.Tier.Limit()-usage.Used)
	s.NextFree, s.SlotFree, s.Curve = usage.NextFree, usage.SlotFree, usage.Curve
	_ = g.flush(ctx, s.Account) // what fails is kept, and noticed
	days, err := timeOf(&watch, func() ([]DayTally, error) { return g.store.Tallies(ctx, s.Account, s.At) })
	if err != nil {
		return err
	}
	for _, day := range days {
		s.Days = append(s.Days, day.read())
	}
	s.Ladder = slices.Collect(g.cfg.Ladder.Steps())
	s.Leased = g.leases.of(s.Account).count(s.At)
	s.Progress = progress(g.cfg.Ladder, s.Tier, max(0, s.Used-s.Leased), days, g.cfg.Grace, s.At)
	g.answered(ctx, s.Account, s.At)
	s.Store = g.trouble.snapshot(watch.mean())
	s.lookAtParts(v, route, numbers, &g.cfg)
	s.Shares = v.shares(&g.shares, s)
	g.resilience(s, v, s.At)
	if s.Free == 0 && s.Health < quality.Restricted {
		s.Health = quality.Restricted
	}
	return nil
}

// lookAt reads what the platform said of the account and of the WABAs that the
// Config lists.
func (g *Governor) lookAt(ctx context.Context, s *Snapshot, watch *stopwatch) (*view, Route, map[string]Route, error) {
	// A state kept here may be older than the store's: a question asked rarely
	// is worth a fresh answer.
	state, err := timeOf(watch, func() (State, error) { return g.store.LoadState(ctx, s.Account) })
	if err != nil {
		return nil, Route{}, nil, fmt.Errorf("governor: loading the state of account %q: %w", s.Account, err)
	}
	route, numbers := g.listed(s.Account)
	v, err := readView(s.Account, state, s.At)
	if err != nil {
		return nil, Route{}, nil, err
	}
	g.resolved(ctx, &route, numbers, v)
	// Who asks for an account of which nothing is known does not make it one.
	if state.Version > 0 || len(numbers) > 0 {
		g.views.put(v)
	}
	for id, route := range numbers {
		// What a WABA is said to be holds for its numbers before they send.
		number := sender{id: id, route: route}
		if err := g.linked(ctx, &number, v, s.At); err != nil {
			return nil, Route{}, nil, err
		}
		v = number.view
	}
	return v, route, numbers, nil
}

// resolved adds what Config.Resolve says of the numbers that the platform told of.
func (g *Governor) resolved(ctx context.Context, account *Route, numbers map[string]Route, v *view) {
	if g.cfg.Resolve == nil {
		return
	}
	for id := range v.profile.Numbers {
		if r, err := g.route(ctx, id); err == nil && r.Account == account.Account {
			numbers[id], account.Tier = r, r.Tier
		}
	}
}

// lookAtParts fills in the WABAs and the numbers, and the worst of their
// healths.
func (s *Snapshot) lookAtParts(v *view, route Route, numbers map[string]Route, cfg *Config) {
	for id, w := range v.profile.WABAs {
		part := w.snapshot(id, s.At)
		s.Health = max(s.Health, part.Health)
		s.WABAs = append(s.WABAs, part)
	}
	for id := range v.profile.Numbers {
		if _, known := numbers[id]; !known {
			numbers[id] = route
		}
	}
	for id, route := range numbers {
		part := v.number(route, id, cfg, s.At)
		s.Health = max(s.Health, part.Health)
		s.Numbers = append(s.Numbers, part)
	}
	slices.SortFunc(s.WABAs, func(a, b WABASnapshot) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Numbers, func(a, b NumberSnapshot) int { return strings.Compare(a.ID, b.ID) })
}

func (w *wabaProfile) snapshot(id string, now time.Time) WABASnapshot {
	return WABASnapshot{
		ID: id, Health: w.Quality.Health(now), Restrictions: w.Quality.InForce(now), Templates: w.Templates.list(now),
		Portfolio: w.Details.Portfolio, Verification: w.Details.Verification, Status: w.Details.Status, Payment: w.Details.Payment,
		ReportedAt: latest(told(w.Quality), w.Details.At),
	}
}

func (v *view) number(route Route, id string, cfg *Config, now time.Time) NumberSnapshot {
	of := v.sender(route, id)
	n := of.number
	if n == nil {
		n = &numberProfile{}
	}
	q := n.Quality
	s := NumberSnapshot{
		ID: id, WABA: of.wabaID(), Health: q.Health(now), Rating: q.Rating(), Tier: of.limit(cfg, now),
		PerSecond: of.throughput(), SendsPerSecond: of.perSecond(now),
		Restrictions: q.InForce(now), ReportedAt: latest(told(q), n.Own.At, n.PerSecondAt),
		History: slices.Clone(q.History), Unknown: q.Unknown,
	}
	s.FlaggedSince, s.FlagEnds, s.Recovering = q.Flagged(now)
	s.UpgradesFrom, _ = q.UpgradesFrom(now)
	if now.Before(n.RestsUntil) {
		s.RestsUntil = n.RestsUntil
	}
	return s
}

// progress is a lower bound: of the days within the goal's span the one on
// which most people held a slot. Who held one on a day was sent to on that day
// or the day before, and by Config.Grace earlier, so days at the edge do not
// count.
func progress(ladder tier.Ladder, limit tier.Tier, used int, days []DayTally, grace time.Duration, now time.Time) tier.Progress {
	rule := tier.Since2025()
	if ladder == tier.Legacy() {
		rule = tier.Since2022()
	}
	p := tier.Progress{Goal: rule.Goal(limit)}
	if p.Need == 0 {
		return p
	}
	p.Have = used
	for _, d := range days {
		if now.Sub(d.Day) <= p.Span-slotTime-grace {
			p.Have = max(p.Have, d.Peak)
		}
	}
	return p
}

// slotTime is how long a slot is held, Config.Grace apart.
const slotTime = 24 * time.Hour

// listed is what the Config lists of an account.
func (g *Governor) listed(account string) (Route, map[string]Route) {
	numbers := map[string]Route{}
	for _, a := range g.cfg.Accounts {
		if a.ID != account {
			continue
		}
		for _, n := range a.Numbers {
			numbers[n.ID] = Route{Account: a.ID, WABA: n.WABA, PerSecond: n.PerSecond, Tier: a.Tier}
		}
		return Route{Account: a.ID, Tier: a.Tier}, numbers
	}
	return Route{Account: account}, numbers
}

// told is when the platform last told of a state. A limit that it told of the
// account is not about the number, and what time has done it did not tell.
func told(s quality.State) time.Time {
	at := s.Lifted
	for _, words := range []quality.Words{s.Status, s.Ban, s.Review} {
		at = latest(at, words.Known.At, words.Unknown.At)
	}
	for _, r := range s.Restrictions {
		at = latest(at, r.Reported)
	}
	for _, r := range s.History {
		at = latest(at, r.At)
	}
	return at
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// A stopwatch adds up how long calls take, by a clock that may jump.
type stopwatch struct {
	clock Clock
	total time.Duration
	calls int
}

func timeOf[T any](w *stopwatch, call func() (T, error)) (T, error) {
	began := w.clock.Now()
	v, err := call()
	w.total += max(0, w.clock.Now().Sub(began))
	w.calls++
	return v, err
}

func (w *stopwatch) mean() time.Duration { return w.total / time.Duration(max(1, w.calls)) }
