package governor

import (
	"context"
	"time"
)

// A Store keeps the ledger: who holds a slot, who wrote when, how fast each
// number has been sending, and what the platform last said of each account.
// Programs hand one to [New] and call nothing of it; the contract is for those
// who write a store, and storetest.Run tests one for it.
//
// # Contract
//
// Every verb is atomic, safe for concurrent use and, where the store is
// remote, one round trip. Every verb is told the time and never reads a clock
// of its own for a decision, except to be stricter. For what counts, an
// account's time never moves back: a store treats an earlier time as the latest
// it has seen. Verbs that change nothing, probes among them, need not move it. A
// reply's window goes by the time that is told.
//
// Rates go by a time of their own, which never moves back either. Of clocks that
// differ by no more than five minutes it is the latest. With one that is further
// behind it goes on by as much as that clock does, so that no conversation waits
// until a false time comes true; and should such a clock then be ahead of the
// rates' time, or no more than five minutes behind, they go by the latest again, so
// that nothing comes back twice. What refuses for a rate names the time, by the
// clock that is followed, at which it passes if no other is told. The rates' time
// is moved by every Admit that is neither stale nor a probe, by an Inbound that
// uses the number's rate, and by what joins two recipients. A pair's rate that has
// come back in full is as one that was never used, whatever it was.
//
// A store may keep whole milliseconds, and for rates whole microseconds, if
// rounding holds a slot or a send for longer and never for less.
//
// Accounts, numbers, recipients, message IDs and topics are any strings, and no
// two of them the same. An empty recipient is nobody.
//
// An error means that the outcome is unknown. It never stands for absence:
// what is not there is the zero value and a nil error. Verbs can be repeated
// after an error: nothing is booked, used up or given back twice.
//
// What can be lost without harm is only what over-counts when lost. A store
// never forgets a recipient whose slot is held. It remembers a booking that
// nobody settles for two days, a reply's for an hour, and a counted message while
// its own stamp would hold the slot: the last four of each recipient at least, but
// none that the delivery of a message unknown to it, or a send settled without a
// message ID, has overtaken.
type Store interface {
	// Admit decides one send by the ledger and books it when it passes. All
	// or nothing: a send that one rule refuses takes nothing of another.
	Admit(ctx context.Context, a Admission) (Verdict, error)
	// Settle ends what Admit booked: the send was accepted, or it never left.
	// A token that is not known, or not any more, is no error.
	Settle(ctx context.Context, s Settlement) error
	// Inbound records a customer's message or call. It opens their service
	// window and uses the number's throughput.
	Inbound(ctx context.Context, in InboundMark) error
	// Delivery records what became of a message that the platform accepted.
	Delivery(ctx context.Context, d DeliveryMark) error
	// Consent records what a recipient wants to hear of, or a cool-down.
	Consent(ctx context.Context, c ConsentMark) error
	// Consents lists what is known of a recipient's wishes, by topic.
	Consents(ctx context.Context, account, recipient string, now time.Time) ([]Consent, error)
	// CloseWindow records that the platform refuses free-form messages to the
	// customer: inbounds up to at no longer open the window.
	CloseWindow(ctx context.Context, account, number, customer string, at time.Time) error
	// Alias records that two spellings name one person, the second being the
	// canonical one. Their slots become one, their service windows too.
	Alias(ctx context.Context, account, alias, canonical string, now time.Time) error
	// Usage reports how much of the limit is used and when it frees.
	Usage(ctx context.Context, ask UsageAsk) (Usage, error)
	// Tally adds to the day's counts. They are for people to look at and decide
	// nothing: what is repeated after an error may be counted twice.
	Tally(ctx context.Context, t TallyMark) error
	// Tallies returns the counts of the last TallyDays days that have any,
	// today's included, oldest first.
	Tallies(ctx context.Context, account string, now time.Time) ([]DayTally, error)

	// LoadState returns the account's state, the zero State if none was saved.
	LoadState(ctx context.Context, account string) (State, error)
	// SaveState replaces the account's state if its version is still
	// s.Version, gives it the next version, and returns what is then stored:
	// s.Data with a new version if it was saved, the newer state if not.
	SaveState(ctx context.Context, account string, s State) (stored State, saved bool, err error)

	// Close frees what the store holds. It can be called twice.
	Close() error
}

// State is what a governor knows of an account, opaque to the store.
type State struct {
	// Version counts the changes. Zero: never saved.
	Version uint64
	// Data must not be changed by either side once handed over.
	Data []byte
}

// A Token names one admission, so that repeating it after a lost answer books
// nothing twice: what was booked is given back, and the admission decided anew
// without paying a rate again. The zero Token names none.
type Token struct{ Hi, Lo uint64 }

// Rate is a token bucket: one token each Every, in microseconds rounded up, at
// most Burst saved up. The zero Rate limits nothing.
//
// A changed rate carries over what is held, as far as it has room for it and
// rounded down to what one microsecond brings. A number's changes with the first
// admission or inbound that names another, even if it is refused, a pair's with
// the first that passes. Of one pair that has had two spellings everything used
// was used of the same bucket.
type Rate struct {
	Every time.Duration
	Burst int
}

// An Admission asks a [Store] for one send.
type Admission struct {
	Account string
	// Token names the admission; see [Token].
	Token Token
	// Version is that of the account's state which the caller decided on. A
	// store with another one answers [Stale] and books nothing; one with an older
	// has lost something, and its callers must hear of it.
	Version uint64
	// Now is the time of the decision. Stamp is from when the slot's 24 hours
	// count: Now, or later by Config.Grace.
	Now, Stamp time.Time
	// NotBefore is when something else stops holding the send back, so that
	// RetryAt is a time at which it passes. Zero, or not after Now: nothing does.
	// Only a Probe has one after Now, since nothing can be sent yet.
	NotBefore time.Time
	// Number and Recipient are the pair; Recipient is canonical.
	Number, Recipient string
	// Kind is Notification or Reply.
	Kind Kind
	// Limit is how many recipients may hold a slot.
	Limit int
	// HoldersPass lets a recipient who holds a slot through at the limit.
	HoldersPass bool
	// NumberRate and PairRate bound the number and the pair.
	NumberRate, PairRate Rate
	// Topics are those that the recipient must not have revoked; empty ones
	// name none. OptIn is one that they must have granted, unless empty. The
	// pair's own topic, PairTopic and Number, holds for replies too.
	Topics [3]string
	OptIn  string
	// Probe asks for the verdict alone: nothing is booked or used up.
	Probe bool
}

// WindowMargin is how long before its end a customer service window no longer
// spares a notification its slot: the platform may book the message after the
// window has closed.
const WindowMargin = time.Minute

// Outcome is a store's answer to an [Admission].
type Outcome uint8

// The outcomes. Where several rules refuse, the one that refuses longest; of
// those that refuse equally long the first of wishes, number, pair, and limit or
// window; of wishes a refusal before one that was never given.
const (
	// OutcomeNone is the zero, which no store returns without an error.
	OutcomeNone Outcome = iota
	// Admitted: the send is booked, or would be.
	Admitted
	// Stale: the caller decided on another state than is stored; the verdict has
	// that.
	Stale
	// OverLimit: no slot is free.
	OverLimit
	// NumberBusy: the number is at its rate.
	NumberBusy
	// PairBusy: the pair is at its rate.
	PairBusy
	// ReplyClosed: the customer's service window is known to have closed. A
	// customer of whom nothing is known is not refused: they may have written
	// where nobody told the store.
	ReplyClosed
	// Unwanted: the recipient revoked one of the topics, or has a cool-down.
	Unwanted
	// NotAskedFor: the recipient has not granted the topic that must be.
	NotAskedFor
)

// A Verdict is what a [Store] answers to an [Admission].
type Verdict struct {
	Outcome Outcome
	// Counted is whether the send takes a slot or renews one, of a refused one
	// whether it would at RetryAt.
	Counted bool
	// Used is how many recipients hold a slot, this one included if booked.
	Used int
	// RetryAt is when the same admission would pass if nothing else happens: a
	// window that closes and a slot that lapses before then are reckoned with.
	// Zero with a refusal: no time will help.
	RetryAt time.Time
	// State is set with Stale alone.
	State State
}

// A Settlement tells a [Store] how an admitted send ended.
type Settlement struct {
	Account string
	Token   Token
	Now     time.Time
	// Sent is whether the platform accepted it. If not, what was booked comes
	// back exactly as it was.
	Sent bool
	// Stamp replaces the booking's where it is later.
	Stamp time.Time
	// MessageID is the platform's, empty if not known.
	MessageID string
	// Recipient is who was sent to, Canonical the platform's spelling of them,
	// which may be the same. Empty: it named none. What they teach does not need
	// a token that is known.
	Recipient, Canonical string
	// Confirmed is whether the platform knows a phone number by the very
	// spelling Recipient: where that has stood for somebody else, it stands for
	// two from now on. A user ID, which is answered by itself, confirms nothing.
	Confirmed bool
}

// An InboundMark tells a [Store] that a customer wrote or called.
type InboundMark struct {
	Account, Number, Customer string
	// Uncertain is whether it may not have opened the window: then it opens
	// nothing, and for 24 hours a closed window is not known to be.
	Uncertain bool
	// At is when the customer did, by the platform's clock, never after Now.
	At, Now time.Time
	// NumberRate is the rate that the message used up one token of.
	NumberRate Rate
}

// Sort is what is known about whether a delivered message was a notification.
type Sort uint8

// The sorts.
const (
	// SortUnknown: the platform did not say.
	SortUnknown Sort = iota
	// SortNotification: it was priced as marketing, utility or authentication.
	SortNotification
	// SortReply: it was priced as a service message.
	SortReply
)

// A DeliveryMark tells a [Store] what became of a message.
//
// Delivered late, a notification takes its slot from then on, past the limit
// if need be, unless a service window spares it. Failed, it gives back its slot
// once, and never one that another message still needs. A store that does not
// remember the message ID goes by Sort, and if that is unknown by whether the
// recipient holds a slot.
type DeliveryMark struct {
	Account, Number, MessageID string
	// Recipient is canonical, or empty where the platform did not say.
	Recipient string
	// At is the platform's time of it, Stamp the same and Config.Grace.
	At, Stamp, Now time.Time
	// Sent is whether it has only left the platform so far, Failed whether it
	// definitely will not be delivered.
	Sent, Failed bool
	Sort         Sort
}

// A ConsentMark tells a [Store] what a recipient wants. For each topic the
// newest word counts, the refusal of two at the same time; a cool-down stands
// beside the word, is only ever lengthened, and ends with a newer grant.
type ConsentMark struct {
	Account, Recipient, Topic string
	// Granted is the word. A word that is not granted and has Until is no
	// word but a cool-down until then.
	Granted bool
	At, Now time.Time
	Until   time.Time
	// Backoff makes a cool-down, whose length is Until - At, four times as long
	// as the last such one, and a day at most, unless more than 270 s have passed
	// since without any. One that begins during another changes nothing.
	Backoff bool
}

// PairTopic and a number make the topic under which a pair is told to rest.
const PairTopic = "pair/"

// UsageAsk asks a [Store] where an account stands with its limit.
type UsageAsk struct {
	Account string
	// Limit is how many recipients may hold a slot.
	Limit int
	Now   time.Time
	// Need is how many slots SlotFree is about. Zero and less: one.
	Need int
	// Points is how many points the curve has at most. Zero: no curve.
	Points int
}

// Usage is where an account stands with its limit.
type Usage struct {
	// Used is how many recipients hold a slot.
	Used int
	// NextFree is when the next slot frees if nothing more is sent, SlotFree
	// when as many as were needed can be taken: at once while enough are left.
	// Zero: there is none to free, or they never can.
	NextFree, SlotFree time.Time
	// Curve is how the slots that are held now free if nothing more is sent,
	// at points evenly spaced by how many are free; the last is when all are.
	Curve []Release
}

// A Release is a point of the curve on which slots free.
type Release struct {
	// At is when Free of the slots that are held now are free.
	At   time.Time `json:"at"`
	Free int       `json:"free"`
}

const (
	// TallyDays is for how many days a store keeps tallies, today included.
	TallyDays = 31
	// MaxTallyNames is how many different counts a day has room for.
	MaxTallyNames = 256
)

// TallyKept reports whether a store still keeps a day's tally at now.
func TallyKept(day, now time.Time) bool { return now.Sub(day) < TallyDays*24*time.Hour }

// A TallyMark adds to the counts of the day, in UTC, that At lies in.
type TallyMark struct {
	Account string
	At, Now time.Time
	// Counts are added to the day's, by name. Names are few and hold no
	// recipient. The map is the caller's, who changes it once Tally has returned.
	Counts map[string]int64
	// Peak is how many recipients held a slot; the day keeps the highest.
	Peak int
}

// A DayTally is what was counted on one day.
type DayTally struct {
	// Day is its midnight, UTC.
	Day time.Time
	// Counts are by name.
	Counts map[string]int64
	// Peak is the most recipients that were seen to hold a slot.
	Peak int
}
