package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

func TestTalliesAddUpByDayAndAreForgottenAfterAMonth(t *testing.T) {
	t.Parallel()
	var a Account
	noon := t0.Add(12 * time.Hour)
	a.Tally(governor.TallyMark{At: noon, Now: noon, Counts: map[string]int64{"in": 2}, Peak: 7})
	a.Tally(governor.TallyMark{At: noon.Add(13 * time.Hour), Now: noon, Counts: map[string]int64{"in": 1}, Peak: 3})
	a.Tally(governor.TallyMark{At: noon, Now: noon, Counts: map[string]int64{"in": 1, "out": 4}, Peak: 5})
	assert.Equal(t, []governor.DayTally{
		{Day: t0, Counts: map[string]int64{"in": 3, "out": 4}, Peak: 7},
		{Day: t0.Add(24 * time.Hour), Counts: map[string]int64{"in": 1}, Peak: 3},
	}, a.Tallies(noon))

	month := t0.Add(governor.TallyDays * 24 * time.Hour)
	a.Tally(governor.TallyMark{At: noon, Now: month, Counts: map[string]int64{"in": 9}}) // too late to matter
	assert.Equal(t, []governor.DayTally{{Day: t0.Add(24 * time.Hour), Counts: map[string]int64{"in": 1}, Peak: 3}}, a.Tallies(month))
}

func TestADayHasRoomForSoManyNames(t *testing.T) {
	t.Parallel()
	var a Account
	for i := range 2 * governor.MaxTallyNames {
		a.Tally(governor.TallyMark{At: t0, Now: t0, Counts: map[string]int64{fmt.Sprint(i): 1}})
	}
	a.Tally(governor.TallyMark{At: t0, Now: t0, Counts: map[string]int64{"0": 1}})
	days := a.Tallies(t0)
	assert.Len(t, days[0].Counts, governor.MaxTallyNames)
	assert.EqualValues(t, 2, days[0].Counts["0"], "a name that is known has its room")
}
