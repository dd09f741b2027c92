package cloudapi

import (
	"fmt"
	"mime"
	"strings"
)

// draft holds those members of a send's body that decide what it asks for,
// before anything is made of them. A nil member was not in the body.
type draft struct {
	product       value
	to            value
	recipient     value
	recipientType value
	kind          value
	template      value
	category      value
	status        value
	messageID     value
	callback      value
	batch         value

	// Members of the template if that is an object, and of its language if
	// that is one.
	name     value
	language value
	code     value

	// twice, templateTwice and codeTwice name the first member of the body and
	// of the template that was given twice, and tell whether the code was.
	twice, templateTwice string
	codeTwice            bool

	words words
}

// slot returns the place of a member, nil if the name means nothing here.
func (d *draft) slot(name []byte) *value {
	switch string(name) {
	case "messaging_product":
		return &d.product
	case "to":
		return &d.to
	case "recipient":
		return &d.recipient
	case "recipient_type":
		return &d.recipientType
	case "type":
		return &d.kind
	case "template":
		return &d.template
	case "category":
		return &d.category
	case "status":
		return &d.status
	case "message_id":
		return &d.messageID
	case "biz_opaque_callback_data":
		return &d.callback
	case "batch":
		return &d.batch
	default:
		return nil
	}
}

// unreadable wraps ErrUnreadable. The reason names a member and a shape,
// never what stood there: that may be a phone number.
func unreadable(reason string) error { return fmt.Errorf("%w: %s", ErrUnreadable, reason) }

// read fills an empty draft from a body.
func (d *draft) read(contentType string, body []byte) error {
	switch contentType {
	case "application/json", "application/json; charset=utf-8":
		return d.readJSON(body)
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil && media == "" && contentType != "" {
		return unreadable("content type: malformed")
	}
	if charset := params["charset"]; charset != "" &&
		!strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		return unreadable("content type: charset is not UTF-8")
	}
	switch media {
	case "application/x-www-form-urlencoded":
		return d.readForm(body)
	case "multipart/form-data":
		return d.readMultipart(params["boundary"], body)
	default:
		return d.readJSON(body)
	}
}

// send makes a Send of the draft.
func (d *draft) send(e Endpoint) (Send, error) {
	if e != Messages && e != MarketingMessages {
		return Send{}, unreadable("endpoint: unknown")
	}
	if d.product.absent() && d.to.absent() && d.recipient.isObject() {
		return Send{}, ErrForeign
	}
	s := Send{Endpoint: e}
	d.words.expect(d.to, d.recipient, d.name, d.language, d.code, d.callback)
	if err := d.readMembers(&s); err != nil {
		return Send{}, err
	}
	s.CallbackData = d.words.word(d.callback)

	_, to := s.Addressee()
	receipt := d.isReceipt(e)
	switch {
	case to == Nobody && !receipt:
		return Send{}, unreadable("to: missing")
	case s.Kind == Template:
	case receipt:
		s.Kind, s.Type = Receipt, ""
	case e == MarketingMessages:
		return Send{}, unreadable("template: missing")
	case s.Category != "" && !strings.EqualFold(s.Category, "service"):
		s.Kind = DirectSend
	default:
		s.Kind = FreeForm
	}
	return s, nil
}

func (d *draft) readMembers(s *Send) error {
	if err := d.readAddressee(s); err != nil {
		return err
	}
	if err := d.readType(s); err != nil {
		return err
	}
	if err := d.readTemplate(s); err != nil {
		return err
	}
	return d.readCategory(s)
}

// isReceipt reports whether nothing but a read status is asked for. Where
// status and a message stand side by side, nobody has shown which of them
// the platform heeds, so it counts as a message.
func (d *draft) isReceipt(e Endpoint) bool {
	if e != Messages || !d.to.absent() || !d.recipient.absent() || !d.kind.absent() || !d.template.absent() {
		return false
	}
	status, _ := d.status.text()
	id, _ := d.messageID.text()
	return strings.EqualFold(status, "read") && id != ""
}

func (d *draft) readAddressee(s *Send) error {
	switch word, ok := optionalWord(d.recipientType); {
	case !ok:
		return unreadable("recipient_type: not a word")
	case word == "" || is(word, "individual"):
	case is(word, "group"):
		s.Group = true
	default:
		return unreadable("recipient_type: unknown")
	}
	switch text, ok := d.words.text(d.to); {
	case ok && strings.TrimSpace(text) != "":
		s.To = text
	case ok || d.to.absent():
	case allDigits(string(d.to)):
		s.To = string(d.to)
	default:
		return unreadable("to: not a string")
	}
	text, ok := d.words.text(d.recipient)
	if !ok && !d.recipient.absent() {
		return unreadable("recipient: not a string")
	}
	if strings.TrimSpace(text) != "" {
		s.Recipient = text
	}
	return nil
}

func (d *draft) readType(s *Send) error {
	word, ok := optionalWord(d.kind)
	if !ok {
		return unreadable("type: not a word")
	}
	s.Type = word
	switch {
	case is(word, "template") && d.template.absent():
		return unreadable("template: missing")
	case word == "" && !d.template.absent():
		s.Type = "template"
	case word == "":
		s.Type = "text"
	}
	return nil
}

func (d *draft) readTemplate(s *Send) error {
	if d.template.absent() {
		return nil
	}
	if !d.template.isObject() {
		return unreadable("template: not an object")
	}
	if d.templateTwice != "" {
		return unreadable("template." + d.templateTwice + ": given twice")
	}
	if s.Template, _ = d.words.text(d.name); s.Template == "" {
		return unreadable("template.name: missing")
	}
	code := d.language
	if code.isObject() {
		if d.codeTwice {
			return unreadable("template.language.code: given twice")
		}
		code = d.code
	}
	text, _ := d.words.text(code)
	s.Language = languageCode(text)
	s.Kind = Template
	return nil
}

func (d *draft) readCategory(s *Send) error {
	word, ok := optionalWord(d.category)
	if !ok {
		return unreadable("category: not a word")
	}
	s.Category = word
	return nil
}

// is reports whether a word is that one, in whatever case.
func is(word, want string) bool { return word == want || strings.EqualFold(word, want) }

// optionalWord returns the keyword that v is, "" if v is absent. Keywords are
// letters, digits, underscores and dashes: anything else (quotes, spaces)
// might be trimmed by the platform and become a keyword there.
func optionalWord(v value) (word string, ok bool) {
	switch string(v) {
	case "", "null":
		return "", true
	case `"template"`: // The usual words cost no allocation.
		return "template", true
	case `"individual"`:
		return "individual", true
	case `"text"`:
		return "text", true
	}
	if word, ok = v.text(); !ok {
		return "", false
	}
	for i := range len(word) {
		if c := word[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && c != '-' {
			return "", false
		}
	}
	return word, true
}
