package governortest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governortest"
)

// The cast of the tests. None of the phone numbers is anybody's.
const (
	number  = "106540352242922"
	another = "106540352242923"
	alice   = "16505550101"
	bob     = "16505550102"
	carol   = "16505550103"
	userID  = "US.13491208655302741918"
	group   = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD"
)

// t0 is when the tests begin.
var t0 = governortest.Start

// reply is the answer to a request.
type reply struct {
	status int
	code   int // of the error, zero without one
	raw    string
	body   struct {
		Contacts []struct {
			Input  string  `json:"input"`
			WaID   *string `json:"wa_id"`
			UserID *string `json:"user_id"`
		} `json:"contacts"`
		Messages []struct {
			ID      string `json:"id"`
			Status  string `json:"message_status"`
			GroupID string `json:"group_id"`
		} `json:"messages"`
		Success bool `json:"success"`
		Error   struct {
			Message string `json:"message"`
			Type    string `json:"type"`
			Code    int    `json:"code"`
			Subcode int    `json:"error_subcode"`
			Trace   string `json:"fbtrace_id"`
			Data    struct {
				Product string `json:"messaging_product"`
				Details string `json:"details"`
			} `json:"error_data"`
		} `json:"error"`
	}
}

// do sends a request to a path of the platform.
func do(tb testing.TB, api *governortest.Platform, method, path, contentType, body string) reply {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, api.URL()+path, strings.NewReader(body))
	require.NoError(tb, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(tb, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(tb, err)
	r := reply{status: res.StatusCode, raw: string(raw)}
	if len(raw) > 0 {
		require.NoError(tb, json.Unmarshal(raw, &r.body), "%s", raw)
	}
	r.code = r.body.Error.Code
	return r
}

// send posts a JSON body to the messages edge of a number and returns the answer.
func send(tb testing.TB, api *governortest.Platform, from, body string) reply {
	tb.Helper()
	return do(tb, api, http.MethodPost, "/v25.0/"+from+"/messages", "application/json", body)
}

// template is a template to somebody.
func template(to string) string {
	return fmt.Sprintf(`{"messaging_product":"whatsapp","recipient_type":"individual","to":%q,"type":"template",`+
		`"template":{"name":"order_confirmation","language":{"code":"en_US"}}}`, to)
}

// text is a free-form message to somebody.
func text(to string) string {
	return fmt.Sprintf(`{"messaging_product":"whatsapp","to":%q,"type":"text","text":{"body":"Hello"}}`, to)
}

// step is one thing that happens, and the error code it must give; zero is success.
type step struct {
	at   time.Time
	from string // number if empty
	body string
	want int
}

// walk takes the platform through steps.
func walk(t *testing.T, api *governortest.Platform, steps []step) {
	t.Helper()
	for i, s := range steps {
		api.Clock().Set(s.at)
		from := s.from
		if from == "" {
			from = number
		}
		require.Equal(t, s.want, send(t, api, from, s.body).code, "step %d, %v after the start", i, s.at.Sub(t0))
	}
}
