package governorhttp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/memstore"
)

// goalBody is a template send of the usual size: 650 bytes.
const goalBody = `{"messaging_product":"whatsapp","recipient_type":"individual","to":"16505550101","type":"template",` +
	`"template":{"name":"order_confirmation","language":{"code":"en_US"},"components":[{"type":"header","parameters":[{"type":` +
	`"image","image":{"id":"2871834006348767"}}]},{"type":"body","parameters":[{"type":"text","text":"Pablo"},{"type":"text",` +
	`"text":"860198-230332"},{"type":"text","text":"Your order is on its way and should be with you before the evening."}]},` +
	`{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"stop-order-updates"}]}]}}`

// goal is one send by each of the ways that the goal compares: through Base
// alone, through the Transport, and what the Transport asks the governor
// without a request around it. What governing a request costs by itself is
// governed less apart, which does the other two one after the other: each alone
// has the processor's caches to itself.
type goal struct {
	bare, governed http.RoundTripper
	gov            *governor.Governor
	body           []byte
}

func newGoal(tb testing.TB) *goal {
	tb.Helper()
	gov, err := governor.New(memstore.New(), governor.Config{Clock: &strides{}})
	require.NoError(tb, err)
	base := fromMemory([]byte(compact(payload(tb, "resp_send_ok_template_accepted.json"))))
	return &goal{
		bare: base, governed: &governorhttp.Transport{Governor: gov, Base: base}, gov: gov, body: []byte(goalBody),
	}
}

// compact takes the indentation off a payload whose strings hold no spaces: the
// platform sends none.
func compact(s string) string { return strings.Join(strings.Fields(s), "") }

// post is what a program does for a send, whatever carries it.
func (g *goal) post(ctx context.Context, to string, over http.RoundTripper) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to+messages, bytes.NewReader(g.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", jsonType)
	res, err := over.RoundTrip(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res.Body.Close()
}

// loopback is the send of a program that is not governed, by an http.Client to a
// server on this machine, which reads it and gives the same answer.
func (g *goal) loopback(b *testing.B) func(context.Context) error {
	b.Helper()
	answer := []byte(compact(payload(b, "resp_send_ok_template_accepted.json")))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(answer)
	}))
	b.Cleanup(server.Close)
	return func(ctx context.Context) error { return g.post(ctx, server.URL, baseFunc(server.Client().Do)) }
}

func (g *goal) ask(ctx context.Context) error {
	return g.gov.Do(ctx, governor.Message{
		From: number, To: "16505550101", Template: "order_confirmation", Language: "en_US",
	}, accepted)
}

func accepted(context.Context) (governor.Receipt, error) {
	return governor.Receipt{
		MessageID: "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA", Recipient: "16505551234",
	}, nil
}

func TestGoverningASendAllocatesFiveTimesBesidesTheGovernor(t *testing.T) {
	g := newGoal(t)
	count := func(send func(context.Context) error) float64 {
		return testing.AllocsPerRun(200, func() {
			if err := send(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
	bare := count(func(ctx context.Context) error { return g.post(ctx, host, g.bare) })
	governed := count(func(ctx context.Context) error { return g.post(ctx, host, g.governed) })
	alone := count(g.ask)
	require.LessOrEqual(t, governed-bare-alone, 5.0)
}

// BenchmarkGoal measures, in one run, what stands behind the promises about the
// Transport's cost.
func BenchmarkGoal(b *testing.B) {
	g := newGoal(b)
	for _, row := range []struct {
		name string
		send func(context.Context) error
	}{
		{"bare", func(ctx context.Context) error { return g.post(ctx, host, g.bare) }},
		{"governed", func(ctx context.Context) error { return g.post(ctx, host, g.governed) }},
		{"governor-alone", g.ask},
		{"apart", func(ctx context.Context) error { return errors.Join(g.post(ctx, host, g.bare), g.ask(ctx)) }},
		{"loopback", g.loopback(b)},
	} {
		b.Run("T-transport/"+row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := row.send(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
