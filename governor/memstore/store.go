package memstore

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/ledger"
)

// ErrClosed is what every verb returns after Close.
var ErrClosed = errors.New("memstore: closed")

// A Store is a [governor.Store] in memory. The zero Store is empty and ready
// to use.
type Store struct {
	books  atomic.Pointer[ledger.Books]
	closed atomic.Bool
}

var _ governor.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store { return &Store{} }

// open returns the account, held.
func (s *Store) open(ctx context.Context, id string) (*ledger.Held, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closed.Load() {
		return nil, ErrClosed
	}
	books := s.books.Load()
	if books == nil {
		s.books.CompareAndSwap(nil, &ledger.Books{})
		books = s.books.Load()
	}
	return books.Open(id), nil
}

// Admit implements [governor.Store].
func (s *Store) Admit(ctx context.Context, ask governor.Admission) (v governor.Verdict, err error) {
	a, err := s.open(ctx, ask.Account)
	if err != nil {
		return v, err
	}
	defer a.Release()
	a.Admit(&ask, &v)
	return v, nil
}

// Settle implements [governor.Store].
func (s *Store) Settle(ctx context.Context, end governor.Settlement) error {
	a, err := s.open(ctx, end.Account)
	if err != nil {
		return err
	}
	defer a.Release()
	a.Settle(&end, ledger.Shorten(end.MessageID))
	return nil
}

// Inbound implements [governor.Store].
func (s *Store) Inbound(ctx context.Context, in governor.InboundMark) error {
	a, err := s.open(ctx, in.Account)
	if err != nil {
		return err
	}
	defer a.Release()
	a.Inbound(in)
	return nil
}

// Delivery implements [governor.Store].
func (s *Store) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	a, err := s.open(ctx, d.Account)
	if err != nil {
		return err
	}
	defer a.Release()
	a.Delivery(d, ledger.Shorten(d.MessageID))
	return nil
}

// Consent implements [governor.Store].
func (s *Store) Consent(ctx context.Context, c governor.ConsentMark) error {
	a, err := s.open(ctx, c.Account)
	if err != nil {
		return err
	}
	defer a.Release()
	a.Consent(c)
	return nil
}

// Consents implements [governor.Store].
func (s *Store) Consents(ctx context.Context, id, recipient string, now time.Time) ([]governor.Consent, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	return a.Consents(recipient, now), nil
}

// CloseWindow implements [governor.Store].
func (s *Store) CloseWindow(ctx context.Context, id, number, customer string, at time.Time) error {
	a, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	defer a.Release()
	a.CloseWindow(number, customer, at)
	return nil
}

// Alias implements [governor.Store].
func (s *Store) Alias(ctx context.Context, id, alias, canonical string, now time.Time) error {
	a, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	defer a.Release()
	a.Alias(alias, canonical, now)
	return nil
}

// Usage implements [governor.Store].
func (s *Store) Usage(ctx context.Context, ask governor.UsageAsk) (governor.Usage, error) {
	a, err := s.open(ctx, ask.Account)
	if err != nil {
		return governor.Usage{}, err
	}
	defer a.Release()
	return a.Usage(ask), nil
}

// Tally implements [governor.Store].
func (s *Store) Tally(ctx context.Context, mark governor.TallyMark) error {
	a, err := s.open(ctx, mark.Account)
	if err != nil {
		return err
	}
	defer a.Release()
	a.Tally(mark)
	return nil
}

// Tallies implements [governor.Store].
func (s *Store) Tallies(ctx context.Context, id string, now time.Time) ([]governor.DayTally, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	return a.Tallies(now), nil
}

// LoadState implements [governor.Store].
func (s *Store) LoadState(ctx context.Context, id string) (governor.State, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return governor.State{}, err
	}
	defer a.Release()
	return a.State(), nil
}

// SaveState implements [governor.Store].
func (s *Store) SaveState(ctx context.Context, id string, next governor.State) (stored governor.State, saved bool, err error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return governor.State{}, false, err
	}
	defer a.Release()
	stored, saved = a.SaveState(next)
	return stored, saved, nil
}

// Close forgets everything. Verbs called afterwards return [ErrClosed].
func (s *Store) Close() error {
	s.closed.Store(true)
	s.books.Store(nil)
	return nil
}
