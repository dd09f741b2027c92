package governorhttp

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/tier"
)

// errNoPortfolio is for a WABA whose owner the platform does not tell.
var errNoPortfolio = errors.New("the platform names no portfolio (owner_business_info); the token may lack the right to see it")

// Portfolio returns the ID and the name of the business portfolio that owns a
// WABA. All its WABAs and numbers share one messaging limit, and no webhook
// names it. The error is a [*PollError], or a [*governor.FieldError] for what
// could not even be asked. It needs no Governor and counts against Budget.
func (p *Poller) Portfolio(ctx context.Context, waba string) (id, name string, err error) {
	faults := p.faults()
	if f := nodeFault(waba); f != "" {
		faults = append(faults, &governor.FieldError{Field: "Portfolio: waba", Fault: f})
	}
	if err := errors.Join(faults...); err != nil {
		return "", "", err
	}
	w, err := p.newRound(noShare).owned(ctx, waba)
	return w.Portfolio, w.PortfolioName, err
}

// owned reads a WABA and insists on its portfolio.
func (r *round) owned(ctx context.Context, waba string) (cloudapi.WABA, error) {
	q := wabaQuestion(waba)
	w, _, err := ask(ctx, r, q, cloudapi.ParseWABA)
	if err == nil && w.Portfolio == "" {
		err = errNoPortfolio
	}
	if err != nil {
		return cloudapi.WABA{}, q.fault(err)
	}
	return w, nil
}

// Accounts reads the portfolio and the numbers of all WABAs and returns them as
// a governor.Config wants them, one account for each portfolio, in the order of
// their IDs. A program that starts with nothing but the IDs of its WABAs calls
// it before it has a Governor:
//
//	accounts, err := poller.Accounts(ctx)
//	...
//	poller.Governor, err = governor.New(store, governor.Config{Accounts: accounts})
//
// It is all or nothing: with an error, which joins a [*PollError] for each WABA
// that could not be read, there are no accounts, since an account that misses a
// number would refuse its messages, and two accounts for one portfolio would
// send twice its limit. WABAs without numbers are left out, and so are Numbers.
// The requests count against Budget.
func (p *Poller) Accounts(ctx context.Context) ([]governor.Account, error) {
	faults := p.faults()
	if len(p.WABAs) == 0 {
		faults = append(faults, fieldFault("WABAs", "is empty, want at least one"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	r := p.newRound(noShare)
	byPortfolio := map[string]*governor.Account{}
	for _, id := range p.WABAs {
		w, err := r.owned(ctx, id)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		numbers, limit, err := r.members(ctx, id)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if len(numbers) == 0 {
			continue
		}
		account := byPortfolio[w.Portfolio]
		if account == nil {
			account = &governor.Account{ID: w.Portfolio}
			byPortfolio[w.Portfolio] = account
		}
		account.Numbers = append(account.Numbers, numbers...)
		account.Tier = smaller(account.Tier, smaller(limit, parsed(w.Limit)))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	accounts := make([]governor.Account, 0, len(byPortfolio))
	for _, account := range byPortfolio {
		accounts = append(accounts, *account)
	}
	slices.SortFunc(accounts, func(a, b governor.Account) int { return cmp.Compare(a.ID, b.ID) })
	return accounts, nil
}

// members reads all numbers of a WABA, and the smallest limit that they tell.
func (r *round) members(ctx context.Context, waba string) ([]governor.Number, tier.Tier, error) {
	var numbers []governor.Number
	limit := tier.Unknown
	q := numbersQuestion(waba)
	for {
		page, _, err := ask(ctx, r, q, cloudapi.ParsePhoneNumbers)
		if err == nil && (len(page.Problems) > 0 || page.After != "" && page.After == q.after) {
			err = cloudapi.ErrMalformed
		}
		if err != nil {
			return nil, limit, q.fault(err)
		}
		for _, n := range page.Items {
			perSecond, _ := throughput(n) // unknown is the default
			numbers = append(numbers, governor.Number{ID: n.ID, WABA: waba, PerSecond: perSecond})
			limit = smaller(limit, parsed(cmp.Or(n.Limit, n.LegacyLimit)))
		}
		if page.After == "" {
			return numbers, limit, nil
		}
		q.after = page.After
	}
}

// parsed reads a limit, unknown if that cannot be.
func parsed(word string) tier.Tier {
	t, _ := tier.Parse(word)
	return t
}

// smaller is the smaller of two limits, of which each may be unknown.
func smaller(a, b tier.Tier) tier.Tier {
	if !a.Known() || b.Known() && b < a {
		return b
	}
	return a
}
