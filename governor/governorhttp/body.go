package governorhttp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"sync/atomic"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

const (
	defaultMaxBody = 1 << 20
	// bufferAtFirst bounds what is allocated on the word of a Content-Length.
	bufferAtFirst = 1 << 16
)

func (t *Transport) maxBody() int64 {
	if t.MaxBody <= 0 {
		return defaultMaxBody
	}
	return min(t.MaxBody, math.MaxInt64-1)
}

// peek returns the body and leaves x with a request like it that has those very
// bytes. GetBody is not asked: it is another reader, and where a middleware has
// replaced Body alone it holds something that was never meant to be sent.
func (x *exchange) peek(ctx context.Context, limit int64) ([]byte, error) {
	req := x.req
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	if req.ContentLength > limit {
		return nil, tooLong(limit)
	}
	original := &onceCloser{ReadCloser: req.Body}
	x.req = req.WithContext(ctx) // a shallow copy
	x.req.Body, x.req.GetBody = original, nil
	body, whole, err := readAhead(ctx, original, req.ContentLength, limit+1)
	_ = original.Close()
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, brokenBody(err)
	case !whole:
		return nil, tooLong(limit)
	case req.ContentLength > 0 && int64(len(body)) != req.ContentLength:
		// No more than that length would be sent, and that was not judged.
		return nil, unreadable(fmt.Errorf("%w: body: %d bytes, want the %d of its Content-Length", cloudapi.ErrUnreadable, len(body), req.ContentLength))
	}
	x.req.Body = io.NopCloser(bytes.NewReader(body))
	if req.GetBody != nil { // Base may repeat what it could repeat before
		x.req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return body, nil
}

func tooLong(limit int64) error {
	return unreadable(fmt.Errorf("%w: body: longer than %d bytes", cloudapi.ErrUnreadable, limit))
}

func brokenBody(err error) error {
	return unreadable(fmt.Errorf("%w: body: %w", cloudapi.ErrUnreadable, err))
}

// readAhead is readAll that closes body when ctx ends, since nothing else
// wakes a Read. Its error is then ctx's.
func readAhead(ctx context.Context, body io.ReadCloser, size, limit int64) (read []byte, whole bool, err error) {
	if ctx.Done() == nil {
		return readAll(body, size, limit)
	}
	stop := context.AfterFunc(ctx, func() { _ = body.Close() })
	read, whole, err = readAll(body, size, limit)
	if !stop() {
		return read, false, ctx.Err()
	}
	return read, whole, err
}

// readAll reads fewer bytes than limit, which is the whole, or limit bytes,
// which is not, or until r fails. A positive size is how many will probably
// come.
func readAll(r io.Reader, size, limit int64) (read []byte, whole bool, err error) {
	if size <= 0 {
		size = 1 << 10
	}
	read = make([]byte, 0, min(size, bufferAtFirst, limit-1)+1) // one more, to see the end
	for int64(len(read)) < limit {
		if len(read) == cap(read) {
			read = append(read, 0)[:len(read)]
		}
		n, err := r.Read(read[len(read):min(int64(cap(read)), limit)])
		read = read[:len(read)+n]
		if err == io.EOF {
			return read, int64(len(read)) < limit, nil
		}
		if err != nil {
			return read, false, err
		}
	}
	return read, false, nil
}

// onceCloser closes once, whoever asks and however often.
type onceCloser struct {
	io.ReadCloser
	closed atomic.Bool
}

func (o *onceCloser) Close() error {
	if o.closed.Swap(true) {
		return nil
	}
	return o.ReadCloser.Close()
}
