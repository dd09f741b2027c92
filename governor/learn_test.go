package governor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// refusedBy sends a message that the platform answers with a code, and checks
// that its slot came back.
func (f *fixture) refusedBy(code int, m governor.Message) {
	f.t.Helper()
	used := f.used()
	rejection := &cloudapi.Error{Coded: true, Code: code, HTTPStatus: 400}
	require.ErrorIs(f.t, f.gov.Do(f.t.Context(), m, answer(rejection)), rejection)
	require.Equal(f.t, used, f.used(), "a definite rejection takes no slot")
}

func TestACodeHoldsBackWhatItSaysAndNothingElse(t *testing.T) {
	t.Parallel()
	marketing, replying := template(n1, alice), reply(n1, alice)
	utility := governor.Message{From: n1, To: bob, Template: "receipt", Category: governor.Utility}
	otp := governor.Message{From: n1, To: bob, Template: "code", Category: governor.Authentication}
	elsewhere := template(n2, bob)
	for _, c := range []struct {
		name     string
		code     int
		refused  []governor.Message
		by       error
		passes   []governor.Message
		lasts    time.Duration
		forGood  bool
		refusing governor.Message
	}{
		{
			name: "a spam limit stops the number's notifications for a day", code: 131048, refusing: marketing,
			refused: []governor.Message{marketing, utility, otp}, by: governor.ErrRestricted,
			passes: []governor.Message{replying, elsewhere}, lasts: day,
		},
		{
			name: "maintenance stops the number for a minute", code: 131057, refusing: marketing,
			refused: []governor.Message{marketing, replying}, by: governor.ErrPlatformBusy,
			passes: []governor.Message{elsewhere}, lasts: time.Minute,
		},
		{
			name: "a misclassified template stops the WABA's utility", code: 131064, refusing: utility,
			refused: []governor.Message{utility, {From: n2, To: bob, Template: "receipt", Category: governor.Utility}}, by: governor.ErrRestricted,
			passes: []governor.Message{marketing, otp, replying, elsewhere}, lasts: 7 * day,
		},
		{
			name: "a locked account stops the WABA's notifications", code: 131031, refusing: marketing,
			refused: []governor.Message{marketing, otp, elsewhere}, by: governor.ErrRestricted,
			passes: []governor.Message{replying}, lasts: day,
		},
		{
			name: "a policy block stops the WABA's notifications", code: 368, refusing: marketing,
			refused: []governor.Message{marketing, elsewhere}, by: governor.ErrRestricted,
			passes: []governor.Message{replying}, lasts: day,
		},
		{
			name: "an unpaid bill stops the WABA's notifications", code: 131042, refusing: marketing,
			refused: []governor.Message{marketing, elsewhere}, by: governor.ErrRestricted,
			passes: []governor.Message{replying}, lasts: time.Hour,
		},
		{
			name: "a call rate stops the number for a moment", code: 80007, refusing: marketing,
			refused: []governor.Message{marketing, replying}, by: governor.ErrPlatformBusy,
			passes: []governor.Message{elsewhere}, lasts: 30 * time.Second,
		},
		{
			name: "a closed window stops replies to that customer", code: 131047, refusing: replying,
			refused: []governor.Message{replying}, by: governor.ErrWindowClosed,
			passes: []governor.Message{marketing, reply(n1, bob), reply(n2, alice)}, forGood: true,
		},
		{
			name: "too much marketing from everybody rests a day", code: 131049, refusing: marketing,
			refused: []governor.Message{marketing, template(n2, alice)}, by: governor.ErrUnwanted,
			passes: []governor.Message{utility, replying, elsewhere}, lasts: day,
		},
		{
			name: "an opt-out from marketing is for good", code: 131050, refusing: marketing,
			refused: []governor.Message{marketing, template(n2, alice)}, by: governor.ErrUnwanted,
			passes: []governor.Message{utility, replying, elsewhere}, forGood: true,
		},
		{
			name: "a paused template rests three hours", code: 132015, refusing: marketing,
			refused: []governor.Message{marketing, elsewhere}, by: governor.ErrTemplate,
			passes: []governor.Message{utility, otp, replying}, lasts: 3 * time.Hour,
		},
		{
			name: "a disabled template rests for good", code: 132016, refusing: marketing,
			refused: []governor.Message{marketing, elsewhere}, by: governor.ErrTemplate,
			passes: []governor.Message{utility, otp, replying}, forGood: true,
		},
		{
			name: "one pair's rate is one pair's", code: 131056, refusing: marketing,
			refused: []governor.Message{marketing, replying}, by: governor.ErrPairRate,
			passes: []governor.Message{utility, template(n2, alice)}, lasts: time.Second,
		},
		{
			name: "a code that nobody knows changes nothing for others", code: 999999, refusing: template(n1, carol),
			passes: []governor.Message{marketing, utility, replying, elsewhere},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 100, nil)
			t0 := f.clock.Now()
			if c.code == 999999 {
				rejection := &cloudapi.Error{Coded: true, Code: c.code}
				require.ErrorIs(t, f.gov.Do(t.Context(), c.refusing, answer(rejection)), rejection)
				assert.Equal(t, 1, f.used(), "nobody knows whether it was sent")
			} else {
				f.refusedBy(c.code, c.refusing)
			}
			for _, m := range c.refused {
				d := f.refused(m, c.by)
				if c.forGood {
					assert.Zero(t, d.RetryAt)
				} else {
					assert.Equal(t, t0.Add(c.lasts), d.RetryAt.UTC())
				}
			}
			for _, m := range c.passes {
				assert.Truef(t, f.check(m).Allowed, "%s from %s: %s", m.Template, m.From, f.check(m))
			}
			if c.forGood {
				f.at(t0.Add(100 * day))
				for _, m := range c.refused {
					if m.Kind == governor.Reply {
						continue // forgotten after a week, and then the platform is asked again
					}
					f.refused(m, c.by)
				}
				return
			}
			f.at(t0.Add(c.lasts - time.Millisecond))
			for _, m := range c.refused {
				f.refused(m, c.by)
			}
			f.at(t0.Add(c.lasts))
			for _, m := range c.refused {
				f.sent(m)
			}
		})
	}
}

func TestAPairThatIsRefusedAgainRestsFourTimesAsLong(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 100, nil)
	for _, rest := range []time.Duration{time.Second, 4 * time.Second, 16 * time.Second, 64 * time.Second, 256 * time.Second} {
		f.refusedBy(131056, reply(n1, alice))
		d := f.refused(reply(n1, alice), governor.ErrPairRate)
		assert.Equal(t, f.clock.Now().Add(rest), d.RetryAt.UTC())
		f.at(d.RetryAt)
	}
	f.clock.Advance(271 * time.Second)
	f.refusedBy(131056, reply(n1, alice))
	d := f.refused(reply(n1, alice), governor.ErrPairRate)
	assert.Equal(t, f.clock.Now().Add(time.Second), d.RetryAt.UTC(), "a pair that has behaved begins anew")
}

func TestANumberThatIsTooFastSlowsDownAndRecovers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10_000, func(cfg *governor.Config) { cfg.Accounts[0].Numbers[0].PerSecond = 80 })
	inOneSecond := func() int {
		f.clock.Advance(10 * time.Second)
		start, n := f.clock.Now(), 0
		for f.clock.Now().Sub(start) < time.Second {
			if r, err := f.gov.Reserve(t.Context(), reply(n1, person(n))); err == nil {
				require.NoError(t, r.Commit(t.Context(), governor.Receipt{}))
				n++
				continue
			}
			f.clock.Advance(time.Millisecond)
		}
		return n
	}
	assert.InDelta(t, 160, inOneSecond(), 2)
	f.refusedBy(130429, reply(n1, alice))
	f.refused(reply(n1, alice), governor.ErrPlatformBusy)
	assert.InDelta(t, 80, inOneSecond(), 2, "half as fast")
	f.clock.Advance(time.Minute)
	f.sent(reply(n1, bob)) // only now the bucket grows again
	assert.InDelta(t, 160, inOneSecond(), 2, "as fast as before")
}

func TestARefusalInAWebhookTeachesTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, nil)
	f.committed(template(n1, alice), "wamid.1")
	f.observe(
		governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Failed},
		governor.SendRefused{Number: n1, Recipient: alice, Code: 131050},
	)
	assert.Zero(t, f.used())
	f.refused(template(n1, alice), governor.ErrUnwanted)
}
