package ledger

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARegisterIsAMapThatForgets(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	var reg register[int, int]
	model := map[int]int{}
	for range 20_000 {
		switch key := r.IntN(50); r.IntN(4) {
		case 0, 1:
			value := r.IntN(1000)
			reg.put(key, value)
			model[key] = value
		case 2:
			value, ok := reg.take(key)
			want, had := model[key]
			require.Equalf(t, want, value, "seed %d", seed)
			require.Equalf(t, had, ok, "seed %d", seed)
			delete(model, key)
		default:
			keep := func(_ int, v *int) bool { return *v%3 > 0 }
			reg.sweep(keep)
			for key, value := range model {
				if _, there := reg.get(key); !there {
					require.Falsef(t, keep(key, &value), "seed %d: %d was to be kept", seed, value)
					delete(model, key)
				}
			}
		}
		require.Lenf(t, reg.entries, len(model), "seed %d", seed)
		require.Len(t, reg.index, len(model))
		for key, value := range model {
			got, ok := reg.get(key)
			require.Truef(t, ok && got == value, "seed %d", seed)
		}
	}
}

func TestSweepingOvertakesGrowth(t *testing.T) {
	t.Parallel()
	var reg register[int, int]
	const live = 1000
	for now := range 20 * live {
		reg.sweep(func(_ int, at *int) bool { return now-*at < live })
		reg.put(now, now)
		require.LessOrEqual(t, len(reg.entries), 3*live)
	}
	for now := 20 * live; len(reg.entries) > 0; now++ {
		require.Less(t, now, 25*live)
		reg.sweep(func(_ int, at *int) bool { return now-*at < live })
	}
	reg.sweep(func(int, *int) bool { return true })
	assert.Empty(t, reg.index)
}

func TestTheEmptyRegisterHasNothing(t *testing.T) {
	t.Parallel()
	var reg register[string, int]
	_, ok := reg.get("x")
	assert.False(t, ok)
	_, ok = reg.take("x")
	assert.False(t, ok)
}
