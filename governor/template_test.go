package governor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor"
)

func TestOnlyASendableTemplateIsSent(t *testing.T) {
	t.Parallel()
	for status, passes := range map[string]bool{
		"APPROVED": true, "approved": true, "REINSTATED": true, "UNARCHIVED": true, "FLAGGED": true, "": true,
		"PAUSED": false, "paused": false, "DISABLED": false, "REJECTED": false, "DELETED": false, "PENDING": false,
		"PENDING_DELETION": false, "IN_APPEAL": false, "ARCHIVED": false, "LIMIT_EXCEEDED": false, "LOCKED": false,
		"FOO": false,
	} {
		f := newFixture(t, 10, nil)
		m := template(n1, alice)
		m.Language = "en_US"
		f.observe(governor.TemplateReported{WABA: "waba", Name: m.Template, Language: "en-US", Status: status})
		if passes {
			f.sent(m)
			continue
		}
		d := f.refused(m, governor.ErrTemplate)
		assert.Equal(t, governor.ScopeTemplate, d.Scope)
		m.Language = "pt_BR"
		f.sent(m)
		m.Language = ""
		f.refused(m, governor.ErrTemplate)
	}
}

func TestAPauseEndsByItselfOrByWord(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	report := func(status string, at, until time.Time) {
		f.observe(governor.TemplateReported{WABA: "waba", Name: "hello_world", Status: status, At: at, Until: until})
	}
	report("PAUSED", t0, t0.Add(3*time.Hour))
	assert.Equal(t, t0.Add(3*time.Hour), f.refused(template(n1, alice), governor.ErrTemplate).RetryAt.UTC())
	f.at(t0.Add(3 * time.Hour))
	f.sent(template(n1, alice))
	report("PAUSED", t0.Add(3*time.Hour), time.Time{})
	assert.Zero(t, f.refused(template(n1, alice), governor.ErrTemplate).RetryAt)
	report("APPROVED", t0.Add(2*time.Hour), time.Time{})
	f.refused(template(n1, alice), governor.ErrTemplate)
	f.at(t0.Add(4 * time.Hour))
	report("APPROVED", t0.Add(4*time.Hour), time.Time{})
	f.sent(template(n1, alice))
}

func TestTheRegistryKnowsACategoryBetterThanTheCaller(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	m := template(n1, alice)
	m.Category = governor.Utility
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: f.clock.Now()})
	f.sent(m)
	f.observe(governor.TemplateReported{WABA: "waba", Name: m.Template, Category: governor.Marketing})
	f.refused(m, governor.ErrUnwanted)
}
