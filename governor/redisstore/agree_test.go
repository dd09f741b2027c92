package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// pair is a random history that is told to two stores.
type pair struct {
	t      *testing.T
	r      *rand.Rand
	stores [2]governor.Store
	now    time.Time
	latest time.Time
	tokens []governor.Token
	to     map[governor.Token]string
	asked  map[governor.Token]time.Time
	reply  map[governor.Token]bool
	ids    int
	rates  [2]governor.Rate
}

func (h *pair) person() string { return fmt.Sprintf("1650555%04d", h.r.IntN(6)) }
func (h *pair) number() string { return fmt.Sprintf("10654035224292%d", h.r.IntN(2)) }
func (h *pair) id() string     { return fmt.Sprintf("wamid.%d", h.ids-h.r.IntN(min(h.ids+1, 12))) }

// old reports whether a booking may have been forgotten: it is remembered for two
// days, a reply's for an hour.
func (h *pair) old(token governor.Token) bool {
	age := h.latest.Sub(h.asked[token])
	return age > 50*time.Minute && (h.reply[token] || age > 40*time.Hour)
}

// ago is a time in the last hours, often now itself.
func (h *pair) ago(span time.Duration) time.Time {
	if h.r.IntN(3) == 0 {
		return h.now
	}
	return h.now.Add(-time.Duration(h.r.Int64N(int64(span)))).Truncate(time.Microsecond)
}

func (h *pair) tick() {
	switch h.r.IntN(36) {
	case 0, 1, 2:
	case 3, 4, 5:
		h.now = h.now.Add(time.Duration(h.r.Int64N(int64(20 * time.Second))))
	case 6, 7:
		h.now = h.now.Add(time.Duration(h.r.Int64N(int64(2 * time.Hour))))
	case 8:
		h.now = h.now.Add(24*time.Hour - time.Duration(h.r.IntN(3))*time.Millisecond)
	case 9, 10, 11:
		h.now = h.now.Add(-time.Duration(h.r.Int64N(int64(time.Hour))))
	default:
		h.now = h.now.Add(time.Duration(h.r.IntN(3)) * time.Millisecond)
	}
	h.now = h.now.Truncate(time.Microsecond)
	if h.r.IntN(2) == 0 {
		h.now = h.now.Truncate(time.Millisecond)
	}
	if h.now.After(h.latest) {
		h.latest = h.now
	}
}

// step makes up one verb and returns what to do to a store.
func (h *pair) step() (string, func(governor.Store) (any, error)) {
	h.tick()
	ctx := h.t.Context()
	const account = "portfolio"
	switch op := h.r.IntN(40); {
	case op < 14:
		token := governor.Token{Hi: 1, Lo: h.r.Uint64N(1 << 40)}
		to := h.person()
		switch h.r.IntN(8) {
		case 0:
			if len(h.tokens) > 0 {
				if again := h.tokens[h.r.IntN(len(h.tokens))]; !h.old(again) {
					token, to = again, h.to[again]
				}
			}
		case 1:
			token = governor.Token{}
		}
		if token != (governor.Token{}) && h.to[token] == "" {
			h.tokens = append(h.tokens, token)
			h.to[token], h.asked[token] = to, h.latest
		}
		ask := governor.Admission{
			Account: account, Token: token, Version: h.r.Uint64N(9), Now: h.now, Stamp: h.now,
			Number: h.number(), Recipient: to, Kind: governor.Kind(h.r.IntN(2)), Limit: h.r.IntN(7),
			HoldersPass: h.r.IntN(2) == 0, Probe: h.r.IntN(6) == 0,
		}
		h.reply[token] = h.reply[token] || ask.Kind == governor.Reply
		if h.r.IntN(4) == 0 {
			ask.Stamp = h.now.Add(time.Duration(h.r.IntN(1e9)))
		}
		if h.r.IntN(4) == 0 {
			ask.NotBefore = h.now.Add(time.Duration(h.r.Int64N(int64(30 * time.Hour)))).Truncate(time.Microsecond)
		}
		if h.r.IntN(2) == 0 {
			ask.NumberRate = h.rates[h.r.IntN(2)]
		}
		if h.r.IntN(2) == 0 {
			ask.PairRate = h.rates[1]
		}
		if h.r.IntN(3) == 0 {
			ask.Topics = [3]string{"", "offers", "news"}
		}
		if h.r.IntN(9) == 0 {
			ask.OptIn = "offers"
		}
		return fmt.Sprintf("%+v", ask), func(s governor.Store) (any, error) { return s.Admit(ctx, ask) }
	case op < 22:
		if len(h.tokens) == 0 {
			return "nothing", func(governor.Store) (any, error) { return nil, nil }
		}
		token := h.tokens[max(0, len(h.tokens)-1-h.r.IntN(10))]
		if h.old(token) {
			return "nothing", func(governor.Store) (any, error) { return nil, nil }
		}
		end := governor.Settlement{Account: account, Token: token, Now: h.now, Sent: h.r.IntN(3) > 0, Recipient: h.to[token]}
		if end.Sent {
			end.Stamp = h.ago(time.Hour)
			if h.r.IntN(5) > 0 {
				h.ids++
				end.MessageID = fmt.Sprintf("wamid.%d", h.ids)
			}
			switch h.r.IntN(36) {
			case 0, 1:
				end.Canonical = h.person()
			case 2:
				end.Canonical, end.Confirmed = end.Recipient, true
			}
		}
		return fmt.Sprintf("%+v", end), func(s governor.Store) (any, error) { return nil, s.Settle(ctx, end) }
	case op < 25:
		in := governor.InboundMark{Account: account, Number: h.number(), Customer: h.person(), Uncertain: h.r.IntN(4) == 0, At: h.ago(30 * time.Hour), Now: h.now, NumberRate: h.rates[0]}
		return fmt.Sprintf("%+v", in), func(s governor.Store) (any, error) { return nil, s.Inbound(ctx, in) }
	case op < 31:
		d := governor.DeliveryMark{Account: account, Number: h.number(), MessageID: h.id(), At: h.ago(3 * time.Hour), Now: h.now, Sent: h.r.IntN(4) == 0, Sort: governor.Sort(h.r.IntN(3))}
		d.Stamp, d.Failed = d.At, !d.Sent && h.r.IntN(3) == 0
		if h.r.IntN(3) > 0 {
			d.Recipient = h.person()
		}
		return fmt.Sprintf("%+v", d), func(s governor.Store) (any, error) { return nil, s.Delivery(ctx, d) }
	case op < 34:
		c := governor.ConsentMark{Account: account, Recipient: h.person(), Topic: []string{"offers", "news", governor.PairTopic + h.number()}[h.r.IntN(3)], Granted: h.r.IntN(2) == 0, At: h.ago(time.Hour), Now: h.now}
		if h.r.IntN(2) == 0 {
			c.Until, c.Backoff = c.At.Add(time.Duration(h.r.IntN(100))*time.Second), h.r.IntN(2) == 0
		}
		return fmt.Sprintf("%+v", c), func(s governor.Store) (any, error) { return nil, s.Consent(ctx, c) }
	case op < 35:
		who := h.person()
		return "consents of " + who, func(s governor.Store) (any, error) { return s.Consents(ctx, account, who, h.now) }
	case op < 36:
		number, who := h.number(), h.person()
		return "close " + number + " " + who, func(s governor.Store) (any, error) {
			return nil, s.CloseWindow(ctx, account, number, who, h.now)
		}
	case op < 37:
		if h.r.IntN(3) > 0 {
			return "nothing", func(governor.Store) (any, error) { return nil, nil }
		}
		alias, canonical := h.person(), h.person()
		return "alias " + alias + " is " + canonical, func(s governor.Store) (any, error) {
			return nil, s.Alias(ctx, account, alias, canonical, h.now)
		}
	case op < 38:
		save := governor.State{Version: h.r.Uint64N(4), Data: []byte(h.person())}
		return fmt.Sprintf("save %d", save.Version), func(s governor.Store) (any, error) {
			stored, saved, err := s.SaveState(ctx, account, save)
			return []any{stored, saved}, err
		}
	case op < 39:
		mark := governor.TallyMark{Account: account, At: h.ago(40 * 24 * time.Hour), Now: h.now, Peak: h.r.IntN(9), Counts: map[string]int64{h.number(): 1, "x": int64(h.r.IntN(5))}}
		return fmt.Sprintf("%+v", mark), func(s governor.Store) (any, error) { return nil, s.Tally(ctx, mark) }
	default:
		return "tallies", func(s governor.Store) (any, error) { return s.Tallies(ctx, account, h.now) }
	}
}

// Whatever is told in whatever order, the server answers as the ledger in memory
// does: to the microsecond, to the millisecond where slots are concerned.
func TestRandomHistoriesAreAnsweredAsInMemory(t *testing.T) {
	t.Parallel()
	server := started(t)
	if server == nil {
		return
	}
	base := rand.Uint64N(1 << 40)
	for i := range uint64(30) {
		t.Run(fmt.Sprint("seed ", base+i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(base+i, 0))
			store := storeOn(t, server, redisstore.Config{Prefix: fmt.Sprintf("%d:", i)})
			h := &pair{
				t: t, r: r, stores: [2]governor.Store{memstore.New(), store}, now: time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC),
				to: map[governor.Token]string{}, asked: map[governor.Token]time.Time{}, reply: map[governor.Token]bool{},
				rates: [2]governor.Rate{{Every: 50 * time.Millisecond, Burst: 2}, {Every: 7 * time.Second, Burst: 3}},
			}
			// After a week stores begin to forget whose window has closed, each in
			// its own way.
			start := h.now
			for n := 0; n < 400 && h.now.Sub(start) < 7*24*time.Hour; n++ {
				what, verb := h.step()
				want, err := verb(h.stores[0])
				require.NoError(t, err)
				got, err := verb(h.stores[1])
				require.NoError(t, err, "step %d: %s", n, what)
				require.Equal(t, want, got, "step %d: %s", n, what)
				ask := governor.UsageAsk{Account: "portfolio", Limit: r.IntN(7), Now: h.now, Need: r.IntN(4), Points: r.IntN(5)}
				wantUsage, err := h.stores[0].Usage(t.Context(), ask)
				require.NoError(t, err)
				gotUsage, err := h.stores[1].Usage(t.Context(), ask)
				require.NoError(t, err)
				require.Equal(t, wantUsage, gotUsage, "after step %d: %s", n, what)
			}
		})
	}
}
