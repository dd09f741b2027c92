package governor

import (
	"context"
	"time"
)

// timed is a store that gives up on each verb after a while. The caller's own
// context goes on, so that a reply passes and a waiter asks again.
type timed struct {
	store Store
	limit time.Duration
}

// within runs one verb.
func within[T any](ctx context.Context, limit time.Duration, verb func(context.Context) (T, error)) (T, error) {
	p := patienceOf(ctx)
	given := p.left(limit)
	own, stop := context.WithTimeout(ctx, given)
	defer stop()
	if err := own.Err(); err != nil {
		var none T
		return none, err
	}
	v, err := verb(own)
	p.ended(ctx, own, given, err)
	return v, err
}

// do is within for a verb that answers nothing.
func (s timed) do(ctx context.Context, verb func(context.Context) error) error {
	_, err := within(ctx, s.limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, verb(ctx) })
	return err
}

func (s timed) Admit(ctx context.Context, a Admission) (Verdict, error) {
	return within(ctx, s.limit, func(ctx context.Context) (Verdict, error) { return s.store.Admit(ctx, a) })
}

func (s timed) Settle(ctx context.Context, e Settlement) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, e) })
}

func (s timed) Inbound(ctx context.Context, in InboundMark) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.Inbound(ctx, in) })
}

func (s timed) Delivery(ctx context.Context, d DeliveryMark) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.Delivery(ctx, d) })
}

func (s timed) Consent(ctx context.Context, c ConsentMark) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.Consent(ctx, c) })
}

func (s timed) Consents(ctx context.Context, account, recipient string, now time.Time) ([]Consent, error) {
	return within(ctx, s.limit, func(ctx context.Context) ([]Consent, error) {
		return s.store.Consents(ctx, account, recipient, now)
	})
}

func (s timed) CloseWindow(ctx context.Context, account, number, customer string, at time.Time) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.CloseWindow(ctx, account, number, customer, at) })
}

func (s timed) Alias(ctx context.Context, account, alias, canonical string, now time.Time) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.Alias(ctx, account, alias, canonical, now) })
}

func (s timed) Usage(ctx context.Context, ask UsageAsk) (Usage, error) {
	return within(ctx, s.limit, func(ctx context.Context) (Usage, error) { return s.store.Usage(ctx, ask) })
}

func (s timed) Tally(ctx context.Context, t TallyMark) error {
	return s.do(ctx, func(ctx context.Context) error { return s.store.Tally(ctx, t) })
}

func (s timed) Tallies(ctx context.Context, account string, now time.Time) ([]DayTally, error) {
	return within(ctx, s.limit, func(ctx context.Context) ([]DayTally, error) { return s.store.Tallies(ctx, account, now) })
}

func (s timed) LoadState(ctx context.Context, account string) (State, error) {
	return within(ctx, s.limit, func(ctx context.Context) (State, error) { return s.store.LoadState(ctx, account) })
}

func (s timed) SaveState(ctx context.Context, account string, next State) (stored State, saved bool, err error) {
	err = s.do(ctx, func(ctx context.Context) (err error) {
		stored, saved, err = s.store.SaveState(ctx, account, next)
		return err
	})
	return stored, saved, err
}

func (s timed) Close() error { return s.store.Close() }
