package quality

import "time"

// State is all that the platform has said about one subject, a phone number or
// a WABA, and answers what that means at any instant. The zero State is a
// subject of which nothing was reported yet.
//
// A State is a value: [Next] makes new ones and never changes an old one, which
// shares its slices. Equal states are equal by [reflect.DeepEqual], and come
// back equal from encoding/json. All times are UTC. Its methods only read, and
// may be called concurrently.
type State struct {
	// Status is the status field of a phone number.
	Status Words `json:"status,omitzero"`
	// Ban is waba_ban_state. It is apart from Status: neither ends the other.
	Ban Words `json:"ban,omitzero"`
	// Review is the decision on the account.
	Review Words `json:"review,omitzero"`
	// Restrictions hold the newest report of each type, by type, those that have
	// ended included. At most 16 unknown types are kept.
	Restrictions []Restriction `json:"restrictions,omitempty"`
	// Lifted is when all restrictions were lifted last: those reported before it
	// are over. Zero: never.
	Lifted time.Time `json:"lifted,omitzero"`
	// History holds ratings (HIGH, MEDIUM, LOW, UNKNOWN) and the words CONNECTED,
	// FLAGGED and UNFLAGGED by time. At most 48 are kept; the oldest that make no
	// difference are forgotten.
	History []Report `json:"history,omitempty"`
	// TierAt is when the platform last reported a messaging limit. Zero: never.
	TierAt time.Time `json:"tier_at,omitzero"`
	// Flag is what History and TierAt amount to.
	Flag Flag `json:"flag,omitzero"`
	// Unknown counts the words not understood.
	Unknown UnknownWords `json:"unknown,omitzero"`
	// Seen is the instant up to which the effects of time were handed out. It
	// moves only together with something else.
	Seen time.Time `json:"seen,omitzero"`
}

// UnknownWords counts reports with a word that is not documented. Repeats of a
// report and reports older than what is known are not counted.
type UnknownWords struct {
	// Count is how many there were.
	Count int `json:"count,omitempty"`
	// Field is the platform's name of the field that held the last one.
	Field string `json:"field,omitempty"`
	// Word is the last one, trimmed, in upper case and cut to 64 bytes.
	Word string `json:"word,omitempty"`
}

// Block says why a send may not leave. It names a Word or a Type, not both.
type Block struct {
	// Health is what the reason amounts to: Restricted, Pending, Offline or
	// Banned. It may be worse than the health of the State, which a restriction
	// of some notifications leaves alone.
	Health Health
	// Type is the restriction that blocks. Empty: it is a word.
	Type RestrictionType
	// Word is the platform's word that blocks, in upper case.
	Word string
	// Until is when the block ends by itself. Zero: no end is known.
	Until time.Time
}

// Outlasts tells which of two blocks to show, for instance of a number and its
// WABA: the one that ends last, and of two that end together the worse one.
func (b Block) Outlasts(other Block) bool {
	if !b.Until.Equal(other.Until) {
		return endsLater(b.Until, other.Until)
	}
	return b.Health > other.Health
}

// Rating returns the newest rating, [RatingUnknown] if none was reported.
func (s State) Rating() Rating { return s.Flag.Rating }

// Health returns the health at now: the worst of what the words, the
// restrictions and the flag say. It is [Restricted] only for restrictions that
// block every notification or replies.
func (s State) Health(now time.Time) Health {
	worst := Unreported
	if s.Flag.Heard || len(s.Restrictions) > 0 {
		worst = Connected
	}
	for _, v := range s.voices() {
		worst = max(worst, v.health(now, v.means))
		if v.puzzle() {
			worst = max(worst, Restricted)
		}
	}
	if s.Flag.flagged(now) {
		worst = max(worst, Flagged)
	}
	for _, r := range s.Restrictions {
		if r.Type.whole() && r.active(now, s.Lifted) {
			worst = max(worst, Restricted)
		}
	}
	return worst
}

// Blocked returns why a send for use u may not leave at now, and false if it
// may. A u of several uses is blocked when one of them is, and the zero u by
// whatever blocks anything. Of several reasons it returns the one that ends
// last.
func (s State) Blocked(u Use, now time.Time) (Block, bool) {
	u = u.strict()
	var last Block // of Health Unreported until something blocks; words have no end, so the worst is shown
	for _, v := range s.voices() {
		if h := v.health(now, v.means); h > last.Health && u&h.blocks() != 0 {
			last = Block{Health: h, Word: v.Known.Word}
		}
		if v.puzzle() && Restricted > last.Health && u&Notifications != 0 {
			last = Block{Health: Restricted, Word: v.Unknown.Word}
		}
	}
	for _, r := range s.Restrictions {
		if u&r.Type.Blocks() == 0 || !r.active(now, s.Lifted) {
			continue
		}
		b := Block{Health: Restricted, Type: r.Type, Until: r.Until}
		if last.Health == Unreported || b.Outlasts(last) {
			last = b
		}
	}
	return last, last.Health != Unreported
}

// Flagged returns since when the subject is flagged at now, when that ends if
// nothing more is reported, and whether the tier then stays, since the rating
// has improved. The times are zero and recovering false while it is not.
//
// Source: upcoming-messaging-limits-changes, Oct 26 2025, column "before".
func (s State) Flagged(now time.Time) (since, ends time.Time, recovering bool) {
	if !s.Flag.flagged(now) {
		return time.Time{}, time.Time{}, false
	}
	return s.Flag.Since, s.Flag.over(), s.Flag.Rating.good()
}

// UpgradesFrom returns when the tier may rise again if nothing more is
// reported, and true while it may not: while [Flagged], and for the 7 days
// after. With false the time is zero.
//
// Source: upcoming-messaging-limits-changes, Oct 26 2025, column "before".
func (s State) UpgradesFrom(now time.Time) (time.Time, bool) {
	from := s.Flag.upgradesFrom()
	if !now.Before(from) {
		return time.Time{}, false
	}
	return from, true
}

// PredictedDowngrades returns by how many steps, 0 to 6, the tier should be
// below the last one that the platform reported: one for each flag that ended
// without improvement and began no earlier than that report.
func (s State) PredictedDowngrades(now time.Time) int {
	return len(s.Flag.at(now, s.TierAt).Lowered)
}

// NextChange returns the first instant after now at which time alone may change
// an answer, and false if there is none. After a call of [Next] at now, a
// [Tick] before that instant does nothing.
func (s State) NextChange(now time.Time) (time.Time, bool) {
	var next time.Time
	for _, t := range [...]time.Time{s.Ban.Known.From, s.Flag.over(), s.Flag.upgradesFrom()} {
		next = sooner(next, t, now)
	}
	for _, r := range s.Restrictions {
		if r.active(now, s.Lifted) {
			next = sooner(next, r.Until, now)
		}
	}
	return next, !next.IsZero()
}

// sooner returns t if it lies after now and before next, which is zero at first.
func sooner(next, t, now time.Time) time.Time {
	if t.After(now) && (next.IsZero() || t.Before(next)) {
		return t
	}
	return next
}

// A voice is one of the vocabularies in which the platform speaks.
type voice struct {
	*Words
	means vocabulary
}

func (s *State) voices() [3]voice {
	return [...]voice{{&s.Status, statusWords}, {&s.Ban, banWords}, {&s.Review, reviewWords}}
}
