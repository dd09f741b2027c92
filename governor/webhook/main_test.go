package webhook_test

import (
	"net/http"
	"os"
	"testing"
)

// TestMain keeps tests that run at the same time apart: closing any
// httptest.Server closes the idle connections of http.DefaultTransport, if it
// shows that it has such a method, under whoever is about to use one.
func TestMain(m *testing.M) {
	http.DefaultTransport = struct{ http.RoundTripper }{http.DefaultTransport}
	os.Exit(m.Run())
}
