package quality

import "time"

// Event is something that happened to a phone number or WABA: one of the types
// in this package whose name ends in Reported or Lifted, or [Tick].
//
// At in each of them is when the platform says it happened: the timestamp of
// the webhook, the time of the poll. Zero means now, and a time after now
// counts as now, so that a clock that runs ahead cannot shut out what follows.
//
// A field that is absent on the wire is no event. An empty word is an unknown
// word.
type Event interface {
	// when returns At.
	when() time.Time
	// record returns s with the event taken up as of at. It changes nothing if
	// the event is older than what it would replace.
	record(s State, at time.Time) State
	// unknown returns the platform's field and the word in it, if the word is
	// not documented. Otherwise field is empty.
	unknown() (field, word string)
}

// RatingReported says how the platform rates the number. A fall to Low flags
// it.
type RatingReported struct {
	// Rating is the rating. A value out of range counts as RatingUnknown.
	Rating Rating
	// Word is the rating as the platform spelt it, or empty. If it is no rating,
	// it makes Rating unknown.
	Word string
	// At is when the platform rated. Zero: now.
	At time.Time
}

func (e RatingReported) when() time.Time { return e.At }

func (e RatingReported) record(s State, at time.Time) State {
	rating := e.Rating
	if field, _ := e.unknown(); field != "" {
		rating = RatingUnknown
	}
	return s.remembered(Report{Word: rating.word(), At: at})
}

func (e RatingReported) unknown() (field, word string) {
	if _, err := ParseRating(e.Word); err != nil || e.Rating > High {
		return "quality_rating", e.Word
	}
	return "", ""
}

// StatusReported carries the status field of a phone number: CONNECTED,
// FLAGGED, RESTRICTED, RATE_LIMITED, PAUSED, PENDING, OFFLINE, DISCONNECTED,
// UNVERIFIED, UNLINKED, MIGRATED, DELETED, BANNED or DISABLED. Any other word
// blocks notifications beside what the last known word blocks.
//
// CONNECTED ends what another word began. It does not end restrictions, bans,
// or the flag that a Low rating raised.
type StatusReported struct {
	// Word is the status, in any case.
	Word string
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e StatusReported) when() time.Time { return e.At }

func (e StatusReported) record(s State, at time.Time) State {
	r := Report{Word: clean(e.Word), At: at}
	s.Status = s.Status.with(r, statusWords)
	if r.Word == wordConnected || r.Word == wordFlagged {
		return s.remembered(r)
	}
	return s
}

func (e StatusReported) unknown() (field, word string) {
	return unlisted("status", e.Word, statusWords)
}

// FlagReported is the event FLAGGED or UNFLAGGED of a
// phone_number_quality_update. FLAGGED flags the number, UNFLAGGED ends any
// flag.
//
// Source: webhooks/reference/phone_number_quality_update, Nov 14 2025, where
// both have become legacy.
type FlagReported struct {
	// Flagged is true for FLAGGED.
	Flagged bool
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e FlagReported) when() time.Time { return e.At }

func (e FlagReported) record(s State, at time.Time) State {
	if e.Flagged {
		return s.remembered(Report{Word: wordFlagged, At: at})
	}
	return s.remembered(Report{Word: wordUnflagged, At: at})
}

func (FlagReported) unknown() (field, word string) { return "", "" }

// RestrictionReported is one entry of the restriction_info of an
// ACCOUNT_RESTRICTION, or an error code that restricts. It replaces an older
// report of the same type, also when it ends sooner, and stands beside those of
// other types. An ACCOUNT_RESTRICTION without restriction_info is a warning or
// a recovery, and no event of this type.
type RestrictionReported struct {
	// Type is what is restricted, in any case.
	Type RestrictionType
	// Until is the expiration. Zero, or after the year 9998: until lifted.
	Until time.Time
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e RestrictionReported) when() time.Time { return e.At }

func (e RestrictionReported) record(s State, at time.Time) State {
	return s.restricted(Restriction{Type: e.Type, Until: deadline(e.Until), Reported: at})
}

func (e RestrictionReported) unknown() (field, word string) {
	if _, known := RestrictionType(clean(string(e.Type))).blocks(); !known {
		return "restriction_type", string(e.Type)
	}
	return "", ""
}

// RestrictionLifted ends the restrictions of one type reported before it, as
// the recovery from utility misuse does.
//
// Source: the template categorization page, Sep 11 2026.
type RestrictionLifted struct {
	// Type is what is allowed again, in any case.
	Type RestrictionType
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e RestrictionLifted) when() time.Time { return e.At }

func (e RestrictionLifted) record(s State, at time.Time) State {
	return s.restricted(Restriction{Type: e.Type, Until: at, Reported: at})
}

func (RestrictionLifted) unknown() (field, word string) { return "", "" }

// AllRestrictionsLifted ends every restriction reported before it. After an
// appeal "the account returns to its previous status" and no event says so:
// this is how a person says it. Words and bans stay; [StatusReported] and
// [BanReported] undo them.
//
// Source: policy-enforcement, Nov 4 2025.
type AllRestrictionsLifted struct {
	// At is when they ended. Zero: now.
	At time.Time
}

func (e AllRestrictionsLifted) when() time.Time { return e.At }

func (AllRestrictionsLifted) record(s State, at time.Time) State {
	s.Lifted = later(s.Lifted, at)
	return s
}

func (AllRestrictionsLifted) unknown() (field, word string) { return "", "" }

// BanReported is the ban_info of an account_update DISABLED_UPDATE: DISABLE
// bans, REINSTATE ends the ban, and SCHEDULE_FOR_DISABLE bans from Date on. Any
// other state blocks notifications beside what the last known state blocks.
//
// REINSTATE gives back what the ban took and no more: a restriction that has
// not expired, and a status word, hold on.
//
// Source: webhooks/reference/account_update, Sep 11 2026.
type BanReported struct {
	// State is waba_ban_state, in any case.
	State string
	// Date is when a scheduled ban begins. The platform writes a day without
	// time zone, so the caller chooses the hour. Zero, or after the year 9998,
	// with SCHEDULE_FOR_DISABLE counts as an unknown word: notifications are
	// blocked. Other states ignore it.
	Date time.Time
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e BanReported) when() time.Time { return e.At }

func (e BanReported) record(s State, at time.Time) State {
	r := Report{Word: clean(e.State), At: at}
	if r.Word == wordScheduled {
		r.From = deadline(e.Date)
	}
	if field, _ := e.unknown(); field != "" {
		s.Ban = s.Ban.withUnknown(r)
		return s
	}
	s.Ban = s.Ban.with(r, banWords)
	return s
}

func (e BanReported) unknown() (field, word string) {
	if clean(e.State) == wordScheduled && deadline(e.Date).IsZero() {
		return "waba_ban_date", e.State
	}
	return unlisted("waba_ban_state", e.State, banWords)
}

// ReviewReported is an account_review_update: APPROVED, PENDING, DEFERRED or
// REJECTED. Any other decision blocks notifications beside what the last known
// decision blocks.
//
// Source: webhooks/reference/account_review_update, as of late 2025.
type ReviewReported struct {
	// Decision is the decision, in any case.
	Decision string
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e ReviewReported) when() time.Time { return e.At }

func (e ReviewReported) record(s State, at time.Time) State {
	s.Review = s.Review.with(Report{Word: clean(e.Decision), At: at}, reviewWords)
	return s
}

func (e ReviewReported) unknown() (field, word string) {
	return unlisted("decision", e.Decision, reviewWords)
}

// TierReported says that the platform named its messaging limit, whichever it
// is. It overrules the downgrades predicted from flags that began before it,
// those still to come included.
type TierReported struct {
	// At is when the platform said so. Zero: now.
	At time.Time
}

func (e TierReported) when() time.Time { return e.At }

func (TierReported) record(s State, at time.Time) State {
	if at.After(s.TierAt) {
		s.TierAt = at
		s.Flag = fold(s.History, s.TierAt)
	}
	return s
}

func (TierReported) unknown() (field, word string) { return "", "" }

// Tick says only that time has passed. It changes no answer of a State, since
// every answer is given for an instant; it hands out the effects of time.
type Tick struct{}

func (Tick) when() time.Time { return time.Time{} }

func (Tick) record(s State, _ time.Time) State { return s }

func (Tick) unknown() (field, word string) { return "", "" }

func (s State) remembered(r Report) State {
	s.History = remember(s.History, r, s.TierAt)
	s.Flag = fold(s.History, s.TierAt)
	return s
}

func (s State) restricted(r Restriction) State {
	r.Type = RestrictionType(clean(string(r.Type)))
	s.Restrictions = restrict(s.Restrictions, r, s.Lifted)
	return s
}
