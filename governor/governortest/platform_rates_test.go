package governortest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestANumberIsNeverMoreThanASecondAheadOfItsThroughput(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Throughput: 4})
	walk(t, api, []step{
		{at: t0, body: template("16505550001")},
		{at: t0, body: template("16505550002")},
		{at: t0, body: template("16505550003")},
		{at: t0, body: template("16505550004")},
		{at: t0.Add(240 * time.Millisecond), body: template("16505550005"), want: 130429},
		{at: t0.Add(240 * time.Millisecond), from: another, body: template("16505550005")},
		{at: t0.Add(250 * time.Millisecond), body: template("16505550005")},
		{at: t0.Add(250 * time.Millisecond), body: template("16505550006"), want: 130429},
		{at: t0.Add(500 * time.Millisecond), body: template("16505550006")},
	})
}

func TestTheDefaultThroughputIsEightyASecond(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	for i := range governortest.DefaultThroughput {
		require.Zero(t, send(t, api, number, template(fmt.Sprintf("1650555%04d", i))).code)
	}
	r := send(t, api, number, template("16505559999"))
	require.Equal(t, 130429, r.code)
	require.Equal(t, 400, r.status)
	require.Equal(t, 2494055, r.body.Error.Subcode)
	api.Clock().Advance(time.Second)
	require.Zero(t, send(t, api, number, template("16505559999")).code)
}

func TestANumberMayHaveAThroughputOfItsOwn(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Throughput: 1, Numbers: []governortest.PlatformNumber{
		{ID: number, Throughput: 2}, {ID: another},
	}})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0, body: template(bob)},
		{at: t0, body: template(carol), want: 130429},
		{at: t0, from: another, body: template(alice)},
		{at: t0, from: another, body: template(bob), want: 130429},
	})
}

func TestInboundMessagesTakeThroughputAndReceiptsAndRefusalsDoNot(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Throughput: 2})
	api.Inbound(number, alice)
	require.Zero(t, send(t, api, number, `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.X"}`).code)
	require.Equal(t, 131047, send(t, api, number, text(bob)).code)
	require.Zero(t, send(t, api, number, text(alice)).code)
	require.Equal(t, 130429, send(t, api, number, text(alice)).code)
}

func TestAPairHasABurstAndThenAPace(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	for range 45 {
		require.Zero(t, send(t, api, number, template(alice)).code)
	}
	walk(t, api, []step{
		{at: t0, body: template(alice), want: 131056},
		{at: t0, body: template(bob)},                  // another user
		{at: t0, from: another, body: template(alice)}, // another number
		{at: t0.Add(5 * time.Second), body: template(alice), want: 131056},
		{at: t0.Add(6 * time.Second), body: template(alice)},
		{at: t0.Add(6 * time.Second), body: template(alice), want: 131056},
		{at: t0.Add(18 * time.Second), body: template(alice)},
		{at: t0.Add(18 * time.Second), body: template(alice)},
		{at: t0.Add(18 * time.Second), body: template(alice), want: 131056},
	})
	api.Clock().Set(t0.Add(18*time.Second + 45*6*time.Second))
	for range 45 {
		require.Zero(t, send(t, api, number, template(alice)).code, "the whole burst is back")
	}
	require.Equal(t, 131056, send(t, api, number, template(alice)).code)
}

func TestAPairsPaceHoldsForReplies(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Inbound(number, alice)
	for range 45 {
		require.Zero(t, send(t, api, number, text(alice)).code)
	}
	require.Equal(t, 131056, send(t, api, number, text(alice)).code)
}

func TestARateForgivesAMillisecond(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Throughput: 1})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0.Add(time.Second - time.Millisecond - 1), body: template(alice), want: 130429},
		{at: t0.Add(time.Second - time.Millisecond), body: template(alice)},
	})
}

func TestAClockThatGoesBackDoesNotStopTheRates(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Throughput: 1})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0.Add(-time.Hour), body: template(alice), want: 130429},
		{at: t0.Add(-time.Hour + time.Second), body: template(alice)},
	})
}
