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
	now, pace := a.advance(ask.Now), micros(a.pace(ask.Now))
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

// Steady reports whether the admission, if it is refused, leaves the buckets of
// its number and its pair as they are: they go by its rates already, and not by a
// time that turned out to be false.
func (a *Account) Steady(ask governor.Admission) bool {
	if a.paced.Sub(ask.Now) > maxSkew {
		return false
	}
	r, at, own := a.rates[ask.Number], micros(later(a.paced, ask.Now)), flowOf(ask.NumberRate)
	if own.limits() && (r == nil || r.own.flow != own || r.own.at > at) {
		return false
	}
	if r == nil {
		return true
	}
	recipient := a.canonical(ask.Recipient)
	pair := r.pairs.get(hashName(recipient), recipient)
	return pair == nil || pair.at <= at
}

// Refuse does what an admission does that is refused: nothing but to give back
// what was booked under its token, or else to hold the number and the pair to
// their rates.
func (a *Account) Refuse(ask governor.Admission) {
	now, pace := a.advance(ask.Now), micros(a.pace(ask.Now))
	if !a.unbook(ask.Token, now) {
		var fee due
		fee.look(a.numberRates(ask.Number), &ask, a.canonical(ask.Recipient), pace)
		fee.settle()
	}
}

// Restore sets the state to what SaveState has made of it.
func (a *Account) Restore(state governor.State) { a.state = state }

// Clocks are the latest time that the account was told, and the one that its
// rates go by. Every verb may move them, also one that has no other effect.
type Clocks struct{ Now, Paced time.Time }

// Clocks returns where the clocks stand.
func (a *Account) Clocks() Clocks { return Clocks{a.now, a.paced} }

// SetClocks moves the clocks to where they stood.
func (a *Account) SetClocks(c Clocks) { a.now, a.paced = c.Now, c.Paced }
