package storetest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// odd are strings that a careless encoding would cut, fold or trip over.
var odd = []string{
	"a", "A", "ä", "a\u0308", "名前", "\U0001f600", "a b", " a", "a ", "\t", "a\nb", "a\r\n", "a\x00", "a\x00b", "\x00a", "\xff\xfe", "\xc3\x28",
	"{a}", "{a", "a}", "{}", "}{", "a:b", "a::b", "a|b", "a/b", "a/../b", "a,b", "a;b", "a*", "a?", "[a]", "%61", "a%00", `a\b`, `"a"`, "'a'", "$a", "&",
	"0", "00", "-1", "1e3", "nil", "null", "NaN", "true", "__proto__", "state", "pair/a", ".", "..", strings.Repeat("x", 255), strings.Repeat("x", 256),
	strings.Repeat("é", 128),
}

// seams are what a careless key would put between its parts.
var seams = []string{":", "|", "/", ",", "\x00", "\n", " ", "}", "{", "::", "\x1f", "\xff"}

var stringTests = []test{
	{name: "no two recipients are taken for one", run: func(l *ledger) {
		l.limit = 1000
		for i, who := range odd {
			assert.Equal(l.t, i+1, l.admit(l.ask(n1, who)).Used, "%q", who)
		}
		for _, who := range odd {
			a := l.probe(n1, who)
			a.Limit, a.HoldersPass = 0, true
			l.outcome(a, governor.Admitted, "%q", who)
		}
	}},
	{name: "no two accounts are taken for one", run: func(l *ledger) {
		for i, id := range odd {
			a := l.ask(n1, person(i))
			a.Account, a.Limit = id, 1
			require.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(a), "%q", id)
			s, saved, err := l.store.SaveState(l.t.Context(), id, governor.State{Data: []byte(id)})
			require.NoError(l.t, err)
			require.True(l.t, saved, "%q", id)
			require.EqualValues(l.t, 1, s.Version)
		}
		for _, id := range odd {
			s, err := l.store.LoadState(l.t.Context(), id)
			require.NoError(l.t, err)
			assert.Equal(l.t, id, string(s.Data))
			u, err := l.store.Usage(l.t.Context(), governor.UsageAsk{Account: id, Limit: 1, Now: l.now})
			require.NoError(l.t, err)
			assert.Equal(l.t, 1, u.Used, "%q", id)
		}
	}},
	{name: "no two numbers are taken for one", run: func(l *ledger) {
		for _, number := range odd {
			l.passes(1, number, alice, tight, tight, number)
		}
		for _, number := range odd {
			l.passes(0, number, alice, tight, none, number)
			l.passes(0, number, alice, none, tight, number)
		}
	}},
	{name: "no two message IDs are taken for one", run: func(l *ledger) {
		l.limit = 1000
		for i, id := range odd {
			l.committed(person(i), id)
		}
		for i, id := range odd {
			l.failed(id)
			require.Equal(l.t, len(odd)-1-i, l.used(), "%q", id)
		}
	}},
	{name: "no two topics are taken for one", run: func(l *ledger) {
		for i, topic := range odd {
			l.mark(governor.ConsentMark{Topic: topic, Granted: i%2 == 0})
		}
		list := l.wishes(alice)
		require.Len(l.t, list, len(odd))
		for i, topic := range odd {
			want := governor.Admitted
			if i%2 > 0 {
				want = governor.Unwanted
			}
			a := l.probe(n1, alice)
			a.Topics[1] = topic
			l.outcome(a, want, "%q", topic)
		}
		for i := 1; i < len(list); i++ {
			assert.Less(l.t, list[i-1].Topic, list[i].Topic, "by byte")
		}
	}},
	{name: "no two spellings are taken for one", run: func(l *ledger) {
		l.limit = 1000
		for i, spelling := range odd {
			l.alias(spelling, "person:"+person(i))
		}
		for i, spelling := range odd {
			l.sent("person:" + person(i))
			l.sent(spelling)
			require.Equal(l.t, i+1, l.used(), "%q", spelling)
		}
	}},
	{name: "no two tallies are taken for one", run: func(l *ledger) {
		counts := map[string]int64{}
		for i, name := range odd {
			counts[name] = int64(i + 1)
		}
		l.tally(governor.TallyMark{Counts: counts})
		assert.Equal(l.t, []governor.DayTally{{Day: t0, Counts: counts}}, l.tallies())
	}},
	{name: "the parts of a pair are kept apart", run: func(l *ledger) {
		pair := governor.Rate{Every: 10 * time.Hour, Burst: 1}
		for _, seam := range seams {
			left := [2]string{"a" + seam + "b", "c"}
			right := [2]string{"a", "b" + seam + "c"}
			l.inbound(left[0], left[1])
			l.spared(true, left[0], left[1], "%q", seam)
			l.spared(false, right[0], right[1], "%q", seam)
			l.passes(1, left[0], left[1], none, pair, seam)
			l.passes(1, right[0], right[1], none, pair, seam)
			l.mark(governor.ConsentMark{Recipient: left[0], Topic: left[1]})
			a := l.probe(n1, right[0])
			a.Topics[0] = right[1]
			l.outcome(a, governor.Admitted, "%q", seam)
		}
	}},
	{name: "an account and what is in it are kept apart", run: func(l *ledger) {
		for i, seam := range seams {
			token := governor.Token{Hi: 5, Lo: uint64(i)}
			a := l.ask(n1, alice)
			a.Account, a.Recipient, a.Limit, a.Token = "a"+seam+"b", "c", 1, token
			require.Equal(l.t, governor.Admitted, l.admit(a).Outcome)
			a.Account, a.Recipient = "a", "b"+seam+"c"
			require.Equal(l.t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: i + 1}, l.admit(raised(a, 100)), "%q", seam)
		}
	}},
}

func raised(a governor.Admission, limit int) governor.Admission {
	a.Limit = limit
	return a
}

// An account sees nothing of another, whatever the verb and though both use the
// same names.
func accountsAreApart(l *ledger) {
	t, ctx := l.t, l.t.Context()
	l.limit = 1
	other := func(a governor.Admission) governor.Admission {
		a.Account = "other"
		return a
	}
	a := l.committed(alice, "wamid.1")
	b := other(l.ask(n1, bob))
	b.Token = a.Token
	assert.Equal(t, governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 1}, l.admit(b), "the same token in another account")
	l.alias(bob, alice)
	stranger := other(l.ask(n1, alice))
	stranger.HoldersPass = true
	assert.Equal(t, governor.OverLimit, l.admit(stranger).Outcome, "an alias is one account's")
	l.failed("wamid.1")
	assert.Zero(t, l.used())
	require.NoError(t, l.store.Settle(ctx, governor.Settlement{Account: "other", Token: b.Token, Now: l.now, Sent: true, Stamp: l.now, MessageID: "wamid.1", Recipient: bob}))
	u, err := l.store.Usage(ctx, governor.UsageAsk{Account: "other", Limit: 1, Now: l.now})
	require.NoError(t, err)
	assert.Equal(t, 1, u.Used, "nor is a failure another's")

	l.inbound(n1, carol)
	assert.True(t, l.admit(other(l.probe(n1, carol))).Counted, "nor a window")
	l.mark(governor.ConsentMark{Recipient: carol, Topic: "x"})
	list, err := l.store.Consents(ctx, "other", carol, l.now)
	require.NoError(t, err)
	assert.Empty(t, list, "nor a wish")
	l.tally(governor.TallyMark{Counts: map[string]int64{"sent": 1}})
	days, err := l.store.Tallies(ctx, "other", l.now)
	require.NoError(t, err)
	assert.Empty(t, days, "nor a tally")
	l.save(governor.State{Data: []byte("x")})
	state, err := l.store.LoadState(ctx, "other")
	require.NoError(t, err)
	assert.Zero(t, state, "nor a state")
	a = l.reply(n2, carol)
	a.NumberRate, a.PairRate, a.Version = tight, tight, 1
	l.admit(a)
	a = other(l.reply(n2, carol))
	a.NumberRate, a.PairRate = tight, tight
	assert.Equal(t, governor.Admitted, l.admit(a).Outcome, "nor a rate")

	l.at(5 * day)
	a = l.ask(n1, alice)
	a.Version = 1
	l.admit(a)
	l.at(day - ms)
	a = other(l.probe(n1, carol))
	assert.Equal(t, governor.OverLimit, l.admit(a).Outcome, "nor its time")
}
