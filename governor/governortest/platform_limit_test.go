package governortest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

const day = 24 * time.Hour

func TestALimitHoldsForNewPeopleAndNotForRepeats(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 2})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0.Add(time.Hour), body: template(bob)},
		{at: t0.Add(time.Hour), body: template(carol), want: 131048},
		{at: t0.Add(time.Hour), body: template(bob)},
		{at: t0.Add(day - 1), body: template(carol), want: 131048},
		{at: t0.Add(day), body: template(carol)},
		{at: t0.Add(day), body: template(alice), want: 131048},
	})
	require.Equal(t, 2, api.Used(number))
	require.Equal(t, 2, api.MaxUsed())
	require.Equal(t, 3, api.Unique())
}

func TestASlotLastsUntilADayAfterTheLastMessage(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0.Add(20 * time.Hour), body: template(alice)},
		{at: t0.Add(day), body: template(bob), want: 131048},
		{at: t0.Add(44*time.Hour - 1), body: template(bob), want: 131048},
		{at: t0.Add(44 * time.Hour), body: template(bob)},
	})
}

func TestAClockThatGoesBackDoesNotFreeASlot(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0.Add(-time.Hour), body: template(alice)},
		{at: t0.Add(-time.Hour), body: template(bob), want: 131048},
		{at: t0.Add(day - 1), body: template(bob), want: 131048},
		{at: t0.Add(day), body: template(bob)},
	})
}

func TestEveryKindThatABusinessStartsTakesASlot(t *testing.T) {
	t.Parallel()
	marketing := "/v25.0/" + number + "/marketing_messages"
	for _, row := range []struct {
		name, path, body string
		kind             governortest.PlatformKind
	}{
		{"a template", "", template(bob), governortest.KindTemplate},
		{"a marketing message", marketing, template(bob), governortest.KindMarketing},
		{"a Direct Send", "", `{"messaging_product":"whatsapp","to":"` + bob + `","category":"Utility","text":{"body":"Shipped"}}`, governortest.KindDirectSend},
		{"a Direct Send of a code", "", `{"messaging_product":"whatsapp","to":"` + bob + `","category":"authentication","text":{"body":"123456"}}`, governortest.KindDirectSend},
		{"a template to a user ID", "", `{"messaging_product":"whatsapp","recipient":"` + userID + `","type":"template","template":{"name":"n","language":{"code":"en"}}}`, governortest.KindTemplate},
		{"a template to a group", "", `{"messaging_product":"whatsapp","recipient_type":"group","to":"` + group + `","type":"template","template":{"name":"n","language":{"code":"en"}}}`, governortest.KindTemplate},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			path := row.path
			if path == "" {
				path = "/v25.0/" + number + "/messages"
			}
			api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1})
			require.Equal(t, http.StatusOK, do(t, api, http.MethodPost, path, "application/json", row.body).status)
			require.True(t, api.Messages()[0].Counted)
			require.Equal(t, row.kind, api.Messages()[0].Kind)
			require.Equal(t, 131048, send(t, api, number, template(alice)).code, "the only slot is taken")

			api.Clock().Advance(day)
			require.Zero(t, send(t, api, number, template(alice)).code)
			require.Equal(t, 131048, do(t, api, http.MethodPost, path, "application/json", row.body).code, "it needs one, too")
		})
	}
}

func TestAReplyPassesAtTheLimitWithoutTakingASlot(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1})
	require.Zero(t, send(t, api, number, template(alice)).code)
	api.Inbound(number, bob)
	require.Zero(t, send(t, api, number, text(bob)).code)
	require.False(t, api.Messages()[1].Counted)
	require.Equal(t, governortest.KindReply, api.Messages()[1].Kind)

	api.SetLimit(0)
	require.Zero(t, send(t, api, number, text(bob)).code)
	require.Zero(t, send(t, api, number, template(bob)).code, "nor does a template in the window")
	require.Equal(t, 1, api.Used(number))
	require.Equal(t, 1, api.Unique())
}

func TestALimitThatChangesHoldsAtOnce(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 2})
	require.Zero(t, send(t, api, number, template(alice)).code)
	require.Zero(t, send(t, api, number, template(bob)).code)
	require.Equal(t, 131048, send(t, api, number, template(carol)).code)

	api.SetLimit(3)
	require.Zero(t, send(t, api, number, template(carol)).code)
	api.SetLimit(1)
	require.Equal(t, 3, api.Used(number), "use may exceed a lowered limit")
	require.Equal(t, 131048, send(t, api, number, template("16505550104")).code)
	require.Zero(t, send(t, api, number, template(carol)).code, "a repeat takes none")
	api.SetLimit(-5)
	require.Equal(t, 131048, send(t, api, number, template("16505550104")).code)
	api.SetLimit(governortest.Unlimited)
	require.Zero(t, send(t, api, number, template("16505550104")).code)
}

func TestTheDefaultLimitIsThatOfANewPortfolio(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Throughput: 1000})
	for i := range governortest.DefaultLimit {
		require.Zero(t, send(t, api, number, template(fmt.Sprintf("1650555%04d", i))).code)
	}
	require.Equal(t, 131048, send(t, api, number, template("16505559999")).code)
}

func TestNumbersOfOnePortfolioShareALimit(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 2})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0, from: another, body: template(bob)},
		{at: t0, from: another, body: template(alice)},
		{at: t0, body: template(carol), want: 131048},
		{at: t0, from: another, body: template(carol), want: 131048},
	})
	require.Equal(t, 2, api.Used(number))
	require.Equal(t, 2, api.Used(another))
}

func TestPortfoliosDoNotShareALimit(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1, Numbers: []governortest.PlatformNumber{
		{ID: number, Portfolio: "one"}, {ID: another, Portfolio: "two"},
	}})
	walk(t, api, []step{
		{at: t0, body: template(alice)},
		{at: t0, from: another, body: template(bob)},
		{at: t0, body: template(bob), want: 131048},
		{at: t0, from: another, body: template(alice), want: 131048},
	})
	require.Equal(t, 1, api.MaxUsed(), "the most of any one portfolio")
	require.Equal(t, 2, api.Unique())
}

func TestARejectedMessageTakesNoSlot(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: 1})
	api.FailNext(131026, 0)
	require.Equal(t, 131026, send(t, api, number, template(alice)).code)
	require.Zero(t, api.Used(number))
	require.Zero(t, send(t, api, number, template(bob)).code)
}

// TestNoMoving24HoursHoldMorePeopleThanTheLimit sends at random and then counts again, from the records alone, over
// every window that ends with a message.
func TestNoMoving24HoursHoldMorePeopleThanTheLimit(t *testing.T) {
	t.Parallel()
	const seed = 20260101
	for round := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, round))
		limit := 2 + random.IntN(5)
		api := governortest.NewPlatform(t, governortest.PlatformConfig{Limit: limit})
		for range 250 {
			api.Clock().Advance(time.Duration(random.Int64N(int64(3 * time.Hour))))
			who := fmt.Sprintf("1650555010%d", random.IntN(10))
			switch random.IntN(5) {
			case 0:
				api.Inbound(number, who)
			case 1:
				send(t, api, number, text(who))
			default:
				send(t, api, number, template(who))
			}
		}

		most, all, refused := 0, map[string]bool{}, 0
		counted := func(end time.Time) map[string]bool {
			people := map[string]bool{}
			for _, m := range api.Accepted() {
				if m.Counted && !m.At.After(end) && end.Sub(m.At) < day {
					people[m.To] = true
				}
			}
			return people
		}
		for _, m := range api.Messages() {
			holders := counted(m.At)
			require.LessOrEqual(t, len(holders), limit, "seed %d, round %d, at %v", seed, round, m.At.Sub(t0))
			most = max(most, len(holders))
			if m.Counted {
				all[m.To] = true
			}
			if m.Code == 131048 {
				refused++
				require.Len(t, holders, limit, "seed %d, round %d: refused with room to spare", seed, round)
				require.NotContains(t, holders, m.To, "seed %d, round %d: refused a repeat", seed, round)
			}
		}
		require.Positive(t, refused, "seed %d, round %d: the limit was never reached", seed, round)
		require.Equal(t, most, api.MaxUsed(), "seed %d, round %d", seed, round)
		require.Equal(t, len(all), api.Unique(), "seed %d, round %d", seed, round)
	}
}
