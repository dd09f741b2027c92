package governor

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// hashed is a store that is told nobody's phone number, user ID or group ID and
// no message ID, which has the phone number in it: all go by a hash under a key
// that the store does not know. The account goes into the hash, so that one
// person's in two accounts are not alike.
type hashed struct {
	store Store
	key   *hasher
	old   []*hasher
	// met holds those whom the store has been told of under the old keys. Who is
	// forgotten is told of again. Nil: there are no old keys.
	met *lru.Cache[string, struct{}]
}

const (
	// minHashKey is the least bytes that nobody guesses.
	minHashKey = 16
	// maxMet bounds the people remembered to have been taken over from an old
	// key.
	maxMet = 1 << 17
)

func newHashed(store Store, key []byte, old [][]byte) (*hashed, error) {
	s := &hashed{store: store, key: newHasher(key)}
	for _, k := range old {
		s.old = append(s.old, newHasher(k))
	}
	if len(old) == 0 {
		return s, nil
	}
	met, err := lru.New[string, struct{}](maxMet)
	if err != nil {
		return nil, fmt.Errorf("governor: %w", err)
	}
	s.met = met
	return s, nil
}

// A hasher makes the hashes of one key. It is safe for concurrent use.
type hasher struct {
	key []byte

	// mu guards idle: as many digests as were ever in use at once, which a
	// sync.Pool would forget and make anew.
	mu   sync.Mutex
	idle []*digest
}

// digest is a hash's state and room, for one use at a time.
type digest struct {
	mac  hash.Hash
	in   []byte
	sum  [sha256.Size]byte
	text [hashLength]byte
}

const (
	// hashBytes of a hash are kept: among n people the odds that any two are
	// taken for one are n*n/2^129, for a billion 1 in 10^20.
	hashBytes  = 16
	hashLength = (hashBytes*8 + 5) / 6
)

func newHasher(key []byte) *hasher {
	return &hasher{key: bytes.Clone(key)}
}

func (h *hasher) take() *digest {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.idle)
	if n == 0 {
		return &digest{mac: hmac.New(sha256.New, h.key)}
	}
	d := h.idle[n-1]
	h.idle = h.idle[:n-1]
	return d
}

func (h *hasher) give(d *digest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.idle = append(h.idle, d)
}

// What is hashed. The same text as one and as the other gives two hashes.
const (
	hashRecipient = 'r'
	hashMessage   = 'm'
)

func (h *hasher) of(what byte, account, text string) string {
	d := h.take()
	defer h.give(d)
	d.in = append(append(append(d.in[:0], what), account...), 0) // which no account has
	d.in = append(d.in, text...)
	d.mac.Reset()
	d.mac.Write(d.in)
	base64.RawURLEncoding.Encode(d.text[:], d.mac.Sum(d.sum[:0])[:hashBytes])
	return string(d.text[:])
}

// person hashes a recipient. What leases stand under is nobody.
func (s *hashed) person(ctx context.Context, account string, recipient *string, now time.Time) error {
	if *recipient == "" || strings.HasPrefix(*recipient, leasePrefix) {
		return nil
	}
	plain := *recipient
	*recipient = s.key.of(hashRecipient, account, plain)
	if s.met == nil || s.met.Contains(*recipient) {
		return nil
	}
	for _, old := range s.old {
		if err := s.takeOver(ctx, account, old.of(hashRecipient, account, plain), *recipient, now); err != nil {
			return err
		}
	}
	s.met.Add(*recipient, struct{}{})
	return nil
}

// takeOver makes what the store knows under an old hash known under the new.
// Wishes first: where the old spelling stood for another one, its wishes are that
// one's, and the alias only tells that both are no longer alike.
func (s *hashed) takeOver(ctx context.Context, account, old, hash string, now time.Time) error {
	wishes, err := s.store.Consents(ctx, account, old, now)
	if err != nil {
		return err
	}
	for _, w := range wishes {
		mark := ConsentMark{Account: account, Recipient: hash, Topic: w.Topic, Granted: w.Granted, At: w.At, Now: now}
		if !w.At.IsZero() {
			if err := s.store.Consent(ctx, mark); err != nil {
				return err
			}
		}
		if w.RestsUntil.IsZero() {
			continue
		}
		mark.Granted, mark.At, mark.Until = false, now, w.RestsUntil
		if err := s.store.Consent(ctx, mark); err != nil {
			return err
		}
	}
	return s.store.Alias(ctx, account, old, hash, now)
}

func (s *hashed) message(account, id string) string {
	if id == "" {
		return ""
	}
	return s.key.of(hashMessage, account, id)
}

func (s *hashed) Admit(ctx context.Context, a Admission) (Verdict, error) {
	if err := s.person(ctx, a.Account, &a.Recipient, a.Now); err != nil {
		return Verdict{}, err
	}
	return s.store.Admit(ctx, a)
}

func (s *hashed) Settle(ctx context.Context, e Settlement) error {
	if err := s.person(ctx, e.Account, &e.Recipient, e.Now); err != nil {
		return err
	}
	if err := s.person(ctx, e.Account, &e.Canonical, e.Now); err != nil {
		return err
	}
	e.MessageID = s.message(e.Account, e.MessageID)
	return s.store.Settle(ctx, e)
}

func (s *hashed) Inbound(ctx context.Context, in InboundMark) error {
	if err := s.person(ctx, in.Account, &in.Customer, in.Now); err != nil {
		return err
	}
	return s.store.Inbound(ctx, in)
}

func (s *hashed) Delivery(ctx context.Context, d DeliveryMark) error {
	if err := s.person(ctx, d.Account, &d.Recipient, d.Now); err != nil {
		return err
	}
	d.MessageID = s.message(d.Account, d.MessageID)
	return s.store.Delivery(ctx, d)
}

func (s *hashed) Consent(ctx context.Context, c ConsentMark) error {
	if err := s.person(ctx, c.Account, &c.Recipient, c.Now); err != nil {
		return err
	}
	return s.store.Consent(ctx, c)
}

func (s *hashed) Consents(ctx context.Context, account, recipient string, now time.Time) ([]Consent, error) {
	if err := s.person(ctx, account, &recipient, now); err != nil {
		return nil, err
	}
	return s.store.Consents(ctx, account, recipient, now)
}

func (s *hashed) CloseWindow(ctx context.Context, account, number, customer string, at time.Time) error {
	if err := s.person(ctx, account, &customer, at); err != nil {
		return err
	}
	return s.store.CloseWindow(ctx, account, number, customer, at)
}

func (s *hashed) Alias(ctx context.Context, account, alias, canonical string, now time.Time) error {
	if err := s.person(ctx, account, &alias, now); err != nil {
		return err
	}
	if err := s.person(ctx, account, &canonical, now); err != nil {
		return err
	}
	return s.store.Alias(ctx, account, alias, canonical, now)
}

func (s *hashed) Usage(ctx context.Context, ask UsageAsk) (Usage, error) {
	return s.store.Usage(ctx, ask)
}

func (s *hashed) Tally(ctx context.Context, t TallyMark) error { return s.store.Tally(ctx, t) }

func (s *hashed) Tallies(ctx context.Context, account string, now time.Time) ([]DayTally, error) {
	return s.store.Tallies(ctx, account, now)
}

func (s *hashed) LoadState(ctx context.Context, account string) (State, error) {
	return s.store.LoadState(ctx, account)
}

func (s *hashed) SaveState(ctx context.Context, account string, next State) (State, bool, error) {
	return s.store.SaveState(ctx, account, next)
}

func (s *hashed) Close() error { return s.store.Close() }
