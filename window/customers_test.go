package window

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// So whoever was not visited is behind the hash to go on at, also in a table that
// replaces this one meanwhile.
func TestAServiceVisitLeavesOutNobodyBeforeTheHashToGoOnAt(t *testing.T) {
	t.Parallel()
	for n := 0; n < 1000; n += 1 + n/20 {
		c := newCustomers()
		for i := range n {
			c = c.insert("1", fmt.Sprint("1555", i), times{0, never, never})
		}
		hashes := map[uint64]uint64{}
		for i := range c.tables {
			c.tables[i].Load().each(c, func(key, h uint64, _ *pair, _ times) { hashes[key] = h })
		}
		require.Len(t, hashes, n)
		for from, more := uint64(0), true; more; {
			visited := map[uint64]bool{}
			next := c.visit(from, sweep, func(f foundCustomer) { visited[f.slot.key.Load()] = true })
			for key, h := range hashes {
				if h >= from && h <= next-1 && !visited[key] {
					require.Failf(t, "left out", "%d customers: %x, from %x to %x", n, h, from, next)
				}
			}
			from, more = next, next > 0
		}
	}
}

// Of a name that is no phone number a key holds 32 bits of its hash.
func TestServiceCustomersOfOneKeyAreToldApart(t *testing.T) {
	t.Parallel()
	c := newCustomers()
	seen := map[uint64]pair{}
	apart := 0
	for i := 0; apart < 3; i++ {
		p := pair{"1", fmt.Sprint("US.", i)}
		key, _ := c.pairID(p)
		other, same := seen[key]
		seen[key] = p
		if !same {
			continue
		}
		apart++
		c = c.insert(other.number, other.customer, times{int64(i), never, never})
		require.Nil(t, c.find(p.number, p.customer).slot)
		c = c.insert(p.number, p.customer, times{int64(-i), never, never})
		assert.Equal(t, int64(i), c.find(other.number, other.customer).times().inbound)
		assert.Equal(t, int64(-i), c.find(p.number, p.customer).times().inbound)
		gone := c.find(other.number, other.customer)
		gone.remove()
		assert.Nil(t, gone.table.pairs[gone.at].Load(), "the names are kept")
		assert.Nil(t, c.find(other.number, other.customer).slot)
		assert.Equal(t, int64(-i), c.find(p.number, p.customer).times().inbound)
	}
}

func TestServiceTablesOfFewAtOnceStaySmallHoweverManyCome(t *testing.T) {
	t.Parallel()
	c := newCustomers()
	for i := range 20_000 {
		c = c.insert("1", fmt.Sprint("1555", i), times{0, never, never})
		if i >= 100 {
			c.find("1", fmt.Sprint("1555", i-100)).remove()
		}
	}
	require.Len(t, c.tables, 1)
	assert.LessOrEqual(t, c.tables[0].Load().size(), 1000)
}
