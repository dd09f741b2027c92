package governor

import (
	"strconv"
	"strings"
)

// The names under which [Store.Tally] is told what happened on a day. Other
// versions of the program may write others: what is not listed here is not read.
//
//	incoming              customers' messages and calls
//	replies               replies let through
//	notifications         notifications let through
//	delivered             messages that the platform said were delivered
//	read                  messages that it said were read or played
//	failed                messages that it refused, or failed to deliver
//	failed/131047         those of one error code; failed/0 is all that told none
//	refused/tier_limit    messages that the governor refused, by reason
const (
	tallyIncoming      = "incoming"
	tallyReplies       = "replies"
	tallyNotifications = "notifications"
	tallyDelivered     = "delivered"
	tallyRead          = "read"
	tallyFailed        = "failed"
	tallyFailedBy      = "failed/"
	tallyRefused       = "refused/"
)

// counterNames are the names of a bundle's counts.
var counterNames = func() (names [counters]string) {
	copy(names[:], []string{
		countIncoming: tallyIncoming, countReplies: tallyReplies, countNotifications: tallyNotifications,
		countDelivered: tallyDelivered, countRead: tallyRead, countFailed: tallyFailed,
	})
	for r := range reasons {
		names[int(countRefused)+r] = tallyRefused + reasons[r].word
	}
	return names
}()

// read puts a day's counts into words, those that have a name here.
func (t DayTally) read() DaySnapshot {
	d := DaySnapshot{
		Day: t.Day, Peak: t.Peak,
		Incoming: t.Counts[tallyIncoming], Replies: t.Counts[tallyReplies], Notifications: t.Counts[tallyNotifications],
		Delivered: t.Counts[tallyDelivered], Read: t.Counts[tallyRead], Failed: t.Counts[tallyFailed],
	}
	for name, n := range t.Counts {
		if word, ok := strings.CutPrefix(name, tallyRefused); ok {
			if reason, known := parseReason(word); known {
				if d.Refused == nil {
					d.Refused = map[Reason]int64{}
				}
				d.Refused[reason] += n
			}
		}
		if word, ok := strings.CutPrefix(name, tallyFailedBy); ok {
			if code, err := strconv.Atoi(word); err == nil && strconv.Itoa(code) == word {
				if d.FailedBy == nil {
					d.FailedBy = map[int]int64{}
				}
				d.FailedBy[code] += n
			}
		}
	}
	return d
}

// parseReason reads back what [Reason.String] wrote.
func parseReason(word string) (Reason, bool) {
	for r, known := range reasons {
		if known.word == word {
			return Reason(r), true
		}
	}
	return Undecided, false
}
