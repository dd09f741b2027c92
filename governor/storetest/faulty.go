package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// ErrFault is the fault of a [Faulty] store that has no other.
var ErrFault = errors.New("storetest: fault")

// A Hook stands between a caller and a store. It is told the verb and may call
// apply, which calls the store, never, once or more often. What it returns is
// what the caller gets; with an error the caller gets nothing else.
type Hook func(ctx context.Context, verb string, apply func() error) error

// A Faulty is a [governor.Store] that fails when it is told to, for tests of
// what stands on a store. With no hook set it is just Store. All but Close go
// through the hook, and all methods are safe for concurrent use.
type Faulty struct {
	// Store is what is called. Required.
	Store governor.Store
	// Err is the fault of Fail and FailNth. Nil: ErrFault.
	Err error

	mu   sync.Mutex // guards hook and is never held while it runs
	hook Hook
}

var _ governor.Store = (*Faulty)(nil)

// Set makes all calls from here on go through a hook. Nil: they go straight to
// the store.
func (f *Faulty) Set(hook Hook) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

// Heal makes calls succeed again.
func (f *Faulty) Heal() { f.Set(nil) }

// Fail makes all calls fail with Err, none of them applied.
func (f *Faulty) Fail() {
	f.Set(func(context.Context, string, func() error) error { return f.fault() })
}

func (f *Faulty) fault() error {
	if f.Err != nil {
		return f.Err
	}
	return ErrFault
}

// Hang makes all calls wait for the end of their context, none of them applied.
func (f *Faulty) Hang() {
	f.Set(func(ctx context.Context, _ string, _ func() error) error {
		<-ctx.Done()
		return ctx.Err()
	})
}

// FailNth makes the nth call from here on, the first being 1, fail with Err:
// before it is applied, or after it, so that only its answer is lost. All others
// go through.
func (f *Faulty) FailNth(n int, applied bool) {
	var mu sync.Mutex
	calls := 0
	f.Set(func(_ context.Context, _ string, apply func() error) error {
		mu.Lock()
		calls++
		hit := calls == n
		mu.Unlock()
		if !hit {
			return apply()
		}
		if applied {
			_ = apply() // Its answer is lost.
		}
		return f.fault()
	})
}

func (f *Faulty) run(ctx context.Context, verb string, apply func() error) error {
	f.mu.Lock()
	hook := f.hook
	f.mu.Unlock()
	if hook == nil {
		return apply()
	}
	return hook(ctx, verb, apply)
}

// ask is run for verbs that answer something.
func ask[T any](ctx context.Context, f *Faulty, verb string, call func() (T, error)) (T, error) {
	var answer, none T
	err := f.run(ctx, verb, func() (err error) {
		answer, err = call()
		return err
	})
	if err != nil {
		return none, err
	}
	return answer, nil
}

// Admit implements [governor.Store].
func (f *Faulty) Admit(ctx context.Context, a governor.Admission) (governor.Verdict, error) {
	return ask(ctx, f, "Admit", func() (governor.Verdict, error) { return f.Store.Admit(ctx, a) })
}

// Settle implements [governor.Store].
func (f *Faulty) Settle(ctx context.Context, s governor.Settlement) error {
	return f.run(ctx, "Settle", func() error { return f.Store.Settle(ctx, s) })
}

// Inbound implements [governor.Store].
func (f *Faulty) Inbound(ctx context.Context, in governor.InboundMark) error {
	return f.run(ctx, "Inbound", func() error { return f.Store.Inbound(ctx, in) })
}

// Delivery implements [governor.Store].
func (f *Faulty) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	return f.run(ctx, "Delivery", func() error { return f.Store.Delivery(ctx, d) })
}

// Consent implements [governor.Store].
func (f *Faulty) Consent(ctx context.Context, c governor.ConsentMark) error {
	return f.run(ctx, "Consent", func() error { return f.Store.Consent(ctx, c) })
}

// Consents implements [governor.Store].
func (f *Faulty) Consents(ctx context.Context, account, recipient string, now time.Time) ([]governor.Consent, error) {
	return ask(ctx, f, "Consents", func() ([]governor.Consent, error) { return f.Store.Consents(ctx, account, recipient, now) })
}

// CloseWindow implements [governor.Store].
func (f *Faulty) CloseWindow(ctx context.Context, account, number, customer string, at time.Time) error {
	return f.run(ctx, "CloseWindow", func() error { return f.Store.CloseWindow(ctx, account, number, customer, at) })
}

// Alias implements [governor.Store].
func (f *Faulty) Alias(ctx context.Context, account, alias, canonical string, now time.Time) error {
	return f.run(ctx, "Alias", func() error { return f.Store.Alias(ctx, account, alias, canonical, now) })
}

// Usage implements [governor.Store].
func (f *Faulty) Usage(ctx context.Context, u governor.UsageAsk) (governor.Usage, error) {
	return ask(ctx, f, "Usage", func() (governor.Usage, error) { return f.Store.Usage(ctx, u) })
}

// Tally implements [governor.Store].
func (f *Faulty) Tally(ctx context.Context, t governor.TallyMark) error {
	return f.run(ctx, "Tally", func() error { return f.Store.Tally(ctx, t) })
}

// Tallies implements [governor.Store].
func (f *Faulty) Tallies(ctx context.Context, account string, now time.Time) ([]governor.DayTally, error) {
	return ask(ctx, f, "Tallies", func() ([]governor.DayTally, error) { return f.Store.Tallies(ctx, account, now) })
}

// LoadState implements [governor.Store].
func (f *Faulty) LoadState(ctx context.Context, account string) (governor.State, error) {
	return ask(ctx, f, "LoadState", func() (governor.State, error) { return f.Store.LoadState(ctx, account) })
}

// SaveState implements [governor.Store].
func (f *Faulty) SaveState(ctx context.Context, account string, s governor.State) (stored governor.State, saved bool, err error) {
	stored, err = ask(ctx, f, "SaveState", func() (_ governor.State, err error) {
		stored, saved, err = f.Store.SaveState(ctx, account, s)
		return stored, err
	})
	return stored, saved && err == nil, err
}

// Close implements [governor.Store].
func (f *Faulty) Close() error { return f.Store.Close() }
