package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/sendgov/sendgov/governor/webhook"
)

// postman carries the platform's webhooks to the backend, signed as the
// platform signs them.
type postman struct {
	url string

	// mu guards faults.
	mu     sync.Mutex
	faults []error
}

func (p *postman) deliver(ctx context.Context, body []byte) {
	if err := p.post(ctx, body); err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, err)
	}
}

func (p *postman) post(ctx context.Context, body []byte) error {
	req, err := webhook.NewRequest(ctx, p.url, appSecret, body)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("a webhook was answered with %s", res.Status)
	}
	return nil
}

// err joins what went wrong on the way.
func (p *postman) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.faults...)
}
