package governor_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
)

// fields returns the paths of the fields that err complains about, in order.
func fields(t *testing.T, err error) []string {
	t.Helper()
	switch e := err.(type) { //nolint:errorlint // Walks the tree itself, to see each fault.
	case nil:
		return nil
	case *governor.FieldError:
		require.NotEmpty(t, e.Fault)
		return []string{e.Field}
	case interface{ Unwrap() []error }:
		var all []string
		for _, one := range e.Unwrap() {
			all = append(all, fields(t, one)...)
		}
		return all
	}
	return fields(t, errors.Unwrap(err))
}

func TestAMessageIsRefusedByTheNameOfEachWrongField(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 129)
	for _, c := range []struct {
		name string
		m    governor.Message
		want []string
	}{
		{"the zero message", governor.Message{}, []string{"From", "To"}},
		{"no sender", governor.Message{To: alice}, []string{"From"}},
		{"a sender with a plus", governor.Message{From: "+16505550000", To: alice}, []string{"From"}},
		{"a sender with a slash", governor.Message{From: "waba/1", To: alice}, []string{"From"}},
		{"a sender with a space", governor.Message{From: n1 + " ", To: alice}, []string{"From"}},
		{"a sender beyond ASCII", governor.Message{From: "１", To: alice}, []string{"From"}},
		{"a sender that is not UTF-8", governor.Message{From: "1\xff", To: alice}, []string{"From"}},
		{"a sender too long", governor.Message{From: long, To: alice}, []string{"From"}},
		{"no recipient", governor.Message{From: n1}, []string{"To"}},
		{"a reply to nobody", governor.Message{From: n1, Kind: governor.Reply}, []string{"To"}},
		{"half a recipient", governor.Message{From: n1, To: "650"}, []string{"To"}},
		{"a kind that is none", governor.Message{From: n1, To: alice, Kind: 3}, []string{"Kind"}},
		{"a category that is none", governor.Message{From: n1, To: alice, Category: 4}, []string{"Category"}},
		{"a template as a reply", governor.Message{From: n1, To: alice, Kind: governor.Reply, Template: "hello"}, []string{"Template"}},
		{"a Direct Send as a reply", governor.Message{From: n1, To: alice, Kind: governor.Reply, Category: governor.Utility}, []string{"Category"}},
		{"a template as a read receipt", governor.Message{From: n1, Kind: governor.ReadReceipt, Template: "hello"}, []string{"Template"}},
		{"a topic with a space", governor.Message{From: n1, To: alice, Topic: "my receipts"}, []string{"Topic"}},
		{"everything", governor.Message{From: long, To: "x", Kind: 9, Template: "t", Category: 9, Topic: "?"}, []string{"From", "Kind", "Category", "Template", "Topic", "To"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.m.Validate()
			require.ErrorIs(t, err, governor.ErrInvalid)
			assert.ElementsMatch(t, c.want, fields(t, err))

			b := newFixture(t, 1, nil)
			_, checkErr := b.gov.Check(t.Context(), c.m)
			require.EqualError(t, checkErr, err.Error())
			r, reserveErr := b.gov.Reserve(t.Context(), c.m)
			require.EqualError(t, reserveErr, err.Error())
			assert.Nil(t, r)
			assert.NotErrorIs(t, reserveErr, governor.ErrDenied)
			r, waitErr := b.gov.Wait(t.Context(), c.m)
			require.EqualError(t, waitErr, err.Error())
			assert.Nil(t, r)
			require.EqualError(t, b.gov.Do(t.Context(), c.m, nil), err.Error())
		})
	}
}

func TestAWellFormedMessagePasses(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 10, nil)
	for _, m := range []governor.Message{
		{From: n1, To: "+1 (650) 555-0001"},
		{From: n1, To: bsuid, Template: "hello", Language: "en_US", Category: governor.Utility, Topic: "receipts"},
		{From: n1, To: group, Category: governor.Authentication},
		{From: n1, To: alice, Kind: governor.Reply, Topic: "receipts"},
		{From: n1, Kind: governor.ReadReceipt},
		{From: n1, To: "anybody", Kind: governor.ReadReceipt},
	} {
		require.NoError(t, m.Validate())
		b.sent(m)
	}
}

func TestAMessageFromANumberThatNoAccountHasNamesItsField(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 1, nil)
	for _, kind := range []governor.Kind{governor.Notification, governor.Reply, governor.ReadReceipt} {
		m := governor.Message{From: "99", To: alice, Kind: kind}
		require.NoError(t, m.Validate(), "only a governor knows who has which number")
		_, err := b.gov.Reserve(t.Context(), m)
		require.ErrorIs(t, err, governor.ErrUnknownNumber)
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.NotErrorIs(t, err, governor.ErrDenied)
		assert.Equal(t, []string{"From"}, fields(t, err))
		assert.EqualError(t, err, "governor: From is a number that no account has")
		_, err = b.gov.Wait(t.Context(), m)
		require.ErrorIs(t, err, governor.ErrUnknownNumber)
		require.ErrorIs(t, b.gov.Do(t.Context(), m, nil), governor.ErrUnknownNumber)
	}
}

func TestSpellingsOfOnePersonTakeOneSlot(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 1, func(cfg *governor.Config) { cfg.AtLimit = governor.RefuseNew })
	for _, to := range []string{"16505550001", "+1 (650) 555-0001", "whatsapp:+16505550001", "\u202a0016505550001\u202c"} {
		b.sent(template(n1, to))
	}
	assert.Equal(t, 1, b.used())
	b.refused(template(n1, "+1 650 555 0002"), governor.ErrTierLimit)
	b.refused(template(n1, bsuid), governor.ErrTierLimit)
	b.refused(template(n1, "group:16505550001"), governor.ErrTierLimit)
}

func TestAMessageOfUnknownCategoryIsHeldBackByWhateverHoldsBackAny(t *testing.T) {
	t.Parallel()
	b := newFixture(t, 10, nil)
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{Type: quality.RestrictedDirectUtility, At: b.clock.Now()}})
	direct := governor.Message{From: n1, To: alice, Category: governor.Utility}
	b.refused(direct, governor.ErrRestricted)
	direct.Category = governor.Authentication
	b.sent(direct)
	direct.Category = governor.CategoryUnknown
	b.refused(direct, governor.ErrRestricted)
	b.sent(governor.Message{From: n1, To: alice, Template: "hello"})
	b.observe(governor.HealthReported{WABA: "waba", Report: quality.RestrictionReported{Type: quality.RestrictedUtility, At: b.clock.Now()}})
	b.refused(governor.Message{From: n1, To: alice, Template: "hello"}, governor.ErrRestricted)
	b.sent(template(n1, alice))
	b.sent(reply(n1, alice))
}

func TestCategoriesAreReadInThePlatformsWords(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]governor.Category{
		"marketing": governor.Marketing, "MARKETING": governor.Marketing, " Marketing\n": governor.Marketing, "marketing_lite": governor.Marketing,
		"utility": governor.Utility, "UTILITY": governor.Utility,
		"authentication": governor.Authentication, "authentication-international": governor.Authentication, "authentication_international": governor.Authentication,
		"": governor.CategoryUnknown, "service": governor.CategoryUnknown, "referral_conversion": governor.CategoryUnknown, "TRANSACTIONAL": governor.CategoryUnknown,
	} {
		assert.Equalf(t, want, governor.ParseCategory(word), "%q", word)
	}
}

func TestKindsAndCategoriesHaveNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "notification", governor.Notification.String())
	assert.Equal(t, "reply", governor.Reply.String())
	assert.Equal(t, "read receipt", governor.ReadReceipt.String())
	assert.Equal(t, "kind 7", governor.Kind(7).String())
	for _, c := range []governor.Category{governor.Marketing, governor.Utility, governor.Authentication} {
		assert.Equal(t, c, governor.ParseCategory(c.String()))
	}
	assert.Equal(t, "unknown", governor.CategoryUnknown.String())
	assert.Equal(t, "unknown", governor.Category(7).String())
}
