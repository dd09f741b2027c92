package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

func TestTheModelForgetsNoPairForAQuestionByAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	b := newBooks()
	ask := governor.Admission{Now: t0, Stamp: t0, Kind: governor.Reply, Number: n1, Recipient: alice, PairRate: governor.Rate{Every: time.Minute, Burst: 1}}
	assert.Equal(t, governor.Admitted, b.admit(ask).Outcome)
	ahead := ask
	ahead.Now, ahead.Probe = t0.Add(10*time.Hour), true
	assert.Equal(t, governor.Admitted, b.admit(ahead).Outcome)
	assert.Equal(t, governor.Verdict{Outcome: governor.PairBusy, RetryAt: t0.Add(time.Minute)}, b.admit(ask))
}
