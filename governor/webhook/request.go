package webhook

import (
	"bytes"
	"context"
	"net/http"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// NewRequest returns a webhook as the platform would post it: body, signed with
// an app's secret. It is for tests of whatever stands behind a [Handler], and
// can be sent with an http.Client or handed to ServeHTTP. The error is that of
// http.NewRequestWithContext about url.
func NewRequest(ctx context.Context, url, secret string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(cloudapi.SignatureHeader, cloudapi.Sign(secret, body))
	return req, nil
}
