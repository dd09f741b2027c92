package governorhttp

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// A limit is a messaging limit and when it was asked for.
type limit struct {
	tier tier.Tier
	at   time.Time
}

// readTier reads a limit, unknown if there is none to read. What nobody knows
// changes no limit.
func (r *round) readTier(ctx context.Context, q question, word string) tier.Tier {
	if word == "" {
		return tier.Unknown
	}
	t, err := tier.Parse(word)
	r.note(ctx, q, err)
	return t
}

// accountEvents are what a WABA's node tells, its health apart.
func accountEvents(id string, w cloudapi.WABA, l limit, health health) []governor.Event {
	events := []governor.Event{governor.WABAReported{
		WABA: id, Portfolio: w.Portfolio, Verification: w.BusinessVerification,
		Status: cmp.Or(w.Status, w.AccountReview), Payment: health.payment(), At: l.at,
	}}
	if w.AccountReview != "" {
		events = append(events, governor.HealthReported{WABA: id, Report: quality.ReviewReported{Decision: w.AccountReview, At: l.at}})
	}
	if l.tier.Known() {
		events = append(events, governor.TierReported{WABA: id, Tier: l.tier, At: l.at})
	}
	return events
}

// numberEvents are what a number's node tells, its health apart. A word that
// nobody knows is an error beside the events.
func numberEvents(waba string, n cloudapi.PhoneNumber, own, portfolio limit) ([]governor.Event, error) {
	var events []governor.Event
	if waba != "" {
		events = append(events, governor.NumberSeen{Number: n.ID, WABA: waba, Display: n.Display})
	}
	events = append(events, limitEvents(n, own, portfolio)...)
	report := func(e quality.Event) { events = append(events, governor.HealthReported{Number: n.ID, Report: e}) }
	if n.Status != "" {
		report(quality.StatusReported{Word: n.Status, At: own.at})
	}
	if rating, word := rating(n); word != "" {
		report(quality.RatingReported{Rating: rating, Word: word, At: own.at})
	}
	perSecond, err := throughput(n)
	if perSecond > 0 {
		events = append(events, governor.ThroughputReported{Number: n.ID, PerSecond: perSecond, At: own.at})
	}
	return events, err
}

// limitEvents take a number's limit for the account's, which it is since
// October 2025 (messaging-limits, 2026-09-11), and of two that disagree the
// smaller. A number whose display name is not approved can have a limit of its
// own (support/health-status, 2025-11): so it has if the platform tells a
// smaller one for it than for its WABA.
func limitEvents(n cloudapi.PhoneNumber, own, portfolio limit) []governor.Event {
	switch {
	case !own.tier.Known():
		return nil
	case !portfolio.tier.Known():
		return []governor.Event{governor.TierReported{Number: n.ID, Tier: own.tier, At: own.at}}
	case own.tier < portfolio.tier && heldBack(n):
		return []governor.Event{
			governor.TierReported{Number: n.ID, Tier: portfolio.tier, At: portfolio.at},
			governor.TierReported{Number: n.ID, OwnLimit: true, Tier: own.tier, At: own.at},
		}
	}
	events := []governor.Event{governor.TierReported{Number: n.ID, Tier: min(own.tier, portfolio.tier), At: portfolio.at}}
	if n.NameStatus != "" {
		// Not held back any more, if it was.
		events = append(events, governor.TierReported{Number: n.ID, OwnLimit: true, Tier: tier.Unlimited, At: own.at})
	}
	return events
}

// heldBack reports whether a number's name is not approved, or its health is
// limited.
func heldBack(n cloudapi.PhoneNumber) bool {
	switch n.NameStatus {
	case "", "APPROVED", "AVAILABLE_WITHOUT_REVIEW":
	default:
		return true
	}
	phone, _ := n.Health.Entity("PHONE_NUMBER")
	return phone.CanSend == "LIMITED"
}

// rating is the worse of a number's rating and score, where it has one.
func rating(n cloudapi.PhoneNumber) (worst quality.Rating, word string) {
	for _, w := range []string{n.QualityRating, n.QualityScore.Word} {
		rating, err := quality.ParseRating(w)
		switch {
		case err != nil:
			return quality.RatingUnknown, w
		case word == "", rating != quality.RatingUnknown && (worst == quality.RatingUnknown || rating < worst):
			worst, word = rating, w
		}
	}
	return worst, word
}

// throughput is how many messages per second a number may send, zero if that is
// not told: 80, 1,000 when upgraded, 20 where it is shared with the WhatsApp
// Business app (throughput, 2026-09). It is a throughput and no messaging
// limit, however high. STANDARD alone does not tell 80 from 20.
func throughput(n cloudapi.PhoneNumber) (perSecond int, err error) {
	const shared, standard, upgraded = 20, 80, 1000
	switch {
	case n.OnBizApp != nil && *n.OnBizApp:
		return shared, nil
	case n.Throughput == "HIGH":
		return upgraded, nil
	case n.Throughput == "STANDARD" && n.OnBizApp != nil:
		return standard, nil
	case n.Throughput == "STANDARD", n.Throughput == "", n.Throughput == "NOT_APPLICABLE":
		return 0, nil
	}
	return 0, fmt.Errorf("throughput: a level of %d bytes, want STANDARD, HIGH or NOT_APPLICABLE", len(n.Throughput))
}

// templateEvents are what a page of templates tells.
func templateEvents(waba string, items []cloudapi.TemplateNode, at time.Time) []governor.Event {
	events := make([]governor.Event, 0, len(items))
	for _, t := range items {
		rating, _ := quality.ParseRating(t.Quality.Word) // an unknown word is no rating
		events = append(events, governor.TemplateReported{
			WABA: waba, Name: t.Name, Language: t.Language, Rating: rating,
			Category: governor.ParseCategory(t.Category), Status: t.Status, At: at, Polled: true,
		})
	}
	return events
}
