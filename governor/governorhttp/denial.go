package governorhttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// ReasonHeader is a header that only a synthetic response has: the reason of
// the denial, as "tier_limit".
const ReasonHeader = "Sendgov-Reason"

// answer makes a response of a denial.
func answer(req *http.Request, d governor.Decision) *http.Response {
	body := answerBody(d)
	header := http.Header{
		"Content-Type": {"application/json; charset=UTF-8"},
		ReasonHeader:   {d.Reason.String()},
	}
	if seconds, ok := retryAfter(d); ok {
		header.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	return &http.Response{
		Status:        "429 " + http.StatusText(http.StatusTooManyRequests),
		StatusCode:    http.StatusTooManyRequests,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}
}

// answerBody has the shape of the platform's errors (error-codes page,
// 2026-09-11), with a type that the platform has not.
func answerBody(d governor.Decision) []byte {
	type data struct {
		Product string `json:"messaging_product"`
		Details string `json:"details"`
	}
	type fault struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    int    `json:"code"`
		Data    data   `json:"error_data"`
	}
	code := codeOf(d)
	// Strings and a number: nothing in it can fail.
	body, _ := json.Marshal(struct {
		Error fault `json:"error"`
	}{fault{
		Message: fmt.Sprintf("(#%d) %s", code, cloudapi.Lookup(code).Title),
		Type:    "SendgovDenial",
		Code:    code,
		Data:    data{Product: "whatsapp", Details: d.String()},
	}})
	return body
}

// codeOf is the code that the platform answers in such a case, or in the one
// most like it, since codes are what programs go by.
func codeOf(d governor.Decision) int {
	switch d.Reason {
	case governor.Inactive:
		return 131031
	case governor.WindowClosed:
		return 131047
	case governor.NumberRate, governor.PlatformBusy:
		return 130429
	case governor.PairRate:
		return 131056
	case governor.StoreFailed, governor.LocalBudget:
		return 131016
	case governor.OptedOut:
		if d.RetryAt.IsZero() {
			return 131050
		}
		return 131049 // not for good, so it must not be noted as an opt-out
	case governor.NotOptedIn:
		return 131049
	case governor.TemplateHeld:
		return 132015
	}
	return 131048
}

// retryAfter returns how many seconds it is until RetryAt, rounded up; ok is
// false if no time is known.
func retryAfter(d governor.Decision) (seconds int64, ok bool) {
	if d.RetryAt.IsZero() {
		return 0, false
	}
	wait := d.RetryAt.Sub(d.At) + time.Second - 1
	return max(1, int64(wait/time.Second)), true
}
