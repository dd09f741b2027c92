package storetest

import (
	"context"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

var closeTests = []test{
	{name: "after close every verb is refused, and close can be called again", run: func(l *ledger) {
		l.sent(alice)
		require.NoError(l.t, l.store.Close())
		require.NoError(l.t, l.store.Close())
		for verb, err := range l.everyVerb(l.t.Context()) {
			assert.Error(l.t, err, verb)
		}
		require.NoError(l.t, l.store.Close())
	}},
	{name: "a context that has ended is honoured and nothing is applied", run: func(l *ledger) {
		ctx, cancel := context.WithCancel(l.t.Context())
		cancel()
		for verb, err := range l.everyVerb(ctx) {
			require.ErrorIs(l.t, err, context.Canceled, verb)
		}
		assert.Zero(l.t, l.used())
		assert.Empty(l.t, l.wishes(alice))
		assert.Zero(l.t, l.load())
		assert.Empty(l.t, l.tallies())
		l.spared(false, n1, alice)
		l.outcome(l.reply(n1, bob), governor.Admitted)
	}},
	{name: "verbs on an empty account answer that there is nothing", run: func(l *ledger) {
		for verb, err := range l.everyVerb(l.t.Context()) {
			assert.NoError(l.t, err, verb)
		}
	}},
	{name: "accounts know nothing of each other", run: accountsAreApart},
}

// everyVerb calls each verb once and returns its error.
func (l *ledger) everyVerb(ctx context.Context) map[string]error {
	s := l.store
	errs := map[string]error{
		"Settle":      s.Settle(ctx, governor.Settlement{Account: account, Now: l.now}),
		"Inbound":     s.Inbound(ctx, governor.InboundMark{Account: account, Number: n1, Customer: alice, At: l.now, Now: l.now}),
		"Delivery":    s.Delivery(ctx, governor.DeliveryMark{Account: account, Number: n1, MessageID: "wamid.x", At: l.now, Stamp: l.now, Now: l.now}),
		"Consent":     s.Consent(ctx, governor.ConsentMark{Account: account, Recipient: alice, Topic: "x", At: l.now, Now: l.now}),
		"CloseWindow": s.CloseWindow(ctx, account, n1, bob, l.now),
		"Alias":       s.Alias(ctx, account, alice, bob, l.now),
		"Tally":       s.Tally(ctx, governor.TallyMark{Account: account, At: l.now, Now: l.now, Counts: map[string]int64{"sent": 1}}),
	}
	_, errs["Admit"] = s.Admit(ctx, l.ask(n1, carol))
	_, errs["Consents"] = s.Consents(ctx, account, alice, l.now)
	_, errs["Usage"] = s.Usage(ctx, governor.UsageAsk{Account: account, Limit: 1, Now: l.now})
	_, errs["Tallies"] = s.Tallies(ctx, account, l.now)
	_, errs["LoadState"] = s.LoadState(ctx, account)
	_, _, errs["SaveState"] = s.SaveState(ctx, account, governor.State{})
	return errs
}
