package statuspage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// read is the text of an account's page.
func read(t *testing.T, s governor.Snapshot) string {
	t.Helper()
	h := statuspage.NewHandler(newFake(s), statuspage.Config{})
	page := get(t, h, "/?account="+s.Account).Body.String()
	requireWellMade(t, page)
	return textOf(t, page)
}

// but is a snapshot with a change.
func but(s governor.Snapshot, change func(*governor.Snapshot)) governor.Snapshot {
	change(&s)
	return s
}

// of is an account with nothing but a health of its number or its WABA.
func of(h quality.Health, restrictions ...quality.Restriction) governor.Snapshot {
	return governor.Snapshot{
		Account: "a", At: t0, Tier: tier.Tier2K, Free: 2000, SlotFree: t0, Health: h, Ladder: current,
		Numbers: []governor.NumberSnapshot{{ID: n1, Health: h, Tier: tier.Tier2K, PerSecond: 80, SendsPerSecond: 80, ReportedAt: t0}},
		WABAs:   []governor.WABASnapshot{{ID: "w", Restrictions: restrictions, ReportedAt: t0}},
	}
}

func TestAHealthIsToldInWordsWithItsClock(t *testing.T) {
	t.Parallel()
	flagged := func(recovering bool, limit tier.Tier) governor.Snapshot {
		return but(of(quality.Flagged), func(s *governor.Snapshot) {
			n := &s.Numbers[0]
			n.Tier, n.FlaggedSince, n.FlagEnds, n.Recovering = limit, t0.Add(-day), t0.Add(4*day+3*hour), recovering
		})
	}
	until := t0.Add(2*day + 19*hour)
	for name, c := range map[string]struct {
		snapshot governor.Snapshot
		want     string
	}{
		"never heard of": {of(quality.Unreported), "The platform has said nothing of it yet."},
		"connected":      {of(quality.Connected), "Healthy: notifications pass within the limit, replies always."},
		"recovering":     {flagged(true, tier.Tier10K), "Flagged, 4 days 3 h left; recovers if the rating holds Medium or better. 29 Nov, 17:05 UTC"},
		"not recovering": {flagged(false, tier.Tier10K), "Flagged, 4 days 3 h left; unless the rating improves, the limit is expected to fall to 2,000."},
		"at the lowest":  {flagged(false, tier.Tier250), "Flagged, 4 days 3 h left; recovers once the rating has held Medium or better for seven days."},
		"without clock":  {of(quality.Flagged), "Flagged: quality fell to Low. Everything passes, and the limit does not rise."},
		"restricted": {
			of(quality.Restricted, quality.Restriction{Type: quality.RestrictedBusinessMessaging, Until: until}),
			"The platform holds back notifications for 2 days 19 h; that ends by itself. Replies pass. 28 Nov, 09:05 UTC",
		},
		"restricted until the last ends": {
			of(quality.Restricted, quality.Restriction{Type: quality.SpamRateLimit, Until: t0.Add(hour)}, quality.Restriction{Type: quality.RestrictedBusinessMessaging, Until: until}),
			"for 2 days 19 h; that ends by itself",
		},
		"restricted without end": {
			of(quality.Restricted, quality.Restriction{Type: quality.AccountLocked}, quality.Restriction{Type: quality.RestrictedBusinessMessaging, Until: until}),
			"The platform holds back notifications until it says otherwise. Replies pass.",
		},
		"restricted by a word": {of(quality.Restricted), "The platform holds back notifications until it says otherwise. Replies pass."},
		"replies too": {
			of(quality.Restricted, quality.Restriction{Type: quality.RestrictedCustomerMessaging, Until: until}, quality.Restriction{Type: quality.RestrictedUserCalling}),
			"The platform holds back notifications and replies for 2 days 19 h; that ends by itself.",
		},
		"pending": {of(quality.Pending), "The platform is reviewing it: neither notifications nor replies pass."},
		"offline": {of(quality.Offline), "Not registered: neither notifications nor replies pass."},
		"banned":  {of(quality.Banned), "Banned by the platform: neither notifications nor replies pass."},
		"unheard": {of(quality.Health(99)), "Its state is not one that this page knows."},
		"full":    {aFull(), "The limit is used up: the next slot frees in 12 min. Replies pass. 25 Nov, 14:17 UTC"},
		"full for good": {
			but(aFull(), func(s *governor.Snapshot) { s.SlotFree = time.Time{} }),
			"The limit is used up, and no time is known at which a slot frees.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, read(t, c.snapshot), c.want)
		})
	}
}

func TestAnAccountsPageTellsAllThatItsSnapshotKnows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		snapshot governor.Snapshot
		want     []string
		not      []string
	}{
		"healthy": {aHealthy(), []string{
			"Slots used 812 of 2,000 41 % of the limit", "Slots free 1,188 new people can be written to now",
			"Messaging limit 2,000 people in 24 h told by the platform 3 days ago", "Last heard 3 h ago of its health or limit, 25 Nov, 11:05 UTC",
			"Marketing 50 % 188 left of 1,000", "Utility 90 % 988 left of 1,800",
			"1,188 of 2,000 slots are free now; if nothing more is sent, 1,594 in 12 h and 2,000 in 24 h.",
			"250 2,000 now 10,000 next 100,000 Unlimited", "Towards 10,000: 812 of 1,000 people in 7 days.", "At most 188 more: of the days so far the busiest is counted",
			"106540352242922 Connected Rating High Speed 80 messages/s WABA 102290129340398 Last heard 3 h ago,",
			"Rated High since 13 Nov, 14:05 UTC (12 days ago) Rated Medium since 26 Oct, 14:05 UTC (30 days ago)",
			"40 messages/s of 80, since the platform found it too fast Own limit 250",
			"Verification Verified Account status Approved Payment Visa Portfolio 506914307656634",
			"2 of 4 templates can be sent", "black_friday en_US Paused until 25 Nov, 16:15 UTC (in 2 h 10 min)", "come_back pt_BR Sendable, but disliked", "refund en_US Rejected",
			"Incoming chats 778", "Our replies 619 80 % of incoming", "Read 74 % of 4,830 delivered", "Failed 63 1 % of messages", "Wed 25 112 89 700 74 % 9",
			"131049 The recipient has had enough marketing", "No code told The platform gave no reason",
			"Limit used up Send again when a slot frees, or spread the sends. 41 123", "Template held", "Answers in Under 1 ms", "Failures 0",
		}, []string{"set aside", "order_update"}},
		"flagged": {aFlagged(), []string{
			"Marketing None held back", "May rise Not before 6 Dec, 17:05 UTC (in 11 days 3 h)",
			"Number 106540352242922 was flagged, so it does not rise before 6 Dec, 17:05 UTC", "Before that",
			"Rated Medium since 22 Nov, 17:05 UTC (2 days 21 h ago) Flagged since 21 Nov, 14:05 UTC (4 days ago) Rated Low since",
		}, nil},
		"restricted": {aRestricted(), []string{
			"120 slots are set aside.", "812 of 2,000 slots used, 120 of them set aside", "Slots free 1,188 but notifications are held back",
			"RESTRICTED_BIZ_INITIATED_MESSAGING Notifications are held back; replies pass. Until 28 Nov, 09:05 UTC (in 2 days 19 h).",
			"RESTRICTED_ADD_PHONE_NUMBER_ACTION No phone number can be added. Messages pass. It has no end of its own.",
		}, nil},
		"full": {aFull(), []string{
			"Slots free 0 the next frees 25 Nov, 14:17 UTC, in 12 min", "Towards 2,000: 640 of 2,000 people in 30 days.", "Verifying the business does it too.",
			"Answers in 14 ms", "Failures 3, the last 25 Nov, 13:15 UTC (50 min ago)",
		}, nil},
		"unlimited": {anUnlimited(), []string{
			"Reached in 24 h 184,220 different people", "Slots free All", "184,220 people in 24 h, no limit.", "There is no limit, so no slot has to free.", "There is no higher step.",
		}, []string{"2147483647", "2,147,483,647"}},
		"fresh": {aFresh(), []string{
			"Nothing has been heard of its health or limit.", "assumed: the platform has not told it", "Last heard Never", "No slot is held: all 250 are free.",
			"Nothing was heard or sent in these days.", "Nothing in the last seven days.", "The platform has told of none",
		}, nil},
		"cold": {but(aFull(), func(s *governor.Snapshot) { s.ColdUntil = t0.Add(20 * hour) }), []string{
			"The ledger began empty. The limit is taken as used up until 26 Nov, 10:05 UTC, in 20 h",
		}, nil},
		"silent": {but(aHealthy(), func(s *governor.Snapshot) { s.At = t0.Add(3 * day) }), []string{
			"Nothing has been heard of its health or limit for 3 days 3 h. The poller, or the platform’s webhooks, may have stopped.",
		}, nil},
		"lowered": {but(aFull(), func(s *governor.Snapshot) { s.Used = 400 }), []string{
			"More is used than the limit allows.", "400 of 250 slots used", "160 % of the limit",
		}, nil},
		"a limit between two steps": {but(aHealthy(), func(s *governor.Snapshot) { s.Tier, s.Free = 1500, 688 }), []string{
			"250 1,500 now 2,000 10,000", "812 of 1,500 slots used",
		}, nil},
		"a share that is full": {but(aHealthy(), func(s *governor.Snapshot) { s.Used = 1100 }), []string{"Marketing 50 % held back: 1,100 used, 1,000 is its share"}, nil},
		"enough": {but(aHealthy(), func(s *governor.Snapshot) { s.Progress.Have = 1200 }), []string{
			"1,200 of 1,000 people in 7 days. Enough: if quality holds, the platform raises the limit within 6 h.",
		}, nil},
		"a word that nobody knows": {but(aHealthy(), func(s *governor.Snapshot) {
			s.Numbers = []governor.NumberSnapshot{{ID: n1, Unknown: quality.UnknownWords{Count: 2, Field: "status", Word: "<FOO>"}}}
		}), []string{"The platform used a word that nobody knows. In status of number 106540352242922: “<FOO>”. It was taken as unsafe."}, nil},
		"a number at rest": {but(aHealthy(), func(s *governor.Snapshot) { s.Numbers[0].RestsUntil = t0.Add(30 * time.Second) }), []string{
			"Rests The platform asked it to wait, 25 Nov, 14:05 UTC (in 1 min)",
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t, c.snapshot)
			for _, want := range c.want {
				assert.Contains(t, text, want)
			}
			for _, not := range c.not {
				assert.NotContains(t, text, not)
			}
		})
	}
}

func TestEveryRestrictionAndEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	types := []quality.RestrictionType{
		quality.RestrictedBusinessMessaging, quality.RestrictedCustomerMessaging, quality.RestrictedUtility, quality.RestrictedDirectUtility,
		quality.RateLimitedUtility, quality.RestrictedAddingNumbers, quality.RestrictedCalling, quality.SpamRateLimit,
		quality.TemplateClassificationLimit, quality.AccountLocked, quality.PaymentIssue, quality.HealthBlocked, "A_NEW_ONE",
	}
	seen := map[string]bool{}
	for _, typ := range types {
		text := statuspage.Restriction(typ)
		assert.False(t, seen[text], "%s is told as another is", typ)
		seen[text] = true
		if blocks := typ.Blocks(); blocks == 0 {
			assert.Contains(t, text, "Messages pass")
		}
	}
	for r := governor.TierLimit; !strings.HasPrefix(r.String(), "reason_"); r++ {
		title, advice := statuspage.Refusal(r)
		assert.NotEmpty(t, advice, r)
		assert.False(t, seen[title], r)
		seen[title] = true
	}
}

func TestTheCurveIsDrawnAsItsTableSays(t *testing.T) {
	t.Parallel()
	s := but(aFull(), func(s *governor.Snapshot) {
		s.Curve = []governor.Release{{At: t0.Add(6 * hour), Free: 50}, {At: t0.Add(12 * hour), Free: 150}, {At: t0.Add(30 * hour), Free: 250}}
	})
	page := get(t, statuspage.NewHandler(newFake(s), statuspage.Config{}), "/?account="+full).Body.String()
	var paths []string
	for _, p := range named(elements(t, page), "path") {
		if p.attrs["class"] == "line" {
			paths = append(paths, p.attrs["d"])
		}
	}
	require.Equal(t, []string{"M0 400H360V320H720V160H1440"}, paths)
	text := textOf(t, page)
	for _, row := range []string{"14:05 UTC (just now) 0", "20:05 UTC (in 6 h) 50", "23:05 UTC (in 9 h) 50", "26 Nov, 02:05 UTC (in 12 h) 150", "26 Nov, 14:05 UTC (in 1 day) 150"} {
		assert.Contains(t, text, row)
	}
	assert.Contains(t, text, "0 of 250 slots are free now; if nothing more is sent, 150 in 12 h and 150 in 24 h.")
}
