package governorhttp_test

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

// BenchmarkTransport compares a governed request to the same request through
// Base alone, in one run, without a network.
func BenchmarkTransport(b *testing.B) {
	body := []byte(payload(b, "send_template_positional.json"))
	base := fromMemory([]byte(payload(b, "resp_send_ok_template_accepted.json")))
	gov, err := governor.New(memstore.New(), governor.Config{Clock: &strides{}})
	require.NoError(b, err)
	governed := &governorhttp.Transport{Governor: gov, Base: base}
	for _, row := range []struct {
		name string
		path string
		over http.RoundTripper
	}{
		{"bare", messages, base},
		{"no send", media, governed},
		{"send", messages, governed},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, host+row.path, bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Content-Type", jsonType)
				res, err := row.over.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
}

// fromMemory is a Base that reads the request and answers at once.
func fromMemory(answer []byte) baseFunc {
	return func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(answer)),
			Body: io.NopCloser(bytes.NewReader(answer)), Request: req,
		}, nil
	}
}

// strides is a clock on which no two sends are near enough to each other for
// any rate.
type strides struct{ n atomic.Int64 }

func (s *strides) Now() time.Time {
	return governortest.Start.Add(time.Duration(s.n.Add(1)) * 10 * time.Second)
}

func (s *strides) NewTimer(time.Duration) (<-chan time.Time, func() bool) {
	return nil, func() bool { return false }
}
