package governor

import (
	"maps"
	"slices"
	"time"

	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// stepNumber takes up what was said of a number's health.
func (p *profile) stepNumber(number string, e quality.Event, now time.Time) []Notice {
	var effects []quality.Effect
	p.setNumber(number, func(n *numberProfile) { n.Quality, effects = quality.Next(n.Quality, e, now) })
	return notices(effects, Notice{Number: number})
}

// tick hands out what time alone has brought, in the order of its happening.
func (p *profile) tick(now time.Time) []Notice {
	told := p.stepNumbers(quality.Tick{}, now)
	for _, waba := range slices.Sorted(maps.Keys(p.WABAs)) {
		told = append(told, p.tickWABA(waba, now)...)
	}
	slices.SortStableFunc(told, func(a, b Notice) int { return a.At.Compare(b.At) })
	return told
}

// tickWABA does so for the account's copy of one WABA.
func (p *profile) tickWABA(waba string, now time.Time) []Notice {
	w := p.WABAs[waba]
	if w == nil {
		return nil
	}
	var effects []quality.Effect
	w.Quality, effects = quality.Next(w.Quality, quality.Tick{}, now)
	return notices(effects, Notice{WABA: waba})
}

// stepNumbers takes up what holds for all of the account's numbers.
func (p *profile) stepNumbers(e quality.Event, now time.Time) []Notice {
	var told []Notice
	for _, number := range slices.Sorted(maps.Keys(p.Numbers)) {
		told = append(told, p.stepNumber(number, e, now)...)
	}
	return told
}

// reportTier takes up a limit of the whole account. It overrules what was
// predicted for its numbers.
func (p *profile) reportTier(t tier.Tier, at, now time.Time) []Notice {
	if !t.Known() {
		return nil
	}
	old := p.Tier.Tier
	p.Tier.report(t, at)
	told := p.stepNumbers(quality.TierReported{At: at}, now)
	if p.Tier.Tier != old {
		told = append(told, Notice{Kind: NoticeLimit, At: at, From: old.String(), To: p.Tier.Tier.String()})
	}
	return told
}

// ownTier takes up a limit of one number alone.
func (p *profile) ownTier(number string, t tier.Tier, at time.Time) []Notice {
	var old, now tier.Tier
	p.setNumber(number, func(n *numberProfile) {
		old = n.Own.Tier
		n.Own.report(t, at)
		now = n.Own.Tier
	})
	if now == old || !old.Known() && now == tier.Unlimited {
		return nil // none of its own, as before
	}
	return []Notice{{Kind: NoticeLimit, At: at, Number: number, From: old.String(), To: now.String()}}
}

// notices puts the effects of a health report into the governor's words.
func notices(effects []quality.Effect, about Notice) []Notice {
	var told []Notice
	for _, e := range effects {
		n := about
		switch e := e.(type) {
		case quality.HealthChanged:
			n.Kind, n.At, n.From, n.To = NoticeHealth, e.At, e.From.String(), e.To.String()
		case quality.RestrictionAdded:
			n.Kind, n.At, n.To, n.Until = NoticeRestricted, e.At, string(e.Restriction.Type), e.Restriction.Until
		case quality.RestrictionLapsed:
			n.Kind, n.At, n.From = NoticeLifted, e.At, string(e.Restriction.Type)
		case quality.RestrictionRemoved:
			n.Kind, n.At, n.From = NoticeLifted, e.At, string(e.Restriction.Type)
		case quality.TierLowered:
			n.Kind, n.At, n.To = NoticePrediction, e.At, "one step lower"
		case quality.PredictionWithdrawn:
			n.Kind, n.At, n.From = NoticePrediction, e.At, "one step lower"
		case quality.UnknownWord:
			n.Kind, n.At, n.From, n.To = NoticeUnknownWord, e.At, e.Field, e.Word
		default:
			continue
		}
		told = append(told, n)
	}
	return told
}
