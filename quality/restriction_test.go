package quality_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

func TestEachRestrictionTypeBlocksWhatThePlatformSays(t *testing.T) {
	t.Parallel()
	everything := quality.Notifications | quality.Replies
	tests := []struct {
		is     quality.RestrictionType
		blocks quality.Use
		health quality.Health
	}{
		{"RESTRICTED_BIZ_INITIATED_MESSAGING", quality.Notifications, quality.Restricted},
		{"RESTRICTED_CUSTOMER_INITIATED_MESSAGING", everything, quality.Restricted},
		{"RESTRICTED_ADD_PHONE_NUMBER_ACTION", 0, quality.Connected},
		{"RESTRICTED_UTILITY_TEMPLATES", quality.Utility, quality.Connected},
		{"RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES", quality.DirectUtility, quality.Connected},
		{"RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING", quality.Utility | quality.DirectUtility, quality.Connected},
		{"RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING", 0, quality.Connected},
		{"RESTRICTED_BUSINESS_INITIATED_CALLING", 0, quality.Connected},
		{"RESTRICTED_USER_INITIATED_CALLING", 0, quality.Connected},
		{"RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN", 0, quality.Connected},
		{quality.SpamRateLimit, quality.Notifications, quality.Restricted},
		{quality.TemplateClassificationLimit, quality.Utility | quality.DirectUtility, quality.Connected},
		{quality.AccountLocked, quality.Notifications, quality.Restricted},
		{quality.HealthBlocked, quality.Notifications, quality.Restricted},
		{quality.PaymentIssue, quality.Notifications, quality.Restricted},
		{"RESTRICTED_SOMETHING_NEW", quality.Notifications, quality.Restricted},
		{"", quality.Notifications, quality.Restricted},
	}
	for _, test := range tests {
		t.Run(string(test.is), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.blocks, test.is.Blocks())
			s := after(t0, quality.RestrictionReported{Type: " " + test.is + "\n"})
			require.Equal(t, test.health, s.Health(t0))
			for _, u := range uses {
				want := u & test.blocks
				if u == 0 || u > everything {
					want = test.blocks // of unknown purpose: blocked by whatever blocks any
				}
				block, blocked := s.Blocked(u, t0)
				require.Equal(t, want != 0, blocked, "use %05b", u)
				if blocked {
					require.Equal(t, quality.Block{Health: quality.Restricted, Type: test.is}, block)
				}
			}
		})
	}
}

func TestARestrictionLapsesByItselfAtItsEnd(t *testing.T) { // vector B9
	t.Parallel()
	until := t0.Add(3 * day)
	biz := quality.Restriction{Type: quality.RestrictedBusinessMessaging, Until: until, Reported: t0}
	s := walk(t, []step{
		{t0, quality.RestrictionReported{Type: biz.Type, Until: until}, quality.Restricted, []quality.Effect{
			quality.RestrictionAdded{Restriction: biz, At: t0},
			quality.HealthChanged{From: quality.Unreported, To: quality.Restricted, At: t0},
		}},
		{until.Add(-shortly), quality.Tick{}, quality.Restricted, nil},
		{until.Add(day), quality.Tick{}, quality.Connected, []quality.Effect{
			quality.RestrictionLapsed{Restriction: biz, At: until},
			quality.HealthChanged{From: quality.Restricted, To: quality.Connected, At: until},
		}},
	})
	for _, step := range []struct {
		at      time.Time
		use     quality.Use
		blocked bool
	}{
		{t0, quality.Marketing, true},
		{t0, quality.Replies, false},
		{until.Add(-shortly), quality.Authentication, true},
		{until.Add(-shortly), quality.Replies, false},
		{until, quality.Marketing, false},
		{until, quality.Replies, false},
	} {
		block, blocked := s.Blocked(step.use, step.at)
		require.Equal(t, step.blocked, blocked)
		if blocked {
			require.Equal(t, quality.Block{Health: quality.Restricted, Type: biz.Type, Until: until}, block)
		}
	}
}

func TestCustomerMessagingRestrictionBlocksReplies(t *testing.T) { // vector B10
	t.Parallel()
	until := t0.Add(day)
	s := after(t0,
		quality.RestrictionReported{Type: quality.RestrictedAddingNumbers, Until: until},
		quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: until},
		quality.RestrictionReported{Type: quality.RestrictedCustomerMessaging, Until: until},
	)
	block, blocked := s.Blocked(quality.Replies, t0)
	require.True(t, blocked)
	require.Equal(t, quality.RestrictedCustomerMessaging, block.Type)
	_, blocked = s.Blocked(quality.Replies, until)
	require.False(t, blocked)
}

func TestARecoveryWithoutRestrictionInfoRestrictsNothing(t *testing.T) { // vector B11
	t.Parallel()
	s := after(t0, quality.RestrictionLifted{Type: quality.RestrictedUtility})
	_, blocked := s.Blocked(quality.Notifications, t0)
	require.False(t, blocked)
	require.Equal(t, quality.Connected, s.Health(t0))

	utility := quality.Restriction{Type: quality.RestrictedUtility, Until: t0.Add(week), Reported: t0.Add(hour)}
	s, _ = quality.Next(s, quality.RestrictionReported{Type: utility.Type, Until: utility.Until}, t0.Add(hour))
	s, effects := quality.Next(s, quality.RestrictionLifted{Type: utility.Type}, t0.Add(day))
	require.Equal(t, []quality.Effect{quality.RestrictionRemoved{Restriction: utility, At: t0.Add(day)}}, effects)
	_, blocked = s.Blocked(quality.Utility, t0.Add(day))
	require.False(t, blocked)
}

func TestTheNewestReportOfATypeDecides(t *testing.T) {
	t.Parallel()
	report := func(until, at time.Duration) quality.Event {
		return quality.RestrictionReported{Type: quality.SpamRateLimit, Until: t0.Add(until), At: t0.Add(at)}
	}
	lift := func(at time.Duration) quality.Event {
		return quality.RestrictionLifted{Type: quality.SpamRateLimit, At: t0.Add(at)}
	}
	forever := quality.RestrictionReported{Type: quality.SpamRateLimit, At: t0}
	all := quality.AllRestrictionsLifted{At: t0.Add(hour)}
	tests := []struct {
		name    string
		events  []quality.Event
		blocked bool
		until   time.Duration
	}{
		{"longer", []quality.Event{report(2*day, 0), report(3*day, hour)}, true, 3 * day},
		{"shorter", []quality.Event{report(3*day, 0), report(2*day, hour)}, true, 2 * day},
		{"shortened into the past", []quality.Event{report(3*day, 0), report(2*hour, hour)}, false, 0},
		{"older", []quality.Event{report(2*day, hour), report(3*day, 0)}, true, 2 * day},
		{"same time, later end", []quality.Event{report(3*day, 0), report(2*day, 0)}, true, 3 * day},
		{"same time, no end", []quality.Event{report(3*day, 0), forever}, true, 0},
		{"lifted", []quality.Event{report(3*day, 0), lift(hour)}, false, 0},
		{"lifted before", []quality.Event{lift(0), report(3*day, hour)}, true, 3 * day},
		{"lifted at once", []quality.Event{report(3*day, hour), lift(hour)}, true, 3 * day},
		{"all lifted", []quality.Event{report(3*day, 0), all}, false, 0},
		{"all lifted before", []quality.Event{all, report(3*day, 2*hour)}, true, 3 * day},
		{"all lifted at once", []quality.Event{all, report(3*day, hour)}, true, 3 * day},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := t0.Add(day)
			for _, events := range [][]quality.Event{test.events, {test.events[1], test.events[0]}} {
				block, blocked := after(now, events...).Blocked(quality.Marketing, now)
				require.Equal(t, test.blocked, blocked)
				if test.until != 0 {
					require.Equal(t, t0.Add(test.until), block.Until)
				}
			}
		})
	}
}

func TestOfSeveralBlocksTheOneThatEndsLastIsShown(t *testing.T) {
	t.Parallel()
	s := after(t0,
		quality.RestrictionReported{Type: quality.RestrictedBusinessMessaging, Until: t0.Add(3 * day)},
		quality.RestrictionReported{Type: quality.RestrictedUtility, Until: t0.Add(5 * day)},
		quality.RestrictionReported{Type: quality.RestrictedCustomerMessaging, Until: t0.Add(2 * day)},
	)
	for u, want := range map[quality.Use]quality.RestrictionType{
		quality.Replies:                     quality.RestrictedCustomerMessaging,
		quality.Marketing:                   quality.RestrictedBusinessMessaging,
		quality.Utility:                     quality.RestrictedUtility,
		quality.Marketing | quality.Utility: quality.RestrictedUtility,
	} {
		block, _ := s.Blocked(u, t0)
		require.Equal(t, want, block.Type)
	}

	s = after(t0, quality.RestrictionReported{Type: quality.SpamRateLimit}, status("RESTRICTED"), status("FOO"), quality.ReviewReported{Decision: "PENDING"})
	block, _ := s.Blocked(quality.Marketing, t0)
	require.Equal(t, quality.Block{Health: quality.Pending, Word: "PENDING"}, block, "no end known: the worst of them")

	for _, tt := range []struct {
		events []quality.Event
		word   string
	}{
		{[]quality.Event{status("OFFLINE"), quality.BanReported{State: "DISABLE"}, quality.ReviewReported{Decision: "PENDING"}}, "DISABLE"},
		{[]quality.Event{status("BANNED"), quality.ReviewReported{Decision: "PENDING"}}, "BANNED"},
		{[]quality.Event{status("PENDING"), quality.BanReported{State: "FOO"}}, "PENDING"},
	} {
		block, _ := after(t0, tt.events...).Blocked(quality.Marketing, t0)
		require.Equal(t, tt.word, block.Word)
	}

	soon, late := quality.Block{Health: quality.Banned, Until: t0}, quality.Block{Health: quality.Restricted, Until: t0.Add(1)}
	never := quality.Block{Health: quality.Restricted}
	require.True(t, late.Outlasts(soon))
	require.True(t, never.Outlasts(late))
	require.False(t, late.Outlasts(never))
	require.False(t, never.Outlasts(never))
}

func TestTooManyUnknownTypesBlockNoLess(t *testing.T) {
	t.Parallel()
	var s quality.State
	s, _ = quality.Next(s, quality.RestrictionReported{Type: quality.SpamRateLimit, Until: t0.Add(2 * hour)}, t0)
	for i := range 100 {
		until := t0.Add(time.Duration(i*37%100+1) * day)
		s, _ = quality.Next(s, quality.RestrictionReported{Type: quality.RestrictionType(fmt.Sprint("NEW_", i)), Until: until}, t0)
	}
	require.Len(t, s.Restrictions, 17)
	block, blocked := s.Blocked(quality.Marketing, t0)
	require.True(t, blocked)
	require.Equal(t, t0.Add(100*day), block.Until)
	_, blocked = s.Blocked(quality.Replies, t0)
	require.False(t, blocked)
	require.Equal(t, quality.SpamRateLimit, s.Restrictions[16].Type, "known types stay")
}
