package pack_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/internal/pack"
)

func TestEverythingIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	texts := []string{"", "0", "16505550101", "007", "999999999999999999", "1000000000000000000", "US.13491208655302741918", "é", "-1", "+1"}
	times := []time.Time{{}, time.Unix(0, 0), time.Date(2026, 11, 25, 9, 0, 0, 999999999, time.FixedZone("", 3600)), time.Unix(math.MaxInt64/2, 1)}
	var b []byte
	for _, s := range texts {
		b = pack.String(b, s)
	}
	for _, at := range times {
		b = pack.Time(b, at)
	}
	b = pack.Int(pack.Uint(b, math.MaxUint64), math.MinInt64)
	b = pack.Bytes(pack.Fixed(pack.Bool(pack.Bool(b, true), false), 7), []byte("x"))

	r := pack.Read(b)
	for _, s := range texts {
		assert.Equal(t, s, r.String())
	}
	for _, at := range times {
		got := r.Time()
		assert.True(t, at.Equal(got), got)
		assert.Equal(t, time.UTC, got.Location())
	}
	assert.EqualValues(t, uint64(math.MaxUint64), r.Uint())
	assert.EqualValues(t, int64(math.MinInt64), r.Int())
	assert.True(t, r.Bool())
	assert.False(t, r.Bool())
	assert.EqualValues(t, 7, r.Fixed())
	assert.Equal(t, []byte("x"), r.Bytes())
	require.NoError(t, r.Close())
}

func TestAPhoneNumberTakesHalfTheRoom(t *testing.T) {
	t.Parallel()
	assert.Len(t, pack.String(nil, "16505550101"), 5)
}

func TestWhatCannotBeReadIsZeroFromThereOn(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(r *pack.Reader){
		"a number":    func(r *pack.Reader) { r.Uint() },
		"a byte":      func(r *pack.Reader) { r.Byte() },
		"eight bytes": func(r *pack.Reader) { r.Fixed() },
		"a time":      func(r *pack.Reader) { r.Time() },
		"a string":    func(r *pack.Reader) { _ = r.String() },
		"a length":    func(r *pack.Reader) { r.Len(1) },
	} {
		r := pack.Read(nil)
		read(r)
		require.ErrorIs(t, r.Err(), pack.ErrCorrupt, name)
		assert.Zero(t, r.Uint()+uint64(r.Len(1))+r.Fixed(), name)
	}
	r := pack.Read([]byte{2}) // neither true nor false
	r.Bool()
	require.Error(t, r.Err())
	r = pack.Read([]byte{200, 1, 1}) // a hundred bytes, of which one is there
	assert.Nil(t, r.Bytes())
	r = pack.Read([]byte{3, 0, 0}) // three things of two bytes each
	assert.Zero(t, r.Len(2))
	r = pack.Read([]byte{0, 0})
	r.Byte()
	require.ErrorIs(t, r.Close(), pack.ErrCorrupt, "something is left")
}

func FuzzRead(f *testing.F) {
	f.Add(pack.Time(pack.String(nil, "16505550101"), time.Unix(1, 2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := pack.Read(data)
		s, at := r.String(), r.Time()
		if r.Err() != nil {
			return
		}
		again := pack.Read(pack.Time(pack.String(nil, s), at))
		require.Equal(t, s, again.String())
		require.True(t, at.Equal(again.Time()))
		require.NoError(t, again.Close())
	})
}
