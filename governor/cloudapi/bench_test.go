package cloudapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// templateBody is a template send of the usual size: about 650 bytes.
const templateBody = `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234","type":"template",` +
	`"template":{"name":"order_confirmation","language":{"code":"en_US"},"components":[{"type":"header","parameters":[{"type":` +
	`"image","image":{"id":"2871834006348767"}}]},{"type":"body","parameters":[{"type":"text","text":"Pablo"},{"type":"text",` +
	`"text":"860198-230332"},{"type":"text","text":"Your order is on its way and should be with you before the evening."}]},` +
	`{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"stop-order-updates"}]}]},` +
	`"biz_opaque_callback_data":"reservation-7f3a"}`

func TestReadingATemplateSendAllocatesNothingButItsWords(t *testing.T) {
	body := []byte(templateBody)
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := cloudapi.ParseSend(cloudapi.Messages, jsonType, body); err != nil {
			t.Fatal(err)
		}
	})
	// The addressee, the template's name and language, and the callback data.
	assert.LessOrEqual(t, allocs, 4.0)
	allocs = testing.AllocsPerRun(100, func() {
		if _, _, ok := cloudapi.ParsePath("/v25.0/106540352242922/messages"); !ok {
			t.Fatal("not a send")
		}
	})
	assert.Zero(t, allocs)
}

func BenchmarkParsePath(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = cloudapi.ParsePath("/v25.0/106540352242922/messages")
	}
}

func BenchmarkParseSend(b *testing.B) {
	body := []byte(templateBody)
	contentType, parts := multipartBody(b, templateFields...)
	for _, bench := range []struct {
		name, contentType string
		body              []byte
	}{
		{"template 650 B", jsonType, body},
		{"form", formType, urlencoded(templateFields...)},
		{"multipart", contentType, parts},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cloudapi.ParseSend(cloudapi.Messages, bench.contentType, bench.body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseResponse(b *testing.B) {
	body := payload(b, "resp_send_ok_template_accepted")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cloudapi.ParseResponse(200, body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseWebhook shows by its MB/s that time is linear in the size,
// also for bodies made to be slow.
func BenchmarkParseWebhook(b *testing.B) {
	deep := strings.Repeat(`{"value":`, 9000) + "0" + strings.Repeat("}", 9000)
	details := strings.Repeat("1 (2) US.", 100_000)
	for _, bench := range []struct {
		name string
		body []byte
	}{
		{"1 KB", batch(2, 0)},
		{"100 KB", batch(200, 0)},
		{"3 MB of 1000", batch(1000, 2500)},
		{"3 MB of 6000", batch(6000, 0)},
		{"deep", []byte(`{"entry":[{"changes":[{"field":"messages","value":` + deep + `}]}]}`)},
		{"braces", []byte(`{"entry":[` + strings.Repeat(`{"changes":[{}]},`, 60_000) + `{}]}`)},
		{"escapes", messagesWith("messages", `"messages":[{"from":"1","text":{"body":"`+strings.Repeat(`\\\"`, 250_000)+`"}}]`)},
		{"details", messagesWith("messages", `"errors":[{"error_data":{"details":"`+details+`"}}]`)},
		{"identities", messagesWith("messages", `"contacts":[`+identities(20_000)+`]`)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cloudapi.ParseWebhook(bench.body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// identities returns n contacts, each with a phone number and a user ID.
func identities(n int) string {
	contacts := make([]string, n)
	for i := range contacts {
		contacts[i] = fmt.Sprintf(`{"wa_id":"%d","user_id":"US.%d"}`, i, i)
	}
	return strings.Join(contacts, ",")
}
