package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
	"github.com/sendgov/sendgov/governor/governortest"
)

func Example() {
	dir, err := os.MkdirTemp("", "sendgov")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, clock := context.Background(), governortest.NewClock()

	// Two lives of one program, an hour apart.
	for _, to := range []string{"+1 650 555 0101", "+1 650 555 0102"} {
		store, err := boltstore.Open(filepath.Join(dir, "sendgov.db"), boltstore.Config{})
		if err != nil {
			panic(err)
		}
		gov, err := governor.New(store, governor.Config{DefaultTier: 1, Clock: clock})
		if err != nil {
			panic(err)
		}
		_, err = gov.Reserve(ctx, governor.Message{From: "106540352242922", To: to, Template: "order_update", Category: governor.Utility})
		fmt.Println(to, err)
		if err := store.Close(); err != nil {
			panic(err)
		}
		clock.Advance(time.Hour)
	}
	// Output:
	// +1 650 555 0101 <nil>
	// +1 650 555 0102 governor: refused (tier_limit): 1 of 1 unique recipients used in the last 24 h; try again at 2026-01-02T00:00:00Z
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "sendgov")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "sendgov.db")
	store, err := boltstore.Open(path, boltstore.Config{})
	if err != nil {
		panic(err)
	}
	_, err = boltstore.Open(path, boltstore.Config{})
	fmt.Println(errors.Is(err, boltstore.ErrLocked))
	fmt.Println(store.Close())

	if err := os.WriteFile(path, []byte("phone,name\n"), 0o600); err != nil {
		panic(err)
	}
	_, err = boltstore.Open(path, boltstore.Config{})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
	// boltstore: not a ledger: not a bbolt database
}

func ExampleConfig_relaxed() {
	dir, err := os.MkdirTemp("", "sendgov")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := boltstore.Open(filepath.Join(dir, "sendgov.db"), boltstore.Config{Relaxed: 50 * time.Millisecond})
	if err != nil {
		panic(err)
	}
	// … sends, of which a crash forgets the last 50 ms …
	fmt.Println(store.Flush(context.Background())) // and now none
	fmt.Println(store.Close())
	// Output:
	// <nil>
	// <nil>
}
