package memstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// ErrClosed is what every verb returns after Close.
var ErrClosed = errors.New("memstore: closed")

// A Store is a [governor.Store] in memory. The zero Store is empty and ready
// to use.
type Store struct {
	// mu guards what follows, not what is in an account.
	mu       sync.RWMutex
	accounts map[string]*account
	closed   bool
}

var _ governor.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store { return &Store{} }

// open returns the account with its lock held.
func (s *Store) open(ctx context.Context, id string) (*account, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	a, closed := s.accounts[id], s.closed
	s.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if a == nil {
		var err error
		if a, err = s.create(id); err != nil {
			return nil, err
		}
	}
	a.mu.Lock()
	return a, nil
}

func (s *Store) create(id string) (*account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	a := s.accounts[id]
	if a == nil {
		if s.accounts == nil {
			s.accounts = map[string]*account{}
		}
		a = &account{}
		s.accounts[id] = a
	}
	return a, nil
}

// Admit implements [governor.Store].
func (s *Store) Admit(ctx context.Context, ask governor.Admission) (governor.Verdict, error) {
	a, err := s.open(ctx, ask.Account)
	if err != nil {
		return governor.Verdict{}, err
	}
	defer a.mu.Unlock()
	return a.admit(ask), nil
}

// Settle implements [governor.Store].
func (s *Store) Settle(ctx context.Context, end governor.Settlement) error {
	a, err := s.open(ctx, end.Account)
	if err != nil {
		return err
	}
	defer a.mu.Unlock()
	a.settle(end)
	return nil
}

// Inbound implements [governor.Store].
func (s *Store) Inbound(ctx context.Context, in governor.InboundMark) error {
	a, err := s.open(ctx, in.Account)
	if err != nil {
		return err
	}
	defer a.mu.Unlock()
	a.inbound(in)
	return nil
}

// Delivery implements [governor.Store].
func (s *Store) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	a, err := s.open(ctx, d.Account)
	if err != nil {
		return err
	}
	defer a.mu.Unlock()
	a.delivery(d)
	return nil
}

// Consent implements [governor.Store].
func (s *Store) Consent(ctx context.Context, c governor.ConsentMark) error {
	a, err := s.open(ctx, c.Account)
	if err != nil {
		return err
	}
	defer a.mu.Unlock()
	a.consent(c)
	return nil
}

// Consents implements [governor.Store].
func (s *Store) Consents(ctx context.Context, id, recipient string, now time.Time) ([]governor.Consent, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	return a.listConsents(recipient, a.advance(now)), nil
}

// CloseWindow implements [governor.Store].
func (s *Store) CloseWindow(ctx context.Context, id, number, customer string, at time.Time) error {
	a, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	defer a.mu.Unlock()
	a.service.Close(number, a.canonical(customer), a.advance(at), at)
	return nil
}

// Alias implements [governor.Store].
func (s *Store) Alias(ctx context.Context, id, alias, canonical string, now time.Time) error {
	a, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	defer a.mu.Unlock()
	a.alias(alias, canonical, a.advance(now))
	return nil
}

// Usage implements [governor.Store].
func (s *Store) Usage(ctx context.Context, id string, limit int, now time.Time) (governor.Usage, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return governor.Usage{}, err
	}
	defer a.mu.Unlock()
	return a.usage(limit, now), nil
}

// LoadState implements [governor.Store].
func (s *Store) LoadState(ctx context.Context, id string) (governor.State, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return governor.State{}, err
	}
	defer a.mu.Unlock()
	return a.state, nil
}

// SaveState implements [governor.Store].
func (s *Store) SaveState(ctx context.Context, id string, next governor.State) (governor.State, bool, error) {
	a, err := s.open(ctx, id)
	if err != nil {
		return governor.State{}, false, err
	}
	defer a.mu.Unlock()
	if a.state.Version != next.Version {
		return a.state, false, nil
	}
	a.state = governor.State{Version: next.Version + 1, Data: next.Data}
	return a.state, true, nil
}

// Close forgets everything. Verbs called afterwards return [ErrClosed].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts, s.closed = nil, true
	return nil
}
