package storetest

import (
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// peopleTests are random histories of people with many spellings.
var peopleTests = []test{
	// However spellings turn out to belong together, and whatever is ended in
	// between, those who were written to in the last day are never fewer in the
	// ledger than they are.
	{name: "aliases never under-count", run: func(l *ledger) {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		l.limit = 1 << 30
		const people, spellings = 5, 4
		spelling := func() (who, name int) { who = r.IntN(people); return who, who*spellings + r.IntN(spellings) }
		last := map[int]time.Time{} // when each person's last message may have gone out
		var open []func()
		for range 150 {
			l.after(time.Duration(r.Int64N(int64(2 * time.Hour))))
			switch who, name := spelling(); r.IntN(5) {
			case 0, 1:
				a := l.sent(person(name))
				sent, earlier := l.now, last[who]
				last[who] = sent
				open = append(open, func() {
					if l.now.Sub(sent) > 40*time.Hour {
						return // nobody takes that long
					}
					end := governor.Settlement{Token: a.Token, Sent: r.IntN(4) > 0, Stamp: l.now, Recipient: person(name)}
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
			require.GreaterOrEqual(l.t, l.used(), written, "seed %d", seed)
		}
	}},
}
