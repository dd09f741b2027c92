package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
)

// BenchmarkBatch is one webhook with as many updates as the platform ever
// packs into one.
func BenchmarkBatch(b *testing.B) {
	gov, err := governor.New(memstore.New(), governor.Config{Clock: governortest.NewClock()})
	require.NoError(b, err)
	handler, err := webhook.New(gov, webhook.Config{AppSecret: secret, VerifyToken: token}, nil)
	require.NoError(b, err)
	for _, word := range []string{"delivered", "failed"} {
		b.Run(word, func(b *testing.B) {
			var list []string
			for i := range 1000 {
				code := 0
				if word == "failed" {
					code = 131026
				}
				list = append(list, status(fmt.Sprintf("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQz%024d", i), word, writer(i), t0, code))
			}
			text := []byte(strings.TrimSpace(body(statuses(list...))))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				req, err := webhook.NewRequest(b.Context(), "/", secret, text)
				require.NoError(b, err)
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, req)
				if answer.Code != http.StatusOK {
					b.Fatal(answer.Code)
				}
			}
		})
	}
}
