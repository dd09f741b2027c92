package governor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// The pairs are the platform's: what one sends to, and the wa_id that it
// answers with. Source: the normalisation vectors of chatwoot's specs, and the
// send-messages page (2026-09-11): "the extra added prefix of the phone number
// may be modified by the Cloud API".
var spellings = []struct{ name, sent, known string }{
	{"a Brazilian mobile without its ninth digit", "+55 41 98888-7777", "554188887777"},
	{"a Brazilian mobile that got its ninth digit", "+55 11 8888-7777", "5511988887777"},
	{"a Mexican number without the old one", "+52 1 55 1234 5678", "525512345678"},
	{"a Mexican number with the old one", "+52 55 1234 5678", "5215512345678"},
	{"an Argentine number with its nine", "+54 11 1234-5678", "5491112345678"},
	{"a person known by a user ID", "+1 650 555 0001", "US.13491208655302741918"},
}

func TestWhatThePlatformAnswersMakesOnePersonOfTwoSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range spellings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 2, nil)
			m := template(n1, c.sent)
			require.NoError(t, f.gov.Do(t.Context(), m, func(context.Context) (governor.Receipt, error) {
				return governor.Receipt{MessageID: "wamid.1", Recipient: c.known}, nil
			}))
			assert.Equal(t, 1, f.used())

			// From now on either spelling is the same person, in every respect.
			f.sent(template(n1, c.known))
			assert.Equal(t, 1, f.used())
			f.observe(governor.Inbound{Number: n1, Customer: c.known, At: f.clock.Now()})
			assert.False(t, f.check(m).Counted)
			assert.False(t, f.check(template(n1, c.known)).Counted)
			f.observe(governor.ConsentRevoked{Number: n1, Recipient: c.sent, Topic: governor.TopicMarketing})
			f.refused(template(n1, c.known), governor.ErrUnwanted)
			f.refused(m, governor.ErrUnwanted)
		})
	}
}

func TestASlotEachBecomesOneWhenTwoSpellingsTurnOutToBeOnePerson(t *testing.T) {
	t.Parallel()
	for _, c := range spellings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 3, nil)
			t0 := f.clock.Now()
			f.sent(template(n1, c.sent))
			f.at(t0.Add(time.Hour))
			f.sent(template(n1, c.known))
			assert.Equal(t, 2, f.used(), "until it is known, two: that is too many and never too few")
			f.observe(governor.AliasLearned{Number: n1, Alias: c.sent, Canonical: c.known})
			f.observe(governor.AliasLearned{Number: n1, Alias: c.known, Canonical: c.sent})
			assert.Equal(t, 1, f.used())
			f.at(t0.Add(25*time.Hour - time.Millisecond))
			assert.Equal(t, 1, f.used(), "the later of the two stamps counts")
			f.at(t0.Add(25 * time.Hour))
			assert.Zero(t, f.used())
		})
	}
}

func TestPeopleWhoOnlyLookAlikeAreNeverMerged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, one, other string }{
		{"a Brazilian landline and the mobile that its digits would make", "554132345678", "5541932345678"},
		{"a Brazilian mobile with and without the ninth digit, before the platform said so", "5541988887777", "554188887777"},
		{"a Mexican number with and without the one, before the platform said so", "5215512345678", "525512345678"},
		{"an Italian number with and without its zero", "+39 06 1234567", "+39 6 1234567"},
		{"a user ID and the digits in it", "US.13491208655302", "+13491208655302"},
		{"two user IDs that differ in case", "US.abc", "US.ABC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 2, nil)
			f.sent(template(n1, c.one))
			f.sent(template(n1, c.other))
			assert.Equal(t, 2, f.used())
		})
	}
}

// A number without country code is completed by each sender's own: what is one
// person to one number may be another to the next.
func TestASpellingOfTwoPeopleCountsEachOfThem(t *testing.T) {
	t.Parallel()
	const local, american, indian = "4155550101", "14155550101", "914155550101"
	f := newFixture(t, 10, nil)
	send := func(from, to, known string) {
		require.NoError(t, f.gov.Do(t.Context(), template(from, to), func(context.Context) (governor.Receipt, error) {
			return governor.Receipt{Recipient: known}, nil
		}))
	}
	send(n1, local, american)
	assert.Equal(t, 1, f.used())
	send(n2, local, indian)
	assert.Equal(t, 2, f.used())
	send(n1, local, american)
	send(n2, local, indian)
	assert.Equal(t, 2, f.used())
	f.sent(template(n1, american))
	f.sent(template(n2, indian))
	assert.Equal(t, 2, f.used())
}

func TestASpellingThatIsAnsweredByItselfStandsForSomebodyElseNoMore(t *testing.T) {
	t.Parallel()
	const local, american = "4155550101", "14155550101"
	f := newFixture(t, 10, nil)
	for _, c := range []struct{ from, known string }{{n1, american}, {n2, local}, {n1, american}, {n2, local}} {
		require.NoError(t, f.gov.Do(t.Context(), template(c.from, local), func(context.Context) (governor.Receipt, error) {
			return governor.Receipt{Recipient: c.known}, nil
		}))
	}
	assert.Equal(t, 2, f.used())

	const user = "US.13491208655302741918"
	f.observe(governor.AliasLearned{Number: n1, Alias: user, Canonical: alice})
	for range 2 {
		require.NoError(t, f.gov.Do(t.Context(), template(n1, user), func(context.Context) (governor.Receipt, error) {
			return governor.Receipt{Recipient: user}, nil
		}))
	}
	f.sent(template(n1, alice))
	assert.Equal(t, 3, f.used(), "a user ID is answered by itself, and is its owner's number all the same")
}
