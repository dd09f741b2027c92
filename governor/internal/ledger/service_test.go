package ledger

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

func TestAWindowThatThePlatformClosedIsClosedForBothSpellings(t *testing.T) {
	t.Parallel()
	var a Account
	a.CloseWindow("1", "bob", t0) // who has never written
	a.Alias("bob", "alice", t0)
	v := a.Admit(governor.Admission{Now: t0, Stamp: t0, Number: "1", Recipient: "alice", Kind: governor.Reply})
	assert.Equal(t, governor.ReplyClosed, v.Outcome)
}
