package statuspage_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// The cast. None of the IDs is anybody's.
const (
	healthy    = "506914307656634"
	flaggedID  = "506914307656635"
	restricted = "506914307656636"
	full       = "506914307656637"
	unlimited  = "506914307656638"
	fresh      = "506914307656639"
	n1         = "106540352242922"
	n2         = "106540352242923"
)

// errDown is a store that does not answer.
var errDown = errors.New("the store is down")

// fake is a source of hand-filled snapshots. It is safe for concurrent use.
type fake struct {
	// mu guards what follows.
	mu        sync.Mutex
	snapshots map[string]governor.Snapshot
	unlisted  []string
	plan      governor.Plan
	planned   []governor.Campaign
	err       error
}

func newFake(snapshots ...governor.Snapshot) *fake {
	f := &fake{snapshots: map[string]governor.Snapshot{}}
	for _, s := range snapshots {
		f.set(s)
	}
	return f
}

func (f *fake) set(s governor.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.snapshots[s.Account] = s
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fake) Accounts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id := range f.snapshots {
		if !slices.Contains(f.unlisted, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (f *fake) Snapshot(_ context.Context, account string) (governor.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, known := f.snapshots[account]
	switch {
	case account == "no account":
		return governor.Snapshot{}, &governor.FieldError{Field: "account", Fault: "has a character other than letters, digits and . _ - :"}
	case f.err != nil:
		return governor.Snapshot{Account: account, At: t0.Add(12 * time.Minute)}, f.err
	case !known:
		return governor.Snapshot{Account: account, At: t0, Tier: tier.Tier250, Free: 250, SlotFree: t0, Ladder: current}, nil
	}
	return s, nil
}

func (f *fake) Plan(_ context.Context, c governor.Campaign) (governor.Plan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planned = append(f.planned, c)
	return f.plan, f.err
}

var current = slices.Collect(tier.Current().Steps())

// everything is an account of each kind.
func everything() []governor.Snapshot {
	return []governor.Snapshot{aHealthy(), aFlagged(), aRestricted(), aFull(), anUnlimited(), aFresh()}
}

func aHealthy() governor.Snapshot {
	s := governor.Snapshot{
		Account: healthy, At: t0, Tier: tier.Tier2K, Reported: t0.Add(-3 * day), Used: 812, Free: 1188,
		NextFree: t0.Add(12 * time.Minute), SlotFree: t0, Health: quality.Connected,
		Ladder: current, Progress: tier.Since2025().Progress(tier.Tier2K, nil, t0),
		Curve:  curve(812),
		Shares: []governor.ShareSnapshot{{Category: governor.Marketing, Share: 0.5, Limit: 1000}, {Category: governor.Utility, Share: 0.9, Limit: 1800}},
		Days:   week(1),
		Store:  governor.StoreSnapshot{Latency: 740 * time.Microsecond},
		Numbers: []governor.NumberSnapshot{
			{
				ID: n1, WABA: "102290129340398", Health: quality.Connected, Rating: quality.High, Tier: tier.Tier2K, PerSecond: 80, SendsPerSecond: 80,
				ReportedAt: t0.Add(-3 * hour), History: []quality.Report{{Word: "CONNECTED", At: t0.Add(-40 * day)}, {Word: "MEDIUM", At: t0.Add(-30 * day)}, {Word: "HIGH", At: t0.Add(-12 * day)}, {Word: "HIGH", At: t0.Add(-3 * hour)}},
			},
			{ID: n2, WABA: "102290129340398", Health: quality.Connected, Rating: quality.Medium, Tier: tier.Tier250, PerSecond: 80, SendsPerSecond: 40, ReportedAt: t0.Add(-5 * hour)},
		},
		WABAs: []governor.WABASnapshot{aWABA()},
	}
	s.Progress.Have = 812
	return s
}

func aWABA() governor.WABASnapshot {
	return governor.WABASnapshot{
		ID: "102290129340398", Health: quality.Connected, Portfolio: healthy, Verification: "verified", Status: "APPROVED", Payment: "VISA", ReportedAt: t0.Add(-4 * hour),
		Templates: []governor.TemplateSnapshot{
			{Name: "order_update", Language: "en_US", Category: governor.Utility, Rating: quality.High, Status: "APPROVED"},
			{Name: "black_friday", Language: "en_US", Category: governor.Marketing, Rating: quality.Low, Status: "PAUSED", Held: true, Until: t0.Add(2*hour + 10*time.Minute)},
			{Name: "come_back", Language: "pt_BR", Category: governor.Marketing, Rating: quality.Low, Status: "APPROVED"},
			{Name: "refund", Language: "en_US", Category: governor.Utility, Status: "REJECTED", Held: true},
		},
	}
}

func aFlagged() governor.Snapshot {
	s := aHealthy()
	s.Account, s.Tier, s.Used, s.Free, s.Health = flaggedID, tier.Tier10K, 4310, 5690, quality.Flagged
	s.Curve, s.Progress = curve(4310), tier.Since2025().Progress(tier.Tier10K, nil, t0)
	s.Progress.Have = 4310
	s.Shares = []governor.ShareSnapshot{{Category: governor.Marketing, Share: 0}, {Category: governor.Utility, Share: 0.5, Limit: 5000}}
	s.Numbers = []governor.NumberSnapshot{{
		ID: n1, WABA: "102290129340398", Health: quality.Flagged, Rating: quality.Medium, Tier: tier.Tier10K, PerSecond: 80, SendsPerSecond: 80, ReportedAt: t0.Add(-20 * time.Minute),
		FlaggedSince: t0.Add(-4 * day), FlagEnds: t0.Add(4*day + 3*hour), Recovering: true, UpgradesFrom: t0.Add(11*day + 3*hour),
		History: []quality.Report{
			{Word: "HIGH", At: t0.Add(-30 * day)},
			{Word: "MEDIUM", At: t0.Add(-9 * day)},
			{Word: "LOW", At: t0.Add(-4 * day)},
			{Word: "FLAGGED", At: t0.Add(-4 * day)},
			{Word: "MEDIUM", At: t0.Add(-2*day - 21*hour)},
			{Word: "MEDIUM", At: t0.Add(-20 * time.Minute)},
		},
	}}
	return s
}

func aRestricted() governor.Snapshot {
	s := aHealthy()
	s.Account, s.Health, s.Leased = restricted, quality.Restricted, 120
	s.WABAs[0].Health = quality.Restricted
	s.WABAs[0].Restrictions = []quality.Restriction{
		{Type: quality.RestrictedBusinessMessaging, Until: t0.Add(2*day + 19*hour), Reported: t0.Add(-5 * hour)},
		{Type: quality.RestrictedAddingNumbers, Reported: t0.Add(-5 * hour)},
	}
	return s
}

func aFull() governor.Snapshot {
	s := aHealthy()
	s.Account, s.Tier, s.Used, s.Free, s.Health = full, tier.Tier250, 250, 0, quality.Restricted
	s.NextFree, s.SlotFree = t0.Add(12*time.Minute), t0.Add(12*time.Minute)
	s.Curve, s.Progress, s.Shares = curve(250), tier.Since2025().Progress(tier.Tier250, nil, t0), nil
	s.Progress.Have = 640
	s.Store = governor.StoreSnapshot{Latency: 14 * time.Millisecond, Failures: 3, LastFailure: t0.Add(-50 * time.Minute)}
	return s
}

func anUnlimited() governor.Snapshot {
	s := aHealthy()
	s.Account, s.Tier, s.Used, s.Free = unlimited, tier.Unlimited, 184_220, tier.Unlimited.Limit()-184_220
	s.Curve, s.Progress = curve(184_220), tier.Since2025().Progress(tier.Unlimited, nil, t0)
	s.Shares = nil
	return s
}

func aFresh() governor.Snapshot {
	return governor.Snapshot{
		Account: fresh, At: t0, Tier: tier.Tier250, Free: 250, SlotFree: t0, Ladder: current,
		Progress: tier.Since2025().Progress(tier.Tier250, nil, t0),
	}
}

// curve frees held slots as a morning's campaign and an afternoon's would.
func curve(held int) []governor.Release {
	var points []governor.Release
	for i := range 48 {
		at := 12*time.Minute + time.Duration(i)*4*time.Minute
		if i >= 24 {
			at = 17*hour + time.Duration(i-24)*14*time.Minute
		}
		points = append(points, governor.Release{At: t0.Add(at), Free: held * (i + 1) / 48})
	}
	return points
}

// week is seven days of talk, today last.
func week(scale int64) []governor.DaySnapshot {
	var days []governor.DaySnapshot
	incoming := []int64{124, 98, 143, 166, 71, 64, 112}
	for i, in := range incoming {
		d := governor.DaySnapshot{
			Day: t0.Truncate(day).AddDate(0, 0, i-6), Incoming: in * scale, Replies: in * scale * 8 / 10,
			Notifications: 700 * scale, Delivered: 690 * scale, Read: 511 * scale, Failed: 9 * scale, Peak: 800,
		}
		if i > 3 {
			d.FailedBy = map[int]int64{131049: 5 * scale, 131026: 3 * scale, 0: 1 * scale}
			d.Refused = map[governor.Reason]int64{governor.TierLimit: 41 * scale, governor.OptedOut: 6 * scale, governor.TemplateHeld: 2 * scale}
		}
		days = append(days, d)
	}
	return days
}
