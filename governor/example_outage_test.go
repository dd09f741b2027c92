package governor_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

// While its store does not answer a governor may write to as many people as it
// has leased slots, and books them when the store is back.
func ExampleConfig_localBudget() {
	ctx := context.Background()
	clock := governortest.NewClock()
	store := &hooked{Store: memstore.New()} // a store that can be made to fail
	gov, err := governor.New(store, governor.Config{LocalBudget: 1, DefaultTier: 10, Clock: clock})
	if err != nil {
		log.Fatal(err)
	}
	otp := func(to string) governor.Message {
		return governor.Message{From: "106540352242922", To: to, Template: "code", Category: governor.Authentication}
	}
	send := func(m governor.Message) {
		r, err := gov.Reserve(ctx, m)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Decision())
		if err := r.Commit(ctx, governor.Receipt{MessageID: "wamid." + m.To}); err != nil {
			log.Fatal(err)
		}
	}
	send(otp("+16505550001")) // and leases a slot by the way
	store.Fail()
	send(otp("+16505550002"))
	send(otp("+16505550003"))
	store.Heal()
	clock.Advance(time.Second)
	if err := gov.ReturnLeases(ctx); err != nil { // before the program ends
		log.Fatal(err)
	}
	s, err := gov.Snapshot(ctx, "106540352242922")
	fmt.Println(s.Used, s.Leased, err)
	// Output:
	// allowed, takes a slot: 1 of 10 unique recipients used in the last 24 h
	// allowed, takes a slot (local_budget): the store did not answer, and a slot had been set aside for that
	// governor: refused (store_failed): the store did not answer (the local budget is used up or has run out); try again at 2026-01-01T00:00:01Z: storetest: fault
	// 2 0 <nil>
}

// Before the program ends it gives back what it has leased.
func ExampleGovernor_ReturnLeases() {
	ctx := context.Background()
	gov, err := governor.New(memstore.New(), governor.Config{LocalBudget: 3, Clock: governortest.NewClock()})
	if err != nil {
		log.Fatal(err)
	}
	m := governor.Message{From: "106540352242922", To: "+16505550001", Template: "code", Category: governor.Authentication}
	if _, err := gov.Reserve(ctx, m); err != nil {
		log.Fatal(err)
	}
	tell := func() {
		s, err := gov.Snapshot(ctx, "106540352242922")
		fmt.Println(s.Used, s.Leased, err)
	}
	tell()
	if err := gov.ReturnLeases(ctx); err != nil {
		log.Fatal(err)
	}
	tell()
	// Output:
	// 4 3 <nil>
	// 1 0 <nil>
}

// A business that has sent without a governor until now tells it to whom, and
// when.
func ExampleGovernor_Import() {
	ctx := context.Background()
	clock := governortest.NewClock()
	gov, err := governor.New(memstore.New(), governor.Config{DefaultTier: 2, Clock: clock})
	if err != nil {
		log.Fatal(err)
	}
	lastSent := map[string]time.Time{
		"+1 650 555 0001": clock.Now().Add(-3 * time.Hour),
		"+1 650 555 0002": clock.Now().Add(-20 * time.Hour),
		"+1 650 555 0003": clock.Now().Add(-40 * time.Hour), // no longer of interest
	}
	fmt.Println(gov.Import(ctx, "106540352242922", maps.All(lastSent)))
	_, err = gov.Reserve(ctx, governor.Message{From: "106540352242922", To: "+16505550004", Template: "offer"})
	fmt.Println(err)
	// Output:
	// 2 <nil>
	// governor: refused (tier_limit): 2 of 2 unique recipients used in the last 24 h; try again at 2026-01-01T04:00:00Z
}

// Where the ledger may have been lost, an empty one is taken for a full one,
// until it is told better or a day has passed.
func ExampleConfig_coldStart() {
	ctx := context.Background()
	gov, err := governor.New(memstore.New(), governor.Config{ColdStart: governor.AssumeUsed, Clock: governortest.NewClock()})
	if err != nil {
		log.Fatal(err)
	}
	offer := governor.Message{From: "106540352242922", To: "+16505550001", Template: "offer"}
	_, err = gov.Reserve(ctx, offer)
	fmt.Println(err)
	// The log of what was sent is empty.
	if _, err := gov.Import(ctx, "106540352242922", maps.All(map[string]time.Time{})); err != nil {
		log.Fatal(err)
	}
	r, err := gov.Reserve(ctx, offer)
	fmt.Println(r.Decision(), err)
	// Output:
	// governor: refused (tier_limit): the ledger began empty, so the limit is taken as used up (cold start); try again at 2026-01-02T00:00:00Z
	// allowed, takes a slot: 1 of 250 unique recipients used in the last 24 h <nil>
}

// With a key the store is told nobody's number. When the key is changed, the old
// one is kept beside it for as long as somebody known under it matters.
func ExampleConfig_hashKey() {
	ctx := context.Background()
	store, clock := memstore.New(), governortest.NewClock()
	first, second := []byte("a random secret of the first year"), []byte("a random secret of the second one")
	before, err := governor.New(store, governor.Config{HashKey: first, Clock: clock})
	after, err2 := governor.New(store, governor.Config{HashKey: second, OldHashKeys: [][]byte{first}, Clock: clock})
	if err := errors.Join(err, err2); err != nil {
		log.Fatal(err)
	}
	m := governor.Message{From: "106540352242922", To: "+16505550001", Template: "offer"}
	for _, gov := range []*governor.Governor{before, after} {
		r, err := gov.Reserve(ctx, m)
		fmt.Println(r.Decision(), err)
	}
	// Output:
	// allowed, takes a slot: 1 of 250 unique recipients used in the last 24 h <nil>
	// allowed, takes a slot: 1 of 250 unique recipients used in the last 24 h <nil>
}
