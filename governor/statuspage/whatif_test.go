package statuspage_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/statuspage"
)

// ask fills in the form of the healthy account.
func ask(t *testing.T, src *fake, fields url.Values) string {
	t.Helper()
	fields.Set("account", healthy)
	w := get(t, statuspage.NewHandler(src, statuspage.Config{}), "/?"+fields.Encode())
	require.Equal(t, http.StatusOK, w.Code)
	requireWellMade(t, w.Body.String())
	return w.Body.String()
}

func TestAWhatIfIsAnsweredInWords(t *testing.T) {
	t.Parallel()
	passed := governor.Decision{Allowed: true, Reason: governor.Passed, Account: healthy}
	refused := func(r governor.Reason, retry time.Time, detail string) governor.Decision {
		return governor.Decision{Reason: r, RetryAt: retry, Detail: detail, Account: healthy}
	}
	for name, c := range map[string]struct {
		plan governor.Plan
		want []string
	}{
		"all at once": {governor.Plan{Decision: passed, Now: 5000, Done: t0, Slowest: 63 * time.Second}, []string{
			"Yes: all 5,000 can be written to now.", "The number's speed alone takes 1 min.",
		}},
		"some at once": {
			governor.Plan{Decision: passed, Now: 1188, Steps: []governor.Release{{At: t0, Free: 1188}, {At: t0.Add(3 * hour), Free: 5000}}, Done: t0.Add(3 * hour)},
			[]string{"1,188 of 5,000 can be written to now.", "Everybody can have been written to by 25 Nov, 17:05 UTC (in 3 h).", "25 Nov, 14:05 UTC (just now) 1,188 25 Nov, 17:05 UTC (in 3 h) 5,000"},
		},
		"none yet": {
			governor.Plan{Decision: refused(governor.TierLimit, t0.Add(12*time.Minute), ""), Steps: []governor.Release{{At: t0.Add(12 * time.Minute), Free: 16}, {At: t0.Add(20 * hour), Free: 2000}}},
			[]string{"Not now. The first 16 in 12 min.", "Limit used up.", "2,000 in 20 h; beyond that, what the campaign itself sends has to lapse first."},
		},
		"never": {governor.Plan{Decision: refused(governor.TemplateHeld, time.Time{}, "DISABLED")}, []string{
			"No, and no time will help as things stand.", "Template held (DISABLED).",
		}},
		"not now": {governor.Plan{Decision: refused(governor.PlatformRestricted, t0.Add(day), "RESTRICTED_BIZ_INITIATED_MESSAGING")}, []string{
			"Not now.", "Restricted by the platform (RESTRICTED_BIZ_INITIATED_MESSAGING).",
		}},
		"of another account": {governor.Plan{Decision: governor.Decision{Allowed: true, Account: full}, Now: 5000}, []string{"That number belongs to another account."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := newFake(aHealthy())
			src.plan = c.plan
			text := textOf(t, ask(t, src, url.Values{"people": {"5,000"}, "from": {n2}, "category": {"utility"}, "template": {"order_update"}}))
			for _, want := range c.want {
				assert.Contains(t, text, want)
			}
			assert.Equal(t, []governor.Campaign{{From: n2, Template: "order_update", Category: governor.Utility, Recipients: 5000}}, src.planned)
		})
	}
}

func TestAWhatIfThatCannotBeReadSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	for people, want := range map[string]string{
		"":            "How many people? A whole number from 1 on.",
		"0":           "How many people? A whole number from 1 on.",
		"-5":          "How many people? A whole number from 1 on.",
		"1.5":         "How many people? A whole number from 1 on.",
		`"><script>`:  "How many people? A whole number from 1 on.",
		"20000000000": "That is more than there are people.",
	} {
		src := newFake(aHealthy())
		page := ask(t, src, url.Values{"people": {people}, "from": {n2}, "category": {"utility"}, "template": {"a<b"}})
		assert.Contains(t, textOf(t, page), want, people)
		assert.Empty(t, src.planned)
		for _, e := range named(elements(t, page), "input", "option") {
			switch {
			case e.attrs["id"] == "people":
				assert.Equal(t, people, e.attrs["value"])
			case e.attrs["id"] == "template":
				assert.Equal(t, "a<b", e.attrs["value"])
			case e.attrs["value"] == n2 || e.attrs["value"] == "utility":
				assert.Contains(t, e.attrs, "selected")
			case e.name == "option":
				assert.NotContains(t, e.attrs, "selected")
			}
		}
	}
	assert.Contains(t, textOf(t, ask(t, newFake(aHealthy()), url.Values{"people": {"5"}, "from": {" "}})), "From which phone number ID?")
}

func TestAWhatIfThatNobodyCanAnswerSaysWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{governor.ErrUnknownNumber, "No account has that number."},
		{&governor.FieldError{Field: "Campaign.Template", Fault: "is too long"}, "That cannot be planned: governor: Campaign.Template is too long."},
		{errors.New("down"), "The store does not answer, so nobody can tell."},
	} {
		src := &unplanned{newFake(aHealthy()), c.err}
		page := get(t, statuspage.NewHandler(src, statuspage.Config{}), "/?account="+healthy+"&people=5&from=1").Body.String()
		assert.Contains(t, textOf(t, page), c.want)
	}
}

// unplanned fails at plans alone.
type unplanned struct {
	*fake
	err error
}

func (u *unplanned) Plan(context.Context, governor.Campaign) (governor.Plan, error) {
	return governor.Plan{}, u.err
}

func TestALongPlanIsToldInAFewLinesTheLastAmongThem(t *testing.T) {
	t.Parallel()
	src := newFake(aHealthy())
	src.plan = governor.Plan{Decision: governor.Decision{Allowed: true, Account: healthy}, Now: 10, Done: t0.Add(96 * time.Minute)}
	for i := range 96 {
		src.plan.Steps = append(src.plan.Steps, governor.Release{At: t0.Add(time.Duration(i+1) * time.Minute), Free: 10 * (i + 1)})
	}
	var tables []*element
	for _, e := range named(elements(t, ask(t, src, url.Values{"people": {"960"}, "from": {n1}})), "table") {
		if strings.Contains(e.text, "If nothing else is sent") {
			tables = append(tables, e)
		}
	}
	require.Len(t, tables, 1)
	assert.Contains(t, tables[0].text, "960")
	assert.Contains(t, tables[0].text, "80")
	assert.Equal(t, 12, strings.Count(tables[0].text, "UTC"))
}
