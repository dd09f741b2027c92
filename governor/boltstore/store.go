package boltstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/ledger"
)

// A Store is a [governor.Store] in a file. Make one with [Open]; the zero Store
// refuses every verb with [ErrClosed].
type Store struct {
	config       Config
	file         *file
	journal      *journal
	accounts     accounts
	checkpointer checkpointer

	// gate is held for reading by every verb, and by Close for writing: so it
	// waits for verbs that are under way. It guards what follows.
	gate sync.RWMutex

	open   bool
	closed error // what Close returned
}

var _ governor.Store = (*Store)(nil)

// Open opens the ledger in the file at path, and makes an empty one with mode
// 0600 if there is none; the directory must be there. It reads all of it into
// memory. The file stays locked until [Store.Close].
//
// A file that cannot be used is left as it is: [ErrLocked], [ErrForeign],
// [ErrVersion] and [ErrCorrupt] say why.
func Open(path string, config Config) (*Store, error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	r, err := f.load()
	if err != nil {
		_ = f.close() // nothing has been written
		return nil, err
	}
	s := &Store{config: config, file: f, journal: newJournal(r.head.last, config.checkpointAt), open: true}
	s.accounts.byID = r.accounts
	s.checkpointer.gen = r.gen
	s.journal.grown, s.journal.outbox.orphans = r.journal, r.orphans
	s.journal.allow(r.snapshots)
	return s, nil
}

// Flush returns once all that has been answered is on the disk. Without
// [Config.Relaxed] it always is.
func (s *Store) Flush(ctx context.Context) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.drain(ctx)
}

// drain becomes the leader and writes what there is.
func (s *Store) drain(ctx context.Context) error {
	select {
	case s.journal.lead <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.journal.lead }()
	return s.flush()
}

// Close waits for the verbs that are under way, writes what is not on the disk
// yet, and lets go of the file. It can be called twice and returns the same.
// If the disk does not take what is left, Close says so, and it is lost: it
// is what a relaxed store has answered since the last write, and beyond that
// only what had been answered with an error.
func (s *Store) Close() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.open {
		s.open = false
		s.noteClocks()
		s.closed = errors.Join(s.drain(context.Background()), s.file.close())
	}
	return s.closed
}

// noteClocks records how far questions alone have moved the clocks, so that one
// who reopens the file goes on where this one was.
func (s *Store) noteClocks() {
	for _, a := range s.accounts.all() {
		a.mu.Lock()
		if c := a.Clocks(); c != a.told {
			s.journal.append(a, &record{op: opClocks, clocks: c}, c.Now)
		}
		a.mu.Unlock()
	}
}

// ready reports whether a verb may begin.
func (s *Store) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.open {
		return ErrClosed
	}
	return nil
}

// change lets a verb change the account and returns once that is on the disk.
// The verb returns what to record. If it returns nil, somebody else has brought
// about the same: then that has to be on the disk.
func (s *Store) change(ctx context.Context, id string, now time.Time, verb func(*account) *record) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	if err := s.unstick(ctx); err != nil {
		return err
	}
	b := s.record(id, now, verb)
	if b == nil || s.config.Relaxed > 0 && !s.journal.due(b, s.config.Relaxed, now) {
		return nil
	}
	return s.wait(ctx, b)
}

// record lets the verb change the account and puts that in the journal.
func (s *Store) record(id string, now time.Time, verb func(*account) *record) *batch {
	a := s.accounts.open(id)
	defer a.mu.Unlock()
	clocks := a.Clocks()
	rec := verb(a)
	switch rec {
	case &nothing:
		return nil
	case nil:
		return a.latest
	}
	rec.clocks = clocks
	return s.journal.append(a, rec, now)
}

// nothing is what a refusal records, which has changed nothing. It does not wait
// for what it is based on: that refuses again, or it gets lost and lets pass.
var nothing record

// read asks the account something.
func (s *Store) read(ctx context.Context, id string, ask func(*account)) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	a := s.accounts.open(id)
	defer a.mu.Unlock()
	ask(a)
	return nil
}

// plain is the instant alone: neither a monotonic reading nor a location
// survives being written down, so neither may make a difference before.
func plain(t time.Time) time.Time { return t.Round(0).UTC() }

// Admit implements [governor.Store].
func (s *Store) Admit(ctx context.Context, ask governor.Admission) (governor.Verdict, error) {
	ask.Now, ask.Stamp, ask.NotBefore = plain(ask.Now), plain(ask.Stamp), plain(ask.NotBefore)
	var v governor.Verdict
	var err error
	if ask.Probe {
		err = s.read(ctx, ask.Account, func(a *account) { a.Admit(&ask, &v) })
	} else {
		err = s.change(ctx, ask.Account, ask.Now, func(a *account) (rec *record) {
			v, rec = admit(a, ask)
			return rec
		})
	}
	if err != nil {
		return governor.Verdict{}, err
	}
	return v, nil
}

// admit decides and tells what there is to record: a booking; or that a refusal
// gave back what an earlier call had booked under the token, held a number to a
// new rate, or followed a clock back.
func admit(a *account, ask governor.Admission) (governor.Verdict, *record) {
	booked, steady := a.Booked(ask.Token), a.Steady(ask)
	var v governor.Verdict
	a.Admit(&ask, &v)
	switch {
	case v.Outcome == governor.Admitted:
		return v, &record{op: opAdmit, admission: ask, counted: v.Counted}
	case v.Outcome == governor.Stale, steady && !booked:
		return v, &nothing
	default:
		return v, &record{op: opRefuse, admission: ask}
	}
}

// Settle implements [governor.Store].
func (s *Store) Settle(ctx context.Context, end governor.Settlement) error {
	end.Now, end.Stamp = plain(end.Now), plain(end.Stamp)
	id := ledger.Shorten(end.MessageID)
	end.MessageID = ""
	return s.change(ctx, end.Account, end.Now, func(a *account) *record {
		if !a.Settle(&end, id) {
			return nil
		}
		return &record{op: opSettle, end: end, message: id}
	})
}

// Inbound implements [governor.Store].
func (s *Store) Inbound(ctx context.Context, in governor.InboundMark) error {
	in.At, in.Now = plain(in.At), plain(in.Now)
	return s.change(ctx, in.Account, in.Now, func(a *account) *record {
		a.Inbound(in)
		return &record{op: opInbound, inbound: in}
	})
}

// Delivery implements [governor.Store].
func (s *Store) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	d.At, d.Stamp, d.Now = plain(d.At), plain(d.Stamp), plain(d.Now)
	id := ledger.Shorten(d.MessageID)
	d.MessageID = ""
	return s.change(ctx, d.Account, d.Now, func(a *account) *record {
		if !a.Delivery(d, id) {
			return nil
		}
		return &record{op: opDelivery, delivery: d, message: id}
	})
}

// Consent implements [governor.Store].
func (s *Store) Consent(ctx context.Context, c governor.ConsentMark) error {
	c.At, c.Now, c.Until = plain(c.At), plain(c.Now), plain(c.Until)
	return s.change(ctx, c.Account, c.Now, func(a *account) *record {
		a.Consent(c)
		return &record{op: opConsent, consent: c}
	})
}

// Consents implements [governor.Store].
func (s *Store) Consents(ctx context.Context, id, recipient string, now time.Time) (list []governor.Consent, err error) {
	err = s.read(ctx, id, func(a *account) { list = a.Consents(recipient, plain(now)) })
	return list, err
}

// CloseWindow implements [governor.Store].
func (s *Store) CloseWindow(ctx context.Context, id, number, customer string, at time.Time) error {
	at = plain(at)
	return s.change(ctx, id, at, func(a *account) *record {
		a.CloseWindow(number, customer, at)
		return &record{op: opClose, from: number, into: customer, at: at}
	})
}

// Alias implements [governor.Store].
func (s *Store) Alias(ctx context.Context, id, alias, canonical string, now time.Time) error {
	now = plain(now)
	return s.change(ctx, id, now, func(a *account) *record {
		if !a.Alias(alias, canonical, now) {
			return nil
		}
		return &record{op: opAlias, from: alias, into: canonical, at: now}
	})
}

// Usage implements [governor.Store].
func (s *Store) Usage(ctx context.Context, ask governor.UsageAsk) (u governor.Usage, err error) {
	ask.Now = plain(ask.Now)
	err = s.read(ctx, ask.Account, func(a *account) { u = a.Usage(ask) })
	return u, err
}

// Tally implements [governor.Store].
func (s *Store) Tally(ctx context.Context, mark governor.TallyMark) error {
	mark.At, mark.Now = plain(mark.At), plain(mark.Now)
	return s.change(ctx, mark.Account, mark.Now, func(a *account) *record {
		a.Tally(mark)
		return &record{op: opTally, tally: mark}
	})
}

// Tallies implements [governor.Store].
func (s *Store) Tallies(ctx context.Context, id string, now time.Time) (days []governor.DayTally, err error) {
	err = s.read(ctx, id, func(a *account) { days = a.Tallies(plain(now)) })
	return days, err
}

// LoadState implements [governor.Store].
func (s *Store) LoadState(ctx context.Context, id string) (state governor.State, err error) {
	err = s.read(ctx, id, func(a *account) { state = a.State() })
	return state, err
}

// SaveState implements [governor.Store].
func (s *Store) SaveState(ctx context.Context, id string, next governor.State) (stored governor.State, saved bool, err error) {
	err = s.change(ctx, id, time.Time{}, func(a *account) *record {
		if stored, saved = a.SaveState(next); !saved {
			return nil
		}
		return &record{op: opState, state: stored}
	})
	if err != nil {
		return governor.State{}, false, err
	}
	return stored, saved, nil
}
