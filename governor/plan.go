package governor

import "time"

// A Campaign is what a caller means to send.
type Campaign struct {
	// From is the phone number ID that it is to be sent from. Required.
	From string
	// Template, Language and Category are as in [Message].
	Template, Language string
	Category           Category
	// Recipients is how many people it is for, at least 1. Who of them holds a
	// slot already or has an open window is not looked at: a plan asks for one
	// slot each.
	Recipients int
}

// A Plan says when a [Campaign] can be sent.
type Plan struct {
	// Decision is what the first message would be told now, with no recipient in
	// mind. If it denies and its RetryAt is zero, no time will help.
	Decision Decision
	// Now is how many people can be written to at once.
	Now int
	// Steps are when how many can have been written to in all, if nothing else
	// is sent: the first at the plan's time if Now is positive, the last when
	// everybody has been, or when the last slot held now has freed and the
	// campaign's own have to lapse before it goes on.
	Steps []Release
	// Done is when everybody can have been written to. Zero: never, as things
	// stand.
	Done time.Time
	// Slowest is how long the number's throughput alone takes.
	Slowest time.Duration
}
