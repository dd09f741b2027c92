package governorhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

// FuzzTransport lets anything at all be posted: what the platform counts, the
// governor has counted too.
func FuzzTransport(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("..", "cloudapi", "testdata", "payloads", "*.json"))
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		body, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add("POST", messages, "", jsonType, body)
		f.Add("POST", marketing, "access_token=x", "", body)
	}
	form := []byte(url.Values{
		"messaging_product": {"whatsapp"}, "to": {alice}, "type": {"template"},
		"template": {`{"name":"n","language":{"code":"en"}}`},
	}.Encode())
	parts := []byte("--x\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n" + alice + "\r\n--x--\r\n")
	f.Add("POST", messages, "", formType, form)
	f.Add("post", "//v9//"+number+"//%6Dessages/", "method=post", "multipart/form-data; boundary=x", parts)
	f.Add("POST", "/", "batch=%5B%5D", formType, []byte("batch=[]"))
	f.Add("GET", messages, "", formType, append([]byte("method=post&"), form...))
	f.Add("POST", "/v25.0/me", "", "text/plain", []byte(`{"batch":[{"method":"POST","relative_url":"{result=a:$.id}/messages"}]}`))
	f.Add("POST", messages, "messaging_product=whatsapp", jsonType, []byte(`{"recipient":{"id":"1"},"template":{"name":"n"}}`))
	f.Add("GET", messages, "to="+alice, "application/json; charset=utf-16", []byte(template(alice)))

	f.Fuzz(func(t *testing.T, method, path, query, contentType string, body []byte) {
		clock := governortest.NewClock()
		api := governortest.NewPlatform(t, governortest.PlatformConfig{
			Clock: clock, Numbers: []governortest.PlatformNumber{{ID: number}},
		})
		gov, err := governor.New(memstore.New(), governor.Config{
			Clock:   clock,
			Resolve: func(context.Context, string) (governor.Route, error) { return governor.Route{Account: account}, nil },
		})
		require.NoError(t, err)
		transport := &governorhttp.Transport{Governor: gov, Base: direct{api}}
		req := newPost(t, "/", contentType, string(body))
		req.Method, req.URL.Path, req.URL.RawQuery = method, path, query

		for range 2 {
			_, _ = take(transport.RoundTrip(req)) // a refusal is as good as an answer
			req = req.Clone(req.Context())
			if req.Body != http.NoBody {
				req.Body = http.NoBody
				if req.GetBody != nil {
					var err error
					req.Body, err = req.GetBody()
					require.NoError(t, err)
				}
			}
		}
		snapshot, err := gov.Snapshot(t.Context(), account)
		require.NoError(t, err)
		require.GreaterOrEqual(t, snapshot.Used, api.Used(number))
		for _, m := range api.Accepted() {
			require.Equal(t, 1, snapshot.Used, "accepted as %s", m.Kind)
		}
	})
}

// direct is a Base without a network in between.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	defer func() { _ = req.Body.Close() }()
	address, err := url.ParseRequestURI("/" + strings.TrimLeft(req.URL.RequestURI(), "/"))
	if err != nil {
		return nil, err
	}
	arrived := req.Clone(req.Context())
	arrived.URL = address
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, arrived)
	return w.Result(), nil
}
