package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

// The kernel refuses to write beyond a size that a process may set for itself,
// whose every write beyond it then fails as on a disk without room. It holds for
// the whole process, so it is one of its own.
func TestWhenTheDiskIsFullNothingIsLostAndNothingIsForgotten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), child+"=full", child+"_FILE="+path)
	out, err := cmd.CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
}

const fullAccount = "portfolio"

// fullWriter sends on several goroutines and notes who it was told of.
type fullWriter struct {
	store *boltstore.Store

	mu       sync.Mutex
	next     int
	told     []string // whose admission was answered
	failures int
}

func (w *fullWriter) send(n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			w.mu.Lock()
			w.next++
			token := governor.Token{Lo: uint64(w.next)}
			who := fmt.Sprintf("1650%07d", w.next)
			w.mu.Unlock()
			v, err := w.store.Admit(context.Background(), governor.Admission{
				Account: fullAccount, Now: t0, Stamp: t0, Number: "1", Recipient: who, Limit: 1 << 30,
				Token: token,
			})
			w.mu.Lock()
			defer w.mu.Unlock()
			if err != nil || v.Outcome != governor.Admitted {
				w.failures++
				return
			}
			w.told = append(w.told, who)
		})
	}
	wg.Wait()
}

func used(s *boltstore.Store) (int, error) {
	u, err := s.Usage(context.Background(), governor.UsageAsk{Account: fullAccount, Limit: 1 << 30, Now: t0})
	return u.Used, err
}

// holds reports whether all of them hold a slot.
func holds(s *boltstore.Store, people []string) error {
	for _, who := range people {
		v, err := s.Admit(context.Background(), governor.Admission{
			Account: fullAccount, Now: t0, Stamp: t0, Number: "2", Recipient: who, Limit: 1, HoldersPass: true, Probe: true,
		})
		if err != nil || v.Outcome != governor.Admitted {
			return fmt.Errorf("%s of %d: outcome %d, %w", who, len(people), v.Outcome, err)
		}
	}
	return nil
}

// fullChild fills the disk, lives with that, and has room again.
func fullChild(path string) error {
	s, err := boltstore.Open(path, boltstore.Config{})
	if err != nil {
		return err
	}
	w := &fullWriter{store: s}
	for range 20 {
		w.send(5)
	}
	if w.failures > 0 {
		return errors.New("failed with room")
	}
	if err := setFileLimit(100 << 10); err != nil {
		return err
	}
	for w.failures == 0 {
		if w.send(8); w.next > 1<<20 {
			return errors.New("the disk is never full")
		}
	}
	if err := whileFull(w, path); err != nil {
		return err
	}
	if err := setFileLimit(1 << 40); err != nil {
		return err
	}
	atMost, failures := w.next, w.failures
	w.send(8)
	if w.failures > failures {
		return errors.New("failed with room again")
	}
	n, err := used(s)
	if err != nil || n < len(w.told) || n > atMost+8 {
		return fmt.Errorf("%d used of %d told and %d asked for: %w", n, len(w.told), w.next, err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = boltstore.Open(path, boltstore.Config{}); err != nil {
		return err
	}
	if again, err := used(s); err != nil || again != n {
		return fmt.Errorf("%d used before, %d after: %w", n, again, err)
	}
	return errors.Join(holds(s, w.told), s.Close())
}

// whileFull looks at a store whose disk is full.
func whileFull(w *fullWriter, path string) error {
	before, err := used(w.store)
	if err != nil {
		return fmt.Errorf("questions are answered: %w", err)
	}
	failures := w.failures
	w.send(20)
	after, err := used(w.store)
	if err != nil || after != before || w.failures != failures+20 {
		return fmt.Errorf("%d used before, %d after %d failures: %w", before, after, w.failures-failures, err)
	}

	// What a governor makes of it.
	gov, err := governor.New(w.store, governor.Config{Clock: fixedClock{}})
	if err != nil {
		return err
	}
	m := governor.Message{From: fullAccount, To: "+16505550101", Template: "x", Category: governor.Utility}
	if _, err := gov.Reserve(context.Background(), m); !errors.Is(err, governor.ErrStore) {
		return fmt.Errorf("a notification: %w", err)
	}
	m = governor.Message{From: fullAccount, To: "+16505550101", Kind: governor.Reply}
	if _, err := gov.Reserve(context.Background(), m); err != nil {
		return fmt.Errorf("a reply: %w", err)
	}

	// Whoever is killed now finds all that was answered.
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := setFileLimit(1 << 40); err != nil {
		return err
	}
	if err := os.WriteFile(path+".copy", file, 0o600); err != nil {
		return err
	}
	s, err := boltstore.Open(path+".copy", boltstore.Config{})
	if err != nil {
		return err
	}
	if err := holds(s, w.told); err != nil {
		return fmt.Errorf("in the file of a full disk: %w", err)
	}
	return s.Close()
}

type fixedClock struct{}

func (fixedClock) Now() time.Time { return t0 }

func (fixedClock) NewTimer(time.Duration) (<-chan time.Time, func() bool) {
	return nil, func() bool { return true }
}
