package governor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

func about(topic string) governor.Message {
	m := template(n1, alice)
	m.Category, m.Topic = governor.Utility, topic
	return m
}

func TestWhoOptedOutOfATopicGetsNothingAboutItAndEverythingElse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: "+1 (650) 555-0001", Topic: "receipts", At: f.clock.Now()})
	f.refused(about("receipts"), governor.ErrUnwanted)
	f.sent(about("account-updates"))
	f.sent(about(""))
	f.sent(reply(n1, alice))
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicAll, At: f.clock.Now()})
	f.refused(about("account-updates"), governor.ErrUnwanted)
	f.refused(template(n1, alice), governor.ErrUnwanted)
	f.sent(reply(n1, alice))
	f.sent(template(n1, bob))
}

func TestAnOlderWordNeverUndoesANewerOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	f.at(t0.Add(time.Hour))
	out := governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0.Add(time.Minute)}
	in := governor.ConsentGiven{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0}
	f.observe(out, in)
	f.refused(template(n1, alice), governor.ErrUnwanted)
	in.At = out.At
	f.observe(in)
	f.refused(template(n1, alice), governor.ErrUnwanted)
	in.At = out.At.Add(time.Second)
	f.observe(in, out)
	f.sent(template(n1, alice))
}

func TestWithRequireOptInOnlyWhoAskedIsWrittenTo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, func(cfg *governor.Config) { cfg.RequireOptIn = true })
	assert.Equal(t, governor.NotOptedIn, f.refused(about("receipts"), governor.ErrUnwanted).Reason)
	f.observe(governor.ConsentGiven{Account: account, Recipient: alice, Topic: "receipts", At: f.clock.Now()})
	f.sent(about("receipts"))
	f.refused(about("account-updates"), governor.ErrUnwanted)
	f.refused(template(n1, alice), governor.ErrUnwanted)
	f.sent(reply(n1, bob))
}

func TestACooldownEndsByItselfAndLeavesTheOptInStanding(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, func(cfg *governor.Config) { cfg.RequireOptIn = true })
	t0 := f.clock.Now()
	f.observe(
		governor.ConsentGiven{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0},
		governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0, Until: t0.Add(day)},
		governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0, Until: t0.Add(time.Hour)},
	)
	d := f.refused(template(n1, alice), governor.ErrUnwanted)
	assert.Equal(t, t0.Add(day), d.RetryAt.UTC(), "a shorter one does not shorten it")
	known, err := f.gov.Consents(t.Context(), account, alice)
	require.NoError(t, err)
	require.Equal(t, []governor.Consent{{Topic: governor.TopicMarketing, Granted: true, At: t0, RestsUntil: t0.Add(day)}}, known)
	f.at(t0.Add(day))
	f.sent(template(n1, alice))
}

func TestAnUnknownCategoryMayBeMarketing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: f.clock.Now()})
	m := template(n1, alice)
	m.Category = governor.CategoryUnknown
	f.refused(m, governor.ErrUnwanted)
	f.observe(governor.TemplateReported{WABA: "waba", Name: m.Template, Category: governor.Utility})
	f.sent(m)
}

func TestTheWishesOfTwoSpellingsBecomeOnePersons(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	const long, short = "5541988887777", "554188887777"
	f.observe(
		governor.ConsentRevoked{Number: n1, Recipient: long, Topic: governor.TopicMarketing, At: f.clock.Now()},
		governor.AliasLearned{Number: n1, Alias: long, Canonical: short},
	)
	f.refused(template(n1, short), governor.ErrUnwanted)
	f.refused(template(n1, long), governor.ErrUnwanted)
}

func TestConsentNamesWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	for _, c := range []struct {
		event governor.Event
		field string
	}{
		{governor.ConsentGiven{Number: n1, Recipient: alice}, "Topic is empty"},
		{governor.ConsentGiven{Number: n1, Recipient: alice, Topic: "a b"}, "Topic has a character"},
		{governor.ConsentGiven{Number: n1, Recipient: "12", Topic: "x"}, "Recipient has 2 digits"},
		{governor.ConsentRevoked{Recipient: alice, Topic: "x"}, "Number is empty"},
		{governor.ConsentRevoked{Account: "a/b", Recipient: alice, Topic: "x"}, "Account has a character"},
	} {
		err := f.gov.Observe(t.Context(), c.event)
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.ErrorContains(t, err, c.field)
	}
	_, err := f.gov.Consents(t.Context(), "", "12")
	require.ErrorIs(t, err, governor.ErrInvalid)
	assert.ErrorContains(t, err, "account is empty")
	assert.ErrorContains(t, err, "recipient has 2 digits")
}
