package ledger

import (
	"maps"
	"slices"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// Tally adds to a day's counts. Days that are out of memory, and names beyond
// what one day has room for, are dropped.
func (a *Account) Tally(mark governor.TallyMark) {
	now := a.advance(mark.Now)
	day := mark.At.UTC().Truncate(24 * time.Hour)
	if !governor.TallyKept(day, now) {
		return
	}
	a.days = slices.DeleteFunc(a.days, func(d governor.DayTally) bool { return !governor.TallyKept(d.Day, now) })
	i, found := slices.BinarySearchFunc(a.days, day, func(d governor.DayTally, day time.Time) int { return d.Day.Compare(day) })
	if !found {
		a.days = slices.Insert(a.days, i, governor.DayTally{Day: day, Counts: map[string]int64{}})
	}
	d := &a.days[i]
	d.Peak = max(d.Peak, mark.Peak)
	if len(d.Counts)+len(mark.Counts) <= governor.MaxTallyNames {
		for name, n := range mark.Counts {
			d.Counts[name] += n
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(mark.Counts)) {
		if _, known := d.Counts[name]; known || len(d.Counts) < governor.MaxTallyNames {
			d.Counts[name] += mark.Counts[name]
		}
	}
}

// Tallies returns the days that are kept, oldest first.
func (a *Account) Tallies(now time.Time) []governor.DayTally {
	now = a.advance(now)
	var days []governor.DayTally
	for _, d := range a.days {
		if governor.TallyKept(d.Day, now) {
			days = append(days, governor.DayTally{Day: d.Day, Counts: maps.Clone(d.Counts), Peak: d.Peak})
		}
	}
	return days
}
