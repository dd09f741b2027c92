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

// filedAt tells the hash of each position.
type filedAt map[uint32]uint64

func (f filedAt) hash(position uint32) uint64 { return f[position] }

// When more pass a bucket than are counted, it counts as passed for good: a
// search for what is not there then goes all the way round, and a removal looks
// for those to be brought back in all the others.
func TestAnIndexOfWhichAllBucketsWerePassedBeyondCountingStillWorks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 13))
	var ix index
	all := filedAt{}
	file := func(home uint64, n int) {
		for range n {
			position := r.Uint32()
			all[position] = home<<58 | r.Uint64()>>6 // of 64 buckets, the home
			ix.insert(all[position], position, all)
		}
	}
	remove := func(n int) {
		for position, h := range all {
			if n--; n < 0 {
				break
			}
			ix.remove(h, position, all)
			delete(all, position)
		}
	}
	check := func() {
		t.Helper()
		c := &checker{w: &Window{}}
		c.index("positions", &ix, all, len(all), func(position uint32) bool { return all[position] != 0 })
		require.Empty(t, c.faults)
	}
	// As many as one segment takes before it splits, of half the homes in turn.
	const most = mostBuckets * bucketSize / 2
	for _, home := range []uint64{1, 17, 33, 49, 1} {
		file(home, most)
		require.Len(t, ix.segments, 1)
		require.Len(t, ix.segments[0].buckets, mostBuckets)
		check()
		for len(all) > 0 {
			remove(most / 7)
			check()
		}
	}
	for at, n := range ix.segments[0].beyond {
		require.EqualValues(t, countless, n, "bucket %d", at)
	}
	for range 100 {
		require.Empty(t, slices.Collect(ix.filed(r.Uint64())))
	}
	for home := range uint64(64) {
		file(home, r.IntN(30))
		check()
		remove(r.IntN(15))
		check()
	}
}

// Each split then leaves all in one half, which must take them however full a
// segment of its depth is to be.
func TestHashesThatBeginAlikeComeApartInTheEnd(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 14))
	var ix index
	all := filedAt{}
	for position := range uint32(3 * mostBuckets * bucketSize) {
		all[position] = 0x5a5<<52 | r.Uint64()>>12
		ix.insert(all[position], position, all)
	}
	require.Greater(t, ix.depth, uint8(12))
	c := &checker{w: &Window{}}
	c.index("positions", &ix, all, len(all), func(uint32) bool { return true })
	require.Empty(t, c.faults)
}
