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
func (x *exchange) outcome(ctx context.Context) (governor.Receipt, error) {
	if first(x.res.Header, ReasonHeader) != "" {
		// The denial of another Transport below this one. It is no word of the
		// platform's, and nothing is to be learned from it.
		return governor.Receipt{}, governor.ErrNotSent
	}
	answer, err := cloudapi.ParseResponse(x.res.StatusCode, x.look(ctx))
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
func (x *exchange) look(ctx context.Context) []byte {
	res := x.res
	if res.Body == nil || res.Body == http.NoBody || res.StatusCode < http.StatusOK {
		return nil
	}
	decode := plain
	switch strings.ToLower(first(res.Header, "Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip": // net/http decodes only what it asked for itself
		decode = unzipped
	default:
		return nil
	}
	body := &x.answer
	body.rest.ReadCloser = res.Body
	res.Body = body
	body.read, body.whole, body.err = x.readAhead(ctx, &body.rest, res.ContentLength, maxAnswer+1)
	return decode(body.read)
}

// first returns the first value of a header under its canonical name.
func first(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func plain(body []byte) []byte { return body }

// unzipped returns what a body holds, nothing if that cannot be read or is
// longer than maxAnswer.
func unzipped(body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	read, whole, err := readAll(r, make([]byte, 0, usualSize+1), maxAnswer+1)
	if err != nil || !whole {
		return nil
	}
	return read
}

// A replay is a body whose beginning was read before.
type replay struct {
	read  []byte
	whole bool  // there was no more
	err   error // what cut the reading off
	rest  onceCloser
}

func (r *replay) Read(p []byte) (int, error) {
	switch {
	case len(r.read) > 0:
		n := copy(p, r.read)
		r.read = r.read[n:]
		return n, nil
	case r.err != nil:
		return 0, r.err
	case r.atEnd():
		return 0, io.EOF
	default:
		return r.rest.Read(p)
	}
}

// WriteTo is what io.Copy calls, to which the beginning costs no buffer.
func (r *replay) WriteTo(w io.Writer) (written int64, err error) {
	if len(r.read) > 0 {
		n, err := w.Write(r.read)
		r.read = r.read[n:]
		if err != nil {
			return int64(n), err
		}
		written = int64(n)
	}
	if r.err != nil || r.atEnd() {
		return written, r.err
	}
	rest, err := io.Copy(w, &r.rest)
	return written + rest, err
}

// atEnd reports whether the end was seen and need not be asked for again. Once
// closed a body may have an error to say instead.
func (r *replay) atEnd() bool { return r.whole && !r.rest.closed.Load() }

func (r *replay) Close() error { return r.rest.Close() }

var (
	_ io.ReadCloser = (*replay)(nil)
	_ io.WriterTo   = (*replay)(nil)
)

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
