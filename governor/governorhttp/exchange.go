package governorhttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/sendgov/sendgov/governor"
)

// An exchange is one request on its way to Base and its answer on the way back.
// All that it needs stands in it, as one piece of memory: Base may read the
// body, and the caller the answer, long after RoundTrip has returned, so none of
// it can be used for another.
type exchange struct {
	base      http.RoundTripper
	req       *http.Request // as Base will get it
	forwarded bool          // the body is Base's to close
	res       *http.Response
	err       error
	message   governor.Message // what leave is asked for

	original onceCloser   // the caller's body; empty if there is none
	copied   http.Request // what req is once the body has been read
	body     bytes.Reader // what Base reads of it
	sent     []byte       // what was judged
	answer   replay

	lent int // how much of room is in use
	room [roomForBoth]byte
}

// roomForBoth holds the usual body and the usual answer, 650 and 300 bytes, and
// fills up what the allocator would hand out anyway. What does not fit gets
// memory of its own.
const roomForBoth = 1160

func newExchange(base http.RoundTripper, req *http.Request) *exchange {
	x := &exchange{base: base, req: req}
	x.original.ReadCloser = req.Body
	return x
}

// buffer returns room for size bytes and one more, by which a reader sees that
// there are no more.
func (x *exchange) buffer(size int64) []byte {
	if size >= int64(len(x.room)-x.lent) {
		return make([]byte, 0, size+1)
	}
	from := x.lent
	x.lent += int(size) + 1
	return x.room[from:from:x.lent]
}

// forward hands the request to Base.
func (x *exchange) forward() (*http.Response, error) {
	x.forwarded = true
	return x.base.RoundTrip(x.req)
}

// abandon closes the body of a request that Base has never got.
func (x *exchange) abandon() {
	if !x.forwarded && x.original.ReadCloser != nil {
		_ = x.original.Close()
	}
}

// again is the GetBody of a request whose body was read.
func (x *exchange) again() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(x.sent)), nil
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

// A courier is the function that the governor calls for an exchange. The
// governor is done with it when Do returns, so that it serves the next one.
type courier struct {
	x       *exchange
	deliver func(context.Context) (governor.Receipt, error)
}

// idle keeps couriers for a burst of sends; what more there are is made anew.
var idle = make(chan *courier, 64)

func newCourier() *courier {
	select {
	case c := <-idle:
		return c
	default:
	}
	c := &courier{}
	c.deliver = func(ctx context.Context) (governor.Receipt, error) { return c.x.deliver(ctx) }
	return c
}

// ask has the governor deliver the exchange. After a panic of Base's the
// courier is lost, and nothing else.
func (x *exchange) ask(ctx context.Context, g *governor.Governor) error {
	c := newCourier()
	c.x = x
	err := g.Do(ctx, x.message, c.deliver)
	c.x = nil
	select {
	case idle <- c:
	default:
	}
	return err
}
