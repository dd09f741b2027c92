package redis_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/redistest"
	"github.com/sendgov/sendgov/governor/redisstore"
)

const (
	account = "506914307656634"
	number  = "106540352242922"
	day     = 24 * time.Hour

	// hurry is how long a caller waits who reckons with faults, and patience how
	// long one does who is to be answered, on a machine however busy.
	hurry    = 300 * time.Millisecond
	patience = time.Minute
)

var t0 = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func started(t *testing.T, options ...string) *redistest.Server {
	t.Helper()
	server, err := redistest.Start(t.TempDir(), options...)
	require.NoError(t, err)
	t.Cleanup(server.Kill)
	return server
}

// storeAt is a store with a client of its own, whose calls nothing ends but their
// contexts.
func storeAt(t *testing.T, addr string, cfg redisstore.Config) *redisstore.Store {
	t.Helper()
	client := redis.NewClient(&redis.Options{
		Addr: addr, ContextTimeoutEnabled: true, MaxRetries: 1, MinRetryBackoff: time.Millisecond, MaxRetryBackoff: 5 * time.Millisecond,
		DialTimeout: patience, ReadTimeout: time.Hour, WriteTimeout: time.Hour,
	})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	store, err := redisstore.New(client, cfg)
	require.NoError(t, err)
	return store
}

func person(i int) string { return fmt.Sprintf("1650%07d", i) }

// books is what senders know: who was written to, by what they were told.
type books struct {
	timeout time.Duration // of a call

	// mu guards what follows.
	mu   sync.Mutex
	now  time.Time
	sent []sent

	admitted, refused, unknown int
}

// sent is a message that left. Its stamp is not before lo and not after hi.
type sent struct {
	to     string
	lo, hi time.Time
}

// tick moves the time that all share.
func (b *books) tick(by time.Duration) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(by)
	return b.now
}

// send asks for one message and sends it if it may leave. Every fourth is
// cancelled.
func (b *books) send(store *redisstore.Store, to string, limit int, token governor.Token, step time.Duration) {
	now := b.tick(step)
	ctx, stop := context.WithTimeout(context.Background(), b.timeout)
	defer stop()
	v, err := store.Admit(ctx, governor.Admission{
		Account: account, Token: token, Now: now, Stamp: now, Number: number, Recipient: to, Limit: limit, HoldersPass: true,
	})
	end := governor.Settlement{Account: account, Token: token, Now: now, Sent: token.Lo%4 > 0, Stamp: now, MessageID: fmt.Sprint(token), Recipient: to}
	b.mu.Lock()
	switch {
	case err != nil:
		b.unknown++
		end.Sent = false // it is not sent
	case v.Outcome != governor.Admitted:
		b.refused++
	default:
		b.admitted++
		if end.Sent {
			b.sent = append(b.sent, sent{to: to, lo: now, hi: b.now})
		}
	}
	b.mu.Unlock()
	if err != nil || v.Outcome == governor.Admitted {
		ctx, stop := context.WithTimeout(context.Background(), b.timeout)
		defer stop()
		_ = store.Settle(ctx, end) // its failure is one of the faults
	}
}

// most is how many people certainly held a slot at the same time.
func (b *books) most() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	most := 0
	for _, last := range b.sent {
		holders := map[string]bool{}
		for _, s := range b.sent {
			if !s.hi.After(last.hi) && s.lo.Add(day).After(last.hi) {
				holders[s.to] = true
			}
		}
		most = max(most, len(holders))
	}
	return most
}

// await waits until something in the books is more than zero, which a busy machine
// may take its time for.
func (b *books) await(t *testing.T, what func() int) {
	t.Helper()
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return what() > 0
	}, patience, time.Millisecond)
}

func (b *books) left() int { return len(b.sent) }

func (b *books) failures() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.unknown
}

// check fails the test if the limit was passed, or if nothing happened.
func (b *books) check(t *testing.T, limit int) {
	t.Helper()
	most := b.most()
	assert.LessOrEqual(t, most, limit, "over-sent")
	assert.Positive(t, len(b.sent))
	t.Logf("%d admitted, %d refused, %d unknown; at most %d of %d people at once", b.admitted, b.refused, b.unknown, most, limit)
}

// campaign runs the senders, each with a store of its own, until stop says
// so; each message has a token of its own.
func (b *books) campaign(store func(i int) *redisstore.Store, limit int, step time.Duration, stop <-chan struct{}) *sync.WaitGroup {
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			for n := uint64(1); ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				b.send(store(i), person(int(n*7+uint64(i)*13)%40), limit, governor.Token{Hi: uint64(i + 1), Lo: n}, step)
			}
		})
	}
	return &all
}
