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

// Whatever the factors, which nobody chooses, the numbers of one block are found
// in a few looks.
func TestPhoneNumbersInARowHaveFewNeighbours(t *testing.T) {
	t.Parallel()
	const people = 5000
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		front, back := r.Uint64(), r.Uint64()
		for _, block := range []string{"1650555%04d", "1650%07d", "%015d", "%08d"} {
			var x index
			for i := range people {
				x.insert(mix(fmt.Sprintf(block, i), front, back), i)
			}
			looks, mask := people, uint32(len(x.slots)-1)
			for at, slot := range x.slots {
				if slot != 0 {
					looks += int((uint32(at) - uint32(slot>>32)) & mask)
				}
			}
			require.Lessf(t, looks, 4*people, "seed %d: %s", seed, block)
		}
	}
}
