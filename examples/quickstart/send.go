package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/sendgov/sendgov/governor"
)

// sender is an ordinary Cloud API client. It knows nothing of the governor but
// what an error tells it.
type sender struct {
	client *http.Client
	url    string
	clock  governor.Clock
	done   *progress
}

func (s sender) template(ctx context.Context, to string) error {
	return s.post(ctx, map[string]any{
		"messaging_product": "whatsapp", "to": to, "type": "template",
		"template": map[string]any{"name": "order_update", "language": map[string]any{"code": "en_US"}},
	})
}

func (s sender) text(ctx context.Context, to, body string) error {
	return s.post(ctx, map[string]any{
		"messaging_product": "whatsapp", "to": to, "type": "text", "text": map[string]any{"body": body},
	})
}

func (s sender) post(ctx context.Context, message map[string]any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the platform answered %s: %s", resp.Status, answer)
	}
	return nil
}

// report is how one run over a list went.
type report struct {
	sent    int
	waiting []string // refused, to be sent later
	reason  string   // of the refusals, as the last one told it
}

// sendAll sends the template to each phone. Who is refused is kept for later;
// any other error ends the run.
func (s sender) sendAll(ctx context.Context, out io.Writer, phones []string) (report, error) {
	var r report
	for i, phone := range phones {
		err := s.template(ctx, phone)
		var denied *governor.DeniedError
		switch {
		case err == nil:
			r.sent++
			if err := s.done.note(s.clock.Now(), phone); err != nil {
				return r, err
			}
		case errors.As(err, &denied):
			r.waiting = append(r.waiting, phone)
			r.reason = denied.Decision.String()
		default:
			return r, err
		}
		if (i+1)%250 == 0 || i+1 == len(phones) {
			fmt.Fprintf(out, "  %5d of %d: %d sent, %d refused\n", i+1, len(phones), r.sent, len(r.waiting))
		}
	}
	return r, nil
}

func (r report) print(out io.Writer) {
	fmt.Fprintf(out, "  sent: %d\n", r.sent)
	if len(r.waiting) > 0 {
		fmt.Fprintf(out, "  %d %s\n", len(r.waiting), r.reason)
	}
}
