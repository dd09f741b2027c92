package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// hashes are those that keys of the tests have: good ones, some that many keys
// share, and one that all do.
var hashes = map[string]func(key int) uint32{
	"all different": func(key int) uint32 { return hashToken(governor.Token{Lo: uint64(key)}) },
	"some the same": func(key int) uint32 { return uint32(key % 7) },
	"in a row":      func(key int) uint32 { return uint32(key) },
	"at the end":    func(key int) uint32 { return ^uint32(key % 3) },
	"all the same":  func(int) uint32 { return 0 },
}

func TestARegisterIsAMapThatForgets(t *testing.T) {
	t.Parallel()
	for name, hash := range hashes {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		var reg register[int, int]
		model := map[int]int{}
		for range 20_000 {
			switch key := r.IntN(50); r.IntN(4) {
			case 0, 1:
				value := r.IntN(1000)
				reg.put(hash(key), key, value)
				model[key] = value
			case 2:
				value, ok := reg.take(hash(key), key)
				want, had := model[key]
				require.Equalf(t, want, value, "%s, seed %d", name, seed)
				require.Equalf(t, had, ok, "%s, seed %d", name, seed)
				delete(model, key)
			default:
				keep := func(_ int, v *int) bool { return *v%3 > 0 }
				reg.sweep(keep)
				for key, value := range model {
					if reg.find(hash(key), key) == none {
						require.Falsef(t, keep(key, &value), "%s, seed %d: %d was to be kept", name, seed, value)
						delete(model, key)
					}
				}
			}
			require.Lenf(t, reg.entries, len(model), "%s, seed %d", name, seed)
			require.Equal(t, len(model), reg.index.used)
			for key := range 50 {
				got := reg.get(hash(key), key)
				if want, had := model[key]; had != (got != nil) || had && want != *got {
					require.Failf(t, "not as in a map", "%s, seed %d, key %d", name, seed, key)
				}
			}
		}
	}
}

func TestSweepingOvertakesGrowth(t *testing.T) {
	t.Parallel()
	hash := hashes["all different"]
	var reg register[int, int]
	const live = 1000
	for now := range 20 * live {
		reg.sweep(func(_ int, at *int) bool { return now-*at < live })
		reg.put(hash(now), now, now)
		require.LessOrEqual(t, len(reg.entries), 3*live)
	}
	for now := 20 * live; len(reg.entries) > 0; now++ {
		require.Less(t, now, 25*live)
		reg.sweep(func(_ int, at *int) bool { return now-*at < live })
	}
	reg.sweep(func(int, *int) bool { return true })
	assert.Zero(t, reg.index.used)
	for _, slot := range reg.index.slots {
		require.Zero(t, slot)
	}
}

func TestTheEmptyRegisterHasNothing(t *testing.T) {
	t.Parallel()
	var reg register[string, int]
	assert.Nil(t, reg.get(hashName("x"), "x"))
	_, ok := reg.take(hashName("x"), "x")
	assert.False(t, ok)
}

// A governor's tokens are counted, and a table must not mind.
func TestTokensOfAFewGovernorsHaveFewNeighbours(t *testing.T) {
	t.Parallel()
	var reg register[governor.Token, struct{}]
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for _, hi := range []uint64{0, 1, r.Uint64(), r.Uint64(), r.Uint64()} {
		for lo := range uint64(20_000) {
			token := governor.Token{Hi: hi, Lo: lo}
			reg.add(hashToken(token), token)
		}
	}
	longest, run := 0, 0
	for _, slot := range reg.index.slots {
		if run++; slot == 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	assert.Lessf(t, longest, 300, "seed %d", seed)
}

// looks are how many slots a search for each of these looks at on average.
func looks(t *testing.T, n int, hash func(i int) uint32) float64 {
	t.Helper()
	x := newIndex(n)
	for i := range n {
		x.insert(hash(i), i)
	}
	sum, mask := n, uint32(len(x.slots)-1)
	for at, slot := range x.slots {
		if slot != 0 {
			sum += int((uint32(at) - uint32(slot>>32)) & mask)
		}
	}
	return float64(sum) / float64(n)
}

// Whatever the factors, which nobody chooses, the numbers of one block are found
// in a few looks.
func TestPhoneNumbersInARowHaveFewNeighbours(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		front, back := r.Uint64(), r.Uint64()
		for _, block := range []string{"1650555%04d", "1650%07d", "%015d", "%08d"} {
			require.Lessf(t, looks(t, 5000, func(i int) uint32 { return mix(fmt.Sprintf(block, i), front, back) }), 4.0, "seed %d: %s", seed, block)
		}
	}
}

func TestWhateverIsLookedUpIsFoundInAFewLooks(t *testing.T) {
	t.Parallel()
	for name, hash := range map[string]func(i int) uint32{
		"messages":       func(i int) uint32 { return hashID(Shorten(fmt.Sprint("wamid.", i))) },
		"many governors": func(i int) uint32 { return hashToken(governor.Token{Hi: uint64(i/100) << 20, Lo: uint64(i % 100)}) },
		"user IDs":       func(i int) uint32 { return hashName(fmt.Sprintf("US.1349%010d", i)) },
		"alike outside":  func(i int) uint32 { return hashName(fmt.Sprintf("group-00%04d00000000", i)) },
		"short":          func(i int) uint32 { return hashName(fmt.Sprint("g", i)) },
	} {
		assert.Less(t, looks(t, 5000, hash), 4.0, name)
	}
}

func TestATableHasRoomForWhatIsExpectedAndLittleMore(t *testing.T) {
	t.Parallel()
	for n := range 300 {
		x := newIndex(n)
		size := len(x.slots)
		for i := range n {
			x.insert(hashToken(governor.Token{Lo: uint64(i)}), i)
		}
		require.Len(t, x.slots, size, "it need not grow")
		require.LessOrEqual(t, size, max(minSlots, 3*n))
	}
}

func TestASweepLooksAtWhatHasFilledAGap(t *testing.T) {
	t.Parallel()
	var reg register[int, bool]
	for key := range 10 {
		reg.put(uint32(key), key, key > 0 && key < 9)
	}
	reg.sweep(func(_ int, keep *bool) bool { return *keep })
	assert.Len(t, reg.entries, 8)
	assert.Equal(t, none, reg.find(9, 9))
}

func TestWhatIsRemovedIsLetGo(t *testing.T) {
	t.Parallel()
	var reg register[int, *int]
	for key := range 10 {
		reg.put(uint32(key), key, new(int))
	}
	for key := range 10 {
		reg.take(uint32(key), key)
	}
	for _, e := range reg.entries[:10] {
		require.Nil(t, e.value)
	}
}
