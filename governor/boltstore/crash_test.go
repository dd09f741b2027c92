package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

const (
	crashLimit   = 300 // recipients at a time, and account
	crashThreads = 8
	crashRound   = 20 * time.Minute // how much time passes from one process to the next
	crashStates  = "waba"           // an account of which there is a state alone
)

func crashAccount(i int) string { return fmt.Sprint("portfolio-", i%3) }

// crashChild sends to as many as it may until it is killed, and says what it
// has been told once it has been told so.
func crashChild(path string) error {
	round, err := strconv.Atoi(os.Getenv(child + "_ROUND"))
	if err != nil {
		return err
	}
	s, err := boltstore.OpenTuned(path, 0, 8<<10) // many checkpoints
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) // not buffered: one write each
	}
	failed := make(chan error, crashThreads+1)
	for g := range crashThreads {
		go func() { failed <- crashSender(s, round, g, say) }()
	}
	go func() { failed <- crashSaver(s, say) }()
	return <-failed
}

func crashSender(s *boltstore.Store, round, g int, say func(string, ...any)) error {
	ctx, now := context.Background(), t0.Add(time.Duration(round)*crashRound)
	for i := 0; ; i++ {
		who, account := fmt.Sprintf("1650%03d%d%04d", round, g, i), crashAccount(i)
		token := governor.Token{Hi: rand.Uint64(), Lo: rand.Uint64()}
		v, err := s.Admit(ctx, governor.Admission{
			Account: account, Token: token, Now: now, Stamp: now, Number: "1", Recipient: who, Limit: crashLimit,
			PairRate: governor.Rate{Every: 6 * time.Second, Burst: 45},
		})
		if err != nil {
			return err
		}
		if v.Used > crashLimit {
			return fmt.Errorf("%d of %d used", v.Used, crashLimit)
		}
		if v.Outcome != governor.Admitted {
			say("full %s %s", account, who)
			continue
		}
		say("admitted %s %s", account, who)
		end := governor.Settlement{
			Account: account, Token: token, Now: now, Sent: i%5 > 0, Stamp: now.Add(time.Minute),
			Recipient: who, Canonical: who, MessageID: "wamid." + who,
		}
		if err := s.Settle(ctx, end); err != nil {
			return err
		}
		say("%s %s %s", map[bool]string{true: "sent", false: "cancelled"}[end.Sent], account, who)
	}
}

func crashSaver(s *boltstore.Store, say func(string, ...any)) error {
	state := governor.State{}
	for {
		var err error
		if state, _, err = s.SaveState(context.Background(), crashStates, governor.State{Version: state.Version, Data: []byte("{}")}); err != nil {
			return err
		}
		say("saved %s %d", crashStates, state.Version)
	}
}

// crashBook is what the processes have been told, and the test with them.
type crashBook struct {
	admitted map[string]map[string]int // round by recipient, by account
	sent     map[string]map[string]bool
	version  uint64
}

func (b *crashBook) take(t *testing.T, line string, round int) {
	t.Helper()
	f := strings.Fields(line)
	require.Len(t, f, 3, line)
	verb, account, who := f[0], f[1], f[2]
	switch verb {
	case "admitted":
		// One that is going to be cancelled may be that before it says so.
		if i, err := strconv.Atoi(who[len(who)-4:]); err == nil && i%5 > 0 {
			b.admitted[account][who] = round
		}
	case "sent":
		b.sent[account][who] = true
	case "saved":
		version, err := strconv.ParseUint(who, 10, 64)
		require.NoError(t, err)
		b.version = max(b.version, version)
	}
}

// check opens the ledger and compares it with the book.
func (b *crashBook) check(t *testing.T, path string, round int) {
	t.Helper()
	s := open(t, path)
	now := t0.Add(time.Duration(round) * crashRound)
	for account, people := range b.admitted {
		live := 0
		for who, since := range people {
			if at := t0.Add(time.Duration(since) * crashRound); now.Sub(at) >= 24*time.Hour {
				delete(people, who)
				continue
			}
			live++
			v, err := s.Admit(t.Context(), governor.Admission{
				Account: account, Now: now, Stamp: now, Number: "2", Recipient: who, Limit: 1, HoldersPass: true, Probe: true,
			})
			require.NoError(t, err)
			require.Equalf(t, governor.Admitted, v.Outcome, "round %d: %s's slot, of round %d, is gone", round, who, since)
		}
		u, err := s.Usage(t.Context(), governor.UsageAsk{Account: account, Limit: crashLimit, Now: now})
		require.NoError(t, err)
		require.LessOrEqualf(t, u.Used, crashLimit, "round %d", round)
		require.GreaterOrEqualf(t, u.Used, live, "round %d", round)
		require.LessOrEqualf(t, u.Used, live+crashThreads*(round+1), "round %d: no more than those on their way at each kill", round)
	}
	state, err := s.LoadState(t.Context(), crashStates)
	require.NoError(t, err)
	require.GreaterOrEqual(t, state.Version, b.version)
	b.version = state.Version
	require.NoError(t, s.Close())
}

// checkSettled looks a minute later: what was settled as sent has the later
// stamp, and only that.
func (b *crashBook) checkSettled(t *testing.T, path string) {
	t.Helper()
	s := open(t, path)
	for account, people := range b.admitted {
		for who, round := range people {
			expired := t0.Add(time.Duration(round)*crashRound + 24*time.Hour)
			if !b.sent[account][who] {
				continue
			}
			v, err := s.Admit(t.Context(), governor.Admission{
				Account: account, Now: expired, Stamp: expired, Number: "2", Recipient: who, HoldersPass: true, Probe: true,
			})
			require.NoError(t, err)
			require.Equalf(t, governor.Admitted, v.Outcome, "%s was settled a minute after", who)
			return // the clock has moved: one each will do
		}
	}
	require.NoError(t, s.Close())
}

func TestAfterAKillEverythingThatWasAnsweredIsThere(t *testing.T) {
	t.Parallel()
	rounds := 40
	if os.Getenv("SENDGOV_CI") != "" {
		rounds = 500
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %d rounds", seed, rounds)
	r := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "ledger.db")
	book := crashBook{admitted: map[string]map[string]int{}, sent: map[string]map[string]bool{}}
	for i := range 3 {
		book.admitted[crashAccount(i)], book.sent[crashAccount(i)] = map[string]int{}, map[string]bool{}
	}
	said := 0
	for round := range rounds {
		// Mostly in the middle of the work, sometimes when it has hardly begun.
		lines := r.IntN(120)
		said += killAfter(t, path, round, lines, &book)
		book.check(t, path, round)
	}
	book.checkSettled(t, path)
	require.Greater(t, said, rounds)
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.LessOrEqual(t, len(entries), 2, "but for a kill while the file was being made there is one file")
}

// killAfter runs a process, kills it once it has said so much, takes down all
// that it has said, and returns how much that is.
func killAfter(t *testing.T, path string, round, lines int, book *crashBook) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), child+"=crash", child+"_FILE="+path, child+"_ROUND="+strconv.Itoa(round))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	require.NoError(t, cmd.Start())
	said := 0
	for scanner := bufio.NewScanner(out); ; said++ {
		if said == lines {
			require.NoError(t, cmd.Process.Kill())
		}
		if !scanner.Scan() {
			break
		}
		book.take(t, scanner.Text(), round)
	}
	var exit *exec.ExitError
	err = cmd.Wait()
	require.Truef(t, errors.As(err, &exit) && exit.ExitCode() == -1, "%v: %s", err, complaint.String())
	return said
}
