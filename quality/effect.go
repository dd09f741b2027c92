package quality

import "time"

// Effect is one consequence of an event or of time: a [HealthChanged],
// [RestrictionAdded], [RestrictionLapsed], [RestrictionRemoved],
// [TierLowered], [PredictionWithdrawn], [UpgradesBlocked], [UpgradesAllowed] or
// [UnknownWord].
//
// At in each of them is when it took effect: for a consequence of time that
// very instant, however late [Next] is called, and else the time of the event.
type Effect interface {
	effect()
}

// HealthChanged says that the health is another one.
type HealthChanged struct {
	// From is the health before, To the health after.
	From, To Health
	// At is when it changed.
	At time.Time
}

// RestrictionAdded says that a restriction holds, or that its end has moved.
type RestrictionAdded struct {
	// Restriction is the restriction as it holds now.
	Restriction Restriction
	// At is when it was reported.
	At time.Time
}

// RestrictionLapsed says that a restriction has reached its end.
type RestrictionLapsed struct {
	// Restriction is the restriction that is over.
	Restriction Restriction
	// At is its end, or when a report moved the end into the past.
	At time.Time
}

// RestrictionRemoved says that a restriction was lifted before its end, or was
// the weakest of too many unknown ones.
type RestrictionRemoved struct {
	// Restriction is the restriction as it held until then.
	Restriction Restriction
	// At is when it was lifted.
	At time.Time
}

// TierLowered predicts that the platform has lowered the tier by one step: the
// number was flagged for 7 days and did not improve.
type TierLowered struct {
	// Flagged is when the flag began.
	Flagged time.Time
	// At is when the flag ended.
	At time.Time
}

// PredictionWithdrawn takes a [TierLowered] back: the platform has reported a
// tier since the flag, or a late report shows that the number had improved.
type PredictionWithdrawn struct {
	// Flagged is when the flag began.
	Flagged time.Time
	// At is the time of the report that showed it.
	At time.Time
}

// UpgradesBlocked says that the tier cannot rise before Until, or that Until
// has moved.
type UpgradesBlocked struct {
	// Until is when it may rise if nothing more is reported.
	Until time.Time
	// At is when that became known.
	At time.Time
}

// UpgradesAllowed says that the tier may rise again.
type UpgradesAllowed struct {
	// At is since when it may.
	At time.Time
}

// UnknownWord says that the platform used a word that is not documented. It
// was read as unsafe.
type UnknownWord struct {
	// Field is the platform's name of the field.
	Field string
	// Word is the word, trimmed, in upper case and cut to 64 bytes.
	Word string
	// At is when the platform said it.
	At time.Time
}

func (HealthChanged) effect()       {}
func (RestrictionAdded) effect()    {}
func (RestrictionLapsed) effect()   {}
func (RestrictionRemoved) effect()  {}
func (TierLowered) effect()         {}
func (PredictionWithdrawn) effect() {}
func (UpgradesBlocked) effect()     {}
func (UpgradesAllowed) effect()     {}
func (UnknownWord) effect()         {}
