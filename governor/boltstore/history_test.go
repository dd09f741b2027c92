package boltstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
	"github.com/sendgov/sendgov/governor/memstore"
)

var t0 = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// history makes the same random verbs for any store.
type history struct {
	*rand.Rand

	now      time.Time
	accounts int
	tokens   []governor.Token
	messages int
	versions map[string]uint64
}

func newHistory(seed uint64) *history {
	return &history{Rand: rand.New(rand.NewPCG(seed, 1)), now: t0, accounts: 2, versions: map[string]uint64{}}
}

func (h *history) person() string { return fmt.Sprintf("1650555%04d", h.IntN(60)) }
func (h *history) number() string { return fmt.Sprintf("10654035224292%d", h.IntN(2)) }

func (h *history) account() string { return fmt.Sprintf("50691430765663%d", h.IntN(h.accounts)) }

// around is an instant near now, often a little before.
func (h *history) around() time.Time {
	return h.now.Add(-time.Duration(h.Int64N(int64(2 * time.Hour)))).Add(time.Duration(h.IntN(1000)) * time.Millisecond)
}

var rates = []governor.Rate{{}, {Every: time.Second / 80, Burst: 80}, {Every: 30 * time.Second, Burst: 3}}

// next makes one verb, and returns what it does to a store.
func (h *history) next() func(ctx context.Context, s governor.Store) (any, error) {
	switch h.IntN(12) {
	case 0:
		h.now = h.now.Add(time.Duration(h.Int64N(int64(3 * time.Hour))))
	case 1:
		h.now = h.now.Add(-time.Duration(h.Int64N(int64(20 * time.Minute))))
	default:
		h.now = h.now.Add(time.Duration(h.Int64N(int64(time.Minute))))
	}
	account, number, person, now := h.account(), h.number(), h.person(), h.now
	switch h.IntN(20) {
	default:
		return h.admission(account, number, person)
	case 8, 9, 10, 11, 12:
		return h.settlement(account, person)
	case 13:
		in := governor.InboundMark{Account: account, Number: number, Customer: person, Uncertain: h.IntN(4) == 0, At: h.around(), Now: now, NumberRate: rates[h.IntN(3)]}
		if in.At.After(now) {
			in.At = now
		}
		return func(ctx context.Context, s governor.Store) (any, error) { return nil, s.Inbound(ctx, in) }
	case 14, 15:
		at := h.around()
		d := governor.DeliveryMark{
			Account: account, Number: number, MessageID: h.message(), Recipient: []string{"", person}[h.IntN(2)],
			At: at, Stamp: at, Now: now, Sort: governor.Sort(h.IntN(3)),
		}
		d.Sent, d.Failed = h.IntN(4) == 0, h.IntN(4) == 0
		return func(ctx context.Context, s governor.Store) (any, error) { return nil, s.Delivery(ctx, d) }
	case 16:
		return h.consent(account, person)
	case 17:
		switch other := h.person(); h.IntN(3) {
		case 0:
			return func(ctx context.Context, s governor.Store) (any, error) {
				return nil, s.Alias(ctx, account, person, other, now)
			}
		default:
			at := h.around()
			return func(ctx context.Context, s governor.Store) (any, error) {
				return nil, s.CloseWindow(ctx, account, number, person, at)
			}
		}
	case 18:
		mark := governor.TallyMark{Account: account, At: h.around(), Now: now, Peak: h.IntN(50), Counts: map[string]int64{"sent": int64(h.IntN(4)), fmt.Sprint("x", h.IntN(3)): 1}}
		return func(ctx context.Context, s governor.Store) (any, error) { return nil, s.Tally(ctx, mark) }
	case 19:
		state := governor.State{Version: h.versions[account], Data: fmt.Appendf(nil, `{"n":%d}`, h.IntN(1000))}
		if h.IntN(4) > 0 {
			h.versions[account]++
		} else {
			state.Version++ // one that nobody has
		}
		return func(ctx context.Context, s governor.Store) (any, error) {
			stored, saved, err := s.SaveState(ctx, account, state)
			return []any{stored, saved}, err
		}
	}
}

func (h *history) message() string { return fmt.Sprintf("wamid.%d", max(0, h.messages-h.IntN(30))) }

func (h *history) admission(account, number, person string) func(context.Context, governor.Store) (any, error) {
	ask := governor.Admission{
		Account: account, Version: h.versions[account], Now: h.now, Stamp: h.now, Number: number, Recipient: person,
		Kind: governor.Kind(h.IntN(2)), Limit: 20, HoldersPass: h.IntN(2) == 0,
		NumberRate: rates[h.IntN(3)], PairRate: governor.Rate{Every: 6 * time.Second, Burst: 45},
		Topics: [3]string{"marketing"}, Token: governor.Token{Hi: h.Uint64(), Lo: h.Uint64()},
	}
	switch h.IntN(8) {
	case 0:
		ask.Stamp = ask.Stamp.Add(time.Duration(h.IntN(5000)) * time.Millisecond)
	case 1:
		ask.Probe = true
	case 2:
		ask.Token = governor.Token{}
	case 3:
		if len(h.tokens) > 0 {
			ask.Token = h.tokens[h.IntN(len(h.tokens))]
		}
	}
	if ask.Token != (governor.Token{}) {
		h.tokens = append(h.tokens, ask.Token)
	}
	return func(ctx context.Context, s governor.Store) (any, error) { return s.Admit(ctx, ask) }
}

func (h *history) settlement(account, person string) func(context.Context, governor.Store) (any, error) {
	h.messages++
	end := governor.Settlement{
		Account: account, Now: h.now, Stamp: h.now, Sent: h.IntN(4) > 0, Recipient: person, Canonical: person,
		MessageID: fmt.Sprintf("wamid.%d", h.messages),
	}
	if n := len(h.tokens); n > 0 {
		end.Token = h.tokens[max(0, n-1-h.IntN(8))]
	}
	switch h.IntN(8) {
	case 0:
		end.Canonical = h.person()
	case 1:
		end.Canonical, end.Confirmed = "", true
	case 2:
		end.MessageID = ""
	case 3:
		end.Stamp = end.Stamp.Add(time.Second)
	}
	return func(ctx context.Context, s governor.Store) (any, error) { return nil, s.Settle(ctx, end) }
}

func (h *history) consent(account, person string) func(context.Context, governor.Store) (any, error) {
	c := governor.ConsentMark{Account: account, Recipient: person, Topic: "marketing", Granted: h.IntN(3) > 0, At: h.around(), Now: h.now}
	if h.IntN(2) == 0 {
		c.Topic, c.Granted, c.Until, c.Backoff = governor.PairTopic+h.number(), false, c.At.Add(time.Minute), h.IntN(2) == 0
	}
	return func(ctx context.Context, s governor.Store) (any, error) { return nil, s.Consent(ctx, c) }
}

// look asks a store all that can be asked about its accounts.
func (h *history) look(t testing.TB, s governor.Store) []any {
	t.Helper()
	var seen []any
	for i := range h.accounts {
		account := fmt.Sprintf("50691430765663%d", i)
		u, err := s.Usage(t.Context(), governor.UsageAsk{Account: account, Limit: 20, Now: h.now, Points: 100})
		require.NoError(t, err)
		state, err := s.LoadState(t.Context(), account)
		require.NoError(t, err)
		days, err := s.Tallies(t.Context(), account, h.now)
		require.NoError(t, err)
		seen = append(seen, u, state, days)
		for p := range 60 {
			person := fmt.Sprintf("1650555%04d", p)
			wishes, err := s.Consents(t.Context(), account, person, h.now)
			require.NoError(t, err)
			seen = append(seen, wishes)
			for _, kind := range []governor.Kind{governor.Notification, governor.Reply} {
				v, err := s.Admit(t.Context(), governor.Admission{
					Account: account, Version: state.Version, Now: h.now, Stamp: h.now, Number: "106540352242920", Recipient: person,
					Kind: kind, Limit: 20, HoldersPass: true, PairRate: governor.Rate{Every: 6 * time.Second, Burst: 45}, Topics: [3]string{"marketing"}, Probe: true,
				})
				require.NoError(t, err)
				seen = append(seen, v)
			}
		}
	}
	return seen
}

// requireSame fails with the first difference alone: the whole is long.
func requireSame(t testing.TB, want, got []any, format string, args ...any) {
	t.Helper()
	require.Lenf(t, got, len(want), format, args...)
	for i := range want {
		require.Equalf(t, want[i], got[i], format, args...)
	}
}

func TestAStoreThatIsReopenedAnswersAsOneThatNeverWas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seed    uint64
		relaxed time.Duration
		steps   int
	}{
		{1, 0, 200},
		{2, time.Hour, 1200},
		{rand.Uint64(), time.Minute, 1200},
		{rand.Uint64(), time.Hour, 1200},
	} {
		t.Run(fmt.Sprintf("seed %d relaxed %v", c.seed, c.relaxed), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ledger.db")
			h, mem := newHistory(c.seed), memstore.New()
			bolt, err := boltstore.OpenTuned(path, c.relaxed, 4<<10)
			require.NoError(t, err)
			for i := range c.steps {
				verb := h.next()
				want, err := verb(t.Context(), mem)
				require.NoError(t, err)
				got, err := verb(t.Context(), bolt)
				require.NoError(t, err)
				require.Equalf(t, want, got, "seed %d, step %d", c.seed, i)
				if h.IntN(40) == 0 {
					require.NoError(t, bolt.Close())
					bolt, err = boltstore.OpenTuned(path, c.relaxed, 4<<10)
					require.NoError(t, err)
					requireSame(t, h.look(t, mem), h.look(t, bolt), "seed %d, step %d", c.seed, i)
				}
			}
			require.NoError(t, bolt.Close())
		})
	}
}
