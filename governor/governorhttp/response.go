package governorhttp

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// maxAnswer is how much of an answer is read to learn from it. The platform's
// own have less than 2 KB.
const maxAnswer = 1 << 20

// outcome says what an answer means for the message, for [governor.Governor.Do].
// The answer's body stays as readable as it was.
func outcome(ctx context.Context, res *http.Response) (governor.Receipt, error) {
	if res.Header.Get(ReasonHeader) != "" {
		// The denial of another Transport below this one. It is no word of the
		// platform's, and nothing is to be learned from it.
		return governor.Receipt{}, governor.ErrNotSent
	}
	answer, err := cloudapi.ParseResponse(res.StatusCode, look(ctx, res))
	if errors.Is(err, cloudapi.ErrMalformed) {
		return governor.Receipt{}, nil // accepted, by its status
	}
	if err != nil {
		return governor.Receipt{}, err
	}
	return governor.Receipt{MessageID: answer.MessageID, Recipient: cmp.Or(answer.WaID, answer.UserID)}, nil
}

// look returns the beginning of an answer's body, whole if it is not longer
// than maxAnswer, and puts it back as it came. It returns nothing of a body that
// is encoded otherwise than with gzip, or no answer at all.
func look(ctx context.Context, res *http.Response) []byte {
	if res.Body == nil || res.Body == http.NoBody || res.StatusCode < http.StatusOK {
		return nil
	}
	decode := plain
	switch strings.ToLower(res.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip": // net/http decodes only what it asked for itself
		decode = unzipped
	default:
		return nil
	}
	body := &replay{rest: onceCloser{ReadCloser: res.Body}}
	res.Body = body
	body.read, _, body.err = readAhead(ctx, &body.rest, res.ContentLength, maxAnswer+1)
	return decode(body.read)
}

func plain(body []byte) []byte { return body }

// unzipped returns what a body holds, nothing if that cannot be read or is
// longer than maxAnswer.
func unzipped(body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	read, whole, err := readAll(r, 0, maxAnswer+1)
	if err != nil || !whole {
		return nil
	}
	return read
}

// A replay is a body whose beginning was read before.
type replay struct {
	read []byte
	err  error // what cut the reading off
	rest onceCloser
}

func (r *replay) Read(p []byte) (int, error) {
	if len(r.read) > 0 {
		n := copy(p, r.read)
		r.read = r.read[n:]
		return n, nil
	}
	if r.err != nil {
		return 0, r.err
	}
	return r.rest.Read(p)
}

func (r *replay) Close() error { return r.rest.Close() }

var _ io.ReadCloser = (*replay)(nil)

// provesUnsent reports whether an error of Base's proves that nothing of the
// request has left. A false no costs a slot for a day, a false yes would be an
// over-send.
func provesUnsent(req *http.Request, err error) bool {
	if errors.Is(err, governor.ErrDenied) {
		return true // another Transport's
	}
	// net/http repeats a request with one of these by itself, so that its
	// last error says nothing of the first try.
	for _, name := range [...]string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, ok := req.Header[name]; ok {
			return false
		}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect"
	}
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
