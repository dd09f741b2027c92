package webhook_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// The people of a history: some write, some were sent a notification when it
// began.
const writers, readers = 12, 8

func writer(i int) string { return fmt.Sprintf("1650555%04d", i) }
func reader(i int) string { return fmt.Sprintf("1650556%04d", i) }

// history is two days of news, in the order in which it happened, and when it
// ended. What becomes of each notification is told once.
func history(r *rand.Rand, begin time.Time) (entries []string, end time.Time) {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	at := begin
	for i := range 120 {
		at = at.Add(time.Duration(r.IntN(48*60)) * time.Second)
		someone, id := writer(r.IntN(writers)), fmt.Sprintf("wamid.%d", i)
		account := func(value string) string { return about(waba, "account_update", at, value) }
		template := func(field, value string) string {
			return about(waba, field, at, `{"message_template_id":1,"message_template_name":"offer","message_template_language":"en_US",`+value+`}`)
		}
		entries = append(entries, [...]string{
			wrote(someone, at, "Hello"),
			statuses(status(id, pick("sent", "delivered", "read", "played"), someone, at, 0)),
			statuses(status(id, "failed", someone, at, []int{131026, 131049, 131050, 131047, 131048, 131064, 131042, 131057}[r.IntN(8)])),
			about(waba, "user_preferences", at, fmt.Sprintf(
				`{"metadata":{"phone_number_id":%q},"user_preferences":[{"wa_id":%q,"category":"marketing_messages","value":%q,"timestamp":%d}]}`,
				number, someone, pick("stop", "resume"), at.Unix())),
			about(waba, "business_capability_update", at, `{"max_daily_conversations_per_business":`+pick("3", "250", "2000", `"TIER_10K"`)+`}`),
			about(waba, "phone_number_quality_update", at, `{"display_phone_number":"15550783881","event":"`+pick("FLAGGED", "UNFLAGGED", "THROUGHPUT_UPGRADE")+`"}`),
			account(fmt.Sprintf(`{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":%q,"expiration":%d}]}`,
				pick("RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "RESTRICTED_UTILITY_TEMPLATES", "NEW_ONE"),
				at.Add(time.Duration(r.IntN(96))*time.Hour).Unix())),
			account(`{"event":"ACCOUNT_RESTRICTION","violation_info":{"violation_type":"UTILITY_TEMPLATE_ABUSE_UNBAN"}}`),
			account(`{"event":"` + pick("ACCOUNT_OFFBOARDED", "ACCOUNT_RECONNECTED", "ACCOUNT_RECONNECTED") + `"}`),
			account(`{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"` + pick("DISABLE", "REINSTATE", "REINSTATE", "REINSTATE") + `"}}`),
			template("message_template_status_update", pick(`"event":"PAUSED","other_info":{"title":"SECOND_PAUSE"}`, `"event":"APPROVED"`, `"event":"PAUSED"`)),
			template("template_category_update", `"new_category":"`+pick("MARKETING", "UTILITY")+`"`),
			messages(fmt.Sprintf(`"contacts":[{"wa_id":%q,"user_id":"US.%s"}],"statuses":[%s]`, someone, someone, status(id, "sent", someone, at, 0))),
			about(waba, "of_tomorrow", at, `{"x":1}`),
		}[r.IntN(14)])
	}
	for i := range readers {
		word, code := pick("delivered", "read", "failed"), 0
		if word == "failed" {
			code = 131026
		}
		came := begin.Add(time.Duration(r.Int64N(int64(at.Sub(begin)))))
		entries = append(entries, statuses(status("wamid.sent"+reader(i), word, reader(i), came, code)))
	}
	return entries, at
}

// deliver posts entries, several to a webhook.
func deliver(f *fixture, r *rand.Rand, entries []string) {
	f.t.Helper()
	for len(entries) > 0 {
		n := min(len(entries), 1+r.IntN(20))
		require.Equal(f.t, 200, f.post(body(entries[:n]...)))
		entries = entries[n:]
	}
}

// sight is all that can be asked about the people of a history.
func (f *fixture) sight() map[string]string {
	f.t.Helper()
	all := map[string]string{}
	ask := func(phone string) {
		for _, m := range []governor.Message{
			{To: phone, Template: "offer", Language: "en_US", Category: governor.Marketing},
			{To: "US." + phone, Template: "notice", Category: governor.Utility},
			{To: phone, Category: governor.Authentication},
			{To: phone, Kind: governor.Reply},
		} {
			m.From = number
			d := f.check(m)
			all[fmt.Sprint(m)] = fmt.Sprintf("%s, counted: %t, %s", d, d.Counted, d.Health)
		}
	}
	for i := range writers {
		ask(writer(i))
	}
	for i := range readers {
		ask(reader(i))
	}
	return all
}

func TestRepeatedAndShuffledDeliveriesEndWhereSingleOnesDo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 0))
			entries, end := history(r, t0)
			single, shuffled := newFixture(t, 250, nil), newFixture(t, 250, nil)
			for _, f := range []*fixture{single, shuffled} {
				require.NoError(t, f.gov.Observe(t.Context(), seen))
				for i := range readers {
					f.sent(marketing(reader(i)), "wamid.sent"+reader(i))
				}
				f.clock.Set(end) // all of it comes late
			}
			deliver(single, r, entries)

			again := append(append([]string{}, entries...), entries...)
			r.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
			deliver(shuffled, r, again)

			for _, later := range []time.Duration{0, time.Hour, day, 3 * day, 8 * day} {
				for _, f := range []*fixture{single, shuffled} {
					f.clock.Set(end.Add(later))
				}
				assert.Empty(t, changes(single.sight(), shuffled.sight()), "seed %d, %s later", seed, later)
				assert.Equal(t, single.snapshot(), shuffled.snapshot(), "seed %d, %s later", seed, later)
			}
		})
	}
}

func TestTheHistoriesTellThingsApart(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 0))
	reasons := map[governor.Reason]bool{}
	for range 15 {
		entries, end := history(r, t0)
		f := newFixture(t, 250, nil)
		require.NoError(t, f.gov.Observe(t.Context(), seen))
		f.clock.Set(end)
		deliver(f, r, entries)
		for i := range writers {
			reasons[f.check(marketing(writer(i))).Reason] = true
			reasons[f.check(reply(writer(i))).Reason] = true
		}
	}
	for _, reason := range []governor.Reason{
		governor.Passed, governor.PlatformRestricted, governor.Inactive, governor.WindowClosed, governor.OptedOut, governor.TemplateHeld,
	} {
		assert.Contains(t, reasons, reason, "no history ends so")
	}
}
