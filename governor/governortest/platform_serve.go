package governortest

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// bodyLimit is the most bytes of a body that are read: more than the largest media upload of 100 MB
// (media, December 2025).
const bodyLimit = 128 << 20

// answer is what goes back over the wire.
type answer struct {
	status int
	body   []byte
	lost   bool
}

// ServeHTTP answers one request; the server calls it. Code under test that runs in a testing/synctest bubble, where
// there is no network, can call it itself; an answer that is to be lost is then a 504 without a body.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		invalid("The request body cannot be read.").answer("A0").write(w)
		return
	}
	a, hooks := p.handle(r, body)
	p.post(hooks)
	a.write(w)
}

// handle does the whole of a request and returns the answer and the webhooks that it brings about.
func (p *Platform) handle(r *http.Request, body []byte) (answer, [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	p.serial++

	seen := PlatformRequest{
		At: now, Kind: KindOther, Method: r.Method, Host: r.Host, URI: r.URL.RequestURI(), Header: r.Header.Clone(), Body: body,
	}
	a, hooks := p.routeLocked(r, &seen, now)
	seen.Status = a.status
	p.truth.requests = append(p.truth.requests, seen)
	return a, hooks
}

var versionShape = regexp.MustCompile(`^v[0-9]+(\.[0-9]+)?$`)

// routeLocked finds out what a request asks for. Slashes too many are no obstacle, as they are none to the platform.
func (p *Platform) routeLocked(r *http.Request, seen *PlatformRequest, now time.Time) (answer, [][]byte) {
	path := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	if len(path) > 0 && versionShape.MatchString(path[0]) {
		path = path[1:]
	}
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	switch sends := last == "messages" || last == "marketing_messages"; {
	case sends && r.Method == http.MethodPost && len(path) == 2:
		return p.sendLocked(path[0], last, seen, now)
	case len(path) == 0 || sends:
		return nowhere(r.Method).answer(p.traceLocked()), nil
	case r.Method == http.MethodGet && len(path) == 1:
		return p.describeLocked(path[0], r.URL.Query()), nil
	case r.Method == http.MethodGet:
		return nowhere(r.Method).answer(p.traceLocked()), nil
	default:
		return succeed(), nil
	}
}

// sendLocked carries out, or does not, what is asked of one of the two edges that send.
func (p *Platform) sendLocked(id, edge string, seen *PlatformRequest, now time.Time) (answer, [][]byte) {
	record := PlatformMessage{At: now, Number: id}
	seen.Kind = ""
	reject := func(r *refusal) (answer, [][]byte) {
		record.Code = r.code
		p.truth.messages = append(p.truth.messages, record)
		return r.answer(p.traceLocked()), nil
	}

	n := p.numberLocked(id)
	if n == nil {
		return reject(nowhere(http.MethodPost))
	}
	f, bad := readFields(seen.Header.Get("Content-Type"), seen.Body)
	if bad != nil {
		return reject(bad)
	}
	m, bad := p.people.readMessage(edge, f)
	if bad != nil {
		return reject(bad)
	}
	seen.Kind = m.kind
	if m.kind == KindReceipt {
		return succeed(), nil
	}
	record.Kind, record.To, record.Template = m.kind, m.to.name(), m.template

	if r := p.nextRejectionLocked(); r != nil {
		return reject(r)
	}
	if r := p.judgeLocked(n, m, now); r != nil {
		return reject(r)
	}
	inWindow := p.books.inWindow(n.ID, m.to, now)
	record.ID, record.Accepted = p.wamidLocked(), true
	record.Code = p.nextFailureLocked()
	record.Counted = m.kind != KindReply && !inWindow && record.Code == 0

	p.books.arrive(n.ID, n.Throughput, now)
	p.books.owe(n.ID, m.to, now)
	if record.Counted {
		p.books.count(n.Portfolio, m.to, now)
	}
	p.truth.messages = append(p.truth.messages, record)
	return answer{status: http.StatusOK, body: m.receipt(record.ID), lost: p.nextDropLocked()}, p.statusesLocked(n, m, record, inWindow)
}

// receipt is the body of the answer to a message that was accepted.
func (m message) receipt(id string) []byte {
	contact := map[string]any{"input": m.input}
	sent := map[string]any{"id": id}
	switch {
	case m.to.group != "":
		contact["wa_id"], sent["group_id"] = m.to.group, m.to.group
	case m.to.byUser:
		contact["user_id"] = m.to.userID
	default:
		contact["wa_id"] = m.to.waID
	}
	if m.template != "" && m.to.group == "" {
		sent["message_status"] = "accepted"
	}
	return encode(map[string]any{
		"messaging_product": "whatsapp",
		"contacts":          []any{contact},
		"messages":          []any{sent},
	})
}

func succeed() answer {
	return answer{status: http.StatusOK, body: encode(map[string]any{"success": true})}
}

// write puts the answer on the wire, or cuts that if the answer is to be lost.
func (a answer) write(w http.ResponseWriter) {
	if a.lost {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
			return
		}
		a = answer{status: http.StatusGatewayTimeout}
	}
	if len(a.body) > 0 {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// wamidLocked returns a message ID that no other message has, and the same one in every run.
func (p *Platform) wamidLocked() string {
	return "wamid." + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "message %06d", p.serial))
}

// traceLocked returns the trace ID of the current request.
func (p *Platform) traceLocked() string {
	return fmt.Sprintf("A%010d", p.serial)
}
