package governorhttp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

const (
	defaultMaxBody = 1 << 20
	// bufferAtFirst bounds what is allocated on the word of a Content-Length.
	bufferAtFirst = 1 << 16
	// usualSize is how long a body or answer of unknown length is taken to be.
	usualSize = 1<<10 - 1
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
	body, whole, err := x.readAhead(ctx, &x.original, req.ContentLength, limit+1)
	_ = x.original.Close()
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
	x.body.Reset(body)
	x.copied = *req
	// In this wrapper net/http knows a body that needs no waiting for, and
	// writes it together with the headers.
	x.copied.Body = io.NopCloser(&x.body)
	if req.GetBody != nil { // Base may repeat what it could repeat before
		x.copied.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	x.req = &x.copied
	return body, nil
}

func tooLong(limit int64) error {
	return unreadable(fmt.Errorf("%w: body: longer than %d bytes", cloudapi.ErrUnreadable, limit))
}

func brokenBody(err error) error {
	return unreadable(fmt.Errorf("%w: body: %w", cloudapi.ErrUnreadable, err))
}

// readAhead is readAll that closes body when ctx ends, since nothing else
// wakes a Read. Its error is then ctx's. A positive size is how many bytes will
// probably come.
func (x *exchange) readAhead(ctx context.Context, body *onceCloser, size, limit int64) (read []byte, whole bool, err error) {
	if size <= 0 {
		size = usualSize
	}
	into := x.buffer(min(size, bufferAtFirst, limit-1))
	if ctx.Done() == nil {
		return readAll(body.ReadCloser, into, limit)
	}
	if inMemory(body.ReadCloser) {
		read, whole, err = readAll(body.ReadCloser, into, limit)
		if ended := ctx.Err(); ended != nil {
			return read, false, ended
		}
		return read, whole, err
	}
	x.watched = true
	stop := context.AfterFunc(ctx, func() { _ = body.Close() })
	read, whole, err = readAll(body.ReadCloser, into, limit)
	if !stop() {
		return read, false, ctx.Err()
	}
	x.watched = false
	return read, whole, err
}

// readAll reads fewer bytes than limit, which is the whole, or limit bytes,
// which is not, or until r fails, into the free room of read for as long as
// there is any.
func readAll(r io.Reader, read []byte, limit int64) (all []byte, whole bool, err error) {
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

// inMemory reports whether reading body never waits, as far as its type tells:
// most bodies are a reader of bytes or of a string that net/http or io has put
// into io.NopCloser, which nothing but reflection sees through. net/http looks
// at bodies in the same way.
func inMemory(body io.Reader) bool {
	switch reflect.TypeOf(body) {
	case nopCloser, nopCloserWriterTo:
	default:
		return false
	}
	switch reflect.ValueOf(body).Field(0).Interface().(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return true
	default:
		return false
	}
}

var (
	nopCloser         = reflect.TypeOf(io.NopCloser(nil))
	nopCloserWriterTo = reflect.TypeOf(io.NopCloser(&bytes.Reader{}))
)

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
