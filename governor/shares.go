package governor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// Shares say how much of the messaging limit each category may fill, by the
// number's rating, from 0, nothing, to 1, all of it. A notification is refused
// with [TierLimit] while as many slots are used as its category may fill,
// whichever category uses them. So what marketing may not fill is left for
// one-time passwords:
//
//	governor.Shares{governor.Marketing: {quality.High: 0.8, quality.Medium: 0.5, quality.Low: 0}}
//
// A category that is not listed may fill the whole limit. One that is listed
// needs a share for each of High, Medium and Low; without one for RatingUnknown
// a number that has no rating yet gets Medium's. While a number is flagged it
// gets Low's, whatever its rating. A message of an unknown category, which is
// no key here, gets the smallest share of any.
//
// Shares are of numbers of people, rounded down: 0.5 of 25 is 12. Whoever holds
// a slot already passes with RefuseNew, unless the share is 0.
type Shares map[Category]map[quality.Rating]float64

// CautiousShares returns shares that leave a fifth of the limit to utility and
// one-time passwords while the rating is High, go half-speed with marketing at
// Medium, stop it at Low and while the number is flagged, and keep a tenth for
// one-time passwords alone.
//
// The platform asks for no such thing. It flags numbers whose messages are
// blocked and reported (messaging-limits, 2026-09-11), and that is nearly always
// marketing.
func CautiousShares() Shares {
	return Shares{
		Marketing: {quality.High: 0.8, quality.Medium: 0.5, quality.Low: 0},
		Utility:   {quality.High: 0.9, quality.Medium: 0.9, quality.Low: 0.9},
	}
}

// validate tells each fault with the field that it is in, in a fixed order.
func (s Shares) validate(fault func(field, format string, args ...any)) {
	for _, c := range slices.Sorted(maps.Keys(s)) {
		field := fmt.Sprintf("Shares[%s]", c)
		if c == CategoryUnknown || c > Authentication {
			fault(fmt.Sprintf("Shares[%d]", uint8(c)), "is of no category, want Marketing, Utility or Authentication")
			continue
		}
		for _, r := range []quality.Rating{quality.High, quality.Medium, quality.Low} {
			if _, ok := s[c][r]; !ok {
				fault(field, "has no share for %s, want one for each of High, Medium and Low", r)
			}
		}
		for _, r := range slices.Sorted(maps.Keys(s[c])) {
			share := s[c][r]
			switch {
			case r > quality.High:
				fault(field, "has a share for %s, want ratings", r)
			case !(share >= 0 && share <= 1): // NaN is neither
				fault(fmt.Sprintf("%s[%s]", field, r), "is %v, want 0 to 1", share)
			}
		}
	}
}

// standing is a rating, or that the number is flagged.
type standing uint8

const (
	flagged   = standing(quality.High) + 1
	standings = flagged + 1
)

// A shareTable is Shares made ready: in millionths, so that 0.29 of 100 is 29,
// and in words. The zero table gives everybody everything.
type shareTable struct {
	set   bool
	parts [Authentication + 1][standings]int64
	words [Authentication + 1][standings]string
}

const wholeShare = 1_000_000

func newShareTable(s Shares) shareTable {
	if len(s) == 0 {
		return shareTable{}
	}
	t := shareTable{set: true}
	for at := range standings {
		rating := quality.Rating(at)
		if at == flagged {
			rating = quality.Low
		}
		t.parts[CategoryUnknown][at] = wholeShare
		for c := Marketing; c <= Authentication; c++ {
			t.parts[c][at] = wholeShare
			if of, listed := s[c]; listed {
				share, rated := of[rating]
				if !rated {
					share = of[quality.Medium]
				}
				t.parts[c][at] = int64(share*wholeShare + 0.5)
			}
			t.parts[CategoryUnknown][at] = min(t.parts[CategoryUnknown][at], t.parts[c][at])
		}
		while := "while the rating is " + rating.String()
		if at == flagged {
			while = "while the number is flagged"
		}
		for c := range t.words {
			who := Category(c).String()
			if Category(c) == CategoryUnknown {
				who = "an unknown category"
			}
			t.words[c][at] = fmt.Sprintf("%s may fill %s of the limit %s", who, strconv.FormatFloat(t.share(Category(c), at), 'g', -1, 64), while)
		}
	}
	return t
}

func (t *shareTable) share(c Category, at standing) float64 {
	return float64(t.parts[c][at]) / wholeShare
}

// A quota is what a category may fill of a limit.
type quota struct {
	// room is how many slots that is, of the limit's.
	room, limit int
	// word says why it is less, empty if it is not.
	word string
	// until is when the number's flag ends, which may change it. Zero: it is
	// not flagged.
	until time.Time
}

// quota is what messages of a category from a number may fill at now, if
// nothing more is reported.
func (s *sender) quota(t *shareTable, limit tier.Tier, c Category, now time.Time) quota {
	q := quota{room: limit.Limit(), limit: limit.Limit()}
	if !t.set {
		return q
	}
	at := standing(quality.RatingUnknown)
	if s.number != nil {
		at = standing(s.number.Quality.Rating())
		if since, ends, _ := s.number.Quality.Flagged(now); !since.IsZero() {
			at, q.until = flagged, ends
		}
	}
	part := t.parts[c][at]
	if part == wholeShare {
		return q
	}
	q.word = t.words[c][at]
	switch {
	case part == 0:
		q.room = 0
	case limit != tier.Unlimited:
		q.room = int(int64(limit) * part / wholeShare)
	}
	return q
}

// shares are what each category may fill, as of the number that may fill least.
func (v *view) shares(t *shareTable, s *Snapshot) []ShareSnapshot {
	if !t.set {
		return nil
	}
	numbers := s.Numbers
	if len(numbers) == 0 {
		numbers = []NumberSnapshot{{}} // one of which nothing is known
	}
	var list []ShareSnapshot
	for c := Marketing; c <= Authentication; c++ {
		least := ShareSnapshot{Category: c, Share: 1}
		for _, n := range numbers {
			at := standing(n.Rating)
			if !n.FlaggedSince.IsZero() {
				at = flagged
			}
			if share := t.share(c, at); share < least.Share {
				number := v.sender(Route{}, n.ID)
				least.Share, least.Limit = share, number.quota(t, s.Tier, c, s.At).room
			}
		}
		if least.Share < 1 {
			list = append(list, least)
		}
	}
	return list
}

// unflagged looks whether a refusal by the limit ends with the number's flag,
// which then gives its category another share: then it says so.
func (g *Governor) unflagged(ctx context.Context, s *sender, ask Admission, gate *gate, now *quota, verdict *Verdict) error {
	if now.word == "" || !verdict.RetryAt.IsZero() && !verdict.RetryAt.After(now.until) {
		return nil
	}
	then := s.quota(&g.shares, s.limit(&g.cfg, now.until), gate.category, now.until)
	if then.room == now.room {
		return nil
	}
	ask.Limit, ask.Probe, ask.NotBefore = then.room, true, latest(gate.until, now.until)
	ask.HoldersPass = g.cfg.AtLimit == RefuseNew
	ask.Limit += g.spare(&ask)
	after, err := g.store.Admit(ctx, ask)
	switch {
	case err != nil || after.Outcome == Stale:
		return err // as it was: the state has changed, and nobody has to come back so late
	case after.Outcome == Admitted:
		verdict.RetryAt = now.until
	case after.RetryAt.IsZero():
		verdict.RetryAt = time.Time{}
	default:
		verdict.RetryAt = latest(after.RetryAt, now.until)
	}
	return nil
}
