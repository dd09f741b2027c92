package ledger

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// busy is an account with something of everything.
func busy(r *rand.Rand, steps int) *Account {
	a := &Account{}
	now := t0
	for i := range steps {
		now = now.Add(time.Duration(r.IntN(100)) * time.Second)
		who, token := fmt.Sprintf("1650555%04d", r.IntN(90)), governor.Token{Hi: 1, Lo: uint64(i)}
		a.Admit(&governor.Admission{
			Token: token, Now: now, Stamp: now, Number: fmt.Sprint(i % 2), Recipient: who, Kind: governor.Kind(r.IntN(2)), Limit: 70,
			NumberRate: perSecond(80), PairRate: pairRate,
		}, new(governor.Verdict))
		switch r.IntN(9) {
		case 0:
			a.Alias(who, fmt.Sprint("US.", r.IntN(9)), now)
		case 1:
			a.Inbound(governor.InboundMark{Number: "1", Customer: who, At: now, Now: now})
		case 2:
			a.Consent(governor.ConsentMark{Recipient: who, Topic: "marketing", At: now, Now: now, Until: now.Add(time.Hour), Backoff: true})
		case 3:
			a.Tally(governor.TallyMark{At: now, Now: now, Counts: map[string]int64{"x": 1}, Peak: i})
		case 4:
			a.Delivery(governor.DeliveryMark{Number: "1", At: now, Stamp: now, Now: now, Failed: true}, Shorten(fmt.Sprint(i+1)))
		case 5:
			a.SaveState(governor.State{Version: a.State().Version, Data: []byte("{}")})
		default:
			a.Settle(&governor.Settlement{Token: token, Now: now, Sent: i%3 > 0, Stamp: now.Add(time.Second), Recipient: who, Canonical: who}, Shorten(fmt.Sprint(i)))
		}
	}
	return a
}

// size is what the books take: of customers the order is not always the same,
// and so neither is that to the byte.
func size(t testing.TB, a *Account) ([]byte, int) {
	t.Helper()
	b, err := a.AppendBinary(nil)
	require.NoError(t, err)
	return b, len(b)
}

func TestBooksAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, steps := range []int{0, 1, 10, 500} {
		seed := rand.Uint64()
		a := busy(rand.New(rand.NewPCG(seed, 0)), steps)
		var back Account
		written, n := size(t, a)
		require.NoErrorf(t, back.UnmarshalBinary(written), "seed %d", seed)
		_, again := size(t, &back)
		require.InDeltaf(t, n, again, 200, "seed %d", seed)
		require.Equalf(t, a.Usage(governor.UsageAsk{Limit: 70, Points: 100}), back.Usage(governor.UsageAsk{Limit: 70, Points: 100}), "seed %d", seed)
		require.Equal(t, a.State(), back.State())
		require.Equal(t, a.Tallies(t0), back.Tallies(t0))
		require.Equal(t, a.Clocks(), back.Clocks())
		require.Equal(t, len(a.bookings.entries), len(back.bookings.entries))
		require.Equal(t, len(a.messages.entries), len(back.messages.entries))
		require.Equal(t, a.consents.entries, back.consents.entries)
		if steps == 500 {
			require.Equal(t, a.aliases.Keys(), back.aliases.Keys(), "in the order in which they are forgotten")
		}
	}
}

// The file was written when pairs were kept in the order of their last sends, and
// in room for so many.
func TestBooksOfAnEarlierVersionAreRead(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "books-1"))
	require.NoError(t, err)
	var a Account
	require.NoError(t, a.UnmarshalBinary(data))
	now := t0.Add(24*time.Minute + 29*time.Second)
	assert.Equal(t, 52, a.Usage(governor.UsageAsk{Limit: 100, Now: now}).Used)
	assert.Len(t, a.bookings.entries, 112)
	assert.Len(t, a.messages.entries, 32)
	assert.Len(t, a.consents.entries, 8)
	assert.Len(t, a.rates["0"].pairs.entries, 29)
	assert.Len(t, a.rates["1"].pairs.entries, 29)
	assert.Equal(t, 3, a.aliases.Len())

	now = now.Add(7 * time.Second)
	for i := range 7 {
		var v governor.Verdict
		a.Admit(&governor.Admission{
			Token: governor.Token{Hi: 3, Lo: uint64(i)}, Version: a.State().Version, Now: now, Stamp: now, Number: "1", Recipient: "16505550001", Limit: 100,
			NumberRate: perSecond(80), PairRate: pairRate,
		}, &v)
		want := governor.Verdict{Outcome: governor.Admitted, Counted: true, Used: 52}
		if i == 6 {
			want.Outcome, want.RetryAt = governor.PairBusy, now.Add(5*time.Second)
		}
		require.Equal(t, want, v, "%d of the pair's 45 were left, and one has come back", i)
	}
	_, back := size(t, &a)
	require.InDelta(t, len(data), back, 400, "and what is written is as large")
}

// FuzzBooks holds that whatever is read as books is refused, or can be used.
func FuzzBooks(f *testing.F) {
	for _, steps := range []int{0, 10, 60} {
		b, _ := size(f, busy(rand.New(rand.NewPCG(1, 2)), steps))
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Account
		if a.UnmarshalBinary(data) != nil {
			return
		}
		written, _ := size(t, &a)
		var b Account
		require.NoError(t, b.UnmarshalBinary(written))
		now := t0
		for _, who := range []string{"16505550001", "US.1"} {
			ask := governor.Admission{
				Token: governor.Token{Lo: 1}, Version: 1 << 63, Now: now, Stamp: now, Number: "1", Recipient: who, Limit: 10,
				NumberRate: perSecond(80), PairRate: pairRate, Topics: [3]string{"marketing"},
			}
			a.Admit(&ask, new(governor.Verdict))
			a.Settle(&governor.Settlement{Token: governor.Token{Lo: 1}, Now: now, Sent: true, Stamp: now, Recipient: who}, Shorten("x"))
			a.Alias("16505550001", "US.1", now)
		}
		a.Usage(governor.UsageAsk{Limit: 10, Now: now, Points: 3})
	})
}
