package governor

import "time"

// A Notice tells a Config.Observer what happened. It holds no recipient.
type Notice struct {
	// Kind says what happened, and which of the fields below are set.
	Kind NoticeKind
	// At is when it took effect: the platform's time of what it told, the very
	// instant of what time alone has brought, else the governor's clock.
	At time.Time
	// Account, WABA and Number are whom it is about, as far as that goes.
	Account, WABA, Number string
	// From and To are the old and the new word of what changed: a health, a
	// limit, a restriction's type.
	From, To string
	// Until is when it ends by itself. Zero: not known.
	Until time.Time
	// Used and Limit are set with NoticeNearLimit and NoticeDrift: the unique
	// recipients that hold a slot, and how many may.
	Used, Limit int
	// Decision is set with NoticeDenied and NoticeAllowed.
	Decision Decision
	// Err is set with NoticeStoreFailed and NoticeStoreDown.
	Err error
}

// NoticeKind is what a [Notice] is about.
type NoticeKind uint8

// The kinds of notice.
const (
	// NoticeDenied: a message was refused; see Decision.
	NoticeDenied NoticeKind = iota + 1
	// NoticeHealth: a number's or WABA's health went From one To another.
	NoticeHealth
	// NoticeRestricted: the platform restricts; To is the type.
	NoticeRestricted
	// NoticeLifted: a restriction of type From ended.
	NoticeLifted
	// NoticeLimit: the messaging limit went From one tier To another.
	NoticeLimit
	// NoticePrediction: a number was Flagged for seven days without improving,
	// so its limit is expected, To be, one step lower; or, with From set, that is
	// no longer expected.
	NoticePrediction
	// NoticeTemplate: the template From, as "name/language", came to be held or
	// sendable; To is the platform's word.
	NoticeTemplate
	// NoticeUnknownWord: the platform used a word, To, in its field From, that
	// nobody knows. It was taken as unsafe.
	NoticeUnknownWord
	// NoticeStoreFailed: the store failed; see Err. There is one for each call.
	NoticeStoreFailed
	// NoticeDropped: To notices were dropped, because the observer did not keep
	// up.
	NoticeDropped
	// NoticePanic: the observer itself panicked; To is the panic's type.
	NoticePanic
	// NoticeAllowed: a message may leave; see Decision. It is told only with
	// Config.ObserveAllowed.
	NoticeAllowed
	// NoticeConsent: somebody's wish about the topic From came to be To:
	// "granted", "revoked", or "rests", for a cool-down until Until. Who it is is
	// not told.
	NoticeConsent
	// NoticeStoreDown: the store began to fail; see Err.
	NoticeStoreDown
	// NoticeStoreUp: the store answers again, after the time that To tells as
	// time.ParseDuration reads it.
	NoticeStoreUp
	// NoticeDrift: the platform did something else than was expected of it, or
	// the ledger does not fit what it said. To is one of DriftRefused,
	// DriftOverLimit and DriftLowered.
	NoticeDrift
	// NoticeNearLimit: To percent of the limit are used: "80", "90" or "100". It
	// is told again only when use has been five percent less meanwhile. Of several
	// that are reached at once the highest is told.
	NoticeNearLimit
)

// What a [NoticeDrift] says in To.
const (
	// DriftRefused: the platform refused a message as it does when a limit is
	// used up (131048), while slots were free. Somebody else may send from the
	// account, or customers complain.
	DriftRefused = "refused_with_slots_free"
	// DriftOverLimit: more people hold a slot than may, as after deliveries that
	// were days late. Everybody new waits until there are fewer.
	DriftOverLimit = "over_limit"
	// DriftLowered: the platform told a limit that is lower than what is used.
	DriftLowered = "limit_below_use"
)

// String returns the kind's name in lower case.
func (k NoticeKind) String() string {
	names := [...]string{
		NoticeDenied: "denied", NoticeHealth: "health", NoticeRestricted: "restricted", NoticeLifted: "lifted",
		NoticeLimit: "limit", NoticePrediction: "prediction", NoticeTemplate: "template", NoticeUnknownWord: "unknown_word",
		NoticeStoreFailed: "store_failed", NoticeDropped: "dropped", NoticePanic: "panic", NoticeAllowed: "allowed",
		NoticeConsent: "consent", NoticeStoreDown: "store_down", NoticeStoreUp: "store_up", NoticeDrift: "drift", NoticeNearLimit: "near_limit",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return "unknown"
}
