package governor

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"time"
)

const (
	// maxImportFaults is how many faults an import lists.
	maxImportFaults = 20
	// maxAhead is how far the clock that wrote a log may be ahead of ours.
	maxAhead = 5 * time.Minute
)

// Import fills an account's ledger from what the caller knows of its past: who
// was sent a message that counts, and when. It is for an account that sends
// through a Governor for the first time, and for a store that has lost its
// ledger: otherwise up to twice the limit may be reached in the 24 hours that
// follow.
//
// Of several sends to one recipient the latest counts; those older than 24 hours
// are skipped. Slots are taken past the limit if need be, none is ever shortened,
// and importing again changes nothing. The count is of the sends taken in. When
// all of them were, a cold start of the account is over, see Config.ColdStart:
// so tell all there is in one go. No sends at all say that nobody was written to.
//
// What is wrong with a send keeps it out and nothing else. The error then joins
// the first 20 faults, each an [ErrInvalid] with the send's index and never its
// recipient, and how many more there are. An error of the store ends the import;
// it can be begun anew.
func (g *Governor) Import(ctx context.Context, account string, sends iter.Seq2[string, time.Time]) (int, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	var fault error
	if f := faultOfID(account); f != "" {
		fault = invalid("account", f)
	}
	if sends == nil {
		fault = errors.Join(fault, invalid("sends", "is nil"))
	}
	if fault != nil {
		return 0, fault
	}
	taken, i, faults := 0, -1, importFaults{}
	for recipient, at := range sends {
		i++
		if err := ctx.Err(); err != nil {
			return taken, err
		}
		now := g.clock.Now()
		mark, err := g.imported(account, recipient, at, now)
		switch {
		case err != nil:
			faults.add(i, err)
			continue
		case !now.Before(mark.Stamp.Add(24 * time.Hour)):
			continue
		}
		if err := g.store.Delivery(ctx, mark); err != nil {
			return taken, g.failed(ctx, account, now, errors.Join(faults.join(), fmt.Errorf("governor: importing send %d: %w", i, err)))
		}
		taken++
	}
	if err := faults.join(); err != nil {
		return taken, err
	}
	now := g.clock.Now()
	return taken, g.change(ctx, account, now, func(p *profile) []Notice {
		p.ColdUntil, p.Imported = time.Time{}, now.UTC()
		return nil
	})
}

// imported is a past send as a delivery that somebody else tells of, from no
// number: no service window spares it its slot.
func (g *Governor) imported(account, recipient string, at, now time.Time) (DeliveryMark, error) {
	key, err := recipientIn("recipient", recipient)
	switch {
	case at.IsZero():
		err = joinInvalid(err, invalid("time", "is zero"))
	case at.After(now.Add(maxAhead)):
		err = joinInvalid(err, invalid("time", "is still to come"))
	}
	if err != nil {
		return DeliveryMark{}, err
	}
	at = notAfter(at, now)
	sum := sha256.Sum256(append(at.UTC().AppendFormat([]byte(key), "/"+time.RFC3339Nano), account...))
	return DeliveryMark{
		Account: account, Recipient: key, At: at, Stamp: g.graced(at), Now: now, Sort: SortNotification,
		MessageID: "import." + base64.RawURLEncoding.EncodeToString(sum[:hashBytes]),
	}, nil
}

// importFaults are the first of many, and how many there are.
type importFaults struct {
	first []error
	all   int
}

func (f *importFaults) add(i int, err error) {
	if f.all++; f.all <= maxImportFaults {
		f.first = append(f.first, fmt.Errorf("governor: send %d: %w", i, err))
	}
}

func (f *importFaults) join() error {
	if more := f.all - len(f.first); more > 0 {
		return errors.Join(append(f.first, invalid("sends", fmt.Sprintf("have %d more faults", more)))...)
	}
	return errors.Join(f.first...)
}
