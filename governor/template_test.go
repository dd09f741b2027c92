package governor_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
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

func TestAPollOfManyTemplatesIsTakenUpInOneGo(t *testing.T) {
	t.Parallel()
	counted := &countingStore{Store: memstore.New()}
	gov, err := governor.New(counted, governor.Config{Clock: governortest.NewClock()})
	require.NoError(t, err)
	var poll []governor.Event
	for i := range 500 {
		status := "APPROVED"
		if i%100 == 7 {
			status = "PAUSED"
		}
		poll = append(poll, governor.TemplateReported{WABA: "waba", Name: fmt.Sprintf("t%d", i), Status: status})
	}
	poll[3] = governor.TemplateReported{WABA: "waba", Name: "a/b"}
	err = gov.Observe(t.Context(), poll...)
	require.ErrorIs(t, err, governor.ErrInvalid)
	assert.ErrorContains(t, err, "event 4 of 500")
	assert.Equal(t, 1, counted.saves)

	require.NoError(t, gov.Observe(t.Context(), governor.NumberSeen{Number: n1, WABA: "waba"}))
	for i := range 500 {
		d, err := gov.Check(t.Context(), governor.Message{From: n1, To: alice, Template: fmt.Sprintf("t%d", i)})
		require.NoError(t, err)
		assert.Equal(t, i%100 != 7, d.Allowed)
	}
}

type countingStore struct {
	governor.Store
	saves int
}

func (s *countingStore) SaveState(ctx context.Context, account string, st governor.State) (governor.State, bool, error) {
	s.saves++
	return s.Store.SaveState(ctx, account, st)
}

func TestAPollThatFindsAPauseLeavesItsEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	paused := governor.TemplateReported{WABA: "waba", Name: "hello_world", Status: "PAUSED", At: t0, Until: t0.Add(3 * time.Hour)}
	f.observe(paused)
	f.at(t0.Add(time.Hour))
	polled := governor.TemplateReported{WABA: "waba", Name: "hello_world", Status: "PAUSED", At: f.clock.Now(), Polled: true}
	f.observe(polled)
	assert.Equal(t, t0.Add(3*time.Hour), f.refused(template(n1, alice), governor.ErrTemplate).RetryAt.UTC())
	f.at(t0.Add(4 * time.Hour))
	polled.At = f.clock.Now()
	f.observe(polled)
	assert.Zero(t, f.refused(template(n1, alice), governor.ErrTemplate).RetryAt, "it is paused still, whatever was told")
}

func TestTheRegistryShowsWhatIsKnownOfEachTemplate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	f.at(t0.Add(time.Hour))
	f.observe(
		governor.TemplateReported{WABA: "waba", Name: "offer", Language: "en_US", Rating: quality.High, At: t0},
		governor.TemplateReported{WABA: "waba", Name: "offer", Language: "en_US", Rating: quality.Low, At: t0.Add(time.Minute)},
		governor.TemplateReported{WABA: "waba", Name: "offer", Language: "en_US", Rating: quality.Medium, At: t0},
		governor.TemplateReported{WABA: "waba", Name: "offer", Language: "en_US", Category: governor.Marketing, Status: "PAUSED", At: t0, Until: t0.Add(3 * time.Hour)},
		governor.TemplateReported{WABA: "waba", Name: "hello", Status: "APPROVED", At: t0},
	)
	s, err := f.gov.Snapshot(t.Context(), account)
	require.NoError(t, err)
	assert.Equal(t, []governor.TemplateSnapshot{
		{Name: "hello", Status: "APPROVED"},
		{Name: "offer", Language: "en_US", Category: governor.Marketing, Rating: quality.Low, Status: "PAUSED", Held: true, Until: t0.Add(3 * time.Hour)},
	}, s.WABAs[0].Templates)
	assert.Len(t, s.WABAs[0].Held(), 1)
}

func TestAnAnnouncedCategoryHoldsFromItsTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	f.observe(governor.ConsentRevoked{Number: n1, Recipient: alice, Topic: governor.TopicMarketing, At: t0})
	m := template(n1, alice)
	report := func(c governor.Category, at, from time.Time) {
		f.observe(governor.TemplateReported{WABA: "waba", Name: m.Template, Category: c, At: at, CategoryFrom: from})
	}
	report(governor.Marketing, t0, t0.Add(day))
	report(governor.Utility, t0, time.Time{})
	f.sent(m)
	f.at(t0.Add(day))
	f.refused(m, governor.ErrUnwanted)
	f.at(t0.Add(2 * day))
	report(governor.Utility, t0.Add(2*day), time.Time{})
	f.sent(m)
}

func TestAWordOlderThanThePollThatConfirmedAnotherUndoesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10, nil)
	t0 := f.clock.Now()
	f.at(t0.Add(3 * time.Hour))
	report := func(status string, after time.Duration, polled bool) {
		f.observe(governor.TemplateReported{WABA: "waba", Name: "hello_world", Status: status, At: t0.Add(after), Polled: polled})
	}
	report("PAUSED", 0, false)
	report("PAUSED", 2*time.Hour, true)
	report("APPROVED", time.Hour, false)
	f.refused(template(n1, alice), governor.ErrTemplate)
}
