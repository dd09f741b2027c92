package storetest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// together runs n callers at once, each with a ledger of its own on the same
// store.
func (l *ledger) together(n int, call func(i int, own *ledger)) {
	l.t.Helper()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			call(i, &ledger{t: l.t, store: l.store, now: l.now, limit: l.limit, token: uint64(i+1) * 1_000_000})
		})
	}
	close(begin)
	all.Wait()
}

// try is admit for goroutines, which must not end the test.
func (l *ledger) try(a governor.Admission) governor.Verdict {
	v, err := l.store.Admit(context.Background(), a)
	assert.NoError(l.t, err, "Admit")
	return v
}

var concurrencyTests = []test{
	{name: "the last slots of several accounts go to so many", run: func(l *ledger) {
		const accounts, limit, callers, each = 3, 5, 16, 6
		var admitted [accounts]atomic.Int64
		l.together(callers, func(i int, own *ledger) {
			for j := range each {
				for k := range accounts {
					a := own.ask(n1, person(100*i+j))
					a.Account, a.Limit = person(k), limit
					if v := own.try(a); v.Outcome == governor.Admitted {
						admitted[k].Add(1)
						assert.LessOrEqual(own.t, v.Used, limit)
					} else {
						assert.Equal(own.t, governor.OverLimit, v.Outcome)
					}
				}
			}
		})
		for k := range accounts {
			assert.EqualValues(l.t, limit, admitted[k].Load())
			u, err := l.store.Usage(l.t.Context(), governor.UsageAsk{Account: person(k), Limit: limit, Now: l.now})
			require.NoError(l.t, err)
			assert.Equal(l.t, limit, u.Used)
		}
	}},
	{name: "one person written to by many holds one slot", run: func(l *ledger) {
		l.limit = 1
		l.together(16, func(_ int, own *ledger) {
			a := own.ask(n1, alice)
			a.HoldersPass = true
			assert.Equal(own.t, governor.Admitted, own.try(a).Outcome)
		})
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "one admission asked for by many books and pays once", run: func(l *ledger) {
		a := l.ask(n1, alice)
		a.NumberRate = governor.Rate{Every: time.Hour, Burst: 2}
		l.together(16, func(_ int, own *ledger) {
			assert.Equal(own.t, governor.Admitted, own.try(a).Outcome)
		})
		assert.Equal(l.t, 1, l.used())
		l.passes(1, n1, bob, a.NumberRate, none, "the other token is left")
		l.cancel(a)
		assert.Zero(l.t, l.used())
	}},
	{name: "many never send faster than the rates", run: func(l *ledger) {
		number, pair := governor.Rate{Every: time.Hour, Burst: 30}, governor.Rate{Every: time.Hour, Burst: 7}
		var passed [3]atomic.Int64
		l.together(16, func(_ int, own *ledger) {
			for who := range passed {
				for range 4 {
					a := own.reply(n1, person(who))
					a.NumberRate, a.PairRate = number, pair
					if own.try(a).Outcome == governor.Admitted {
						passed[who].Add(1)
					}
				}
			}
		})
		for who := range passed {
			assert.EqualValues(l.t, 7, passed[who].Load())
		}
	}},
	{name: "each version of a state is saved by one", run: func(l *ledger) {
		const callers, each = 8, 20
		var saved atomic.Int64
		l.together(callers, func(i int, own *ledger) {
			var s governor.State
			for range each {
				stored, ok, err := own.store.SaveState(context.Background(), account, governor.State{Version: s.Version, Data: []byte(person(i))})
				if !assert.NoError(own.t, err) {
					return
				}
				if ok {
					saved.Add(1)
					assert.Equal(own.t, s.Version+1, stored.Version)
					assert.Equal(own.t, person(i), string(stored.Data))
				} else {
					assert.Greater(own.t, stored.Version, s.Version)
				}
				s = stored
			}
		})
		assert.EqualValues(l.t, saved.Load(), l.load().Version)
	}},
	{name: "what many book and cancel leaves nothing", run: func(l *ledger) {
		l.limit = 3
		l.together(16, func(_ int, own *ledger) {
			for j := range 6 {
				a := own.ask(n1, person(j))
				v := own.try(a)
				assert.LessOrEqual(own.t, v.Used, 3)
				assert.NoError(own.t, own.store.Settle(context.Background(), governor.Settlement{Account: account, Token: a.Token, Now: own.now}))
			}
		})
		assert.Zero(l.t, l.used())
	}},
	{name: "a slot that many give back at once is given back once", run: func(l *ledger) {
		l.limit = 9
		for i := range 3 {
			l.committed(alice, person(i))
			l.after(time.Hour)
		}
		l.together(8, func(_ int, own *ledger) {
			assert.NoError(own.t, own.store.Delivery(context.Background(), governor.DeliveryMark{
				Account: account, Number: n1, MessageID: person(2), At: own.now, Stamp: own.now, Now: own.now, Failed: true,
			}))
		})
		assert.Equal(l.t, 25*time.Hour, l.frees())
	}},
	{name: "two spellings become one while both are written to", run: func(l *ledger) {
		l.limit = 9
		l.together(8, func(i int, own *ledger) {
			for j := range 6 {
				if i == 0 && j == 3 {
					assert.NoError(own.t, own.store.Alias(context.Background(), account, bob, alice, own.now))
				}
				own.try(own.ask(n1, []string{alice, bob}[(i+j)%2]))
			}
		})
		assert.Equal(l.t, 1, l.used())
	}},
	{name: "counts of many add up", run: func(l *ledger) {
		l.together(8, func(i int, own *ledger) {
			for range 10 {
				assert.NoError(own.t, own.store.Tally(context.Background(), governor.TallyMark{
					Account: account, At: own.now, Now: own.now, Counts: map[string]int64{"sent": 1}, Peak: i,
				}))
			}
		})
		assert.Equal(l.t, []governor.DayTally{{Day: t0, Counts: map[string]int64{"sent": 80}, Peak: 7}}, l.tallies())
	}},
	{name: "every verb may be called at the same time as every other, and as close", run: func(l *ledger) {
		l.together(8, func(_ int, own *ledger) {
			for range 5 {
				own.after(time.Minute)
				for verb, err := range own.everyVerb(context.Background()) {
					assert.NoError(own.t, err, verb)
				}
			}
		})
		l.together(8, func(i int, own *ledger) {
			if i == 0 {
				assert.NoError(own.t, own.store.Close())
			}
			own.everyVerb(context.Background()) // whether refused or not
		})
	}},
}
