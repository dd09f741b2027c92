package governor_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

var (
	key1 = []byte("0123456789abcdef")
	key2 = []byte("fedcba9876543210fedcba9876543210")
)

func hashKey(key []byte, old ...[]byte) func(*governor.Config) {
	return func(cfg *governor.Config) { cfg.HashKey, cfg.OldHashKeys = key, old }
}

// spy is a store that keeps every text that any verb is told, by the verb.
type spy struct {
	governor.Store
	mu    sync.Mutex
	texts map[string][]string
	calls map[string]int
}

func newSpy() *spy {
	return &spy{Store: memstore.New(), texts: map[string][]string{}, calls: map[string]int{}}
}

func (s *spy) note(verb string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[verb]++
	for _, arg := range args {
		s.walk(verb, reflect.ValueOf(arg))
	}
}

func (s *spy) walk(verb string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		s.texts[verb] = append(s.texts[verb], v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			s.walk(verb, v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			s.texts[verb] = append(s.texts[verb], string(v.Bytes()))
			return
		}
		for i := range v.Len() {
			s.walk(verb, v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			s.walk(verb, it.Key())
			s.walk(verb, it.Value())
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			s.walk(verb, v.Elem())
		}
	}
}

func (s *spy) Admit(ctx context.Context, a governor.Admission) (governor.Verdict, error) {
	s.note("Admit", a)
	return s.Store.Admit(ctx, a)
}

func (s *spy) Settle(ctx context.Context, e governor.Settlement) error {
	s.note("Settle", e)
	return s.Store.Settle(ctx, e)
}

func (s *spy) Inbound(ctx context.Context, in governor.InboundMark) error {
	s.note("Inbound", in)
	return s.Store.Inbound(ctx, in)
}

func (s *spy) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	s.note("Delivery", d)
	return s.Store.Delivery(ctx, d)
}

func (s *spy) Consent(ctx context.Context, c governor.ConsentMark) error {
	s.note("Consent", c)
	return s.Store.Consent(ctx, c)
}

func (s *spy) Consents(ctx context.Context, id, recipient string, now time.Time) ([]governor.Consent, error) {
	s.note("Consents", id, recipient)
	return s.Store.Consents(ctx, id, recipient, now)
}

func (s *spy) CloseWindow(ctx context.Context, id, number, customer string, at time.Time) error {
	s.note("CloseWindow", id, number, customer)
	return s.Store.CloseWindow(ctx, id, number, customer, at)
}

func (s *spy) Alias(ctx context.Context, id, alias, canonical string, now time.Time) error {
	s.note("Alias", id, alias, canonical)
	return s.Store.Alias(ctx, id, alias, canonical, now)
}

func (s *spy) Usage(ctx context.Context, ask governor.UsageAsk) (governor.Usage, error) {
	s.note("Usage", ask)
	return s.Store.Usage(ctx, ask)
}

func (s *spy) Tally(ctx context.Context, mark governor.TallyMark) error {
	s.note("Tally", mark)
	return s.Store.Tally(ctx, mark)
}

func (s *spy) Tallies(ctx context.Context, id string, now time.Time) ([]governor.DayTally, error) {
	s.note("Tallies", id)
	return s.Store.Tallies(ctx, id, now)
}

func (s *spy) LoadState(ctx context.Context, id string) (governor.State, error) {
	s.note("LoadState", id)
	return s.Store.LoadState(ctx, id)
}

func (s *spy) SaveState(ctx context.Context, id string, next governor.State) (governor.State, bool, error) {
	s.note("SaveState", id, next)
	return s.Store.SaveState(ctx, id, next)
}

func TestNoVerbTellsAHashedStoreWhoAnybodyIs(t *testing.T) {
	t.Parallel()
	const (
		phone, typed, canonical = "16505550199", "+1 (650) 555-0199", "16505550198"
		user, group             = "US.13491208655302741918", "Y2FwaV9ncm91cDoxOTUwNTU1"
		business                = "15550783881"
	)
	wamid := func(phone string) string {
		return "wamid." + base64.StdEncoding.EncodeToString([]byte("\x1d\x0b"+phone+"\x15\x02\x00\x11\x18\x12QUFCQjA4Mj"))
	}
	store := newSpy()
	f := newFixtureOn(t, store, newFixture(t, 1, nil).clock, 50, func(cfg *governor.Config) {
		cfg.HashKey, cfg.OldHashKeys, cfg.LocalBudget, cfg.ColdStart = key1, [][]byte{key2}, 3, governor.AssumeUsed
	})
	f.refused(template(n1, typed), governor.ErrTierLimit)
	_, err := f.gov.Import(t.Context(), account, logged(past{typed, f.clock.Now()}, past{user, f.clock.Now()}))
	require.NoError(t, err)
	for _, to := range []string{typed, phone, user, group, "group:" + phone} {
		f.check(template(n1, to))
		require.NoError(t, f.reserved(template(n1, to)).Commit(t.Context(), governor.Receipt{MessageID: wamid(phone), Recipient: canonical}))
		require.NoError(t, f.reserved(template(n1, to)).Cancel(t.Context()))
		require.NoError(t, f.reserved(reply(n1, to)).Commit(t.Context(), governor.Receipt{MessageID: wamid(to), Recipient: to}))
		require.NoError(t, f.gov.Do(t.Context(), template(n1, to), func(context.Context) (governor.Receipt, error) {
			return governor.Receipt{MessageID: wamid(canonical), Recipient: user}, nil
		}))
		r, err := f.gov.Wait(t.Context(), template(n1, to))
		require.NoError(t, err)
		require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
		f.observe(
			governor.Inbound{Number: n1, Customer: to}, governor.WindowShut{Number: n1, Customer: to},
			governor.AliasLearned{Number: n1, Alias: to, Canonical: canonical},
			governor.ConsentGiven{Number: n1, Recipient: to, Topic: "receipts"},
			governor.ConsentRevoked{Number: n1, Recipient: to, Topic: "offers"},
			governor.NumberSeen{Number: n1, WABA: "waba", Display: "+1 555 078 3881"},
			governor.HealthReported{Number: n1, Report: quality.StatusReported{Word: "CONNECTED"}},
			governor.TemplateReported{WABA: "waba", Name: "hello_world", Status: "APPROVED"},
		)
		for _, status := range []governor.DeliveryStatus{governor.Sent, governor.Delivered, governor.Failed} {
			f.observe(governor.MessageStatus{Number: n1, MessageID: wamid(phone), Recipient: to, Status: status, Pricing: "utility"})
		}
		for _, code := range []int{131047, 131049, 131050, 131056, 130472, 130497, 368, 132015, 130429} {
			f.observe(governor.SendRefused{Number: n2, Recipient: to, Template: "x", Code: code})
		}
		f.clock.Advance(8 * day) // a window that was shut is forgotten
		f.observe(governor.ConsentGiven{Number: n1, Recipient: to, Topic: governor.TopicAll}, governor.ConsentGiven{Number: n1, Recipient: to, Topic: governor.TopicMarketing}, governor.Inbound{Number: n1, Customer: canonical, At: f.clock.Now()})
		_, err = f.gov.Consents(t.Context(), account, to)
		require.NoError(t, err)
		f.clock.Advance(time.Minute)
	}
	assert.NotZero(t, store.calls["Alias"])
	f.used()
	require.NoError(t, f.gov.ReturnLeases(t.Context()))

	for _, verb := range []string{
		"Admit", "Settle", "Inbound", "Delivery", "Consent", "Consents", "CloseWindow", "Alias", "Usage", "LoadState", "SaveState",
	} {
		assert.NotEmpty(t, store.texts[verb], "%s has not been looked at", verb)
		for _, text := range store.texts[verb] {
			for _, secret := range []string{phone, canonical, user, group, "6505550", "13491208655302741918", "wamid"} {
				require.NotContains(t, text, secret, verb)
			}
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
				plain, _ := encoding.DecodeString(strings.TrimPrefix(text, "wamid."))
				require.NotContains(t, string(plain), phone[2:], verb)
			}
		}
	}
	assert.Contains(t, strings.Join(store.texts["SaveState"], ""), business, "the business's own number is the business's")
}

func TestHashedLedgersDecideAsOthersDo(t *testing.T) {
	t.Parallel()
	for range 30 {
		seed := rand.Uint64N(1 << 40)
		plain := newFixture(t, 4, nil)
		hashed := newFixture(t, 4, hashKey(key1))
		twin := newFixtureOn(t, hashed.store, hashed.clock, 4, hashKey(key1))
		play := func(f *fixture, other *fixture) []string {
			r := rand.New(rand.NewPCG(seed, 0))
			var story []string
			var open []*governor.Reservation
			ids := 0
			for range 150 {
				f.clock.Advance(time.Duration(r.Int64N(int64(3 * time.Hour))))
				to := []string{person(r.IntN(7)), "+" + person(r.IntN(7)), fmt.Sprintf("US.1349120%d", r.IntN(3))}[r.IntN(3)]
				gov := []*governor.Governor{f.gov, other.gov}[r.IntN(2)]
				var err error
				switch op := r.IntN(12); {
				case op < 6:
					m := template([]string{n1, n2}[r.IntN(2)], to)
					if r.IntN(4) == 0 {
						m = reply(m.From, to)
					}
					var res *governor.Reservation
					if res, err = gov.Reserve(t.Context(), m); err == nil {
						open = append(open, res)
					}
				case op < 9 && len(open) > 0:
					i := r.IntN(len(open))
					if ids++; r.IntN(3) > 0 {
						err = open[i].Commit(t.Context(), governor.Receipt{MessageID: fmt.Sprint("wamid.", ids), Recipient: []string{"", to}[r.IntN(2)]})
					} else {
						err = open[i].Cancel(t.Context())
					}
				case op < 10:
					err = gov.Observe(t.Context(), governor.MessageStatus{
						Number: n1, MessageID: fmt.Sprint("wamid.", r.IntN(ids+2)), Recipient: to,
						Status: governor.DeliveryStatus(1 + r.IntN(4)), Pricing: []string{"", "utility", "service"}[r.IntN(3)],
					})
				case op < 11:
					err = gov.Observe(t.Context(), governor.Inbound{Number: n1, Customer: to})
				default:
					err = gov.Observe(t.Context(), governor.ConsentRevoked{Number: n1, Recipient: to, Topic: governor.TopicMarketing, Until: f.clock.Now().Add(time.Hour)})
				}
				s, snapErr := gov.Snapshot(t.Context(), account)
				require.NoError(t, snapErr)
				story = append(story, fmt.Sprint(err, s.Used, s.NextFree, s.SlotFree))
			}
			return story
		}
		require.Equal(t, play(plain, plain), play(hashed, twin), "seed %d", seed)
	}
}

func TestANewHashKeyKeepsSlotsWindowsAndWishes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, hashKey(key1))
	f.sent(template(n1, alice))
	f.observe(
		governor.ConsentRevoked{Number: n1, Recipient: bob, Topic: governor.TopicMarketing},
		governor.ConsentRevoked{Number: n1, Recipient: carol, Topic: governor.TopicAll, Until: f.clock.Now().Add(time.Hour)},
		governor.Inbound{Number: n1, Customer: dave},
	)
	f.observe(governor.ConsentGiven{Number: n1, Recipient: alice, Topic: "receipts"})
	store := newSpy()
	store.Store = f.store
	f2 := newFixtureOn(t, store, f.clock, 3, hashKey(key2, []byte("a key that was older"), key1))
	f2.sent(template(n1, alice))
	assert.Equal(t, 1, f2.used(), "a repeat, under whichever key")
	f2.refused(template(n1, bob), governor.ErrUnwanted)
	assert.Equal(t, f.clock.Now().Add(time.Hour), f2.refused(template(n1, carol), governor.ErrUnwanted).RetryAt)
	assert.False(t, f2.sent(template(n1, dave)).Counted, "his window is open")
	known, err := f2.gov.Consents(t.Context(), account, alice)
	require.NoError(t, err)
	assert.Len(t, known, 1)

	aliases := store.calls["Alias"]
	assert.Equal(t, 2*4, aliases, "each person once for each old key")
	f2.sent(template(n1, alice))
	f2.refused(template(n1, bob), governor.ErrUnwanted)
	assert.Equal(t, aliases, store.calls["Alias"])

	// While the processes are replaced one by one, both keys are in use.
	f.sent(template(n2, alice))
	f.observe(governor.ConsentGiven{Number: n1, Recipient: bob, Topic: governor.TopicMarketing, At: f.clock.Now().Add(time.Second)})
	assert.Equal(t, 1, f2.used())
}

func TestAnOptOutOfAnotherSpellingOutlivesAHashKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3, hashKey(key1))
	require.NoError(t, f.reserved(template(n1, alice)).Commit(t.Context(), governor.Receipt{Recipient: bob}))
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: bob, Topic: governor.TopicMarketing})
	f.refused(template(n1, alice), governor.ErrUnwanted)
	for _, first := range []string{alice, bob} {
		f2 := newFixtureOn(t, f.store, f.clock, 3, hashKey(key2, key1))
		f2.refused(template(n1, first), governor.ErrUnwanted)
		f2.refused(template(n1, alice), governor.ErrUnwanted)
		f2.refused(template(n1, bob), governor.ErrUnwanted)
	}
}

func TestATakeOverThatFailsHalfwayIsRepeated(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 6; n++ {
		f, store := newHooked(t, func(cfg *governor.Config) { cfg.HashKey = key1 })
		f.sent(template(n1, alice))
		f.observe(governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicAll, Until: f.clock.Now().Add(2 * day)})
		f2 := newFixtureOn(t, store, f.clock, 1, hashKey(key2, key1))
		store.FailNth(n, n%2 == 0)
		_, err := f2.gov.Reserve(t.Context(), template(n1, alice))
		require.ErrorIs(t, err, governor.ErrDenied)
		store.Heal()
		f2.refused(template(n1, alice), governor.ErrUnwanted)
		assert.Equal(t, 1, f2.used())
	}
}

func TestAnotherHashKeyKnowsNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, tier.Tier(3), hashKey(key1))
	f.sent(template(n1, alice))
	f2 := newFixtureOn(t, f.store, f.clock, 3, hashKey(key2))
	f2.sent(template(n1, alice))
	assert.Equal(t, 2, f2.used(), "one person counts twice: too many, and not too few")
}

func TestHashKeysThatAnybodyCouldGuessAreRefused(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]governor.Config{
		"Config.HashKey has 0 bytes, want at least 16, or nil for no hashing": {HashKey: []byte{}},
		"Config.HashKey has 15 bytes":                                         {HashKey: key1[:15]},
		"Config.OldHashKeys is set and HashKey is not":                        {OldHashKeys: [][]byte{key1}},
		"Config.OldHashKeys has a key of 3 bytes at 1":                        {HashKey: key1, OldHashKeys: [][]byte{key2, []byte("old")}},
		"Config.OldHashKeys has HashKey itself at 0":                          {HashKey: key1, OldHashKeys: [][]byte{key1}},
		"Config.ColdStart is 2":                                               {ColdStart: 2},
		"Config.LocalBudget is -1, want 0 to 10000":                           {LocalBudget: -1},
		"Config.LeaseTime is 1s, want 1m0s to 12h0m0s, or":                    {LeaseTime: time.Second},
	} {
		_, err := governor.New(memstore.New(), cfg)
		require.ErrorIs(t, err, governor.ErrInvalid)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "0123456")
	}
}
