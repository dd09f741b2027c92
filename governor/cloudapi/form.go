package cloudapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"
)

// readForm reads application/x-www-form-urlencoded, where objects stand as
// JSON in a field's text.
func (d *draft) readForm(body []byte) error {
	for pair := range strings.SplitSeq(string(body), "&") {
		rawKey, rawText, _ := strings.Cut(pair, "=")
		key, keyErr := url.QueryUnescape(rawKey)
		text, textErr := url.QueryUnescape(rawText)
		if keyErr != nil || textErr != nil {
			return unreadable("form: malformed escape")
		}
		if err := d.field(key, text); err != nil {
			return err
		}
	}
	return nil
}

// readMultipart reads multipart/form-data.
func (d *draft) readMultipart(boundary string, body []byte) error {
	if boundary == "" {
		return unreadable("content type: no boundary")
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable("form: malformed part")
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return unreadable("form: cut off")
		}
		key := part.FormName()
		base, _ := fieldName(key)
		plain := part.FileName() == "" && isPlainEncoding(part.Header.Get("Content-Transfer-Encoding"))
		if key == "" || d.slot([]byte(base)) != nil && !plain {
			return unreadable("form: part without a name, or encoded, or a file")
		}
		if err := d.field(key, string(text)); err != nil {
			return err
		}
	}
}

func isPlainEncoding(transfer string) bool {
	switch strings.ToLower(transfer) {
	case "", "7bit", "8bit", "binary":
		return true
	default:
		return false
	}
}

// field puts one form field into its slot.
func (d *draft) field(key, text string) error {
	name, exact := fieldName(key)
	slot := d.slot([]byte(name))
	switch {
	case slot == nil:
		return nil
	case !exact:
		return unreadable(name + ": misspelt or nested")
	case *slot != nil:
		return unreadable(name + ": given twice")
	case !utf8.ValidString(text):
		return unreadable(name + ": not UTF-8")
	case text == "":
		*slot = value("null")
		return nil
	}
	nested, err := parseJSON([]byte(text))
	if err == nil && (nested.isObject() || nested.isArray()) {
		if slot == &d.template && nested.isObject() {
			d.pickTemplate(syntax{doc: nested}, 0, 1)
		}
		*slot = nested
		return nil
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return unreadable(name + ": not text")
	}
	*slot = value(quoted)
	return nil
}

// fieldName returns the name that a PHP-style form decoder, which the
// platform's is known to be, would make of a key: it drops leading spaces and
// what follows a zero byte, turns dots and spaces into underscores, and takes
// "to[]" for a list named to. exact reports whether that changed nothing.
func fieldName(key string) (name string, exact bool) {
	name, _, _ = strings.Cut(key, "\x00")
	name = strings.TrimLeft(name, " ")
	name, _, _ = strings.Cut(name, "[")
	name = strings.NewReplacer(".", "_", " ", "_").Replace(name)
	return name, name == key
}

// CheckQuery returns an error that wraps [ErrUnreadable] if the query of a
// send's URL holds a parameter that could take the place of one in its body,
// or of its method: the Graph API reads parameters from the query as well,
// and which of two wins is not documented. Tokens, versions and the like are
// fine. rawQuery is without the question mark, and may be empty.
func CheckQuery(rawQuery string) error {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		rawKey, _, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(rawKey)
		if err != nil {
			return unreadable("query: malformed escape")
		}
		var d draft
		name, _ := fieldName(key)
		if name == "method" || key != "messaging_product" && d.slot([]byte(name)) != nil {
			return unreadable("query: " + name)
		}
	}
	return nil
}
