package governortest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

func TestFreeFormNeedsAnOpenWindow(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	require.Equal(t, 131047, send(t, api, number, text(alice)).code)

	api.Inbound(number, "+1 (650) 555-0101")
	walk(t, api, []step{
		{at: t0, body: text(alice)},
		{at: t0, from: another, body: text(alice), want: 131047}, // a window is one number's
		{at: t0, body: text(bob), want: 131047},                  // and one customer's
		{at: t0.Add(day - 1), body: text(alice)},
		{at: t0.Add(day), body: text(alice), want: 131047},
	})
}

func TestEachMessageOfACustomerResetsTheWindow(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Inbound(number, alice)
	api.Clock().Advance(10 * time.Hour)
	api.Inbound(number, alice)
	walk(t, api, []step{
		{at: t0.Add(34*time.Hour - 1), body: text(alice)},
		{at: t0.Add(34 * time.Hour), body: text(alice), want: 131047},
	})
}

func TestATemplateDoesNotOpenAWindow(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	require.Zero(t, send(t, api, number, template(alice)).code)
	require.Equal(t, 131047, send(t, api, number, text(alice)).code)
}

func TestATemplateCountsAgainOnceTheWindowHasClosed(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Inbound(number, alice)
	api.Clock().Advance(day - 1)
	require.Zero(t, send(t, api, number, template(alice)).code)
	require.Zero(t, api.Used(number))
	require.Zero(t, send(t, api, another, template(alice)).code, "the window of one number does not spare another")
	require.Equal(t, 1, api.Used(number))
	api.Clock().Advance(1)
	require.Zero(t, send(t, api, number, template(alice)).code)
	counted := []bool{}
	for _, m := range api.Messages() {
		counted = append(counted, m.Counted)
	}
	require.Equal(t, []bool{false, true, true}, counted)
}

func TestAGroupHasAWindowOfItsOwn(t *testing.T) {
	t.Parallel()
	toGroup := `{"messaging_product":"whatsapp","recipient_type":"group","to":"` + group + `","text":{"body":"Hello"}}`
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Inbound(number, alice)
	require.Equal(t, 131047, send(t, api, number, toGroup).code)
	api.InboundGroup(number, group, bob)
	r := send(t, api, number, toGroup)
	require.Zero(t, r.code)
	require.Equal(t, group, r.body.Messages[0].GroupID)
	require.Equal(t, 131047, send(t, api, number, text(bob)).code, "it does not open the participant's")
}

func TestDifferentPeopleAreNeverCountedAsOne(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	individual := func(recipient string) string {
		return `{"messaging_product":"whatsapp","recipient":"` + recipient + `","type":"template","template":{"name":"n","language":{"code":"en"}}}`
	}
	toGroup := func(id string) string {
		return `{"messaging_product":"whatsapp","recipient_type":"group","to":"` + id + `","type":"template","template":{"name":"n","language":{"code":"en"}}}`
	}
	for i, body := range []string{
		template("5541988887777"), template("554188887777"), // with and without the ninth digit, unless mapped
		template("5541932345678"), template("554132345678"),
		template("5215512345678"), template("525512345678"),
		template("13491208655"), individual("US.13491208655"), individual("GB.13491208655"), individual("US.ENT.13491208655"),
		toGroup("13491208655"), toGroup("US.13491208655"), toGroup("US.13491208655x"),
	} {
		require.Zero(t, send(t, api, number, body).code)
		require.Equal(t, i+1, api.Used(number), "after %d", i)
	}
}

func TestOnePersonIsCountedOnceHoweverWritten(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{
		WAIDs:   map[string]string{"+55 41 98888-7777": "554188887777"},
		UserIDs: map[string]string{userID: "554188887777"},
	})
	for _, to := range []string{"+5541988887777", "55 (41) 98888-7777", "554188887777", " +55 41 8888 7777 "} {
		r := send(t, api, number, template(to))
		require.Zero(t, r.code)
		require.Equal(t, to, r.body.Contacts[0].Input)
		require.Equal(t, "554188887777", *r.body.Contacts[0].WaID)
	}
	r := send(t, api, number, `{"messaging_product":"whatsapp","recipient":"`+userID+`","type":"template","template":{"name":"n","language":{"code":"en"}}}`)
	require.Zero(t, r.code)
	require.Nil(t, r.body.Contacts[0].WaID, "a phone number is not given away")
	require.Equal(t, userID, *r.body.Contacts[0].UserID)
	require.Equal(t, 1, api.Used(number))
	for _, m := range api.Messages() {
		require.Equal(t, "554188887777", m.To)
	}

	api.Inbound(number, userID)
	require.Zero(t, send(t, api, number, text("+5541988887777")).code, "one window, too")
}

func TestAPhoneNumberGoesBeforeAUserID(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	r := send(t, api, number, `{"messaging_product":"whatsapp","to":"`+alice+`","recipient":"`+userID+`","type":"template","template":{"name":"n","language":{"code":"en"}}}`)
	require.Zero(t, r.code)
	require.Equal(t, alice, *r.body.Contacts[0].WaID)
	require.Equal(t, alice, api.Messages()[0].To)
}

func TestReceiptsPassAndAreNoMessages(t *testing.T) {
	t.Parallel()
	api := governortest.NewPlatform(t, governortest.PlatformConfig{})
	api.Lock("")
	api.SetStatus(number, "BANNED")
	api.FailNext(131000, 0)
	for _, body := range []string{
		`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.X"}`,
		`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.X","typing_indicator":{"type":"text"}}`,
	} {
		r := send(t, api, number, body)
		require.Equal(t, 200, r.status)
		require.JSONEq(t, `{"success":true}`, r.raw)
	}
	require.Empty(t, api.Messages())
	require.Equal(t, governortest.KindReceipt, api.Requests()[1].Kind)
}
