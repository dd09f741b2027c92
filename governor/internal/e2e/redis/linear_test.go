package redis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/redisstore"
)

// A history of admissions and cancellations on one account whose time stands
// still. Each person has one message under way at a time.
type (
	verb struct {
		cancel bool
		to     int
	}
	answer struct {
		outcome governor.Outcome
		used    int
		unknown bool
	}
)

// ledgerModel is the rule: a limit on people, of which holders are free. Its state
// lists the holders. What nobody was told has happened or not.
func ledgerModel(limit int) porcupine.Model {
	held := func(state string, who string) bool { return slices.Contains(strings.Fields(state), who) }
	with := func(state, who string) string {
		all := append(strings.Fields(state), who)
		slices.Sort(all)
		return strings.Join(slices.Compact(all), " ")
	}
	without := func(state, who string) string {
		return strings.Join(slices.DeleteFunc(strings.Fields(state), func(w string) bool { return w == who }), " ")
	}
	rules := porcupine.NondeterministicModel{
		Init: func() []any { return []any{""} },
		Step: func(state, input, output any) []any {
			s, _ := state.(string)
			in, _ := input.(verb)
			out, _ := output.(answer)
			who := fmt.Sprint(in.to)
			after := s
			switch {
			case in.cancel:
				after = without(s, who)
			case held(s, who) || len(strings.Fields(s)) < limit:
				after = with(s, who)
			}
			if out.unknown {
				return []any{s, after}
			}
			if in.cancel {
				return []any{after}
			}
			admitted := held(after, who)
			if admitted != (out.outcome == governor.Admitted) || out.used != len(strings.Fields(after)) {
				return nil
			}
			return []any{after}
		},
		Equal: func(a, b any) bool { return a == b },
	}
	return rules.ToModel()
}

// Under trouble on the wire every history of the store is one that a ledger in
// one place could have given, one verb after the other.
func TestHistoriesUnderFaultsAreLinearizable(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	server := started(t)
	const rounds, people, limit = 12, 6, 3
	unknown, hit := 0, make(chan struct{})
	for round := range rounds {
		p := newProxy(t, server.Addr())
		var mu sync.Mutex
		var history []porcupine.Operation
		begun := time.Now()
		since := func() int64 { return time.Since(begun).Nanoseconds() }
		note := func(client int, in verb, out answer, call int64) {
			mu.Lock()
			defer mu.Unlock()
			end := since()
			if out.unknown {
				if unknown++; unknown == 1 {
					close(hit)
				}
				end = 1 << 62 // it may still come to pass
			}
			history = append(history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: call, Return: end})
		}
		ctx, stop := context.WithCancel(t.Context())
		var troubling, all sync.WaitGroup
		if round == 0 { // So that a fault hits, it stays until it has.
			p.set(refuses)
		}
		troubling.Go(func() {
			if round == 0 {
				<-hit
			}
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			for ctx.Err() == nil {
				p.set([]trouble{none, slow, deaf, refuses}[r.IntN(4)])
				pause(t, 4*time.Millisecond)
				p.set(none)
				pause(t, 30*time.Millisecond)
			}
		})
		for i := range people {
			// Asked once: what is asked again by the client itself is one step that
			// happens twice.
			client := redis.NewClient(&redis.Options{Addr: p.addr, ContextTimeoutEnabled: true, MaxRetries: -1})
			t.Cleanup(func() { _ = client.Close() })
			store, err := redisstore.New(client, redisstore.Config{Prefix: fmt.Sprintf("r%d:", round)})
			require.NoError(t, err)
			all.Go(func() {
				client := i
				for n := range uint64(8) {
					token := governor.Token{Hi: uint64(i + 1), Lo: n + 1}
					call := since()
					v, err := store.Admit(ctx, governor.Admission{
						Account: account, Token: token, Now: t0, Stamp: t0, Number: number, Recipient: person(i), Limit: limit, HoldersPass: true,
					})
					note(client, verb{to: i}, answer{v.Outcome, v.Used, err != nil}, call)
					if err != nil {
						// A person of whose message nobody knows is left alone, for
						// its cancellation and it may come in either order.
						return
					}
					if v.Outcome == governor.Admitted {
						call = since()
						err = store.Settle(ctx, governor.Settlement{Account: account, Token: token, Now: t0})
						note(client, verb{cancel: true, to: i}, answer{unknown: err != nil}, call)
						if err != nil {
							return
						}
					}
				}
			})
		}
		all.Wait()
		stop()
		troubling.Wait()
		result := porcupine.CheckOperationsTimeout(ledgerModel(limit), history, 10*patience)
		require.Equal(t, porcupine.Ok, result, "round %d of %d steps", round, len(history))
	}
	assert.Positive(t, unknown, "no fault hit")
	t.Logf("%d steps of unknown outcome", unknown)
}

// A checker that finds nothing wrong proves nothing: it sees an over-send.
func TestAnOverSendIsNotLinearizable(t *testing.T) {
	t.Parallel()
	admitted := func(client, used int) porcupine.Operation {
		at := int64(client * 10)
		return porcupine.Operation{ClientId: client, Input: verb{to: client}, Output: answer{outcome: governor.Admitted, used: used}, Call: at, Return: at + 5}
	}
	assert.True(t, porcupine.CheckOperations(ledgerModel(2), []porcupine.Operation{admitted(0, 1), admitted(1, 2)}))
	assert.False(t, porcupine.CheckOperations(ledgerModel(1), []porcupine.Operation{admitted(0, 1), admitted(1, 2)}))
	assert.False(t, porcupine.CheckOperations(ledgerModel(2), []porcupine.Operation{admitted(0, 1), admitted(1, 1)}))
}
