package window

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// filings is a plain index: all positions by their hashes.
type filings map[uint64][]uint32

// hash tells where a position was filed.
func (f filings) hash(position uint32) uint64 {
	for h, all := range f {
		if slices.Contains(all, position) {
			return h
		}
	}
	panic("nobody filed it")
}

// Hashes of which many agree, and positions of up to four bytes.
func TestAnIndexFindsWhatIsFiledAndNothingElse(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 12))
		var ix index
		filed := filings{}
		hashes := make([]uint64, 1+r.IntN(40))
		for i := range hashes {
			hashes[i] = r.Uint64() >> (r.IntN(2) * 50) // half of them in one place
		}
		most := uint32(1) << (10 + r.IntN(22))
		used := map[uint32]bool{}
		for range 500 {
			h, position := hashes[r.IntN(len(hashes))], r.Uint32N(most)
			all := filed[h]
			switch op := r.IntN(8); {
			case len(all) > 0 && op < 3:
				i := r.IntN(len(all))
				position = all[i]
				ix.remove(h, position, filed)
				filed[h] = slices.Delete(all, i, i+1)
				delete(used, position)
			case used[position]:
			case len(all) > 0 && op == 3:
				i := r.IntN(len(all))
				ix.replace(h, all[i], position)
				delete(used, all[i])
				all[i], used[position] = position, true
			case len(used) < 300:
				ix.insert(h, position, filed)
				filed[h] = append(all, position)
				used[position] = true
			}
			for _, h := range hashes {
				var found []uint32
				for position := range ix.filed(h) {
					require.True(t, used[position], fmt.Sprint("seed ", seed))
					if filed.hash(position) == h { // else another with the same tag
						found = append(found, position)
					}
				}
				require.ElementsMatch(t, filed[h], found, fmt.Sprint("seed ", seed))
			}
		}
	}
}
