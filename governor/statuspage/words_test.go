package statuspage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor/statuspage"
)

// t0 is now in all tests.
var t0 = time.Date(2026, time.November, 25, 14, 5, 0, 0, time.UTC)

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

func TestADurationIsToldInTwoUnitsAtMost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d          time.Duration
		span, left string
	}{
		{-time.Hour, "no time", "no time"},
		{0, "no time", "no time"},
		{time.Millisecond, "no time", "1 min"},
		{59 * time.Second, "59 s", "1 min"},
		{time.Minute, "1 min", "1 min"},
		{time.Minute + 1, "1 min", "2 min"},
		{12*time.Minute + 30*time.Second, "12 min", "13 min"},
		{hour, "1 h", "1 h"},
		{3*hour + 5*time.Minute, "3 h 5 min", "3 h 5 min"},
		{23*hour + 59*time.Minute + 30*time.Second, "23 h 59 min", "1 day"},
		{day, "1 day", "1 day"},
		{47*hour + 59*time.Minute, "1 day 23 h", "2 days"},
		{4*day + 3*hour, "4 days 3 h", "4 days 3 h"},
		{4*day + 3*hour + time.Second, "4 days 3 h", "4 days 4 h"},
		{400 * day, "400 days", "400 days"},
	} {
		assert.Equal(t, tt.span, statuspage.Span(tt.d), tt.d)
		assert.Equal(t, tt.left, statuspage.Left(tt.d), "%v left", tt.d)
	}
}

func TestATimeIsToldFromNow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from time.Duration
		want string
	}{
		{-3 * hour, "3 h ago"},
		{-time.Second, "just now"},
		{0, "just now"},
		{time.Second, "in 1 min"},
		{90 * time.Minute, "in 1 h 30 min"},
		{25 * hour, "in 1 day 1 h"},
	} {
		assert.Equal(t, tt.want, statuspage.Relative(t0.Add(tt.from), t0), tt.from)
	}
}

func TestATimeIsWrittenInUTCWithItsYearWhereThatIsAnother(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 2*3600)
	assert.Equal(t, "25 Nov, 14:05 UTC", statuspage.ClockTime(t0.In(east), t0))
	assert.Equal(t, "1 Jan 2027, 00:00 UTC", statuspage.ClockTime(time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC), t0))
}

func TestNumbersHaveCommasBetweenThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 100_000: "100,000", 1_234_567: "1,234,567", -1234: "−1,234"} {
		assert.Equal(t, want, statuspage.Count(n))
	}
	assert.Equal(t, "1 message", statuspage.Counted(1, "message", "messages"))
	assert.Equal(t, "2,000 messages", statuspage.Counted(2000, "message", "messages"))
}

func TestAPercentageIsWholeOnlyOfAllAndZeroOnlyOfNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		part, whole float64
		want        string
	}{
		{0, 10, "0 %"},
		{1, 2000, "under 1 %"},
		{1, 3, "33 %"},
		{1999, 2000, "99 %"},
		{2000, 2000, "100 %"},
		{3000, 2000, "150 %"},
		{0, 0, "–"},
	} {
		assert.Equal(t, tt.want, statuspage.Percent(tt.part, tt.whole))
	}
}

func TestAListReadsAsASentenceDoes(t *testing.T) {
	t.Parallel()
	assert.Empty(t, statuspage.List(nil))
	assert.Equal(t, "a", statuspage.List([]string{"a"}))
	assert.Equal(t, "a and b", statuspage.List([]string{"a", "b"}))
	assert.Equal(t, "a, b and c", statuspage.List([]string{"a", "b", "c"}))
}

func TestAWordOfThePlatformIsMadeReadable(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"": "", "NOT_VERIFIED": "Not verified", "verified": "Verified", "éTAT": "État", "__": ""} {
		assert.Equal(t, want, statuspage.Humane(word))
	}
}
