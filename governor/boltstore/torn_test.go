package boltstore_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/boltstore"
)

const (
	sector     = 512
	pageHeader = 16 // of every page, before what it says
	metaSize   = 64 // of what a meta page says
)

// damage writes a file, opens it, and returns what the store answers, or nil
// with the error. A file that is refused is left as it is.
func damage(t *testing.T, h *history, path string, content []byte) ([]any, error) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, content, 0o600))
	s, err := boltstore.Open(path, boltstore.Config{})
	if err != nil {
		require.Truef(t, errors.Is(err, boltstore.ErrCorrupt) || errors.Is(err, boltstore.ErrForeign) || errors.Is(err, boltstore.ErrVersion), "%v", err)
		after, err2 := os.ReadFile(path)
		require.NoError(t, err2)
		require.Equal(t, sha256.Sum256(content), sha256.Sum256(after), "a file that is refused is left alone")
		return nil, err
	}
	seen := h.look(t, s)
	require.NoError(t, s.Close())
	return seen, nil
}

// ledgers plays a history and returns the file after each of its last verbs.
func ledgers(t *testing.T, h *history, verbs, last int) (files [][]byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := boltstore.OpenTuned(path, time.Hour, 4<<10)
	require.NoError(t, err)
	for i := range verbs {
		_, err := h.next()(t.Context(), s)
		require.NoError(t, err)
		if i%10 == 0 {
			require.NoError(t, s.Flush(t.Context()))
		}
		if i >= verbs-last {
			// Something that is sure to be seen.
			require.NoError(t, s.Tally(t.Context(), governor.TallyMark{
				Account: h.account(), At: h.now, Now: h.now, Counts: map[string]int64{fmt.Sprint("step", i): 1},
			}))
			require.NoError(t, s.Flush(t.Context()))
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			files = append(files, content)
		}
	}
	require.NoError(t, s.Close())
	return files
}

// transaction is the number of the last transaction in a file.
func transaction(file []byte) uint64 {
	const at = pageHeader + 48 // in either meta page
	return max(binary.NativeEndian.Uint64(file[at:]), binary.NativeEndian.Uint64(file[os.Getpagesize()+at:]))
}

func same(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool { return fmt.Sprint(x) == fmt.Sprint(y) })
}

func TestATornTransactionIsThereOrNotOrAnError(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	h := newHistory(seed)
	files := ledgers(t, h, 400, 20)
	path := filepath.Join(t.TempDir(), "torn.db")
	var old, new, refused int
	for i := range len(files) - 1 {
		before, after := files[i], files[i+1]
		if transaction(after) != transaction(before)+1 {
			continue // there was a state between them
		}
		if size := max(len(before), len(after)); size > 0 {
			before = append(bytes.Clone(before), make([]byte, size-len(before))...)
			after = append(bytes.Clone(after), make([]byte, size-len(after))...)
		}
		was, err := damage(t, h, path, before)
		require.NoError(t, err)
		is, err := damage(t, h, path, after)
		require.NoError(t, err)
		var changed []int
		for at := 0; at < len(after); at += sector {
			if !bytes.Equal(before[at:at+sector], after[at:at+sector]) {
				changed = append(changed, at)
			}
		}
		for range 15 {
			torn := bytes.Clone(before)
			// From none of the sectors to all of them: either end comes up in every
			// eleventh try, of nearly three hundred.
			odds := h.IntN(11)
			for _, at := range changed {
				if h.IntN(10) < odds {
					n := sector
					if h.IntN(20) == 0 {
						n = h.IntN(sector) // less than disks ever do
					}
					copy(torn[at:at+n], after[at:at+n])
				}
			}
			switch seen, err := damage(t, h, path, torn); {
			case err != nil:
				refused++
			case same(seen, is):
				new++
			case same(seen, was):
				old++
			default:
				t.Fatalf("seed %d: neither the old state nor the new one", seed)
			}
		}
	}
	t.Logf("%d old, %d new, %d refused", old, new, refused)
	require.Positive(t, old)
	require.Positive(t, new)
	require.Positive(t, refused)
}

// What goes to the disk before the meta page may be torn in any way without
// harm: nothing leads to it yet.
func TestATransactionTornBeforeItsMetaPageIsAsIfItHadNeverBegun(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	h := newHistory(seed)
	files := ledgers(t, h, 300, 14)
	path := filepath.Join(t.TempDir(), "torn.db")
	page := os.Getpagesize()
	for i := range len(files) - 1 {
		before, after := files[i], files[i+1]
		if transaction(after) != transaction(before)+1 {
			continue // the second may write where the first has been
		}
		was, err := damage(t, h, path, before)
		require.NoError(t, err)
		for range 20 {
			torn := append(bytes.Clone(before), make([]byte, max(0, len(after)-len(before)))...)
			for at := 2 * page; at < len(after); at += sector {
				if h.IntN(2) == 0 {
					copy(torn[at:at+sector], after[at:at+sector])
				}
			}
			seen, err := damage(t, h, path, torn)
			require.NoErrorf(t, err, "seed %d", seed)
			requireSame(t, was, seen, "seed %d", seed)
		}
	}
}

func TestAFileCutShortIsRefusedOrWhole(t *testing.T) {
	t.Parallel()
	h := newHistory(7)
	files := ledgers(t, h, 300, 1)
	whole := files[0]
	path := filepath.Join(t.TempDir(), "cut.db")
	is, err := damage(t, h, path, whole)
	require.NoError(t, err)
	refused := 0
	for n := 0; n < len(whole); n += os.Getpagesize() / 2 {
		seen, err := damage(t, h, path, whole[:n])
		if err != nil {
			require.ErrorIs(t, err, boltstore.ErrCorrupt)
			refused++
			continue
		}
		requireSame(t, is, seen, "cut to %d", n) // it was room that nobody used
	}
	require.Greater(t, refused, 8)
}

func TestAFlippedBitIsRefusedOrChangesNothing(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	h := newHistory(seed)
	files := ledgers(t, h, 250, 1)
	whole := files[0]
	path := filepath.Join(t.TempDir(), "flipped.db")
	is, err := damage(t, h, path, whole)
	require.NoError(t, err)
	used := bytes.LastIndexFunc(whole, func(r rune) bool { return r != 0 }) // behind it there is only room
	refused := 0
	flip := func(at int, bit byte) bool {
		flipped := bytes.Clone(whole)
		flipped[at] ^= bit
		seen, err := damage(t, h, path, flipped)
		if err != nil {
			refused++
			return true
		}
		requireSame(t, is, seen, "seed %d: bit %x at %d", seed, bit, at)
		return false
	}
	for range 600 {
		flip(h.IntN(used+1), 1<<h.IntN(8))
	}
	// The beginnings of pages are where damage does most.
	for at := 0; at < used; at += os.Getpagesize() {
		for i := range 16 {
			flip(at+i, 1<<h.IntN(8))
		}
	}
	t.Logf("%d refused", refused)
	// How many those are depends on how much of the file is in use, which is
	// nearly nothing just after a checkpoint. So what must be refused is flipped
	// for itself: all that a meta page says, and the number of every page in use.
	for page := range 2 {
		for i := range metaSize {
			at := page*os.Getpagesize() + pageHeader + i
			require.Truef(t, flip(at, 1<<h.IntN(8)), "seed %d: at %d, in a meta page", seed, at)
		}
	}
	live, err := boltstore.Live(whole)
	require.NoError(t, err)
	require.NotEmpty(t, live, "the root at least, which has small buckets within it")
	for _, page := range live {
		for i := range 8 {
			at := int(page)*os.Getpagesize() + i
			require.Truef(t, flip(at, 1<<h.IntN(8)), "seed %d: at %d, in the number of page %d", seed, at, page)
		}
	}
}

func TestWhatIsNoLedgerIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHistory(1)
	files := ledgers(t, h, 5, 1)
	newer := bytes.ReplaceAll(files[0], []byte("sendgov ledger\x00\x02"), []byte("sendgov ledger\x00\x03"))
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":                {nil, boltstore.ErrCorrupt},
		"a text":               {[]byte("phone,name\n+16505550101,A\n"), boltstore.ErrForeign},
		"a long text":          {bytes.Repeat([]byte("phone,name\n"), 10_000), boltstore.ErrForeign},
		"zeros":                {make([]byte, 1<<16), boltstore.ErrForeign},
		"another bbolt":        {foreignBolt(t), boltstore.ErrForeign},
		"of a newer version":   {newer, boltstore.ErrVersion},
		"both meta pages gone": {append(make([]byte, 8192), files[0][8192:]...), boltstore.ErrForeign},
		"one meta page gone":   {append(make([]byte, 4096), files[0][4096:]...), boltstore.ErrCorrupt},
	} {
		_, err := damage(t, h, filepath.Join(t.TempDir(), "x.db"), c.content)
		require.ErrorIs(t, err, c.want, name)
	}
	_, err := boltstore.Open(t.TempDir(), boltstore.Config{})
	require.ErrorIs(t, err, boltstore.ErrForeign, "a directory")
	_, err = boltstore.Open(filepath.Join(t.TempDir(), "none", "x.db"), boltstore.Config{})
	require.ErrorIs(t, err, os.ErrNotExist, "a directory that is not there")
}
