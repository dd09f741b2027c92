package governor

import (
	"slices"
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// A Snapshot is where an account stands. It holds no recipient.
type Snapshot struct {
	Account string
	// At is when it was taken.
	At time.Time
	// Tier is the account's limit, tier.Unlimited if there is none. Reported
	// is when the platform told it; zero: it has not, and Tier is what the
	// Config says.
	Tier     tier.Tier
	Reported time.Time
	// Used and Free are the slots held and the slots left.
	Used, Free int
	// NextFree is when the next slot frees if nothing more is sent. Zero: none
	// is held.
	NextFree time.Time
	// SlotFree is when a slot can be taken if nothing more is sent: At while
	// Free is positive, and later than NextFree where more are held than a
	// lowered limit allows, or ColdUntil.
	SlotFree time.Time
	// Health is the worst of the numbers' and WABAs', and Restricted while no
	// slot is free.
	Health quality.Health
	// Numbers and WABAs are those that the platform, or the Config, has told
	// of, by ID. A number that has only sent is not among them.
	Numbers []NumberSnapshot
	WABAs   []WABASnapshot
	// Ladder is the limits that the platform steps through, lowest first.
	Ladder []tier.Tier
	// Progress is how far the account has come towards the next step, by
	// tier.Since2025 on the current ladder and by tier.Since2022 on the legacy
	// one. Have is the most people who were seen to hold a slot on any one day
	// within its Span: a lower bound, for others may have been reached on other
	// days; but for slots that other governors have leased, which look like
	// people. FallsAt is not known, and zero.
	Progress tier.Progress
	// Curve is how the slots held now free if nothing more is sent, at up to
	// CurvePoints points.
	Curve []Release
	// Shares are what each category may fill of the limit, for categories that
	// may not fill all of it.
	Shares []ShareSnapshot
	// Leased is how many of the used slots this governor has set aside for
	// notifications while its store does not answer.
	Leased int
	// ColdUntil is until when the limit is taken as used up because the ledger
	// began empty; see Config.ColdStart. Zero: it is not.
	ColdUntil time.Time
	// Days are what happened on the last days that anything did, today last.
	Days []DaySnapshot
	// Store is how the store answers this governor.
	Store StoreSnapshot
}

// CurvePoints is how many points the curve of a [Snapshot] has at most.
const CurvePoints = 96

// A ShareSnapshot is what one category may fill of the limit.
type ShareSnapshot struct {
	Category Category
	// Share is from 0 to 1, Limit the slots that it comes to: the category is
	// refused while as many are used, by whichever category.
	Share float64
	Limit int
}

// A DaySnapshot is what happened on one day. Counts of messages come from all
// who share the store.
type DaySnapshot struct {
	// Day is its midnight, UTC.
	Day time.Time
	// Incoming is the customers' messages and calls, Replies and Notifications
	// what was let through.
	Incoming, Replies, Notifications int64
	// Delivered, Read and Failed are what the platform told of messages, Failed
	// by its error code in FailedBy. A message that is read is delivered too.
	Delivered, Read, Failed int64
	FailedBy                map[int]int64
	// Refused is what the governor refused, by its reason.
	Refused map[Reason]int64
	// Peak is the most people who were seen to hold a slot.
	Peak int
}

// A StoreSnapshot is how the store answers one governor.
type StoreSnapshot struct {
	// Latency is how long the calls of this snapshot took on average.
	Latency time.Duration
	// Failures is how many calls failed since the governor was made, LastFailure
	// when the last one did. Zero: none.
	Failures    int64
	LastFailure time.Time
}

// A NumberSnapshot is where a number stands.
type NumberSnapshot struct {
	ID string
	// Health and Rating are as last reported.
	Health quality.Health
	Rating quality.Rating
	// Tier is what binds the number: the account's limit or a lower one.
	Tier tier.Tier
	// PerSecond is its throughput in messages per second.
	PerSecond int
	// Restrictions are those in force, by type.
	Restrictions []quality.Restriction
	// RestsUntil is until when the platform asked it to send nothing. Zero: it
	// did not.
	RestsUntil time.Time
	// ReportedAt is the newest of the platform's times of what it told about
	// it. Zero: it told nothing.
	ReportedAt time.Time
	// WABA is the number's WhatsApp Business Account. Empty: not known.
	WABA string
	// FlaggedSince is when it was flagged, FlagEnds when that ends if nothing
	// changes, and Recovering whether it then keeps its limit, since its rating
	// has improved. Zero: it is not flagged.
	FlaggedSince, FlagEnds time.Time
	Recovering             bool
	// UpgradesFrom is from when its limit may rise again. Zero: it may.
	UpgradesFrom time.Time
	// SendsPerSecond is how fast it sends: PerSecond, or less while the platform
	// finds the number too fast.
	SendsPerSecond int
	// History is what was reported of its rating and status, oldest first.
	History []quality.Report
	// Unknown counts the platform's words that nobody knows.
	Unknown quality.UnknownWords
}

// A WABASnapshot is where a WhatsApp Business Account stands.
type WABASnapshot struct {
	ID           string
	Health       quality.Health
	Restrictions []quality.Restriction
	// Templates are those that the platform has told of, by name and language.
	Templates []TemplateSnapshot
	// Portfolio, Verification, Status and Payment are as in [WABAReported].
	Portfolio, Verification, Status, Payment string
	// ReportedAt is the newest of the platform's times of what it told about
	// it. Zero: it told nothing.
	ReportedAt time.Time
}

// Held returns the templates that may not be sent.
func (w WABASnapshot) Held() []TemplateSnapshot {
	return slices.DeleteFunc(slices.Clone(w.Templates), func(t TemplateSnapshot) bool { return !t.Held })
}

// A TemplateSnapshot is what is known of a template.
type TemplateSnapshot struct {
	// Name and Language are the template's; no language: all of that name.
	Name, Language string
	// Category and Rating are as last told, zero if they were not.
	Category Category
	Rating   quality.Rating
	// Status is the platform's word for it, empty if it told none.
	Status string
	// Held is whether it may not be sent, Until when that ends by itself. Zero:
	// not known.
	Held  bool
	Until time.Time
}
