package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// Bench measures what a store costs a send, from one goroutine and from many:
//
//   - admit: notifications to people who hold no slot yet
//   - admit-settle: the same, each committed with its message ID
//   - repeat: notifications to a thousand people who hold one, each committed
//   - 64-accounts: admit-settle spread over 64 accounts
//
// Each runs with 1, 16 and 256 callers, as in "admit/16". An operation is a
// whole send, and ops/s what all callers get through together.
func Bench(b *testing.B, h Harness) {
	b.Helper()
	for _, load := range []struct {
		name             string
		accounts, people int
		settle           bool
	}{
		{"admit", 1, 0, false},
		{"admit-settle", 1, 0, true},
		{"repeat", 1, 1000, true},
		{"64-accounts", 64, 0, true},
	} {
		for _, callers := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("%s/%d", load.name, callers), func(b *testing.B) {
				s := h.New(b)
				defer func() {
					if err := s.Close(); err != nil {
						b.Error(err)
					}
				}()
				send := func(i int64) error {
					who := i
					if load.people > 0 {
						who %= int64(load.people)
					}
					return benchSend(s, i, fmt.Sprintf("account-%d", i%int64(load.accounts)), fmt.Sprintf("1650%09d", who), load.settle)
				}
				for i := range load.people {
					if err := send(int64(i)); err != nil {
						b.Fatal(err)
					}
				}
				fromMany(b, callers, int64(load.people), send)
			})
		}
	}
}

// fromMany makes b.N calls, shared by so many callers.
func fromMany(b *testing.B, callers int, first int64, call func(i int64) error) {
	b.Helper()
	next := atomic.Int64{}
	next.Store(first)
	last := first + int64(b.N)
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for i := next.Add(1); i <= last; i = next.Add(1) {
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

// benchSend is the send of a number at its highest throughput, a millisecond
// after the one before.
func benchSend(s governor.Store, i int64, account, who string, settle bool) error {
	ctx, now := context.Background(), t0.Add(time.Duration(i)*ms)
	token := governor.Token{Hi: 1, Lo: uint64(i)}
	v, err := s.Admit(ctx, governor.Admission{
		Account: account, Token: token, Now: now, Stamp: now, Number: n1, Recipient: who, Limit: 1 << 30, HoldersPass: true,
		NumberRate: governor.Rate{Every: time.Microsecond, Burst: 1 << 20}, PairRate: governor.Rate{Every: time.Microsecond, Burst: 1 << 20},
		Topics: [3]string{governor.TopicAll, governor.TopicMarketing},
	})
	switch {
	case err != nil:
		return err
	case v.Outcome != governor.Admitted:
		return fmt.Errorf("outcome %d", v.Outcome)
	case !settle:
		return nil
	}
	return s.Settle(ctx, governor.Settlement{
		Account: account, Token: token, Now: now, Sent: true, Stamp: now, MessageID: fmt.Sprintf("wamid.HBgL%036d", i), Recipient: who, Canonical: who, Confirmed: true,
	})
}
