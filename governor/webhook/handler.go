package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// A Handler receives the platform's webhooks, feeds a governor and passes them
// on. It is safe for concurrent use and starts no goroutine.
type Handler struct {
	gov  *governor.Governor
	next http.Handler
	cfg  Config
	// secrets are those that a webhook may be signed with, token the hash of
	// the one that a handshake must bring.
	secrets []string
	token   [sha256.Size]byte
}

var _ http.Handler = (*Handler)(nil)

// New returns a handler that feeds gov and then hands each webhook to next: the
// same method, headers and bytes, signed by the platform. What next answers is
// what the platform gets. A nil next answers 200.
//
// The error joins everything that is wrong with gov and cfg, as
// [*governor.FieldError]s.
func New(gov *governor.Governor, cfg Config, next http.Handler) (*Handler, error) {
	var fault error
	if gov == nil {
		fault = &governor.FieldError{Field: "webhook.New: gov", Fault: "is nil, want a Governor"}
	}
	if err := errors.Join(fault, cfg.Validate()); err != nil {
		return nil, err
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = defaultMaxBody
	}
	return &Handler{
		gov: gov, next: next, cfg: cfg,
		secrets: append([]string{cfg.AppSecret}, cfg.OtherSecrets...),
		token:   sha256.Sum256([]byte(cfg.VerifyToken)),
	}, nil
}

// ServeHTTP answers one request of the platform. See the package on what it
// answers when.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		h.handshake(w, r)
	case http.MethodPost:
		h.receive(w, r)
	default:
		w.Header().Set("Allow", http.MethodGet+", "+http.MethodPost)
		http.Error(w, "want GET or POST", http.StatusMethodNotAllowed)
	}
}

// handshake answers the request by which the platform makes sure that the
// address is ours (webhooks/create-webhook-endpoint, 2025-11-07).
func (h *Handler) handshake(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	challenge := query.Get("hub.challenge")
	// Of hashes, so that not even the token's length shows in the time.
	token := sha256.Sum256([]byte(query.Get("hub.verify_token")))
	if subtle.ConstantTimeCompare(token[:], h.token[:]) != 1 || query.Get("hub.mode") != "subscribe" || challenge == "" {
		http.Error(w, "no handshake of ours", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, challenge)
}

// receive takes one webhook. The governor comes first, so that next can answer
// a customer in the window that the webhook has opened.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) {
	signature := r.Header.Get(cloudapi.SignatureHeader)
	if signature == "" {
		h.refuse(w, r, "signature missing")
		return
	}
	body, err := h.read(w, r)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		http.Error(w, "longer than any webhook", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the body broke off", http.StatusBadRequest)
		return
	case !h.signed(signature, body):
		h.refuse(w, r, "signature does not match")
		return
	}
	var found problems
	kept := h.learn(r.Context(), body, &found)
	found.tell(r.Context(), h.cfg.OnProblem)
	h.pass(w, r, body, kept)
}

// refuse answers a request that nobody vouches for.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, detail string) {
	problems{{Kind: Unsigned, Detail: detail, Count: 1}}.tell(r.Context(), h.cfg.OnProblem)
	http.Error(w, detail, http.StatusForbidden)
}

// read returns the whole body. Memory is taken as bytes come, since nobody has
// vouched for the Content-Length yet.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil { // a request that came from no server
		return nil, nil
	}
	const atFirst = 64 << 10
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), atFirst)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, h.cfg.MaxBody))
	return body.Bytes(), err
}

// signed reports whether one of our secrets has signed the body.
func (h *Handler) signed(signature string, body []byte) bool {
	return slices.ContainsFunc(h.secrets, func(secret string) bool {
		return cloudapi.Verify(secret, signature, body) == nil
	})
}

// pass hands a webhook on and answers it. Unless the governor has kept it all,
// the answer makes the platform deliver it again.
func (h *Handler) pass(w http.ResponseWriter, r *http.Request, body []byte, kept bool) {
	again := r.WithContext(r.Context()) // a shallow copy
	again.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case kept && h.next != nil:
		h.next.ServeHTTP(w, again)
	case kept:
		w.WriteHeader(http.StatusOK)
	default:
		if h.next != nil && h.cfg.PassUnobserved {
			h.next.ServeHTTP(unheard{header: http.Header{}}, again)
		}
		http.Error(w, "not taken in, deliver it again", http.StatusServiceUnavailable)
	}
}

// unheard takes an answer that nobody will hear.
type unheard struct{ header http.Header }

func (u unheard) Header() http.Header         { return u.header }
func (u unheard) Write(p []byte) (int, error) { return len(p), nil }
func (u unheard) WriteHeader(int)             {}

// learn tells the governor what a webhook says and reports whether it has kept
// all of it that it can.
func (h *Handler) learn(ctx context.Context, body []byte, found *problems) (kept bool) {
	hook, err := cloudapi.ParseWebhook(body)
	if err != nil {
		// Delivered again, it would read no better.
		found.add(Problem{Kind: Unreadable, Detail: "no JSON object"})
		return true
	}
	events, unclear := Events(hook)
	for _, p := range unclear {
		found.add(p)
	}
	if h.cfg.OptOut != nil {
		events = append(events, h.optOuts(hook, found)...)
	}
	return h.observe(ctx, events, found)
}

// enough failures in a row mean that the store is down: it would only be made
// to wait for each of a thousand events, and all of them will come again.
const enough = 3

// observe has the governor observe events one at a time, to know what became of
// each. An event that the governor will never take holds up no other, and is no
// reason to deliver the webhook again.
func (h *Handler) observe(ctx context.Context, events []governor.Event, found *problems) (kept bool) {
	kept = true
	failures := 0
	for _, event := range events {
		err := h.gov.Observe(ctx, event)
		switch {
		case err == nil:
			failures = 0
		case errors.Is(err, governor.ErrInvalid):
			found.add(about(event, Refused, err))
		default:
			found.add(about(event, StoreFailed, err))
			kept = false
			if failures++; failures == enough || ctx.Err() != nil {
				return false
			}
		}
	}
	return kept
}
