package governor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sendgov/sendgov/tier"
)

// Config is everything about a [Governor] that has a default. The zero Config
// governs at once: each number is an account of its own with a limit of 250.
type Config struct {
	// Accounts lists who shares a messaging limit with whom. Since October
	// 2025 that is the business portfolio: all its numbers draw on one limit.
	// A number that is not listed is refused with ErrUnknownNumber. Empty:
	// see Resolve.
	Accounts []Account
	// Resolve finds a number's account, for backends with too many to list.
	// It is called for every send and must be fast and safe for concurrent
	// use. It returns an error that wraps ErrUnknownNumber, or a Route without
	// an account, for a number that nobody has: nothing is sent then. With any
	// other error notifications fail with it, and replies pass, ungoverned. It
	// excludes Accounts. With neither, each number is its own account.
	Resolve func(ctx context.Context, number string) (Route, error)

	// DefaultTier is the limit of an account of which nobody has told a limit
	// yet. Defaults to tier.Tier250, the platform's for a new portfolio.
	DefaultTier tier.Tier
	// Ladder says which limit is one step lower when a number has been
	// Flagged for seven days. Defaults to tier.Current().
	Ladder tier.Ladder
	// AtLimit says who passes when no slot is free. Defaults to RefuseAll.
	AtLimit AtLimit
	// Shares say how much of the limit each category may fill; see
	// [CautiousShares] for some that suit many. Defaults to nil: all of it.
	Shares Shares
	// Grace is how much longer than 24 h a slot is held. It makes up for the
	// time between our stamp and the platform's. 0 to 24 h. Defaults to 0.
	Grace time.Duration
	// RequireOptIn refuses notifications to recipients who have not opted in to
	// the message's topic, or to its category if it has none. Defaults to false:
	// who has not opted out may be written to.
	RequireOptIn bool
	// RateWait is how long Do, and with it governorhttp.Transport, holds a
	// message back until the number's or the pair's rate allows it, instead of
	// refusing. Defaults to 1 s. A nanosecond means hardly ever. On a fake clock
	// that stands still the wait has no end: let governortest.Clock.Run move it.
	RateWait time.Duration

	// StoreTimeout bounds each call to the store, so that one which hangs costs a
	// send no more: a reply then passes, a notification is refused. It works
	// through the context that a store is given. Defaults to 0, which leaves it
	// to the caller's context; set it for every store that another machine is
	// part of.
	StoreTimeout time.Duration

	// ColdStart says what a ledger that has never been saved stands for. Defaults
	// to AssumeUnused.
	ColdStart ColdStart
	// LocalBudget is how many people of each account this governor may write to
	// while its store does not answer: it sets as many slots aside beforehand, so
	// that all governors together stay within the limit all the same. They count
	// as used, for up to a day and LeaseTime after a governor that died; end one
	// with ReturnLeases. Only notifications known to be Utility or
	// Authentication, without a Topic, draw on it, and none with RequireOptIn:
	// who has opted out is not known then. An opt-out from everything, TopicAll,
	// is not seen. 0 to 10,000. Defaults to 0: while the store fails
	// notifications are refused.
	LocalBudget int
	// LeaseTime is for how long after the store's last answer the LocalBudget may
	// be drawn on, at most; at half of it the slots are leased anew, by whichever
	// send comes by. A minute to 12 h. Defaults to 15 min.
	LeaseTime time.Duration

	// HashKey keeps people out of the store: it is told a keyed hash in place of
	// every recipient and message ID, 128 bits of HMAC-SHA256 in 22 characters,
	// so that of n people two are taken for one with odds of n*n/2^129. The
	// account goes into the hash. All governors that share a store need the same
	// key: one with another key, or none, knows nobody, neither who holds a slot
	// nor who has opted out. So turn it on with an empty store. The numbers of the
	// business itself are not hashed. At least 16 bytes, random. Nil: recipients
	// are stored as they are.
	HashKey []byte
	// OldHashKeys are keys that HashKey has replaced. Who is first met after the
	// change is looked up under them too, which costs each process two more
	// calls per person and key, and keeps slots, service windows and wishes. A
	// person who is not met meanwhile keeps an opt-out only as long as the key is
	// listed. A failure of a message that was sent under an old key gives no slot
	// back. Each at least 16 bytes.
	OldHashKeys [][]byte

	// Observer is told what happens: refusals, changes of health and limit,
	// failures. It is called one notice at a time, in order, without any lock
	// held, and may call the Governor. A panic in it is contained. It is called
	// on the goroutine that runs [Governor.Run], so that it may take its time;
	// while nobody does, on that of a call that brings news, and should be quick.
	// [Observers] makes one of several. Nil: nobody is told.
	Observer func(Notice)
	// ObserveAllowed tells the Observer of messages that may leave as well.
	// Defaults to false.
	ObserveAllowed bool
	// Clock tells the time. Nil is the system clock.
	Clock Clock
	// Handles is how many accounts' states are kept in memory, to spare the
	// store a question each. Defaults to 16384. Forgetting one changes no
	// answer.
	Handles int
}

// An Account is those numbers that share one messaging limit.
type Account struct {
	// ID is the business portfolio's ID, or any name that is the account's
	// alone. Required.
	ID string
	// Numbers are the account's. At least one.
	Numbers []Number
	// Tier is the limit as far as known. The platform's own reports replace
	// it. Zero: Config.DefaultTier.
	Tier tier.Tier
}

// A Number is a business phone number.
type Number struct {
	// ID is the phone number ID, as in the path of a send. Required, and in no
	// other account.
	ID string
	// WABA is the WhatsApp Business Account that the number is in, so that the
	// WABA's restrictions bind it. It may be empty.
	WABA string
	// PerSecond is the number's throughput in messages per second, inbound
	// included: 80, 1000 when upgraded, 20 when shared with the WhatsApp
	// Business app. Zero: 80, until the platform reports another.
	PerSecond int
}

// A Route says whose a number is.
type Route struct {
	// Account is the account's ID. Empty: nobody's.
	Account string
	// WABA, PerSecond and Tier are as in [Number] and [Account].
	WABA      string
	PerSecond int
	Tier      tier.Tier
}

// AtLimit says who still passes when the limit is used up.
type AtLimit uint8

const (
	// RefuseAll refuses every notification until a slot frees.
	RefuseAll AtLimit = iota
	// RefuseNew lets those through who hold a slot already: the limit counts
	// people, not messages.
	RefuseNew
)

// The platform's rates. Source: its throughput page (2026-09) and its overview
// page on pair rates (2025-12).
const (
	defaultPerSecond = 80
	maxPerSecond     = 100_000

	defaultRateWait = time.Second
	defaultHandles  = 1 << 14
)

var pairRate = Rate{Every: 6 * time.Second, Burst: 45}

func numberRate(perSecond int) Rate {
	return Rate{Every: time.Second / time.Duration(perSecond), Burst: perSecond}
}

// withDefaults returns c with every zero that has a default replaced.
func (c Config) withDefaults() Config {
	if c.DefaultTier == tier.Unknown {
		c.DefaultTier = tier.Tier250
	}
	if c.RateWait == 0 {
		c.RateWait = defaultRateWait
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.Handles == 0 {
		c.Handles = defaultHandles
	}
	if c.LeaseTime == 0 {
		c.LeaseTime = defaultLeaseTime
	}
	// The caller may go on to change what it passed in.
	c.Accounts = slices.Clone(c.Accounts)
	for i, a := range c.Accounts {
		c.Accounts[i].Numbers = slices.Clone(a.Numbers)
	}
	return c
}

// Validate reports everything that is wrong with c at once, as [*FieldError]s
// joined.
func (c Config) Validate() error {
	var faults []error
	fault := func(field, format string, args ...any) {
		faults = append(faults, invalid("Config."+field, fmt.Sprintf(format, args...)))
	}
	if len(c.Accounts) > 0 && c.Resolve != nil {
		fault("Resolve", "is set and Accounts too; want one of them")
	}
	if f := faultOfTier(c.DefaultTier); f != "" {
		fault("DefaultTier", "%s", f)
	}
	if c.AtLimit > RefuseNew {
		fault("AtLimit", "is %d, want RefuseAll or RefuseNew", uint8(c.AtLimit))
	}
	c.Shares.validate(fault)
	if c.Grace < 0 || c.Grace > 24*time.Hour {
		fault("Grace", "is %v, want 0 to 24h", c.Grace)
	}
	if c.RateWait < 0 {
		fault("RateWait", "is %v, want a positive time, or zero for the default", c.RateWait)
	}
	if c.Clock != nil && isNil(c.Clock) {
		fault("Clock", "is a nil %T, want a clock, or nil itself for the system's", c.Clock)
	}
	if c.StoreTimeout < 0 {
		fault("StoreTimeout", "is %v, want a positive time, or zero for none", c.StoreTimeout)
	}
	if c.Handles < 0 {
		fault("Handles", "is %d, want a positive number, or zero for the default", c.Handles)
	}
	c.faultsOfResilience(fault)
	accounts := map[string]int{}
	numbers := map[string]string{}
	for i, a := range c.Accounts {
		at := fmt.Sprintf("Accounts[%d]", i)
		if f := faultOfID(a.ID); f != "" {
			fault(at+".ID", "%s", f)
		} else if first, twice := accounts[a.ID]; twice {
			fault(at+".ID", "is %q, as Accounts[%d].ID is; want each account once", a.ID, first)
		} else {
			accounts[a.ID] = i
		}
		if f := faultOfTier(a.Tier); f != "" {
			fault(at+".Tier", "%s", f)
		}
		if len(a.Numbers) == 0 {
			fault(at+".Numbers", "is empty, want at least one")
		}
		for j, n := range a.Numbers {
			at := fmt.Sprintf("%s.Numbers[%d]", at, j)
			if f := faultOfID(n.ID); f != "" {
				fault(at+".ID", "%s", f)
			} else if first, twice := numbers[n.ID]; twice {
				fault(at+".ID", "is %q, as %s is; want each number once", n.ID, first)
			} else {
				numbers[n.ID] = at + ".ID"
			}
			if n.WABA != "" {
				if f := faultOfID(n.WABA); f != "" {
					fault(at+".WABA", "%s", f)
				}
			}
			if n.PerSecond < 0 || n.PerSecond > maxPerSecond {
				fault(at+".PerSecond", "is %d, want 1 to %d, or zero for %d", n.PerSecond, maxPerSecond, defaultPerSecond)
			}
		}
	}
	return errors.Join(faults...)
}

func faultOfID(id string) string {
	switch {
	case id == "":
		return "is empty"
	case len(id) > maxIDLength:
		return fmt.Sprintf("has %d characters, want at most %d", len(id), maxIDLength)
	case !isID(id):
		return "has a character other than letters, digits and . _ - :"
	}
	return ""
}

// faultOfTier also refuses what is too large: it would count as not known, and
// let nothing pass.
func faultOfTier(t tier.Tier) string {
	if t == tier.Unknown || t.Known() {
		return ""
	}
	return fmt.Sprintf("is %d, want 1 to %d recipients, tier.Unlimited, or zero if not known", int(t), int(tier.Unlimited)-1)
}
