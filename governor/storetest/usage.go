package storetest

import (
	"bytes"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

var usageTests = []test{
	{name: "usage tells how much is used and when slots free", run: func(l *ledger) {
		assert.Equal(l.t, governor.Usage{SlotFree: t0}, l.usage())
		l.sent(alice)
		l.after(time.Hour)
		l.sent(bob)
		assert.Equal(l.t, governor.Usage{Used: 2, NextFree: t0.Add(day), SlotFree: t0.Add(day)}, l.usage())
		l.limit = 1
		assert.Equal(l.t, t0.Add(25*time.Hour), l.usage().SlotFree)
		l.limit = 0
		assert.Zero(l.t, l.usage().SlotFree)
		l.limit = 3
		assert.Equal(l.t, l.now, l.usage().SlotFree)
	}},
	{name: "slot free is when as many as are needed can be taken", run: func(l *ledger) {
		l.limit = 9
		for i := range 4 {
			l.at(time.Duration(i) * time.Hour)
			l.sent(person(i))
		}
		for need, want := range map[int]time.Time{
			-1: l.now, 0: l.now, 1: l.now, 2: t0.Add(day), 3: t0.Add(25 * time.Hour), 5: t0.Add(27 * time.Hour), 6: {},
		} {
			assert.Equal(l.t, want, l.usageFor(governor.UsageAsk{Limit: 5, Need: need}).SlotFree, "need %d", need)
		}
	}},
	{name: "the curve has its points evenly spaced, and the last is when all are free", run: func(l *ledger) {
		l.limit = 10
		for i := range 10 {
			l.at(time.Duration(i) * time.Hour)
			l.sent(person(i))
		}
		release := func(free int) governor.Release {
			return governor.Release{At: t0.Add(day + time.Duration(free-1)*time.Hour), Free: free}
		}
		for points, free := range map[int][]int{
			-1: {}, 0: {}, 1: {10}, 2: {5, 10}, 3: {3, 6, 10}, 4: {2, 5, 7, 10}, 10: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 99: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		} {
			var want []governor.Release
			for _, n := range free {
				want = append(want, release(n))
			}
			assert.Equal(l.t, want, l.usageFor(governor.UsageAsk{Limit: 1, Points: points}).Curve, "%d points", points)
		}
	}},
	{name: "asking changes nothing", run: func(l *ledger) {
		l.sent(alice)
		before := l.usage()
		for range 3 {
			l.usageFor(governor.UsageAsk{Limit: 1, Need: 5, Points: 5})
			l.wishes(alice)
			l.tallies()
			l.load()
		}
		assert.Equal(l.t, before, l.usage())
	}},
}

func (l *ledger) tally(m governor.TallyMark) {
	l.t.Helper()
	m.Account, m.Now = account, l.now
	if m.At.IsZero() {
		m.At = l.now
	}
	require.NoError(l.t, l.store.Tally(l.t.Context(), m), "Tally")
}

func (l *ledger) tallies() []governor.DayTally {
	l.t.Helper()
	days, err := l.store.Tallies(l.t.Context(), account, l.now)
	require.NoError(l.t, err, "Tallies")
	return plainTallies(days)
}

// plainTallies makes answers comparable that say the same.
func plainTallies(days []governor.DayTally) []governor.DayTally {
	var plain []governor.DayTally
	for _, d := range days {
		d.Day = utc(d.Day)
		if len(d.Counts) == 0 {
			d.Counts = nil
		}
		plain = append(plain, d)
	}
	return plain
}

var tallyTests = []test{
	{name: "counts add up by day and name", run: func(l *ledger) {
		assert.Empty(l.t, l.tallies(), "absence is no error")
		l.at(day - time.Second)
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 2, "failed:131026": 1}, Peak: 3})
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 3}, Peak: 2})
		l.at(day)
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 1 << 40}, Peak: 1})
		l.tally(governor.TallyMark{Counts: map[string]int64{"read": 1}, At: t0.Add(day - ms)})
		assert.Equal(l.t, []governor.DayTally{
			{Day: t0, Counts: map[string]int64{"sent": 5, "failed:131026": 1, "read": 1}, Peak: 3},
			{Day: t0.Add(day), Counts: map[string]int64{"sent": 1 << 40}, Peak: 1},
		}, l.tallies())
	}},
	{name: "a day is one of UTC, wherever the clock stands", run: func(l *ledger) {
		l.at(day - ms)
		for _, zone := range []int{14, -12} {
			local := time.FixedZone("", zone*3600)
			l.tally(governor.TallyMark{At: t0.Add(11 * time.Hour).In(local), Counts: map[string]int64{"sent": 1}})
		}
		assert.Equal(l.t, []governor.DayTally{{Day: t0, Counts: map[string]int64{"sent": 2}}}, l.tallies())
	}},
	{name: "days are kept for a month, oldest first", run: func(l *ledger) {
		l.at(9 * day)
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 9}})
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 7}, At: t0.Add(7 * day)})
		l.at(governor.TallyDays*day - ms)
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 1}, At: t0})
		days := l.tallies()
		require.Len(l.t, days, 3)
		for i, want := range []time.Time{t0, t0.Add(7 * day), t0.Add(9 * day)} {
			assert.Equal(l.t, want, days[i].Day)
		}
		l.at(governor.TallyDays * day)
		l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 1}, At: t0})
		assert.Equal(l.t, days[1:], l.tallies())
	}},
	{name: "a day has room for so many names", run: func(l *ledger) {
		for i := range governor.MaxTallyNames + 20 {
			l.tally(governor.TallyMark{Counts: map[string]int64{person(i): 1}})
		}
		l.tally(governor.TallyMark{Counts: map[string]int64{person(0): 1, person(governor.MaxTallyNames + 30): 1}, Peak: 7})
		days := l.tallies()
		require.Len(l.t, days, 1)
		assert.Len(l.t, days[0].Counts, governor.MaxTallyNames)
		assert.EqualValues(l.t, 2, days[0].Counts[person(0)])
		assert.Equal(l.t, 7, days[0].Peak)
	}},
	{name: "a tally is the caller's", run: func(l *ledger) {
		counts := map[string]int64{"sent": 1}
		l.tally(governor.TallyMark{Counts: counts})
		counts["sent"] = 9
		l.tallies()[0].Counts["sent"] = 9
		assert.EqualValues(l.t, 1, l.tallies()[0].Counts["sent"])
	}},
}

func (l *ledger) load() governor.State {
	l.t.Helper()
	s, err := l.store.LoadState(l.t.Context(), account)
	require.NoError(l.t, err, "LoadState")
	return plainState(s)
}

// save saves a state that must be saved.
func (l *ledger) save(s governor.State) governor.State {
	l.t.Helper()
	stored, saved := l.swap(s)
	require.True(l.t, saved, "SaveState")
	return stored
}

func (l *ledger) swap(s governor.State) (governor.State, bool) {
	l.t.Helper()
	stored, saved, err := l.store.SaveState(l.t.Context(), account, s)
	require.NoError(l.t, err, "SaveState")
	return plainState(stored), saved
}

// plainState makes answers comparable that say the same.
func plainState(s governor.State) governor.State {
	if len(s.Data) == 0 {
		s.Data = nil
	}
	return s
}

var stateTests = []test{
	{name: "a state is saved if nobody has saved one since", run: func(l *ledger) {
		assert.Zero(l.t, l.load(), "absence is no error")
		first := l.save(governor.State{Data: []byte("one")})
		assert.Equal(l.t, governor.State{Version: 1, Data: []byte("one")}, first)
		assert.Equal(l.t, first, l.load())
		for _, version := range []uint64{0, 2, 1 << 60} {
			stored, saved := l.swap(governor.State{Version: version, Data: []byte("late")})
			assert.False(l.t, saved)
			assert.Equal(l.t, first, stored, "who comes late is told the newer")
		}
		assert.Equal(l.t, governor.State{Version: 2, Data: []byte("two")}, l.save(governor.State{Version: 1, Data: []byte("two")}))
		assert.Equal(l.t, governor.State{Version: 2, Data: []byte("two")}, l.load())
	}},
	{name: "the first save beside nothing needs version zero", run: func(l *ledger) {
		stored, saved := l.swap(governor.State{Version: 1, Data: []byte("one")})
		assert.False(l.t, saved)
		assert.Zero(l.t, stored)
	}},
	{name: "a state of any bytes comes back as it was", run: func(l *ledger) {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		s := governor.State{}
		for _, data := range [][]byte{nil, {0}, all, []byte("\xff\xfe{\"a\":1}\r\n"), bytes.Repeat(all, 1024)} {
			s.Data = data
			s = l.save(s)
			assert.Equal(l.t, plainState(governor.State{Version: s.Version, Data: data}), l.load())
		}
	}},
	{name: "an old version is sent back with the new state and books nothing", run: func(l *ledger) {
		saved := l.save(governor.State{Data: []byte("one")})
		saved = l.save(governor.State{Version: saved.Version, Data: []byte("two")})
		for _, kind := range []governor.Kind{governor.Notification, governor.Reply} {
			for _, probe := range []bool{false, true} {
				a := l.ask(n1, alice)
				a.Version, a.Kind, a.Probe, a.NumberRate = 1, kind, probe, tight
				assert.Equal(l.t, governor.Verdict{Outcome: governor.Stale, State: saved}, l.admit(a))
			}
		}
		assert.Zero(l.t, l.used())
		for _, version := range []uint64{2, 3} { // a store may have lost its latest
			a := l.ask(n1, alice)
			a.Version, a.NumberRate = version, governor.Rate{Every: time.Hour, Burst: 2}
			assert.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(a))
		}
	}},
	{name: "an old version that would be refused is sent back all the same", run: func(l *ledger) {
		l.limit = 0
		saved := l.save(governor.State{Data: []byte("one")})
		assert.Equal(l.t, governor.Verdict{Outcome: governor.Stale, State: saved}, l.admit(l.ask(n1, alice)))
	}},
}
