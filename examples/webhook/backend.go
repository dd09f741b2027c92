package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/webhook"
)

// In life, these come from the environment.
const (
	appSecret   = "the app's secret"
	verifyToken = "the token that the dashboard was given"
)

// backend sends reminders through a governed client and answers whoever writes.
type backend struct {
	say      *log.Logger
	gov      *governor.Governor
	poller   *governorhttp.Poller
	client   *http.Client
	messages string // where messages are posted
	server   *http.Server
	answers  atomic.Int64
}

// newBackend wires a governor into both directions: the client asks it before
// each send, webhooks and polls feed it.
func newBackend(clock governor.Clock, platform string, say *log.Logger) (*backend, error) {
	gov, err := governor.New(memstore.New(), governor.Config{
		Accounts: []governor.Account{{ID: portfolio, Numbers: []governor.Number{{ID: number, WABA: waba}}}},
		Clock:    clock,
		Observer: func(n governor.Notice) {
			switch n.Kind {
			case governor.NoticeLimit:
				say.Printf("  the governor: the messaging limit is %s", n.To)
			case governor.NoticeRestricted:
				say.Printf("  the governor: restricted (%s) until %s", n.To, n.Until.UTC().Format("2 Jan 15:04"))
			case governor.NoticeLifted:
				say.Printf("  the governor: no longer restricted (%s)", n.From)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	b := &backend{
		say:      say,
		gov:      gov,
		poller:   &governorhttp.Poller{Governor: gov, BaseURL: platform + "/v25.0", Numbers: []string{number}, Clock: clock},
		client:   &http.Client{Transport: &governorhttp.Transport{Governor: gov}},
		messages: platform + "/v25.0/" + number + "/messages",
	}
	hooks, err := webhook.New(gov, webhook.Config{
		AppSecret:   appSecret,
		VerifyToken: verifyToken,
		OptOut:      webhook.StopWords(governor.TopicMarketing, "stop", "unsubscribe"),
		OnProblem:   func(_ context.Context, p webhook.Problem) { say.Println("  a webhook's problem:", p) },
	}, http.HandlerFunc(b.hear))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/webhook", hooks)
	b.server = &http.Server{Handler: mux, ReadTimeout: 10 * time.Second}
	return b, nil
}

// serve takes requests until stop, which tells what ended it before.
func (b *backend) serve(listener net.Listener) (stop func(context.Context) error) {
	ended := make(chan error, 1)
	go func() { ended <- b.server.Serve(listener) }()
	return func(ctx context.Context) error {
		err := b.server.Shutdown(ctx)
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
}

// poll asks once. In life, a goroutine has poller.Run ask every few minutes.
func (b *backend) poll(ctx context.Context) error {
	if err := b.poller.Poll(ctx); err != nil {
		return err
	}
	s, err := b.gov.Snapshot(ctx, portfolio)
	if err != nil {
		return err
	}
	for _, n := range s.Numbers {
		b.say.Printf("  the number is %s, its rating is %s", n.Health, n.Rating)
	}
	return nil
}

// hear is the handler behind the webhook handler: the business's own. It gets
// each webhook as the platform sent it.
func (b *backend) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	hook, err := cloudapi.ParseWebhook(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, change := range hook.Changes {
		if in, ok := change.(cloudapi.Inbound); ok {
			b.answer(r.Context(), in)
		}
	}
}

func (b *backend) answer(ctx context.Context, in cloudapi.Inbound) {
	text := fmt.Sprintf(`{"messaging_product":"whatsapp","to":%q,"type":"text","text":{"body":"Thanks for writing!"}}`, "+"+in.From)
	if err := b.post(ctx, text); err != nil {
		b.say.Println("  the bot could not answer:", err)
		return
	}
	b.answers.Add(1)
	b.say.Println("  the bot answers a customer: sent")
}

// answered returns how many customers have got an answer.
func (b *backend) answered() int { return int(b.answers.Load()) }

// remindAll sends everybody a reminder and returns the refusals. Any other
// error ends it.
func (b *backend) remindAll(ctx context.Context) (refused []governor.Decision, err error) {
	for i, phone := range customers {
		template := fmt.Sprintf(`{"messaging_product":"whatsapp","to":%q,"type":"template",`+
			`"template":{"name":"reminder","language":{"code":"en_US"}}}`, phone)
		err := b.post(ctx, template)
		var denied *governor.DeniedError
		switch {
		case err == nil:
			b.say.Printf("  reminder to customer %d: sent", i+1)
		case errors.As(err, &denied):
			b.say.Printf("  reminder to customer %d: %s", i+1, denied.Decision)
			refused = append(refused, denied.Decision)
		default:
			return nil, err
		}
	}
	return refused, nil
}

// post is any Cloud API client. It knows of the governor only what an error
// tells it.
func (b *backend) post(ctx context.Context, message string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.messages, strings.NewReader(message))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the platform answered %s", res.Status)
	}
	return nil
}
