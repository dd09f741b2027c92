package cloudapi_test

import (
	"errors"
	"fmt"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func ExampleParsePath() {
	for _, path := range []string{"/v25.0/106540352242922/messages", "/v25.0/106540352242922/media", "/v1/chat/messages"} {
		number, endpoint, ok := cloudapi.ParsePath(path)
		fmt.Println(ok, number, endpoint)
	}
	// Output:
	// true 106540352242922 messages
	// false  unknown
	// false  unknown
}

func ExampleParseSend() {
	body := []byte(`{"messaging_product":"whatsapp","to":"+16505551234","type":"template",
		"template":{"name":"order_confirmation","language":{"code":"en_US"}}}`)
	send, err := cloudapi.ParseSend(cloudapi.Messages, "application/json", body)
	fmt.Println(send.Kind, send.Template, send.Language, err)

	_, err = cloudapi.ParseSend(cloudapi.Messages, "application/json", []byte(`{"to":"1","to":"2"}`))
	fmt.Println(errors.Is(err, cloudapi.ErrUnreadable), err)
	// Output:
	// template order_confirmation en_US <nil>
	// true cloudapi: unreadable send: to: given twice
}

func ExampleSend_Addressee() {
	send := cloudapi.Send{To: "+16505551234", Recipient: "US.13491208655302741918"}
	who, kind := send.Addressee()
	fmt.Println(who, kind)
	// Output: +16505551234 phone
}

func ExampleCheckQuery() {
	fmt.Println(cloudapi.CheckQuery("access_token=EAAG"))
	fmt.Println(cloudapi.CheckQuery("to=16505551234"))
	// Output:
	// <nil>
	// cloudapi: unreadable send: query: to
}

func ExampleCheckBatch() {
	body := []byte(`{"batch":[{"method":"POST","relative_url":"106540352242922/messages"}]}`)
	fmt.Println(cloudapi.IsBatchPath("/v25.0"), cloudapi.CheckBatch("application/json", body))
	// Output: true cloudapi: unreadable send: batch: holds a send
}

func ExampleParseResponse() {
	accepted := []byte(`{"contacts":[{"input":"+5541988887777","wa_id":"554188887777"}],
		"messages":[{"id":"wamid.1","message_status":"accepted"}]}`)
	response, err := cloudapi.ParseResponse(200, accepted)
	fmt.Println(response.MessageID, response.Status, response.WaID, err)

	refused := []byte(`{"error":{"message":"(#131056) pair rate limit hit","code":131056}}`)
	_, err = cloudapi.ParseResponse(400, refused)
	var rejection *cloudapi.Error
	if errors.As(err, &rejection) {
		info := rejection.Info()
		fmt.Println(rejection.NotSent(), info.Scope, info.Backoff(2))
	}

	_, err = cloudapi.ParseResponse(503, nil)
	if errors.As(err, &rejection) {
		fmt.Println(rejection.NotSent(), err)
	}
	// Output:
	// wamid.1 accepted 554188887777 <nil>
	// true pair 16s
	// false cloudapi: error without a code (HTTP 503)
}

func ExampleLookup() {
	info := cloudapi.Lookup(131050)
	fmt.Println(info.Title)
	fmt.Println(info.NotSent, info.Scope, info.Affects, info.Consent)
	// Output:
	// User has stopped receipt of marketing messages
	// true recipient marketing marketing revoked
}

func ExampleVerify() {
	body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
	header := cloudapi.Sign("app secret", body)
	fmt.Println(cloudapi.Verify("app secret", header, body))
	fmt.Println(cloudapi.Verify("app secret", header, append(body, '\n')))
	// Output:
	// <nil>
	// cloudapi: signature does not match
}

func ExampleParseWebhook() {
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[
		{"field":"messages","value":{"metadata":{"phone_number_id":"106540352242922"},"messages":[
			{"from":"16505551234","id":"wamid.1","timestamp":"1749416383","type":"text","text":{"body":"hi"}}]}},
		{"field":"business_capability_update","value":{"max_daily_conversations_per_business":2000}},
		{"field":"messages","value":7}]}]}`)
	hook, err := cloudapi.ParseWebhook(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range hook.Changes {
		switch change := change.(type) {
		case cloudapi.Inbound:
			fmt.Println("message to", change.Number, change.At.Format("2006-01-02 15:04:05"), change.OpensWindow)
		case cloudapi.Capability:
			fmt.Println("limit", change.Limit())
		}
	}
	fmt.Println(hook.Problems)
	// Output:
	// message to 106540352242922 2025-06-08 20:59:43 true
	// limit 2000
	// [{entry[0].changes[2] no value}]
}

func ExampleParsePhoneNumber() {
	number, err := cloudapi.ParsePhoneNumber([]byte(`{"id":"106540352242922","status":"CONNECTED","quality_rating":"GREEN",
		"whatsapp_business_manager_messaging_limit":"TIER_2K"}`))
	fmt.Println(number, number.QualityRating, number.Limit, err)
	// Output: number 106540352242922 CONNECTED GREEN TIER_2K <nil>
}

func ExampleParsePhoneNumbers() {
	page, err := cloudapi.ParsePhoneNumbers([]byte(`{"data":[{"id":"1"},{"id":"2"}],"paging":{"cursors":{"after":"QVFI"}}}`))
	fmt.Println(len(page.Items), page.After == "", err)
	// Output: 2 true <nil>
}

func ExampleParseWABA() {
	waba, err := cloudapi.ParseWABA([]byte(`{"id":"102290129340398","owner_business_info":{"id":"506914307656634"}}`))
	fmt.Println(waba.Portfolio, err)
	// Output: 506914307656634 <nil>
}

func ExampleParseTemplate() {
	template, err := cloudapi.ParseTemplate([]byte(`{"name":"hello_world","language":"en_US","status":"PAUSED"}`))
	fmt.Println(template.Name, template.Language, template.Status, err)
	// Output: hello_world en_US PAUSED <nil>
}

func ExampleParseTemplates() {
	page, err := cloudapi.ParseTemplates([]byte(`{"data":[{"name":"hello_world","status":"APPROVED"}]}`))
	fmt.Println(page.Items[0].Name, err)
	// Output: hello_world <nil>
}

func ExampleHealth_CanSend() {
	health, err := cloudapi.ParseHealth([]byte(`{"health_status":{"can_send_message":"BLOCKED","entities":[
		{"entity_type":"PHONE_NUMBER","can_send_message":"AVAILABLE","can_receive_call_sip":"BLOCKED"}]}}`))
	fmt.Println(health.Overall, health.CanSend(), err)
	// Output: BLOCKED AVAILABLE <nil>
}
