package governor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// What the platform counts is when a message went, which may be later than when
// it was asked for, and is sometimes told late or never.

func TestASendWhoseOutcomeIsUnknownCountsFromItsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){
		"a time-out": func() {},
		"a panic":    func() { panic("a fault for a test") },
	} {
		f := newFixture(t, 1, nil)
		t0 := f.clock.Now()
		func() {
			defer func() { _ = recover() }()
			_ = f.gov.Do(t.Context(), template(n1, alice), func(context.Context) (governor.Receipt, error) {
				f.clock.Advance(29 * time.Second)
				end()
				return governor.Receipt{}, context.DeadlineExceeded
			})
		}()
		assert.Equal(t, t0.Add(day+29*time.Second), f.refused(template(n1, bob), governor.ErrTierLimit).RetryAt.UTC(), name)
	}
}

func TestAWindowThatClosesBeforeTheMessageWentSparesItNoSlot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	t0 := f.clock.Now()
	f.observe(governor.Inbound{Number: n1, Customer: alice, At: t0})
	f.at(t0.Add(day - 61*time.Second))
	inTime, late := f.reserved(template(n1, alice)), f.reserved(template(n1, alice))
	require.False(t, late.Decision().Counted)
	f.at(t0.Add(day - time.Second))
	require.NoError(t, inTime.Commit(t.Context(), governor.Receipt{}))
	assert.Zero(t, f.used())
	f.at(t0.Add(day + time.Hour))
	require.NoError(t, late.Commit(t.Context(), governor.Receipt{MessageID: "wamid.1"}))
	assert.Equal(t, 1, f.used())
	f.refused(template(n1, bob), governor.ErrTierLimit)
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Status: governor.Failed})
	assert.Zero(t, f.used())
}

func TestASparedMessageThatArrivesAfterTheWindowTakesItsSlotThen(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]governor.MessageStatus{
		"remembered":          {},
		"priced in sent only": {MessageID: "wamid.1", Status: governor.Sent, Pricing: "utility"},
	} {
		f := newFixture(t, 1, nil)
		t0 := f.clock.Now()
		f.observe(governor.Inbound{Number: n1, Customer: alice, At: t0})
		if first.MessageID == "" {
			f.committed(template(n1, alice), "wamid.1")
		} else {
			first.Number, first.Recipient, first.At = n1, alice, t0
			f.observe(first)
		}
		assert.Zero(t, f.used())
		f.at(t0.Add(30 * time.Hour))
		f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Delivered, At: f.clock.Now()})
		assert.Equal(t, 1, f.used(), name)
	}
}

func TestAMessageThatLeavesThePlatformLaterCountsFromThen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	t0 := f.clock.Now()
	f.committed(template(n1, alice), "wamid.1")
	f.at(t0.Add(5 * time.Hour))
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Sent, At: f.clock.Now()})
	assert.Equal(t, t0.Add(29*time.Hour), f.refused(template(n1, bob), governor.ErrTierLimit).RetryAt.UTC())
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Failed})
	assert.Zero(t, f.used(), "it can fail still")
}

func TestAMessageThatArrivesAfterItWasSaidToHaveFailedCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	f.committed(template(n1, alice), "wamid.1")
	status := governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Failed}
	f.observe(status)
	status.Status = governor.Sent
	f.observe(status)
	assert.Zero(t, f.used(), "it was sent before it failed")
	status.Status = governor.Delivered
	f.observe(status)
	assert.Equal(t, 1, f.used())
	status.Status = governor.Failed
	f.observe(status)
	assert.Equal(t, 1, f.used(), "it has arrived")
}

func TestAMessageThatArrivesAfterItsSlotHasLapsedIsKnownStill(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	t0 := f.clock.Now()
	f.committed(template(n1, alice), "wamid.1")
	f.at(t0.Add(25 * time.Hour))
	assert.True(t, f.check(template(n1, bob)).Allowed)
	f.observe(governor.MessageStatus{Number: n1, MessageID: "wamid.1", Recipient: alice, Status: governor.Delivered, At: f.clock.Now()})
	assert.Equal(t, 1, f.used())
}

func TestACustomerWhoWritesWhileAReplyIsRefusedIsHeard(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, nil)
	t0 := f.clock.Now()
	f.observe(governor.Inbound{Number: n1, Customer: alice, At: t0})
	f.at(t0.Add(day - time.Second))
	rejection := &cloudapi.Error{Coded: true, Code: 131047, HTTPStatus: 400}
	err := f.gov.Do(t.Context(), reply(n1, alice), func(context.Context) (governor.Receipt, error) {
		f.clock.Advance(2 * time.Second)
		f.observe(governor.Inbound{Number: n1, Customer: alice, At: f.clock.Now()})
		f.clock.Advance(time.Second)
		return governor.Receipt{}, rejection
	})
	require.ErrorIs(t, err, rejection)
	f.sent(reply(n1, alice))
}
