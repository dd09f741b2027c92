package governor

import (
	"context"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/tier"
)

// A Campaign is what a caller means to send.
type Campaign struct {
	// From is the phone number ID that it is to be sent from. Required.
	From string
	// Template, Language and Category are as in [Message].
	Template, Language string
	Category           Category
	// Recipients is how many people it is for, at least 1. Who of them holds a
	// slot already or has an open window is not looked at: a plan asks for one
	// slot each.
	Recipients int
}

// A Plan says when a [Campaign] can be sent.
type Plan struct {
	// Decision is what the first message would be told now, with no recipient in
	// mind. If it denies and its RetryAt is zero, no time will help.
	Decision Decision
	// Now is how many people can be written to at once, as far as slots go.
	Now int
	// Steps are when slots let how many have been written to in all, if nothing
	// else is sent: the first at the plan's time if Now is positive, the last when
	// everybody has been, or when the last slot held now has freed and the
	// campaign's own have to lapse before it goes on. There are at most
	// CurvePoints and two; between two of them the number grows as well.
	Steps []Release
	// Done is when everybody can have been written to, Slowest reckoned with.
	// A campaign of more people than the limit, or than its category's share,
	// goes on when its own first slots lapse, a day later, and so on. Zero: never,
	// as things stand, or not within a hundred years.
	Done time.Time
	// Slowest is how long the number's throughput alone takes, incoming messages
	// apart. Zero: what one second brings is enough.
	Slowest time.Duration
}

// Validate reports everything that is wrong with c, as [*FieldError]s joined.
func (c Campaign) Validate() error {
	var err error
	if f := faultOfID(c.From); f != "" {
		err = joinInvalid(err, invalid("Campaign.From", f))
	}
	if c.Category > Authentication {
		err = joinInvalid(err, invalid("Campaign.Category", fmt.Sprintf("is %d, want Marketing, Utility, Authentication or zero", uint8(c.Category))))
	}
	if c.Recipients < 1 {
		err = joinInvalid(err, invalid("Campaign.Recipients", fmt.Sprintf("is %d, want at least 1", c.Recipients)))
	}
	return err
}

// Plan says when c can be sent if nothing else is and nothing more is reported:
// by the slots that are held, what the platform restricts, Config.Shares and the
// number's throughput. It books nothing. It asks the store two questions,
// whatever the campaign's size.
//
// The error wraps [ErrInvalid] if c is not well formed or its number is nobody's;
// else it is the store's.
func (g *Governor) Plan(ctx context.Context, c Campaign) (Plan, error) {
	if err := g.ready(); err != nil {
		return Plan{}, err
	}
	if err := c.Validate(); err != nil {
		return Plan{}, err
	}
	route, err := g.route(ctx, c.From)
	if err != nil {
		return Plan{}, err
	}
	now := g.clock.Now()
	p := planning{Plan: Plan{Decision: Decision{Account: route.Account, Number: c.From, At: now}}, people: c.Recipients, now: now, start: now}
	if err := p.look(ctx, g, route, c); err != nil {
		return Plan{}, g.failed(ctx, route.Account, now, err)
	}
	p.step()
	p.finish(g.cfg.Grace)
	return p.Plan, nil
}

// planning is a plan in the making.
type planning struct {
	Plan
	people     int
	now, start time.Time   // start is zero if it never starts
	room       int         // how many slots the campaign's category may fill
	spare      []time.Time // when those of the slots used lapse that leases give back before
	usage      Usage
	last       time.Time // when slots let the last one of a wave be written to
	rate       Rate
}

// look asks what stands in the campaign's way.
func (p *planning) look(ctx context.Context, g *Governor, route Route, c Campaign) error {
	s := sender{id: c.From, route: route}
	if err := g.current(ctx, &s, p.now); err != nil {
		return err
	}
	m := Message{From: c.From, Template: c.Template, Language: c.Language, Category: c.Category}
	gate := s.gate(&m, p.now)
	cold := s.view.profile.cold(p.now)
	if !cold.IsZero() {
		gate.close(coldGate(cold))
	}
	if gate.shut {
		p.start = gate.until
	}
	quota := s.quota(&g.shares, s.limit(&g.cfg, p.now), gate.category, p.now)
	d := &p.Decision
	d.Limit, p.room = quota.limit, quota.room
	later := p.now
	if quota.room == 0 && !quota.until.IsZero() {
		// What the category may fill changes when the flag has ended.
		later = quota.until
		p.room = s.quota(&g.shares, s.limit(&g.cfg, later), gate.category, later).room
		if !p.start.IsZero() {
			p.start = latest(p.start, later)
		}
	}
	p.rate = numberRate(s.perSecond(p.now))
	p.Slowest = p.drain(p.people)
	if p.room > 0 && cold.IsZero() {
		p.spare = g.leases.of(route.Account).lapses(p.now)
	}
	var err error
	if p.usage, err = g.store.Usage(ctx, UsageAsk{Account: route.Account, Limit: p.limit(), Now: p.now, Points: CurvePoints}); err != nil {
		return err
	}
	d.Used = p.usage.Used
	verdict := Verdict{Outcome: Admitted, Counted: true, Used: d.Used}
	if free := p.usage.SlotFree; p.room == 0 || latest(free, later).After(p.now) {
		verdict.Outcome = OverLimit
		if p.room > 0 {
			verdict.RetryAt = latest(free, later)
		}
	}
	d.Counted = true
	d.judge(&verdict, &gate, &quota)
	if p.room == 0 {
		p.start = time.Time{}
	}
	if p.start.IsZero() {
		return nil
	}
	// The last wave ends with this one; all waves are a day apart.
	need := (p.people-1)%p.room + 1
	for gone := 0; ; {
		usage, err := g.store.Usage(ctx, UsageAsk{Account: route.Account, Limit: p.limit(), Now: p.now, Need: need + gone})
		p.last = usage.SlotFree
		before := gone
		if gone = p.gone(p.last); err != nil || gone <= before {
			return err
		}
	}
}

// limit is the room and what leases give back.
func (p *planning) limit() int { return min(p.room+len(p.spare), tier.Unlimited.Limit()) }

// gone is how many leased slots have lapsed by a time, and free nothing then
// that was not reckoned with.
func (p *planning) gone(by time.Time) int {
	n := 0
	for _, lapses := range p.spare {
		if !lapses.After(by) {
			n++
		}
	}
	return n
}

// drain is how long the number takes for so many at once.
func (p *planning) drain(people int) time.Duration {
	return time.Duration(max(0, people-p.rate.Burst)) * p.rate.Every
}

// step lists what slots let be written to in the first wave.
func (p *planning) step() {
	if p.start.IsZero() {
		return
	}
	wave := min(p.people, p.room)
	free := p.limit() - p.usage.Used
	add := func(at time.Time, total int) {
		at, total = latest(at, p.start), min(total, wave)
		if n := len(p.Steps); n > 0 && total <= p.Steps[n-1].Free {
			return
		} else if n > 0 && p.Steps[n-1].At.Equal(at) {
			p.Steps[n-1].Free = total
			return
		}
		if total > 0 {
			p.Steps = append(p.Steps, Release{At: at, Free: total})
		}
	}
	add(p.now, free)
	for _, r := range p.usage.Curve {
		total := free + r.Free - p.gone(r.At)
		if p.people <= p.room && total >= p.people {
			add(p.last, p.people)
			break
		}
		add(r.At, total)
	}
	if len(p.Steps) > 0 && p.Steps[0].At.Equal(p.now) {
		p.Now = p.Steps[0].Free
	}
}

// finish reckons when the last one can have been written to. The k-th message
// goes out when its slot is free and those before it have left, and takes the
// slot for a day; so the waves after the first repeat it, a day later each.
func (p *planning) finish(grace time.Duration) {
	if p.start.IsZero() {
		return
	}
	need, waves := (p.people-1)%p.room+1, (p.people-1)/p.room
	lap := slotTime + grace
	const longest = 100 * 365 * 24 * time.Hour
	if waves > int(longest/lap) || p.Slowest > longest {
		return
	}
	done, before := latest(p.last, p.start), 0
	for _, s := range p.Steps {
		if before >= need {
			break
		}
		done = latest(done, s.At.Add(p.drain(need-before)))
		before = s.Free
	}
	p.Done = latest(done.Add(time.Duration(waves)*lap), p.start.Add(p.Slowest))
}
