package statuspage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// Config is everything about a page that has a default. The zero Config is a
// page that names accounts by their IDs.
type Config struct {
	// Name tells what people call an account. It is called for every account on
	// a page, must be safe for concurrent use, and may return "" for one that it
	// does not know. What it returns is shown to whoever may see the page.
	// Defaults to the account's ID.
	Name func(account string) string
	// Refresh is how often a page that is being looked at asks for news, to the
	// second. Each time costs what loading it does. Zero and less: 5 s.
	Refresh time.Duration
}

const defaultRefresh = 5 * time.Second

// Handler returns the page of gov's accounts. It may be mounted at any path and
// under any prefix, and answers GET and HEAD alone. Whoever may reach it sees
// it: put it behind what guards your other internal pages.
//
// With a gov that is nil, or that governor.New has not made, every answer is 500
// and says so.
func Handler(gov *governor.Governor, cfg Config) http.Handler {
	if gov == nil {
		return newHandler(nil, cfg)
	}
	return newHandler(gov, cfg)
}

type handler struct {
	gov    source
	cfg    Config
	memory memory
}

func newHandler(gov source, cfg Config) *handler {
	if cfg.Refresh < time.Second {
		if cfg.Refresh <= 0 {
			cfg.Refresh = defaultRefresh
		} else {
			cfg.Refresh = time.Second
		}
	}
	return &handler{gov: gov, cfg: cfg}
}

func (h *handler) name(id string) string {
	if h.cfg.Name != nil {
		if name := h.cfg.Name(id); name != "" {
			return name
		}
	}
	return id
}

// policy lets a page use what this handler serves and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// atHeader carries the governor's time, by which an answer is known as ours.
const atHeader = "Sendgov-At"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "want GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	if h.gov == nil {
		http.Error(w, "statuspage: Handler was given no Governor", http.StatusInternalServerError)
		return
	}
	q := r.URL.Query()
	if name := q.Get("asset"); name != "" {
		serveAsset(w, r, name)
		return
	}
	switch format := q.Get("format"); format {
	case "schema":
		send(w, r, http.StatusOK, "application/schema+json", schema)
	case "", "fragment", "json":
		h.serve(w, r, q, format)
	default:
		http.Error(w, "format: want json, fragment, schema, or none", http.StatusBadRequest)
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request, q url.Values, format string) {
	answer, err := h.answer(r.Context(), q)
	var fault *governor.FieldError
	switch {
	case errors.As(err, &fault) && fault.Field == "Governor":
		http.Error(w, "statuspage: the Governor "+fault.Fault, http.StatusInternalServerError)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	status := http.StatusOK
	if failedAll(answer.readings) {
		status = http.StatusServiceUnavailable
	}
	if t := newest(answer.readings); !t.IsZero() {
		w.Header().Set(atHeader, t.UTC().Format(time.RFC3339))
	} else {
		w.Header().Set(atHeader, "unknown")
	}
	if format == "json" {
		body, err := document(answer)
		if err != nil {
			http.Error(w, "statuspage: "+err.Error(), http.StatusInternalServerError)
			return
		}
		send(w, r, status, "application/json", body)
		return
	}
	p := pageOf(answer, h.cfg.Refresh)
	main, err := p.render("main")
	if err != nil {
		http.Error(w, "statuspage: "+err.Error(), http.StatusInternalServerError)
		return
	}
	p.Tag = tagOf(main)
	w.Header().Set("ETag", p.Tag)
	if format == "fragment" {
		if r.Header.Get("If-None-Match") == p.Tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		send(w, r, status, "text/html; charset=utf-8", main)
		return
	}
	body, err := p.render("page")
	if err != nil {
		http.Error(w, "statuspage: "+err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, r, status, "text/html; charset=utf-8", body)
}

// An answer is what a request asked for, before it is put into a form.
type answer struct {
	// Account is the one that was asked about. Empty: all of them.
	Account  string
	readings []reading
	more     int
	whatIf   whatIf
	// plan answers whatIf, where planned.
	plan    governor.Plan
	planned bool
}

func (h *handler) answer(ctx context.Context, q url.Values) (answer, error) {
	ids := h.gov.Accounts()
	id := q.Get("account")
	if id == "" {
		readings, more, err := h.readAll(ctx, ids)
		return answer{readings: readings, more: more}, err
	}
	r, err := h.read(ctx, id, ids)
	if err != nil {
		return answer{}, err
	}
	a := answer{Account: id, readings: []reading{r}, whatIf: readWhatIf(q)}
	if !a.whatIf.Asked || a.whatIf.Fault != "" {
		return a, nil
	}
	plan, err := h.gov.Plan(ctx, a.whatIf.Campaign)
	switch {
	case err == nil:
		a.plan, a.planned = plan, true
	case errors.Is(err, governor.ErrUnknownNumber):
		a.whatIf.Fault = "No account has that number."
	case errors.Is(err, governor.ErrInvalid):
		a.whatIf.Fault = "That cannot be planned: " + err.Error() + "."
	default:
		a.whatIf.Fault = "The store does not answer, so nobody can tell."
	}
	return a, nil
}

// tagOf names a body, so that what has not changed is not sent again.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// send writes a whole answer; a HEAD gets its header alone.
func send(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = bytes.NewReader(body).WriteTo(w)
	}
}
