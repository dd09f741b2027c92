package governor_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/tier"
)

// BenchmarkGoal holds a whole decision, of one who holds a slot in an account of
// a thousand, to the limiter that everybody knows: that counts calls and reads
// the clock once.
func BenchmarkGoal(b *testing.B) {
	b.Run("G-governor/reserve-commit", func(b *testing.B) { goalDecision(b, []string{""}) })
	b.Run("G-governor/reserve-commit-id", func(b *testing.B) {
		ids := make([]string, 1<<16) // more than are remembered at once
		for i := range ids {
			ids[i] = fmt.Sprintf("wamid.HBgLMTU1NTAwMDAwMDAVAgARGBI%028d", i)
		}
		goalDecision(b, ids)
	})
	b.Run("G-governor/rate-limiter", func(b *testing.B) {
		limiter := rate.NewLimiter(1e9, 1)
		for b.Loop() {
			limiter.Allow()
		}
	})
}

func goalDecision(b *testing.B, ids []string) {
	b.Helper()
	ctx := context.Background()
	gov, people := benched(b, tier.Unlimited.Limit(), 10*time.Millisecond)
	messages := make([]governor.Message, live)
	for i := range messages {
		messages[i] = template(n1, people[i*379%live])
	}
	for i := 0; b.Loop(); i++ {
		r, err := gov.Reserve(ctx, messages[i%live])
		if err == nil {
			err = r.Commit(ctx, governor.Receipt{MessageID: ids[i%len(ids)]})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
