package governorhttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/sendgov/sendgov/governor"
)

// An exchange is one request on its way through RoundTrip. Once that has
// returned, the exchange is used for another request; what must not be used
// again is in kept.
type exchange struct {
	*kept
	base      http.RoundTripper
	req       *http.Request // as Base will get it
	forwarded bool          // the body is Base's to close
	res       *http.Response
	err       error
	original  onceCloser // the caller's body; empty if there is none
	watched   bool       // a context that ends may yet close a body

	// carry is deliver: a function value costs an allocation, so that it is
	// made once.
	carry func(context.Context) (governor.Receipt, error)
}

// kept is what outlives RoundTrip, in one piece of memory: Base may read the
// body, and the caller the answer, long after it has returned. So none of it can
// be used for another.
type kept struct {
	copied http.Request // what req is once the body has been read
	body   bytes.Reader // what Base reads of it
	answer replay

	lent int // how much of room is in use
	room [roomForBoth]byte
}

// roomForBoth holds the usual body and the usual answer, 650 and 300 bytes, and
// fills up what the allocator would hand out anyway. What does not fit gets
// memory of its own.
const roomForBoth = 976

var idle = sync.Pool{New: func() any {
	x := &exchange{}
	x.carry = x.deliver
	return x
}}

func newExchange(base http.RoundTripper, req *http.Request) *exchange {
	x := idle.Get().(*exchange) //nolint:errcheck // nothing else is in there
	x.kept, x.base, x.req = &kept{}, base, req
	x.original.ReadCloser = req.Body
	return x
}

// end closes the body of a request that Base has never got, and lets another
// request have x, unless a context may still be about to close the body in it.
// Nobody uses x after it.
func (x *exchange) end() {
	if !x.forwarded && x.original.ReadCloser != nil {
		_ = x.original.Close()
	}
	if x.watched {
		return
	}
	x.kept, x.base, x.req, x.forwarded, x.res, x.err = nil, nil, nil, false, nil, nil
	x.original.ReadCloser = nil
	x.original.closed.Store(false)
	idle.Put(x)
}

// buffer returns room for size bytes and one more, by which a reader sees that
// there are no more.
func (k *kept) buffer(size int64) []byte {
	if size >= int64(len(k.room)-k.lent) {
		return make([]byte, 0, size+1)
	}
	from := k.lent
	k.lent += int(size) + 1
	return k.room[from:from:k.lent]
}

// forward hands the request to Base.
func (x *exchange) forward() (*http.Response, error) {
	x.forwarded = true
	return x.base.RoundTrip(x.req)
}

// deliver is what the governor calls once the message may leave. What it
// returns is for the governor; the caller gets what Base returned.
func (x *exchange) deliver(ctx context.Context) (governor.Receipt, error) {
	if ctx.Err() != nil {
		return governor.Receipt{}, governor.ErrNotSent
	}
	x.res, x.err = x.forward() //nolint:bodyclose // it is the caller's to close
	switch {
	case x.err != nil && provesUnsent(x.req, x.err):
		return governor.Receipt{}, fmt.Errorf("%w: %w", governor.ErrNotSent, x.err)
	case x.err != nil:
		return governor.Receipt{}, x.err
	case x.res == nil:
		return governor.Receipt{}, errNoResponse
	}
	return x.outcome(ctx)
}

// errNoResponse is for a Base that returns neither a response nor an error.
var errNoResponse = errors.New("governorhttp: Base returned no response and no error")
