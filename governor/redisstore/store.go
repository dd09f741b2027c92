package redisstore

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// A Store is a [governor.Store] on a Redis server. Make one with [New].
type Store struct {
	client Client
	cfg    Config
	closed atomic.Bool

	mu sync.RWMutex

	// mu guards what follows, not what is in a lane.
	lanes map[string]*lane
}

var _ governor.Store = (*Store)(nil)

// New returns a store on a server. It calls nobody: whether the server is there
// shows with the first verb. The client stays the caller's, who closes it after
// the store.
//
// It returns all faults of the config at once, and refuses a client that would
// not heed a context's deadline.
func New(client Client, cfg Config) (*Store, error) {
	cfg, err := cfg.complete(client)
	if err != nil {
		return nil, err
	}
	return &Store{client: client, cfg: cfg, lanes: map[string]*lane{}}, nil
}

func (s *Store) lane(account string) *lane {
	s.mu.RLock()
	l := s.lanes[account]
	s.mu.RUnlock()
	if l != nil {
		return l
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l = s.lanes[account]; l == nil {
		l = &lane{account: account, keys: keysOf(s.cfg.Prefix, account)}
		s.lanes[account] = l
	}
	return l
}

// do runs one verb. Told is the caller's time.
func (s *Store) do(ctx context.Context, account string, told int64, op message) ([]any, error) {
	return s.pass(ctx, account, &call{op: op, told: told})
}

func (s *Store) pass(ctx context.Context, account string, c *call) ([]any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closed.Load() {
		return nil, ErrClosed
	}
	return s.send(ctx, s.lane(account), c)
}

// Admit implements [governor.Store].
func (s *Store) Admit(ctx context.Context, a governor.Admission) (governor.Verdict, error) {
	now := micros(a.Now)
	op := begin(verbAdmit, 17).token(a.Token).integer(whole(a.Version)).
		integer(now).integer(millis(a.Stamp)).integer(micros(a.NotBefore)).
		text(a.Number).text(a.Recipient).flag(a.Kind != governor.Notification).
		integer(bounded(int64(a.Limit))).flag(a.HoldersPass).rate(a.NumberRate).rate(a.PairRate).
		topics(a.Topics).text(a.OptIn).flag(a.Probe)
	answer, err := s.pass(ctx, a.Account, &call{op: op, told: now, books: !a.Probe})
	if err != nil {
		return governor.Verdict{}, err
	}
	return verdict(answer)
}

// Settle implements [governor.Store].
func (s *Store) Settle(ctx context.Context, end governor.Settlement) error {
	now := micros(end.Now)
	op := begin(verbSettle, 9).token(end.Token).integer(now).flag(end.Sent).
		integer(millis(end.Stamp)).integer(micros(end.Stamp))
	if end.MessageID == "" {
		op = op.text("")
	} else {
		op = op.messageID(end.MessageID)
	}
	op = op.text(end.Recipient).text(end.Canonical).flag(end.Confirmed)
	_, err := s.do(ctx, end.Account, now, op)
	return err
}

// Inbound implements [governor.Store].
func (s *Store) Inbound(ctx context.Context, in governor.InboundMark) error {
	now := micros(in.Now)
	_, err := s.do(ctx, in.Account, now, begin(verbInbound, 7).text(in.Number).text(in.Customer).flag(in.Uncertain).
		integer(micros(in.At)).integer(now).rate(in.NumberRate))
	return err
}

// Delivery implements [governor.Store].
func (s *Store) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	now := micros(d.Now)
	_, err := s.do(ctx, d.Account, now, begin(verbDelivery, 9).text(d.Number).messageID(d.MessageID).text(d.Recipient).
		integer(micros(d.At)).integer(millis(d.Stamp)).integer(now).flag(d.Sent).flag(d.Failed).integer(int64(d.Sort)))
	return err
}

// Consent implements [governor.Store].
func (s *Store) Consent(ctx context.Context, c governor.ConsentMark) error {
	now := micros(c.Now)
	_, err := s.do(ctx, c.Account, now, begin(verbConsent, 7).text(c.Recipient).text(c.Topic).flag(c.Granted).
		integer(micros(c.At)).integer(now).integer(micros(c.Until)).flag(c.Backoff))
	return err
}

// Consents implements [governor.Store].
func (s *Store) Consents(ctx context.Context, account, recipient string, now time.Time) ([]governor.Consent, error) {
	answer, err := s.do(ctx, account, micros(now), begin(verbConsents, 2).text(recipient).integer(micros(now)))
	if err != nil {
		return nil, err
	}
	return consents(answer)
}

// CloseWindow implements [governor.Store].
func (s *Store) CloseWindow(ctx context.Context, account, number, customer string, at time.Time) error {
	_, err := s.do(ctx, account, micros(at), begin(verbCloseWindow, 3).text(number).text(customer).integer(micros(at)))
	return err
}

// Alias implements [governor.Store].
func (s *Store) Alias(ctx context.Context, account, alias, canonical string, now time.Time) error {
	_, err := s.do(ctx, account, micros(now), begin(verbAlias, 3).text(alias).text(canonical).integer(micros(now)))
	return err
}

// Usage implements [governor.Store]. The curve has 256 points at most.
func (s *Store) Usage(ctx context.Context, ask governor.UsageAsk) (governor.Usage, error) {
	now := micros(ask.Now)
	answer, err := s.do(ctx, ask.Account, now, begin(verbUsage, 4).integer(bounded(int64(ask.Limit))).integer(now).
		integer(bounded(int64(ask.Need))).integer(bounded(int64(ask.Points))))
	if err != nil {
		return governor.Usage{}, err
	}
	return usage(answer)
}

// Tally implements [governor.Store].
func (s *Store) Tally(ctx context.Context, t governor.TallyMark) error {
	const day = 24 * 60 * 60
	now := micros(t.Now)
	op := begin(verbTally, 4).integer(micros(t.At.UTC().Truncate(24*time.Hour)) / (day * 1e6)).integer(now).
		integer(bounded(int64(t.Peak))).list(2 * len(t.Counts))
	for _, name := range slices.Sorted(maps.Keys(t.Counts)) {
		op = op.text(name).integer(bounded(t.Counts[name]))
	}
	_, err := s.do(ctx, t.Account, now, op)
	return err
}

// Tallies implements [governor.Store].
func (s *Store) Tallies(ctx context.Context, account string, now time.Time) ([]governor.DayTally, error) {
	answer, err := s.do(ctx, account, micros(now), begin(verbTallies, 1).integer(micros(now)))
	if err != nil {
		return nil, err
	}
	return tallies(answer)
}

// LoadState implements [governor.Store].
func (s *Store) LoadState(ctx context.Context, account string) (governor.State, error) {
	answer, err := s.do(ctx, account, none, begin(verbLoadState, 0))
	if err != nil {
		return governor.State{}, err
	}
	return state(answer)
}

// SaveState implements [governor.Store].
func (s *Store) SaveState(ctx context.Context, account string, next governor.State) (stored governor.State, saved bool, err error) {
	answer, err := s.do(ctx, account, none, begin(verbSaveState, 2).integer(whole(next.Version)).text(string(next.Data)))
	if err != nil {
		return governor.State{}, false, err
	}
	if len(answer) != 3 {
		return governor.State{}, false, errAnswer
	}
	stored, err = state(answer[1:])
	return stored, answer[0] == int64(1), err
}

// Close ends the store: verbs called afterwards return [ErrClosed], those under
// way end by themselves. It does not close the client, which is the caller's.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}
