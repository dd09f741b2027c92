package webhook_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
)

var (
	timeOf = regexp.MustCompile(`"(?:time|timestamp)": ?"?([0-9]+)`)
	sentID = regexp.MustCompile(`"statuses": ?\[\s*\{\s*"id": ?"([^"]+)"`)
)

// newest is the latest time that a webhook names, some time if it names none.
func newest(t *testing.T, body string) time.Time {
	t.Helper()
	var latest time.Time
	for _, match := range timeOf.FindAllStringSubmatch(body, -1) {
		seconds, err := strconv.ParseInt(match[1], 10, 64)
		require.NoError(t, err)
		if at := time.Unix(seconds, 0).UTC(); at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		return governortest.Start
	}
	return latest
}

// maria has nothing to do with any example.
const maria = "16505550103"

// standing is all that the examples can change, in words.
func (f *fixture) standing() map[string]string {
	f.t.Helper()
	s := f.snapshot()
	all := map[string]string{"used": strconv.Itoa(s.Used), "tier": s.Tier.String()}
	if !s.NextFree.IsZero() {
		all["next free"] = "in " + s.NextFree.Sub(f.clock.Now()).String()
	}
	for _, n := range s.Numbers {
		if n.ID == number {
			all["per second"], all["health"] = strconv.Itoa(n.SendsPerSecond), n.Health.String()
		}
	}
	for name, m := range map[string]governor.Message{
		"marketing":       {To: sheena, Template: "offer", Category: governor.Marketing},
		"utility":         {To: sheena, Template: "notice", Category: governor.Utility},
		"authentication":  {To: sheena, Template: "code", Category: governor.Authentication},
		"direct utility":  {To: sheena, Category: governor.Utility},
		"order":           {To: maria, Template: "order_confirmation", Language: "en_US", Category: governor.Utility},
		"welcome":         {To: pablo, Template: "welcome_template", Language: "en_US", Category: governor.Utility},
		"welcome unknown": {To: pablo, Template: "welcome_template", Language: "en_US"},
		"by user ID":      {To: sheenaUserID, Template: "offer", Category: governor.Marketing},
		"reply":           {To: sheena, Kind: governor.Reply},
		"reply to user":   {To: sheenaUserID, Kind: governor.Reply},
		"second":          {From: secondNumber, To: sheena, Template: "offer", Category: governor.Marketing},
		"second reply":    {From: secondNumber, To: maria, Kind: governor.Reply},
		"third":           {From: thirdNumber, To: maria, Template: "offer", Category: governor.Marketing},
		"partner":         {From: partnerNumber, To: maria, Template: "offer", Category: governor.Marketing},
		"partner reply":   {From: partnerNumber, To: maria, Kind: governor.Reply},
	} {
		if m.From == "" {
			m.From = number
		}
		all[name] = f.judged(m)
	}
	return all
}

func (f *fixture) judged(m governor.Message) string {
	f.t.Helper()
	d := f.check(m)
	text := d.Reason.String()
	if d.Counted {
		text += ", counted"
	}
	if d.Detail != "" {
		text += " by " + d.Detail
	}
	if !d.RetryAt.IsZero() {
		text += " for " + d.RetryAt.Sub(f.clock.Now()).String()
	}
	return text
}

// changes tells in what two standings differ: "name: before → after".
func changes(before, after map[string]string) []string {
	lines := []string{}
	for name, is := range after {
		if was := before[name]; was != is {
			lines = append(lines, name+": "+was+" → "+is)
		}
	}
	slices.Sort(lines)
	return lines
}

func TestEveryExampleOfThePlatformHasItsEffect(t *testing.T) {
	t.Parallel()
	untested := map[string]bool{}
	for _, name := range payloads(t) {
		untested[name] = true
	}
	for _, example := range examples {
		delete(untested, example.name)
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			body := payload(t, example.name)
			f := newFixture(t, 500, nil)
			now := newest(t, body).Add(time.Second)
			if example.early {
				// The examples of restrictions end as they are reported.
				now = now.Add(-time.Hour)
			}
			// An hour ago a notification went to the person in the examples,
			// and somebody else wants no marketing.
			f.clock.Set(now.Add(-time.Hour))
			id := "wamid.1"
			if match := sentID.FindStringSubmatch(body); match != nil {
				id = match[1]
			}
			f.sent(marketing(sheena), id)
			require.NoError(t, f.gov.Observe(t.Context(),
				governor.NumberSeen{Number: number, WABA: waba, Display: "+1 555-078-3881"},
				governor.ConsentRevoked{Number: number, Recipient: pablo, Topic: governor.TopicMarketing}))
			if example.stopped {
				require.NoError(t, f.gov.Observe(t.Context(),
					governor.ConsentRevoked{Number: number, Recipient: sheena, Topic: governor.TopicMarketing, At: now.Add(-2 * time.Hour)}))
			}
			f.clock.Set(now)
			before := f.standing()

			assert.Equal(t, http.StatusOK, f.post(body))
			assert.ElementsMatch(t, example.want, changes(before, f.standing()))
			assert.Equal(t, example.problem, strings.Join(f.told(), "\n"))
			// A second delivery changes nothing.
			once := f.standing()
			assert.Equal(t, http.StatusOK, f.post(body))
			assert.Empty(t, changes(once, f.standing()))
		})
	}
	assert.Empty(t, untested, "examples without a row")
}
