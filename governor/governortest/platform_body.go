package governortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// fields are the parameters of a request, whatever it was encoded as. Names are told apart by case, as the platform
// does.
type fields map[string]json.RawMessage

// readFields takes a body apart by its content type. The platform's reference lists three for a send; a request that
// names none is read as JSON.
func readFields(contentType string, body []byte) (fields, *refusal) {
	media, params, err := mime.ParseMediaType(contentType)
	switch {
	case contentType == "":
		media = "application/json"
	case err != nil:
		return nil, invalid("The content type cannot be read.")
	}
	switch media {
	case "application/json":
		var f fields
		if err := json.Unmarshal(body, &f); err != nil || f == nil {
			return nil, invalid("The request body is not a JSON object.")
		}
		return f, nil
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, invalid("The request body is not a form.")
		}
		f := fields{}
		for name, all := range values {
			f[name] = formValue(all[len(all)-1])
		}
		return f, nil
	case "multipart/form-data":
		f, err := readParts(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
		if err != nil {
			return nil, invalid("The request body is not a multipart form.")
		}
		return f, nil
	default:
		return nil, invalid("The content type is not one that a message may have.")
	}
}

func readParts(r *multipart.Reader) (fields, error) {
	f := fields{}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if part.FormName() != "" {
			f[part.FormName()] = formValue(string(value))
		}
	}
}

// formValue makes a field of a form what it would be in a JSON body: objects and lists are written as JSON there.
func formValue(s string) json.RawMessage {
	if t := strings.TrimSpace(s); t != "" && (t[0] == '{' || t[0] == '[') && json.Valid([]byte(t)) {
		return json.RawMessage(t)
	}
	return encode(s)
}

// has reports whether a parameter is there and not null.
func (f fields) has(name string) bool {
	v, ok := f[name]
	return ok && string(v) != "null"
}

// word returns a parameter that is a string, or a number for one; empty if it is absent.
func (f fields) word(name string) (string, *refusal) {
	if !f.has(name) {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(f[name], &s); err == nil {
		return s, nil
	}
	var n json.Number
	if err := json.Unmarshal(f[name], &n); err == nil {
		return n.String(), nil
	}
	return "", refuse(131009).because("Parameter %s must be a string.", name)
}

// words returns several of them, and the first refusal.
func (f fields) words(names ...string) ([]string, *refusal) {
	values := make([]string, len(names))
	for i, name := range names {
		v, bad := f.word(name)
		if bad != nil {
			return nil, bad
		}
		values[i] = v
	}
	return values, nil
}

// object returns a parameter that is an object with something in it.
func (f fields) object(name string) (fields, *refusal) {
	if !f.has(name) {
		return nil, refuse(131008).because("Parameter %s is missing.", name)
	}
	var o fields
	if err := json.Unmarshal(f[name], &o); err != nil || len(o) == 0 {
		return nil, refuse(131009).because("Parameter %s must be an object.", name)
	}
	return o, nil
}

// message is what a request asks to be sent.
type message struct {
	kind     PlatformKind
	input    string // the recipient as written
	to       person
	template string
	language string
	category string // of a Direct Send, lower case
	callback string
}

var contentTypes = []string{
	"audio", "contacts", "document", "image", "interactive", "location", "reaction", "sticker", "template", "text", "video",
}

// readMessage reads what is asked of the messages edge, or of the marketing_messages edge.
func (ps people) readMessage(edge string, f fields) (message, *refusal) {
	w, bad := f.words("messaging_product", "status", "message_id", "recipient_type", "to", "recipient", "type", "category",
		"biz_opaque_callback_data")
	if bad != nil {
		return message{}, bad
	}
	product, status, messageID, group, to, recipient, kind, category, callback := w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]
	m := message{callback: callback}

	if product != "whatsapp" {
		return m, invalid("The parameter messaging_product is required and must be whatsapp.")
	}
	if f.has("status") {
		switch {
		case to != "" || recipient != "" || edge != "messages":
			return m, invalid("A status has no recipient.")
		case status != "read":
			return m, refuse(131009).because("Parameter status must be read.")
		case messageID == "":
			return m, refuse(131008).because("Parameter message_id is missing.")
		}
		m.kind = KindReceipt
		return m, nil
	}

	m.to, m.input, bad = ps.addressee(group, to, recipient)
	if bad != nil {
		return m, bad
	}
	if kind == "" {
		kind = "text"
	}
	if !slices.Contains(contentTypes, kind) {
		return m, invalid("Param type must be one of {%s}.", strings.ToUpper(strings.Join(contentTypes, ", ")))
	}
	m.category = strings.ToLower(category)
	if !slices.Contains([]string{"", "authentication", "service", "utility"}, m.category) {
		return m, invalid("Param category must be one of {AUTHENTICATION, SERVICE, UTILITY} - got %q.", category)
	}
	switch {
	case edge == "marketing_messages" && kind != "template":
		return m, refuse(131055).because("Only marketing templates may be sent this way.")
	case edge == "marketing_messages":
		m.kind = KindMarketing
	case kind == "template":
		m.kind = KindTemplate
	case m.category == "" || m.category == "service":
		m.kind = KindReply
	case kind != "text" && kind != "interactive":
		return m, refuse(131009).because("A message of this type cannot have a category.")
	default:
		m.kind = KindDirectSend
	}
	return m, m.readContent(kind, f)
}

// readContent checks that a message has the content that its type promises.
func (m *message) readContent(kind string, f fields) *refusal {
	if kind == "contacts" {
		var list []fields
		if !f.has(kind) || json.Unmarshal(f[kind], &list) != nil || len(list) == 0 {
			return refuse(131008).because("Parameter contacts is missing.")
		}
		return nil
	}
	content, bad := f.object(kind)
	if bad != nil {
		return bad
	}
	switch kind {
	case "text":
		if body, bad := content.word("body"); bad != nil || body == "" {
			return refuse(131008).because("Parameter text.body is missing.")
		}
	case "template":
		m.template, bad = content.word("name")
		if bad != nil || m.template == "" {
			return refuse(131008).because("Parameter template.name is missing.")
		}
		language, bad := content.object("language")
		if bad != nil {
			return bad
		}
		m.language, bad = language.word("code")
		if bad != nil || m.language == "" {
			return refuse(131008).because("Parameter template.language.code is missing.")
		}
	}
	return nil
}
