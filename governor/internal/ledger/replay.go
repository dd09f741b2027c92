package ledger

import (
	"math"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// What follows is for those who write verbs down and apply them again: a verb
// that was decided once is not decided anew.

// Booked reports whether something is booked under the token.
func (a *Account) Booked(token governor.Token) bool {
	return a.bookings.get(hashToken(token), token) != nil
}

// Readmit books again what Admit has admitted, without deciding it anew: of the
// admission it needs what was booked and paid.
func (a *Account) Readmit(ask governor.Admission, counted bool) {
	now, pace := a.advance(ask.Now), a.pace(ask.Now).at()
	paid, recipient := a.unbook(ask.Token, now), a.canonical(ask.Recipient)
	ask.Limit = math.MaxInt
	a.book(&ask, recipient, counted, now)
	if !paid {
		var fee due
		fee.look(a.numberRates(ask.Number), &ask, recipient, pace)
		fee.settle()
		fee.pay()
	}
}

// Steady reports whether the admission, if it is refused, changes nothing but
// where the clocks stand: its number goes by its rate already, and no time has
// turned out to be false.
func (a *Account) Steady(ask governor.Admission) bool {
	if a.paced.follow(ask.Now).gained != a.paced.gained {
		return false
	}
	own, r := flowOf(ask.NumberRate), a.rates[ask.Number]
	return !own.limits() || r != nil && r.own.flow == own
}

// Refuse does what an admission does that is refused: nothing but to give back
// what was booked under its token, or else to hold the number to its rate.
func (a *Account) Refuse(ask governor.Admission) {
	now, pace := a.advance(ask.Now), a.pace(ask.Now).at()
	if !a.unbook(ask.Token, now) {
		var fee due
		fee.look(a.numberRates(ask.Number), &ask, a.canonical(ask.Recipient), pace)
		fee.settle()
	}
}

// Restore sets the state to what SaveState has made of it.
func (a *Account) Restore(state governor.State) { a.state = state }

// Clocks are the latest time that the account was told, and the one that its
// rates follow. A verb may move them on that has no other effect.
type Clocks struct{ Now, Paced time.Time }

// Clocks returns where the clocks stand.
func (a *Account) Clocks() Clocks { return Clocks{a.now, a.paced.told} }

// SetClocks moves the clocks to where they stood. What an earlier version wrote
// down may go back.
func (a *Account) SetClocks(c Clocks) {
	at := a.paced.at()
	a.now, a.paced.told = c.Now, c.Paced
	if a.paced.at() < at {
		a.paced.gained = at - micros(c.Paced)
	}
}
