package governor

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A Governor decides, before a message leaves, whether its account may send
// it. It is safe for concurrent use. It starts no goroutine and holds nothing
// that needs closing; the store is the caller's.
type Governor struct {
	store  Store
	cfg    Config
	clock  Clock
	routes *routes
	views  views
	lines  lines
	notify bulletin
	leases *leases // nil: the local budget is nothing

	trouble trouble
	tallies tallies
	shares  shareTable

	tokens   uint64 // random: tells this governor's tokens from all others'
	sequence atomic.Uint64
}

// New returns a Governor that keeps its ledger in store. The error joins
// everything that is wrong with store and cfg.
func New(store Store, cfg Config) (*Governor, error) {
	var fault error
	if isNil(store) {
		fault = invalid("New: store", "is nil")
	}
	if err := errors.Join(fault, cfg.Validate()); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if cfg.StoreTimeout > 0 {
		store = timed{store: store, limit: cfg.StoreTimeout}
	}
	if len(cfg.HashKey) > 0 {
		hashed, err := newHashed(store, cfg.HashKey, cfg.OldHashKeys)
		if err != nil {
			return nil, err
		}
		store = hashed
	}
	kept, err := simplelru.NewLRU[string, *view](cfg.Handles, nil)
	if err != nil {
		return nil, fmt.Errorf("governor: %w", err)
	}
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("governor: %w", err)
	}
	wake := make(chan struct{}, 1)
	return &Governor{
		store:   store,
		cfg:     cfg,
		clock:   cfg.Clock,
		routes:  cfg.routes(),
		views:   views{kept: kept},
		notify:  bulletin{observer: cfg.Observer, wake: wake},
		shares:  newShareTable(cfg.Shares),
		tallies: newTallies(cfg.Handles, wake, cfg.Observer != nil),
		leases:  newLeases(&cfg, seed[:]),
		tokens:  binary.LittleEndian.Uint64(seed[:]),
	}, nil
}

// Check says what Reserve would, and changes nothing. The answer holds for the
// instant: who must not be overtaken uses Reserve.
//
// The error is nil for a denial. It wraps [ErrInvalid] for a message that is
// not well formed, and is the store's if a notification could not be decided;
// the decision then denies.
func (g *Governor) Check(ctx context.Context, m Message) (Decision, error) {
	var r ruling
	err := g.decide(ctx, &m, Token{}, &r)
	if r.Reason == Undecided || r.Reason == StoreFailed && !r.Allowed {
		return r.Decision, err
	}
	return r.Decision, nil
}

// Reserve books the message now or returns a [*DeniedError]. A reservation is
// to be ended with Commit when the platform has accepted the message and with
// Cancel when it definitely has not; one that is never ended stays counted for
// 24 h, since nobody knows.
//
// Other errors wrap [ErrInvalid], or are the context's.
func (g *Governor) Reserve(ctx context.Context, m Message) (*Reservation, error) {
	if err := g.ready(); err != nil {
		return nil, err
	}
	ctx = g.patient(ctx)
	token := g.newToken()
	var r ruling
	leave, err := g.attempt(ctx, &m, token, &r)
	if leave != nil || r.Reason == Undecided {
		return leave, err
	}
	g.forget(ctx, &r.Decision, token)
	return nil, g.deny(ctx, &r.Decision, err)
}

// attempt asks once. Without a reservation the ruling, zero until then, says why,
// or err if it is undecided.
func (g *Governor) attempt(ctx context.Context, m *Message, token Token, r *ruling) (*Reservation, error) {
	if err := g.decide(ctx, m, token, r); !r.Allowed {
		return nil, err
	}
	g.letThrough(ctx, &r.Decision)
	return newReservation(g, r), nil
}

// deny is a refusal that the caller gets to know.
func (g *Governor) deny(ctx context.Context, d *Decision, cause error) error {
	g.heldBack(ctx, d)
	return &DeniedError{Decision: *d, Cause: cause}
}

func (g *Governor) newToken() Token {
	return Token{Hi: g.tokens, Lo: g.sequence.Add(1)}
}

// graced is from when a slot counts that is taken at a time.
func (g *Governor) graced(at time.Time) time.Time {
	if g.cfg.Grace == 0 {
		return at
	}
	return at.Add(g.cfg.Grace)
}

// A ruling is a decision, and what ending its reservation takes.
type ruling struct {
	Decision

	recipient string
	token     Token  // zero: the store knows of nothing
	local     *local // nil: it was not made on a leased slot
}

func (g *Governor) ready() error {
	if g == nil || g.store == nil {
		return invalid("Governor", "is nil or zero, want one that New has made")
	}
	return nil
}

// staleRetries bounds how often a decision is made anew because the account's
// state changed under it.
const staleRetries = 16

// decide asks every rule. With the zero token it changes nothing. The ruling is
// the zero one until then.
func (g *Governor) decide(ctx context.Context, m *Message, token Token, r *ruling) error {
	if err := g.ready(); err != nil {
		return err
	}
	ctx = g.patient(ctx)
	recipient, err := m.canonical()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s := sender{id: m.From}
	err = g.routes.find(ctx, m.From, &s.route)
	switch {
	case err == nil:
	case m.Kind == Notification, errors.Is(err, ErrInvalid), ctx.Err() != nil:
		return err
	default: // nobody can tell whose number it is, and that is no fault of the customer's
		r.Number, r.Kind, r.At = m.From, m.Kind, g.clock.Now()
		r.Allowed, r.Reason, r.Scope = true, StoreFailed, ScopeStore
		return g.failed(ctx, "", r.At, err)
	}
	r.Account, r.Number, r.Kind = s.route.Account, m.From, m.Kind
	if m.Kind == ReadReceipt {
		r.Allowed, r.Reason, r.At = true, Passed, g.clock.Now()
		return nil
	}
	r.recipient = recipient
	yielded := false // once: what others take then is theirs
	for range staleRetries {
		now := g.clock.Now()
		r.At = now
		if err := g.current(ctx, &s, now); err != nil {
			return g.without(ctx, &s, m, token, r, g.lastGate(&s, m, now), err)
		}
		var gate gate
		gate.ask(&s, m, now)
		quota := s.quota(&g.shares, s.limit(&g.cfg, now), gate.category, now)
		// Field by field, and no literal: that is made somewhere else and copied, and
		// to read at once what has only just been written makes a processor wait.
		var ask Admission
		ask.Account, ask.Token, ask.Version = s.route.Account, token, s.view.state.Version
		ask.Now, ask.Stamp, ask.NotBefore = now, g.graced(now), gate.until
		ask.Number, ask.Recipient, ask.Kind = m.From, recipient, m.Kind
		ask.Limit, ask.HoldersPass = quota.room, g.cfg.AtLimit == RefuseNew && quota.room > 0
		ask.NumberRate, ask.PairRate = numberRate(s.perSecond(now)), pairRate
		ask.Topics, ask.OptIn = m.topics(gate.category), m.optIn(gate.category, g.cfg.RequireOptIn)
		ask.Probe = token == Token{} || gate.shut
		var verdict Verdict
		err := g.admit(ctx, &ask, s.view, &gate, &verdict)
		if err == nil && verdict.Outcome == OverLimit && !quota.until.IsZero() {
			err = g.unflagged(ctx, &s, ask, &gate, &quota, &verdict)
		}
		if err != nil {
			return g.without(ctx, &s, m, token, r, gate, err)
		}
		if verdict.Outcome == Stale {
			if verdict.State.Version < s.view.state.Version {
				g.again(r.Account)
				continue
			}
			if _, err := g.remember(r.Account, verdict.State, now); err != nil {
				return g.without(ctx, &s, m, token, r, gate, err)
			}
			// Another process has raised a limit or heard of a lift.
			g.lines.wake(r.Account, now)
			continue
		}
		g.answered(ctx, r.Account, now)
		if g.leases != nil && !yielded {
			if yielded = g.mind(ctx, &s, &ask, &verdict, &gate); yielded {
				continue
			}
		}
		r.Used, r.Limit, r.Counted = verdict.Used, quota.limit, verdict.Counted
		r.judge(&verdict, &gate, &quota)
		if r.Allowed {
			r.token = token
		}
		return nil
	}
	r.At = g.clock.Now()
	err = fmt.Errorf("governor: the state of account %q changed %d times during one decision", r.Account, staleRetries)
	return g.without(ctx, &s, m, token, r, g.lastGate(&s, m, r.At), err)
}

// forget takes back what may have been booked although the answer was lost. It
// is worth one try: where that fails too, the slot lapses in a day. The token
// must not be used again, for the try may take effect later than it seems to.
func (g *Governor) forget(ctx context.Context, d *Decision, token Token) {
	if d.Reason != StoreFailed {
		return
	}
	after, stop := context.WithTimeout(g.patientAnew(context.WithoutCancel(ctx)), forgetTime)
	defer stop()
	_ = g.store.Settle(after, Settlement{Account: d.Account, Token: token, Now: g.clock.Now()})
}

// forgetTime bounds how much longer a refusal takes because the store failed.
const forgetTime = 250 * time.Millisecond

// lastGate is what the platform said as far as it is known here, for when the
// store does not tell.
func (g *Governor) lastGate(s *sender, m *Message, now time.Time) gate {
	if v := g.lastView(s.route.Account); v != nil {
		s.see(v)
		return s.gate(m, now)
	}
	return gate{}
}

// judge combines the ledger's verdict with the platform's word. Where both
// refuse, the one that refuses longest is named, so that RetryAt is a time at
// which the message really passes.
func (d *Decision) judge(v *Verdict, gate *gate, quota *quota) {
	d.Health = gate.health
	reason, scope := v.Outcome.reason()
	switch {
	case reason == Passed && !gate.shut:
		d.Allowed, d.Reason = true, Passed
	case reason == Passed, gate.shut && gate.outlasts(v.RetryAt):
		d.Reason, d.Scope, d.RetryAt, d.Detail = gate.reason, gate.scope, gate.until, gate.detail
		d.Counted = false
	default:
		d.Reason, d.Scope, d.RetryAt = reason, scope, v.RetryAt
		d.Counted = false
		if reason == TierLimit {
			d.Detail = quota.word
		}
	}
}

func (o Outcome) reason() (Reason, Scope) {
	switch o {
	case Admitted:
		return Passed, ScopeNone
	case OverLimit:
		return TierLimit, ScopeAccount
	case NumberBusy:
		return NumberRate, ScopeNumber
	case PairBusy:
		return PairRate, ScopePair
	case ReplyClosed:
		return WindowClosed, ScopePair
	case Unwanted:
		return OptedOut, ScopeRecipient
	case NotAskedFor:
		return NotOptedIn, ScopeRecipient
	}
	return StoreFailed, ScopeStore
}

// storeRetry is when to ask again after the store has failed.
const storeRetry = time.Second

// storeless is the decision while the store does not answer: a reply passes
// unless the platform is known to block it, anything that counts does not.
func (d *Decision) storeless(ctx context.Context, by *gate) {
	switch {
	case by.shut:
		d.Health = by.health
		d.Reason, d.Scope, d.RetryAt, d.Detail = by.reason, by.scope, by.until, by.detail
	case d.Kind == Reply && ctx.Err() == nil:
		d.Allowed, d.Reason, d.Scope = true, StoreFailed, ScopeStore
	default:
		d.Reason, d.Scope, d.RetryAt = StoreFailed, ScopeStore, d.At.Add(storeRetry)
	}
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// notAfter reads a time that the platform told: none is now, and one that is
// still to come, by a clock that runs ahead of ours, is now.
func notAfter(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at
}
