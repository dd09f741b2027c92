package memstore_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

func TestTwoSpellingsBecomeOnePerson(t *testing.T) {
	t.Parallel()
	const spelt, user = "5541988887777", "BR.13491208655302741918"
	l := newLedger(t, 10)
	l.sent(spelt)
	l.after(time.Hour)
	l.sent(alice)
	assert.Equal(t, 2, l.used())
	l.alias(spelt, alice)
	assert.Equal(t, 1, l.used())
	assert.Equal(t, t0.Add(25*time.Hour), l.usage().NextFree.UTC(), "the later stamp")
	l.alias(alice, user) // a spelling may lead to the next
	l.sent(spelt)
	l.sent(alice)
	l.sent(user)
	assert.Equal(t, 1, l.used())
	l.alias(user, spelt) // and never in a circle
	l.alias(spelt, spelt)
	l.sent(user)
	assert.Equal(t, 1, l.used())
}

func TestAnAliasJoinsWindowsWishesAndRates(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 10)
	pair := governor.Rate{Every: time.Hour, Burst: 10}
	l.inbound(n2, bob)
	reply := func(to string) governor.Outcome {
		ask := l.ask(n1, to)
		ask.Kind, ask.PairRate = governor.Reply, pair
		return l.admit(ask).Outcome
	}
	for range 4 {
		require.Equal(t, governor.Admitted, reply(alice))
		require.Equal(t, governor.Admitted, reply(bob))
	}
	require.NoError(t, l.store.Consent(t.Context(), governor.ConsentMark{Account: account, Recipient: bob, Topic: "x", At: l.now, Now: l.now}))
	l.alias(bob, alice)

	ask := l.ask(n2, alice)
	ask.Probe = true
	assert.False(t, l.admit(ask).Counted, "bob wrote")
	ask.Topics[0] = "x"
	assert.Equal(t, governor.Unwanted, l.admit(ask).Outcome)
	assert.Equal(t, governor.Admitted, reply(alice))
	assert.Equal(t, governor.Admitted, reply(bob))
	assert.Equal(t, governor.PairBusy, reply(alice), "ten in all")
	assert.Equal(t, governor.PairBusy, reply(bob))
}

func TestAWindowThatThePlatformClosedIsClosedForBothSpellings(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 10)
	require.NoError(t, l.store.CloseWindow(t.Context(), account, n1, bob, l.now)) // who has never written
	l.alias(bob, alice)
	ask := l.ask(n1, alice)
	ask.Kind = governor.Reply
	assert.Equal(t, governor.ReplyClosed, l.admit(ask).Outcome)
}

func TestWhatIsUnderWayFollowsAnAlias(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 10)
	first := l.sent(bob)
	second := l.committed(bob, "wamid.2")
	assert.NotEqual(t, first.Token, second.Token)
	l.alias(bob, alice)
	l.settle(governor.Settlement{Token: first.Token})
	assert.Equal(t, 1, l.used())
	l.failed("wamid.2")
	assert.Zero(t, l.used())
}

func TestAnAnswersSpellingIsAnAlias(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 10)
	ask := l.sent(bob)
	l.settle(governor.Settlement{Token: ask.Token, Sent: true, Stamp: l.now, Recipient: bob, Canonical: alice})
	l.sent(alice)
	assert.Equal(t, 1, l.used())
}

// However spellings turn out to belong together, and whatever is ended in
// between, those who were written to in the last day are never fewer in the
// ledger than they are.
func TestAliasesNeverUnderCount(t *testing.T) {
	t.Parallel()
	base := rand.Uint64N(1 << 40)
	for i := range uint64(100) {
		seed := base + i
		r := rand.New(rand.NewPCG(seed, 0))
		l := newLedger(t, 1<<30)
		const people, spellings = 5, 4
		spelling := func() (who, name int) { who = r.IntN(people); return who, who*spellings + r.IntN(spellings) }
		last := map[int]time.Time{} // when each person's last message may have gone out
		var open []func()
		for range 150 {
			l.after(time.Duration(r.Int64N(int64(2 * time.Hour))))
			switch who, name := spelling(); r.IntN(5) {
			case 0, 1:
				ask := l.sent(person(name))
				sent, earlier := l.now, last[who]
				last[who] = sent
				open = append(open, func() {
					if l.now.Sub(sent) > 40*time.Hour {
						return // nobody takes that long
					}
					end := governor.Settlement{Token: ask.Token, Sent: r.IntN(4) > 0, Stamp: l.now, Recipient: person(name)}
					if end.Sent && r.IntN(2) == 0 {
						end.Canonical = person(who*spellings + r.IntN(spellings))
					}
					l.settle(end)
					switch {
					case end.Sent:
						last[who] = l.now
					case last[who].Equal(sent):
						last[who] = earlier
					}
				})
			case 2:
				if len(open) > 0 {
					// In order, so that what comes back is what was before.
					open[len(open)-1]()
					open = open[:len(open)-1]
				}
			case 3:
				l.alias(person(name), person(who*spellings+r.IntN(spellings)))
			case 4:
				l.delivered(governor.DeliveryMark{MessageID: "wamid.x", Recipient: person(name), Sort: governor.SortNotification})
				last[who] = l.now
			}
			written := 0
			for _, at := range last {
				if l.now.Sub(at) < day {
					written++
				}
			}
			require.GreaterOrEqualf(t, l.used(), written, "seed %d", seed)
		}
	}
}
