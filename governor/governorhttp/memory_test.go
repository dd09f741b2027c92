package governorhttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// padded is a send to alice of that many bytes.
func padded(size int) string {
	body := template(alice)
	return body + strings.Repeat(" ", size-len(body))
}

func TestBodyAndAnswerNeverMix(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	sizes := []int{975, 976, 977} // what there is room for, and one more or less
	for size := 200; size < 2600; size += 53 {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		f.clock.Advance(time.Minute)
		for _, known := range []bool{true, false} {
			body, answer := padded(size), payloadOK+strings.Repeat(" ", 2600-size)
			var late *http.Request
			f.transport.Base = baseFunc(func(req *http.Request) (*http.Response, error) {
				late = req // net/http, too, may answer before it has read the body
				res := &http.Response{
					StatusCode: http.StatusOK, Header: http.Header{}, Body: countedBody(answer), ContentLength: -1,
				}
				if known {
					res.ContentLength = int64(len(answer))
				}
				return res, nil
			})
			req := newPost(t, messages, jsonType, body)
			if !known {
				req.ContentLength = -1
			}
			res, err := f.transport.RoundTrip(req)
			require.NoError(t, err)
			sent, err := io.ReadAll(late.Body)
			require.NoError(t, err)
			got, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			again, err := late.GetBody()
			require.NoError(t, err)
			repeated, err := io.ReadAll(again)
			require.NoError(t, err)
			require.Equal(t, body, string(sent), size)
			require.Equal(t, body, string(repeated), size)
			require.Equal(t, answer, string(got), size)
		}
	}
}

func TestAnAnswerIsCopiedAsItIsRead(t *testing.T) {
	t.Parallel()
	fault := errors.New("cut off")
	long := payloadOK + strings.Repeat(" ", 3<<20)
	for _, row := range []struct {
		name string
		body string
		end  error
	}{
		{"short", payloadOK, io.EOF},
		{"empty", "", io.EOF},
		{"longer than is read ahead", long, io.EOF},
		{"cut off", payloadOK[:40], fault},
		{"cut off far out", long, fault},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			f.transport.Base = answers(http.StatusOK, nil, io.NopCloser(io.MultiReader(
				strings.NewReader(row.body), readerFunc(func([]byte) (int, error) { return 0, row.end }),
			)))
			res, err := f.transport.RoundTrip(newPost(t, messages, jsonType, template(alice)))
			require.NoError(t, err)
			defer func() { require.NoError(t, res.Body.Close()) }()

			// A writer that is full before the end loses nothing.
			full := &narrow{room: 10}
			_, err = io.Copy(full, res.Body)
			if len(row.body) > 10 {
				require.ErrorIs(t, err, io.ErrShortWrite)
			}
			var rest bytes.Buffer
			copied, err := io.Copy(&rest, res.Body)
			if errors.Is(row.end, io.EOF) {
				require.NoError(t, err)
			} else {
				require.Equal(t, row.end, err)
			}
			require.EqualValues(t, rest.Len(), copied)
			require.True(t, row.body == full.String()+rest.String())
		})
	}
}

// narrow is a writer that takes so many bytes and no more.
type narrow struct {
	bytes.Buffer
	room int
}

func (n *narrow) Write(p []byte) (int, error) {
	took := min(len(p), n.room-n.Len())
	_, _ = n.Buffer.Write(p[:took])
	if took < len(p) {
		return took, io.ErrShortWrite
	}
	return took, nil
}

func TestABodyInMemoryIsSentForNobodyWhoHasGivenUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, body := range map[string]func(string) io.Reader{
		"a string":            func(s string) io.Reader { return strings.NewReader(s) },
		"bytes":               func(s string) io.Reader { return bytes.NewReader([]byte(s)) },
		"a buffer":            func(s string) io.Reader { return bytes.NewBufferString(s) },
		"a reader without it": func(s string) io.Reader { return io.LimitReader(strings.NewReader(s), 1<<20) },
	} {
		for _, content := range []string{template(alice), receipt, messenger} {
			f := newFixture(t, 1)
			_, err := f.trip(bodied(t, messages, io.NopCloser(body(content))).WithContext(ctx))
			require.Equal(t, context.Canceled, err, name)
			require.Zero(t, f.spy.calls(), name)
		}
	}
}

// What carries a request is used again for the next one, and a context that has
// ended closes a body whenever it gets to it.
func TestABodyThatWasGivenUpDisturbsNoLaterRequest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 10)
	for i := range 400 {
		ctx, cancel := context.WithCancel(t.Context())
		pipe, feed := io.Pipe()
		given := &counted{Reader: pipe}
		go func() {
			_, _ = io.WriteString(feed, template(alice))
			if i%2 == 0 { // while the body's end is being read
				go cancel()
				_ = feed.Close()
			}
			cancel()
		}()
		_, err := f.trip(bodied(t, messages, given).WithContext(ctx))
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}

		f.clock.Advance(time.Minute)
		next := countedBody(template(alice))
		_, err = f.trip(bodied(t, messages, next))
		require.NoError(t, err)
		require.LessOrEqual(t, given.closed(), 1, "whoever closes it may not be through")
		require.Equal(t, 1, next.closed())
	}
}
