package cloudapi

import (
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"
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
}

// slot returns the place of a member, nil if the name means nothing here.
func (d *draft) slot(name string) *value {
	switch name {
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

func readDraft(contentType string, body []byte) (draft, error) {
	switch contentType {
	case "application/json", "application/json; charset=utf-8":
		return readJSON(body)
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil && media == "" && contentType != "" {
		return draft{}, unreadable("content type: malformed")
	}
	if charset := params["charset"]; charset != "" &&
		!strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		return draft{}, unreadable("content type: charset is not UTF-8")
	}
	switch media {
	case "application/x-www-form-urlencoded":
		return readForm(body)
	case "multipart/form-data":
		return readMultipart(params["boundary"], body)
	default:
		return readJSON(body)
	}
}

func readJSON(body []byte) (draft, error) {
	var d draft
	doc, err := parseJSON(body)
	switch {
	case err != nil || !utf8.Valid(body):
		return draft{}, unreadable("body: not JSON in UTF-8")
	case !doc.isObject():
		return draft{}, unreadable("body: not an object")
	}
	for key, member := range doc.members() {
		slot := d.slot(string(key))
		if slot == nil {
			continue
		}
		if *slot != nil {
			return draft{}, unreadable(string(key) + ": given twice")
		}
		*slot = member
	}
	return d, nil
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
	steps := []error{d.readAddressee(&s), d.readType(&s), d.readTemplate(&s), d.readCategory(&s)}
	for _, err := range steps {
		if err != nil {
			return Send{}, err
		}
	}
	s.CallbackData = d.callback.word()

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

// isReceipt reports whether nothing but a read status is asked for. Where
// status and a message stand side by side, nobody has shown which of them
// the platform heeds, so it counts as a message.
func (d *draft) isReceipt(e Endpoint) bool {
	status, _ := d.status.text()
	id, _ := d.messageID.text()
	return e == Messages && strings.EqualFold(status, "read") && id != "" &&
		d.to.absent() && d.recipient.absent() && d.kind.absent() && d.template.absent()
}

func (d *draft) readAddressee(s *Send) error {
	switch word, ok := optionalWord(d.recipientType); {
	case !ok:
		return unreadable("recipient_type: not a word")
	case strings.EqualFold(word, "group"):
		s.Group = true
	case word != "" && !strings.EqualFold(word, "individual"):
		return unreadable("recipient_type: unknown")
	}
	switch text, ok := d.to.text(); {
	case ok && strings.TrimSpace(text) != "":
		s.To = text
	case ok || d.to.absent():
	case allDigits(string(d.to)):
		s.To = string(d.to)
	default:
		return unreadable("to: not a string")
	}
	text, ok := d.recipient.text()
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
	case strings.EqualFold(word, "template") && d.template.absent():
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
	var name, language value
	for key, member := range d.template.members() {
		slot := &name
		switch string(key) {
		case "name":
		case "language":
			slot = &language
		default:
			continue
		}
		if *slot != nil {
			return unreadable("template." + string(key) + ": given twice")
		}
		*slot = member
	}
	if s.Template, _ = name.text(); s.Template == "" {
		return unreadable("template.name: missing")
	}
	code := language
	if language.isObject() {
		var ok bool
		if code, ok = single(language, "code"); !ok {
			return unreadable("template.language.code: given twice")
		}
	}
	text, _ := code.text()
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

// single returns the member of that name, nil if there is none; ok is false if
// there are several.
func single(object value, name string) (found value, ok bool) {
	for key, member := range object.members() {
		if string(key) != name {
			continue
		}
		if found != nil {
			return nil, false
		}
		found = member
	}
	return found, true
}

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
