package quality

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// maxHistory is how many reports of ratings and flags are kept. Reports may
// come in any order, so a flag is worked out from all of them each time; the
// bound keeps a number that is polled for years as small as a new one.
const maxHistory = 48

// lateHistory is how many of the newest reports are never forgotten, since they
// decide about those that come late.
const lateHistory = 16

// remember returns history with r in it, sorted by time, each report once.
// history is not changed.
func remember(history []Report, r Report, tier time.Time) []Report {
	i, found := slices.BinarySearchFunc(history, r, byTime)
	if found {
		if !lower(r.Word, history[i].Word) {
			return history
		}
		history = slices.Clone(history)
		history[i] = r
		return history
	}
	history = slices.Insert(slices.Clone(history), i, r)
	if len(history) > maxHistory {
		return forget(history, tier)
	}
	return history
}

// byTime orders reports, those of one time by how strict they are, so that the
// strictest has the last word. Ratings of one time are equal: only one of them
// is kept.
func byTime(a, b Report) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a.Word), rank(b.Word)))
}

func rank(word string) int {
	switch word {
	case wordConnected:
		return 0
	case wordUnflagged:
		return 1
	case wordFlagged:
		return 3
	default:
		return 2
	}
}

// lower tells whether the rating a is stricter than b. An unknown rating is
// stricter than an improvement.
func lower(a, b string) bool {
	strictness := func(word string) int {
		return slices.Index([]string{High.word(), Medium.word(), RatingUnknown.word(), Low.word()}, word)
	}
	return strictness(a) > strictness(b)
}

// forget drops the oldest report whose absence changes nothing. A flag is the
// work of few reports, four for each predicted downgrade at most, so there is
// always one; if there were none, the oldest would go.
func forget(history []Report, tier time.Time) []Report {
	want := fold(history, tier)
	for i := range len(history) - lateHistory {
		shorter := slices.Delete(slices.Clone(history), i, i+1)
		if reflect.DeepEqual(fold(shorter, tier), want) {
			return shorter
		}
	}
	return slices.Delete(history, 0, 1)
}
