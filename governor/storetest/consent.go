package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

// wanted says what a notification to alice about the topics is told.
func (l *ledger) wanted(want governor.Outcome, retry time.Time, topics ...string) {
	l.t.Helper()
	a := l.probe(n1, alice)
	copy(a.Topics[:], topics)
	v := l.admit(a)
	assert.Equal(l.t, want, v.Outcome)
	assert.Equal(l.t, retry, v.RetryAt)
}

var never time.Time

var consentTests = []test{
	{name: "nothing known is nothing wanted and nothing refused", run: func(l *ledger) {
		assert.Empty(l.t, l.wishes(alice), "absence is no error")
		l.wanted(governor.Admitted, never, "offers")
		a := l.probe(n1, alice)
		a.OptIn = "offers"
		assert.Equal(l.t, governor.Verdict{Outcome: governor.NotAskedFor, Counted: true}, l.admit(a))
	}},
	{name: "what was granted may be sent until it is revoked", run: func(l *ledger) {
		optIn := l.probe(n1, alice)
		optIn.OptIn = "offers"
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true})
		l.outcome(optIn, governor.Admitted)
		other := optIn
		other.OptIn = "other"
		l.outcome(other, governor.NotAskedFor)
		other = optIn
		other.Recipient = bob
		l.outcome(other, governor.NotAskedFor)
		l.after(time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers"})
		l.outcome(optIn, governor.NotAskedFor)
		assert.Equal(l.t, []governor.Consent{{Topic: "offers", At: l.now}}, l.wishes(alice))
	}},
	{name: "a revoked topic is refused for ever, in each of the places", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: "offers"})
		l.wanted(governor.Unwanted, never, "offers")
		l.wanted(governor.Unwanted, never, "a", "offers")
		l.wanted(governor.Unwanted, never, "a", "b", "offers")
		l.wanted(governor.Admitted, never, "a", "b", "c")
		l.wanted(governor.Admitted, never)
		l.at(20 * day)
		l.wanted(governor.Unwanted, never, "offers")
	}},
	{name: "an empty topic names none", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: ""})
		l.outcome(l.probe(n1, alice), governor.Admitted)
	}},
	{name: "the newest word counts, the refusal of two at the same time", run: func(l *ledger) {
		l.at(time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers"})
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true})
		l.wanted(governor.Unwanted, never, "offers")
		l.at(2 * time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true, At: t0})
		l.wanted(governor.Unwanted, never, "offers")
		l.after(ms)
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true})
		l.wanted(governor.Admitted, never, "offers")
		l.mark(governor.ConsentMark{Topic: "offers"})
		l.wanted(governor.Unwanted, never, "offers")
	}},
	{name: "a cool-down stands beside the word and ends by itself", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true})
		l.mark(governor.ConsentMark{Topic: "offers", Until: t0.Add(time.Hour)})
		l.wanted(governor.Unwanted, t0.Add(time.Hour), "offers")
		assert.Equal(l.t, []governor.Consent{{Topic: "offers", Granted: true, At: t0, RestsUntil: t0.Add(time.Hour)}}, l.wishes(alice))
		l.at(time.Hour - ms)
		l.wanted(governor.Unwanted, t0.Add(time.Hour), "offers")
		l.at(time.Hour)
		l.wanted(governor.Admitted, never, "offers")
		assert.Equal(l.t, []governor.Consent{{Topic: "offers", Granted: true, At: t0}}, l.wishes(alice))
	}},
	{name: "a cool-down without a word is none when it is over", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: "offers", Until: t0.Add(time.Hour)})
		assert.Equal(l.t, []governor.Consent{{Topic: "offers", RestsUntil: t0.Add(time.Hour)}}, l.wishes(alice))
		l.at(time.Hour)
		assert.Empty(l.t, l.wishes(alice))
	}},
	{name: "a cool-down is only ever lengthened", run: func(l *ledger) {
		for _, until := range []time.Duration{2 * time.Hour, time.Hour, 3 * time.Hour, 2 * time.Hour} {
			l.mark(governor.ConsentMark{Topic: "offers", Until: t0.Add(until)})
		}
		l.wanted(governor.Unwanted, t0.Add(3*time.Hour), "offers")
	}},
	{name: "a cool-down lifts no opt-out", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: "offers"})
		l.mark(governor.ConsentMark{Topic: "offers", Until: t0.Add(time.Hour)})
		l.wanted(governor.Unwanted, never, "offers")
	}},
	{name: "a cool-down ends with a newer grant and not with an older one", run: func(l *ledger) {
		l.at(time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers"})
		l.mark(governor.ConsentMark{Topic: "offers", Until: t0.Add(9 * time.Hour)})
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true, At: t0})
		assert.Equal(l.t, t0.Add(9*time.Hour), l.wishes(alice)[0].RestsUntil)
		l.at(2 * time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true})
		l.wanted(governor.Admitted, never, "offers")
		assert.Equal(l.t, []governor.Consent{{Topic: "offers", Granted: true, At: l.now}}, l.wishes(alice))
	}},
	{name: "a backoff grows four times each time, to a day at most", run: func(l *ledger) {
		want := time.Minute
		for range 8 {
			l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Minute), Backoff: true})
			l.wanted(governor.Unwanted, l.now.Add(want), "offers")
			l.after(want / 2)
			l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Minute), Backoff: true})
			l.wanted(governor.Unwanted, l.now.Add(want-want/2), "offers") // one that begins during another changes nothing
			l.after(want - want/2 + 270*time.Second)
			want = min(4*want, day)
		}
	}},
	{name: "a backoff begins anew when the last has been over for long", run: func(l *ledger) {
		back := func(want time.Duration) {
			l.t.Helper()
			l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Minute), Backoff: true})
			l.wanted(governor.Unwanted, l.now.Add(want), "offers")
			l.after(want)
		}
		back(time.Minute)
		back(4 * time.Minute)
		l.after(270*time.Second + ms)
		back(time.Minute)
		back(4 * time.Minute)
		l.mark(governor.ConsentMark{Topic: "offers", Granted: true})
		back(time.Minute)
	}},
	{name: "a cool-down of another kind forgives what was long ago", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Minute), Backoff: true})
		l.at(time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Hour)})
		l.at(2 * time.Hour)
		l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Minute), Backoff: true})
		l.wanted(governor.Unwanted, l.now.Add(time.Minute), "offers")
		l.after(time.Minute)
		l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Second)})
		l.after(time.Second)
		l.mark(governor.ConsentMark{Topic: "offers", Until: l.now.Add(time.Minute), Backoff: true})
		l.wanted(governor.Unwanted, l.now.Add(4*time.Minute), "offers") // one in between does not
	}},
	{name: "a pair that is to rest is busy, for replies too", run: func(l *ledger) {
		l.mark(governor.ConsentMark{Topic: governor.PairTopic + n1, Until: t0.Add(time.Minute)})
		busy := governor.Verdict{Outcome: governor.PairBusy, RetryAt: t0.Add(time.Minute)}
		assert.Equal(l.t, busy, l.admit(l.reply(n1, alice)))
		busy.Counted = true
		assert.Equal(l.t, busy, l.admit(l.probe(n1, alice)))
		l.outcome(l.reply(n2, alice), governor.Admitted)
		l.outcome(l.reply(n1, bob), governor.Admitted)
		l.at(time.Minute)
		l.outcome(l.reply(n1, alice), governor.Admitted)
	}},
	{name: "wishes are listed by topic", run: func(l *ledger) {
		var want []governor.Consent
		for _, topic := range []string{"c", "a", "b", "a.b", "A", "é", "10", "9"} {
			l.mark(governor.ConsentMark{Topic: topic, Granted: true})
		}
		for _, topic := range []string{"10", "9", "A", "a", "a.b", "b", "c", "é"} {
			want = append(want, governor.Consent{Topic: topic, Granted: true, At: t0})
		}
		assert.Equal(l.t, want, l.wishes(alice))
		assert.Empty(l.t, l.wishes(bob))
	}},
}
