package cloudapi

import (
	"bytes"
	"net/url"
	"path"
	"strings"
)

// IsBatchPath reports whether a URL path may take Graph API batch requests: the
// root, with a version or without, which is where they are documented to go,
// and one node below it, /me or an ID of digits, since nobody has shown that
// the platform minds a node's name there.
func IsBatchPath(p string) bool {
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	rest, segment := cutLast(path.Clean(p))
	if segment == "me" || allDigits(segment) {
		rest, segment = cutLast(rest)
	}
	numbered, dotted := isVersion(segment)
	return rest == "" && (segment == "" || numbered && dotted)
}

// CheckBatch returns an error that wraps [ErrUnreadable] if the body of a
// request to an [IsBatchPath] path is a Graph API batch with a send in it.
// Whether the platform takes sends in batches is not documented, and the
// answers to the parts of a batch come in one, so a batch with a send is
// refused rather than taken apart, and so is one whose send may come about by
// what another part answers. Every other body is fine, also one that is no
// batch at all.
func CheckBatch(contentType string, body []byte) error {
	var d draft
	if err := d.read(contentType, body); err != nil {
		if bytes.Contains(body, []byte("relative_url")) {
			return err
		}
		return nil
	}
	batch := d.batch
	if text, ok := batch.text(); ok {
		var err error
		if batch, err = parseJSON([]byte(text)); err != nil {
			return unreadable("batch: not JSON")
		}
	}
	for _, part := range batch.each() {
		for key, member := range part.members() {
			if string(key) != "relative_url" {
				continue
			}
			if _, _, ok := ParsePath(batchTarget(member.word())); ok {
				return unreadable("batch: holds a send")
			}
		}
	}
	return nil
}

// batchTarget returns the path that a part of a batch goes to. A part may take
// segments from the answers to others, as in {result=first:$.id}/messages
// (graph-api/batch-requests); such a segment is taken for what would make the
// path a send's.
func batchTarget(relative string) string {
	if plain, err := url.PathUnescape(relative); err == nil {
		relative = plain
	}
	const anything = "\x00"
	var filled strings.Builder
	for rest := relative; rest != ""; {
		before, placeholder, found := strings.Cut(rest, "{")
		filled.WriteString(before)
		if found {
			filled.WriteString(anything)
		}
		_, rest, _ = strings.Cut(placeholder, "}")
	}
	target, _, _ := strings.Cut(filled.String(), "?")
	segments := strings.Split(strings.TrimRight(target, "/"), "/")
	for i, segment := range segments {
		switch {
		case !strings.Contains(segment, anything):
		case i == len(segments)-1:
			segments[i] = Messages.String()
		default:
			segments[i] = "0"
		}
	}
	return strings.Join(segments, "/")
}
