package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// act makes one random call.
func (p *history) act(part *part) {
	switch op := p.r.IntN(100); {
	case op < 36:
		p.admit(part)
	case op < 41:
		p.repeat(part)
	case op < 60:
		p.settle(part)
	case op < 70:
		p.inbound(part)
	case op < 84:
		p.delivery(part)
	case op < 90:
		p.consent(part)
	case op < 92:
		number, customer := p.number(), p.person()
		p.tell("%s: %s's window with %s is closed", part.id, customer, number)
		part.shut(number, customer, p.now)
		p.call("CloseWindow", false, func() error { return p.store.CloseWindow(p.t.Context(), part.id, number, customer, p.now) })
	case op < 96:
		p.alias(part)
	case op < 98:
		p.save(part)
	default:
		m := governor.TallyMark{
			Account: part.id, At: p.now.Add(-p.upTo(30 * time.Hour)), Now: p.now, Peak: p.r.IntN(5),
			Counts: map[string]int64{[]string{"sent", "failed", "read"}[p.r.IntN(3)]: 1 + p.r.Int64N(5)},
		}
		p.tell("%s: %v at %v", part.id, m.Counts, m.At)
		part.tally(m)
		p.call("Tally", true, func() error { return p.store.Tally(p.t.Context(), m) })
	}
}

// look compares what can be asked.
func (p *history) look(part *part) {
	u := governor.UsageAsk{Account: part.id, Limit: part.limit, Now: p.now, Need: p.r.IntN(4), Points: p.r.IntN(5)}
	usage, err := p.store.Usage(p.t.Context(), u)
	p.check("Usage", plainUsage(usage), err, plainUsage(part.usage(u)))
	switch p.r.IntN(12) {
	case 0:
		days, err := p.store.Tallies(p.t.Context(), part.id, p.now)
		p.check("Tallies", plainTallies(days), err, plainTallies(part.days(p.now)))
	case 1, 2, 3:
		who := p.person()
		list, err := p.store.Consents(p.t.Context(), part.id, who, p.now)
		p.check("Consents of "+who, plainConsents(list), err, plainConsents(part.consents(who, p.now)))
	case 4:
		state, err := p.store.LoadState(p.t.Context(), part.id)
		p.check("LoadState", plainState(state), err, plainState(part.state))
	}
}

func (p *history) number() string { return []string{n1, n2}[p.r.IntN(2)] }

// person is a spelling of somebody.
func (p *history) person() string { return p.spelling(p.r.IntN(5)) }

func (p *history) spelling(who int) string {
	return fmt.Sprintf([]string{"16505550%d", "0%d}", "BR.%d:é"}[p.r.IntN(3)], who)
}

func (p *history) numberRate() governor.Rate {
	return []governor.Rate{{}, {}, {Every: 2 * time.Second, Burst: 4}, {Every: 142858 * time.Microsecond, Burst: 7}, {Every: 30 * time.Second, Burst: 16}}[p.r.IntN(5)]
}

// ask is a random admission.
func (p *history) ask(part *part) governor.Admission {
	a := governor.Admission{
		Account: part.id, Token: governor.Token{Hi: uint64(p.step), Lo: p.r.Uint64() | 1}, Version: part.state.Version, Now: p.now, Stamp: p.now.Add(part.grace),
		Number: p.number(), Recipient: p.person(), Limit: max(0, part.limit+[]int{0, 0, 0, 1, -1}[p.r.IntN(5)]),
		HoldersPass: p.chance(2), NumberRate: p.numberRate(), PairRate: part.pair,
	}
	if p.chance(3) {
		a.Kind = governor.Reply
	}
	if p.chance(2) {
		a.Topics = [3]string{"a", "", "b"}
	}
	if p.chance(8) {
		a.OptIn = []string{"a", "b"}[p.r.IntN(2)]
	}
	if p.chance(10) && a.Version > 0 {
		a.Version--
	}
	if p.chance(5) {
		a.Probe = true
		if p.chance(2) {
			a.NotBefore = p.now.Add(p.upTo(30 * time.Hour))
		}
	}
	return a
}

func describe(a governor.Admission) string {
	what := []string{"notification", "reply"}[a.Kind]
	if a.Probe {
		what = "probe of a " + what
	}
	text := fmt.Sprintf("%s: %s from %s to %s as %x, limit %d", a.Account, what, a.Number, a.Recipient, a.Token.Lo, a.Limit)
	for name, extra := range map[string]any{
		"version": a.Version, "not before": a.NotBefore, "holders pass": a.HoldersPass, "number": a.NumberRate, "pair": a.PairRate,
		"topics": a.Topics, "opt-in": a.OptIn,
	} {
		if !reflect.ValueOf(extra).IsZero() {
			text += fmt.Sprintf(", %s %v", name, extra)
		}
	}
	return text
}

func (p *history) admit(part *part) {
	a := p.ask(part)
	v := p.admitted(part, a, false)
	if v.Outcome == governor.Admitted && !a.Probe {
		part.open = append(part.open, underWay{a, fmt.Sprintf("wamid.%d", p.step), part.latest})
	}
}

func (p *history) admitted(part *part, a governor.Admission, once bool) governor.Verdict {
	want := part.admit(a)
	p.tell("%s: %+v", describe(a), want)
	var got governor.Verdict
	p.call("Admit", once, func() (err error) {
		got, err = p.store.Admit(p.t.Context(), a)
		return err
	})
	p.check("Admit", plainVerdict(got), nil, plainVerdict(want))
	return want
}

// repeat repeats an admission whose answer was lost, later.
func (p *history) repeat(part *part) {
	i, ok := p.pick(part)
	if !ok {
		return
	}
	a := part.open[i].Admission
	a.Now, a.Stamp, a.Version = p.now, p.now.Add(part.grace), part.state.Version
	if p.admitted(part, a, true).Outcome == governor.Admitted {
		part.open[i].Admission, part.open[i].booked = a, part.latest
	} else {
		part.open = slices.Delete(part.open, i, i+1)
	}
}

// pick chooses one that is under way and that every store still knows.
func (p *history) pick(part *part) (int, bool) {
	part.open = slices.DeleteFunc(part.open, func(u underWay) bool {
		age := part.latest.Sub(u.booked)
		return age > 40*time.Hour || u.Kind == governor.Reply && age > 50*time.Minute
	})
	if len(part.open) == 0 {
		return 0, false
	}
	return max(0, len(part.open)-1-p.r.IntN(6)), true
}

func (p *history) settle(part *part) {
	i, ok := p.pick(part)
	if !ok {
		return
	}
	u := part.open[i]
	part.open = slices.Delete(part.open, i, i+1)
	end := governor.Settlement{Account: part.id, Token: u.Token, Now: p.now, Recipient: u.Recipient}
	if !p.chance(4) {
		end.Sent, end.Stamp = true, p.now.Add(part.grace-p.upTo(time.Hour)*time.Duration(p.r.IntN(2)))
		if !p.chance(8) {
			end.MessageID = u.id
			part.sent = append(part.sent, u.id)
		}
		switch p.r.IntN(6) {
		case 0:
			end.Canonical = p.likely(u.Recipient)
		case 1, 2:
			end.Canonical, end.Confirmed = end.Recipient, p.chance(2)
		}
	}
	part.tell(p.now)
	k := part.bookings[u.Token]
	if k.send != nil && !part.live(k.send.at) &&
		(k.send.who != k.who || part.canonical(k.who) != k.who || end.Canonical != "" && end.Canonical != end.Recipient) {
		return // which spelling takes a slot that has lapsed is a store's own affair
	}
	p.tell("%s: ends %+v", part.id, end)
	part.settle(end)
	p.call("Settle", false, func() error { return p.store.Settle(p.t.Context(), end) })
}

// likely is a spelling of the same person, or now and then of another.
func (p *history) likely(of string) string {
	if p.chance(8) {
		return p.person()
	}
	for {
		if s := p.person(); digit(s) == digit(of) {
			return s
		}
	}
}

// digit tells whose spelling it is.
func digit(spelling string) byte {
	switch spelling[0] {
	case '1':
		return spelling[len(spelling)-1]
	case '0':
		return spelling[1]
	}
	return spelling[3]
}

func (p *history) alias(part *part) {
	alias := p.person()
	canonical := p.likely(alias)
	p.tell("%s: %s is %s", part.id, alias, canonical)
	part.alias(alias, canonical, p.now)
	p.call("Alias", false, func() error { return p.store.Alias(p.t.Context(), part.id, alias, canonical, p.now) })
}

func (p *history) inbound(part *part) {
	in := governor.InboundMark{
		Account: part.id, Number: p.number(), Customer: p.person(), Uncertain: p.chance(5), At: p.now, Now: p.now, NumberRate: p.numberRate(),
	}
	if p.chance(2) {
		in.At = p.now.Add(-p.upTo([]time.Duration{2 * time.Second, 30 * time.Hour}[p.r.IntN(2)]))
	}
	// What uses the rate is new, or the last one again.
	if who := part.canonical(in.Customer); in.Now.Sub(in.At) < 2*time.Second {
		for _, what := range "iuc" {
			if before, ever := part.lastHeard(in.Number, who, what); ever && !before.Before(in.At) {
				in.NumberRate = governor.Rate{}
			}
		}
	}
	p.tell("%s: %+v", part.id, in)
	part.hear(in)
	p.call("Inbound", false, func() error { return p.store.Inbound(p.t.Context(), in) })
}

func (p *history) delivery(part *part) {
	d := governor.DeliveryMark{
		Account: part.id, Number: p.number(), Now: p.now, At: p.now.Add(-p.upTo(3*time.Hour) * time.Duration(p.r.IntN(2))),
		Recipient: p.person(), Sort: governor.Sort(p.r.IntN(3)),
	}
	d.Stamp = d.At.Add(part.grace)
	switch p.r.IntN(5) {
	case 0:
		d.Failed = true
	case 1:
		d.Sent = true
	}
	if p.chance(5) {
		d.Recipient = ""
	}
	switch i := p.r.IntN(10); {
	case i < 6 && len(part.sent) > 0:
		d.MessageID = part.sent[max(0, len(part.sent)-1-p.r.IntN(8))]
	case i < 8 && len(part.open) > 0: // before the answer
		d.MessageID = part.open[len(part.open)-1].id
	case i < 9:
		d.MessageID = fmt.Sprintf("wamid.foreign.%d", p.r.IntN(5))
	default:
		d.MessageID = fmt.Sprintf("wamid.foreign.%d", p.step)
	}
	part.tell(p.now)
	if !part.statusIsCertain(d.MessageID) {
		return
	}
	p.tell("%s: %+v", part.id, d)
	part.delivery(d)
	p.call("Delivery", false, func() error { return p.store.Delivery(p.t.Context(), d) })
}

func (p *history) consent(part *part) {
	m := governor.ConsentMark{
		Account: part.id, Recipient: p.person(), Topic: []string{"a", "b", governor.PairTopic + n1}[p.r.IntN(3)], Granted: p.chance(2),
	}
	again := false // a cool-down shortly after another
	if resting := part.resting(); p.chance(2) && len(resting) > 0 {
		key := resting[p.r.IntN(len(resting))]
		m.Recipient, m.Topic = key.who, key.topic
		if ends := part.wishes[key].rests; p.chance(2) && ends.After(p.now) && ends.Before(p.now.Add(4*time.Hour)) {
			p.now, again = ends.Add(p.upTo(5*time.Minute)), true
			m.Granted = false
		}
	}
	m.Now, m.At = p.now, p.now
	if !again && p.chance(3) {
		m.At = p.now.Add(-p.upTo(2 * time.Hour))
	}
	if !m.Granted && (again || !p.chance(3)) {
		m.Until = m.At.Add(time.Second + p.upTo([]time.Duration{time.Minute, 3 * time.Hour}[p.r.IntN(2)]))
		m.Backoff = again || p.chance(2)
	}
	part.tell(p.now)
	if !m.Until.IsZero() && !part.strikesAreCertain(m) {
		return
	}
	p.tell("%s: %+v", part.id, m)
	part.consent(m)
	p.call("Consent", false, func() error { return p.store.Consent(p.t.Context(), m) })
}

func (p *history) save(part *part) {
	s := governor.State{Version: part.state.Version - uint64(p.r.IntN(2))&part.state.Version, Data: []byte(fmt.Sprint(p.step))}
	want, wantSaved := part.save(s)
	p.tell("%s: saves version %d: %t", part.id, s.Version, wantSaved)
	got, saved, err := p.store.SaveState(p.t.Context(), part.id, s)
	p.check("SaveState", plainState(got), err, plainState(want))
	p.check("SaveState", saved, err, wantSaved)
}

// comeBack asks what is refused now when it is told to come back, and just
// before.
func (p *history) comeBack(part *part) {
	type refused struct {
		governor.Admission
		at time.Time
	}
	var all []refused
	for range 8 {
		a := p.ask(part)
		a.Probe, a.Version = true, part.state.Version
		// A probe makes no new rate the number's, so that with one its tokens
		// go on coming at the old.
		k := part.number(a.Number)
		a.NumberRate = governor.Rate{Every: time.Duration(k.every) * time.Microsecond, Burst: int(k.burst)}
		if v := p.admitted(part, a, true); v.Outcome != governor.Admitted && !v.RetryAt.IsZero() {
			all = append(all, refused{a, v.RetryAt})
		}
	}
	slices.SortFunc(all, func(a, b refused) int { return a.at.Compare(b.at) })
	for _, r := range all {
		step := time.Microsecond
		if r.at.Equal(r.at.Truncate(ms)) {
			step = ms
		}
		for _, at := range []time.Time{r.at.Add(-step), r.at} {
			if !at.After(p.now) {
				continue
			}
			p.now = at
			r.Now, r.Stamp = at, at.Add(part.grace)
			v, err := p.store.Admit(p.t.Context(), r.Admission)
			p.tell("%s: %s comes back", part.id, describe(r.Admission))
			p.check("coming back passes", v.Outcome == governor.Admitted, err, at.Equal(r.at))
		}
	}
}
