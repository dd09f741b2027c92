package governorhttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

const (
	// requestTimeout is that of a Client which has none.
	requestTimeout = 30 * time.Second
	// maxPage bounds what is read of an answer. A hundred templates without
	// their components have some 20 KB.
	maxPage = 4 << 20
)

// A question is what the platform is asked for.
type question struct {
	waba, number, part string
	// path is that of the node or edge.
	path string
	// fields are sets of fields, of which the first that the object knows is
	// asked for.
	fields []string
	// limit is how long a page of a list is, after where it begins.
	limit int
	after string
}

// fault puts what went wrong with a question into words.
func (q question) fault(err error) *PollError {
	return &PollError{WABA: q.waba, Number: q.number, Part: q.part, Err: err}
}

// ask asks one question and returns the answer and when it was asked for. The
// error is the platform's, the network's or the parser's, errShare, or one that
// matches ErrNotAsked.
func ask[T any](ctx context.Context, r *round, q question, parse func([]byte) (T, error)) (answer T, at time.Time, err error) {
	for level := r.p.level(q); ; {
		now, err := r.enter(ctx, q)
		if err != nil {
			return answer, now, err
		}
		body, wait, err := r.fetch(ctx, q, q.fields[level], now)
		if err == nil {
			answer, err = parse(body)
		}
		switch ended := ctx.Err(); {
		case err == nil:
		case ended != nil:
			return answer, now, ended
		case q.after == "" && level+1 < len(q.fields) && aboutFields(err):
			level++
			r.p.keepLevel(q, level)
			continue
		}
		err = r.p.discreet(err)
		r.p.settle(q, err, wait, now)
		// The platform's times are whole seconds. A webhook of this one may
		// tell of what came after the request.
		return answer, now.UTC().Truncate(time.Second), err
	}
}

// fetch makes one request. wait is how long the platform asks to stay away.
func (r *round) fetch(ctx context.Context, q question, fields string, now time.Time) (body []byte, wait time.Duration, err error) {
	query := url.Values{"fields": {fields}}
	if q.limit > 0 {
		query.Set("limit", strconv.Itoa(q.limit))
	}
	if q.after != "" {
		query.Set("after", q.after)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.p.baseURL()+"/"+q.path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept", "application/json")
	if r.p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.p.Token)
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxPage+1))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		_, err = cloudapi.ParseResponse(res.StatusCode, body)
		return nil, retryTime(res.Header, now), err
	}
	if err == nil && len(body) > maxPage {
		err = fmt.Errorf("%w: longer than %d bytes", cloudapi.ErrMalformed, maxPage)
	}
	return body, 0, err
}

// client is the caller's, without redirects and with a timeout.
func (p *Poller) client() *http.Client {
	client := &http.Client{}
	if p.Client != nil {
		own := *p.Client
		client = &own
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if client.Timeout == 0 {
		client.Timeout = requestTimeout
	}
	return client
}

// retryTime reads a Retry-After, in seconds or as a date.
func retryTime(h http.Header, now time.Time) time.Duration {
	word := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(word, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(word); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// status is the HTTP status of an answer that is an error, else 0.
func status(err error) int {
	var refusal *cloudapi.Error
	if errors.As(err, &refusal) {
		return refusal.HTTPStatus
	}
	return 0
}

// enter books a request, in the round and in the hour.
func (r *round) enter(ctx context.Context, q question) (time.Time, error) {
	now := r.p.clock().Now()
	if err := ctx.Err(); err != nil {
		return now, err
	}
	if r.left(q.waba) < 1 {
		return now, errShare
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if err := r.p.pace.enter(q, r.p.budget(), now); err != nil {
		return now, err
	}
	r.used[q.waba]++
	return now, nil
}

// settle notes how a question went.
func (p *Poller) settle(q question, err error, wait time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.pace.passed(q)
		return
	}
	if aboutFields(err) {
		delete(p.levels, q.path) // fewer did not help, so it was not the fields
	}
	p.pace.failed(q, err, wait, p.interval(), now)
}

// level is the set of fields that an object knows, as far as tried.
func (p *Poller) level(q question) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.levels[q.path]
}

func (p *Poller) keepLevel(q question, level int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(&p.levels, q.path, level)
}

// keep puts a value into a map that may not be there yet.
func keep[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}
